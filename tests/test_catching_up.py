"""Prefect's server or database may go: what is held is the same, for the archive is the state."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest

from flows.demo.site import HISTORY, ReplicaSite
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.errors import NotHeldError
from storage.fixity import verify
from storage.objects import Objects
from storage.stores import open_store
from tests.histories import fill
from tests.listeners import Hook, hook
from tests.prefect_pool import DEPLOY, HAS_POSTGRES, Pool, eventually, pool, postgres
from tests.stores import skip
from tests.test_crashes import SOURCE, site, told, undisturbed, week

__all__ = ["hook", "site", "undisturbed"]

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
    # Nobody waits for a server that is dead; one that is merely busy (503) is asked again.
    retries = {"PREFECT_CLIENT_MAX_RETRIES": "0"} if server else {}
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *arguments],
            env={**os.environ, **environment, **retries},
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


SAYS = "recordkeep: Prefect's server at"
_COMMAND = """
import os, signal, sys
from flows import week
from flows.cli import main
real = week.look
def look(work, listing):
    os.killpg(int(os.environ["SERVER"]), signal.SIGKILL)
    real(work, listing)
    week.look = real
if "SERVER" in os.environ:
    week.look = look
main()
"""


def typed(command: str, environment: dict[str, str]) -> str:
    """Type a command in a process of its own, that cannot be done; give what it says."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *command.split()[1:]],
        env={**os.environ, "PREFECT_CLIENT_MAX_RETRIES": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "audit", "backfill"])
def test_a_command_whose_server_is_not_there_says_so_in_a_sentence_and_a_person_is_told(
    command: str, hook: Hook, tmp_path: Path
) -> None:
    fill(Directory(tmp_path / "archive"))
    nobody = {
        "PREFECT_API_URL": "http://u:secret@127.0.0.1:9/api",
        "RECORDKEEP_ALERTS": hook.address,
    }
    said = typed(f"recordkeep {command} {SOURCE} --store {tmp_path / 'archive'}", nobody)
    assert f"{SAYS} http://…@127.0.0.1:9/api does not" in said
    (body,) = hook.bodies
    assert "ended without a record: ServerError: Prefect's server at" in body
    assert "secret" not in body


@pytest.mark.slow
def test_a_server_that_dies_in_the_middle_of_a_command_is_told_beside_the_runs_news(
    site: ReplicaSite, hook: Hook, tmp_path: Path
) -> None:
    site.state = HISTORY[1]
    store = str(tmp_path / "archive")
    with pool(tmp_path, {"RECORDKEEP_ALERTS": hook.address}) as made:
        assert made.server is not None
        environment = {**made.environment, "SERVER": str(made.server.pid)}
        said = typed(
            f"recordkeep run {SOURCE} --site {site.url} --pause 0 --store {store}", environment
        )
    assert SAYS in said
    assert Catalogue(open_store(store)).manifest(SOURCE).last_runs["weekly"].status == "complete"
    news, server = hook.bodies
    assert "is new" in news
    assert "the weekly run wrote its record, and then came ServerError" in server


def keep_worker(made: Pool) -> None:
    """Start a worker where there is none, or it gave up: what its unit does."""
    if made.workers and made.workers[0].poll() is None:
        return
    made.workers.clear()
    made.start_worker()


def archive(made: Pool, store: str, site: ReplicaSite, number: int) -> None:
    """Let the deployment as shipped look at a week of the replica's, and wait until it did."""
    site.state = HISTORY[number]
    asked = {"site": site.url, "pause_s": 0, "at": site.state.at.isoformat()}
    given = [f"--param={name}={json.dumps(value)}" for name, value in asked.items()]
    made.prefect("deployment", "run", f"weekly/weekly-{SOURCE}", *given)

    def is_done() -> bool:
        keep_worker(made)
        return last_look(store) == site.state.at.date()

    eventually(is_done, f"week {number + 1} is archived", within_s=300)


def last_look(store: str) -> date | None:
    try:
        last = Catalogue(open_store(store)).manifest(SOURCE).last_runs.get("weekly")
    except NotHeldError:
        return None
    return last.started_at.date() if last else None


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["server", "database"])
def test_the_schedule_goes_on_when_the_server_or_its_database_is_back(
    lost: str, site: ReplicaSite, tmp_path: Path, undisturbed: dict[int, Objects]
) -> None:
    if not HAS_POSTGRES:
        skip("no PostgreSQL 15 here: apt-get install postgresql")
    store = str(tmp_path / "archive")
    with (
        postgres() as database,
        pool(tmp_path, {"RECORDKEEP_STORE": store}, database.address) as made,
    ):
        made.prefect("deploy", "--all", "--prefect-file", str(DEPLOY / "prefect.yaml"))
        archive(made, store, site, 0)
        stop, start = {
            "server": (made.kill_server, made.start_server),
            "database": (database.stop, database.start),
        }[lost]
        stop()
        eventually(lambda: has_felt_it(made), "the worker is in trouble", within_s=600)
        start()
        archive(made, store, site, 1)
    assert_as_undisturbed(store, undisturbed[1])


def has_felt_it(made: Pool) -> bool:
    """Whether the worker gave up on the server: for now, or for good."""
    gave_up = "exceeded error threshold" in (made.folder / "worker.log").read_text()
    return gave_up or made.workers[0].poll() is not None
