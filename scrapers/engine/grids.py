"""Ruled tables with their texts: characters are put into rows and cells by where their middles are.

pdfplumber looks through all characters of the page for each row, and of the row for each cell.
"""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

from scrapers.engine.phrases import cell_text
from scrapers.engine.ruling import ruled_tables
from scrapers.engine.shapes import BoxEdges, Cell, Drawing, Grid
from scrapers.engine.stretches import Stretch

Placed = tuple[float, int, Stretch]
"""A height or a left edge, by which a stretch is found; its place in the order of drawing."""


class _Levels:
    """A page's stretches, found by the height of their middles."""

    def __init__(self, stretches: list[Stretch]) -> None:
        placed: list[Placed] = [
            ((stretch.top + stretch.bottom) / 2, order, stretch)
            for order, stretch in enumerate(stretches)
        ]
        self._placed = sorted(placed, key=itemgetter(0))
        self._levels = [item[0] for item in self._placed]

    def row(self, top: float, bottom: float) -> list[Placed]:
        """Give what stands between two heights."""
        first, last = bisect_left(self._levels, top), bisect_left(self._levels, bottom)
        return self._placed[first:last]


class _Row:
    """What stands in one row, found by x."""

    def __init__(self, placed: list[Placed]) -> None:
        self._placed = sorted(
            [(min(stretch.x0s), order, level, stretch) for level, order, stretch in placed],
            key=itemgetter(0),
        )
        self._lefts = [item[0] for item in self._placed]
        self._widest = max([each[3].right - each[0] for each in self._placed], default=0.0)

    def inside(self, box: BoxEdges) -> list[Stretch]:
        """Give what stands in a cell, in the order of drawing, what reaches into others cut off."""
        x0, top, x1, bottom = box
        first = bisect_left(self._lefts, x0 - self._widest - 1)
        found = []
        for left, order, level, stretch in self._placed[first : bisect_left(self._lefts, x1)]:
            if not top <= level < bottom:
                continue
            if left >= x0 and stretch.right < x1:
                found.append((order, stretch))
                continue
            pairs = zip(stretch.x0s, stretch.x1s, strict=True)
            kept = [x0 <= (begin + end) / 2 < x1 for begin, end in pairs]
            if any(kept):
                found.append((order, stretch.only(kept)))
        found.sort(key=itemgetter(0))
        return [stretch for _, stretch in found]


def _row_cells(
    boxes: list[BoxEdges | None], band: BoxEdges, levels: _Levels
) -> Iterator[Cell | None]:
    """Yield the cells of one row with their texts."""
    row = _Row(levels.row(band[1], band[3]))
    for box in boxes:
        yield Cell(text=cell_text(row.inside(box)), box=box) if box else None


def find_grids(page: int, drawing: Drawing, stretches: list[Stretch]) -> tuple[Grid, ...]:
    """Give a page's ruled tables, top to bottom.

    Args:
        page: its number, from 1.
        drawing: its lines.
        stretches: its characters.
    """
    tables = ruled_tables(drawing)
    if not tables:
        return ()
    levels = _Levels(stretches)
    return tuple(_grid(page, cells, levels) for cells in tables)


def _grid(page: int, cells: list[BoxEdges], levels: _Levels) -> Grid:
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
        rows.append(tuple(_row_cells([found.get(x) for x in columns], band, levels)))
        bands.append(band)
    box = (left, upper, right, lower)
    return Grid(page=page, box=box, rows=tuple(rows), row_boxes=tuple(bands))
