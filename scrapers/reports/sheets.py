"""From a document's pages to sheets: words put into ruled tables' cells, the rest into lines."""

import re
from collections.abc import Sequence
from itertools import compress
from operator import not_

from scrapers.cells import is_count, is_date, plain
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Document, Grid, Page, Word
from scrapers.reports import combs, discs, seams, stripes
from scrapers.reports.furniture import Sheet
from scrapers.reports.lines import in_lines, is_tabular
from scrapers.reports.opened import closed
from scrapers.reports.parting import at_rules, refuse_overrun
from scrapers.reports.ruled import is_full, piece
from scrapers.reports.tables import Row
from scrapers.reports.turned import straight, turn_of

LONG = 30.0
"""Points: shorter lines are no rules."""
FIRST = 3
"""Pages on which a report says what it is about."""
MANY = 4
"""Lines: a row all of whose cells have as many is in truth many rows, without rules between."""


def read(document: Document, subject: re.Pattern[str]) -> tuple[Sheet, ...]:
    """Read all pages.

    Raises:
        RefusedError: the first pages do not speak of the subject, a page is a picture of text,
            a word stands in a table and outside all of its cells, or text runs over a rule.
    """
    sheets: list[Sheet] = []
    shaded: list[stripes.Edges] = []
    text = ""
    for page in document.pages():
        sheets.append(_sheet(page, shaded))
        if page.number <= FIRST:
            text += " ".join(word.text for word in page.words()) + " "
        if page.number == min(FIRST, document.page_count) and not subject.search(plain(text)):
            raise RefusedError("unrecognised-layout", "the first pages speak of something else")
    return tuple(sheets)


def _sheet(page: Page, shaded: list[stripes.Edges]) -> Sheet:
    """Read one page; one whose text lies on its side, as if it were turned.

    Args:
        page: the page.
        shaded: the columns of grids that are shaded rows, or have no rules between their rows, on
            this page and those before; is added to.
    """
    turn = turn_of(page)
    page = straight(page, turn) if turn else page
    beyond = tuple(word for word in page.words_beyond() if word.upright) if page.beyond else ()
    page = discs.spelled(page)
    page = combs.framed(combs.closed(page))
    words = tuple(word for word in page.words() if word.upright)
    found = page.grids()
    words = at_rules(page, words, found)
    shaded += stripes.striped(found, words)
    found = tuple(
        grid for grid in found if not (shaded and stripes.is_among(stripes.edges_of(grid), shaded))
    )
    grids = [closed(grid, page.drawing, words) for grid in found]
    if any(len(grid.rows) > len(own.rows) for grid, own in zip(grids, found, strict=True)):
        words = at_rules(page, words, grids)
        grids = [closed(grid, page.drawing, words) for grid in found]
    outside = in_lines(page.number, _outside(words, grids))
    is_ruled = not any(map(is_tabular, outside))
    full = [grid for grid in grids if is_full(grid) or (is_ruled and _has_columns(grid))]
    for grid in full:
        refuse_overrun(page, grid)
    pieces = tuple(piece(grid, _inside(words, grid.box)) for grid in full)
    known = [(g, p) for g, p in zip(full, pieces, strict=True) if not any(map(_is_heap, p.rows))]
    shaded += [
        stripes.edges_of(g) for g, p in zip(full, pieces, strict=True) if any(map(_is_heap, p.rows))
    ]
    left = _outside(words, [grid for grid, _ in known])
    _refuse_beside(page.number, left, [grid for grid, _ in known])
    lines = outside if len(known) == len(grids) else in_lines(page.number, left)
    touching = seams.find(page) if any(map(is_tabular, lines)) else ()
    rules = _rules(page)
    return Sheet(
        number=page.number,
        width=page.width,
        height=page.height,
        lines=seams.parted(page, lines, touching) if touching else lines,
        pieces=tuple(piece for _, piece in known),
        rules=tuple(rules),
        runs=tuple(rules.values()),
        guides=(*map(stripes.edges_of, grids), *stripes.guides(page.drawing)),
        seams=touching,
        beyond=beyond,
        turn=turn,
    )


def _has_columns(grid: Grid) -> bool:
    """Whether a grid of one row has more than one cell in it."""
    return sum(cell is not None for cell in grid.rows[0]) > 1


def _is_heap(row: Row) -> bool:
    """Whether a row is in truth many, between which no rule is drawn."""
    is_high = all(len(cell.lines) >= MANY for cell in row.cells)
    return len(row.cells) > 1 and (is_high or any(_are_values(cell.lines) for cell in row.cells))


def _are_values(lines: Sequence[str]) -> bool:
    """Whether each of several lines is a date, or each a number."""
    return len(lines) > 1 and (all(map(is_date, lines)) or all(map(is_count, lines)))


def _middle(word: Word) -> tuple[float, float]:
    """A word's middle."""
    return (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2


def _are_in(words: Sequence[Word], box: BoxEdges) -> list[bool]:
    """Whether each word's middle lies in a box."""
    x0, top, x1, bottom = box
    return [
        x0 <= (word.x0 + word.x1) / 2 <= x1 and top <= (word.top + word.bottom) / 2 <= bottom
        for word in words
    ]


def _inside(words: Sequence[Word], box: BoxEdges) -> tuple[Word, ...]:
    """The words within a box."""
    return tuple(compress(words, _are_in(words, box)))


def _outside(words: Sequence[Word], grids: Sequence[Grid]) -> tuple[Word, ...]:
    """The words outside all grids."""
    for grid in grids:
        words = tuple(compress(words, map(not_, _are_in(words, grid.box))))
    return tuple(words)


def _refuse_beside(page: int, words: Sequence[Word], grids: Sequence[Grid]) -> None:
    """Refuse a page on which a word stands beside a table, on the level of its rows."""
    for word in words:
        if any(grid.box[1] <= _middle(word)[1] <= grid.box[3] for grid in grids):
            detail = f"“{word.text}” stands beside a table, outside all of its cells"
            raise RefusedError("unrecognised-layout", detail, page=page)


def _rules(page: Page) -> dict[float, float]:
    """The heights of horizontal lines, and of shaded bands' and cells' edges; how far they run."""
    found: dict[float, float] = {}
    lines = [(x1 - x0, (top,)) for x0, top, x1, bottom in page.drawing.lines if bottom - top < 1]
    edges = [(x1 - x0, {top, bottom}) for x0, top, x1, bottom in page.drawing.rects]
    for width, heights in (*lines, *edges):
        for height in heights if width > LONG else ():
            found[round(height, 1)] = found.get(round(height, 1), 0.0) + width
    return dict(sorted(found.items()))
