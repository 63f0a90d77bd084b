"""Under Prefect: a run a source, a task an edition, an artifact of outcomes."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.sorting import FlowRunSort, TaskRunSort
from prefect.exceptions import ParameterTypeError
from prefect.logging.handlers import APILogHandler
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from prefect.testing.utilities import prefect_test_harness

from flows import audit, backfill, remedies, shown, turns, week, weekly
from flows.demo.site import HISTORY, ReplicaSite
from flows.stopping import Stop
from flows.work import Work
from scrapers.errors import UnansweredError, UnknownSourceError
from storage import layout
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.model import Listing
from tests import histories
from tests.agency import AgencySite, pdf
from tests.agency.listing import Listing as AgencyListing
from tests.agency_weeks import TITLE
from tests.bench.corpus import week as week_of
from tests.histories import SOURCE, fill, on
from tests.listeners import told
from tests.prefect_pool import eventually
from tests.wayback import WaybackSite


@pytest.fixture(scope="module", autouse=True)
def prefect() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


def test_a_week_is_a_flow_run_with_a_task_run_an_edition(tmp_path: Path) -> None:
    with ReplicaSite(HISTORY[1]) as site:
        summary = weekly.weekly(
            "ice_ddor", str(tmp_path), site=site.url, pause_s=0, at=HISTORY[1].at
        )
    assert dict(summary.outcomes) == {"2017-01-28": "new", "2017-02-04": "new"}
    with get_client(sync_client=True) as client:
        (run,) = client.read_flow_runs()
        tasks = client.read_task_runs()
        (artifact,) = client.read_artifacts()
    assert run.name == "ice_ddor"
    assert {each.name for each in tasks} == {"2017-01-28", "2017-02-04"}
    assert artifact.key == "outcomes-ice-ddor"
    assert "| 2017-02-04 | new |" in str(artifact.data)
    assert set(run.tags) == {"weekly", "ice_ddor"}


def test_a_failing_edition_is_a_failed_task_and_the_others_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = week.look

    def look(work: Work, listing: Listing) -> None:
        if "01-28" in listing.url:
            raise UnansweredError(listing.url, "answered 500")
        real(work, listing)

    monkeypatch.setattr(week, "look", look)
    with ReplicaSite(HISTORY[1]) as site:
        summary = weekly.weekly(
            "ice_ddor", str(tmp_path), site=site.url, pause_s=0, at=HISTORY[1].at
        )
    assert dict(summary.outcomes) == {"2017-01-28": "failed", "2017-02-04": "new"}
    assert summary.status == "incomplete"


@pytest.mark.slow
def test_an_audit_shows_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(Directory(tmp_path / "archive"))
    lost = layout.raw(SOURCE, histories.digest("one"), "pdf")
    (tmp_path / "archive" / lost).unlink()
    with told(monkeypatch, audit_weeks="1"):
        report = audit.audit(SOURCE, str(tmp_path / "archive"), at=on(30))
    assert [finding.kind for finding in report.findings] == ["missing"]
    with get_client(sync_client=True) as client:
        (artifact,) = [each for each in client.read_artifacts() if each.key == "audit-ice-ddor"]
    assert remedies.FIXITY in str(artifact.data)
    assert "Editions" not in str(artifact.data)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (weekly.weekly, {"pause_s": -10}),
        (weekly.weekly, {"pause_s": float("nan")}),
        (weekly.weekly, {"recheck_weeks": 0}),
        (weekly.weekly, {"jitter_min": -1}),
        (weekly.weekly, {"at": "2017-03-20T14:00:00"}),
        (audit.audit, {"at": "2017-03-20T14:00:00"}),
        (backfill.backfill, {"workers": -1}),
        (backfill.backfill, {"pause_s": 1e9}),
    ],
)
def test_what_a_form_may_not_say_is_refused_before_anything_is_asked(
    run: Flow[..., object], told: dict[str, object], tmp_path: Path
) -> None:
    nobody = {} if run is audit.audit else {"site": "http://127.0.0.1:9"}
    with pytest.raises(ParameterTypeError, match=next(iter(told))):
        run(SOURCE, str(tmp_path / "archive"), **nobody, **told)
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize(
    "asked", [{"since": date(2017, 5, 1), "until": date(2017, 4, 1)}, {"origins": ()}]
)
def test_a_backfill_of_no_part_of_the_past_is_refused(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=next(iter(asked))):
        backfill.backfill(SOURCE, str(tmp_path / "archive"), **asked)
    assert not (tmp_path / "archive").exists()


def test_an_audit_of_no_source_makes_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownSourceError):
        audit.audit("nosuch", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_backfill_shows_how_far_it_is(tmp_path: Path) -> None:
    with ReplicaSite(HISTORY[1]) as site:
        summary = backfill.backfill(
            "ice_ddor", str(tmp_path), origins=("agency",), site=site.url, pause_s=0
        )
    assert dict(summary.outcomes) == {"2017-01-28": "new", "2017-02-04": "new"}
    with get_client(sync_client=True) as client:
        told = [each for each in client.read_artifacts() if each.key == "backfill-ice-ddor"]
    assert {(each.type, each.data) for each in told} == {("progress", 100.0)}
    assert {each.description for each in told} == {
        "linked documents: 2 of 2",
        "documents drawn: 2 of 2",
        "pages: 4 of 4",
    }


@pytest.mark.slow
def test_a_week_that_meets_a_new_place_is_followed_by_a_backfill_within_its_run(
    tmp_path: Path,
) -> None:
    place = "/doclib/other/quarterly.pdf"
    with AgencySite() as site, WaybackSite() as archive:
        archive.capture(f"https://www.ice.gov{place}", HISTORY[0].at, pdf("older"))
        asked: dict[str, Any] = {"site": site.url, "wayback": archive.origin, "pause_s": 0}
        site.publish("/doclib/ddor/one.pdf", pdf("one"))
        backfill.backfill(SOURCE, str(tmp_path), **asked)
        site.publish(place, pdf("newer"), TITLE)
        weekly.weekly(SOURCE, str(tmp_path), **asked)
    with get_client(sync_client=True) as client:
        week_, past, *_ = sorted(
            client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=2),
            key=lambda run: run.parent_task_run_id is not None,
        )
    assert (week_.parent_task_run_id, past.parent_task_run_id is None) == (None, False)
    assert set(past.tags) == {"backfill", SOURCE}
    assert all(run.state and run.state.is_completed() for run in (week_, past))
    held = Catalogue(Directory(tmp_path)).manifest(SOURCE)
    assert histories.sha256(pdf("older")) in held.documents


@pytest.mark.slow
def test_a_backfills_log_has_a_line_an_edition_in_few_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipping = APILogHandler()
    monkeypatch.setattr(logging.getLogger("recordkeep"), "handlers", [shipping])
    with (
        AgencySite(AgencyListing(per_page=100)) as site,
        temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}),
    ):
        for number in range(100):
            site.publish(f"/doclib/ddor/{week_of(number)[1]}", pdf(str(number)))
        summary = backfill.backfill(
            "ice_ddor", str(tmp_path), origins=("agency",), site=site.url, pause_s=0, workers=0
        )
        shipping.flush()
    with get_client(sync_client=True) as client:
        entries = [each for each in client.read_logs(limit=200) if each.name == "recordkeep"]
    lines = [line for each in entries for line in each.message.splitlines()]
    assert len(summary.outcomes) == 100
    assert {f"ice_ddor {name} {word}" for name, word in summary.outcomes.items()} <= set(lines)
    assert len(lines) == len(set(lines))
    assert len(entries) < 50, "each costs Prefect a third of what a document does"
    assert {each.level for each in entries} <= {logging.INFO, logging.WARNING}
    assert logging.getLogger("recordkeep").handlers == [shipping]


@pytest.mark.slow
def test_a_line_that_no_other_follows_is_shown_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = logging.getLogger("recordkeep")
    monkeypatch.setattr(logger, "handlers", [APILogHandler()])
    said = ["a line", "another at once, and the run says nothing more for long"]
    monkeypatch.setattr(logging, "raiseExceptions", False)

    def are_shown() -> bool:
        with get_client(sync_client=True) as client:
            entries = [each.message for each in client.read_logs(limit=200)]
        return set(said) <= set("\n".join(entries).splitlines())

    @flow
    def long() -> None:
        with shown.gathered("long"):
            for line in said:
                logger.warning(line)
            logger.warning("a line that cannot be written: %d", "for this is no number")
            eventually(are_shown, "both lines are shown", within_s=60)

    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        long()


@pytest.mark.slow
def test_a_run_that_is_asked_to_stop_finishes_the_edition_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = week.look

    def look(work: Work, listing: Listing) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        real(work, listing)

    monkeypatch.setattr(week, "look", look)
    with ReplicaSite(HISTORY[1]) as site:
        summary = weekly.weekly(
            "ice_ddor", str(tmp_path), site=site.url, pause_s=0, at=HISTORY[1].at
        )
    assert (summary.stopped, summary.status) == (True, "incomplete")
    assert list(summary.outcomes.values()) == ["new"]
    with get_client(sync_client=True) as client:
        (run, *_) = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC)
    assert run.state is not None
    assert run.state.is_completed(), "Prefect's own handler would have let it crash"


def test_an_edition_that_a_stop_comes_before_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(work: Work, _listing: Listing) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        work.stop.heed()

    monkeypatch.setattr(week, "look", look)
    with ReplicaSite(HISTORY[1]) as site:
        summary = weekly.weekly(
            "ice_ddor", str(tmp_path), site=site.url, pause_s=0, at=HISTORY[1].at
        )
    assert (summary.stopped, dict(summary.outcomes)) == (True, {})
    assert "2 of 2 editions were not looked at" in " ".join(summary.messages)
    with get_client(sync_client=True) as client:
        (task, *_) = client.read_task_runs(sort=TaskRunSort.EXPECTED_START_TIME_DESC)
    assert task.state is not None
    assert not task.state.is_failed()


@pytest.mark.slow
def test_a_turn_that_nobody_gives_back_costs_one_run_its_time_and_no_later_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, host = {PREFECT_API_URL: PREFECT_API_URL.value()}, ["e.example"]
    monkeypatch.setattr(turns, "WAIT_S", 1.0)
    with temporary_settings(url), get_client(sync_client=True) as client:
        with turns.taken(host, Stop()):
            pass
        # So it stands after a restart of the server's while the turn was taken.
        orphaned = GlobalConcurrencyLimitUpdate(active_slots=1)
        client.update_global_concurrency_limit("host:e.example", orphaned)
        with turns.taken(host, Stop()):
            limit = client.read_global_concurrency_limit_by_name("host:e.example")
            assert limit.active_slots == 1
        assert client.read_global_concurrency_limit_by_name("host:e.example").active_slots == 0


@pytest.mark.slow
def test_a_run_that_is_asked_to_stop_waits_for_its_turn_no_longer() -> None:
    stop = Stop()
    url = {PREFECT_API_URL: PREFECT_API_URL.value()}
    with temporary_settings(url), turns.taken(["c.example"], Stop()):
        asked = threading.Timer(1, lambda: setattr(stop, "asked", True))
        asked.start()
        began = monotonic()
        with turns.taken(["c.example"], stop):
            assert stop.asked
        assert monotonic() - began < 2 * turns.LOOK_S


@pytest.mark.slow
def test_a_host_is_asked_by_one_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_S", 2.0)
    url = {PREFECT_API_URL: PREFECT_API_URL.value()}
    with temporary_settings(url), turns.taken(["a.example"], Stop()):
        with get_client(sync_client=True) as client:
            limit = client.read_global_concurrency_limit_by_name("host:a.example")
        assert (limit.limit, limit.active_slots) == (1, 1)
        with turns.taken(["b.example"], Stop()), turns.taken(["a.example"], Stop()):
            assert limit.active, "after its time the second goes on all the same"
    with temporary_settings(url), get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name("host:a.example")
    assert limit.active_slots == 0
