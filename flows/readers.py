"""Those who read a backfill's documents: processes of this machine, or a Dask cluster."""

import asyncio
import logging
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

from prefect.context import FlowRunContext

from flows import extraction
from flows.desk import Done
from flows.extraction import Extracted, Task
from flows.remedies import Trouble

if TYPE_CHECKING:
    from distributed import Future
    from prefect.task_runners import TaskRunner
    from prefect_dask.task_runners import DaskTaskRunner

ANSWERS_WITHIN_S: Final = 5.0
"""A scheduler that is there says who it is within milliseconds."""

logger = logging.getLogger("recordkeep")


class Processes:
    """Readers that are processes of this machine, each started and waited for by a thread.

    They are no tasks of Prefect's: its server took a tenth of two processors for those, and the
    flow kept 3 KB of each until its end.
    """

    def __init__(self, number: int) -> None:
        """Have so many read at a time."""
        self._threads = ThreadPoolExecutor(number, "reading")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Begin nothing more, and wait for what is being read."""
        self._threads.shutdown(cancel_futures=True)

    def submit(self, task: Task, done: Done) -> None:
        """Hand a document over, see `desk.Readers`."""
        future = self._threads.submit(extraction.extract, task)
        future.add_done_callback(lambda each: done(_read(each)))

    def missing(self) -> str | None:
        """Miss nobody: a process that ends is told of, see `desk.Readers`."""


def _read(future: futures.Future[Extracted]) -> Extracted | None:
    """Give what was read; None where that failed."""
    return None if future.cancelled() or future.exception() else future.result()


class Cluster:
    """Readers on the Dask cluster that the flow's task runner reaches.

    They are no tasks of Prefect's: with each of those its settings travel, keys and passwords among
    them, and each worker asks a Prefect server, or begins one of its own. What travels is a `Task`.
    """

    def __init__(self, there: "DaskTaskRunner") -> None:
        """Have documents read by whom a flow's task runner reaches, see `runner`."""
        self._there = there
        self._sent: dict[str, Future[Extracted]] = {}  # Dask forgets what nobody holds
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take nothing back any more.

        What is still there is cancelled with Dask's client, by when to ask for it would never end.
        """
        self._is_over = True

    def submit(self, task: Task, done: Done) -> None:
        """Hand a document over, see `desk.Readers`; a cluster that is lost takes none."""
        try:
            future = self._there.client.submit(extraction.extract, task, pure=False)  # type: ignore[no-untyped-call] # distributed types it not
            self._sent[task.digest] = future
        except Exception as error:  # noqa: BLE001 - whatever it is: the document is read elsewhere
            self._lost(task, error, done)
        else:
            future.add_done_callback(lambda each: self._take_back(task, each, done))

    def _take_back(self, task: Task, future: "Future[Extracted]", done: Done) -> None:
        """Give what was read; None where that failed, or whoever read it died or is out of reach.

        What a cluster has done may be lost with it before it is here: only to ask for it tells.
        What a document is said to be in its way may be in the worker's: a folder that is not
        mounted there. Read here, what is wrong shows.
        """
        if self._is_over:
            return
        self._sent.pop(task.digest, None)
        try:
            came: Extracted = future.result()
        except Exception as error:  # noqa: BLE001 - in a thread of Dask's, where it would be lost
            self._lost(task, error, done)
        else:
            if came.trouble:
                self._lost(task, came.trouble, done)
            else:
                done(came)

    def _lost(self, task: Task, why: Exception | Trouble, done: Done) -> None:
        """Give nothing for a document that was not read; say why, while anybody waits for it."""
        if not self._is_over:
            said = why.says if isinstance(why, Trouble) else f"{type(why).__name__}: {why}"
            first = next(iter(said.splitlines()), "")
            logger.info("%s %s… was not read there: %s", task.source, task.digest[:12], first)
        done(None)

    def missing(self) -> str | None:
        """Look whether the cluster is there, see `desk.Readers`."""
        return absent(self._there.address) if self._there.address else None


def absent(dask: str) -> str | None:
    """Say why no cluster reads at an address, in a sentence; None where one does."""
    # Dask takes half a second to import.
    from distributed.security import Security  # noqa: PLC0415

    security: dict[str, Any] = Security().get_connection_args("client")  # type: ignore[no-untyped-call] # distributed types it not
    if dask.startswith("tls:") and security["ssl_context"] is None:
        return (
            f"{dask} wants certificates: name them in Dask's configuration (distributed.comm.tls)"
        )
    try:
        # In a thread of its own, which has no other loop.
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(lambda: asyncio.run(_identity(dask, security))).result()
    except (OSError, MemoryError, ValueError):  # of what is no Dask the length of an answer is read
        found = None
    if found is None or found["type"] != "Scheduler":
        how = "start one with `dask scheduler`, or leave --dask out"
        return f"no Dask scheduler answers at {dask}: {how}"
    if not found["workers"]:
        how = f"start one with `dask worker {dask}`, or leave --dask out"
        return f"the Dask scheduler at {dask} has no workers: {how}"
    return None


async def _identity(dask: str, security: dict[str, Any]) -> dict[str, Any]:
    """Ask whoever listens there what it is, and whom it has, as Dask's own parts do."""
    from distributed import rpc  # noqa: PLC0415 - as above

    there = rpc(dask, timeout=ANSWERS_WITHIN_S, connection_args=security)  # type: ignore[no-untyped-call] # as above
    async with there:
        identity: dict[str, Any] = await asyncio.wait_for(there.identity(), ANSWERS_WITHIN_S)
    return identity


def of_flow() -> Cluster:
    """Give the readers on the cluster that the running flow's task runner reaches.

    Raises:
        ValueError: it reaches none.
    """
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - Dask takes half a second

    run = FlowRunContext.get()
    if run is None or not isinstance(run.task_runner, DaskTaskRunner):
        raise ValueError("on_cluster: the flow's task runner reaches no Dask cluster")
    return Cluster(run.task_runner)


def runner(dask: str) -> "TaskRunner[Any]":
    """Give the task runner that reaches a Dask cluster.

    Args:
        dask: address of its scheduler, as `tcp://10.0.0.1:8786`.
    """
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - as above

    return DaskTaskRunner(address=dask)
