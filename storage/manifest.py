"""The fold from facts to manifest. Pure: no clock, no store; the order of facts does not matter.

Each fact is folded once, by its key. Documents are folded first, then what runs observed of
them, so that a sighting finds the edition that the document itself names.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from storage import alerts, layout, mementos, pages, redirects, searches, sightings
from storage.capture import Capture
from storage.documents import UNKNOWN, CaptureRef, Decision, DocumentEntry, Refusal, Served, Table
from storage.errors import FixityError
from storage.http_dates import http_date
from storage.ledger import Manifest
from storage.mementos import MementoEntry
from storage.model import NEWS, Json, Reading
from storage.records import summary
from storage.runs import SIGHTS, Observation, RunPart

_LOOKS = "weekly"
"""The flow that looks at the agency's site; the others (audit, reparse) look at what is held."""
_LOADS = "backfill"
"""The flow that loads the past: what it finds new is as new as the agency says that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One immutable object of the archive, as read."""

    key: str
    sha256: str
    body: Json
    """Its JSON; of what stands below only the name that its key bears, and nothing of a page."""
    table: Table | None = None
    """A table's summary: its records, which may be megabytes, are not kept in memory."""
    capture: Capture | None = None
    part: RunPart | None = None


def fact(key: str, body: bytes) -> Fact:
    """Make a fact of an object as stored.

    Raises:
        FixityError: it is not readable as what its key says, or of something else.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    try:
        found = _read(key, sha256, body)
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise FixityError(key, expected="a readable fact", found=sha256) from error
    said = found.body.get("digest") or found.body.get("run") or sha256
    if said not in key:
        raise FixityError(key, expected="what its key says", found=sha256)
    return found


def _read(key: str, sha256: str, body: bytes) -> Fact:
    if layout.kind(key) == "pages":
        return Fact(key=key, sha256=sha256, body={})
    value = json.loads(body)
    if layout.kind(key) == "tables":
        table = summary(key, value)
        return Fact(key=key, sha256=sha256, body={"digest": value["digest"]}, table=table)
    if layout.kind(key) == "captures":
        return captured(key, sha256, Capture.from_json(value))
    if layout.kind(key) == "runs":
        return recorded(key, sha256, RunPart.from_json(value))
    _READERS[layout.kind(key)](value)
    return Fact(key=key, sha256=sha256, body=value)


_READERS: dict[str, Callable[[Json], object]] = {
    "quarantine": Reading.from_json,
    "decisions": lambda value: (value["digest"], value["kind"], value["why"], value["who"]),
}


def captured(key: str, sha256: str, capture: Capture) -> Fact:
    """Make a fact of a capture that is stored under that key."""
    return Fact(key=key, sha256=sha256, body={"digest": capture.digest}, capture=capture)


def recorded(key: str, sha256: str, part: RunPart) -> Fact:
    """Make a fact of a part of a run's record that is stored under that key."""
    return Fact(key=key, sha256=sha256, body={"run": part.run}, part=part)


def fold(manifest: Manifest, facts: Iterable[Fact]) -> Manifest:
    """Take further facts into a manifest; those that it has are passed over.

    Raises:
        RefoldError: what is new goes inside what was folded before; fold all facts into an
            empty manifest instead, which cannot raise.
    """
    fresh = [fact for fact in facts if not _has(manifest, fact)]
    if not fresh:
        return manifest  # with what was learned of it: a quiet week asks that of each edition
    fresh.sort(key=lambda fact: fact.key)
    parts = [fact.part for fact in fresh if fact.part]
    captures = [fact.capture for fact in fresh if fact.capture]
    taken = _told(manifest, captures, parts)
    observations = [_named(each, taken) for part in parts for each in part.observations]
    documents = dict(manifest.documents)
    touched = _fold_documents(documents, fresh)
    for observation in observations:
        if observation.digest:
            entry = _entry(documents, observation.digest)
            documents[observation.digest] = _observed(entry, observation)
            touched.add(observation.digest)
    timelines = sightings.moved(manifest, documents, touched)
    board, notices = dict(manifest.pages), dict(manifest.notices)
    pages.fold(board, notices, taken, [page for part in parts for page in part.pages])
    manifest = replace(manifest, documents=documents, timelines=timelines, mementos=taken)
    manifest = sightings.fold(manifest, captures, observations, parts)
    manifest = _fold_runs(manifest, parts) if parts else manifest
    return replace(
        manifest,
        pages=board,
        notices=notices,
        facts={**manifest.facts, **{fact.key: fact.sha256 for fact in fresh}},
    )


def _has(manifest: Manifest, fact: Fact) -> bool:
    """Whether an index knows what a fact says; it may name a table, and what it said be lost."""
    if fact.table is None:
        return fact.key in manifest.facts
    document = manifest.documents.get(fact.body["digest"])
    return document is not None and fact.table.parser in document.tables


def _told(
    manifest: Manifest, captures: list[Capture], parts: list[RunPart]
) -> dict[str, MementoEntry]:
    """Learn whose bytes the Archive's captures are."""
    observations = [o for part in parts for o in part.observations]
    refs: mementos.Refs = [(ref, c.digest) for c in captures for ref in c.archived_as]
    refs += [(o.sighted, o.digest) for o in observations if o.sighted]
    refs += [(page.memento, page.digest) for part in parts for page in part.pages if page.memento]
    errors = [o.memento.digest for o in observations if o.evidence == "error-page" and o.memento]
    if not refs and not errors:
        return dict(manifest.mementos)
    return mementos.told(manifest.mementos, refs, errors)


