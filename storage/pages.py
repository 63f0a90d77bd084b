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
    first, last = min(times), max(times)
    is_first = before is None or first < before.first
    return Notice(
        kind=said.kind,
        text=said.text,
        said_on=said.said_on,
        url=page.url if before is None or is_first else before.url,
        page=page.digest if before is None or is_first else before.page,
        first=min(first, before.first) if before else first,
        last=max(last, before.last) if before else last,
    )
