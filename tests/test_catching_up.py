"""Prefect's server or database may go: what is held is the same, for the archive is the state."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flows.demo.site import HISTORY, ReplicaSite
from storage.catalogue import Catalogue
from storage.fixity import verify
from storage.objects import Objects
from storage.stores import open_store
from tests.prefect_pool import pool
from tests.test_crashes import SOURCE, site, told, undisturbed, week

__all__ = ["site", "undisturbed"]

_RUN = """
import datetime, os, signal, sys
from flows import week, weekly
store, site, at, server = sys.argv[1:]
real = week.look
def look(work, listing):
    if server != "0":
        os.killpg(int(server), signal.SIGKILL)
    real(work, listing)
    week.look = real
week.look = look
when = datetime.datetime.fromisoformat(at)
print(weekly.weekly("ice_ddor", store, site=site, pause_s=0, at=when).status)
"""


def run(
    store: str, site: ReplicaSite, number: int, environment: dict[str, str], server: int = 0
) -> int:
    """One week under Prefect in a process of its own; give its exit code.

    Args:
        store: the archive.
        site: the agency's.
        number: of the week in the replica's history.
        environment: Prefect's.
        server: the process group of the server to kill in the middle; 0 for none.
    """
    site.state = HISTORY[number]
    arguments = [store, site.url, site.state.at.isoformat(), str(server)]
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *arguments],
            env={**os.environ, **environment, "PREFECT_CLIENT_MAX_RETRIES": "0"},
            stdout=said,
            stderr=said,
            check=False,
            timeout=400,
        )
        said.seek(0)
        text = said.read()
    assert done.returncode == 0 or server, text[-2000:]
    return done.returncode


def assert_as_undisturbed(store: str, expected: Objects) -> None:
    """Beyond what is published from it, which only these runs do, all is the same."""
    objects = open_store(store)
    manifest = Catalogue(objects).manifest(SOURCE)
    assert told(manifest) == told(Catalogue(expected).manifest(SOURCE))
    assert all(document.is_reported for document in manifest.documents.values())
    assert verify(objects, SOURCE).findings == []


@pytest.mark.slow
def test_wiping_prefects_database_between_runs_changes_nothing_that_is_held(
    site: ReplicaSite, tmp_path: Path, undisturbed: dict[int, Objects]
) -> None:
    store = str(tmp_path / "archive")
    for number in range(2):
        home = {
            "PREFECT_HOME": str(tmp_path / f"home {number}"),
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "240",
        }
        run(store, site, number, home)
    assert_as_undisturbed(store, undisturbed[1])


@pytest.mark.slow
def test_a_server_that_dies_in_the_middle_of_a_run_costs_nothing_that_is_held(
    site: ReplicaSite, tmp_path: Path, undisturbed: dict[int, Objects]
) -> None:
    store = str(tmp_path / "archive")
    with pool(tmp_path, {}) as made:
        assert made.server is not None
        run(store, site, 0, made.environment, server=made.server.pid)
    assert_as_undisturbed(store, undisturbed[0])
    week(store, site, HISTORY[1])
    assert_as_undisturbed(store, undisturbed[1])
