"""Links outside a series' folders: what nobody had linked to when the past was loaded."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli import app
from storage.ledger import RunSummary
from storage.runs import RunPart
from storage.searches import Days, covers, union
from tests.agency_weeks import TITLE
from tests.histories import SOURCE, on
from tests.pasts import HOST, Pasts, day, pasts
from tests.wayback import faults
from tests.weeks import FIRST, THIRD, path, report

__all__ = ["pasts"]

OUTSIDE = "/doclib/other/quarterly.pdf"
OLD, NEW = report(THIRD), report(THIRD, rows=3)
SAYS = f"1 address whose past was not asked for: run `recordkeep backfill {SOURCE}`"


def publish(pasts: Pasts) -> None:
    """Let the agency link to a report outside the folder, of which the Archive has an older one."""
    pasts.captured(OUTSIDE, 1, OLD)
    pasts.site.publish(OUTSIDE, NEW, f"{TITLE} {THIRD}")


def says(summary: RunSummary) -> list[str]:
    return [message for message in summary.messages if "past was not asked" in message]


def status(pasts: Pasts, *more: str) -> str:
    return CliRunner().invoke(app, ["status", SOURCE, "--store", pasts.store, *more]).output


def test_a_link_that_came_after_the_backfill_is_told_of_until_its_past_is_loaded(
    pasts: Pasts,
) -> None:
    pasts.site.delist(path(THIRD))
    pasts.load(28)
    assert says(pasts.look(30)) == []
    publish(pasts)
    summary = pasts.look(37)
    assert (says(summary), summary.status) == ([SAYS], "complete")
    assert says(pasts.look(44)) == [SAYS]
    assert f"Wayback Machine {SAYS}" in status(pasts)
    assert json.loads(status(pasts, "--json"))["unasked"] == [f"{HOST}{OUTSIDE}"]
    assert pasts.kinds(THIRD) == ["new"]
    pasts.load(45)
    assert pasts.kinds(THIRD) == ["new", "revision"]
    assert says(pasts.look(51)) == []
    assert "past was not asked" not in status(pasts)


def test_it_is_told_of_in_the_same_run_though_its_bytes_were_known(pasts: Pasts) -> None:
    pasts.load(28)
    pasts.site.publish(OUTSIDE, report(FIRST), f"{TITLE} {FIRST}")
    assert says(pasts.look(30)) == [SAYS]


def test_where_the_past_was_loaded_after_the_link_came_there_is_nothing_to_tell(
    pasts: Pasts,
) -> None:
    publish(pasts)
    assert says(pasts.look(30)) == []
    pasts.load(31)
    assert says(pasts.look(37)) == []
    assert pasts.manifest.versions(THIRD)[0].first_seen == on(1)


def test_below_the_folder_every_address_was_asked_for(pasts: Pasts) -> None:
    pasts.load(28)
    pasts.site.publish("/doclib/ddor/another.pdf", OLD, f"{TITLE} {THIRD}")
    assert says(pasts.look(30)) == []


@pytest.mark.parametrize("how", ["a part of it", "the index fails", "the agency alone"])
def test_it_is_told_of_until_all_of_its_past_was_asked_for_and_given(
    pasts: Pasts, how: str
) -> None:
    pasts.load(28)
    publish(pasts)
    if how == "a part of it":
        pasts.load(30, since=day(10))
    if how == "the index fails":
        pasts.wayback.inflict(faults.answer(503))
        pasts.load(30, "wayback")
        pasts.wayback.heal()
    if how == "the agency alone":
        pasts.load(30, "agency")
    assert says(pasts.look(37)) == [SAYS]


def test_it_is_told_of_though_the_past_was_loaded_in_parts(pasts: Pasts) -> None:
    pasts.load(28, since=day(10))
    pasts.load(28.1, until=day(9))
    publish(pasts)
    assert says(pasts.look(30)) == [SAYS]
    pasts.load(31, until=day(5))
    assert says(pasts.look(37)) == [SAYS]
    pasts.load(38, since=day(6))
    assert says(pasts.look(44)) == []


def test_what_was_searched_is_part_of_the_record(pasts: Pasts) -> None:
    publish(pasts)
    pasts.load(28)
    part = pasts.part
    assert part.searched is not None
    assert (part.searched.until, f"{HOST}{OUTSIDE}" in part.searched.addresses) == (day(28), True)
    assert RunPart.from_json(part.to_json()) == part


days = st.integers(min_value=1, max_value=30).map(lambda number: date(2017, 3, number))
spans = st.lists(st.tuples(days, days).filter(lambda span: span[0] <= span[1]), max_size=6)


def each_day(told: Iterable[Days]) -> set[date]:
    return {first + timedelta(n) for first, last in told for n in range((last - first).days + 1)}


@given(spans, spans)
def test_days_are_joined_and_compared_as_sets_of_days(some: list[Days], others: list[Days]) -> None:
    told = union(some)
    assert each_day(told) == each_day(some)
    assert all(after[0] - before[1] > timedelta(days=1) for before, after in pairwise(told))
    assert covers(told, union(others)) == (each_day(others) <= each_day(some))
