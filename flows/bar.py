"""The progress bar on a terminal (rich, which takes a fifth of a second to import)."""

import logging
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from flows.plain import plain

T = TypeVar("T")


class Rate(ProgressColumn):
    """How many are done in a second, or in a minute where it is slow; nothing before the first."""

    def render(self, task: Task) -> Text:
        """Say it in a few letters."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f} a second" if speed >= 1 else f"{speed * 60:.1f} a minute")


class _Console(Console):
    """A terminal that shows its cursor: who ends the command at once would be left without."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: FBT001, FBT002 - as rich has it
        """Leave it as it is."""
        del show
        return False


@dataclass(slots=True)
class Bar:
    """Shows how far the work has come, see `flows.progress.Progress`."""

    name: str
    shown: Progress

    def says(self, text: str) -> None:
        """Say what is being done, above the bar."""
        said = plain(f"{self.name} {text}")
        self.shown.console.print(said, highlight=False, markup=False)

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items under a bar with their number, rate and time left."""
        if items:
            yield from self.shown.track(items, description=f"{self.name} {what}")


@contextmanager
def drawn(name: str, console: Console | None = None) -> Generator[Bar]:
    """Draw on standard error for as long as the block lasts; the log's lines run above."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    handlers = [
        handler
        for handler in logging.getLogger("recordkeep").handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    with Progress(*columns, console=console or _Console(stderr=True)) as shown:
        before = [(handler, handler.setStream(sys.stderr)) for handler in handlers]
        try:
            yield Bar(name, shown)
        finally:
            for handler, stream in before:
                if stream:
                    handler.setStream(stream)
