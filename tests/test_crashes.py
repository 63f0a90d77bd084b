"""A run killed at any write is run again, and the archive is that of an undisturbed history."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import opening, weekly
from flows.demo.site import HISTORY, ReplicaSite, State
from storage import layout
from storage.catalogue import Catalogue
from storage.errors import StoreUnreachableError
from storage.fixity import verify
from storage.ledger import Manifest, RunSummary
from storage.objects import Objects
from storage.stores import open_store
from tests.crash import MODES
from tests.stores import NewStore

SOURCE = "ice_ddor"
WRITES = 6
"""Of a week with one new report: page, original, capture, table, run record, manifest; what comes
after it, as the figures, no run waits for."""


@pytest.fixture
def site() -> Iterator[ReplicaSite]:
    with ReplicaSite() as site:
        yield site


def week(store: str, site: ReplicaSite, state: State, *, later: float = 0) -> RunSummary:
    """One undisturbed week, as plain functions."""
    site.state = state
    at = state.at + timedelta(hours=later)
    with opening.opened(SOURCE, store, site=site.url, pause_s=0, at=at) as work:
        return weekly.look_at_all(work)


def killed(store: str, site: ReplicaSite, state: State, number: int, mode: str, *more: str) -> None:
    """The same week, killed at its `number`th write."""
    site.state = state
    arguments = [store, site.url, state.at.isoformat(), str(number), mode, *more]
    command = [sys.executable, "-m", "tests.crash", *arguments]
    # Not pipes: a server that Prefect started lives on, and would hold them open.
    with tempfile.TemporaryFile("w+") as told:
        child = subprocess.Popen(command, stdout=told, stderr=told, start_new_session=True)
        code = child.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        told.seek(0)
        assert code == -signal.SIGKILL, told.read()[-2000:]


def told(manifest: Manifest) -> Any:
    """What a history comes to, but for times, run ids and counts of sightings."""
    editions = {
        edition: [
            (v.number, v.kind, v.document.digest, v.document.status, v.document.table.key)
            for v in manifest.versions(edition)
            if v.document.table
        ]
        for edition in manifest.by_edition
    }
    timelines = {e: [(s.state, s.digest) for s in spans] for e, spans in manifest.timelines.items()}
    captures = {d.digest: len(d.captures) for d in manifest.documents.values()}
    return editions, timelines, captures, sorted(manifest.pages), sorted(manifest.notices)


def kinds(objects: Objects) -> Counter[str]:
    entries = objects.list("")
    return Counter(layout.kind(e.key) for e in entries if layout.kind(e.key) != "runs")


def assert_as_undisturbed(store: str, expected: Objects) -> None:
    objects = open_store(store)
    manifest = Catalogue(objects).manifest(SOURCE)
    assert told(manifest) == told(Catalogue(expected).manifest(SOURCE))
    assert verify(objects, SOURCE).findings == []
    assert kinds(objects) == kinds(expected)
    news = [d.is_reported for d in manifest.documents.values()]
    assert all(news), "each new document was told of by some run"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Objects]:
    """The archive after each week of the replica's history."""
    stores: dict[int, Objects] = {}
    with ReplicaSite() as site:
        for last in range(len(HISTORY)):
            store = str(tmp_path_factory.mktemp("undisturbed"))
            for state in HISTORY[: last + 1]:
                week(store, site, state)
            stores[last] = open_store(store)
    return stores


def _survives(
    store: str, site: ReplicaSite, expected: Objects, last: int, number: int, mode: str
) -> None:
    for state in HISTORY[:last]:
        week(store, site, state)
    killed(store, site, HISTORY[last], number, mode)
    again = week(store, site, HISTORY[last], later=1)
    assert again.status == "complete"
    assert_as_undisturbed(store, expected)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", range(1, WRITES + 1))
@pytest.mark.parametrize("kind", ["directory", "ceph"])
def test_the_first_week_killed_at_each_write_is_mended_by_the_next_run(
    kind: str,
    number: int,
    mode: str,
    site: ReplicaSite,
    new_store: NewStore,
    undisturbed: dict[int, Objects],
) -> None:
    _survives(new_store(kind).name, site, undisturbed[0], 0, number, mode)


@pytest.mark.soak
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", range(1, WRITES + 1))
@pytest.mark.parametrize("last", [1, 2])
@pytest.mark.parametrize("kind", ["directory", "moto", "ceph"])
def test_later_weeks_killed_at_each_write_are_mended_by_the_next_run(
    kind: str,
    last: int,
    number: int,
    mode: str,
    site: ReplicaSite,
    new_store: NewStore,
    undisturbed: dict[int, Objects],
) -> None:
    _survives(new_store(kind).name, site, undisturbed[last], last, number, mode)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["directory", "ceph"])
@pytest.mark.parametrize("first", range(1, WRITES + 1))
@pytest.mark.parametrize("mode", MODES)
def test_a_week_killed_again_and_again_is_mended_in_the_end(
    kind: str,
    first: int,
    mode: str,
    site: ReplicaSite,
    new_store: NewStore,
    undisturbed: dict[int, Objects],
) -> None:
    store = new_store(kind).name
    for number in (first, 1, 2):
        killed(store, site, HISTORY[0], number, mode)
    week(store, site, HISTORY[0], later=1)
    assert_as_undisturbed(store, undisturbed[0])


@pytest.mark.slow
def test_a_run_killed_under_prefect_is_mended_by_the_next_run(
    site: ReplicaSite,
    tmp_path: Path,
    undisturbed: dict[int, Objects],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = str(tmp_path / "archive")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    killed(store, site, HISTORY[0], 3, "after", "prefect")
    week(store, site, HISTORY[0], later=1)
    assert_as_undisturbed(store, undisturbed[0])


@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_store_lost_at_each_write_is_a_clear_error_and_the_next_run_converges(
    number: int,
    site: ReplicaSite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[int, Objects],
) -> None:
    store = str(tmp_path / "archive")
    objects = open_store(store)
    real, left = objects.put, [number]

    def put(key: str, body: Any, *, sha256: str) -> str | None:
        left[0] -= 1
        if left[0] <= 0:
            raise StoreUnreachableError(store, "is full: free some space, then run again")
        return real(key, body, sha256=sha256)

    monkeypatch.setattr(objects, "put", put)
    monkeypatch.setattr(opening, "open_store", lambda _name, **_options: objects)
    with pytest.raises(StoreUnreachableError, match="full"):
        week(store, site, HISTORY[0])
    monkeypatch.undo()
    week(store, site, HISTORY[0], later=1)
    assert_as_undisturbed(store, undisturbed[0])


def test_a_clock_set_back_by_a_day_is_said_and_changes_no_order(
    site: ReplicaSite, tmp_path: Path, undisturbed: dict[int, Objects]
) -> None:
    store = str(tmp_path / "archive")
    week(store, site, HISTORY[0])
    week(store, site, HISTORY[1])
    late = State(at=HISTORY[1].at, reports=HISTORY[2].reports, notices=HISTORY[2].notices)
    summary = week(store, site, late, later=-24)
    assert "stands behind the newest fact" in " ".join(summary.messages)
    assert told(Catalogue(open_store(store)).manifest(SOURCE)) == told(
        Catalogue(undisturbed[2]).manifest(SOURCE)
    )
