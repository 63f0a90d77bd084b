"""Tables without rules: columns found by the white space between them.

A gutter is a stretch of the page's width into which no line of the table reaches. What the
columns are is told by their headings, and where rows part by `scrapers.reports.bands`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from scrapers.cells import is_count, is_date, joined, plain
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Word
from scrapers.reports import bands
from scrapers.reports.bands import Band, Known
from scrapers.reports.joining import fits_of
from scrapers.reports.lines import WIDE, Line, around, in_lines, is_tabular
from scrapers.reports.meanings import Shape, recognised, shape_of
from scrapers.reports.tables import CellText, Piece, Row
from storage.model import Box

WIDTHS = (0.45, 0.7, 1.0, 0.35)
"""Least widths of a gutter in font sizes, in the order in which they are tried; a space is 0.25
to 0.33 wide, and the white space between two cells seldom under 0.5."""
ROOM, TRIM = 1.0, 0.3
"""Points around a row's words; less where another row touches it."""
NEAR = 0.5
"""Lines of one cell are nearer to each other than this part of the font size."""
DEEPEST = 8
"""Lines in a heading, at most."""
FAR = 2.0
"""Font sizes: words of one cell do not stand so far apart on one line."""
FEWEST = 3
"""Lines with wide spaces, at least, that make a table of unknown headings."""


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
            if left and right and right[0].x0 - left[-1].x1 < WIDTHS[-1] * line.size:
                return True
        return False

    def headings(self, lines: Band) -> tuple[str, ...]:
        """Read lines as one row of headings."""
        return _row(self, lines).texts if lines else ()


def pieces(
    lines: Sequence[Line],
    title: str,
    shapes: Sequence[Shape],
    rules: Mapping[int, tuple[float, ...]],
) -> tuple[Piece, ...]:
    """Read the unruled table of a section, a piece for each page; none where there is none.

    Raises:
        RefusedError: words run over the white space between two columns.
    """
    tabular = [line for line in lines if is_tabular(line)]
    layout = _layout(lines, tabular, shapes, rules) if tabular else None
    if not layout:
        return ()
    headings = layout.headings(layout.heading)
    if not recognised(headings, shapes) and len(tabular) < FEWEST:
        return ()
    _refuse_run_together(layout)
    bodies = [body for body in _bodies(lines, layout) if body]
    known = [
        (body, _known(body, layout, title, shapes, rules.get(body[0].page, ()))) for body in bodies
    ]
    parted = bands.rows(known) if known else []
    heading = Piece(page=layout.heading[0].page, rows=(_row(layout, layout.heading),))
    return (heading, *(_piece(layout, page) for page in parted))


def _layout(
    lines: Sequence[Line],
    tabular: Sequence[Line],
    shapes: Sequence[Shape],
    rules: Mapping[int, tuple[float, ...]],
) -> Layout | None:
    """Find the columns: by the widest white space that gives the most known headings."""
    found: list[tuple[int, Layout]] = []
    for width in WIDTHS:
        edges = _gutters(tabular, width)
        if edges:
            bare = Layout(edges=edges, heading=())
            heading = _heading(lines, lines.index(tabular[0]), bare, rules)
            layout = _under_headings(Layout(edges=edges, heading=heading), tabular)
            found.append((recognised(layout.headings(heading), shapes), layout))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _under_headings(layout: Layout, tabular: Sequence[Line]) -> Layout:
    """Join what stands under a heading, but beside it, with the heading (centred, over numbers)."""
    cuts = [layout.cut(line) for line in tabular if line not in layout.heading]
    heads = layout.headings(layout.heading)
    filled = [any(column) for column in zip(*cuts, strict=True)] if cuts else []
    for at, edge in enumerate(layout.edges if filled else ()):
        one, other = (heads[at], filled[at]), (heads[at + 1], filled[at + 1])
        is_split = not (one[0] and other[0]) and not (one[1] and other[1])
        if is_split and (one[0] or other[0]) and (one[1] or other[1]):
            kept = tuple(place for place in layout.edges if place != edge)
            return _under_headings(replace(layout, edges=kept), tabular)
    return layout


