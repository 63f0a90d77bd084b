"""How far long work has come: a bar on a terminal, else a line now and then."""

import logging
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol, TypeVar

LINE_S = 30.0
"""Seconds from one line to the next."""
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


@dataclass(slots=True)
class Lines:
    """Tells the log."""

    name: str
    every_s: float = LINE_S
    _told_at: float = field(default_factory=monotonic)

    def says(self, text: str) -> None:
        """Say what is being done."""
        logger.info("%s %s", self.name, text)

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items, with a line now and then: how many, how fast, how long still."""
        began = monotonic()
        for number, item in enumerate(items):
            now = monotonic()
            if number and now - self._told_at >= self.every_s:
                self._told_at = now
                rate = number / max(now - began, 1e-9)
                left = (len(items) - number) / rate / 60
                done = f"{number} of {len(items)} {what}, {rate:.1f} a second"
                logger.info("%s %s, %.0f minutes left", self.name, done, left)
            yield item


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
