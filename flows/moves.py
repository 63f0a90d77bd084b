"""Where listing pages and documents went: redirects that the Archive captured, followed in turn.

A redirect says only where to search on; a sighting belongs to the address where bytes stood.
"""

from collections import deque
from collections.abc import Iterable

from flows import learned
from flows.past import Past, going_on, miss, search
from flows.plan import Group, sorted_out, spread
from scrapers.errors import BlockedError, FetchError, LedAwayError, NotAskedError
from scrapers.wayback import Row
from scrapers.web.verdicts import OK
from storage import mementos
from storage.redirects import Redirect

MOST = 1000
"""So many redirects are played back in one run, however long the chains are …"""
BETWEEN = 8
"""… and so many captures of one, besides its first and its last."""


def followed(past: Past, rows: Iterable[Row]) -> list[Row]:
    """Search where redirects led, and where those led; give what the index lists there.

    Of all days, whatever the span: what a revisit repeats may stand outside it. What was searched
    already, or lies below one of the source's folders, is not searched again. Where the Archive is
    given up, what was found until then is given.

    Raises:
        BlockedError: the Archive refuses us.
    """
    waiting = deque(sorted_out(rows, past.statuses).moves)
    found: list[Row] = []
    left_out = 0
    while waiting and not past.work.stop.asked:
        group = waiting.popleft()
        if len(past.moves) >= MOST and not _is_known(past, group):
            left_out += 1
            continue
        targets: list[str | None] = []
        with going_on(past):
            targets = _targets(past, group)
        if not targets:
            break
        for target in dict.fromkeys(targets):
            if target and not _is_searched(past, target):
                listed = search(past, target, whole=True)
                found += listed
                waiting.extend(sorted_out(listed, past.statuses).moves)
    if left_out:
        most = f"{MOST} were, and the next backfill goes on"
        past.work.record.say(f"captured redirects that were not followed: {left_out}; {most}")
    return found


def due(past: Past, groups: Iterable[Group]) -> int:
    """Say how many captures are to be played back at least to know where redirects led."""
    known = past.work.archive.manifest.redirects
    return sum(
        len({group.rows[0].timestamp, group.rows[-1].timestamp} - known.get(group.url, {}).keys())
        for group in groups
    )


def documents(past: Past, rows: Iterable[Row]) -> list[Row]:
    """Follow redirects of documents; pages that they led to are no documents, and left out.

    Raises:
        BlockedError: the Archive refuses us.
    """
    found = followed(past, rows)
    pages = {row.digest for row in found if row.status == OK and row.media_type == "text/html"}
    return [row for row in found if row.digest not in pages and past.span.covers(row.at)]


def _targets(past: Past, group: Group) -> list[str | None]:
    """Give where the captures of a redirect led, in order of time.

    One that leads elsewhere since has the same digest as before, since nothing is sent with it. So
    its first and its last capture are asked, and some between where these two differ.
    """
    rows = group.rows
    first, last = (_target(past, group, row) for row in (rows[0], rows[-1]))
    between = spread(rows[1:-1], BETWEEN) if first != last else ()
    return [first, *(_target(past, group, row) for row in between), last]


def _is_known(past: Past, group: Group) -> bool:
    """Whether it is known, or was asked in this run, where a redirect led first."""
    first = group.rows[0].timestamp
    known = past.work.archive.manifest.redirects.get(group.url, {})
    return first in known or (group.url, first) in past.moves


def _target(past: Past, group: Group, row: Row) -> str | None:
    """Ask where a redirect led, once and for all, and say so; None where it led nowhere of ours.

    Nor does one that led to its own address, as from http to https.
    """
    key = (group.url, row.timestamp)
    known = past.work.archive.manifest.redirects.get(group.url, {})
    if row.timestamp in known:
        target = known[row.timestamp]
        return target if target and _leads_on(group, target) else None
    if key not in past.moves:
        past.moves[key] = None
        past.progress.says(f"asking where {group.url} was moved to")
        past.moves[key] = _asked(past, group, row)
    return past.moves[key]


def _leads_on(group: Group, target: str) -> bool:
    return mementos.place(target) != mementos.place(group.url)


def _asked(past: Past, group: Group, row: Row) -> str | None:
    target: str | None = None
    try:
        target = past.wayback.moved(row)
    except (BlockedError, NotAskedError):
        raise
    except LedAwayError as error:
        past.work.record.say(f"not followed: {error}", "not followed")
    except learned.LASTING as error:
        past.work.record.say(f"not followed: {error}", "not followed")
        return None
    except FetchError as error:
        miss(past, error)
        return None
    redirect = Redirect(url=group.url, timestamp=row.timestamp, target=target)
    past.work.record.followed(redirect)
    if target is None or not _leads_on(group, target):
        return None
    told = {(mementos.place(url), mementos.place(to)) for (url, _), to in past.moves.items() if to}
    if (mementos.place(group.url), mementos.place(target)) not in told:
        said = f"{group.url} moved to {target} (captured {row.at:%Y-%m-%d})"
        past.work.record.say(said, "moved")
    return target


def _is_searched(past: Past, address: str) -> bool:
    """Whether what the index has of an address is known, or will be by a search of its folder."""
    place = mementos.place(address)
    folders = map(mementos.place, past.work.source.prefixes)
    return (place, False) in past.index or any(mementos.is_below(place, f) for f in folders)
