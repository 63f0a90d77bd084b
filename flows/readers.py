"""Those who read a backfill's documents: processes of this machine, or a Dask cluster."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Self

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, PrefectWrappedFuture
from prefect.task_runners import TaskRunner

from flows import extraction
from flows.desk import Done
from flows.extraction import Extracted, Task

ANSWERS_WITHIN_S: Final = 5.0
"""A scheduler that is there says who it is within milliseconds."""


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


def _read(future: Future[Extracted]) -> Extracted | None:
    """Give what was read; None where that failed."""
    return None if future.cancelled() or future.exception() else future.result()


@task(name="reading", task_run_name="{what.digest}", cache_policy=NO_CACHE)
def reading(what: Task) -> Extracted:
    """Read one document, see `extraction.extract`, on another machine."""
    return extraction.extract(what)


class Cluster:
    """Readers that are Prefect's tasks, wherever the flow's task runner has them done."""

    def submit(self, task: Task, done: Done) -> None:
        """Hand a document over, see `desk.Readers`."""
        future: PrefectFuture[Extracted] = reading.submit(task)
        future.add_done_callback(lambda each: done(_extracted(each)))


def _extracted(future: PrefectFuture[Extracted]) -> Extracted | None:
    """Give what was read; None where that failed, or whoever read it died."""
    if isinstance(future, PrefectWrappedFuture):
        wrapped: Any = future.wrapped_future
        if wrapped.exception() is not None:
            return None
    future.wait()
    return future.result() if future.state.is_completed() else None


def absent(dask: str) -> str | None:
    """Say why there is no cluster at an address, in a sentence; None where there is one."""
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
    if found == "Scheduler":
        return None
    return (
        f"no Dask scheduler answers at {dask}: start one with `dask scheduler`, or leave --dask out"
    )


async def _identity(dask: str, security: dict[str, Any]) -> str:
    """Ask whoever listens there what it is, as Dask's own parts do."""
    from distributed import rpc  # noqa: PLC0415 - as above

    there = rpc(dask, timeout=ANSWERS_WITHIN_S, connection_args=security)  # type: ignore[no-untyped-call] # as above
    async with there:
        identity = await asyncio.wait_for(there.identity(), ANSWERS_WITHIN_S)
    return str(identity["type"])


def runner(dask: str) -> TaskRunner[Any]:
    """Give the task runner that has tasks done by a Dask cluster.

    Args:
        dask: address of its scheduler, as `tcp://10.0.0.1:8786`.
    """
    # Dask takes half a second to import.
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415

    return DaskTaskRunner(address=dask)
