"""The steps of a backfill, as plain functions: from the agency, from the Archive, to the end."""

from dataclasses import dataclass
from functools import partial

from flows import front_pages, history, moves, rechecks, remedies, week
from flows.ahead import Ahead, ahead
from flows.desk import Desk
from flows.keeping import Answered, Arrival, Kept, ask, keep, take_down
from flows.outcomes import is_due, outcome, refused
from flows.past import Past, document_searches, miss, search, searched
from flows.plan import Group, Plan, size, sorted_out, wanted
from flows.remedies import Trouble
from flows.work import Work
from scrapers.errors import BlockedError, FetchError, LayoutError, NotAskedError
from scrapers.page import Page
from scrapers.wayback import Row
from storage.ledger import Manifest, RunSummary
from storage.model import Listing
from storage.runs import Observation


def from_agency(past: Past) -> list[Listing]:
    """Look at all that the agency's pages link to, as a weekly run does, but for removals.

    Returns:
        What they link to, also beyond the span.
    """
    work = past.work
    for address in work.source.addresses[:-1]:
        _older_page(work, address.url)
    listings = week.discover(work)
    due = [listing for listing in listings if past.span.has(listing.edition)]
    asking = partial(ask, work, known=work.archive.manifest.by_showing)
    with ahead(due, asking, partial(keep, work)) as coming:
        for listing in past.progress.over(due, "linked documents"):
            if work.stop.asked and not coming.stop():
                break
            week.visit(work, listing, partial(_take, past.desk, coming))
    for each in work.not_there:
        if work.archive.manifest.found_removed(each.edition) == "gone":
            work.record.overlook([each.edition], "gone")  # as the weekly runs found
            continue
        said = f"{each.why}; the weekly runs find out what that means"
        observation = Observation(
            at=each.at,
            edition=each.edition,
            outcome="failed",
            evidence="none",
            url=each.url,
            detail=said,
        )
        work.record.observe(observation, remedies.NOT_THERE)
    return listings


def _take(desk: Desk, coming: Ahead[Answered, Kept], work: Work, _listing: Listing) -> None:
    """Take the next listed document in; it is told of when it is read."""
    shown = take_down(work, coming.take())
    desk.take(shown, partial(week.tell, work, shown))


def _older_page(work: Work, url: str) -> None:
    """Read a page where the series once stood, if it still answers."""
    asked: list[str] = []

    def fetch(address: str, /) -> Page:
        asked.append(address)
        return week.page(work, url if len(asked) == 1 else address)

    try:
        for listing in work.source.discover(fetch):
            work.record.say(f"{url} still links to {listing.url}", "still linked")
    except (FetchError, LayoutError) as error:
        work.record.say(f"the series' older page is no longer read: {error}")


def from_archive(past: Past, listings: list[Listing]) -> None:
    """Take in what the Wayback Machine holds: pages first, for what they link to, then documents.

    Where the Archive refuses us, what was taken in until then stands.

    Raises:
        StoppedError: the run was asked to stop; what was taken in until then stands.
    """
    past.work.stop.heed()
    try:
        linked = [*front_pages.read(past), *front_pages.on_our_pages(past)]
        _take_in(past, _searched(past, [*listings, *linked]))
        found = searched(past)
        if found and not past.work.stop.asked:
            past.work.record.took_in(found)
    except (BlockedError, NotAskedError) as error:
        miss(past, error)


def _take_in(past: Past, rows: list[Row]) -> None:
    """Take in all that rows of the index tell of, and what their redirects led to.

    What is a redirect or an absence may turn out only when it is played back; once it has, it is
    followed, or counts, as one of which the index tells.
    """
    done: set[Group] = set()
    known = -1
    while known < len(past.statuses):
        known = len(past.statuses)
        rows += moves.documents(past, rows)
        history.bodies(past, sorted_out(rows, past.statuses), done)
    history.rest(past, sorted_out(rows, past.statuses))


def _searched(past: Past, listings: list[Listing]) -> list[Row]:
    searches = document_searches(past.work, listings)
    return [
        row
        for address, prefix in past.progress.over(searches, "searches")
        for row in search(past, address, prefix=prefix)
    ]


