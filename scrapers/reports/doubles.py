"""Rows of an unruled table that are two in truth, since one of them lacks what each should have.

They give themselves away: their columns go on together, as far below as a row would begin; or a
text ends in the middle of its cell as in other rows at the cell's end.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from scrapers.cells import is_state, starts_with_bullet
from scrapers.reports.levels import Band, Cells

Pages = Sequence[tuple[Sequence[Band], Cells]]
"""Each page's rows, and its lines cut into columns."""

APART = 0.55
"""Font sizes: the lines of one cell do not stand so far apart, those of two rows often do."""
NEARLY = 0.9
"""Part of the usual space between two rows which no space between a row's own lines reaches."""
HABIT, MOST = 4, 0.75
"""Rows from which a column's habit is told, and the part of them that must have it."""


def resumed(pages: Pages, free: int) -> int:
    """Count the lines within rows on which columns go on together, as far below as a row would.

    So it is where a row that lacks its date was put to the one above it.

    Args:
        pages: the rows, in one way to part them.
        free: how many columns are of free text: two of them go on, or the only one.
    """
    spaces = [
        cells.height(below[0])[0] - max(cells.height(line)[1] for line in above)
        for bands, cells in pages
        for above, below in pairwise(bands)
    ]
    usual = NEARLY * median(spaces) if spaces else 0.0
    least = 1 if free == 1 else 2
    return sum(_resumed(band, cells, usual, least) for bands, cells in pages for band in bands)


def _resumed(band: Band, cells: Cells, usual: float, least: int) -> int:
    """Count such lines of one row; `usual` is as far as a row stands below another, nearly."""
    ends: list[float | None] = [None] * len(cells.spans(band[0]))
    found = 0
    for line in band:
        apart = max(usual, APART * line.size)
        again = 0
        for at, span in enumerate(cells.spans(line)):
            if span:
                end = ends[at]
                again += end is not None and span[0] - end > apart
                ends[at] = span[1] if end is None else max(end, span[1])
        found += again >= least
    return found


def closed(pages: Pages) -> Iterator[Band]:
    """Yield the rows with a text that goes on after an end which most of its column have once.

    Such an end is `)`, as of `Ithaca, New York (Buffalo)`, or a state, as of `Clark, Nevada`.
    """
    rows = [(band, _columns(band, cells)) for bands, cells in pages for band in bands]
    for at in range(len(rows[0][1]) if rows else 0):
        filled = [(band, columns[at]) for band, columns in rows if columns[at]]
        for is_end in (_is_closed, _is_placed):
            ended = sum(is_end(" ".join(texts)) for _, texts in filled)
            if len(filled) >= HABIT and ended > MOST * len(filled):
                yield from (band for band, texts in filled if _goes_on(texts, is_end))


def _is_closed(text: str) -> bool:
    return text.endswith(")")


def _is_placed(text: str) -> bool:
    place, _, state = text.rpartition(",")
    return bool(place) and is_state(state)


def _goes_on(texts: Sequence[str], is_end: Callable[[str], bool]) -> bool:
    """Whether a line follows one that ends so, and begins no other entry of a list."""
    return any(is_end(above) and not starts_with_bullet(below) for above, below in pairwise(texts))


def _columns(band: Band, cells: Cells) -> list[list[str]]:
    """The texts of a row's columns, line by line, without blanks."""
    return [[*filter(None, texts)] for texts in zip(*map(cells.texts, band), strict=True)]
