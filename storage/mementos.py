"""Sightings by the Wayback Machine: which of its captures were taken in, and whose bytes they are.

The Archive's index knows bodies by a digest of its own (CDX: base32 SHA-1 of the body as stored).
What was learned of such a digest holds for every capture that bears it: one of them played back
gives the bytes of all. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from storage.archived import MementoRef, captured_at
from storage.timeline import RefoldError

_PLACEHOLDER = "sha1-"
"""Begins the name of a document of which only the CDX digest is known."""

_NONE: Mapping[str, tuple[str, ...]] = {}
"""Shared by the entries of what no capture is known of, as what the agency gave us itself."""

Place = tuple[str, str, str]
"""Host, path and query of an address, see `place`."""
Refs = list[tuple[MementoRef, str | None]]
"""Captures, and whose bytes they were told to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MementoEntry:
    """All that is known of one CDX digest."""

    digest: str | None = None
    """SHA-256 of its bytes (of a listing page: of the page as kept); None while nobody has them."""
    confirmed: bool = False
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    """Address -> timestamps of the captures that are folded."""
    is_error: bool = False
    """Whether what was played back is an error page."""

    @property
    def is_worthless(self) -> bool:
        """Whether its captures say nothing; where bytes are known besides, these stand."""
        return self.is_error and self.digest is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceEntry:
    """The captures of one address that were a 404 or 410."""

    edition: str | None
    """What was missing; None where the address was of no one edition, and then proves nothing."""
    timestamps: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    """Those of them at which it stood at another address, as far as is known: they prove nothing.
    Indexes of before that was asked have none, as they told no edition that stood at several."""

    @property
    def counted(self) -> tuple[str, ...]:
        """Those that are an absence of the edition."""
        if self.edition is None:
            return ()
        return tuple(each for each in self.timestamps if each not in self.elsewhere)


def unheld(cdx_digest: str) -> str:
    """Name a document of which only the CDX digest is known."""
    return f"{_PLACEHOLDER}{cdx_digest.lower()}"


def is_unheld(digest: str) -> bool:
    """Whether a document is named so."""
    return digest.startswith(_PLACEHOLDER)


def address(mementos: Mapping[str, MementoEntry], digest: str) -> str | None:
    """Give where a document of which nobody has the bytes was first seen; None where unknown."""
    seen = [
        (timestamps[0], url)
        for cdx_digest, entry in mementos.items()
        if unheld(cdx_digest) == digest
        for url, timestamps in entry.rows.items()
    ]
    return min(seen)[1] if seen else None


def captures(mementos: Mapping[str, MementoEntry]) -> dict[str, tuple[str, ...]]:
    """Give the captures of each document: digest (or name) -> their timestamps, in order of time.

    As often as it was captured then: once for each address.
    """
    found: dict[str, list[str]] = {}
    for cdx_digest, entry in mementos.items():
        if entry.rows and not entry.is_worthless:
            told = found.setdefault(entry.digest or unheld(cdx_digest), [])
            told += (each for timestamps in entry.rows.values() for each in timestamps)
    return {digest: tuple(sorted(told)) for digest, told in found.items()}


@lru_cache(1 << 14)  # each fold asks it of all addresses
def place(url: str) -> Place:
    """Give what the Archive's index merges: http and https, `www.` and none, case."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.path.lower() or "/", parts.query.lower()


def is_below(address: Place, folder: Place) -> bool:
    """Whether a place lies below another, as a prefix search finds it."""
    return address[0] == folder[0] and address[1].startswith(folder[1])


def told(
    known: Mapping[str, MementoEntry],
    refs: Iterable[tuple[MementoRef, str | None]],
    errors: Iterable[str] = (),
) -> dict[str, MementoEntry]:
    """Learn whose bytes CDX digests stand for.

    Where two are claimed (the Archive once played back something else), the one that was confirmed
    stands, else the first in text order: whatever the order of learning, all come to the same.

    Args:
        known: what is known so far.
        refs: captures, and whose bytes they were told to be.
        errors: CDX digests that were told to be of error pages.

    Raises:
        RefoldError: captures were folded as those of other bytes, or left out as worthless.
    """
    found, touched = dict(known), set[str]()
    for ref, digest in refs:
        entry = found.get(ref.digest, MementoEntry())
        if digest and not is_unheld(digest):
            claims = [(not ref.confirmed, digest)]
            claims += [(not entry.confirmed, entry.digest)] if entry.digest else []
            doubtful, best = min(claims)
            entry = replace(entry, digest=best, confirmed=not doubtful)
        found[ref.digest] = entry
        touched.add(ref.digest)
    for cdx_digest in errors:
        found[cdx_digest] = replace(found.get(cdx_digest, MementoEntry()), is_error=True)
        touched.add(cdx_digest)
    for cdx_digest in touched & known.keys():
        before = known[cdx_digest]
        was_used = before.rows or before.is_worthless
        if was_used and _stands_for(before) != _stands_for(found[cdx_digest]):
            raise RefoldError
    return found


def _stands_for(entry: MementoEntry) -> tuple[str | None, bool]:
    return entry.digest, entry.is_worthless


def of(mementos: Mapping[str, MementoEntry], ref: MementoRef) -> str | None:
    """Give whose bytes captures are: the SHA-256, or a name made of the CDX digest.

    None where they are of an error page.
    """
    entry = mementos[ref.digest]
    return None if entry.is_worthless else entry.digest or unheld(ref.digest)


def take(mementos: dict[str, MementoEntry], ref: MementoRef) -> tuple[datetime, ...]:
    """Take in captures that are not folded yet; give their times."""
    entry = mementos[ref.digest]
    rows = entry.rows.get(ref.url, ())
    fresh = sorted({*ref.timestamps} - {*rows})
    if fresh:
        rows = tuple(sorted({*rows, *fresh}))
        mementos[ref.digest] = replace(entry, rows={**entry.rows, ref.url: rows})
    return tuple(map(captured_at, fresh))


def missing(mementos: Mapping[str, MementoEntry], ref: MementoRef) -> tuple[str, ...]:
    """Give those of the timestamps that are not folded yet."""
    entry = mementos.get(ref.digest)
    known = {*entry.rows.get(ref.url, ())} if entry else set()
    return tuple(each for each in ref.timestamps if each not in known)
