"""Fetching ahead: while one document is taken down, the next ones come in and their bytes are kept.

Each step is done by a thread of its own, in the order of the items: nobody is asked for two things
at once, nor in another order, nor sooner than politeness allows.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

MOST = 4
"""So many items are under way at once: a run that dies repeats no more than these."""

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")
Kept = TypeVar("Kept")


class Ahead(Generic[Kept]):
    """The items under way, first to last. What comes of them is taken in the same order."""

    def __init__(self, begin: Iterator[tuple[Future[object], Future[Kept]]]) -> None:
        """Begin the first ones; `begin` begins one more each time that it is asked."""
        self._begin = begin
        self._under_way: deque[tuple[Future[object], Future[Kept]]] = deque()
        self._fill()

    def take(self) -> Kept:
        """Wait for what comes of the next item; give it, or raise what a step raised."""
        _, kept = self._under_way.popleft()
        self._fill()
        return kept.result()

    def stop(self) -> bool:
        """Begin nothing more; whether something that was begun is still to be taken."""
        self._begin = iter(())
        while self._under_way and self._under_way[-1][0].cancel():
            self._under_way.pop()
        return bool(self._under_way)

    def _fill(self) -> None:
        while len(self._under_way) < MOST and (begun := next(self._begin, None)):
            self._under_way.append(begun)


@contextmanager
def ahead(
    items: Iterable[Item], fetch: Callable[[Item], Fetched], keep: Callable[[Fetched], Kept]
) -> Generator[Ahead[Kept]]:
    """Fetch and keep items ahead of whoever takes them, for as long as the block lasts.

    When the block ends, what is being fetched is waited for, and nothing more is begun.

    Args:
        items: what to fetch, in order.
        fetch: the first step; done for one item at a time.
        keep: the second step, done for one item at a time while the next is being fetched.
    """
    fetching = ThreadPoolExecutor(1, thread_name_prefix="fetching")
    keeping = ThreadPoolExecutor(1, thread_name_prefix="keeping")

    def begun() -> Iterator[tuple[Future[object], Future[Kept]]]:
        for item in items:
            fetched: Future[Fetched] = fetching.submit(fetch, item)
            yield fetched, keeping.submit(_after, fetched, keep)  # type: ignore[misc] # only cancelled

    try:
        yield Ahead(begun())
    finally:
        fetching.shutdown(cancel_futures=True)
        keeping.shutdown(cancel_futures=True)


def _after(fetched: "Future[Fetched]", keep: Callable[[Fetched], Kept]) -> Kept:
    return keep(fetched.result())
