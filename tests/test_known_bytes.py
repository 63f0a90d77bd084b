"""What the Archive's index knows by a SHA-1 is known here by it, too, whoever brought the bytes."""

import hashlib
import json
from dataclasses import replace

import pytest

from storage import layout
from storage.capture import Capture
from storage.stores import open_store
from tests import weeks
from tests.agency_weeks import TITLE
from tests.histories import SOURCE, capture, on
from tests.pasts import HOST, PAGE, Pasts, listing, pasts
from tests.wayback.captures import cdx_digest
from tests.weeks import FIRST, SECOND, path, report

__all__ = ["pasts"]

BYTES = report(FIRST)


def sightings(pasts: Pasts) -> list[tuple[str, str, int]]:
    """Of the first edition: what stood, and how often it was seen."""
    return [(s.state, s.digest or "", s.count) for s in pasts.manifest.timelines[FIRST]]


def test_what_is_held_is_not_played_back(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, BYTES)
    pasts.look(30)
    plan = pasts.plan(origins=("wayback",))
    pasts.wayback.forget()
    pasts.load(31, "wayback")
    assert (plan.documents, pasts.wayback.playbacks) == (0, [])
    assert sightings(pasts) == [("seen", hashlib.sha256(BYTES).hexdigest(), 2)]
    (entry,) = (e for e in pasts.manifest.mementos.values() if e.rows)
    assert entry.confirmed


@pytest.mark.parametrize("is_first", [False, True])
def test_a_capture_that_is_not_played_back_is_of_the_bytes_that_are_held(
    pasts: Pasts,
    is_first: bool,  # noqa: FBT001 - what the test is about
) -> None:
    for name, day in ((path(FIRST), 1), ("/doclib/ddor/elsewhere.pdf", 2)):
        pasts.wayback.capture(f"{HOST}{name}", on(day), BYTES).is_played = False
    if is_first:
        pasts.load(28, "wayback")
    pasts.look(30)
    pasts.load(31, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    assert version.document.digest == hashlib.sha256(BYTES).hexdigest()
    assert sightings(pasts) == [("seen", version.document.digest, 3)]
    assert version.first_seen == on(1)


def test_a_page_that_was_served_as_a_document_is_kept_as_a_page_too(pasts: Pasts) -> None:
    body = listing((path(FIRST), f"{TITLE} {FIRST}"))
    pasts.site.revise(path(SECOND), body)
    pasts.look(30)
    pasts.wayback.capture(PAGE, on(1), body)
    pasts.load(31, "wayback")
    page = pasts.manifest.pages[hashlib.sha256(body).hexdigest()]
    assert (page.url, page.archived) == (PAGE, 1)
    key = layout.page(SOURCE, page.digest, page.ext)
    assert open_store(pasts.store).get(key) == body
    assert page.digest in pasts.manifest.documents


def test_no_bytes_at_all_are_no_one_document() -> None:
    sent = replace(capture("one", on(0)), sha1=cdx_digest(BYTES))
    assert [ref.digest for ref in sent.archived_as] == [cdx_digest(BYTES)]
    assert replace(sent, sha1=cdx_digest(b""), size_bytes=0).archived_as == ()


def test_a_capture_says_the_sha1_of_its_bytes(pasts: Pasts) -> None:
    pasts.look(30)
    objects = open_store(pasts.store)
    told = [json.loads(objects.get(e.key)) for e in objects.list(f"captures/{SOURCE}/")]
    assert len(told) == len(weeks.EDITIONS)
    assert cdx_digest(BYTES) in {each["sha1"] for each in told}


def test_a_capture_of_before_says_none() -> None:
    before = capture("one", on(0))
    assert "sha1" not in before.to_json()
    assert Capture.from_json(before.to_json()) == before
    assert before.archived_as == ()


@pytest.mark.parametrize("is_first", [False, True])
def test_what_another_weeks_name_led_to_is_told_alike_where_its_bytes_came_later(
    pasts: Pasts,
    is_first: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.site.delist(path(SECOND))
    pasts.wayback.capture(f"{HOST}{path(SECOND)}", on(1), BYTES).is_played = False
    if is_first:
        pasts.load(28, "wayback")
    pasts.look(30)
    pasts.load(31, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    assert (version.document.status, version.first_seen) == ("flagged", on(1))
