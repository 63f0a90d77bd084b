"""One screen: the last run, what needs a person and what to do."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows import remedies
from flows.cli import app
from flows.standing import standing
from scrapers import source
from storage.archive import Archive
from storage.ledger import Manifest
from storage.needs import Need
from tests import histories
from tests.agency import faults
from tests.histories import SOURCE, on
from tests.test_cli import call
from tests.weeks import EDITIONS, FIRST, Weeks, path, publish, report, weeks

__all__ = ["weeks"]

SERIES = source.load(SOURCE)


def status(weeks: Weeks, day: float, *more: str, code: int) -> str:
    """What the command prints."""
    now = on(day).isoformat()
    done = CliRunner().invoke(app, ["status", "--store", weeks.store, "--now", now, *more])
    assert done.exit_code == code, done.output
    return done.stdout


def told(weeks: Weeks, day: float, *, code: int) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = json.loads(status(weeks, day, SOURCE, "--json", code=code))
    return shown


def sections(weeks: Weeks, day: float) -> list[str]:
    return [need["section"] for need in told(weeks, day, code=1)["needs"]]


def test_a_quiet_archive_needs_nobody(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(7)
    shown = told(weeks, 8, code=0)
    assert shown["needs"] == []
    assert shown["outcomes"] == {"unchanged": 3}
    assert shown["last_run"]["status"] == "complete"
    assert shown["last_new_at"].startswith("2017-03-20")
    assert shown["last_looked_at"].startswith("2017-03-27")
    assert (shown["overdue"], shown["due_on"]) == (False, "2017-04-03")
    assert shown["held"] == {"editions": 3, "versions": 3, "removed": 0, "quarantined": 0}


def test_it_fits_on_one_screen_whatever_happened(weeks: Weeks) -> None:
    publish(weeks.site, *(f"2016-0{month}-01" for month in range(1, 10)))
    weeks.look(0)
    weeks.site.inflict(faults.answer(500), on="*")
    weeks.look(7)
    weeks.site.heal()
    for edition in EDITIONS:
        weeks.site.inflict(faults.html_as_pdf(), on=path(edition))
    for month in range(1, 10):
        weeks.site.inflict(faults.soft_404(), on=path(f"2016-0{month}-01"))
    weeks.look(14)
    shown = status(weeks, 14.5, code=1)
    assert len(shown.splitlines()) <= 40
    assert max(map(len, shown.splitlines())) <= 200
    assert f"* {remedies.QUARANTINE}" in shown
    assert "and 7 more: --json has all" in shown
    assert "Nothing needs you" not in shown


def test_it_says_in_words_what_to_do(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.block(), on="*")
    weeks.look(7)
    shown = status(weeks, 7.5, SOURCE, code=1)
    assert f"* {remedies.BLOCKED}" in shown
    assert f"-> {remedies.REMEDIES[remedies.BLOCKED]}" in shown
    assert "incomplete" in shown
    assert "3 blocked" in shown
    assert told(weeks, 7.5, code=1)["last_looked_at"].startswith("2017-03-20")


def test_what_was_quarantined_needs_a_person_until_one_has_decided(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST), times=1)
    weeks.look(7)
    assert sections(weeks, 7.5) == [remedies.QUARANTINE]
    weeks.site.heal()
    assert weeks.look(8).outcomes[FIRST] == "quarantined"
    assert sections(weeks, 8.5) == [remedies.QUARANTINE]
    refused = next(d for d in weeks.manifest.documents.values() if d.status == "quarantined")
    done = CliRunner().invoke(
        app, ["release", SOURCE, refused.digest, "--why", "an error page", "--store", weeks.store]
    )
    assert done.exit_code == 0, done.output
    assert told(weeks, 8.6, code=0)["needs"] == []
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST))
    assert set(weeks.look(9).outcomes.values()) == {"unchanged"}
    assert weeks.kinds(FIRST) == ["new"]


def test_it_is_overdue_by_todays_date_not_by_the_last_runs(weeks: Weeks) -> None:
    weeks.look(0)
    assert told(weeks, 14, code=0)["overdue"] is False
    assert told(weeks, 15, code=1)["overdue"] is True
    assert sections(weeks, 15) == [remedies.OVERDUE]


def test_a_schedule_that_stopped_is_told_from_a_quiet_agency(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(21)
    assert told(weeks, 35, code=0)["needs"] == []
    assert sections(weeks, 37) == [remedies.NO_RUN]
    assert "the last run ended 16 days ago" in status(weeks, 37.5, code=1)


def test_a_run_that_died_is_told(weeks: Weeks) -> None:
    weeks.look(0)
    part = replace(histories.part(9, on(7)), summary=None)
    Archive(weeks.objects, SOURCE, clock=lambda: on(7)).record(part)
    assert told(weeks, 7.5, code=0)["needs"] == [], "it may still be going on"
    assert sections(weeks, 8.5) == [remedies.NO_RUN]
    weeks.look(9)
    assert told(weeks, 9.5, code=0)["needs"] == []


def test_an_audits_finding_stands_until_the_next_audit() -> None:
    manifest = Manifest(source=SOURCE)
    good = histories.part(1, on(0)).summary
    assert good is not None
    bad = replace(good, flow="audit", status="incomplete", needs=_finding())
    found = standing(replace(manifest, last_runs={"weekly": good, "audit": bad}), SERIES, on(1))
    assert [need.section for need in found.needs] == [remedies.FIXITY]


def _finding() -> tuple[Need, ...]:
    return (Need(section=remedies.FIXITY, text="altered raw/ice_ddor/…"),)


def test_audits_do_not_count_as_looking_at_the_site(weeks: Weeks) -> None:
    weeks.look(0)
    archive = Archive(weeks.objects, SOURCE, clock=lambda: on(7))
    summary = histories.part(9, on(7)).summary
    assert summary is not None
    audit = replace(histories.part(9, on(7)), summary=replace(summary, flow="audit"))
    archive.record(audit)
    archive.publish()
    shown = told(weeks, 8, code=0)
    assert shown["last_looked_at"].startswith("2017-03-20")
    assert shown["last_run"]["finished_at"].startswith("2017-03-20")


def test_an_archive_that_was_never_looked_into_says_so() -> None:
    found = standing(Manifest(source=SOURCE), SERIES, on(1))
    assert [need.section for need in found.needs] == [remedies.NO_RUN]


def test_a_backfill_is_told_beside_the_weekly_run(weeks: Weeks) -> None:
    weeks.look(0)
    assert "last backfill" not in status(weeks, 1, SOURCE, code=0)
    assert told(weeks, 1, code=0)["last_backfill"] is None
    summary = histories.part(9, on(7)).summary
    assert summary is not None
    ended = replace(summary, flow="backfill", status="incomplete")
    archive = Archive(weeks.objects, SOURCE, clock=lambda: on(7))
    archive.record(replace(histories.part(9, on(7)), flow="backfill", summary=ended))
    archive.publish()
    line = "last backfill   2017-03-27 14:00 UTC, incomplete: 1 requests, 1 bytes received"
    assert line in status(weeks, 8, SOURCE, code=0)
    shown = told(weeks, 8, code=0)
    assert (shown["last_backfill"]["run"], shown["last_backfill"]["status"]) == (
        summary.run,
        "incomplete",
    )
    assert shown["last_run"]["finished_at"].startswith("2017-03-20")


def test_all_sources_are_told_as_a_list(weeks: Weeks) -> None:
    weeks.look(0)
    shown = json.loads(status(weeks, 1, "--json", code=0))
    assert [each["source"] for each in shown] == [SOURCE]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "fbi_nics"], 3),
        (["status", "no_such"], 3),
        (["status", SOURCE, "--now", "soon"], 2),
        (["status", SOURCE, "--now", "0001-01-01T00:00:00"], 2),
    ],
)
def test_what_is_not_held_and_wrong_usage_have_their_own_codes(
    weeks: Weeks, arguments: list[str], code: int
) -> None:
    weeks.look(0)
    command = [sys.executable, "-c", "from flows.cli import main; main()", *arguments]
    done = subprocess.run(
        [*command, "--store", weeks.store], check=False, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_archive_that_holds_nothing_yet_says_so_and_what_to_do(tmp_path: Path) -> None:
    for arguments in (["status"], ["status", SOURCE]):
        answer = call(*arguments, "--store", str(tmp_path))
        assert (answer.code, answer.out) == (3, b"")
        assert "nothing is held here yet; recordkeep run SOURCE looks at a source" in answer.err


def test_a_page_that_changed_and_a_report_kept_meanwhile_are_both_told(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, words="bug"))
    weeks.look(7)
    assert sections(weeks, 7.5) == [remedies.BUG]
