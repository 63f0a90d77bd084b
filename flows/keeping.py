"""From an address to a document that is held and read: fetch, keep, read."""

from dataclasses import dataclass, replace

from flows.comparing import compare
from flows.outcomes import is_back, is_due
from flows.work import Work
from scrapers import sandbox
from scrapers.errors import ExtractionBugError
from scrapers.fetch import Download, NotModified, Validators
from storage.errors import ParserNotRaisedError
from storage.ledger import Manifest
from storage.model import Capture, Listing
from storage.runs import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A document that was just seen and is held, read or not."""

    digest: str
    before: Manifest
    """The manifest as it was before it was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Arrival):
    """One that was seen at the agency."""

    listing: Listing
    fetched: Download | NotModified
    seen: Evidence
    note: str | None
    """A sentence where it took two requests."""


def look_up(work: Work, listing: Listing) -> Shown:
    """Fetch one listed document if it changed, and keep it.

    Raises:
        FetchError: the document could not be had; nothing was taken down.
    """
    before = work.archive.manifest
    fetched, note = fetch(work, listing.url)
    seen: Evidence = "not-modified"
    if isinstance(fetched, Download):
        digest, seen = fetched.digest, keep(work, listing, fetched)
        fetched.path.unlink()
    else:
        digest = before.by_address[listing.url].digest
    return Shown(
        digest=digest, before=before, listing=listing, fetched=fetched, seen=seen, note=note
    )


def filed_since(work: Work, arrival: Arrival) -> tuple[str, ...]:
    """Give the keys of a document's tables that the index did not know before it was seen."""
    known = arrival.before.facts
    held = work.archive.manifest.documents[arrival.digest].tables
    return tuple(table.key for table in held.values() if table.key not in known)


def fetch(work: Work, url: str) -> tuple[Download | NotModified, str | None]:
    """Fetch a document; once more where an older version came, since one server may lag behind.

    Returns:
        What came in the end, and a sentence where it took two.
    """
    manifest = work.archive.manifest
    known = None if url in work.whole else manifest.by_address.get(url)
    validators = None
    if known:
        served = known.served[url]
        validators = Validators(last_modified=served.last_modified, etag=served.etag)
    fetched = work.fetcher.document(url, work.folder, known=validators)
    if not isinstance(fetched, Download) or not is_back(manifest, fetched.digest, url):
        return fetched, None
    fetched.path.unlink()
    again = work.fetcher.document(url, work.folder, known=None)
    if isinstance(again, Download) and again.digest == fetched.digest:
        return again, "asked twice"
    return again, f"an older version ({fetched.digest[:12]}…) came first, and not when asked again"


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
        The keys of the tables filed or found that the index did not know; the run's record names
        them, so that the next fold takes them in.

    Raises:
        ExtractionBugError: the source's reader failed in a way that is our fault.
        ParserNotRaisedError: it reads otherwise than before, under the same parser number.
    """
    known = work.archive.manifest.facts
    document = work.archive.manifest.documents[digest]
    parser = work.source.parser
    if is_due(document, parser) and not work.archive.adopt(digest, parser):
        with work.archive.original(digest, document.ext) as path:
            reading = sandbox.read(path, work.source.name, limits=work.limits)
        if reading.status == "quarantined":
            work.archive.quarantine(reading, work.limits.to_json())
        else:
            for difference in compare(work, reading):
                work.record.say(difference)
            work.archive.file(replace(reading, keys=work.source.keys))
    held = work.archive.manifest.documents[digest].tables
    return tuple(table.key for table in held.values() if table.key not in known)


def try_to_read(work: Work, digest: str) -> tuple[str | None, tuple[str, ...]]:
    """Read as `read`; a bug of ours costs one document its reading, and no other anything."""
    try:
        return None, read(work, digest)
    except (ExtractionBugError, ParserNotRaisedError) as error:
        return f"{error}; its bytes are kept", ()
