"""What is known of each document (one digest): captures, readings, refusals, decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from storage.model import Json, Period

Status = Literal["complete", "flagged", "quarantined", "released", "unread", "not-held"]
"""`not-held` is a version of which only sightings are known, and no bytes."""
Kind = Literal["new", "revision", "amendment", "reissue"]
UNKNOWN = "unknown-"
"""Begins the name of an edition that nothing claims, nor prints."""
_NONE: Mapping[Any, Any] = {}
"""Shared by entries that have nothing of a kind, as most that a backfill makes: with one each, the
index would take a tenth more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRef:
    """One capture of a document, as far as the index needs it."""

    key: str
    at: datetime
    url: str
    edition: str | None
    """The listing's claim."""
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one parser read from a document, without the records themselves."""

    key: str
    parser: int
    edition: str | None
    period: Period | None
    title: str | None
    status: Literal["complete", "flagged"]
    flags: tuple[str, ...]
    """Names of the checks that failed."""
    counts: Mapping[str, int]
    """Table -> number of records."""
    totals: Mapping[str, int | None]
    text_digest: str | None
    records_digest: str
    groups: Mapping[str, str]
    """Rolling editions only: table and first key (as `checks 2019-12`) -> digest of its records."""
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> the typed fields that any of its records has, in text order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a document could not be read, the last time that it was tried."""

    key: str
    parser: int
    reason: str
    detail: str | None
    page: int | None
    at: datetime
    limits: Json
    """With which limits of the sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about a document."""

    key: str
    at: datetime
    kind: Literal["release", "accept-parser"]
    why: str
    who: str
    parser: int | None = None
    """The parser accepted as current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How an address last served a document: what a conditional request needs."""

    at: datetime
    last_modified: str | None
    etag: str | None
    archived: bool = False
    """Whether it served the Wayback Machine so, and never us."""

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """What is told to us stands before what the Archive was told, then the newest."""
        return (not self.archived, self.at, str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """All that is known of one digest."""

    digest: str
    ext: str = ""
    """Empty while no capture is known."""
    size_bytes: int = 0
    captures: tuple[CaptureRef, ...] = ()
    """By time. None where only sightings of it are known."""
    observed: tuple[datetime, str] | None = None
    """When an observation first told of it, and as which edition."""
    served: Mapping[str, Served] = field(default_factory=lambda: _NONE)
    """Address -> the last time that the whole bytes came from there."""
    shown: Mapping[str, tuple[datetime, datetime]] = field(default_factory=lambda: _NONE)
    """Address -> the first and the last time that the agency itself showed it to us there, if only
    by saying that it had not changed. What the Wayback Machine saw is told by its captures."""
    tables: Mapping[int, Table] = field(default_factory=lambda: _NONE)
    """Parser -> what it read."""
    refusals: Mapping[int, Refusal] = field(default_factory=lambda: _NONE)
    """Parser -> why it refused."""
    decisions: tuple[Decision, ...] = ()
    """By time."""
    is_reported: bool = False
    """Whether a run has told of it; while none has (one died), it is still news."""
    claims: Mapping[str, datetime] = field(default_factory=lambda: _NONE)
    """Edition that later sightings of it claimed -> when first; those of captures stand there."""

    @property
    def url(self) -> str | None:
        """Where it was first found; None where no address is known."""
        return self.captures[0].url if self.captures else min(self.served, default=None)

    @property
    def last_modified(self) -> str | None:
        """What the agency's server said when `url` last gave these bytes whole; None: nothing."""
        served = self.served.get(self.url or "")
        return served.last_modified if served else None

    @property
    def table(self) -> Table | None:
        """The current reading: the one accepted by a person, else the first parser's."""
        if len(self.tables) == 1:  # as with nearly all, and asked many times of each
            return next(iter(self.tables.values()))
        for decision in reversed(self.decisions):
            accepted = self.tables.get(decision.parser or 0)
            if decision.kind == "accept-parser" and accepted:
                return accepted
        return self.tables[min(self.tables)] if self.tables else None

    @property
    def printed(self) -> str | None:
        """The edition of the period that the document prints; None where it prints none."""
        return self.table.edition if self.table else None

    @property
    def edition(self) -> str:
        """By the period that the document prints, else by the claim, else by its digest."""
        if printed := self.printed:
            return printed
        claims = [(c.at, c.edition) for c in self.captures if c.edition]
        claims += [(at, edition) for edition, at in self.claims.items()]
        if not claims and not self.captures and self.observed:
            return self.observed[1]
        return min(claims)[1] if claims else self._unclaimed

    @property
    def names(self) -> frozenset[str]:
        """As which editions it was ever known, the one that it is of now included."""
        known = {self.edition, self._unclaimed, *self.claims}
        known |= {capture.edition for capture in self.captures if capture.edition}
        known |= {table.edition for table in self.tables.values() if table.edition}
        return frozenset(known | ({self.observed[1]} if self.observed else set()))

    @property
    def _unclaimed(self) -> str:
        return f"{UNKNOWN}{self.digest[:12]}"

    @property
    def status(self) -> Status:
        """`quarantined` while nothing could be read and nobody has decided."""
        if table := self.table:
            return "flagged" if self.is_misfiled else table.status
        if any(decision.kind == "release" for decision in self.decisions):
            return "released"
        if self.refusals:
            return "quarantined"
        return "unread" if self.captures else "not-held"

    @property
    def is_misfiled(self) -> bool:
        """Whether a listing claimed another edition than the document prints."""
        printed = self.printed
        if not printed:
            return False
        claims = (*self.claims, *(capture.edition for capture in self.captures))
        return any(claim not in {None, printed} for claim in claims)

    @property
    def is_version(self) -> bool:
        """Whether it counts as a version.

        What is quarantined does not; nor does what a person released that is no PDF, as an error
        page that stood at a report's address.
        """
        if self.tables:
            return True
        status = self.status
        return self.ext == "pdf" if status == "released" else status != "quarantined"

    def served_us(self, url: str) -> Served | None:
        """Give how an address last served us its whole bytes, with whose validators to ask it.

        Those that the Archive was told prove nothing of what stands there now: a server that has
        an older file since says of them, too, that it has not changed.
        """
        served = self.served.get(url)
        return None if served is None or served.archived else served

    def with_served(self, url: str, served: Served) -> "DocumentEntry":
        """Give the same with what is known of whole bytes that came from an address."""
        known = self.served.get(url)
        if known and known.order >= served.order:
            return self
        return replace(self, served={**self.served, url: served})

    def with_shown(self, url: str, at: datetime) -> "DocumentEntry":
        """Give the same with one more time at which the agency showed it to us."""
        first, last = self.shown.get(url, (at, at))
        return replace(self, shown={**self.shown, url: (min(first, at), max(last, at))})


def kind(before: DocumentEntry | None, after: DocumentEntry) -> Kind:
    """Say what a document is beside the one that stood there before it.

    A `revision` changed records, an `amendment` only text, a `reissue` only bytes. In a rolling
    edition, a version that only adds groups of records (a month) is `new`.
    """
    if before is None:
        return "new"
    old, new = _comparable(before, after)
    if old is None or new is None:
        return "revision"
    if old.parser != new.parser and old.text_digest == new.text_digest:
        return "reissue"
    if old.records_digest != new.records_digest:
        only_added = bool(old.groups) and old.groups.items() <= new.groups.items()
        return "new" if only_added else "revision"
    return "reissue" if old.text_digest == new.text_digest else "amendment"


def _comparable(before: DocumentEntry, after: DocumentEntry) -> tuple[Table | None, Table | None]:
    """Prefer readings by one parser: another parser's records may differ by our doing."""
    shared = before.tables.keys() & after.tables.keys()
    if shared:
        return before.tables[max(shared)], after.tables[max(shared)]
    return before.table, after.table


def latest(told: Iterable[tuple[str, datetime, DocumentEntry]]) -> dict[str, DocumentEntry]:
    """Give address -> the document of which the latest time was told there."""
    found: dict[str, tuple[datetime, str, DocumentEntry]] = {}
    for url, at, document in told:
        before = found.get(url)
        if before is None or (at, document.digest) > before[:2]:
            found[url] = (at, document.digest, document)
    return {url: document for url, (_, _, document) in found.items()}