def resume(past: Past) -> None:
    """Have read what an earlier run kept and nobody read; say again what is in quarantine."""
    work, parser = past.work, past.work.source.parser
    past.desk.close()  # what is being read was not told of yet
    left = [
        document
        for digest, document in work.archive.manifest.documents.items()
        if document.captures and not work.record.has_seen(digest)
    ]
    due = [
        document
        for document in left
        if document.status == "quarantined" or (past.desk.has_readers and is_due(document, parser))
    ]
    for document in past.progress.over(due, "documents that were held"):
        if work.stop.asked:
            break
        arrival = Arrival(digest=document.digest, before=work.archive.manifest)
        if is_due(document, parser):
            past.desk.take(arrival, partial(_tell_read, work, arrival))
        else:
            _tell_read(work, arrival, None, ())


def _tell_read(
    work: Work, arrival: Arrival, trouble: Trouble | None, tables: tuple[str, ...]
) -> None:
    document = work.archive.manifest.documents[arrival.digest]
    word = "failed" if trouble else outcome(arrival.before, work.archive.manifest, document, None)
    observation = Observation(
        at=work.archive.now(),
        edition=document.edition,
        outcome=word,
        evidence="none",
        digest=arrival.digest,
        detail=trouble.says if trouble else refused(document),
        tables=tables,
    )
    work.record.observe(observation, remedies.of_document(word, trouble))


def close(past: Past) -> RunSummary:
    """Ask the agency nothing more, finish the record, and publish the manifest.

    It never says that something is overdue: the past that was loaded is no news of today.
    """
    record, work = past.work.record, past.work
    work.fetcher.close()
    if work.stop.asked:
        record.stopped = True
        record.say("stopped when asked to; the next backfill goes on where this one ended")
    record.pages_were_read = not work.failures and not work.stop.asked
    held = work.archive.manifest.documents.values()
    unread = sum(document.status == "unread" for document in held)
    if unread and not past.desk.has_readers:
        who = "the next weekly run reads them, or a backfill that has workers"
        record.say(f"documents that wait to be read: {unread:,}; {who}")
    for message in (*work.fetcher.messages, *past.wayback.messages):
        record.say(message)
    return record.finish(
        requests=work.fetcher.requests + past.wayback.requests,
        bytes_received=work.fetcher.bytes_received + past.wayback.bytes_received,
        overdue=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Seconds between requests, by which a plan reckons."""

    agency_s: float
    searches_s: float
    playback_s: float


def plan(past: Past, rates: Rates) -> Plan:
    """Say how much work a backfill is; asks the agency's page and the index, and keeps nothing.

    What only pages link to that nobody has played back yet, and where redirects lead, is not in it.
    """
    work, known = past.work, past.work.archive.manifest
    listings: list[Listing] = []
    if "agency" in past.span.origins:
        try:
            listings += work.source.discover(work.fetcher.page)
        except (FetchError, LayoutError) as error:
            work.failures.append(error)
            work.record.say(str(error))
    pages, bodies, redirects = [], [], 0
    if "wayback" in past.span.origins:
        try:
            rows = [r for at in work.source.addresses for r in search(past, at.url, whole=True)]
            found = [sorted_out(rows)]
            linked = [*listings, *front_pages.on_our_pages(past)]
            found.append(sorted_out(_searched(past, linked)))
            pages, bodies = (wanted(each, known) for each in found)
            redirects = sum(moves.due(past, each.moves) for each in found)
        except BlockedError as error:
            work.failures.append(error)
            work.record.say(str(error))
    due = [each for each in listings if past.span.has(each.edition)]
    urls = {each.url for each in due}
    whole = rechecks.due(known, urls, now=work.archive.now(), weeks=work.recheck_weeks)
    fresh = [each for each in due if each.url in whole or not _is_asked_for_news(known, each.url)]
    searches = past.wayback.requests  # each answer of the index that goes on is one more
    seconds = len(due) * rates.agency_s + searches * rates.searches_s
    seconds += (len(pages) + redirects + len(bodies)) * rates.playback_s
    return Plan(
        searches=searches,
        pages=len(pages),
        redirects=redirects,
        documents=len(fresh) + len(bodies),
        bytes_compressed=sum(map(size, bodies)),
        minutes=seconds / 60,
        messages=work.record.messages.all,
        is_whole=not work.failures,
    )


def _is_asked_for_news(known: Manifest, url: str) -> bool:
    """Whether an address is asked only for what changed since it served us."""
    shown = known.by_showing.get(url)
    return shown is not None and shown.served_us(url) is not None
