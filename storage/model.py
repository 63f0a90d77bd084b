"""The vocabulary: what the pipeline's parts hand to one another, as plain values.

Standard library only: the one module of storage that scrapers import. Each value knows its JSON
form (`to_json`, `from_json`); stored JSON is always `canonical`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

SCHEMA = 1
"""Schema number of every JSON object that is stored; raised when its meaning changes."""

Json = dict[str, Any]
"""One decoded JSON object, at the edge where it is read or written."""

FieldValue = str | int | tuple[str, ...] | None
"""A typed field: text, a count, an ISO date or month as text, a list of texts, or nothing."""

Reason = Literal[
    "not-a-pdf",
    "damaged",
    "encrypted",
    "no-text-layer",
    "unrecognised-layout",
    "too-large",
    "timed-out",
]
"""Why a document was refused (quarantined)."""

Outcome = Literal[
    "new",
    "revision",
    "amendment",
    "reissue",
    "unchanged",
    "delisted",
    "gone",
    "returned",
    "quarantined",
    "blocked",
    "failed",
]
"""What became of one edition in one run."""

NEWS: frozenset[Outcome] = frozenset({"new", "revision", "amendment", "reissue"})
"""Outcomes that tell of a version which no run has told of before."""

NEEDS_A_PERSON: frozenset[Outcome] = frozenset({"quarantined", "blocked", "failed"})
"""Outcomes that make a run `incomplete`."""


def canonical(value: object, *, sort: bool = True) -> bytes:
    """Encode as the one JSON text that equal values share, in UTF-8 with one line feed.

    Keys are sorted, but where their order says something, as that of a table's columns.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=sort, separators=(",", ":"))
    text += "\n"  # in place: a list of all pages, say, is not copied once more
    return text.encode()


def iso(moment: datetime) -> str:
    """Write an aware datetime as `2017-03-20T14:00:00.000000Z`: text order is time order."""
    # `strftime` does not pad years before 1000, and what it writes of them nobody can read.
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read what `iso` wrote.

    Raises:
        ValueError: `text` is no ISO time with a zone.
    """
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return parsed.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days that an edition covers, both included."""

    start: date
    end: date

    def to_json(self) -> Json:
        """Shape: `{"start": "2017-01-28", "end": "2017-02-03"}`."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_json(cls, value: Json) -> "Period":
        """Read what `to_json` wrote."""
        return cls(start=date.fromisoformat(value["start"]), end=date.fromisoformat(value["end"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An edition as the agency's page links to it; nothing fetched yet."""

    source: str
    edition: str | None
    """What the link or file name claims, as `2017-01-28`; None where it claims nothing."""
    url: str
    title: str
    """The link's text, white space folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on a page."""

    page: int
    """From 1."""
    box: tuple[float, float, float, float]
    """x0, top, x1, bottom in PDF points of the page as displayed, from its top left corner."""

    def to_json(self) -> Json:
        """Shape: `{"page": 1, "box": [72.0, 90.5, 540.0, 120.25]}`, rounded to 1/100 point."""
        return {"page": self.page, "box": [round(edge, 2) for edge in self.box]}

    @classmethod
    def from_json(cls, value: Json) -> "Box":
        """Read what `to_json` wrote."""
        x0, top, x1, bottom = value["box"]
        return cls(page=value["page"], box=(x0, top, x1, bottom))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of a table: typed fields, and what the page says."""

    fields: Mapping[str, FieldValue]
    cells: Mapping[str, str]
    """Heading as printed -> cell text as printed, in the order of the columns."""
    boxes: tuple[Box, ...]
    """Where the row stands; more than one where it runs over a page's end."""

    def to_json(self) -> Json:
        """Shape: the fields, then `cells`, `page` (where it begins) and `boxes`."""
        typed = {k: list(v) if isinstance(v, tuple) else v for k, v in self.fields.items()}
        places = {"page": self.boxes[0].page, "boxes": [box.to_json() for box in self.boxes]}
        return {**typed, "cells": dict(self.cells), **places}

    @classmethod
    def from_json(cls, value: Json) -> "Record":
        """Read what `to_json` wrote."""
        fields = {
            name: tuple(field_) if isinstance(field_, list) else field_
            for name, field_ in value.items()
            if name not in {"cells", "page", "boxes"}
        }
        boxes = tuple(Box.from_json(box) for box in value["boxes"])
        return cls(fields=fields, cells=value["cells"], boxes=boxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that the document should agree with, and whether it does."""

    name: str
    passed: bool
    expected: str | int | None
    found: str | int | None
    rows: tuple[int, ...] = ()
    """Which records disagree, from 1, where the check is about records."""

    def to_json(self) -> Json:
        """Shape: the fields by name; `rows` only where there are some."""
        shown: Json = {"name": self.name, "passed": self.passed}
        shown |= {"expected": self.expected, "found": self.found}
        return shown | ({"rows": list(self.rows)} if self.rows else {})

    @classmethod
    def from_json(cls, value: Json) -> "Check":
        """Read what `to_json` wrote."""
        return cls(**value | {"rows": tuple(value.get("rows", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What extraction made of one document: tables, or the reason why there are none."""

    source: str
    parser: int
    digest: str
    pages: int | None
    """How many pages the document has; None where that could not be found out."""
    status: Literal["complete", "flagged", "quarantined"]
    edition: str | None = None
    """By the period that the document prints (or `rolling`); None where it prints none."""
    period: Period | None = None
    title: str | None = None
    reason: Reason | None = None
    """Set exactly when `status` is `quarantined`."""
    detail: str | None = None
    """One sentence on the reason, for a person: what was found where something else was due."""
    page: int | None = None
    """The page, from 1, at which the reason stands; None where it is about the whole file."""
    totals: Mapping[str, int | None] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    tables: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    text_digest: str | None = None
    """SHA-256 of the text without page furniture: differs in an amendment, not in a reissue."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> the fields that name a record, by which versions are compared."""
    notes: tuple[str, ...] = ()
    """How it was read where that was out of the ordinary, as `page 7: read by pdfminer`."""

    def to_json(self) -> Json:
        """Shape: as DESIGN §6 prints it for `extract --json`, with `detail` and `text_digest`."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "edition": self.edition,
            "status": self.status,
            "period": self.period.to_json() if self.period else None,
            "title": self.title,
            "reason": self.reason,
            "detail": self.detail,
            "page": self.page,
            "parser": self.parser,
            "digest": self.digest,
            "pages": self.pages,
            "totals": dict(self.totals),
            "checks": [check.to_json() for check in self.checks],
            "tables": {n: [r.to_json() for r in rows] for n, rows in self.tables.items()},
            "text_digest": self.text_digest,
            "keys": {name: list(fields) for name, fields in self.keys.items()},
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: Json) -> "Reading":
        """Read what `to_json` wrote."""
        known = {name: value[name] for name in cls.__dataclass_fields__}
        tables = {
            name: tuple(Record.from_json(row) for row in rows)
            for name, rows in value["tables"].items()
        }
        parsed: Json = {
            "period": Period.from_json(value["period"]) if value["period"] else None,
            "checks": tuple(Check.from_json(check) for check in value["checks"]),
            "tables": tables,
            "keys": {name: tuple(fields) for name, fields in value["keys"].items()},
            "notes": tuple(value["notes"]),
        }
        return cls(**known | parsed)
