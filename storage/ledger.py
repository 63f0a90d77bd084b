"""The manifest as values: which documents, editions, versions, sightings and tables one source has.

`storage/manifest.py` folds facts into it; the catalogue and the flows read it; `storage/sealed.py`
is how it is stored.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from storage import layout, mementos
from storage.alerts import Alert
from storage.archived import captured_at
from storage.documents import DocumentEntry, Kind, Status, Table, kind, latest
from storage.likeness import unlike
from storage.mementos import AbsenceEntry, MementoEntry
from storage.model import Json, Outcome, iso, moment
from storage.needs import Need
from storage.redirects import Targets
from storage.searches import Days
from storage.timeline import Span, Standing, State, as_of, found_removed, removal

RULES = 6
"""Number of the rules of folding; raised whenever the same facts give another manifest. One of
other rules says nothing wrong, but is folded anew before anything is added to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the agency said on a listing page, and when we saw it say so."""

    kind: str
    text: str
    said_on: str | None
    url: str
    page: str
    """Digest of the page as kept."""
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """One distinct state of a listing page (its links and notices), as kept."""

    digest: str
    ext: str
    url: str
    content: str
    """SHA-256 of its links and notices: what makes it distinct."""
    first: datetime
    last: datetime
    count: int
    archived: int = 0
    """How many of those sightings are the Wayback Machine's …"""
    looked: datetime | None = None
    """… and, where some are, when we ourselves saw it last; None: never."""

    @property
    def looked_at(self) -> datetime | None:
        """When we ourselves saw it last at the agency; None if only the Archive did."""
        return self.looked if self.archived else self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run ended. `to_json` is what `recordkeep run --json` prints, and more."""

    run: str
    flow: str
    source: str
    started_at: datetime
    finished_at: datetime
    status: Literal["complete", "incomplete"]
    outcomes: Mapping[str, Outcome]
    requests: int
    bytes_received: int
    overdue: bool
    messages: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    """What a person must see to. Each is among the messages too, unless they are very many."""
    alerts: tuple[Alert, ...] = ()
    """What was told to those who are to hear of it; empty where nobody is named."""
    stopped: bool = False
    """Whether the run was asked to stop before its end: the next one goes on."""

    def to_json(self) -> Json:
        """Shape: the fields by name, times as ISO text."""
        return {
            "run": self.run,
            "flow": self.flow,
            "source": self.source,
            "started_at": iso(self.started_at),
            "finished_at": iso(self.finished_at),
            "status": self.status,
            "outcomes": dict(self.outcomes),
            "requests": self.requests,
            "bytes_received": self.bytes_received,
            "overdue": self.overdue,
            "messages": list(self.messages),
            "needs": [need.to_json() for need in self.needs],
            "alerts": [alert.to_json() for alert in self.alerts],
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, value: Json) -> "RunSummary":
        """Read what `to_json` wrote."""
        known = {name: value[name] for name in cls.__dataclass_fields__ if name in value}
        times = {name: moment(value[name]) for name in ("started_at", "finished_at")}
        needs = tuple(Need(**need) for need in value["needs"])
        alerts = tuple(Alert.from_json(alert) for alert in value.get("alerts", ()))
        told = {"messages": tuple(value["messages"]), "needs": needs, "alerts": alerts}
        return cls(**known | times | told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One distinct document of an edition, in its place among the others."""

    number: int
    """From 1, by earliest sighting (ties by digest). A backfill may shift it."""
    kind: Kind
    """What it was beside the version before it."""
    document: DocumentEntry
    first_seen: datetime
    last_seen: datetime
    unlike: tuple[str, ...] = ()
    """How it differs from the edition before as an agency would hardly do on purpose."""

    @property
    def status(self) -> Status:
        """The document's, or `flagged` where it is unlike the edition before."""
        status = self.document.status
        return "flagged" if self.unlike and status == "complete" else status

    @property
    def flags(self) -> tuple[str, ...]:
        """The checks that failed within the document, and how it is unlike the edition before."""
        table = self.document.table
        return (*(table.flags if table else ()), *self.unlike)


