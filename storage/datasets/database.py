"""Records as SQLite: a table each, foreign keys to editions and versions, full-text search."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.datasets.columns import Column
from storage.datasets.sheets import Write

_TYPES = {"integer": "INTEGER"}
"""All other kinds are text; lists, cells and boxes hold JSON, for SQLite's JSON functions."""
_UNSEARCHED = frozenset({"edition", "digest", "rank", "rowid"})
"""Columns that name rather than say something, or that FTS5 keeps for itself."""


class Database:
    """One SQLite file, written from nothing: the same records give the same bytes."""

    def __init__(self, path: Path) -> None:
        """Begin an empty file at `path`."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        # Nobody reads it before it is whole, so that a journal would only cost time.
        for setting in ("journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file."""
        if kind is None:
            self._connection.execute("COMMIT")
        self._connection.close()

    def table(
        self,
        name: str,
        told: Sequence[Column],
        *,
        key: str | None = None,
        refers: Mapping[str, str] | None = None,
    ) -> Write:
        """Make a table; give what writes records to it.

        Args:
            name: the table's.
            told: its columns.
            key: the column that names a row.
            refers: column -> the table to whose column of the same name it refers.
        """
        refers = {c: t for c, t in (refers or {}).items() if c in {each.name for each in told}}
        made = [_column(column, column.name == key, refers.get(column.name)) for column in told]
        self._connection.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(made)})")
        for column in refers:
            index = _quoted(f"{name}_{column}")
            self._connection.execute(f"CREATE INDEX {index} ON {_quoted(name)} ({_quoted(column)})")
        places = ", ".join("?" * len(told))
        insert = f"INSERT INTO {_quoted(name)} VALUES ({places})"  # noqa: S608 - quoted above

        def write(rows: Sequence[tuple[str | int | None, ...]]) -> None:
            self._connection.executemany(insert, rows)

        return write

    def make_searchable(self, name: str, told: Sequence[Column]) -> None:
        """Index a table's texts, once they are all written: `issued_fts` searches `issued`."""
        texts = [c.name for c in told if c.kind in {"text", "list"} and c.name not in _UNSEARCHED]
        if not texts:
            return
        index = _quoted(f"{name}_fts")
        listed = ", ".join(map(_quoted, texts))
        self._connection.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5({listed}, content={_quoted(name)})"
        )
        self._connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608 - quoted above

    def view_by_version(self, name: str) -> None:
        """Show a rolling table as each version has it: `checks_by_version` has all of them."""
        self._connection.execute(
            f"CREATE VIEW {_quoted(f'{name}_by_version')} AS "  # noqa: S608 - quoted above
            "SELECT versions.version AS of_version, versions.digest AS of_digest, records.* "
            f"FROM versions JOIN {_quoted(name)} AS records ON records.edition = versions.edition "
            "AND versions.version BETWEEN records.version AND records.last_version "
            "WHERE versions.parser IS NOT NULL"
        )


def _column(column: Column, is_key: bool, refers: str | None) -> str:  # noqa: FBT001 - private
    name = _quoted(column.name)
    told = f"{name} {_TYPES.get(column.kind, 'TEXT')}"
    told += " PRIMARY KEY" if is_key else ""
    return told + (f" REFERENCES {_quoted(refers)} ({name})" if refers else "")


def _quoted(name: str) -> str:
    """Quote a name as SQL has it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'
