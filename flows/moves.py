"""Where listing pages and documents went: redirects that the Archive captured, followed in turn.

A redirect says only where to search on; a sighting belongs to the address where bytes stood.
"""

from collections import deque
from collections.abc import Iterable

from flows import learned
from flows.past import Past, miss, search
from flows.plan import Group, sorted_out, spread
from scrapers.errors import BlockedError, FetchError, LedAwayError, NotAskedError
from scrapers.wayback import Row
from scrapers.web.verdicts import OK
from storage import mementos

MOST = 1000
"""So many redirects are played back in one run, however long the chains are …"""
BETWEEN = 8
"""… and so many captures of one, besides its first and its last."""


def followed(past: Past, rows: Iterable[Row], *, whole: bool = False) -> list[Row]:
    """Search where redirects led, and where those led; give what the index lists there.

    What was searched already, or lies below one of the source's folders, is not searched again.

    Args:
        past: what was found so far.
        rows: what searches gave.
        whole: search all days, not those of the span alone.

    Raises:
        BlockedError: the Archive refuses us.
    """
    waiting = deque(sorted_out(rows, past.statuses).moves)
    found: list[Row] = []
    left_out = 0
    while waiting and not past.work.stop.asked:
        group = waiting.popleft()
        if len(past.moves) >= MOST and (group.url, group.rows[0].timestamp) not in past.moves:
            left_out += 1
            continue
        for target in dict.fromkeys(_targets(past, group)):
            if target and not _is_searched(past, target):
                listed = search(past, target, whole=whole)
                found += listed
                waiting.extend(sorted_out(listed, past.statuses).moves)
    if left_out:
        past.work.record.say(f"{left_out} captured redirects were not followed: {MOST} were")
    return found


def documents(past: Past, rows: Iterable[Row]) -> list[Row]:
    """Follow redirects of documents; pages that they led to are no documents, and left out.

    Raises:
        BlockedError: the Archive refuses us.
    """
    found = followed(past, rows)
    pages = {row.digest for row in found if row.status == OK and row.media_type == "text/html"}
    return [row for row in found if row.digest not in pages]


def _targets(past: Past, group: Group) -> list[str | None]:
    """Give where the captures of a redirect led, in order of time.

    One that leads elsewhere since has the same digest as before, since nothing is sent with it. So
    its first and its last capture are asked, and some between where these two differ.
    """
    rows = group.rows
    first, last = (_target(past, group, row) for row in (rows[0], rows[-1]))
    between = spread(rows[1:-1], BETWEEN) if first != last else ()
    return [first, *(_target(past, group, row) for row in between), last]


def _target(past: Past, group: Group, row: Row) -> str | None:
    """Ask where a redirect led, once, and say so; None where it led nowhere of the agency's."""
    key = (group.url, row.timestamp)
    if key in past.moves:
        return past.moves[key]
    past.moves[key] = None
    past.progress.says(f"asking where {group.url} was moved to")
    try:
        target = past.wayback.moved(row)
    except (BlockedError, NotAskedError):
        raise
    except (LedAwayError, *learned.LASTING) as error:
        past.work.record.say(f"not followed: {error}", "not followed")
        return None
    except FetchError as error:
        miss(past, error)
        return None
    if target is None or mementos.place(target) == mementos.place(group.url):
        return None
    told = {(mementos.place(url), mementos.place(to)) for (url, _), to in past.moves.items() if to}
    past.moves[key] = target
    if (mementos.place(group.url), mementos.place(target)) not in told:
        said = f"{group.url} moved to {target} (captured {row.at:%Y-%m-%d})"
        past.work.record.say(said, "moved")
    return target


def _is_searched(past: Past, address: str) -> bool:
    """Whether what the index has of an address is known, or will be by a search of its folder."""
    place = mementos.place(address)
    folders = map(mementos.place, past.work.source.prefixes)
    return (place, False) in past.index or any(mementos.is_below(place, f) for f in folders)