@dataclass(frozen=True)
class Manifest:
    """The index of one source: the fold of all its facts."""

    source: str
    documents: Mapping[str, DocumentEntry] = field(default_factory=dict)
    """By digest."""
    timelines: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """Edition -> spans in order of time."""
    pages: Mapping[str, PageEntry] = field(default_factory=dict)
    """By digest."""
    notices: Mapping[str, Notice] = field(default_factory=dict)
    """By text."""
    last_runs: Mapping[str, RunSummary] = field(default_factory=dict)
    """Flow -> how it ended last."""
    last_complete_at: datetime | None = None
    """When a weekly run last ended `complete`: the site was looked at successfully."""
    last_new_at: datetime | None = None
    """When a run last told of something `new`."""
    last_news_at: datetime | None = None
    """When a run last told of something new, revised, amended or reissued."""
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    """Key of an event -> what a person was told of it last."""
    mementos: Mapping[str, MementoEntry] = field(default_factory=dict)
    """By CDX digest: what was learned of the Wayback Machine's captures."""
    absences: Mapping[str, AbsenceEntry] = field(default_factory=dict)
    """By address: the captures of the Wayback Machine's that found nothing there."""
    redirects: Mapping[str, Targets] = field(default_factory=dict)
    """By address: where it led when the Wayback Machine captured it as a redirect."""
    misnamed: tuple[str, ...] = ()
    """Names under which runs took absences down that were of another edition, in text order."""
    searched: Mapping[str, tuple[Days, ...]] = field(default_factory=dict)
    """By address, or folder: the days whose captures were asked for at the Archive, and loaded."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Key -> SHA-256 of every object folded."""
    rules: int = RULES
    """By which rules of folding it was made."""

    @cached_property
    def by_edition(self) -> Mapping[str, tuple[DocumentEntry, ...]]:
        """Edition -> its documents, versions or not; editions in text order, which is time's."""
        grouped: dict[str, list[DocumentEntry]] = {name: [] for name in self.timelines}
        for document in self.documents.values():
            grouped.setdefault(document.edition, []).append(document)
        return {name: tuple(grouped[name]) for name in sorted(grouped)}

    @cached_property
    def by_address(self) -> Mapping[str, DocumentEntry]:
        """Address -> the document whose whole bytes it served last."""
        told = (
            (url, served.at, d) for d in self.documents.values() for url, served in d.served.items()
        )
        return latest(told)

    @cached_property
    def by_showing(self) -> Mapping[str, DocumentEntry]:
        """Address -> the document that the agency itself showed us there last.

        What only the Wayback Machine saw there hides none of them: it is the same whether the past
        was loaded before or not.
        """
        told = (
            (url, last, d) for d in self.documents.values() for url, (_, last) in d.shown.items()
        )
        return latest(told)

    @cached_property
    def archived(self) -> Mapping[str, tuple[str, ...]]:
        """Digest -> timestamps of the Wayback Machine's captures of it, see `mementos.captures`."""
        return mementos.captures(self.mementos)

    @property
    def newest(self) -> datetime | None:
        """When the newest folded fact was written; None before the first one."""
        times = [layout.written_at(k) for k in self.facts if layout.kind(k) in layout.TIMED]
        return max(times, default=None)

    def versions(self, edition: str) -> tuple[Version, ...]:
        """Give an edition's versions, first to last; none for an edition that is not held."""
        told = self._versions(edition)
        before = self._table_before(edition) if any(v.document.table for v in told) else None
        if before is None:
            return told
        return tuple(
            replace(v, unlike=tuple(unlike(before, v.document.table))) if v.document.table else v
            for v in told
        )

    def _table_before(self, edition: str) -> Table | None:
        """Give the current reading of the newest edition before this one, that has any."""
        names = self._names
        known = (names[at] for at in reversed(range(bisect_left(names, edition))))
        latest = (self.latest(name) for name in known)
        return next((each.table for each in latest if each and each.table), None)

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.timelines)

    def _versions(self, edition: str) -> tuple[Version, ...]:
        seen: dict[str, list[Span]] = {}
        for each in self.timelines.get(edition, ()):
            if each.digest:
                seen.setdefault(each.digest, []).append(each)
        # Not by way of `by_edition`: a run asks this after each fact, of one edition.
        held = [self.documents[digest] for digest in seen if digest in self.documents]
        documents = [d for d in held if d.is_version and d.edition == edition]
        documents.sort(key=lambda d: (seen[d.digest][0].first, d.digest))
        return tuple(
            Version(
                number=number,
                kind=kind(documents[number - 2] if number > 1 else None, document),
                document=document,
                first_seen=seen[document.digest][0].first,
                last_seen=seen[document.digest][-1].last,
            )
            for number, document in enumerate(documents, start=1)
        )

    def as_of(self, edition: str, at: datetime) -> Standing | None:
        """Say what stood at the edition at that time; None if nothing had been seen."""
        versions = {
            digest: frozenset(map(captured_at, self.archived.get(digest, ())))
            for digest in (version.document.digest for version in self._versions(edition))
        }
        return as_of(self.timelines.get(edition, ()), at, versions=versions)

    def latest(self, edition: str) -> DocumentEntry | None:
        """Give what the agency last showed of the edition; None for an edition not held."""
        spans = self.timelines.get(edition, ())
        digests = frozenset(v.document.digest for v in self._versions(edition))
        shown = [each.digest for each in spans if each.digest in digests]
        return self.documents[shown[-1]] if shown and shown[-1] else None

    def removal(self, edition: str) -> State | None:
        """Give how the agency took the edition away (`delisted`, `gone`); None if it shows it."""
        return removal(self.timelines.get(edition, ()))

    def found_removed(self, edition: str) -> State | None:
        """Give how we last found it taken away ourselves; None where we saw it since, or never did.

        What a run looks for goes by this: that the Archive met it, or a 404, since we last came
        says nothing of links, and may be known before the run or only later.
        """
        return found_removed(self.timelines.get(edition, ()))

    def is_removed(self, edition: str) -> bool:
        """Whether the last thing known of the edition is that the agency no longer shows it."""
        return self.removal(edition) is not None

    def without_facts(self) -> "Manifest":
        """Give the same without its list of facts: what two histories are compared by."""
        return replace(self, facts={})
