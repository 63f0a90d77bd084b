"""Listing pages as runs saw them, folded into pages and notices. Pure."""

from dataclasses import replace
from datetime import datetime

from storage import mementos
from storage.ledger import Notice, PageEntry
from storage.mementos import MementoEntry
from storage.runs import NoticeSeen, PageSeen


def fold(
    pages: dict[str, PageEntry],
    notices: dict[str, Notice],
    taken: dict[str, MementoEntry],
    seen: list[PageSeen],
) -> None:
    """Take sightings of pages in, the Archive's captures each once.

    Of two pages that one CDX digest was told to be, only the one that it stands for counts.
    """
    for page in seen:
        times: tuple[datetime, ...] = (page.at,)
        if page.memento:
            known = mementos.of(taken, page.memento) == page.digest
            times = mementos.take(taken, page.memento) if known else ()
        if times:
            pages[page.digest] = _page(pages.get(page.digest), page, times)
        for said in page.notices if times else ():
            notices[said.text] = _notice(notices.get(said.text), said, page, times)


def _page(known: PageEntry | None, page: PageSeen, times: tuple[datetime, ...]) -> PageEntry:
    first, last = min(times), max(times)
    if known is None:
        new = PageEntry(
            digest=page.digest,
            ext=page.ext,
            url=page.url,
            content=page.content,
            first=first,
            last=last,
            count=len(times),
        )
        return replace(new, archived=len(times)) if page.memento else new
    looked = known.looked_at
    if not page.memento:
        looked = max(last, looked) if looked else last
    archived = known.archived + (len(times) if page.memento else 0)
    return replace(
        known,
        url=page.url if first < known.first else known.url,
        content=page.content,
        first=min(first, known.first),
        last=max(last, known.last),
        count=known.count + len(times),
        archived=archived,
        looked=looked if archived else None,
    )


def _notice(
    before: Notice | None, said: NoticeSeen, page: PageSeen, times: tuple[datetime, ...]
) -> Notice:
    """Take one sighting in: its place is that of the first, how it was understood of the last."""
    new = Notice(
        kind=said.kind,
        text=said.text,
        said_on=said.said_on,
        url=page.url,
        page=page.digest,
        first=min(times),
        last=max(times),
    )
    if before is None:
        return new
    first = min(before, new, key=lambda each: (each.first, each.page, each.url))
    last = max(before, new, key=lambda each: (each.last, each.kind, each.said_on or ""))
    return replace(first, kind=last.kind, said_on=last.said_on, last=last.last)
