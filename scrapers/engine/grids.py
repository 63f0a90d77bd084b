"""Ruled tables with their texts: characters are put into rows and cells by where their middles are.

pdfplumber looks through all characters of the page for each row, and of the row for each cell.
"""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

from scrapers.engine.ruling import ruled_tables
from scrapers.engine.shapes import BoxEdges, Cell, Drawing, Glyph, Grid
from scrapers.engine.words import cell_text


class _Middles:
    """A page's characters, found by where their middles are."""

    def __init__(self, glyphs: list[Glyph]) -> None:
        placed = [
            ((glyph[2] + glyph[4]) / 2, (glyph[1] + glyph[3]) / 2, order, glyph)
            for order, glyph in enumerate(glyphs)
        ]
        self._by_level = sorted(placed, key=itemgetter(0))
        self._levels = [item[0] for item in self._by_level]

    def row(self, top: float, bottom: float) -> list[tuple[float, float, int, Glyph]]:
        """Give what stands between two heights, by x."""
        first, last = bisect_left(self._levels, top), bisect_left(self._levels, bottom)
        return sorted(self._by_level[first:last], key=itemgetter(1))


def _row_cells(
    boxes: list[BoxEdges | None], band: BoxEdges, middles: _Middles
) -> Iterator[Cell | None]:
    """Yield the cells of one row with their texts."""
    placed = middles.row(band[1], band[3])
    xs = [item[1] for item in placed]
    for box in boxes:
        if box is None:
            yield None
            continue
        x0, top, x1, bottom = box
        inside = [
            (order, glyph)
            for level, _, order, glyph in placed[bisect_left(xs, x0) : bisect_left(xs, x1)]
            if top <= level < bottom
        ]
        inside.sort()
        yield Cell(text=cell_text([glyph for _, glyph in inside]), box=box)


def find_grids(page: int, drawing: Drawing, glyphs: list[Glyph]) -> tuple[Grid, ...]:
    """Give a page's ruled tables, top to bottom.

    Args:
        page: its number, from 1.
        drawing: its lines.
        glyphs: its characters.
    """
    tables = ruled_tables(drawing)
    if not tables:
        return ()
    middles = _Middles(glyphs)
    return tuple(_grid(page, cells, middles) for cells in tables)


def _grid(page: int, cells: list[BoxEdges], middles: _Middles) -> Grid:
    left, upper = min(box[0] for box in cells), min(box[1] for box in cells)
    right, lower = max(box[2] for box in cells), max(box[3] for box in cells)
    columns = sorted({box[0] for box in cells})
    by_top: dict[float, dict[float, BoxEdges]] = {}
    for box in cells:
        by_top.setdefault(box[1], {})[box[0]] = box
    rows, bands = [], []
    for top, found in sorted(by_top.items()):
        boxes = list(found.values())
        band = (min(b[0] for b in boxes), top, max(b[2] for b in boxes), max(b[3] for b in boxes))
        rows.append(tuple(_row_cells([found.get(x) for x in columns], band, middles)))
        bands.append(band)
    box = (left, upper, right, lower)
    return Grid(page=page, box=box, rows=tuple(rows), row_boxes=tuple(bands))
