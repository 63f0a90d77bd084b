"""Under Prefect: a run a source, a task an edition, an artifact of outcomes, retries that help."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from flows import week, weekly
from flows.demo.site import HISTORY, ReplicaSite
from scrapers.errors import (
    BlockedError,
    FetchError,
    NotThereError,
    UnansweredError,
    UnsafeAddressError,
)
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


def _attempts(monkeypatch: pytest.MonkeyPatch, error: FetchError) -> int:
    tried = []

    def look(_work: object, _listing: Listing) -> None:
        tried.append(error)
        raise error

    monkeypatch.setattr(week, "look", look)
    task = weekly.edition.with_options(retry_delay_seconds=0)
    listing = Listing(source="ice_ddor", edition=None, url="https://www.ice.gov/a", title="a")
    state = task(None, listing, return_state=True)
    assert state.is_failed()
    return len(tried)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [(UnansweredError, 2), (BlockedError, 1), (NotThereError, 1), (UnsafeAddressError, 1)],
)
def test_only_what_time_heals_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: type[FetchError], attempts: int
) -> None:
    assert _attempts(monkeypatch, error("https://www.ice.gov/a", "answered badly")) == attempts