def _gutters(lines: Sequence[Line], width: float) -> tuple[float, ...]:
    """Find the middles of the stretches into which no word reaches, `width` font sizes wide."""
    words = sorted((word for line in lines for word in line.words), key=lambda word: word.x0)
    least = width * sorted(word.size for word in words)[len(words) // 2]
    found, reached = [], words[0].x1
    for word in words:
        if word.x0 - reached >= least:
            found.append((reached + word.x0) / 2)
        reached = max(reached, word.x1)
    return tuple(found)


def _heading(
    lines: Sequence[Line], at: int, layout: Layout, rules: Mapping[int, tuple[float, ...]]
) -> Band:
    """Find the lines of the heading around the first line with wide spaces."""
    first = at
    while first and _belongs_above(lines[first - 1], lines[first], layout):
        first -= 1
    page = lines[at].page
    run = [line for line in lines[first : first + DEEPEST + 1] if line.page == page]
    depths = [len(bands.by_gap(run, NEAR * run[0].size)[0])]
    depths += [len(bands.by_rule(run, rules.get(page, ()))[0])]
    depths += [depth for depth, line in enumerate(run) if depth and _has_value(line, layout)]
    depths += [depth for depth, line in enumerate(run) if run[0].bold and not line.bold]
    return tuple(run[: max(min(depths), at - first + 1)])


def _belongs_above(above: Line, below: Line, layout: Layout) -> bool:
    """Whether a line above the first wide one is a part of the same heading."""
    is_near = above.page == below.page and below.box[1] - above.box[3] < NEAR * below.size
    return is_near and above.bold == below.bold and not layout.is_crossed(above)


def _has_value(line: Line, layout: Layout) -> bool:
    """Whether a column holds nothing but a date or a number: no heading does."""
    return any(map(_is_value, layout.cut(line)))


def _refuse_run_together(layout: Layout) -> None:
    """Refuse columns whose headings stand apart and whose cells run into each other."""
    for line in layout.heading:
        for words in layout.parts(line.words):
            if any(b.x0 - a.x1 > WIDE * a.size for a, b in pairwise(words)):
                text = " ".join(word.text for word in words)
                detail = f"the columns under “{text}” run into each other"
                raise RefusedError("unrecognised-layout", detail, page=line.page)


def _bodies(lines: Sequence[Line], layout: Layout) -> list[Band]:
    """Give each page's lines of rows, without headings and the sentences above and below."""
    start = lines.index(layout.heading[0]) + len(layout.heading)
    own = {plain(line.text) for line in layout.heading}
    found = []
    for _, group in groupby(lines[start:], key=lambda line: line.page):
        page = tuple(group)
        above = next((at for at, line in enumerate(page) if not layout.is_crossed(line)), len(page))
        while above < len(page) and page[0].page != layout.heading[0].page:
            if plain(page[above].text) not in own:
                break
            above += 1
        found.append(_body(page[above:], layout))
    return found


def _body(page: Band, layout: Layout) -> Band:
    """Cut off what stands below the rows; what stands between them is refused."""
    end = next((at for at, line in enumerate(page) if layout.is_crossed(line)), len(page))
    rest = [line for line in page[end:] if is_tabular(line) and not layout.is_crossed(line)]
    if rest:
        text = page[end].text
        detail = f"“{text}” stands between rows and over the space between columns"
        raise RefusedError("unrecognised-layout", detail, page=page[end].page)
    extents = _extents(page[:end], layout)
    for line in page[:end]:
        _refuse_astray(line, layout, extents)
    return page[:end]


def _extents(lines: Band, layout: Layout) -> list[tuple[float, float]]:
    """Say from where to where each column reaches, by the lines that fill several of them."""
    columns: list[list[Word]] = [[] for _ in range(len(layout.edges) + 1)]
    for line in (*layout.heading, *filter(is_tabular, lines)):
        for column, words in zip(columns, layout.parts(line.words), strict=True):
            column.extend(words)
    return [
        (
            min((word.x0 for word in words), default=0.0),
            max((w.x1 for w in words), default=math.inf),
        )
        for words in columns
    ]


def _refuse_astray(line: Line, layout: Layout, extents: Sequence[tuple[float, float]]) -> None:
    """Refuse a line on which a word stands far from the others of its cell, or of its column."""
    for words, (left, right) in zip(layout.parts(line.words), extents, strict=True):
        if words and (words[-1].x1 < left or words[0].x0 > right):
            detail = f"“{words[0].text}” stands beside all other words of its column"
            raise RefusedError("unrecognised-layout", detail, page=line.page)
        for one, other in pairwise(words):
            if other.x0 - one.x1 > FAR * line.size:
                detail = f"“{other.text}” stands apart from “{one.text}”, outside of its cell"
                raise RefusedError("unrecognised-layout", detail, page=line.page)


def _known(
    body: Band, layout: Layout, title: str, shapes: Sequence[Shape], rules: tuple[float, ...]
) -> Known:
    """Say what is known of the columns before the rows are."""
    headings = layout.headings(layout.heading)
    shape = shape_of(headings, title, shapes)
    fields = shape.fields(headings) if shape else ()
    must = tuple(at for at, field in enumerate(fields) if shape and field in shape.typed)
    if shape:
        fits = fits_of(headings, shape)
        return Known(cut=layout.cut, must=must, is_whole=fits, rules=rules)
    cuts = zip(*map(layout.cut, body), strict=True)
    must = tuple(at for at, texts in enumerate(cuts) if _are_values(texts))
    return Known(cut=layout.cut, must=must, is_whole=lambda _, text: _is_value(text), rules=rules)


def _is_value(text: str) -> bool:
    """Whether a text is a date or a number."""
    return is_count(text) or is_date(text)


def _are_values(texts: Sequence[str]) -> bool:
    """Whether most of a column's lines are dates or numbers."""
    return 2 * sum(map(_is_value, texts)) > sum(map(bool, texts))


def _piece(layout: Layout, rows: Sequence[Band]) -> Piece:
    """Make a page's piece of its rows."""
    boxes = [_box(band) for band in rows]
    tops = [0.0, *(box[3] for box in boxes[:-1])]
    bottoms = [*(box[1] for box in boxes[1:]), float("inf")]
    made = tuple(
        replace(_row(layout, band), boxes=(_roomy(band[0].page, box, top, bottom),))
        for band, box, top, bottom in zip(rows, boxes, tops, bottoms, strict=True)
    )
    return Piece(page=rows[0][0].page, rows=made)


def _box(band: Band) -> BoxEdges:
    """The smallest box around a row's words."""
    return around(word for line in band for word in line.words)


def _roomy(page: int, box: BoxEdges, above: float, below: float) -> Box:
    """A row's box with a little room, without touching the rows above and below."""
    top = max(box[1] - ROOM, (above + box[1]) / 2) if above < box[1] else box[1] + TRIM
    bottom = min(box[3] + ROOM, (below + box[3]) / 2) if below > box[3] else box[3] - TRIM
    return Box(page=page, box=(box[0] - ROOM, top, box[2] + ROOM, bottom))


def _row(layout: Layout, band: Band) -> Row:
    """Make a row of its lines."""
    words = [word for line in band for word in line.words]
    cells = []
    for own in layout.parts(words):
        texts = tuple(line.text for line in in_lines(band[0].page, own))
        cells.append(CellText(joined(texts), texts))
    box = Box(page=band[0].page, box=_box(band))
    spans = (1,) * len(cells)
    return Row(cells=tuple(cells), spans=spans, boxes=(box,), bold=all(word.bold for word in words))
