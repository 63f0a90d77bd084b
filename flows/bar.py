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
    TextColumn,
)

from flows.plain import plain
from flows.progress import Pace

T = TypeVar("T")


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
        if not items:
            return
        pace = Pace(len(items))
        task = self.shown.add_task(f"{self.name} {what}", total=pace.number, pace="")
        for item in items:
            yield item
            pace.step()
            self.shown.update(task, completed=pace.done, pace=str(pace))


@contextmanager
def drawn(name: str, console: Console | None = None) -> Generator[Bar]:
    """Draw on standard error for as long as the block lasts; the log's lines run above."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
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
