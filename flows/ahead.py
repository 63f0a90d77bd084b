"""Fetching ahead: while documents are kept and taken down, the next ones come in.

One thread fetches, in the order of the items: nobody is asked for two things at once, nor in
another order, nor sooner than politeness allows. Whoever takes the items keeps them, and what has
come while that was busy is kept together: the fuller its hands, the fewer waits for the store.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from flows.stopping import StoppedError

MOST = 24
"""So many items are under way at once: a run that dies repeats no more than these, and no more lie
in memory. From a server on the same machine half as many were 12 % slower."""
TOGETHER, MOMENT_S = MOST // 2, 0.005
"""So many are best kept together, and so long the first one waits for them: one wait for the disk
serves them all, which loads some 6 % faster. At a polite rate no second one comes so soon."""

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")
Kept = TypeVar("Kept")


class _Fetching(Generic[Item, Fetched]):
    """The thread that fetches, and what it has fetched."""

    def __init__(self, items: Iterable[Item], fetch: Callable[[Item], Fetched]) -> None:
        self.came: SimpleQueue[Fetched | BaseException] = SimpleQueue()
        """What came of each item, in order, be it an error."""
        self.begun = 0
        self.room: SimpleQueue[None] = SimpleQueue()
        """A token for each item that may be begun."""
        self._items = items
        self._fetch = fetch
        self._is_over = False
        self._beginning = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fetching")
        self._thread.start()

    def stop(self) -> int:
        """Begin nothing more; give how many were begun."""
        with self._beginning:
            self._is_over = True
            return self.begun

    def close(self) -> None:
        """Wait for what is being fetched."""
        self.stop()
        self.room.put(None)
        self._thread.join()

    def _run(self) -> None:
        for item in self._items:
            self.room.get()
            with self._beginning:
                if self._is_over:
                    return
                self.begun += 1
            try:
                self.came.put(self._fetch(item))
            except StoppedError as error:
                self.stop()
                self.came.put(error)
            except BaseException as error:  # noqa: BLE001 - whoever takes the items is to see it
                self.came.put(error)


class Ahead(Generic[Fetched, Kept]):
    """The items under way, first to last. What comes of them is taken in the same order."""

    def __init__(
        self,
        fetching: _Fetching[Item, Fetched],
        keep: Callable[[Sequence[Fetched]], Sequence[Kept]],
    ) -> None:
        """Begin the first ones."""
        self._fetching = fetching
        self._keep = keep
        self._kept: deque[Kept | BaseException] = deque()
        self._taken = 0
        for _ in range(MOST):
            fetching.room.put(None)

    def take(self) -> Kept:
        """Wait for what comes of the next item; give it, or raise what a step raised."""
        if not self._kept:
            self._kept.extend(self._keep_all(self._those_that_came()))
        taken = self._kept.popleft()
        self._taken += 1
        self._fetching.room.put(None)
        if isinstance(taken, BaseException):
            raise taken
        return taken

    def stop(self) -> bool:
        """Begin nothing more; whether something that was begun is still to be taken."""
        return self._fetching.stop() > self._taken

    def _those_that_came(self) -> list[Fetched | BaseException]:
        """Wait for the next item; give it, and those after it that are there or come at once."""
        came = [self._fetching.came.get()]
        until = time.monotonic() + MOMENT_S
        with suppress(Empty):
            while len(came) < TOGETHER and (left_s := until - time.monotonic()) > 0:
                came.append(self._fetching.came.get(timeout=left_s))
            while True:
                came.append(self._fetching.came.get_nowait())
        return came

    def _keep_all(self, came: list[Fetched | BaseException]) -> list[Kept | BaseException]:
        """Keep what can be kept; what was not fetched, or not kept, has its error instead."""
        fetched = [each for each in came if not isinstance(each, BaseException)]
        try:
            kept = iter(self._keep(fetched) if fetched else ())
        except Exception as error:  # noqa: BLE001 - each of them is to say so, in its turn
            return [each if isinstance(each, BaseException) else error for each in came]
        return [each if isinstance(each, BaseException) else next(kept) for each in came]


@contextmanager
def ahead(
    items: Iterable[Item],
    fetch: Callable[[Item], Fetched],
    keep: Callable[[Sequence[Fetched]], Sequence[Kept]],
) -> Generator[Ahead[Fetched, Kept]]:
    """Fetch items ahead of whoever takes and keeps them, for as long as the block lasts.

    When the block ends, what is being fetched is waited for, and nothing more is begun.

    Args:
        items: what to fetch, in order.
        fetch: the first step; done for one item at a time, in a thread of its own.
        keep: the second step, done for a few items at a time, in order, while the next is being
            fetched; gives what comes of each.
    """
    fetching = _Fetching(items, fetch)
    try:
        yield Ahead(fetching, keep)
    finally:
        fetching.close()
