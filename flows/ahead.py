"""Fetching ahead: while one document is taken down, the next ones come in and their bytes are kept.

Each step is done by a thread of its own, in the order of the items: nobody is asked for two things
at once, nor in another order, nor sooner than politeness allows. What has come while the store was
busy is kept together.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MOST = 12
"""So many items are under way at once: a run that dies repeats no more than these."""

Item = TypeVar("Item")
Fetched = TypeVar("Fetched")
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[Fetched, Kept]):
    """What comes of one item."""

    fetched: "Future[Fetched]"
    kept: "Future[Kept]" = field(default_factory=Future)


class Ahead(Generic[Fetched, Kept]):
    """The items under way, first to last. What comes of them is taken in the same order."""

    def __init__(
        self,
        begin: "Iterator[Future[Fetched]]",
        keep: Callable[[Sequence[Fetched]], Sequence[Kept]],
        keeping: ThreadPoolExecutor,
    ) -> None:
        """Begin the first ones; `begin` begins to fetch one more each time that it is asked."""
        self._begin = begin
        self._keep = keep
        self._keeping = keeping
        self._under_way: deque[_UnderWay[Fetched, Kept]] = deque()
        self._to_keep: deque[_UnderWay[Fetched, Kept]] = deque()
        self._fill()

    def take(self) -> Kept:
        """Wait for what comes of the next item; give it, or raise what a step raised."""
        taken = self._under_way.popleft()
        self._fill()
        return taken.kept.result()

    def stop(self) -> bool:
        """Begin nothing more; whether something that was begun is still to be taken."""
        self._begin = iter(())
        while self._under_way and self._under_way[-1].fetched.cancel():
            self._under_way.pop()
        return bool(self._under_way)

    def _fill(self) -> None:
        while len(self._under_way) < MOST and (fetched := next(self._begin, None)):
            begun: _UnderWay[Fetched, Kept] = _UnderWay(fetched)
            self._under_way.append(begun)
            self._to_keep.append(begun)
            self._keeping.submit(self._keep_what_came)

    def _keep_what_came(self) -> None:
        """Wait for the next item that nobody kept; keep it, and those after it that are there."""
        came: list[tuple[_UnderWay[Fetched, Kept], Fetched]] = []
        while self._to_keep and (not came or self._to_keep[0].fetched.done()):
            item = self._to_keep.popleft()
            with suppress(CancelledError):
                if error := item.fetched.exception():
                    item.kept.set_exception(error)
                else:
                    came.append((item, item.fetched.result()))
        try:
            kept = self._keep([fetched for _, fetched in came]) if came else ()
        except BaseException as error:  # noqa: BLE001 - whoever takes the items is to see it
            for item, _ in came:
                item.kept.set_exception(error)
        else:
            for (item, _), each in zip(came, kept, strict=True):
                item.kept.set_result(each)


@contextmanager
def ahead(
    items: Iterable[Item],
    fetch: Callable[[Item], Fetched],
    keep: Callable[[Sequence[Fetched]], Sequence[Kept]],
) -> Generator[Ahead[Fetched, Kept]]:
    """Fetch and keep items ahead of whoever takes them, for as long as the block lasts.

    When the block ends, what is being fetched is waited for, and nothing more is begun.

    Args:
        items: what to fetch, in order.
        fetch: the first step; done for one item at a time.
        keep: the second step, done for a few items at a time, in order, while the next is being
            fetched; gives what comes of each.
    """
    fetching = ThreadPoolExecutor(1, thread_name_prefix="fetching")
    keeping = ThreadPoolExecutor(1, thread_name_prefix="keeping")
    try:
        yield Ahead((fetching.submit(fetch, item) for item in items), keep, keeping)
    finally:
        fetching.shutdown(cancel_futures=True)
        keeping.shutdown(cancel_futures=True)
