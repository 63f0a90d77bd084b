"""A site that is down, or falls silent, costs a run two minutes at most; also under Prefect."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import opening, weekly
from tests.agency import AgencySite, faults
from tests.agency_weeks import PAGE
from tests.histories import SOURCE, on
from tests.weeks import EDITIONS, FIRST, Weeks, path, publish, quicker, weeks

__all__ = ["weeks"]

LIMIT_S = 120


def test_a_site_that_goes_down_in_the_middle_ends_the_run_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = quicker(monkeypatch, timeout_s=30.0)
    with AgencySite() as site:
        publish(site, *(f"20{year}-01-01" for year in range(10, 40)))
        weeks = Weeks(site, str(tmp_path / "archive"), watch)
        weeks.look(0)
        site.inflict(faults.answer(500), on="*", after=5)
        watch.waits.clear()
        began = time.monotonic()
        with opening.opened(SOURCE, weeks.store, site=site.url, pause_s=10, at=on(7)) as work:
            summary = weekly.look_at_all(work)
    spent = time.monotonic() - began + sum(watch.waits)
    asked_well = 5 * 10
    assert spent < asked_well + LIMIT_S
    assert list(summary.outcomes.values()).count("failed") == 26
    assert summary.status == "incomplete"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["refuses connections", "is silent"])
def test_a_site_that_is_down_ends_the_run_within_two_minutes_of_real_time(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    weeks.look(0)
    monkeypatch.undo()
    if way == "is silent":
        weeks.site.inflict(faults.late(600), on="*")
    else:
        weeks.site.down()
    began = time.monotonic()
    with opening.opened(SOURCE, weeks.store, site=weeks.site.url, pause_s=None, at=on(7)) as work:
        summary = weekly.look_at_all(work)
    assert time.monotonic() - began < LIMIT_S
    assert summary.outcomes == dict.fromkeys(EDITIONS, "failed")


@pytest.mark.slow
def test_the_command_itself_exits_with_1_and_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from flows.cli import main; main()", "run", SOURCE]
    home = {"PREFECT_HOME": str(tmp_path / "home"), "DO_NOT_TRACK": "1"}
    with AgencySite() as site:
        publish(site, FIRST)
        site.inflict(faults.block(), on=path(FIRST))
        more = ["--site", site.url, "--pause", "0", "--json", "--store", str(tmp_path / "archive")]
        done = subprocess.run(
            [*command, *more], check=False, capture_output=True, text=True, env=os.environ | home
        )
        asked = [request.path for request in site.requests]
    assert done.returncode == 1, done.stderr[-2000:]
    shown = json.loads(done.stdout)
    assert (shown["status"], shown["outcomes"]) == ("incomplete", {FIRST: "blocked"})
    assert "answered 403" in shown["messages"][0]
    assert asked == ["/robots.txt", PAGE, path(FIRST)], "nothing is tried again, also by Prefect"
