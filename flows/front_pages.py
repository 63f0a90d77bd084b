"""Listing pages of the past: each kept as evidence, for what it announces and what it links to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from operator import itemgetter

from flows import learned, moves, remedies
from flows.past import Past, going_on, miss, search
from flows.plan import Group, new, sorted_out
from scrapers.errors import (
    BlockedError,
    FetchError,
    LayoutError,
    NotAskedError,
    TooLargeError,
)
from scrapers.page import Page
from scrapers.web.verdicts import OK
from storage import layout, mementos
from storage.archived import captured_at
from storage.chosen import EVER
from storage.errors import FixityError, MissingError
from storage.ledger import PageEntry
from storage.model import Listing
from storage.objects import read_verified

TRIES = 3
"""How many captures of one state of a page are tried."""
LASTING = (LayoutError, TooLargeError, *learned.LASTING)
"""What another try would meet again, as far as can be told."""
NEVER = datetime.min.replace(tzinfo=UTC)


def read(past: Past) -> list[Listing]:
    """Take every state of the listing pages in, the oldest first; give what they linked to.

    Raises:
        BlockedError: the Archive refuses us.
    """
    before = len(past.work.failures)
    found: list[tuple[datetime, list[Listing]]] = []
    for at, page in _states(past):
        found.append((at, []))
        with going_on(past):  # what it linked to until there counts
            found[-1][1].extend(_linked(past, page))
    if without := sum(not listings for _, listings in found):
        past.work.record.say(f"{without} of {len(found)} archived pages link to no report")
    # An older page that could not be had may have claimed another edition first: it is waited for.
    is_known = len(past.work.failures) - before == len(past.missed)
    until = min(past.missed, default=EVER) if is_known else NEVER
    for at, listings in sorted(found, key=itemgetter(0)):
        for listing in listings if at < until else ():
            if listing.edition:
                past.claims.setdefault(mementos.place(listing.url), listing.edition)
    return [listing for _, listings in found for listing in listings]


def _states(past: Past) -> Iterator[tuple[datetime, Page]]:
    """Yield every state of the listing pages that can be had, and when it was captured first.

    Of all days, whatever the span: what a link claims rests on the first page that has it. What
    turns out to be a redirect only when it is played back is followed then.
    """
    rows = [row for at in past.work.source.addresses for row in search(past, at.url, whole=True)]
    done: set[Group] = set()
    later: list[tuple[Group, ...]] = []
    known = -1
    with going_on(past):
        while known < len(past.statuses):
            known = len(past.statuses)
            rows += moves.followed(past, rows)
            due = new(sorted_out(rows, past.statuses).bodies, done)
            done.update(group for groups in due for group in groups)
            for groups in chain(past.progress.over(due, "listing pages"), _drained(later)):
                if past.work.stop.asked:
                    return
                if page := taken(past, groups, later):
                    yield captured_at(groups[0].ref.timestamps[0]), page


def _drained(later: list[tuple[Group, ...]]) -> Iterator[tuple[Group, ...]]:
    """Give what was put off, also what is only while this goes on."""
    while later:
        yield later.pop(0)


def on_our_pages(past: Past) -> list[Listing]:
    """Give what the agency's pages linked to whenever we came ourselves, leaf by leaf.

    What was not to be had then, and lies outside the series' folders, the Archive may have all the
    same. What such a link claims does not count, see `flows.past.claim`.
    """
    listings: list[Listing] = []
    for each in past.work.archive.manifest.pages.values():
        past.work.stop.heed()
        if each.ext != "html" or each.looked_at is None:
            continue
        body = _body(past, each)
        if body is not None:
            page = Page(url=each.url, at=each.first, body=body, digest=each.digest)
            listings += _linked(past, page, alone=True)
    return listings


def taken(
    past: Past, groups: tuple[Group, ...], later: list[tuple[Group, ...]] | None = None
) -> Page | None:
    """Give one state of a page, from the archive or played back, with all its sightings recorded.

    None where it cannot be had, which is said, or is an error page, which is said once; or where it
    was put off until `later`, since another capture of it may be had.

    Raises:
        BlockedError: the Archive refuses us.
    """
    known = past.work.archive.manifest.mementos
    if learned.is_settled(known.get(groups[0].digest), groups) or groups in past.dead:
        return None
    page = _kept(past, groups) or _played_back(past, groups, later)
    if page:
        for group in groups:
            if mementos.missing(known, group.ref):
                at = captured_at(group.ref.timestamps[0])
                seen = Page(url=group.url, at=at, body=page.body, digest=page.digest)
                past.work.record.saw(seen, group.ref)
    return page


def _kept(past: Past, groups: tuple[Group, ...]) -> Page | None:
    """Give a page that an earlier run kept; None where it is not as it was kept."""
    manifest = past.work.archive.manifest
    entry = manifest.mementos.get(groups[0].digest)
    page = manifest.pages.get(entry.digest or "") if entry else None
    if page is None:
        return None
    body = _body(past, page)
    if body is None:
        return None
    at = captured_at(groups[0].ref.timestamps[0])
    return Page(url=groups[0].url, at=at, body=body, digest=page.digest)


def _body(past: Past, page: PageEntry) -> bytes | None:
    """Give a page's bytes as they were kept; None, which is said, where they are not."""
    archive = past.work.archive
    key = layout.page(archive.source, page.digest, page.ext)
    try:
        body, warning = read_verified(archive.objects, key, page.digest)
    except (FixityError, MissingError) as error:
        past.work.record.need(remedies.FIXITY, str(error))
        return None
    if warning:
        past.work.record.say(warning)
    return body


