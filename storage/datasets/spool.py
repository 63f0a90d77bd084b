"""Rows on their way into files: set aside on disk until all of their columns are known."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.datasets.columns import Column, Kind, learn, ordered
from storage.model import Json

_BATCH = 250
"""So many rows are in memory at a time, as values of Python; with four times as many, files took a
fifth longer to write, and 4 to 5 MiB more."""


class Spool:
    """The rows of one table, in order, in a file of lines."""

    def __init__(self, path: Path) -> None:
        """Begin an empty one at `path`."""
        self._path = path
        self._file = path.open("w", encoding="utf-8")
        self._kinds: dict[str, Kind] = {}
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def add(self, rows: Iterable[Json]) -> None:
        """Set rows aside, and learn their columns."""
        for row in rows:
            learn(self._kinds, row)
            self._file.write(json.dumps(row) + "\n")
            self.count += 1

    @property
    def columns(self) -> tuple[Column, ...]:
        """What columns the rows have, all together."""
        return ordered(self._kinds)

    def batches(self) -> Iterator[list[Json]]:
        """Give all rows, some at a time."""
        self._file.flush()
        batch: list[Json] = []
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                batch.append(json.loads(line))
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch
