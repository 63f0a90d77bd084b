"""What stands on every page and belongs to none: page numbers, running heads and feet.

Printed page numbers also prove that no page is missing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from scrapers.cells import is_count, is_date, plain
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Word
from scrapers.reports.lines import Line, parted
from scrapers.reports.seams import Seam
from scrapers.reports.tables import Piece
from scrapers.reports.turned import box_turned

EDGE = 0.14
"""Running heads and feet stand in this part of the page's height, at its top and bottom."""
LEVEL = 3.0
"""Points by which a running line's height may differ from page to page."""
MOST = 0.6
"""Running lines stand on this part of all pages at least."""

Place = tuple[str, int]
"""A line's text, and its height on the page in steps of `LEVEL`."""
Numbers = Mapping[int, tuple[int, int | None]]
"""What pages print of their own number, and of how many there are, by the number that they have."""
OWN = "#"
"""Stands for the page's own number in a running line's text."""

_NUMBER = re.compile(
    r"(?:[-|•]\s*)?(?P<word>page\s+)?(?P<page>\d{1,3})(?:\s*(?:of|/)\s*(?P<total>\d{1,4}))?(?:\s*[-|•])?"
)
_INSIDE = re.compile(
    r"^page\s+(?P<page>\d{1,3})(?:\s*(?:of|/)\s*(?P<total>\d{1,4}))?\b"
    r"|\bpage\s+(?P<page_at_end>\d{1,3})(?:\s*(?:of|/)\s*(?P<total_at_end>\d{1,4}))?$"
)
APART = 0.5
"""Font sizes between running lines and the page's own text, at least."""
_LONGEST = 15
"""Words in a running line, at most: a sentence may speak of pages too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page as read: its lines outside of ruled tables, and what stands in these."""

    number: int
    """From 1."""
    width: float
    height: float
    lines: tuple[Line, ...]
    pieces: tuple[Piece, ...]
    rules: tuple[float, ...] = ()
    """Heights at which a horizontal rule or the edge of a shaded band runs."""
    runs: tuple[float, ...] = ()
    """How far all that runs at each of these heights does so, in points."""
    guides: tuple[tuple[float, ...], ...] = ()
    """Columns that rules or shades drawn cell by cell give away: their edges, left to right."""
    seams: tuple[Seam, ...] = ()
    """Where texts touch that are drawn apart; looked for where a table has no rules."""
    beyond: tuple[Word, ...] = ()
    """Words, and rests of words, that the page draws beyond its edges and does not show."""
    turn: int = 0
    """How far the page was turned clockwise to be read, in degrees."""

    def displayed(self, box: BoxEdges) -> BoxEdges:
        """Where a box lies on the page as displayed."""
        return box_turned(box, -self.turn % 360, (self.width, self.height))


def _at_edge(line: Line, sheet: Sheet) -> bool:
    """Whether a line stands where running heads and feet stand."""
    _, top, _, bottom = line.box
    return bottom < sheet.height * EDGE or top > sheet.height * (1 - EDGE)


def _outside(line: Line, sheet: Sheet) -> bool:
    """Whether no table goes on beyond a line, towards the page's nearer edge."""
    _, top, _, bottom = line.box
    if top < sheet.height / 2:
        return all(piece.top >= bottom - 1 for piece in sheet.pieces)
    return all(piece.bottom <= top + 1 for piece in sheet.pieces)


def printed_number(sheet: Sheet) -> tuple[int, int | None] | None:
    """Read the page's own number, and how many pages it says there are."""
    edge = [line for line in sheet.lines if _at_edge(line, sheet)]
    outermost = [*edge[-2:][::-1], *edge[:2]]
    for line in outermost:
        numbers = _numbers(plain(line.text)) if len(line.words) < _LONGEST else None
        if numbers and _outside(line, sheet):
            return numbers
    return None


def _numbers(text: str) -> tuple[int, int | None] | None:
    """Read `3`, `Page 3 of 25`, or the latter at either end of a running line."""
    if not (found := _NUMBER.fullmatch(text) or _INSIDE.search(text)):
        return None
    known = {
        name.removesuffix("_at_end"): int(n)
        for name, n in found.groupdict().items()
        if n and n.isdigit()
    }
    return known["page"], known.get("total")


def without_furniture(
    sheets: Sequence[Sheet], is_title: Callable[[str], bool]
) -> tuple[Sheet, ...]:
    """Take the running lines and page numbers away.

    What stands first on a later page than the first is left there once: it may be a table's
    heading, which comes again on every page of its table.

    Args:
        sheets: all pages of the document.
        is_title: whether a text is a section's title, which may come again on every page.

    Raises:
        RefusedError: the page numbers show that a page is missing or out of its place.
    """
    numbers = _all_numbers(sheets)
    refuse_missing(sheets, numbers)
    first = _running(sheets, numbers)
    return tuple(
        replace(
            sheet,
            lines=tuple(
                line
                for line in sheet.lines
                if not _goes(line, sheet, first, numbers, is_kept=is_title(line.text))
            ),
        )
        for sheet in sheets
    )


