"""Rows of tables, and how the pieces of a table on several pages become one.

A piece is what stands of a table on one page, ruled or not. Headings are known by a function
that the source's shapes give; a heading is never a row, however often it is repeated.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from scrapers.cells import joined, plain, starts_with_bullet
from storage.model import Box

Fits = Callable[[int, str], bool | None]
"""Whether a text is a whole value of a column (from 0); None for columns of free text."""

LOWER = 2.0
"""Points: a text that begins by more than this lower than its neighbour does not stand at its row's
top; the tops of words in two fonts differ by less."""
NEVER = float("-inf")
"""What two dates, or two numbers, weigh that cannot be one: no row has both in one cell."""
_OPEN_END = re.compile(r"([,(–—/&-]|\b(?:and|of|the|or|a|an|to|in|for|by|with))$")
_MIDWAY = re.compile(r"[a-zß-ÿ()&,;]")


@dataclass(frozen=True, slots=True)
class CellText:
    """What stands in one cell: its text on one line, and the lines as printed."""

    text: str = ""
    lines: tuple[str, ...] = ()
    lefts: tuple[float, ...] = ()
    """Where each line begins, in points from the ruled cell's left, or from the page's; none where
    the lines are not known to be whole."""
    top: float | None = None
    """Where the first line stands, in points from the page's top; None for a blank cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table, over a page's end too."""

    cells: tuple[CellText, ...]
    spans: tuple[int, ...]
    """How many columns each cell covers; 0 where a neighbour's cell covers the column."""
    boxes: tuple[Box, ...]
    bold: bool = False
    """Whether every word of the row is bold."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells' texts."""
        return tuple(cell.text for cell in self.cells)

    @property
    def is_merged(self) -> bool:
        """Whether a cell covers more or fewer columns than one."""
        return any(span != 1 for span in self.spans)

    @property
    def is_band(self) -> bool:
        """Whether one cell covers the whole row: a caption between rows, not a row."""
        return len(self.spans) > 1 and max(self.spans) == len(self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What stands of a table on one page."""

    page: int
    rows: tuple[Row, ...]

    @property
    def top(self) -> float:
        """Where it begins on the page."""
        return self.rows[0].boxes[0].box[1]

    @property
    def bottom(self) -> float:
        """Where it ends on the page."""
        return self.rows[-1].boxes[0].box[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole table: its headings, its rows, and what was set aside."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    bands: tuple[Row, ...] = ()
    """Rows of one cell over the whole width."""
    totals: tuple[Row, ...] = ()
    """Rows that add the others up."""


def joined_headings(rows: Sequence[Row]) -> tuple[str, ...]:
    """Give each column's heading, from one heading row or several; spanning cells count for all."""
    columns: list[list[str]] = [[] for _ in rows[0].cells]
    for row in rows:
        for start, (cell, span) in enumerate(zip(row.cells, row.spans, strict=True)):
            for column in range(start, start + span):
                if cell.text and not row.is_band:
                    columns[column].append(cell.text)
    return tuple(" ".join(_not_said_again(texts)) for texts in columns)


def _not_said_again(texts: Sequence[str]) -> list[str]:
    """Leave out headings over several columns whose words the column's own heading has too."""
    own = set(plain(texts[-1]).split()) if texts else set()
    return [text for text in texts[:-1] if not set(plain(text).split()) <= own] + [*texts[-1:]]


def over_the_break(before: Row, after: Row, fits: Fits, key: int, *, uneven: bool = False) -> bool:
    """Tell whether `after`, first on its page, is the rest of `before`, last on the page before.

    Weighed, since no single sign is certain: a rest lacks columns, completes half a date, or
    goes on in the middle of a sentence; a new row has whole dates and numbers of its own.

    Args:
        before: the one.
        after: the other.
        fits: tells whole values of the table's columns.
        key: the column without which a row is not one, from 0.
        uneven: whether the table's texts stand elsewhere than at their rows' tops.
    """
    if not before.cells[key].text and (
        _are_halves(before, after) or (uneven and _begins_midway(before, after, fits))
    ):
        return True
    weight = 0.0 if after.cells[key].text else 2.0
    for column, (first, second) in enumerate(zip(before.texts, after.texts, strict=True)):
        if not second:
            weight += 1 if first else 0
        elif not first:
            weight -= 1
        elif fits(column, second) is None:
            weight += _goes_on(first, second)
        else:
            weight += _completes(first, second, partial(fits, column))
    return weight > 0


def _are_halves(before: Row, after: Row) -> bool:
    """Whether each of two rows has just what the other lacks: whole cells went to the next page."""
    pairs = [*zip(before.texts, after.texts, strict=True)]
    return any(before.texts) and not any(first and second for first, second in pairs)


def _begins_midway(before: Row, after: Row, fits: Fits) -> bool:
    """Whether a row that is whole but for free texts begins in the middle of these.

    So it is where cells stand at their row's middle: a long text begins before the page's end,
    and all that is short stands on the next page. `before` may also be a row of its own without
    a name, as a note: so all texts must go on, beside a value of the table's kinds.
    """
    both, values = [], 0
    for column, (first, second) in enumerate(zip(before.texts, after.texts, strict=True)):
        known = fits(column, second)
        is_list = starts_with_bullet(first) and starts_with_bullet(second)
        if not second or (first and known is not None and not (known and is_list)):
            return False
        if first:
            both.append(is_list or _goes_on(first, second) > 0)
        else:
            values += known is True
    return bool(both) and all(both) and values > 0 and not (before.is_merged or after.is_merged)


def is_uneven(row: Row) -> bool:
    """Whether a row's texts begin at different heights: they do not stand at its top."""
    tops = [cell.top for cell in row.cells if cell.top is not None]
    return bool(tops) and max(tops) - min(tops) > LOWER


def _completes(first: str, second: str, is_whole: Callable[[str], bool | None]) -> float:
    """Weigh two typed texts: do they make one value (for), or is each one already (against)?"""
    is_one = is_whole(f"{first} {second}")
    if is_whole(first) and is_whole(second):
        return -3 if is_one else NEVER
    if is_one:
        return 3
    return 0.5 if not is_whole(second) else -1


def _goes_on(first: str, second: str) -> float:
    """Weigh two free texts: does the second go on where the first stopped?"""
    if first.count("(") > first.count(")") and ")" in second:
        return 3
    if _OPEN_END.search(first) or _MIDWAY.match(second):
        return 2
    return -0.5


def merged(before: Row, after: Row) -> Row:
    """Make one row of the two halves that stand on two pages."""
    cells = tuple(
        CellText(
            joined((first.text, second.text)),
            first.lines + second.lines,
            first.lefts + second.lefts,
            first.top,
        )
        for first, second in zip(before.cells, after.cells, strict=True)
    )
    spans = before.spans if not before.is_merged else after.spans
    return Row(cells=cells, spans=spans, boxes=before.boxes + after.boxes)
