"""Ruled tables: from lines to grids of cells, by pdfplumber's own rules, only sooner.

What pdfplumber does for each cell or corner by looking through the whole page is done here by
looking it up: corners by column and row, characters by their middles.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from pdfplumber import table as plumber
from pdfplumber.utils.geometry import filter_edges

from scrapers.engine.shapes import BoxEdges, Cell, Drawing, Glyph, Grid
from scrapers.engine.words import cell_text

Edge = dict[str, Any]
"""An edge as pdfplumber's functions take it."""
Corner = tuple[float, float]
"""x, top."""

SHORTEST = 1
"""Edges shorter than this, in points, rule nothing (pdfplumber's edge_min_length_prefilter)."""
SHORTEST_JOINED = 3
"""Nor do edges that stay shorter than this when joined (pdfplumber's edge_min_length)."""
TOLERANCE = 3
"""How far edges are moved to meet, in points (pdfplumber's snap, join and intersection)."""


def _edge(x0: float, top: float, x1: float, bottom: float, orientation: str) -> Edge:
    return {
        "x0": x0, "top": top, "x1": x1, "bottom": bottom, "width": x1 - x0,
        "height": bottom - top, "orientation": orientation,
    }  # fmt: skip


def _line_edges(lines: list[BoxEdges]) -> Iterator[Edge]:
    for x0, top, x1, bottom in lines:
        yield _edge(x0, top, x1, bottom, "h" if top == bottom else "v")


def _rect_edges(rects: list[BoxEdges]) -> Iterator[Edge]:
    for x0, top, x1, bottom in rects:
        yield _edge(x0, top, x1, top, "h")
        yield _edge(x0, bottom, x1, bottom, "h")
        yield _edge(x0, top, x0, bottom, "v")
        yield _edge(x1, top, x1, bottom, "v")


def _curve_edges(curves: list[list[Corner]]) -> Iterator[Edge]:
    for points in curves:
        for (ax, ay), (bx, by) in pairwise(points):
            if ax == bx or ay == by:
                orientation = "v" if ax == bx else "h"
                yield _edge(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), orientation)


def edges(drawing: Drawing) -> list[Edge]:
    """Give the edges that may rule a table, snapped and joined as pdfplumber does."""
    found = list(
        chain(_line_edges(drawing.lines), _rect_edges(drawing.rects), _curve_edges(drawing.curves))
    )
    upright = filter_edges(found, "v", min_length=SHORTEST)
    lying = filter_edges(found, "h", min_length=SHORTEST)
    merged = plumber.merge_edges(upright + lying, TOLERANCE, TOLERANCE, TOLERANCE, TOLERANCE)
    return list(filter_edges(merged, min_length=SHORTEST_JOINED))


def _edge_keys(crossing: list[Edge]) -> frozenset[BoxEdges]:
    return frozenset((e["x0"], e["top"], e["x1"], e["bottom"]) for e in crossing)


def cells(found: list[Edge]) -> list[BoxEdges]:
    """Give the smallest rectangle below and right of each corner (pdfplumber's cells)."""
    crossings = plumber.edges_to_intersections(found, TOLERANCE, TOLERANCE)
    upright = {corner: _edge_keys(crossing["v"]) for corner, crossing in crossings.items()}
    lying = {corner: _edge_keys(crossing["h"]) for corner, crossing in crossings.items()}
    corners: list[Corner] = sorted(crossings)
    below: dict[float, list[float]] = {}
    right: dict[float, list[float]] = {}
    for x, top in corners:
        below.setdefault(x, []).append(top)
        right.setdefault(top, []).append(x)
    return [
        box
        for corner in corners
        if (box := _smallest(corner, below[corner[0]], right[corner[1]], upright, lying))
    ]


Touching = dict[Corner, frozenset[BoxEdges]]


def _smallest(
    corner: Corner, tops: list[float], xs: list[float], upright: Touching, lying: Touching
) -> BoxEdges | None:
    x, top = corner
    reached = [
        each
        for each in xs[bisect_left(xs, x) + 1 :]
        if not lying[corner].isdisjoint(lying[each, top])
    ]
    for bottom in tops[bisect_left(tops, top) + 1 :]:
        if upright[corner].isdisjoint(upright[x, bottom]):
            continue
        for x1 in reached:
            far = (x1, bottom)
            if (
                far in upright
                and not upright[far].isdisjoint(upright[x1, top])
                and not lying[far].isdisjoint(lying[x, bottom])
            ):
                return x, top, x1, bottom
    return None


class _Middles:
    """A page's characters, found by where their middles are."""

    def __init__(self, glyphs: list[Glyph]) -> None:
        placed = [
            ((glyph.top + glyph.bottom) / 2, (glyph.x0 + glyph.x1) / 2, order, glyph)
            for order, glyph in enumerate(glyphs)
        ]
        self._by_level = sorted(placed, key=lambda item: item[0])
        self._levels = [item[0] for item in self._by_level]

    def row(self, top: float, bottom: float) -> list[tuple[float, float, int, Glyph]]:
        """Give what stands between two heights, by x."""
        first, last = bisect_left(self._levels, top), bisect_left(self._levels, bottom)
        return sorted(self._by_level[first:last], key=lambda item: item[1])


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
    middles = _Middles(glyphs)
    return tuple(
        _grid(page, group, middles) for group in plumber.cells_to_tables(cells(edges(drawing)))
    )


def _grid(page: int, group: list[BoxEdges], middles: _Middles) -> Grid:
    left, upper = min(box[0] for box in group), min(box[1] for box in group)
    right, lower = max(box[2] for box in group), max(box[3] for box in group)
    columns = sorted({box[0] for box in group})
    by_top: dict[float, dict[float, BoxEdges]] = {}
    for box in group:
        by_top.setdefault(box[1], {})[box[0]] = box
    rows, bands = [], []
    for top, found in sorted(by_top.items()):
        boxes = list(found.values())
        band = (min(b[0] for b in boxes), top, max(b[2] for b in boxes), max(b[3] for b in boxes))
        rows.append(tuple(_row_cells([found.get(x) for x in columns], band, middles)))
        bands.append(band)
    box = (left, upper, right, lower)
    return Grid(page=page, box=box, rows=tuple(rows), row_boxes=tuple(bands))
