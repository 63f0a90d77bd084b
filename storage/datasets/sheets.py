"""Records as CSV: UTF-8, a heading line, blank for nothing, lists and raw cells as JSON."""

import csv
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from storage.datasets.columns import Column, harmless

Write = Callable[[Sequence[tuple[str | int | None, ...]]], None]
"""Takes rows as `columns.flat` gives them."""
_CRLF = "\r\n"


@dataclass(frozen=True, slots=True)
class _Lines:
    """Ends lines by a line feed alone.

    Python quotes a lone carriage return in a text, as everything that reads CSV needs it, only
    where lines end by one too.
    """

    into: TextIO

    def write(self, line: str) -> None:
        self.into.write(f"{line.removesuffix(_CRLF)}\n")


def sheet(into: TextIO, told: Sequence[Column]) -> Write:
    """Begin a CSV with its heading line; give what writes records to it.

    A text that a spreadsheet would take for a formula has an apostrophe before it; Parquet and
    SQLite have it as it is.
    """
    writer = csv.writer(_Lines(into), lineterminator=_CRLF)
    writer.writerow([harmless(column.name) for column in told])

    def write(rows: Sequence[tuple[str | int | None, ...]]) -> None:
        writer.writerows([harmless(value) for value in row] for row in rows)

    return write


@contextmanager
def csv_file(path: Path, told: Sequence[Column]) -> Generator[Write]:
    """Make a CSV file, to be written in pieces."""
    with path.open("w", encoding="utf-8", newline="") as file:
        yield sheet(file, told)
