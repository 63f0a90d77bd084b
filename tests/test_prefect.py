"""Under Prefect: a run a source, a task an edition, an artifact of outcomes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from flows import week, weekly
from flows.demo.site import HISTORY, ReplicaSite
from flows.work import Work
from scrapers.errors import UnansweredError
from storage.model import Listing


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
    assert len(tasks) == 2
    assert artifact.key == "outcomes-ice-ddor"
    assert "2017-02-04" in str(artifact.data)


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
