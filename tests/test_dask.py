"""Extraction on a Dask cluster: a real scheduler and workers, of which some are killed midway."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import dask
import pikepdf
import pytest
from prefect.testing.utilities import prefect_test_harness

from flows import backfill, readers
from storage.catalogue import Catalogue
from storage.ledger import Manifest
from storage.stores import open_store
from tests.agency import AgencySite, Reply
from tests.histories import SOURCE, on
from tests.pasts import HOST
from tests.test_stopping import RECORDKEEP, begun
from tests.wayback import WaybackSite

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
WEEK = ROOT / "tests/sources/ice_ddor/week2.pdf"
DASK = str(Path(sys.executable).with_name("dask"))
DOCUMENTS = 6
ADDRESS = "scheduler.json"


def variant(number: int) -> bytes:
    """A report with bytes of its own and the same records."""
    with pikepdf.open(WEEK) as pdf:
        pdf.docinfo["/Subject"] = f"copy {number}"
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True)
        return made.getvalue()


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `dask …` on the loopback for as long as the block lasts, with all that it starts."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"}
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [DASK, *arguments, "--no-dashboard"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def archive() -> Iterator[WaybackSite]:
    with WaybackSite() as site:
        for number in range(DOCUMENTS):
            site.capture(f"{HOST}/doclib/ddor/{number}.pdf", on(number), variant(number))
        yield site


def loaded(store: Path, archive: WaybackSite, dask: str | None) -> Manifest:
    """Load the past under Prefect, reading on the cluster or on this machine."""
    with AgencySite() as site:
        flow = backfill.backfill
        run = flow.with_options(task_runner=readers.runner(dask)) if dask else flow
        summary = run(
            SOURCE,
            str(store),
            origins=("wayback",),
            site=site.url,
            wayback=archive.origin,
            pause_s=0,
            at=on(30),
            workers=2,
            on_cluster=dask is not None,
        )
    assert summary.status == "complete", summary.messages
    return Catalogue(open_store(str(store))).manifest(SOURCE)


def versions(manifest: Manifest) -> list[object]:
    return [
        (v.number, v.kind, v.document.digest, v.document.status, v.first_seen, v.last_seen)
        for edition in manifest.by_edition
        for v in manifest.versions(edition)
    ]


def test_a_cluster_that_loses_a_worker_comes_to_the_same_as_one_machine(
    tmp_path: Path, archive: WaybackSite
) -> None:
    with ExitStack() as stack:
        stack.enter_context(prefect_test_harness(server_startup_timeout=120))
        stack.enter_context(scheduler(tmp_path))
        stack.enter_context(worker(tmp_path))
        doomed = stack.enter_context(worker(tmp_path, "--preload", "tests.doomed"))
        there = loaded(tmp_path / "there", archive, ready(tmp_path, workers=2))
        assert doomed.wait(timeout=60) == -signal.SIGKILL
        here = loaded(tmp_path / "here", archive, None)
    assert_same(there, here)
    said = (tmp_path / "worker.log").read_text()
    assert "distributed.worker" in said
    assert "prefect" not in said.lower(), "only keys travel, and no worker asks a Prefect server"


def assert_same(there: Manifest, here: Manifest) -> None:
    """Hold what a cluster read to what this machine read."""
    assert len(versions(here)) == DOCUMENTS
    assert versions(there) == versions(here)
    tables = [{key: sha for key, sha in m.facts.items() if "tables" in key} for m in (there, here)]
    assert tables[0] == tables[1]
    assert len(tables[0]) == DOCUMENTS


def test_a_cluster_whose_scheduler_is_lost_comes_to_the_same_as_one_machine(
    tmp_path: Path, archive: WaybackSite
) -> None:
    with ExitStack() as stack:
        stack.enter_context(prefect_test_harness(server_startup_timeout=120))
        doomed = stack.enter_context(scheduler(tmp_path))
        stack.enter_context(worker(tmp_path))
        address = ready(tmp_path, workers=1)
        # So long Dask hopes for it to come back.
        stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": "3s"}))

        def end(reply: Reply) -> Reply:
            doomed.kill()
            time.sleep(8)  # until Dask has given up, and takes nothing any more
            return reply

        archive.inflict(end, on="playback", times=1, after=DOCUMENTS // 2)
        there = loaded(tmp_path / "there", archive, address)
        assert doomed.wait(timeout=60) == -signal.SIGKILL
        here = loaded(tmp_path / "here", archive, None)
    assert_same(there, here)


def test_a_stop_ends_a_command_whose_workers_are_all_lost(
    tmp_path: Path, archive: WaybackSite
) -> None:
    with (
        AgencySite() as site,
        scheduler(tmp_path),
        worker(tmp_path, "--preload", "tests.doomed") as doomed,
    ):
        options = ["--store", str(tmp_path / "archive"), "--from", "wayback", "--pause", "0"]
        options += ["--site", site.url, "--wayback", archive.origin]
        options += ["--dask", ready(tmp_path, workers=1)]
        with begun(tmp_path / "prefect", RECORDKEEP, "backfill", SOURCE, *options) as command:
            assert doomed.wait(timeout=180) == -signal.SIGKILL
            assert "server" not in (tmp_path / "worker.log").read_text(), "none begins one"
            command.signal(signal.SIGTERM)
            assert command.ended(within_s=40) == 1, "".join(command.lines)
    told = "".join(command.lines)
    assert "stopped when asked to" in told
    assert "Traceback" not in told


def test_a_scheduler_without_workers_is_said_to_have_none(tmp_path: Path) -> None:
    with scheduler(tmp_path):
        address = ready(tmp_path, workers=0)
        how = f"start one with `dask worker {address}`"
        assert readers.absent(address) == (
            f"the Dask scheduler at {address} has no workers: {how}, or leave --dask out"
        )
        with worker(tmp_path):
            ready(tmp_path, workers=1)
            assert readers.absent(address) is None


def scheduler(folder: Path) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run one whose address its folder tells."""
    where = ("--scheduler-file", str(folder / ADDRESS))
    return started(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", *where)


def worker(folder: Path, *more: str) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run one of that scheduler's."""
    where = ("--scheduler-file", str(folder / ADDRESS))
    own = ("--no-nanny", "--nthreads", "1")
    return started(folder, "worker", "--host", "127.0.0.1", *where, *own, *more)


def ready(folder: Path, *, workers: int) -> str:
    """Wait until the scheduler has so many workers; give its address."""
    from distributed import Client  # noqa: PLC0415 - it takes half a second

    where = str(folder / ADDRESS)
    with Client(scheduler_file=where, timeout="120s") as client:  # type: ignore[no-untyped-call] # distributed types it not
        if workers:
            client.wait_for_workers(workers, timeout=120)
        return str(client.scheduler.address)
