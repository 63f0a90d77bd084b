"""What one look at a source is made of, as plain functions on a `Work`.

`flows/weekly.py` tells the story and puts Prefect around it.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from flows.record import RunRecord
from scrapers import sandbox
from scrapers.errors import (
    BlockedError,
    ExtractionBugError,
    FetchError,
    LayoutError,
    NotThereError,
)
from scrapers.fetch import Download, Fetcher, NotModified, Validators
from scrapers.limits import Limits
from scrapers.source import Cadence, Source
from storage.archive import Archive
from storage.documents import DocumentEntry
from storage.errors import ParserNotRaisedError
from storage.ledger import Manifest, RunSummary
from storage.model import Capture, Listing, Outcome
from storage.runs import Evidence, Observation

GONE_AFTER = timedelta(days=6)
"""A 404 is a removal when it stands on two runs at least so far apart: servers answer 404 under
load (edgi-govdata-archiving/web-monitoring#122 waits 14 days of daily looks)."""
_TRIED_AGAIN = frozenset({"timed-out", "too-large"})
_MISSED = 2
"""Something is overdue when nothing new came for so many times the source's cadence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a run works with."""

    source: Source
    archive: Archive
    fetcher: Fetcher
    record: RunRecord
    folder: Path
    """Where downloads lie until they are kept."""
    limits: Limits
    recheck_weeks: int
    site: str | None


Look = Callable[[Work, Listing], None]


def discover(work: Work) -> list[Listing]:
    """Read the agency's pages, keep them as evidence, and list the editions that they link to.

    Where they cannot be read, says so in the record and gives nothing.
    """
    listings: list[Listing] = []
    try:
        listings = list(work.source.discover(work.fetcher.page))
        work.record.pages_were_read = True
    except (FetchError, LayoutError) as error:
        work.record.say(str(error))
    for page in work.fetcher.pages_seen:
        work.record.saw(page)
    return listings


def visit(work: Work, listing: Listing, look: Look) -> None:
    """Look at one edition, and take down why where that could not be done."""
    at = work.archive.now()
    claim = listing.edition or f"unknown-{hashlib.sha256(listing.url.encode()).hexdigest()[:12]}"
    evidence: Evidence = "none"
    outcome: Outcome = "failed"
    try:
        look(work, listing)
    except NotThereError as error:
        why, evidence = str(error), "not-there"
        if _is_gone(work.archive.manifest, claim, at):
            outcome = "gone"
    except BlockedError as error:
        why, outcome = str(error), "blocked"
    except (FetchError, ExtractionBugError, ParserNotRaisedError) as error:
        why = str(error)
    else:
        return
    observation = Observation(
        at=at, edition=claim, outcome=outcome, evidence=evidence, url=listing.url, detail=why
    )
    work.record.observe(observation)


def _is_gone(manifest: Manifest, edition: str, at: datetime) -> bool:
    spans = manifest.timelines.get(edition, ())
    known = spans[-1] if spans else None
    if known is None or known.state not in {"missing", "gone"}:
        return False
    return known.state == "gone" or at - known.first >= GONE_AFTER


def look(work: Work, listing: Listing) -> None:
    """Fetch one listed document if it changed, keep it, read it, and take down what was found.

    Raises:
        FetchError: the document could not be had; nothing was taken down.
        ExtractionBugError, ParserNotRaisedError: it was kept, but not read.
    """
    before = work.archive.manifest
    known = before.by_address.get(listing.url)
    validators = None if known is None else _validators(work, known, listing.url)
    fetched = work.fetcher.document(listing.url, work.folder, known=validators)
    if isinstance(fetched, Download) and _is_flap(before, fetched.digest):
        fetched.path.unlink()
        fetched = work.fetcher.document(listing.url, work.folder, known=None)
    evidence: Evidence = "not-modified"
    if isinstance(fetched, Download):
        digest, evidence = fetched.digest, keep(work, listing, fetched)
        fetched.path.unlink()
    elif known:
        digest = known.digest
    tables = read(work, digest)
    document = work.archive.manifest.documents[digest]
    problem = fetched.problem if isinstance(fetched, Download) else None
    observation = Observation(
        at=fetched.at,
        edition=document.edition,
        outcome=outcome(before, work.archive.manifest, document),
        evidence=evidence,
        url=listing.url,
        digest=digest,
        detail=_refused(document) or problem,
        last_modified=fetched.headers.get("last-modified"),
        etag=fetched.headers.get("etag"),
        tables=tables,
    )
    work.record.observe(observation)
    _hold_to_claim(work, listing, document, fetched)


def _validators(work: Work, known: DocumentEntry, url: str) -> Validators | None:
    """Give what to ask with; None where the whole bytes are due again, to catch a lying server.

    Documents come due half of `recheck_weeks` after they last came whole, the oldest first, as
    many in a week as get all of them fetched within the other half.
    """
    now = work.archive.now()
    half = timedelta(weeks=work.recheck_weeks) / 2
    addresses = {
        address: document.served[address].at
        for address, document in work.archive.manifest.by_address.items()
        if now - document.served[address].at >= half
    }
    share = math.ceil(len(work.archive.manifest.by_address) * 2 / work.recheck_weeks)
    if url in sorted(addresses, key=lambda each: (addresses[each], each))[:share]:
        return None
    served = known.served[url]
    return Validators(last_modified=served.last_modified, etag=served.etag)


def _is_flap(before: Manifest, digest: str) -> bool:
    """Whether bytes came back that another version has replaced: one server may lag behind."""
    document = before.documents.get(digest)
    if document is None:
        return False
    shown = before.latest(document.edition)
    return shown is not None and shown.digest != digest


def keep(work: Work, listing: Listing, download: Download) -> Evidence:
    """Store the bytes, then the capture that brought them, each unless it is held."""
    known = work.archive.manifest.documents.get(download.digest)
    if known and known.captures:
        return "body"
    work.archive.keep(download.path, download.digest, download.ext)
    capture = Capture(
        source=work.source.name,
        edition=listing.edition,
        url=download.url,
        redirects=download.redirects,
        at=download.at,
        status=download.status,
        headers=download.headers,
        digest=download.digest,
        size_bytes=download.size_bytes,
        ext=download.ext,
        site=work.site,
    )
    work.archive.capture(capture)
    return "capture"


def read(work: Work, digest: str) -> tuple[str, ...]:
    """Read a held document unless that was done; file its records, or quarantine it.

    Returns:
        The keys of the tables filed or found.

    Raises:
        ExtractionBugError: the source's reader failed in a way that is our fault.
        ParserNotRaisedError: it reads otherwise than before, under the same parser number.
    """
    document = work.archive.manifest.documents[digest]
    parser = work.source.parser
    if _is_due(document, parser) and not work.archive.adopt(digest, parser):
        with work.archive.original(digest, document.ext) as path:
            reading = sandbox.read(path, work.source.name, limits=work.limits)
        if reading.status == "quarantined":
            work.archive.quarantine(reading, work.limits.to_json())
        else:
            work.archive.file(replace(reading, keys=work.source.keys))
    held = work.archive.manifest.documents[digest].tables
    return tuple(table.key for table in held.values())


def _is_due(document: DocumentEntry, parser: int) -> bool:
    if document.status == "unread":
        return True
    refusal = document.refusals.get(parser)
    tried = refusal is not None and refusal.reason not in _TRIED_AGAIN
    return document.status == "quarantined" and not tried


def outcome(before: Manifest, after: Manifest, document: DocumentEntry) -> Outcome:
    """Say what a document just seen means for its edition.

    Args:
        before: the manifest as it was before the document was seen.
        after: the manifest with it.
        document: what was seen, as `after` has it.
    """
    if document.status == "quarantined":
        return "quarantined"
    if not document.is_reported:
        versions = after.versions(document.edition)
        return next(v.kind for v in versions if v.document.digest == document.digest)
    shown = before.latest(document.edition)
    if shown is None or shown.digest != document.digest or before.is_removed(document.edition):
        return "returned"
    return "unchanged"


def _refused(document: DocumentEntry) -> str | None:
    if document.status != "quarantined":
        return None
    refusal = max(document.refusals.values(), key=lambda each: each.key)
    where = f" (page {refusal.page})" if refusal.page else ""
    return f"{refusal.reason}: {refusal.detail}{where}; its bytes are kept"


def _hold_to_claim(
    work: Work, listing: Listing, document: DocumentEntry, fetched: Download | NotModified
) -> None:
    """The period that a document prints decides; the edition that its link claims has failed."""
    if document.table is None or listing.edition in {None, document.edition}:
        return
    detail = f"the link claims {listing.edition}, the document prints {document.edition}"
    observation = Observation(
        at=fetched.at,
        edition=listing.edition or "",
        outcome="failed",
        evidence="none",
        url=listing.url,
        detail=detail,
    )
    work.record.observe(observation)


def resume(work: Work) -> None:
    """Read what an earlier run kept but did not read, and say again what is in quarantine."""
    for digest, document in list(work.archive.manifest.documents.items()):
        if work.record.has_seen(digest) or document.status not in {"unread", "quarantined"}:
            continue
        tables = read(work, digest)
        now = work.archive.manifest.documents[digest]
        observation = Observation(
            at=work.archive.now(),
            edition=now.edition,
            outcome=outcome(work.archive.manifest, work.archive.manifest, now),
            evidence="none",
            digest=digest,
            detail=_refused(now),
            tables=tables,
        )
        work.record.observe(observation)


def removals(work: Work, listings: list[Listing]) -> None:
    """Take down what the agency's pages no longer link to, if they could be seen properly."""
    if not work.record.pages_were_read or work.source.rolling:
        return
    manifest = work.archive.manifest
    addresses = manifest.by_address
    found = {listing.edition for listing in listings} | work.record.outcomes.keys()
    found |= {addresses[each.url].edition for each in listings if each.url in addresses}
    known = {d.edition for d in addresses.values() if not manifest.is_removed(d.edition)}
    absent = sorted(known - found)
    if len(absent) * 2 > len(known):
        work.record.pages_were_read = False
        work.record.say(
            f"only {len(known) - len(absent)} of {len(known)} known reports are linked: "
            "the page may be broken, so no removal is reported"
        )
        return
    for edition in absent:
        detail = "the agency's page no longer links to it"
        work.record.observe(
            Observation(
                at=work.archive.now(),
                edition=edition,
                outcome="delisted",
                evidence="absent",
                detail=detail,
            )
        )


def is_overdue(cadence: tuple[Cadence, ...], last_news_at: datetime | None, now: datetime) -> bool:
    """Say whether the agency should have published something by now, by its own word."""
    begun = [each for each in cadence if each.since <= now.date()]
    if not begun or begun[-1].every_days is None or last_news_at is None:
        return False
    since = max(last_news_at.date(), begun[-1].since)
    return now.date() - since > timedelta(days=begun[-1].every_days * _MISSED)


def close(work: Work) -> RunSummary:
    """Finish the record, and publish the manifest."""
    news = work.archive.manifest.last_news_at
    if work.record.has_news:
        news = work.archive.now()
    return work.record.finish(
        requests=work.fetcher.requests,
        bytes_received=work.fetcher.bytes_received,
        overdue=is_overdue(work.source.cadence, news, work.archive.now()),
    )