def _named(observation: Observation, taken: dict[str, MementoEntry]) -> Observation:
    """Give an observation of the Archive's captures with the bytes that they are known to be.

    Told without any, it bears the name that its address claims.
    """
    if observation.sighted is None:
        return observation
    is_claimed = observation.digest is None and not observation.edition.startswith(UNKNOWN)
    claim = observation.claim or (observation.edition if is_claimed else None)
    return replace(observation, digest=mementos.of(taken, observation.sighted), claim=claim)


def _fold_documents(documents: dict[str, DocumentEntry], fresh: list[Fact]) -> set[str]:
    """Fold what is said of documents; whatever is told of a digest first begins its entry.

    Returns:
        Digests of the documents of which something was said.
    """
    touched = set()
    for fact in fresh:
        folding = _FOLDS.get(layout.kind(fact.key))
        if folding:
            digest = fact.body["digest"]
            documents[digest] = folding(_entry(documents, digest), fact)
            touched.add(digest)
    return touched


def _entry(documents: dict[str, DocumentEntry], digest: str) -> DocumentEntry:
    return documents.get(digest) or DocumentEntry(digest=digest)


def _with_capture(entry: DocumentEntry, fact: Fact) -> DocumentEntry:
    capture = fact.capture
    if capture is None:
        raise TypeError(f"{fact.key} was not read by `fact`")
    ref = CaptureRef(
        key=fact.key,
        at=capture.at,
        url=capture.redirects[0] if capture.redirects else capture.url,
        edition=capture.edition,
        via=capture.via,
    )
    captures = tuple(sorted({*entry.captures, ref}, key=lambda each: (each.at, each.key)))
    served = Served(
        at=capture.at,
        last_modified=capture.headers.get("last-modified"),
        etag=capture.headers.get("etag"),
        archived=capture.via == "wayback",
    )
    entry = replace(entry, captures=captures, ext=capture.ext, size_bytes=capture.size_bytes)
    entry = entry.with_shown(ref.url, ref.at) if ref.via == "agency" else entry
    return entry.with_served(ref.url, served)


def _with_table(entry: DocumentEntry, fact: Fact) -> DocumentEntry:
    table = fact.table
    if table is None:
        raise TypeError(f"{fact.key} was not read by `fact`")
    return replace(entry, tables={**entry.tables, table.parser: table})


def _with_refusal(entry: DocumentEntry, fact: Fact) -> DocumentEntry:
    reading = Reading.from_json(fact.body)
    refusal = Refusal(
        key=fact.key,
        parser=reading.parser,
        reason=reading.reason or "unrecognised-layout",
        detail=reading.detail,
        page=reading.page,
        at=layout.written_at(fact.key),
        limits=fact.body["limits"],
    )
    before = entry.refusals.get(reading.parser)
    if before and before.key > refusal.key:
        return entry
    return replace(entry, refusals={**entry.refusals, reading.parser: refusal})


def _with_decision(entry: DocumentEntry, fact: Fact) -> DocumentEntry:
    decision = Decision(
        key=fact.key,
        at=layout.written_at(fact.key),
        kind=fact.body["kind"],
        why=fact.body["why"],
        who=fact.body["who"],
        parser=fact.body.get("parser"),
    )
    decisions = (*entry.decisions, decision)
    return replace(entry, decisions=tuple(sorted(decisions, key=lambda each: each.key)))


_FOLDS: dict[str, Callable[[DocumentEntry, Fact], DocumentEntry]] = {
    "captures": _with_capture,
    "tables": _with_table,
    "quarantine": _with_refusal,
    "decisions": _with_decision,
}


def _observed(document: DocumentEntry, observation: Observation) -> DocumentEntry:
    told = (observation.at, observation.edition)
    document = replace(
        document,
        observed=min(document.observed or told, told),
        is_reported=document.is_reported or observation.outcome in NEWS,
    )
    if observation.claim:
        at = min(observation.at, document.claims.get(observation.claim, observation.at))
        document = replace(document, claims={**document.claims, observation.claim: at})
    url, at = observation.url, observation.at
    if url is None or observation.evidence not in SIGHTS or observation.memento:
        return document
    document = document.with_shown(url, at)
    if observation.evidence != "body":
        return document
    served = Served(at=at, last_modified=observation.last_modified, etag=observation.etag)
    return document.with_served(url, served)


def _fold_runs(manifest: Manifest, parts: list[RunPart]) -> Manifest:
    runs, complete = dict(manifest.last_runs), [manifest.last_complete_at]
    summaries = [part.summary for part in parts if part.summary]
    for summary_ in summaries:
        last = runs.get(summary_.flow, summary_)
        runs[summary_.flow] = max(last, summary_, key=lambda each: (each.finished_at, each.run))
        if summary_.status == "complete" and summary_.flow == _LOOKS:
            complete.append(summary_.finished_at)
    told = [(_news_at(part, o), o.outcome) for part in parts for o in part.observations]
    news = [manifest.last_news_at, *(at for at, outcome in told if outcome in NEWS)]
    new = [manifest.last_new_at, *(at for at, outcome in told if outcome == "new")]
    return replace(
        manifest,
        last_runs=runs,
        last_complete_at=_latest(complete),
        last_new_at=_latest(new),
        last_news_at=_latest(news),
        redirects=redirects.fold(manifest.redirects, (r for part in parts for r in part.redirects)),
        searched=searches.fold(manifest.searched, (p.searched for p in parts if p.searched)),
        alerts=alerts.fold(manifest.alerts, (a for each in summaries for a in each.alerts)),
    )


def _news_at(part: RunPart, observation: Observation) -> datetime:
    """Say when what an observation tells of was news: the past that is loaded today is not."""
    modified = http_date(observation.last_modified) if part.flow == _LOADS else None
    return min(observation.at, modified or observation.at)


def _latest(times: list[datetime | None]) -> datetime | None:
    return max((at for at in times if at), default=None)
