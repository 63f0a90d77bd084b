"""Captures that the Archive plays back as something else, or never: they cost nothing else."""

from dataclasses import replace

import pytest

from tests.agency import Reply
from tests.histories import on
from tests.pasts import HOST, PAGE, Pasts, day, listing, pasts
from tests.wayback import faults
from tests.weeks import FIRST, path, report

__all__ = ["pasts"]

TITLE = "Declined Detainer Outcome Report January 28, 2017 to February 3, 2017"
LONG_S = 3600.0
"""Of waiting: an Archive that is down altogether costs a quarter of an hour, and a few minutes."""


def leading(to: str) -> faults.Fault:
    """Answer with a redirect, as the Archive does."""
    return lambda _: Reply(status=302, headers={"location": to})


@pytest.mark.parametrize("dead", [(0, 1), (4, 5)])
def test_listing_pages_that_are_never_played_back_keep_no_document_away(
    pasts: Pasts, dead: tuple[int, int]
) -> None:
    pasts.site.down()
    for number in range(6):
        said = (f"Correction number {number} was made.",)
        body = listing((path(FIRST), TITLE), notices=said)
        pasts.wayback.capture(PAGE, on(7 * number), body)
        if number in dead:
            timestamp = f"{on(7 * number):%Y%m%d%H%M%S}"
            pasts.wayback.inflict(faults.overloaded(503), on=f"{timestamp}id_/{PAGE}")
    for number in range(5):
        pasts.captured(f"/doclib/ddor/{number}.pdf", number, report(FIRST, words=f"w{number}"))
    run = pasts.load(60, "wayback", polite=True)
    assert run.status == "incomplete"
    assert len(pasts.manifest.versions(FIRST)) == 5
    assert sum(pasts.watch.waits) < LONG_S


def test_redirects_that_are_never_played_back_keep_no_document_away(pasts: Pasts) -> None:
    pasts.site.down()
    for number in range(9):
        pasts.wayback.moved(f"{HOST}/doclib/ddor/old{number}.pdf", on(number), "/elsewhere.pdf")
    pasts.wayback.inflict(faults.overloaded(503), on="/doclib/ddor/old")
    pasts.captured(path(FIRST), 1, report(FIRST))
    assert pasts.load(60, "wayback", polite=True).status == "incomplete"
    assert len(pasts.manifest.versions(FIRST)) == 1
    assert sum(pasts.watch.waits) < LONG_S


@pytest.mark.parametrize("name", ["http://www.ice.gov:80", "https://www.ice.gov.", HOST])
def test_a_revisit_that_leads_to_its_own_address_is_no_redirect(pasts: Pasts, name: str) -> None:
    pasts.site.down()
    for number in (1, 8):
        pasts.captured(path(FIRST), number, report(FIRST))
        timestamp = f"{on(number):%Y%m%d%H%M%S}"
        to = f"/web/20170401id_/{name}{path(FIRST)}"
        pasts.wayback.inflict(leading(to), on=timestamp, times=1)
    since = on(5).date()
    for day_number in (60, 61):
        pasts.load(day_number, "wayback", since=since)
        (version,) = pasts.manifest.versions(FIRST)
        assert version.document.status == ("not-held" if day_number == 60 else "complete")


def test_one_capture_that_is_played_back_as_an_error_page_costs_no_other(pasts: Pasts) -> None:
    pasts.site.down()
    for name in ("a", "b", "c"):
        pasts.captured(f"/doclib/ddor/{name}.pdf", ord(name), report(FIRST))
    wrong = b"<html><title>Page not found</title><p>Page not found</p></html>"
    pasts.wayback.inflict(lambda reply: replace(reply, body=wrong), on="a.pdf", times=1)
    pasts.load(60, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    assert version.document.status == "complete"


def test_a_page_that_a_report_was_moved_to_is_no_document_whatever_the_span(pasts: Pasts) -> None:
    pasts.site.down()
    pasts.captured(path(FIRST), 1, report(FIRST))
    body = (
        b"<html><head><title>News</title></head><body>" + b"<p>Words.</p>" * 99 + b"</body></html>"
    )
    for number in (-90, 50):
        pasts.wayback.capture(f"{HOST}/newsroom", on(number), body)
    pasts.wayback.moved(f"{HOST}{path(FIRST)}", on(45), f"{HOST}/newsroom")
    assert pasts.load(60, "wayback", since=day(0)).status == "complete"
    assert [*pasts.manifest.by_edition] == [FIRST]