def _played_back(
    past: Past, groups: tuple[Group, ...], later: list[tuple[Group, ...]] | None
) -> Page | None:
    page, why = learned.played_back(past, groups, past.wayback.page, most=TRIES, lasting=LASTING)
    if why is None:
        return page
    if later is not None and learned.has_another(past, groups, why, most=TRIES):
        later.append(groups)
        return None
    past.dead.add(groups)
    if isinstance(why, FetchError) and not isinstance(why, LASTING):
        past.missed.append(captured_at(groups[0].ref.timestamps[0]))
        miss(past, why, groups[0].url)
    else:
        past.work.record.say(f"passed over: {why}", "passed over")
    return None


def _linked(past: Past, page: Page, *, alone: bool = False) -> Iterator[Listing]:
    """Give what a page of the past linked to, with the leaves that it went on to, if they are held.

    The source reads it as if it stood there now: it is handed this page in place of today's.

    Args:
        past: what was found so far.
        page: as it was.
        alone: leave out the leaves that it went on to.
    """
    seen: list[mementos.Place] = []

    def fetch(url: str, /) -> Page:
        seen.append(mementos.place(url))
        if len(seen) > 1 and alone:
            raise LayoutError(url, expected="one page", found="a further one")
        return page if len(seen) == 1 else _leaf(past, url, page)

    try:
        yield from past.work.source.discover(fetch)
    except (BlockedError, NotAskedError):
        raise
    except (FetchError, LayoutError):
        return  # what it linked to until there counts


def _leaf(past: Past, url: str, beside: Page) -> Page:
    """Give the state of a further page of a listing that is nearest in time to its first one.

    Raises:
        LayoutError: none is held.
    """
    bodies = sorted_out(search(past, url, whole=True), past.statuses).bodies
    near = [
        (abs(row.at - beside.at), number)
        for number, groups in enumerate(bodies)
        for group in groups
        for row in group.rows
        if row.status in {None, OK}
    ]
    for number in dict.fromkeys(number for _, number in sorted(near)):
        if page := taken(past, bodies[number]):
            return page
    raise LayoutError(url, expected="a capture of this page", found="none")
