"""Runs that a clock starts are spread over some minutes; runs by hand begin at once."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import jitter, weekly
from flows.schedule import JITTER
from flows.stopping import Stop
from storage.catalogue import Catalogue
from storage.directory import Directory
from tests.agency import AgencySite
from tests.histories import SOURCE
from tests.weeks import FIRST, publish


def drawing(monkeypatch: pytest.MonkeyPatch, number: float) -> None:
    """Let chance give that number of [0, 1)."""
    monkeypatch.setattr(jitter, "random", SimpleNamespace(random=lambda: number))


def test_what_is_drawn_lies_within_the_plans_jitter_and_differs() -> None:
    found = {jitter.drawn() for _ in range(100)}
    assert len(found) > 90
    assert timedelta() <= min(found) < max(found) < JITTER


@pytest.mark.parametrize("drawn", [0.0, 0.2503, 0.5])
def test_a_scheduled_run_waits_for_what_was_drawn(
    monkeypatch: pytest.MonkeyPatch, drawn: float
) -> None:
    drawing(monkeypatch, drawn)
    slept: list[float] = []
    jitter.wait(10, Stop(), sleep=slept.append)
    assert sum(slept) == pytest.approx(600 * drawn)
    assert all(0 < seconds <= 1 for seconds in slept)


def test_a_run_by_hand_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing(monkeypatch, 0.9)
    slept: list[float] = []
    jitter.wait(0, Stop(), sleep=slept.append)
    assert slept == []


def test_a_run_that_is_stopped_while_it_waits_asks_nothing_and_says_that_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(monkeypatch, 0.9)
    slept: list[float] = []

    def sleep(seconds: float, stop: Stop) -> None:
        slept.append(seconds)
        stop.asked = len(slept) == 3

    real = jitter.wait
    monkeypatch.setattr(
        jitter, "wait", lambda most, stop: real(most, stop, sleep=lambda s: sleep(s, stop))
    )
    with AgencySite() as site:
        publish(site, FIRST)
        told = weekly.weekly.fn(SOURCE, str(tmp_path), site=site.url, pause_s=0, jitter_min=15)
        assert site.requests == []
    assert len(slept) == 3
    assert (told.stopped, told.status, dict(told.outcomes)) == (True, "incomplete", {})
    assert "the agency's page was not looked at" in told.messages[0]
    assert Catalogue(Directory(tmp_path)).manifest(SOURCE).last_runs["weekly"] == told
