"""From an address to a document that is held and read: fetch, keep, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flows.outcomes import is_back, is_due
from flows.remedies import IN_THE_WAY, Trouble, trouble
from flows.work import Work
from scrapers import sandbox
from scrapers.fetch import Download, NotModified, Validators
from storage.capture import Capture
from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.model import Listing
from storage.runs import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A document that was just seen and is held, read or not."""

    digest: str
    before: Manifest | None
    """The manifest as it was before it was seen; None where it did not know it. Of those many wait
    for their reading, and the manifest is another each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Arrival):
    """One that was seen at the agency."""

    listing: Listing
    fetched: Download | NotModified
    seen: Evidence
    note: str | None
    """A sentence where it took two requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of asking for a listed document, before anything is taken down."""

    listing: Listing
    fetched: Download | NotModified
    digest: str
    note: str | None
    """A sentence where it took two requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came of asking, when the bytes that came are stored."""

    answered: Answered
    capture: Fact | None
    """The capture that was written; None where the bytes were held, or none came."""


def look_up(work: Work, listing: Listing) -> Shown:
    """Fetch one listed document if it changed, and keep it.

    Raises:
        FetchError: the document could not be had; nothing was taken down.
    """
    return take_down(work, *keep(work, [ask(work, listing)]))


def filed_since(work: Work, arrival: Arrival) -> tuple[str, ...]:
    """Give the keys of a document's tables that the index did not know before it was seen."""
    known = arrival.before.facts if arrival.before else {}
    held = work.archive.manifest.documents[arrival.digest].tables
    return tuple(table.key for table in held.values() if table.key not in known)


def if_known(manifest: Manifest, digest: str) -> Manifest | None:
    """Give the manifest if it knows the document, see `Arrival.before`."""
    return manifest if digest in manifest.documents else None


def ask(work: Work, listing: Listing, known: Mapping[str, DocumentEntry] | None = None) -> Answered:
    """Fetch a listed document; once more where an older version came: one server may lag behind.

    It only reads the index, so that it may be done while others are taken down.

    Args:
        work: what the run works with.
        listing: the document's.
        known: address -> the document that it showed us last, as the run began; None looks now.

    Raises:
        FetchError: it could not be had.
    """
    manifest, url = work.archive.manifest, listing.url
    known = manifest.by_showing if known is None else known
    served = known[url].served_us(url) if url in known and url not in work.whole else None
    validators = None
    if served:
        validators = Validators(last_modified=served.last_modified, etag=served.etag)
    fetched = work.fetcher.document(url, work.folder, known=validators)
    note = None
    if isinstance(fetched, Download) and is_back(manifest, fetched.digest, url):
        first = fetched.digest
        fetched.discard()
        fetched = work.fetcher.document(url, work.folder, known=None)
        note = f"an older version ({first[:12]}…) came first, and not when asked again"
        if isinstance(fetched, Download) and fetched.digest == first:
            note = "asked twice"
    digest = fetched.digest if isinstance(fetched, Download) else known[url].digest
    return Answered(listing=listing, fetched=fetched, digest=digest, note=note)


def keep(work: Work, answers: Sequence[Answered]) -> list[Kept]:
    """Store the bytes that came, and the captures that brought them, unless they are held.

    It needs no more of the index than `ask` does.
    """
    came = [(each, each.fetched) for each in answers if isinstance(each.fetched, Download)]
    try:
        facts = work.archive.keep(
            *((_capture(work, each.listing, fetched), fetched.body) for each, fetched in came)
        )
    finally:
        for _, fetched in came:
            fetched.discard()
    written = dict(zip((id(each) for each, _ in came), facts, strict=True))
    return [Kept(answered=each, capture=written.get(id(each))) for each in answers]


def take_down(work: Work, kept: Kept) -> Shown:
    """Take the capture that brought new bytes into the index."""
    answered, before = kept.answered, work.archive.manifest
    work.archive.admit(kept.capture)
    seen: Evidence = "not-modified"
    if isinstance(answered.fetched, Download):
        seen = "capture" if kept.capture else "body"
    return Shown(
        digest=answered.digest,
        before=if_known(before, answered.digest),
        listing=answered.listing,
        fetched=answered.fetched,
        seen=seen,
        note=answered.note,
    )


def _capture(work: Work, listing: Listing, download: Download) -> Capture:
    return Capture(
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


def read(work: Work, digest: str) -> tuple[str, ...]:
    """Read a held document unless that was done; file its records, or quarantine it.

    Returns:
        The keys of the tables filed or found that the index did not know; the run's record names
        them, so that the next fold takes them in.

    Raises:
        ExtractionBugError: the source's reader failed in a way that is our fault.
        ParserNotRaisedError: it reads otherwise than before, under the same parser number.
        FixityError, MissingError: its bytes are not as recorded, or not there.
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
            work.archive.file(replace(reading, keys=work.source.keys))
    held = work.archive.manifest.documents[digest].tables
    return tuple(table.key for table in held.values() if table.key not in known)


def try_to_read(work: Work, digest: str) -> tuple[Trouble | None, tuple[str, ...]]:
    """Read as `read`; what is in one document's way costs no other anything."""
    try:
        return None, read(work, digest)
    except IN_THE_WAY as error:
        return trouble(error), ()
