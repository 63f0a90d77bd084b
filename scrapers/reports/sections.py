"""Sections of a report: numbered titles, and the body that stands under each, over all pages.

A title stands twice where the first page lists the sections; the list is not the section. Where
the list names a section whose title stands nowhere later, pages are missing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scrapers.cells import plain, starts_with_bullet, tidy
from scrapers.errors import RefusedError
from scrapers.reports.furniture import Sheet
from scrapers.reports.lines import Line
from scrapers.reports.tables import Piece

Item = Line | Piece

LIST_LINES = 5
"""Lines that one entry of a list of sections takes, at most."""

_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
_TITLE = re.compile(
    r"(?:(?P<word>section|part|chapter|table|appendix|annex)\s+)?"
    r"(?P<number>[ivx]{1,4}|\d{1,2}|[a-h])\s*(?P<mark>[:.)]|-(?=\s)|(?=\s|$))\s*(?P<rest>.*)",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    """A line that may be a section's title, and where it stands among all items."""

    at: int
    word: str
    number: int
    is_styled: bool
    is_listed: bool
    """Whether a bullet stands before it."""
    run: int = 0
    """From 1: the list in which it stands among others; 0 where it stands alone."""


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


def is_title(text: str) -> bool:
    """Whether a text begins as a section's title does: a word for it, and a number."""
    found = _TITLE.match(plain(text))
    return bool(found and found["word"])


def split(items: Sequence[Item]) -> tuple[tuple[Line, ...], tuple[Section, ...]]:
    """Give what stands before the first section, and the sections.

    Raises:
        RefusedError: a section is listed and stands nowhere, or they stand out of order.
    """
    titles = _titles(items)
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


def _is_again(title: _Title, chosen: Sequence[_Title]) -> bool:
    """Whether a title stands again over a later page of its section."""
    before = [own for own in chosen if own.at <= title.at]
    is_own = bool(before) and before[-1].number == title.number and before[-1].at != title.at
    return is_own and title.is_styled == before[-1].is_styled and title.word == before[-1].word


def _section(title: _Title, items: Sequence[Item]) -> Section:
    """Make a section of a title's line and everything up to the next title."""
    first = items[0]
    own = 1
    while own < len(items) and _wraps(items[own - 1], items[own]):
        own += 1
    text = tidy(" ".join(item.text for item in items[:own] if isinstance(item, Line)))
    page = first.page
    return Section(number=title.number, title=text, page=page, items=tuple(items[own:]))


def _wraps(above: Item, below: Item) -> bool:
    """Whether a line goes on with the title above it: the same look, and close under it."""
    if not (isinstance(above, Line) and isinstance(below, Line)) or above.page != below.page:
        return False
    is_near = below.box[1] - above.box[3] < 0.8 * above.size
    return is_near and abs(above.size - below.size) < 0.5 and above.bold == below.bold  # noqa: PLR2004 - points: one size


def _titles(items: Sequence[Item]) -> list[_Title]:
    """Find every line that may be a section's title."""
    sizes = Counter(
        round(word.size) for item in items if isinstance(item, Line) for word in item.words
    )
    body = sizes.most_common(1)[0][0] if sizes else 0
    found = [_title(at, item, body) for at, item in enumerate(items) if isinstance(item, Line)]
    return _in_runs([title for title in found if title])


def _in_runs(titles: Sequence[_Title]) -> list[_Title]:
    """Mark titles that follow one another closely: they are a list of sections."""
    marked: list[_Title] = []
    run = 0
    for before, title, after in zip([None, *titles], titles, [*titles[1:], None], strict=False):
        is_first = not (before and _is_next(before, title))
        is_in = not is_first or bool(after and _is_next(title, after))
        run += is_in and is_first
        marked.append(replace(title, run=run if is_in else 0))
    return marked


def _is_next(one: _Title, other: _Title) -> bool:
    """Whether a title is the next one of a list."""
    return other.at - one.at <= LIST_LINES and other.number == one.number + 1


def _title(at: int, line: Line, body: float) -> _Title | None:
    """Read a line as a section's title, if it looks like one."""
    text = plain(line.text)
    is_listed = starts_with_bullet(text)
    match = _TITLE.match(re.sub(r"^\W+", "", text))
    if not match:
        return None
    is_styled = line.bold or line.size > body + 0.7
    word = (match["word"] or "").lower()
    is_marked = bool(match["mark"]) or not match["rest"]
    if not (word and (is_marked or is_styled)) and not (is_marked and is_styled and match["mark"]):
        return None
    number = _number(match["number"].upper())
    return _Title(at=at, word=word, number=number, is_styled=is_styled, is_listed=is_listed)


def _number(text: str) -> int:
    """Read a section's number: roman, arabic or a letter."""
    if text in _ROMAN:
        return _ROMAN[text]
    return int(text) if text.isdigit() else ord(text[0]) - ord("A") + 1


def _chosen(titles: Sequence[_Title]) -> list[_Title]:
    """Choose the titles that stand over their sections: none of a list, the first of several."""
    words = {title.word for title in titles}
    rank = next((word for word in _RANKS if word in words), None)
    own = [title for title in titles if title.word == rank]
    best: dict[int, _Title] = {}
    for title in own:
        before = best.get(title.number)
        if not before or _weight(title) > _weight(before) or (before.run and title.run):
            best[title.number] = title
    return sorted(best.values(), key=lambda title: title.at)


def _weight(title: _Title) -> tuple[bool, bool, bool]:
    """How surely a title stands over its section."""
    return not title.is_listed, not title.run, title.is_styled


def _refuse_lost(titles: Sequence[_Title], chosen: Sequence[_Title], items: Sequence[Item]) -> None:
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