def _all_numbers(sheets: Sequence[Sheet]) -> dict[int, tuple[int, int | None]]:
    """Read the pages' own numbers; beside other words only where these stand on most pages.

    A row of a table may end in a number, too.
    """
    found: dict[int, tuple[int, int | None]] = {}
    beside: dict[Place, dict[int, tuple[int, int | None]]] = {}
    for sheet in sheets:
        if own := printed_number(sheet):
            found[sheet.number] = own
        for line in sheet.lines:
            if _at_edge(line, sheet) and (known := _number_beside(line)):
                rest, number = known
                beside.setdefault((rest, _level(line)), {}).setdefault(sheet.number, number)
    for numbers in beside.values():
        is_counted = len(set(numbers.values())) == len(numbers) >= _least(sheets)
        found |= numbers if is_counted else {}
    return found


def _number_beside(line: Line) -> tuple[str, tuple[int, int | None]] | None:
    """Read a number at one end of a line, wide apart from what else stands on it."""
    texts = [*map(plain, parted(line))]
    for at in (-1, 0) if len(texts) > 1 else ():
        if numbers := _numbers(texts[at]):
            return " ".join(texts[1:] if at == 0 else texts[:-1]), numbers
    return None


def _goes(
    line: Line, sheet: Sheet, first: Mapping[Place, int], numbers: Numbers, *, is_kept: bool
) -> bool:
    """Whether a line is furniture; `first` says on which page each running line stands first."""
    if not (_at_edge(line, sheet) and _outside(line, sheet)):
        return False
    text, place = _place(line, sheet, numbers)
    pages = [first[text, near] for near in (place - 1, place, place + 1) if (text, near) in first]
    is_later = bool(pages) and min(pages) < sheet.number and not is_kept
    is_again = bool(pages) and (min(pages) == 1 or is_later or OWN in text)
    is_number = bool(_NUMBER.fullmatch(plain(line.text)))
    return is_number or (is_again and _stands_apart(line, sheet, first, numbers))


def _stands_apart(line: Line, sheet: Sheet, first: Mapping[Place, int], numbers: Numbers) -> bool:
    """Whether a running line, and those next to it, keep away from the page's own text.

    A line of a cell may stand at the same height on many pages, too.
    """
    at = sheet.lines.index(line)
    sides = (sheet.lines[at + 1 :], sheet.lines[:at][::-1])
    return all(_is_apart(line, others, sheet, first, numbers) for others in sides)


def _is_apart(
    line: Line,
    others: Sequence[Line],
    sheet: Sheet,
    first: Mapping[Place, int],
    numbers: Numbers,
) -> bool:
    """Whether no text of the page's own is next to a line, on one side."""
    before = line.box
    for other in others:
        upper, lower = sorted((before, other.box), key=lambda box: box[1])
        if lower[1] - upper[3] >= APART * line.size:
            return True
        if _place(other, sheet, numbers) not in first:
            return False
        before = other.box
    return True


def _level(line: Line) -> int:
    """A line's height on the page in steps of `LEVEL`."""
    return round(line.box[1] / LEVEL)


def _place(line: Line, sheet: Sheet, numbers: Numbers) -> Place:
    """A line's text, with the page's own number taken out, and its height on the page."""
    text = plain(line.text)
    if sheet.number in numbers:
        text = re.sub(rf"\b{numbers[sheet.number][0]}\b", OWN, text)
    return text, _level(line)


def _least(sheets: Sequence[Sheet]) -> float:
    """On how many pages running lines stand at least."""
    return max(2, len(sheets) * MOST)


def _running(sheets: Sequence[Sheet], numbers: Numbers) -> dict[Place, int]:
    """Find the lines that stand alike on most pages, and the page where each stands first."""
    seen: dict[Place, list[int]] = {}
    rows: set[Place] = set()
    for sheet in sheets:
        for line in sheet.lines:
            if _at_edge(line, sheet):
                place = _place(line, sheet, numbers)
                seen.setdefault(place, []).append(sheet.number)
                if OWN not in place[0] and _is_row(line):
                    rows.add(place)
    return {
        place: pages[0]
        for place, pages in seen.items()
        if len(set(pages)) >= (max(3, len(sheets)) if place in rows else _least(sheets))
    }


def _is_row(line: Line) -> bool:
    """Whether a line looks like a table's row: such a one may come again, and is none the less."""
    texts = parted(line)
    return len(texts) > 2 and any(is_date(text) or is_count(text) for text in texts)  # noqa: PLR2004 - a running line has a left and a right


def refuse_missing(sheets: Sequence[Sheet], numbers: Numbers) -> None:
    """Refuse a document whose printed page numbers leave one out.

    Raises:
        RefusedError: a number is left out or comes again, or there are fewer pages than it says.
    """
    before = (0, 0)
    for sheet in sheets:
        if sheet.number not in numbers:
            continue
        number, total = numbers[sheet.number]
        is_later = before == (0, 0) and number <= sheet.number
        if not is_later and number != 1 and number - before[0] != sheet.number - before[1]:
            detail = f"page numbers go from {before[0]} to {number}: pages are missing or astray"
            raise RefusedError("damaged", detail, page=sheet.number)
        if total and total > len(sheets):
            detail = f"says that it has {total} pages, and has {len(sheets)}"
            raise RefusedError("damaged", detail, page=sheet.number)
        before = (number, sheet.number)
