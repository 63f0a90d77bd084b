"""What a run writes down: observations, listing pages seen, and in its last part how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.archived import MementoRef
from storage.ledger import RunSummary
from storage.model import SCHEMA, Json, Outcome, iso, moment
from storage.redirects import Redirect
from storage.searches import Searched
from storage.timeline import State

Evidence = Literal[
    "capture",
    "body",
    "not-modified",
    "listed",
    "absent",
    "not-there",
    "none",
    "memento",
    "error-page",
]
"""On what an observation rests: a capture that it wrote (which is itself the sighting), the whole
bytes again, a 304, the link alone, a page without the link, a 404 or 410, nothing, captures that
the Wayback Machine's index lists, or such captures that are of an error page, whatever their
status: they say nothing of the edition, and are not fetched again."""

SIGHTS: frozenset[Evidence] = frozenset({"body", "not-modified", "memento"})
"""Evidence that the digest stood there, beyond the capture fact itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one look at one edition found; also that nothing had changed."""

    at: datetime
    edition: str
    outcome: Outcome
    evidence: Evidence
    url: str | None = None
    digest: str | None = None
    detail: str | None = None
    """One sentence, where a person may ask why."""
    last_modified: str | None = None
    etag: str | None = None
    """The validators that came with the whole bytes, verbatim."""
    tables: tuple[str, ...] = ()
    """Keys of tables filed or found for it that the index did not know before."""
    linked: bool = True
    """False where the agency's page no longer links to the address that was asked."""
    claim: str | None = None
    """The edition that the link or the address claims, where it is not `edition`."""
    memento: MementoRef | None = None
    """The Archive's captures that it rests on; each is a sighting at its own time."""

    @property
    def absence(self) -> State | None:
        """What it says of the edition's not being there; None if it says nothing of that.

        One 404 is `missing` and proves nothing: servers answer so under load. What an address
        goes on serving that no page links to is `delisted` all the same.
        """
        if self.outcome == "gone":
            return "gone"
        if self.evidence == "not-there":
            return "missing"
        unlinked = self.outcome == "delisted" or (not self.linked and self.digest is not None)
        return "delisted" if unlinked else None

    @property
    def sighted(self) -> MementoRef | None:
        """The Archive's captures that are sightings; None where they found nothing."""
        return None if self.absence or self.evidence == "error-page" else self.memento

    def to_json(self) -> Json:
        """Shape: the fields by name; what is None or empty is left out."""
        shown: Json = {"at": iso(self.at), "edition": self.edition, "outcome": self.outcome}
        shown |= {"evidence": self.evidence}
        for name in ("url", "digest", "detail", "last_modified", "etag", "claim"):
            if getattr(self, name) is not None:
                shown[name] = getattr(self, name)
        shown |= {"tables": list(self.tables)} if self.tables else {}
        shown |= {"memento": self.memento.to_json()} if self.memento else {}
        return shown | ({} if self.linked else {"linked": False})

    @classmethod
    def from_json(cls, value: Json) -> "Observation":
        """Read what `to_json` wrote."""
        parsed: Json = {"at": moment(value["at"]), "tables": tuple(value.get("tables", ()))}
        return cls(**value | parsed | _memento(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSeen:
    """A notice as it stood on a page."""

    kind: str
    text: str
    said_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """A listing page, or robots.txt, as one run saw it."""

    at: datetime
    url: str
    digest: str
    """Of the page as kept: the first one seen with this content."""
    ext: str
    content: str
    """SHA-256 of its links and notices; a page is kept again only when this changes."""
    notices: tuple[NoticeSeen, ...] = ()
    memento: MementoRef | None = None
    """The Archive's captures of it; each is a sighting at its own time."""

    def to_json(self) -> Json:
        """Shape: the fields by name."""
        notices = [{"kind": n.kind, "text": n.text, "said_on": n.said_on} for n in self.notices]
        shown: Json = {"at": iso(self.at), "url": self.url, "digest": self.digest}
        shown |= {"ext": self.ext, "content": self.content, "notices": notices}
        return shown | ({"memento": self.memento.to_json()} if self.memento else {})

    @classmethod
    def from_json(cls, value: Json) -> "PageSeen":
        """Read what `to_json` wrote."""
        notices = tuple(NoticeSeen(**notice) for notice in value["notices"])
        return cls(**value | {"at": moment(value["at"]), "notices": notices} | _memento(value))


def _memento(value: Json) -> Json:
    """Read the captures of the Archive's that an observation or page rests on, if any."""
    return {"memento": MementoRef.from_json(value["memento"])} if "memento" in value else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPart:
    """One stored part of a run's record."""

    source: str
    run: str
    """The run's id: 12 hex digits."""
    part: int
    """From 1."""
    flow: str
    started_at: datetime
    observations: tuple[Observation, ...] = ()
    pages: tuple[PageSeen, ...] = ()
    linked: tuple[str, ...] = ()
    """Where something was missed: the editions that the agency's pages linked to, and the digests
    of documents there that print none. Empty where each known document prints its own."""
    redirects: tuple[Redirect, ...] = ()
    """The Archive's captures of redirects that were played back."""
    searched: Searched | None = None
    """What the Archive's index was asked for in a backfill that took in all that it has."""
    summary: RunSummary | None = None
    """How the run ended; only in its last part. A run without one died."""

    def to_json(self) -> Json:
        """Shape: the fields by name; `searched`, `redirects`, `linked` only where there are any."""
        shown: Json = {"searched": self.searched.to_json()} if self.searched else {}
        shown |= {"linked": list(self.linked)} if self.linked else {}
        shown |= {"redirects": [e.to_json() for e in self.redirects]} if self.redirects else {}
        return shown | {
            "schema": SCHEMA,
            "source": self.source,
            "run": self.run,
            "part": self.part,
            "flow": self.flow,
            "started_at": iso(self.started_at),
            "observations": [each.to_json() for each in self.observations],
            "pages": [each.to_json() for each in self.pages],
            "summary": self.summary.to_json() if self.summary else None,
        }

    @classmethod
    def from_json(cls, value: Json) -> "RunPart":
        """Read what `to_json` wrote."""
        known = {name: value[name] for name in cls.__dataclass_fields__ if name in value}
        parsed: Json = {
            "searched": Searched.from_json(value["searched"]) if "searched" in value else None,
            "linked": tuple(value.get("linked", ())),
            "redirects": tuple(map(Redirect.from_json, value.get("redirects", ()))),
            "started_at": moment(value["started_at"]),
            "observations": tuple(Observation.from_json(o) for o in value["observations"]),
            "pages": tuple(PageSeen.from_json(page) for page in value["pages"]),
            "summary": RunSummary.from_json(value["summary"]) if value["summary"] else None,
        }
        return cls(**known | parsed)
