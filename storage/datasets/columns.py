"""The columns of a table for other tools: their names and types, and how values fit into them.

One set of rules for Parquet, CSV and SQLite, in datasets, in the library and on the command line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from storage.model import Json, canonical

Kind = Literal["text", "integer", "list", "json", "time", "blank"]
"""`list` is of texts; `json` is text that holds JSON; `time` a moment in UTC, as ISO text until a
format has a better type; `blank` a column that holds nothing anywhere. Dates are text: reports
print months and days alike."""

JSON = frozenset({"cells", "boxes"})
TIMES = frozenset({"first_seen", "last_seen", "fetched_at"})
_NAMED: Mapping[str, Kind] = {**dict.fromkeys(JSON, "json"), **dict.fromkeys(TIMES, "time")}
_WORD = 2**63
"""Integers beyond it fit neither Arrow nor SQLite; a column that has one is of text."""
BEFORE = ("edition", "version", "last_version", "digest", "first_seen", "last_seen", "row")
"""Our columns before a record's fields."""
AFTER = ("page", "parser", "cells", "boxes")
"""Our columns after them."""
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet takes for the beginning of a formula, in full width too, as those set up for
East Asia do (OWASP, "CSV Injection"); an apostrophe makes it harmless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind


def own_name(field: str) -> str:
    """Name a record's field so that it is none of our columns: `printed_page`, say."""
    return f"printed_{field}" if field in {*BEFORE, *AFTER} else field


def learn(kinds: dict[str, Kind], row: Json) -> None:
    """Widen what is known of the columns, in their order, by one more record."""
    for name, value in row.items():
        kind = "blank" if value is None else _NAMED.get(name) or _kind(value)
        known = kinds.get(name)
        if kind != known:
            kinds[name] = _wider(known or "blank", kind)


def _kind(value: object) -> Kind:
    if isinstance(value, int):
        return "integer" if -_WORD <= value < _WORD else "text"
    return "list" if isinstance(value, list) else "text"


def _wider(one: Kind, other: Kind) -> Kind:
    if other in {one, "blank"}:
        return one
    return other if one == "blank" else "text"


def columns(rows: Iterable[Json]) -> tuple[Column, ...]:
    """Give the columns of some records, in the order of their first appearance."""
    kinds: dict[str, Kind] = {}
    for row in rows:
        learn(kinds, row)
    return ordered(kinds)


def ordered(kinds: Mapping[str, Kind]) -> tuple[Column, ...]:
    """Put our columns around the records' own, of which later versions may have brought more."""
    first = [name for name in BEFORE if name in kinds]
    last = [name for name in AFTER if name in kinds]
    fields = [name for name in kinds if name not in {*first, *last}]
    return tuple(Column(name=name, kind=kinds[name]) for name in (*first, *fields, *last))


def values(column: Column, rows: Sequence[Json]) -> list[Any]:
    """Give a column's values: None, or an int, a text or a list of texts, as the column has it."""
    found = [row.get(column.name) for row in rows]
    if column.kind == "integer":
        return found
    if column.kind == "list":
        return [None if value is None else [str(each) for each in value] for value in found]
    return [v if v is None or isinstance(v, str) else _text(v) for v in found]


def flat(told: Sequence[Column], rows: Sequence[Json]) -> list[tuple[str | int | None, ...]]:
    """Give rows for formats without lists: a list as JSON."""
    found = [values(column, rows) for column in told]
    for number, column in enumerate(told):
        if column.kind == "list":
            found[number] = [None if v is None else as_json(v) for v in found[number]]
    return list(zip(*found, strict=True))


def _text(value: object) -> str:
    return as_json(value) if isinstance(value, list | dict) else str(value)


def as_json(value: object) -> str:
    """Write JSON in one line, keys as they come: cells stand in the order of their columns."""
    return canonical(value, sort=False).decode().rstrip("\n")


def harmless(value: str | int | None) -> str | int | None:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe goes before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value
