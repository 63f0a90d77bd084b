"""The whole of it, as installed: server, worker, schedule, S3; and a worker that is killed.

A real Prefect server (on SQLite, and on PostgreSQL) and a process worker are set up from
deploy/prefect.yaml, in which only the agency's address and the times are others: every minute,
with a jitter of seconds.
"""

import os
import uuid
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from importlib import resources
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # it brings no types

from flows import opening, weekly
from flows.demo.site import CORRECTION
from storage.catalogue import Catalogue
from storage.errors import NotHeldError
from storage.fixity import verify
from storage.model import Outcome
from storage.objects import Objects
from storage.stores import open_store
from tests.agency import AgencySite, faults
from tests.prefect_pool import DEPLOY, HAS_POSTGRES, Pool, eventually, pool, postgres
from tests.stores import BUCKET, Server, skip
from tests.test_crashes import told
from tests.weeks import FIRST, SECOND, path

SOURCE = "ice_ddor"
NAME = "weekly-ice_ddor"
pytestmark = pytest.mark.slow


def replica(name: str) -> bytes:
    return resources.files("flows.demo").joinpath(f"{name}.pdf").read_bytes()


@pytest.fixture
def site() -> Iterator[AgencySite]:
    with AgencySite() as site:
        site.publish(path(FIRST), replica("week1-original"))
        site.publish(path(SECOND), replica("week2"))
        yield site


@pytest.fixture(params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, ceph: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pool]:
    """A server and a pool without a worker yet; its runs' archive is a bucket of the real store."""
    ceph.select(monkeypatch)
    monkeypatch.setenv("RECORDKEEP_STORE", f"s3://{BUCKET}/{uuid.uuid4().hex}")
    with ExitStack() as stack:
        database = ""
        if request.param == "postgresql":
            if not HAS_POSTGRES:
                skip("no PostgreSQL 15 here: apt-get install postgresql")
            database = stack.enter_context(postgres()).address
        yield stack.enter_context(pool(tmp_path, {}, database))


def every_minute(folder: Path, site: AgencySite) -> str:
    """The deployments as they are shipped, but for one: its agency is the replica, its time now."""
    shipped = yaml.safe_load((DEPLOY / "prefect.yaml").read_text())
    (chosen,) = [each for each in shipped["deployments"] if each["name"] == NAME]
    (schedule,) = chosen["schedules"]
    schedule["cron"] = "* * * * *"
    schedule["parameters"] = {name: value / 300 for name, value in schedule["parameters"].items()}
    chosen["parameters"] |= {"site": site.url, "pause_s": 0}
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(shipped))
    return str(file)


def last_run(objects: Objects) -> Collection[Outcome]:
    """What became of the editions in the schedule's last run, if it was complete."""
    try:
        last = Catalogue(objects).manifest(SOURCE).last_runs.get("weekly")
    except NotHeldError:
        return []
    return list(last.outcomes.values()) if last and last.status == "complete" else []


def look(store: str, site: AgencySite) -> None:
    """The same look by nobody's schedule, undisturbed."""
    with opening.opened(SOURCE, store, site=site.url, pause_s=0, at=None) as work:
        weekly.look_at_all(work)


def correct(site: AgencySite) -> None:
    site.revise(path(FIRST), replica("week1-corrected"))
    site.say(CORRECTION)


def test_a_cron_deployment_archives_into_s3_though_its_worker_is_killed(
    running: Pool, site: AgencySite, tmp_path: Path
) -> None:
    store, calm = open_store(os.environ["RECORDKEEP_STORE"]), str(tmp_path / "calm")
    running.prefect("deploy", "--all", "--prefect-file", every_minute(tmp_path, site))
    site.inflict(faults.late(600), on=path(FIRST), times=1)

    running.start_worker()
    eventually(lambda: site.asked(path(FIRST)), "the schedule fires", within_s=300)
    running.kill_worker()
    assert site.asked(path(SECOND)), "killed between two documents"
    assert not last_run(store), "and nothing was finished"

    running.start_worker()
    eventually(lambda: last_run(store), "a later run mends it", within_s=300)
    look(calm, site)
    correct(site)
    look(calm, site)
    eventually(lambda: "revision" in last_run(store), "it is corrected", within_s=300)
    running.kill_worker()

    manifests = [Catalogue(each).manifest(SOURCE) for each in (store, open_store(calm))]
    assert told(manifests[0]) == told(manifests[1])
    assert verify(store, SOURCE).findings == []
