"""How cells stand in a row's height: each column's at the top, in the middle, or at the bottom.

Lines that are put into a wrong row give themselves away: their column no longer stands as it does
in the other rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

from scrapers.pdf import Word
from scrapers.reports.lines import Line

Band = tuple[Line, ...]
"""The lines of one row."""
Parts = Callable[[Line], tuple[tuple[Word, ...], ...]]
"""Cuts a line into the words of its columns."""
Span = tuple[float, float]
"""An upper and a lower edge."""

LEVEL = 0.3
"""Font sizes by which a cell's edge or middle may differ from its row's."""
LOOSE = 1.0
"""Font sizes: what it costs to leave lines at a page's end to a row of another page."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A value that stands in the middle of its row's height."""

    first: int
    """The line, from 0, on which it begins."""
    last: int
    """The line on which it ends."""
    middle: float
    """Its height on the page."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The lines of one page, cut into columns once."""

    _texts: dict[int, tuple[str, ...]]
    _spans: dict[int, tuple[Span | None, ...]]
    _heights: dict[int, Span]

    def texts(self, line: Line) -> tuple[str, ...]:
        """The texts of a line's columns."""
        return self._texts[id(line)]

    def spans(self, line: Line) -> tuple[Span | None, ...]:
        """From where to where each column of a line reaches; None where it is blank."""
        return self._spans[id(line)]

    def height(self, line: Line) -> Span:
        """From where to where a whole line reaches."""
        return self._heights[id(line)]


def cut(lines: Sequence[Line], parts: Parts) -> Cells:
    """Cut lines into columns; they must outlive what is given."""
    texts, spans, heights = {}, {}, {}
    for line in lines:
        _, top, _, bottom = line.box
        heights[id(line)] = (top, bottom)
        own = parts(line)
        texts[id(line)] = tuple(" ".join([word.text for word in words]) for words in own)
        spans[id(line)] = tuple(map(_span, own))
    return Cells(texts, spans, heights)


def _span(words: Sequence[Word]) -> Span | None:
    """From the highest to the lowest edge of some words."""
    if not words:
        return None
    return min(word.top for word in words), max(word.bottom for word in words)


def uneven(pages: Sequence[tuple[Sequence[Band], Cells]]) -> float:
    """Count the cells that do not stand as most of their column do, as parts of a row."""
    misfits: list[list[int]] = []
    for bands, cells in pages:
        for band in bands:
            if len(band) > 1:
                for at, own in enumerate(_misfits(band, cells)):
                    misfits += [[0, 0, 0] for _ in range(at + 1 - len(misfits))]
                    misfits[at] = [a + b for a, b in zip(misfits[at], own, strict=True)]
    return sum(map(min, misfits)) / len(misfits) if misfits else 0.0


def _misfits(band: Band, cells: Cells) -> list[tuple[bool, bool, bool]]:
    """Say of each column whether its cell is not at the top, the middle, the bottom of a row."""
    top, bottom = _reach([*map(cells.height, band)])
    near = LEVEL * band[0].size
    found = []
    for column in zip(*map(cells.spans, band), strict=True):
        known = [span for span in column if span]
        upper, lower = _reach(known) if known else (top, bottom)
        middle = abs((upper + lower) - (top + bottom)) / 2
        found.append((upper - top > near, middle > near, bottom - lower > near))
    return found


def off_centre(
    pages: Sequence[tuple[Sequence[Band], Cells]], is_whole: Callable[[Band, Cells], bool]
) -> Band | None:
    """Find a row whose cells do not stand in the middle of one height, as those of most rows do.

    Rows that a page's end may cut are not looked at: one that is not whole, and its other half.

    Args:
        pages: each page's rows.
        is_whole: whether a row has all the values that each must have.
    """
    counts, found = [0, 0, 0], []
    wholes = [[is_whole(band, cells) for band in bands] for bands, cells in pages]
    for number, (bands, cells) in enumerate(pages):
        before = number == 0 or wholes[number - 1][-1]
        after = number + 1 == len(pages) or wholes[number + 1][0]
        known = wholes[number].copy()
        known[0] &= before
        known[-1] &= after
        for band in compress(bands, known):
            levels = _levels(band, cells)
            if not all(levels):
                counts = [count + is_own for count, is_own in zip(counts, levels, strict=True)]
                found += [] if levels[1] else [band]
    top, middle, bottom = counts
    return found[0] if found and middle > top + bottom + len(found) else None


def is_level(band: Band, parts: Parts) -> bool:
    """Whether all cells of a row begin, have their middles, or end at one height."""
    return any(_levels(band, cut(band, parts)))


def _levels(band: Band, cells: Cells) -> list[bool]:
    """Say whether all cells of a row begin, have their middles, and end at one height."""
    columns = [_column(band, cells, column) for column in range(len(cells.texts(band[0])))]
    places = [(top, (top + bottom) / 2, bottom) for top, bottom in filter(None, columns)]
    near = LEVEL * band[0].size
    return [max(own) - min(own) <= near for own in zip(*places, strict=True)]


def _column(band: Band, cells: Cells, column: int) -> Span | None:
    """From where to where a row's cell reaches in one column."""
    known = [span for line in band if (span := cells.spans(line)[column])]
    return _reach(known) if known else None


def _reach(spans: Sequence[tuple[float, ...]]) -> Span:
    """From the highest to the lowest edge of some spans."""
    return min(span[0] for span in spans), max(span[1] for span in spans)


def around(lines: Sequence[Line], anchors: Sequence[Anchor]) -> list[Band]:
    """Part lines so that each anchor stands as near as can be to the middle of its row's height.

    Args:
        lines: of one page, top to bottom.
        anchors: what stands in the middle of a row each, top to bottom; one at least.
    """
    ways: dict[int, tuple[float, tuple[int, ...]]] = {
        begin: (_loose(lines, begin), (begin,)) for begin in range(anchors[0].first + 1)
    }
    for anchor, after in zip(anchors, [*anchors[1:], None], strict=True):
        last = after.first if after else len(lines)
        ways = {
            end: min(
                (cost + _off(lines[begin:end], anchor), (*path, end))
                for begin, (cost, path) in ways.items()
            )
            for end in range(anchor.last + 1, last + 1)
        }
    ends = [(cost + _loose(lines, len(lines) - end), path) for end, (cost, path) in ways.items()]
    _, path = min(ends)
    edges = sorted({0, *path, len(lines)})
    return [tuple(lines[a:b]) for a, b in pairwise(edges)]


def _loose(lines: Sequence[Line], count: int) -> float:
    """What it costs to leave so many lines at a page's end to a row of another page."""
    return LOOSE * lines[0].size if count else 0.0


def _off(band: Sequence[Line], anchor: Anchor) -> float:
    """How far an anchor stands from the middle of some lines, in points.

    A row that goes on over the page's end stands out; it must not draw its neighbours' lines to it.
    """
    top, bottom = _reach([line.box[1::2] for line in band])
    return min(abs((top + bottom) / 2 - anchor.middle), 2 * LOOSE * band[0].size)
