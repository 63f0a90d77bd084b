"""The fold from facts to manifest. Pure: no clock, no store; the order of facts does not matter.

Each fact is folded once, by its key. Documents are folded first, then what runs observed of
them, so that a sighting finds the edition that the document itself names.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from storage import alerts, layout
from storage.documents import CaptureRef, Decision, DocumentEntry, Refusal, Served, Table
from storage.errors import FixityError
from storage.ledger import Manifest, Notice, PageEntry
from storage.model import NEWS, Capture, Json, Reading
from storage.records import summary
from storage.runs import SIGHTS, Observation, PageSeen, RunPart
from storage.timeline import RefoldError, Sighting, Span, add

_LOOKS = "weekly"
"""The flow that looks at the agency's site; the others (audit, reparse) look at what is held."""
_ENDS = 2
"""Of a span of no more sightings than this, each one's time is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One immutable object of the archive, as read."""

    key: str
    sha256: str
    body: Json
    """Its JSON; of a table only the digest, and empty for a kept page, whose key says all."""
    table: Table | None = None
    """A table's summary: its records, which may be megabytes, are not kept in memory."""


def fact(key: str, body: bytes) -> Fact:
    """Make a fact of an object as stored.

    Raises:
        FixityError: it is not readable as what its key says.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    if layout.kind(key) == "pages":
        return Fact(key=key, sha256=sha256, body={})
    try:
        value = json.loads(body)
        if layout.kind(key) == "tables":
            table = summary(key, value)
            return Fact(key=key, sha256=sha256, body={"digest": value["digest"]}, table=table)
        _READERS[layout.kind(key)](value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FixityError(key, expected="a readable fact", found=sha256) from error
    return Fact(key=key, sha256=sha256, body=value)


_READERS: dict[str, Callable[[Json], object]] = {
    "captures": Capture.from_json,
    "quarantine": Reading.from_json,
    "decisions": lambda value: (value["digest"], value["kind"], value["why"], value["who"]),
    "runs": RunPart.from_json,
}


def fold(manifest: Manifest, facts: Iterable[Fact]) -> Manifest:
    """Take further facts into a manifest; those that it has are passed over.

    Raises:
        RefoldError: what is new goes inside what was folded before; fold all facts into an
            empty manifest instead, which cannot raise.
    """
    fresh = [fact for fact in facts if fact.key not in manifest.facts]
    fresh.sort(key=lambda fact: fact.key)
    parts = [RunPart.from_json(f.body) for f in fresh if layout.kind(f.key) == "runs"]
    observations = [each for part in parts for each in part.observations]
    documents = dict(manifest.documents)
    _fold_documents(documents, fresh)
    for observation in observations:
        if observation.digest:
            entry = _entry(documents, observation.digest)
            documents[observation.digest] = _observed(entry, observation)
    timelines = _fold_moves(manifest, documents)
    manifest = replace(manifest, documents=documents, timelines=timelines)
    captures = [Capture.from_json(f.body) for f in fresh if layout.kind(f.key) == "captures"]
    manifest = _fold_sightings(manifest, captures, observations)
    manifest = _fold_pages(manifest, [page for part in parts for page in part.pages])
    manifest = _fold_runs(manifest, parts)
    return replace(manifest, facts={**manifest.facts, **{f.key: f.sha256 for f in fresh}})


def _fold_documents(documents: dict[str, DocumentEntry], fresh: list[Fact]) -> None:
    """Fold what is said of documents; whatever is told of a digest first begins its entry."""
    for fact in fresh:
        folding = _FOLDS.get(layout.kind(fact.key))
        if folding:
            digest = fact.body["digest"]
            documents[digest] = folding(_entry(documents, digest), fact)


def _entry(documents: dict[str, DocumentEntry], digest: str) -> DocumentEntry:
    return documents.get(digest) or DocumentEntry(digest=digest)


def _with_capture(entry: DocumentEntry, fact: Fact) -> DocumentEntry:
    capture = Capture.from_json(fact.body)
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
    )
    entry = replace(entry, captures=captures, ext=capture.ext, size_bytes=capture.size_bytes)
    return _served(entry, ref.url, served)


def _served(entry: DocumentEntry, url: str, served: Served) -> DocumentEntry:
    known = entry.served.get(url)
    if known and (known.at, str(known)) >= (served.at, str(served)):
        return entry
    return replace(entry, served={**entry.served, url: served})


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


def _fold_moves(
    manifest: Manifest, documents: dict[str, DocumentEntry]
) -> dict[str, tuple[Span, ...]]:
    """Move the sightings of documents that turned out to be of another edition than claimed."""
    timelines = dict(manifest.timelines)
    for digest, before in manifest.documents.items():
        edition = documents[digest].edition
        if documents[digest] is before or edition == before.edition:
            continue
        moved = timelines.pop(before.edition, ())
        if any(span.digest != digest or span.count > _ENDS for span in moved):
            raise RefoldError
        sightings = [
            Sighting(at=at, state="seen", digest=digest)
            for span in moved
            for at in (span.first, span.last)[: span.count]
        ]
        timelines[edition] = add(timelines.get(edition, ()), sightings)
    return timelines


def _fold_sightings(
    manifest: Manifest, captures: list[Capture], observations: list[Observation]
) -> Manifest:
    found: dict[str, list[Sighting]] = {}
    for capture in captures:
        sighting = Sighting(at=capture.at, state="seen", digest=capture.digest)
        found.setdefault(manifest.documents[capture.digest].edition, []).append(sighting)
    for observation in observations:
        if observation.absence:
            absent = Sighting(at=observation.at, state=observation.absence, digest=None)
            found.setdefault(observation.edition, []).append(absent)
        elif observation.digest and observation.evidence in SIGHTS:
            seen = Sighting(at=observation.at, state="seen", digest=observation.digest)
            found.setdefault(manifest.documents[observation.digest].edition, []).append(seen)
    timelines = dict(manifest.timelines)
    for edition, sightings in found.items():
        timelines[edition] = add(timelines.get(edition, ()), sightings)
    return replace(manifest, timelines=timelines)


def _observed(document: DocumentEntry, observation: Observation) -> DocumentEntry:
    told = (observation.at, observation.edition)
    document = replace(
        document,
        observed=min(document.observed or told, told),
        is_reported=document.is_reported or observation.outcome in NEWS,
    )
    if observation.evidence != "body" or observation.url is None:
        return document
    served = Served(
        at=observation.at, last_modified=observation.last_modified, etag=observation.etag
    )
    return _served(document, observation.url, served)


def _fold_pages(manifest: Manifest, seen: list[PageSeen]) -> Manifest:
    pages, notices = dict(manifest.pages), dict(manifest.notices)
    for page in seen:
        known = pages.get(page.digest)
        pages[page.digest] = PageEntry(
            digest=page.digest,
            ext=page.ext,
            url=page.url if known is None or page.at < known.first else known.url,
            content=page.content,
            first=min(page.at, known.first) if known else page.at,
            last=max(page.at, known.last) if known else page.at,
            count=known.count + 1 if known else 1,
        )
        for said in page.notices:
            before = notices.get(said.text)
            first = before is None or page.at < before.first
            notices[said.text] = Notice(
                kind=said.kind,
                text=said.text,
                said_on=said.said_on,
                url=page.url if before is None or first else before.url,
                page=page.digest if before is None or first else before.page,
                first=min(page.at, before.first) if before else page.at,
                last=max(page.at, before.last) if before else page.at,
            )
    return replace(manifest, pages=pages, notices=notices)


def _fold_runs(manifest: Manifest, parts: list[RunPart]) -> Manifest:
    runs, complete = dict(manifest.last_runs), [manifest.last_complete_at]
    summaries = [part.summary for part in parts if part.summary]
    for summary_ in summaries:
        last = runs.get(summary_.flow, summary_)
        runs[summary_.flow] = max(last, summary_, key=lambda each: (each.finished_at, each.run))
        if summary_.status == "complete" and summary_.flow == _LOOKS:
            complete.append(summary_.finished_at)
    told = [o for part in parts for o in part.observations]
    news = [manifest.last_news_at, *(o.at for o in told if o.outcome in NEWS)]
    new = [manifest.last_new_at, *(o.at for o in told if o.outcome == "new")]
    return replace(
        manifest,
        last_runs=runs,
        last_complete_at=_latest(complete),
        last_new_at=_latest(new),
        last_news_at=_latest(news),
        alerts=alerts.fold(manifest.alerts, (a for each in summaries for a in each.alerts)),
    )


def _latest(times: list[datetime | None]) -> datetime | None:
    return max((at for at in times if at), default=None)
