"""Where the columns of an unruled table part: by drawn edges, or by white space, and headings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scrapers.cells import is_count, is_date, joined
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Word
from scrapers.reports import bands, gutters
from scrapers.reports.furniture import Sheet
from scrapers.reports.gutters import LEAST
from scrapers.reports.levels import Band
from scrapers.reports.lines import Line, around, is_mark, printed_lines
from scrapers.reports.meanings import Shape, recognised
from scrapers.reports.seams import Seam
from scrapers.reports.tables import CellText, Row
from storage.model import Box

WIDTHS = (0.45, 0.7, 1.0, LEAST)
"""Least widths of a gutter in font sizes, in the order in which they are tried; a space is 0.25
to 0.33 wide, and the white space between two cells seldom under 0.5."""
NEAR = 0.5
"""Lines of one cell are nearer to each other than this part of the font size."""
DEEPEST = 8
"""Lines in a heading, at most."""
ALIKE = 0.4
"""Points by which the font sizes of a heading's lines differ, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a table part, and its headings."""

    edges: tuple[float, ...]
    """The middles of the gutters, left to right."""
    heading: Band
    """The lines of the first heading."""

    def cut(self, line: Line) -> tuple[str, ...]:
        """Cut a line into the texts of its columns."""
        return tuple(" ".join(word.text for word in own) for own in self.parts(line.words))

    def parts(self, words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
        """Put words into columns by their middles."""
        found: list[list[Word]] = [[] for _ in range(len(self.edges) + 1)]
        for word in words:
            middle = (word.x0 + word.x1) / 2
            found[sum(edge < middle for edge in self.edges)].append(word)
        return tuple(map(tuple, found))

    def is_crossed(self, line: Line) -> bool:
        """Whether a word, or a phrase with spaces no wider than usual, runs over a gutter."""
        for edge in self.edges:
            left = [word for word in line.words if word.x0 < edge]
            right = [word for word in line.words if word.x0 >= edge]
            if left and left[-1].x1 > edge:
                return True
            if left and right and right[0].x0 - left[-1].x1 < LEAST * line.size:
                return True
        return False

    def headings(self, lines: Band) -> tuple[str, ...]:
        """Read lines as one row of headings."""
        return row(self, lines).texts if lines else ()


def find(
    lines: Sequence[Line],
    tabular: Sequence[Line],
    shapes: Sequence[Shape],
    drawn: Mapping[int, Sheet],
) -> Layout | None:
    """Find the columns: by the widest white space that gives the most known headings."""
    found: list[tuple[int, Layout]] = []
    for edges in _guides(lines, tabular, drawn):
        bare = Layout(edges=edges, heading=())
        heading = _heading(lines, lines.index(tabular[0]), bare, drawn, shapes)
        layout = Layout(edges=edges, heading=heading)
        if all(layout.headings(heading)):
            found.append((recognised(layout.headings(heading), shapes), layout))
    for width in WIDTHS:
        edges = gutters.edges(lines, tabular, width)
        if edges:
            bare = Layout(edges=edges, heading=())
            heading = _heading(lines, lines.index(tabular[0]), bare, drawn, shapes)
            layout = _under_headings(Layout(edges=edges, heading=heading), tabular)
            found.append((recognised(layout.headings(heading), shapes), layout))
    best = max(found, key=lambda pair: pair[0])[1] if found else None
    return _at_seams(best, lines, shapes, drawn) if best else None


def _at_seams(
    layout: Layout, lines: Sequence[Line], shapes: Sequence[Shape], drawn: Mapping[int, Sheet]
) -> Layout:
    """Part columns whose headings touch, and were drawn apart, where no row lies across.

    Raises:
        RefusedError: a row does, and both headings are known.
    """
    seams = drawn[layout.heading[0].page].seams if layout.heading else ()
    own = [seam for seam in seams if any(map(seam.is_on, layout.heading))]
    rows = [line for line in lines if line not in layout.heading and not layout.is_crossed(line)]
    for seam in sorted(own, key=lambda seam: seam.right - seam.left):
        if any(seam.left <= edge <= seam.right for edge in layout.edges):
            continue
        parted = replace(layout, edges=tuple(sorted((*layout.edges, seam.middle))))
        before, after = (
            recognised(known.headings(layout.heading), shapes) for known in (layout, parted)
        )
        crossing = [line for line in rows if parted.is_crossed(line)]
        if all(_is_again(seam, line, drawn) for line in crossing):
            layout = parted if after >= before else layout
        elif after > before:
            detail = f"two headings touch, and “{crossing[0].text}” lies across where they do"
            raise RefusedError("unrecognised-layout", detail, page=crossing[0].page)
    return layout


def _is_again(seam: Seam, line: Line, drawn: Mapping[int, Sheet]) -> bool:
    """Whether a line has a seam in the same place, as a heading that comes again."""
    return any(other.is_on(line) and seam.is_like(other) for other in drawn[line.page].seams)


def _guides(
    lines: Sequence[Line], tabular: Sequence[Line], drawn: Mapping[int, Sheet]
) -> list[tuple[float, ...]]:
    """Give the inner edges of columns that are drawn, where no word lies over one."""
    known = {
        guide: None for page in {line.page: None for line in lines} for guide in drawn[page].guides
    }
    words = [word for line in tabular for word in line.words]
    return [
        guide[1:-1]
        for guide in known
        if all(guide[0] - 1 <= word.x0 and word.x1 <= guide[-1] + 1 for word in words)
        and not any(word.x0 + 1 < edge < word.x1 - 1 for word in words for edge in guide[1:-1])
    ]


def _under_headings(layout: Layout, tabular: Sequence[Line]) -> Layout:
    """Join what stands under a heading, but beside it, with the heading (centred, over numbers).

    Bullets that stand far from their words are no column of their own either.
    """
    cuts = [layout.cut(line) for line in tabular if line not in layout.heading]
    heads = layout.headings(layout.heading)
    filled = [any(column) for column in zip(*cuts, strict=True)] if cuts else []
    for at, edge in enumerate(layout.edges if filled else ()):
        one, other = (heads[at], filled[at]), (heads[at + 1], filled[at + 1])
        is_split = not (one[0] and other[0]) and not (one[1] and other[1])
        is_marks = not one[0] and all(is_mark(cells[at]) for cells in cuts if cells[at])
        if is_marks or (is_split and (one[0] or other[0]) and (one[1] or other[1])):
            kept = tuple(place for place in layout.edges if place != edge)
            return _under_headings(replace(layout, edges=kept), tabular)
    return layout


def _heading(
    lines: Sequence[Line],
    at: int,
    layout: Layout,
    drawn: Mapping[int, Sheet],
    shapes: Sequence[Shape],
) -> Band:
    """Find the lines of the heading: above the first wide one where that has values."""
    above = _staggered(lines, at, layout, shapes) if _has_value(lines[at], layout) else ()
    return above or _around(lines, at, layout, drawn)


def _staggered(lines: Sequence[Line], at: int, layout: Layout, shapes: Sequence[Shape]) -> Band:
    """Find a heading none of whose lines has two cells, as where short ones stand in the middle.

    Of the lines above the first row it ends where most headings are known, and above the widest
    white space where that holds of more than one line.
    """
    first = at
    while first and at - first < DEEPEST and _may_be_above(lines[first - 1], lines[first], layout):
        first -= 1
    run = lines[first : at + 1]
    if len(run) < 2:  # noqa: PLR2004 - a heading, and the row below it
        return ()
    gaps = bands.gaps(run)
    known = [
        recognised(layout.headings(tuple(run[:depth])), shapes) for depth in range(1, len(run))
    ]
    best = max(range(len(known)), key=lambda depth: (known[depth], gaps[depth]))
    return tuple(run[: best + 1]) if known[best] else ()


def _may_be_above(above: Line, below: Line, layout: Layout) -> bool:
    """Whether a line may be of the heading or the row that the next one is of."""
    is_near = above.page == below.page and below.box[1] - above.box[3] < below.size
    is_alike = abs(above.size - below.size) < ALIKE and not layout.is_crossed(above)
    return is_near and is_alike and not _has_value(above, layout)


def _around(lines: Sequence[Line], at: int, layout: Layout, drawn: Mapping[int, Sheet]) -> Band:
    """Find the lines of the heading around the first line with wide spaces."""
    first = at
    while first and _belongs_above(lines[first - 1], lines[first], layout):
        first -= 1
    page = lines[at].page
    run = [line for line in lines[first : first + DEEPEST + 1] if line.page == page]
    depths = [len(bands.by_gap(run, NEAR * run[0].size)[0])]
    depths += [len(bands.by_rule(run, drawn[page].rules)[0])]
    depths += [depth for depth, line in enumerate(run) if depth and _has_value(line, layout)]
    depths += [depth for depth, line in enumerate(run) if run[0].bold and not line.bold]
    return tuple(run[: max(min(depths), at - first + 1)])


def _belongs_above(above: Line, below: Line, layout: Layout) -> bool:
    """Whether a line above the first wide one is a part of the same heading."""
    is_near = above.page == below.page and below.box[1] - above.box[3] < NEAR * below.size
    return is_near and above.bold == below.bold and not layout.is_crossed(above)


def _has_value(line: Line, layout: Layout) -> bool:
    """Whether a column holds nothing but a date or a number: no heading does."""
    return any(map(is_value, layout.cut(line)))


def is_value(text: str) -> bool:
    """Whether a text is a date or a number."""
    return is_count(text) or is_date(text)


def box_of(band: Band) -> BoxEdges:
    """The smallest box around a row's words."""
    return around(word for line in band for word in line.words)


def row(layout: Layout, band: Band) -> Row:
    """Make a row of its lines."""
    words = [word for line in band for word in line.words]
    cells = []
    for own in layout.parts(words):
        texts, lefts = printed_lines(own)
        top = min((word.top for word in own), default=None)
        cells.append(CellText(joined(texts), texts, lefts, top))
    box = Box(page=band[0].page, box=box_of(band))
    spans = (1,) * len(cells)
    return Row(cells=tuple(cells), spans=spans, boxes=(box,), bold=all(word.bold for word in words))
