"""Tables without rules: columns found by the white space between them.

A gutter is a stretch of the page's width into which no line of the table reaches. What the
columns are is told by their headings, and where rows part by `scrapers.reports.bands`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from scrapers.cells import starts_with_bullet, starts_with_month
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Word
from scrapers.reports import bands, bodies, layouts, levels
from scrapers.reports.bands import Known
from scrapers.reports.furniture import Sheet
from scrapers.reports.joining import fits_of
from scrapers.reports.layouts import Layout
from scrapers.reports.levels import Band
from scrapers.reports.lines import WIDE, Line, is_tabular
from scrapers.reports.meanings import Shape, recognised, shape_of
from scrapers.reports.tables import Piece
from storage.model import Box

ROOM, TRIM = 1.0, 0.3
"""Points around a row's words; less where another row touches it."""
ACROSS = 0.8
"""Part of a table's width over which a rule that parts rows runs; one under words is shorter."""
FEWEST = 3
"""Lines with wide spaces, at least, that make a table of unknown headings."""


def pieces(
    lines: Sequence[Line],
    title: str,
    shapes: Sequence[Shape],
    drawn: Mapping[int, Sheet],
) -> tuple[Piece, ...]:
    """Read the unruled table of a section, a piece for each page; none where there is none.

    Raises:
        RefusedError: words run over the white space between two columns.
    """
    tabular = [line for line in lines if is_tabular(line)]
    layout = layouts.find(lines, tabular, shapes, drawn) if tabular else None
    if not layout:
        return ()
    layout = _with_end(layout, lines, title, shapes, drawn)
    if not recognised(layout.headings(layout.heading), shapes) and len(tabular) < FEWEST:
        return ()
    _refuse_run_together(layout)
    found = [body for body in bodies.bodies(lines, layout) if body]
    pages = [(body, _known(body, layout, title, shapes, drawn[body[0].page])) for body in found]
    parted = bands.rows(pages) if pages else []
    heading = Piece(page=layout.heading[0].page, rows=(layouts.row(layout, layout.heading),))
    return (heading, *(_piece(layout, page) for page in parted))


def _with_end(
    layout: Layout,
    lines: Sequence[Line],
    title: str,
    shapes: Sequence[Shape],
    drawn: Mapping[int, Sheet],
) -> Layout:
    """Give the layout whose heading ends where the rows below it on its page are the likeliest.

    Where no wider space parts a heading from the first row, a line of this may look like its last.
    A heading may be all that stands of the table on its page.
    """
    first = lines.index(layout.heading[0])
    page = [line for line in lines[first:] if line.page == layout.heading[0].page]
    crossed = (at for at, line in enumerate(page) if at and layout.is_crossed(line))
    page = page[: next(crossed, len(page))]
    end = len(layout.heading)
    if end < len(page) and all(ln.bold for ln in layout.heading) and not page[end].bold:
        return layout
    found: list[tuple[bool, int, float, bool, int, Layout]] = []
    most = len(page) if page[-1].page != lines[-1].page else len(page) - 1
    for depth in range(1, min(layouts.DEEPEST, most) + 1):
        other = replace(layout, heading=tuple(page[:depth]))
        if known := recognised(layout.headings(other.heading), shapes):
            body = tuple(page[depth:])
            sheet = drawn[page[0].page]
            below = [(body, _known(body, other, title, shapes, sheet))] if body else []
            weight = bands.best(below)[0] if below else 0.0
            is_pure = not any(map(_has_contents, map(layout.cut, other.heading)))
            is_level = levels.is_level(other.heading, lambda line: layout.parts(line.words))
            change = abs(depth - len(layout.heading))
            found.append((is_pure, known, weight, is_level, -change, other))
    return max(found, key=lambda each: each[:5])[5] if found else layout


def _has_contents(texts: Sequence[str]) -> bool:
    """Whether a line's cells hold what no heading does: a bullet, a date or its beginning."""
    return any(
        starts_with_bullet(text) or starts_with_month(text) or layouts.is_value(text)
        for text in texts
    )


def _refuse_run_together(layout: Layout) -> None:
    """Refuse columns whose headings stand apart and whose cells run into each other."""
    for line in layout.heading:
        for words in layout.parts(line.words):
            if any(b.x0 - a.x1 > WIDE * a.size for a, b in pairwise(words)):
                text = " ".join(word.text for word in words)
                detail = f"the columns under “{text}” run into each other"
                raise RefusedError("unrecognised-layout", detail, page=line.page)


def _known(body: Band, layout: Layout, title: str, shapes: Sequence[Shape], sheet: Sheet) -> Known:
    """Say what is known of the columns before the rows are."""
    headings = layout.headings(layout.heading)
    shape = shape_of(headings, title, shapes)
    fields = shape.fields(headings) if shape else ()
    must = tuple(at for at, field in enumerate(fields) if shape and field in shape.typed)

    def parts(line: Line) -> tuple[tuple[Word, ...], ...]:
        return layout.parts(line.words)

    boxes = [line.box for line in body]
    least = ACROSS * (max(box[2] for box in boxes) - min(box[0] for box in boxes))
    pairs = zip(sheet.rules, sheet.runs, strict=True)
    rules, across = sheet.rules, tuple(height for height, run in pairs if run >= least)
    if shape:
        fits = fits_of(headings, shape)
        return Known(parts=parts, must=must, is_whole=fits, rules=rules, across=across)
    cuts = zip(*map(layout.cut, body), strict=True)
    must = tuple(at for at, texts in enumerate(cuts) if _are_values(texts))
    return Known(
        parts=parts,
        must=must,
        is_whole=lambda _, text: layouts.is_value(text),
        rules=rules,
        across=across,
    )


def _are_values(texts: Sequence[str]) -> bool:
    """Whether most of a column's lines are dates or numbers."""
    return 2 * sum(map(layouts.is_value, texts)) > sum(map(bool, texts))


def _piece(layout: Layout, rows: Sequence[Band]) -> Piece:
    """Make a page's piece of its rows."""
    boxes = [layouts.box_of(band) for band in rows]
    tops = [0.0, *(box[3] for box in boxes[:-1])]
    bottoms = [*(box[1] for box in boxes[1:]), float("inf")]
    made = tuple(
        replace(layouts.row(layout, band), boxes=(_roomy(band[0].page, box, top, bottom),))
        for band, box, top, bottom in zip(rows, boxes, tops, bottoms, strict=True)
    )
    return Piece(page=rows[0][0].page, rows=made)


def _roomy(page: int, box: BoxEdges, above: float, below: float) -> Box:
    """A row's box with a little room, without touching the rows above and below."""
    top = max(box[1] - ROOM, (above + box[1]) / 2) if above < box[1] else box[1] + TRIM
    bottom = min(box[3] + ROOM, (below + box[3]) / 2) if below > box[3] else box[3] - TRIM
    return Box(page=page, box=(box[0] - ROOM, top, box[2] + ROOM, bottom))
