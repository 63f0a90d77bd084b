"""Overdue by the agency's own word, and never in a silence that it announced."""

from datetime import UTC, date, datetime, timedelta

import pytest

from flows import remedies
from flows.cli.running import exit_code
from flows.overdue import due_on, is_overdue
from scrapers import source
from scrapers.source import Cadence
from tests.weeks import FIRST, Weeks, path, publish, report, weeks

__all__ = ["weeks"]

DDOR = source.load("ice_ddor").cadence
NICS = source.load("fbi_nics").cadence


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last_new", "now", "due"),
    [
        ("2017-03-20", "2017-03-29", "2017-04-03"),  # weekly: the second one came after nine days
        ("2017-03-29", "2017-04-09", "2017-04-12"),
        ("2017-04-05", "2017-04-10", None),  # suspended
        ("2017-04-05", "2018-03-31", None),
        ("2017-04-05", "2018-04-01", "2018-10-02"),  # quarterly from here
        ("2018-07-01", "2018-10-02", "2019-01-01"),
        (None, "2017-03-21", "2017-04-03"),  # nothing ever came
        (None, "2017-03-19", None),  # nothing was promised yet
    ],
)
def test_the_declined_detainer_report_is_due_by_what_ice_said(
    last_new: str | None, now: str, due: str | None
) -> None:
    new = day(last_new) if last_new else None
    found = due_on(DDOR, new, day(now))
    assert found == (date.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    ("now", "overdue"), [("2017-04-03", False), ("2017-04-04", True), ("2017-04-10", False)]
)
def test_it_is_overdue_from_the_day_after_until_the_suspension(now: str, overdue: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert is_overdue(DDOR, day("2017-03-20"), day(now)) is overdue


def test_the_monthly_checks_are_overdue_after_two_months() -> None:
    new = day("2020-01-06")
    assert not is_overdue(NICS, new, new + timedelta(days=62))
    assert is_overdue(NICS, new, new + timedelta(days=63))


def test_every_source_states_its_cadence_in_the_agencys_words() -> None:
    for name in source.names():
        cadence = source.load(name).cadence
        assert [each.since for each in cadence] == sorted(each.since for each in cadence)
        assert all(each.why for each in cadence)


def test_a_silence_without_end_is_never_overdue() -> None:
    cadence = (Cadence(since=date(2017, 1, 1), every_days=None, why="ended"),)
    assert not is_overdue(cadence, day("2017-01-01"), day("2036-01-01"))


def test_an_overdue_run_is_complete_and_exits_with_1(weeks: Weeks) -> None:
    weeks.look(0)
    assert not weeks.look(14).overdue
    summary = weeks.look(15)
    assert (summary.status, summary.overdue, exit_code(summary)) == ("complete", True, 1)
    assert [need.section for need in summary.needs] == [remedies.OVERDUE]
    assert "nothing new since 2017-03-20; something was due by 2017-04-03" in summary.messages
    publish(weeks.site, "2017-02-18")
    assert not weeks.look(16).overdue


def test_a_revision_is_not_the_report_that_was_due(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, rows=3))
    summary = weeks.look(15)
    assert summary.outcomes[FIRST] == "revision"
    assert summary.overdue


def test_the_suspension_ends_what_was_overdue(weeks: Weeks) -> None:
    weeks.look(0)
    assert weeks.look(20).overdue
    assert not weeks.look(21).overdue
