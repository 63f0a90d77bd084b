"""Sections of a report: numbered titles, and the body that stands under each, over all pages.

A title stands twice where the first page lists the sections; the list is not the section. Where
the list names a section whose title stands nowhere later, pages are missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scrapers.cells import tidy
from scrapers.errors import RefusedError
from scrapers.reports.furniture import Sheet
from scrapers.reports.lines import Line
from scrapers.reports.meanings import Shape
from scrapers.reports.titles import Item, Title, numbered, wraps
from scrapers.reports.unnumbered import unnumbered

_RANKS = ("section", "part", "chapter", "", "table", "appendix", "annex")
"""Where a document numbers in more than one way, the first of these gives its sections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: its number and title, and what stands under it, in reading order."""

    number: int
    title: str
    """With the number, as printed; lines joined by single spaces."""
    page: int
    """Where its title stands, from 1."""
    items: tuple[Item, ...]
    """Lines outside of ruled tables, and ruled tables' pieces."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines outside of ruled tables."""
        return tuple(item for item in self.items if isinstance(item, Line))

    @property
    def text(self) -> str:
        """The text outside of ruled tables."""
        return " ".join(line.text for line in self.lines)


def flow(sheets: Iterable[Sheet]) -> tuple[Item, ...]:
    """Give all lines and pieces of all pages in reading order."""
    found: list[Item] = []
    for sheet in sheets:
        own: list[Item] = [*sheet.lines, *sheet.pieces]
        found += sorted(own, key=_top)
    return tuple(found)


def _top(item: Item) -> float:
    """Where an item begins on its page."""
    return item.box[1] if isinstance(item, Line) else item.top


def split(
    items: Sequence[Item], shapes: Sequence[Shape]
) -> tuple[tuple[Line, ...], tuple[Section, ...]]:
    """Give what stands before the first section, and the sections; by meaning without numbers.

    Raises:
        RefusedError: a section is listed and stands nowhere, or they stand out of order.
    """
    titles = numbered(items) or unnumbered(items, shapes)
    chosen = _chosen(titles)
    _refuse_lost(titles, chosen, items)
    again = {title.at for title in titles if _is_again(title, chosen)}
    ends = [*(title.at for title in chosen[1:]), len(items)][: len(chosen)]
    sections = tuple(
        _section(title, [items[at] for at in range(title.at, end) if at not in again])
        for title, end in zip(chosen, ends, strict=True)
    )
    front = items[: chosen[0].at] if chosen else items
    return tuple(item for item in front if isinstance(item, Line)), sections


def _is_again(title: Title, chosen: Sequence[Title]) -> bool:
    """Whether a title stands again over a later page of its section."""
    before = [own for own in chosen if own.at <= title.at]
    is_own = bool(before) and before[-1].number == title.number and before[-1].at != title.at
    return is_own and title.is_styled == before[-1].is_styled and title.word == before[-1].word


def _section(title: Title, items: Sequence[Item]) -> Section:
    """Make a section of a title's line and everything up to the next title."""
    first = items[0]
    own = 1
    if title.is_bare and own < len(items) and isinstance(items[own], Line):
        own += 1
    while own < len(items) and wraps(items[own - 1], items[own]):
        own += 1
    text = tidy(" ".join(item.text for item in items[:own] if isinstance(item, Line)))
    page = first.page
    return Section(number=title.number, title=text, page=page, items=tuple(items[own:]))


def _chosen(titles: Sequence[Title]) -> list[Title]:
    """Choose the titles that stand over their sections: none of a list, the first of several."""
    words = {title.word for title in titles}
    rank = next((word for word in _RANKS if word in words), None)
    own = [title for title in titles if title.word == rank]
    best: dict[int, Title] = {}
    for title in own:
        before = best.get(title.number)
        if not before or _weight(title) > _weight(before) or (before.run and title.run):
            best[title.number] = title
    return sorted(best.values(), key=lambda title: title.at)


def _weight(title: Title) -> tuple[bool, bool, bool]:
    """How surely a title stands over its section."""
    return not title.is_listed, not title.run, title.is_styled


def _refuse_lost(titles: Sequence[Title], chosen: Sequence[Title], items: Sequence[Item]) -> None:
    """Refuse sections that are only listed, or that do not follow one another."""
    numbers = [title.number for title in chosen]
    if numbers != sorted(numbers):
        page = items[chosen[0].at].page
        raise RefusedError("damaged", f"sections stand in the order {numbers}", page=page)
    for title in chosen:
        others = [other for other in titles if title.run and other.run == title.run]
        if any(other not in chosen for other in others):
            detail = f"section {title.number} is listed and stands nowhere"
            raise RefusedError("damaged", detail, page=items[title.at].page)
