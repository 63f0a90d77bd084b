"""Links outside a series' folders: what nobody had linked to when the past was loaded."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows import opening, remedies, weekly
from flows.cli import app
from storage.runs import RunPart
from storage.searches import Days, covers, union
from tests.agency_weeks import TITLE
from tests.histories import SOURCE, on
from tests.listeners import hook
from tests.operating import WEEK, Operator, operator
from tests.pasts import HOST, Pasts, day, pasts
from tests.test_cli import call
from tests.wayback import faults
from tests.weeks import FIRST, THIRD, path, report

__all__ = ["hook", "operator", "pasts"]

OUTSIDE = "/doclib/other/quarterly.pdf"
OLD, NEW = report(THIRD), report(THIRD, rows=3)
SAYS = f"1 address whose past was not asked for: run `recordkeep backfill {SOURCE}`"


def publish(pasts: Pasts) -> None:
    """Let the agency link to a report outside the folder, of which the Archive has an older one."""
    pasts.captured(OUTSIDE, 1, OLD)
    pasts.site.publish(OUTSIDE, NEW, f"{TITLE} {THIRD}")


def status(pasts: Pasts, *more: str) -> str:
    return CliRunner().invoke(app, ["status", SOURCE, "--store", pasts.store, *more]).output


def unasked(pasts: Pasts) -> list[str]:
    told: list[str] = json.loads(status(pasts, "--json"))["unasked"]
    assert (SAYS in status(pasts)) == bool(told)
    return told


def flows(pasts: Pasts) -> list[str]:
    """Of which flows there are records, in order."""
    keys = sorted(entry.key for entry in pasts.objects.list("runs/"))
    return [RunPart.from_json(json.loads(pasts.objects.get(key))).flow for key in keys]


def test_the_past_of_a_link_that_came_after_the_backfill_is_loaded_in_that_week(
    pasts: Pasts,
) -> None:
    pasts.site.delist(path(THIRD))
    pasts.load(28)
    pasts.week(30)
    publish(pasts)
    summary = pasts.week(37)
    assert (summary.flow, summary.status, unasked(pasts)) == ("weekly", "complete", [])
    assert pasts.kinds(THIRD) == ["new", "revision"]
    pasts.week(44)
    assert flows(pasts) == ["backfill", "weekly", "weekly", "backfill", "weekly"]


def test_of_days_that_nobody_asked_for_nothing_is_loaded(pasts: Pasts) -> None:
    pasts.site.delist(path(THIRD))
    pasts.load(28, since=day(10))
    publish(pasts)
    pasts.captured(OUTSIDE, 12, report(THIRD, rows=4))
    pasts.captured(OUTSIDE, 36, report(THIRD, rows=5))
    pasts.week(37)
    days = [version.first_seen.date() for version in pasts.manifest.versions(THIRD)]
    assert (days, unasked(pasts)) == ([day(12), day(37)], [])


def test_a_week_that_is_asked_to_stop_while_it_publishes_is_followed_by_nothing(
    pasts: Pasts,
) -> None:
    pasts.load(28)
    publish(pasts)
    with opening.opened(SOURCE, pasts.store, site=pasts.site.url, pause_s=0, at=on(37)) as work:
        weekly.look_at_all(work)
        assert weekly.past_owed(work)
        work.stop.asked = True
        assert weekly.past_owed(work) is None
    pasts.week(44)
    assert unasked(pasts) == []


def test_where_no_past_was_ever_loaded_none_is_asked_for(pasts: Pasts) -> None:
    publish(pasts)
    pasts.load(28, "agency")
    pasts.week(30)
    assert (flows(pasts), unasked(pasts), pasts.wayback.requests) == (
        ["backfill", "weekly"],
        [],
        [],
    )


def test_it_is_loaded_though_its_bytes_were_known(pasts: Pasts) -> None:
    pasts.load(28)
    pasts.captured(OUTSIDE, 1, OLD)
    pasts.site.publish(OUTSIDE, report(FIRST), f"{TITLE} {FIRST}")
    pasts.week(30)
    assert pasts.manifest.versions(THIRD)[0].first_seen == on(1)


@pytest.mark.parametrize("is_loaded", [False, True])
def test_what_the_agency_links_to_and_no_longer_has_is_asked_for_at_the_archive(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.site.delist(path(THIRD))
    if is_loaded:
        pasts.load(28)
    publish(pasts)
    pasts.site.remove(OUTSIDE)
    pasts.week(37)
    if not is_loaded:
        assert pasts.plan(origins=("wayback",)).documents == 1
        pasts.load(40, "wayback")
    assert pasts.manifest.versions(THIRD)[0].first_seen == on(1)
    assert pasts.manifest.versions(THIRD)[0].document.captures[0].via == "wayback"


def test_where_the_past_was_loaded_after_the_link_came_nothing_is_owed(pasts: Pasts) -> None:
    publish(pasts)
    pasts.week(30)
    pasts.load(31)
    pasts.week(37)
    assert flows(pasts) == ["weekly", "backfill", "weekly"]
    assert pasts.manifest.versions(THIRD)[0].first_seen == on(1)


def test_below_the_folder_every_address_was_asked_for(pasts: Pasts) -> None:
    pasts.load(28)
    pasts.site.publish("/doclib/ddor/another.pdf", OLD, f"{TITLE} {THIRD}")
    pasts.week(30)
    assert flows(pasts) == ["backfill", "weekly"]


def test_what_the_archive_does_not_answer_is_told_of_and_asked_for_again(pasts: Pasts) -> None:
    pasts.load(28)
    publish(pasts)
    pasts.wayback.inflict(faults.answer(503))
    assert pasts.week(37).status == "complete"
    assert unasked(pasts) == [f"{HOST}{OUTSIDE}"]
    assert pasts.manifest.last_runs["backfill"].needs != ()
    pasts.wayback.heal()
    pasts.week(44)
    assert unasked(pasts) == []
    assert pasts.kinds(THIRD) == ["new", "revision"]


@pytest.mark.parametrize("how", ["a part of it", "the agency alone"])
def test_it_is_told_of_until_all_of_its_past_was_asked_for(pasts: Pasts, how: str) -> None:
    pasts.load(28)
    publish(pasts)
    if how == "a part of it":
        pasts.load(30, since=day(10))
    if how == "the agency alone":
        pasts.load(30, "agency")
    assert unasked(pasts) == [f"{HOST}{OUTSIDE}"]
    pasts.week(37)
    assert unasked(pasts) == []


def test_it_is_owed_though_the_past_was_loaded_in_parts(pasts: Pasts) -> None:
    pasts.load(28, since=day(10))
    pasts.load(28.1, until=day(9))
    publish(pasts)
    pasts.look(30)
    assert unasked(pasts) == [f"{HOST}{OUTSIDE}"]
    pasts.load(31, until=day(5))
    assert unasked(pasts) == [f"{HOST}{OUTSIDE}"]
    pasts.load(38, since=day(6))
    assert unasked(pasts) == []


@pytest.mark.parametrize("is_told", [True, False])
def test_the_command_asks_no_other_archive_than_it_is_told(
    operator: Operator,
    is_told: bool,  # noqa: FBT001 - what the test is about
) -> None:
    operator.begin()
    operator.call("recordkeep backfill SOURCE")
    operator.wayback.capture(f"{HOST}{OUTSIDE}", on(1), report(THIRD, rows=9))
    operator.site.publish(OUTSIDE, NEW, f"{TITLE} {THIRD}")
    operator.wayback.forget()
    if is_told:
        assert operator.look().code == 0
    else:
        operator.now += WEEK
        asked = ("--store", str(operator.store.root), "--site", operator.site.url)
        assert call("run", SOURCE, *asked, cwd=operator.folder).code == 0
    kinds = [version.kind for version in operator.manifest.versions(THIRD)]
    assert (bool(operator.wayback.requests), len(kinds)) == (is_told, 3 if is_told else 2)


def test_the_command_says_where_the_archive_did_not_answer(operator: Operator) -> None:
    operator.begin()
    operator.call("recordkeep backfill SOURCE")
    operator.site.publish(OUTSIDE, NEW, f"{TITLE} {THIRD}")
    operator.wayback.inflict(faults.answer(503))
    told = operator.look()
    assert (told.code, operator.manifest.last_runs["weekly"].status) == (1, "complete")
    assert "503" in told.err
    assert operator.letters(remedies.ARCHIVE)
    operator.wayback.heal()
    assert operator.look().code == 0


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
