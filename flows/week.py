"""What one look at a source is made of, as plain functions on a `Work`.

`flows/weekly.py` tells the story and puts Prefect around it; `flows/keeping.py` holds its middle,
from an address to a document that is held and read. What a look means for an edition says
`flows/outcomes.py`; what an absence proves, `flows/removals.py`; what a person can do,
`flows/remedies.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from flows import rechecks, remedies
from flows.keeping import Shown, look_up, try_to_read
from flows.outcomes import outcome, refused
from flows.overdue import due_on, is_overdue
from flows.remedies import Trouble
from flows.stopping import StoppedError
from flows.work import NotThere, Work
from scrapers.errors import BlockedError, FetchError, LayoutError, NotThereError
from scrapers.fetch import Download
from scrapers.page import Page
from storage import absences
from storage.documents import DocumentEntry
from storage.ledger import RunSummary
from storage.model import Listing, Outcome
from storage.runs import Observation

_SAYS: dict[Outcome, str] = {
    "revision": "its records differ from those of the version before",
    "amendment": "its text differs from that of the version before, its records do not",
    "reissue": "its bytes differ from those of the version before, its text does not",
    "returned": "the agency shows again what it had taken away or replaced",
}


Look = Callable[[Work, Listing], None]


def discover(work: Work) -> list[Listing]:
    """Read the agency's pages, keep them as evidence, and list the editions that they link to.

    Where they cannot be read to their end, says so in the record, and gives what was found until
    then. What the agency has shown us the longest comes first, so that of two documents of one
    edition that are both linked, the later one is also the one that was sighted last, whatever the
    Wayback Machine saw before.
    """
    listings: list[Listing] = []
    try:
        for listing in work.source.discover(partial(page, work)):
            listings.append(listing)  # noqa: PERF402 - those before an error count, too
        work.record.pages_were_read = True
    except StoppedError:
        work.record.stopped = True
    except (FetchError, LayoutError) as error:
        work.failures.append(error)
        work.record.need(remedies.of_page(error), str(error))
    manifest = work.archive.manifest
    asked = {listing.url for listing in listings}
    now, weeks = work.archive.now(), work.recheck_weeks
    work.whole.update(rechecks.due(manifest, asked, now=now, weeks=weeks))
    late = datetime.max.replace(tzinfo=UTC)
    first = {
        url: min(first for first, _ in document.shown.values())
        for url, document in manifest.by_showing.items()
    }
    return sorted(listings, key=lambda each: first.get(each.url, late))


def page(work: Work, url: str, /) -> Page:
    """Read one of the agency's pages; keep it as evidence, and the robots.txt that was read first.

    They are kept whatever comes of reading them.

    Raises:
        FetchError, LayoutError: as `Fetcher.page`.
        StoppedError: the run was asked to stop before this one.
    """
    work.stop.heed()
    try:
        return work.fetcher.page(url)
    finally:
        rules = [robots.page for robots in work.fetcher.robots.values()]
        for seen in work.fetcher.take_pages():
            if seen in rules:
                work.record.saw_robots(seen.url, seen.at, seen.body)
            else:
                work.record.saw(seen)


def until_asked_to_stop(work: Work, listings: Sequence[Listing]) -> Iterator[Listing]:
    """Give one listing after the other; where the run is asked to stop, take down that it did."""
    for number, listing in enumerate(listings):
        if work.stop.asked:
            left = len(listings) - number + (number > 0 and work.record.stopped)
            stopped(work, f"{left} of {len(listings)} editions were")
            return
        yield listing
    if listings and work.record.stopped:
        stopped(work, f"1 of {len(listings)} editions was")
    if work.stop.asked and not listings:
        stopped(work, "the agency's page was")


def stopped(work: Work, left: str) -> None:
    """Take down that the run was asked to stop, and what it left."""
    work.record.stopped, work.record.pages_were_read = True, False
    work.record.say(f"stopped when asked to: {left} not looked at; the next run goes on")


def visit(work: Work, listing: Listing, look: Look, *, linked: bool = True) -> None:
    """Look at one edition, and take down why where that could not be done.

    Where the run was asked to stop before this one was asked for, the record says that it stopped.
    """
    at = work.archive.now()
    word: Outcome = "failed"
    try:
        look(work, listing)
    except StoppedError:
        work.record.stopped = True
        return
    except NotThereError as error:
        edition = named(work, listing)
        missing = NotThere(at=at, edition=edition, url=listing.url, why=str(error), linked=linked)
        work.not_there.append(missing)
        return
    except FetchError as error:
        work.failures.append(error)
        word = "blocked" if isinstance(error, BlockedError) else "failed"
        section, why = remedies.section(error), str(error)
    else:
        return
    observation = Observation(
        at=at,
        edition=named(work, listing),
        outcome=word,
        evidence="none",
        url=listing.url,
        detail=why,
    )
    work.record.observe(observation, section)


def named(work: Work, listing: Listing) -> str:
    """Name the edition that a listing is of before its document is seen."""
    known = work.archive.manifest.by_address.get(listing.url)
    if known and (known.table or listing.edition is None):
        return known.edition
    return listing.edition or absences.unnamed(listing.url)


def look(work: Work, listing: Listing, *, linked: bool = True) -> None:
    """Fetch one listed document if it changed, keep it, read it, and take down what was found.

    Raises:
        FetchError: the document could not be had; nothing was taken down.
    """
    seen = look_up(work, listing)
    trouble, tables = try_to_read(work, seen.digest)
    tell(work, seen, trouble, tables, linked=linked)


def tell(
    work: Work,
    seen: Shown,
    trouble: Trouble | None,
    tables: tuple[str, ...],
    *,
    linked: bool = True,
) -> None:
    """Take down what came of a document that was seen and read.

    Args:
        work: what the run works with.
        seen: the document.
        trouble: what kept it from being read, if anything did.
        tables: keys of the tables that the index did not know.
        linked: whether the agency's page links to it.
    """
    fetched, listing = seen.fetched, seen.listing
    document = work.archive.manifest.documents[seen.digest]
    word = outcome(seen.before, work.archive.manifest, document, listing.url)
    word = "failed" if trouble else word
    if not linked and word == "returned":
        word = "unchanged"
    problem = fetched.problem if isinstance(fetched, Download) else None
    told = [
        trouble.says if trouble else None,
        refused(document) or problem,
        _SAYS.get(word),
        seen.note,
    ]
    observation = Observation(
        at=fetched.at if linked else work.archive.now(),
        edition=document.edition,
        outcome=word,
        evidence=seen.seen,
        url=listing.url,
        digest=seen.digest,
        detail="; ".join(filter(None, told)) or None,
        last_modified=fetched.headers.get("last-modified"),
        etag=fetched.headers.get("etag"),
        tables=tables,
        linked=linked,
        claim=None if listing.edition == document.edition else listing.edition,
    )
    work.record.observe(observation, remedies.of_document(word, trouble))
    if tables:
        _beside_the_last(work, document)
    _hold_to_claim(work, listing, document, fetched.at)


def _beside_the_last(work: Work, document: DocumentEntry) -> None:
    """Say how what was just read is unlike the edition before, for a person to look at the PDF."""
    for version in work.archive.manifest.versions(document.edition):
        if version.document.digest == document.digest:
            for difference in version.unlike:
                work.record.say(f"{document.edition}: {difference}", "unlike")


def _hold_to_claim(work: Work, listing: Listing, document: DocumentEntry, at: datetime) -> None:
    """The period that a document prints decides; the edition that its link claims has failed."""
    if document.table is None or listing.edition in {None, document.edition}:
        return
    detail = f"the link claims {listing.edition}, the document prints {document.edition}"
    observation = Observation(
        at=at,
        edition=listing.edition or "",
        outcome="failed",
        evidence="none",
        url=listing.url,
        detail=detail,
    )
    work.record.observe(observation, remedies.WRONG_LINK)


def resume(work: Work) -> None:
    """Read what an earlier run kept but did not read, and say again what is in quarantine."""
    before = work.archive.manifest
    due = [
        digest
        for digest, document in before.documents.items()
        if document.status in {"unread", "quarantined"} and not work.record.has_seen(digest)
    ]
    for number, digest in enumerate(due):
        if work.stop.asked:
            stopped(work, f"{len(due) - number} of {len(due)} held documents were")
            return
        trouble, tables = try_to_read(work, digest)
        after = work.archive.manifest
        now = after.documents[digest]
        word = "failed" if trouble else outcome(before, after, now, None)
        observation = Observation(
            at=work.archive.now(),
            edition=now.edition,
            outcome=word,
            evidence="none",
            digest=digest,
            detail=trouble.says if trouble else refused(now) or _SAYS.get(word),
            tables=tables,
        )
        work.record.observe(observation, remedies.of_document(word, trouble))


def close(work: Work) -> RunSummary:
    """Finish the record, and publish the manifest."""
    now, cadence = work.archive.now(), work.source.cadence
    last_new_at = now if work.record.has_new else work.archive.manifest.last_new_at
    overdue = is_overdue(cadence, last_new_at, now)
    if overdue:
        since = f"since {last_new_at:%Y-%m-%d}" if last_new_at else "ever"
        due = due_on(cadence, last_new_at, now)
        late = (now.date() - due).days // 7 if due else 0
        says = f"nothing new {since}; something was due by {due}"
        # It gets worse after 1 week, 2, 4, 8 …
        work.record.need(remedies.OVERDUE, says, grave=late.bit_length())
    for message in work.fetcher.messages:
        work.record.say(message)
    return work.record.finish(
        requests=work.fetcher.requests,
        bytes_received=work.fetcher.bytes_received,
        overdue=overdue,
    )
