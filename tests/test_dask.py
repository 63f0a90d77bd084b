"""Extraction on a Dask cluster: a real scheduler and two worker processes, one killed midway."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pikepdf
import pytest
from prefect.testing.utilities import prefect_test_harness

from flows import backfill, readers
from storage.catalogue import Catalogue
from storage.ledger import Manifest
from storage.stores import open_store
from tests.agency import AgencySite
from tests.histories import SOURCE, on
from tests.pasts import HOST
from tests.wayback import WaybackSite

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
WEEK = ROOT / "tests/sources/ice_ddor/week2.pdf"
DASK = str(Path(sys.executable).with_name("dask"))
DOCUMENTS = 6


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
    where = tmp_path / "scheduler.json"
    worker = (
        "worker",
        "--host",
        "127.0.0.1",
        "--scheduler-file",
        str(where),
        "--no-nanny",
        "--nthreads",
        "1",
    )
    with ExitStack() as stack:
        stack.enter_context(prefect_test_harness(server_startup_timeout=120))
        stack.enter_context(
            started(
                tmp_path,
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--scheduler-file",
                str(where),
            )
        )
        stack.enter_context(started(tmp_path, *worker))
        doomed = stack.enter_context(started(tmp_path, *worker, "--preload", "tests.doomed"))
        address = ready(where, workers=2)
        there = loaded(tmp_path / "there", archive, address)
        assert doomed.wait(timeout=60) == -signal.SIGKILL
        here = loaded(tmp_path / "here", archive, None)
    assert len(versions(here)) == DOCUMENTS
    assert versions(there) == versions(here)
    tables = [{key: sha for key, sha in m.facts.items() if "tables" in key} for m in (there, here)]
    assert tables[0] == tables[1]
    assert len(tables[0]) == DOCUMENTS


def ready(where: Path, *, workers: int) -> str:
    """Wait until the scheduler has its workers; give its address."""
    from distributed import Client  # noqa: PLC0415 - it takes half a second

    with Client(scheduler_file=str(where), timeout="120s") as client:  # type: ignore[no-untyped-call] # distributed types it not
        client.wait_for_workers(workers, timeout=120)
        return str(client.scheduler.address)
