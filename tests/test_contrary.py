"""What is held against an answer about the past is told with it, though the answer stands."""

from typing import Literal

import pytest

from storage.catalogue import Catalogue
from tests.agency import pdf
from tests.histories import SOURCE, on
from tests.pasts import Pasts, day, pasts
from tests.test_cli import call
from tests.weeks import FIRST, path, report

__all__ = ["pasts"]

OLD, NEW = report(FIRST), report(FIRST, rows=3)
REFUSED = pdf("which no reader knows")
OTHER = pdf("nor this one")
FIRST_ON = path(FIRST)

Order = Literal["looked first", "loaded first", "loaded in halves"]


def grounds(pasts: Pasts, number: int) -> str | None:
    """On what the answer as of that day rests."""
    return Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number)).rests_on


def archived(number: int) -> str:
    """How a sighting of the Archive's is told."""
    return f"{day(number)} (Wayback Machine)"


@pytest.mark.parametrize("order", ["looked first", "loaded first", "loaded in halves"])
def test_bytes_in_quarantine_that_were_seen_between_are_named_whatever_the_order_of_work(
    pasts: Pasts, order: Order
) -> None:
    for number, body in ((1, OLD), (5, REFUSED), (9, OLD), (12, REFUSED), (14, OTHER)):
        pasts.captured(FIRST_ON, number, body)
    pasts.site.revise(FIRST_ON, REFUSED)
    if order == "loaded in halves":
        pasts.load(28, "wayback", since=day(8))
    if order != "looked first":
        pasts.load(29, "wayback")
    pasts.look(30)
    pasts.site.revise(FIRST_ON, OLD)
    pasts.look(60)
    pasts.load(62, "wayback")
    says = "; bytes that are in quarantine seen"
    assert [grounds(pasts, number) for number in (6, 20, 61)] == [
        f"seen {archived(1)} and {archived(9)}{says} {archived(5)}",
        f"seen {archived(9)} and 2017-05-19{says} {archived(12)} and 2017-04-19",
        "last seen 2017-05-19",
    ]


def test_bytes_in_quarantine_that_took_a_versions_place_for_good_are_named(pasts: Pasts) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    pasts.load(2, "wayback")
    pasts.site.revise(FIRST_ON, REFUSED)
    for number in (5, 60):
        pasts.look(number)
    says = "; bytes that are in quarantine seen 2017-03-25 and 2017-05-19"
    for number in (1, 3, 50, 70):
        assert grounds(pasts, number) == f"last seen {archived(1)}{says}"
    answer = call("get", SOURCE, FIRST, "--as-of", "2017-05-09", "--store", pasts.store, "-o", "-")
    assert (answer.out, says in answer.err) == (OLD, True)


def test_bytes_that_a_person_released_as_no_report_are_not_held_against_an_answer(
    pasts: Pasts,
) -> None:
    junk = b"not a pdf at all " * 9
    for number, body in ((1, OLD), (5, junk), (9, OLD)):
        pasts.captured(FIRST_ON, number, body)
    pasts.load(30, "wayback")
    assert "bytes that are in quarantine" in str(grounds(pasts, 6))
    (refused,) = (d for d in pasts.manifest.documents.values() if not d.is_version)
    released = call("release", SOURCE, refused.digest, "--why", "an outage", "--store", pasts.store)
    assert released.code == 0, released.err
    assert grounds(pasts, 6) == f"seen {archived(1)} and {archived(9)}"
