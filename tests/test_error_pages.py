"""Archived error pages: passed over, remembered, and in nobody's way."""

import logging
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import messages, record
from scrapers.wayback import Row, Wayback
from storage import layout, manifest
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.runs import Observation
from storage.sealed import decode, encode
from storage.timeline import RefoldError
from tests import histories
from tests.histories import SOURCE, on
from tests.pasts import PAGE, Pasts, listing, pasts
from tests.test_backfill import whole
from tests.test_mementos import archived, fold, ref, run, seen
from tests.weeks import FIRST, path, report

__all__ = ["pasts"]

EMPTY = Manifest(source=SOURCE)
MISSING = b"<html><head><title>Page not found</title></head><body>Page not found</body></html>"


def passed_over(name: str, *numbers: int) -> Observation:
    """What a backfill tells of captures that were error pages."""
    return seen(ref(name, *numbers, sure=False), None, evidence="error-page")


def test_an_error_page_is_fetched_once_and_then_known(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, MISSING)
    pasts.captured(path(FIRST), 5, report(FIRST))
    pasts.wayback.capture(PAGE, on(1), MISSING + b"<!-- listing -->")
    pasts.wayback.capture(PAGE, on(2), listing((path(FIRST), f"Report {FIRST}")))
    first = pasts.load(30, "wayback")
    assert len([m for m in first.messages if m.startswith("passed over")]) == 2
    before, plan = whole(pasts.manifest), pasts.plan()
    assert sum(entry.is_worthless for entry in pasts.manifest.mementos.values()) == 2
    assert (plan.pages, [v.first_seen for v in pasts.manifest.versions(FIRST)]) == (0, [on(5)])
    pasts.wayback.forget()
    second = pasts.load(31, "wayback")
    assert pasts.wayback.playbacks == []
    assert not [m for m in second.messages if m.startswith("passed over")]
    assert whole(pasts.manifest) == before


def test_of_very_many_the_first_are_told_and_how_many_more(
    pasts: Pasts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="recordkeep")
    many = messages.TOLD_EACH + 3
    for number in range(many):
        pasts.captured(f"/doclib/ddor/{number}.pdf", number, MISSING + b"%d" % number)
    run = pasts.load(30, "wayback")
    said = [each for each in run.messages if "passed over" in each]
    assert said[-1] == "and 3 more: passed over"
    assert len(said) == messages.TOLD_EACH + 1
    logged = [each.levelname for each in caplog.records if "passed over: " in each.getMessage()]
    assert logged == ["WARNING"] * messages.TOLD_EACH + ["INFO"] * 3


@pytest.mark.parametrize("what", ["documents", "listing pages"])
def test_a_backfill_killed_among_what_is_no_document_does_not_fetch_it_all_again(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(record, "PART_OBSERVATIONS", 3)
    for number in range(8):
        if what == "documents":
            text = f"<h1>Page not found</h1><p>{number}</p>"
            pasts.captured(f"/doclib/ddor/{number}.pdf", number, text.encode())
        else:
            pasts.wayback.capture(PAGE, on(number), listing((f"/{number}.pdf", f"{number}")))

    def dies(_self: Wayback, _row: Row, *_: object) -> None:
        raise KeyboardInterrupt

    asked = "document" if what == "documents" else "page"
    real, left = getattr(Wayback, asked), [7]

    def last(self: Wayback, row: Row, *into: object) -> object:
        left[0] -= 1
        return (real if left[0] >= 0 else dies)(self, row, *into)

    monkeypatch.setattr(Wayback, asked, last)
    with pytest.raises(KeyboardInterrupt):
        pasts.load(30, "wayback")
    left[0] = 100
    assert len(pasts.wayback.playbacks) == 7
    pasts.load(31, "wayback")
    assert len(pasts.wayback.playbacks) == 7 + 2  # the seventh was not written down yet


def test_what_one_backfill_could_not_play_and_another_found_worthless_is_no_version() -> None:
    unheld, worthless = run(1, seen(ref("a", 1, 3), None)), run(2, passed_over("a", 1))
    assert fold(unheld).versions(FIRST)
    for facts in ((unheld, worthless), (worthless, unheld)):
        assert not fold(*facts).documents
        assert not fold(*facts).timelines
    with pytest.raises(RefoldError):
        manifest.fold(fold(unheld), [worthless])


def test_bytes_stand_before_an_error_page() -> None:
    found = fold(archived("a", 1), run(1, passed_over("a", 2)), run(2, seen(ref("a", 3), None)))
    (version,) = found.versions(FIRST)
    assert (version.document.digest, version.last_seen) == (histories.digest("a"), on(3))


def test_an_index_written_before_error_pages_were_known_is_read() -> None:
    known = fold(archived("a", 1), run(1, seen(ref("a", 3), "a")))
    assert decode(encode(known)) == known
    assert all(not entry.is_error for entry in known.mementos.values())
    part = run(1, passed_over("a", 2)).part
    assert part
    (observation,) = part.observations
    assert (observation.sighted, observation.memento) == (None, ref("a", 2, sure=False))
    assert layout.kind(run(1, passed_over("a", 2)).key) == "runs"


acts = st.tuples(
    st.sampled_from("ab"),
    st.integers(min_value=0, max_value=6),
    st.sampled_from(["capture", "unheld", "sighted", "worthless"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_error_pages_are_learned_does_not_matter(
    choices: list[tuple[str, int, str]], order: random.Random
) -> None:
    facts: list[Fact] = []
    for number, (name, day, act) in enumerate(choices):
        if act == "capture":
            facts.append(archived(name, day, written=100 + number))
        elif act == "worthless":
            facts.append(run(number, passed_over(name, day, day + 1)))
        else:
            facts.append(run(number, seen(ref(name, day), name if act == "sighted" else None)))
    waiting, known, folded = list(facts), EMPTY, list[Fact]()
    order.shuffle(waiting)
    for fact in waiting:
        folded.append(fact)
        try:
            known = manifest.fold(known, [fact])
        except RefoldError:
            known = fold(*folded)
    assert known == fold(*facts)
