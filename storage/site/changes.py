"""A page of what differs between a version and the one before it, record by record."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from storage.differences import Difference, tables
from storage.digests import digest_of
from storage.ledger import Notice, Version
from storage.model import Json, iso
from storage.site import addresses
from storage.site.making import Making
from storage.site.notices import beside
from storage.site.notices import told as told_of
from storage.site.tables import Column, columns

MOST = 1000
"""So many records of a table are shown as added, removed and changed each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How one table differs, as its section shows it."""

    name: str
    difference: Difference
    columns: list[Column]

    @property
    def line(self) -> str:
        """Say it in a line: `9 removed`."""
        numbers = {
            "added": len(self.difference.added),
            "removed": len(self.difference.removed),
            "changed": len(self.difference.changed),
        }
        return ", ".join(f"{n:,} {what}" for what, n in numbers.items() if n) or "no difference"

    @property
    def is_equal(self) -> bool:
        """Whether the table is the same in both."""
        return self.line == "no difference"


def part(older: Version, newer: Version) -> str:
    """Name the part of the site that is about a difference."""
    return f"changes {older.document.digest} {newer.document.digest}"


def pairs(versions: tuple[Version, ...]) -> list[tuple[Version, Version]]:
    """Give the versions that are compared: each with the one before it, where both were read."""
    return [
        (old, new) for old, new in pairwise(versions) if old.document.table and new.document.table
    ]


def state(making: Making, edition: str, older: Version, newer: Version) -> str:
    """Digest of what the page is made from."""
    return digest_of(
        [
            edition,
            [[v.number, v.kind, v.document.table and v.document.table.key] for v in (older, newer)],
            [[v.document.digest, iso(v.first_seen)] for v in (older, newer)],
            told_of(beside(making.manifest, edition, newer)),
        ]
    )


def write(making: Making, edition: str, older: Version, newer: Version) -> str:
    """Write the page; give in a line what it says.

    Raises:
        FixityError, MissingError: a table is not as it was filed.
        StoreUnreachableError: the store did not answer.
    """
    old, new = making.reading(older.document), making.reading(newer.document)
    found = tables(_tables(old), _tables(new), new["keys"] if new else {})
    told = [
        Shown(name=name, difference=difference, columns=columns(list(_records(difference))))
        for name, difference in found.items()
    ]
    notices: list[Notice] = beside(making.manifest, edition, newer)
    key = addresses.changes(making.source, older.document.digest, newer.document.digest)
    making.put(
        "changes.html",
        key,
        edition=edition,
        origins=making.origins([older.document, newer.document]),
        older=older,
        newer=newer,
        tables=told,
        notices=notices,
        most=MOST,
    )
    return "; ".join(f"{each.name}: {each.line}" for each in told if not each.is_equal)


def _tables(reading: Json | None) -> dict[str, list[Json]]:
    return reading["tables"] if reading else {}


def _records(difference: Difference) -> Iterable[Json]:
    yield from difference.removed[:MOST]
    yield from difference.added[:MOST]
    for change in difference.changed[:MOST]:
        yield change.before
        yield change.after
