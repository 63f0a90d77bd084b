"""Records as JSON: what they say, apart from where they stand; and a reading's summary."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from storage.digests import digest_of
from storage.documents import Table
from storage.model import Json, Reading

_NO_FIELDS = frozenset({"cells", "page", "boxes"})
"""What a record has besides its typed fields."""


def summary(key: str, body: Json) -> Table:
    """Make of a stored reading what the index keeps of it: digests and counts, no records.

    The names that recur are interned: read from JSON, each document would have texts of its own.
    """
    reading = Reading.from_json({**body, "tables": {}})
    said = {name: [told(row) for row in rows] for name, rows in body["tables"].items()}
    return Table(
        key=key,
        parser=reading.parser,
        edition=reading.edition,
        period=reading.period,
        title=reading.title,
        status="flagged" if reading.status == "flagged" else "complete",
        flags=tuple(sys.intern(check.name) for check in reading.checks if not check.passed),
        counts={sys.intern(name): len(rows) for name, rows in said.items()},
        totals={sys.intern(name): number for name, number in reading.totals.items()},
        text_digest=reading.text_digest,
        records_digest=digest_of(said),
        groups=_groups(body["tables"], reading.keys) if reading.edition == "rolling" else {},
        filled={sys.intern(name): _filled(rows) for name, rows in body["tables"].items()},
    )


def _filled(rows: list[Json]) -> tuple[str, ...]:
    """Name the typed fields that any record has."""
    typed = {name for row in rows for name, value in row.items() if value}
    return tuple(map(sys.intern, sorted(typed - _NO_FIELDS)))


def told(row: Json) -> list[Any]:
    """What a record says, without where it stands and how its headings are worded."""
    fields = {k: v for k, v in row.items() if k not in _NO_FIELDS}
    return [fields, sorted(row["cells"].values())]


def _groups(tables: dict[str, list[Json]], keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give a digest for each value of the first key field (a month), as of `checks 2019-12`."""
    grouped: dict[str, list[list[Any]]] = {}
    for name, rows in tables.items():
        for row in rows:
            grouped.setdefault(group(name, row, keys.get(name, ())), []).append(told(row))
    return {name: digest_of(rows)[:16] for name, rows in grouped.items()}


def group(table: str, row: Json, keys: Sequence[str]) -> str:
    """Name the group that a record of a rolling edition is of: table and first key's value."""
    return f"{table} {row.get(next(iter(keys), ''))}"
