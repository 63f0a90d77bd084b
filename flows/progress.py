"""How far long work has come: a bar on a terminal, else a line now and then."""

import logging
import os
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, TypeVar

LINE_S = 30.0
"""Seconds from one line to the next, and until the first."""
MOST = 1000
"""A pace is that of so many items at most."""
T = TypeVar("T")
logger = logging.getLogger("recordkeep")


class Progress(Protocol):
    """Who is told how far the work has come."""

    def says(self, text: str) -> None:
        """Say what is being done."""
        ...

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items one after the other, and show how many are done and what is left."""
        ...


@dataclass(frozen=True, slots=True)
class Silent:
    """Tells nobody."""

    def says(self, text: str) -> None:
        """Say nothing."""

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items."""
        del what
        yield from items


SILENT = Silent()


class Pace:
    """How fast work comes along, and how long the rest of it takes at that.

    It is that of the items which were done in the latest half of the time, and of `MOST` at most:
    what an earlier run had done goes by in no time, and is soon no part of it.
    """

    def __init__(self, number: int) -> None:
        """Begin work on so many items."""
        self.number, self.done = number, 0
        self._began = monotonic()
        self._ends = deque([self._began], maxlen=MOST + 1)
        """When the latest items were done, the oldest first."""

    def step(self) -> None:
        """Take down that one more item is done."""
        self.done += 1
        self._ends.append(monotonic())
        half = (self._began + self._ends[-1]) / 2
        while len(self._ends) > 2 and self._ends[1] <= half:  # noqa: PLR2004 - one item's two ends
            self._ends.popleft()

    def __str__(self) -> str:
        """Say it in a few words: how many in what time, what time is left if any.

        Nothing before the first item is done.
        """
        if not self.done:
            return ""
        each_s = max((self._ends[-1] - self._ends[0]) / (len(self._ends) - 1), 1e-9)
        left = self.number - self.done
        return f"{_rate(each_s)}, {_time(left * each_s)} left" if left else _rate(each_s)


def _rate(each_s: float) -> str:
    """Say how many are done in the shortest time in which one is, given the seconds of each."""
    for unit_s, unit in ((1, "second"), (60, "minute")):
        if each_s <= unit_s:
            return f"{unit_s / each_s:,.1f} a {unit}"
    return f"{3600 / each_s:,.1f} an hour"


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if not minutes:
        return "less than a minute"
    return f"{minutes:,} minute{'s' * (minutes > 1)}"


@dataclass(frozen=True, slots=True)
class Lines:
    """Tells the log."""

    name: str
    every_s: float = LINE_S

    def says(self, text: str) -> None:
        """Say what is being done."""
        logger.info("%s %s", self.name, text)

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items, with a line now and then: how many, how fast, how long still."""
        pace, told_at = Pace(len(items)), monotonic()
        for item in items:
            if pace.done and monotonic() - told_at >= self.every_s:
                told_at = monotonic()
                logger.info("%s %d of %d %s, %s", self.name, pace.done, pace.number, what, pace)
            yield item
            pace.step()


def is_drawn_on() -> bool:
    """Whether standard error is a terminal on which what was drawn can be drawn over."""
    return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


@contextmanager
def shown(name: str) -> Generator[Progress]:
    """Show the progress of a source's run for as long as the block lasts."""
    if not is_drawn_on():
        yield Lines(name)
        return
    from flows.bar import drawn  # noqa: PLC0415 - rich, which only terminals need wait for

    with drawn(name) as bar:
        yield bar
