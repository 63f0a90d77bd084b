"""Rows that a page's end cuts open: their upright rules go on, and no rule closes them.

Some producers draw no line where a row breaks over a page, be it at the foot of the one or below
the heading that is repeated on the other. The columns are known by the grid
that the row hangs on.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from scrapers.pdf import BoxEdges, Cell, Drawing, Grid, Word

NEAR = 1.5
"""Points within which two rules are taken to touch."""
LEAST = 4.0
"""Points that an open row is high, at least."""


def closed(grid: Grid, drawing: Drawing, words: Sequence[Word]) -> Grid:
    """Give the grid with the open rows above and below it, if there are any."""
    edges = _edges(grid)
    rules = [_upright_rules(drawing, edge) for edge in edges]
    grid = _parted(grid, edges, rules, words)
    _, top, _, bottom = grid.box
    lower = min((_reach(own, bottom) for own in rules), default=bottom)
    upper = max((-_reach(_turned(own), -top) for own in rules), default=top)
    if lower - bottom > LEAST:
        grid = _with_row(grid, edges, (bottom, lower), words)
    if top - upper > LEAST:
        grid = _with_row(grid, edges, (upper, top), words)
    return grid


def _edges(grid: Grid) -> tuple[float, ...]:
    """The left edges of the grid's columns, and its right edge."""
    columns = zip(*grid.rows, strict=True)
    lefts = [min(cell.box[0] for cell in column if cell) for column in columns if any(column)]
    return (*lefts, grid.box[2])


def _upright_rules(drawing: Drawing, x: float) -> list[tuple[float, float]]:
    """The spans of height along which an upright rule runs at a place."""
    lines = [(top, bottom) for x0, top, x1, bottom in drawing.lines if _at(x, x0) and _at(x, x1)]
    rects = [(top, bottom) for x0, top, x1, bottom in drawing.rects if _at(x, x0) or _at(x, x1)]
    return sorted((min(span), max(span)) for span in lines + rects)


def _at(one: float, other: float) -> bool:
    """Whether two places are one."""
    return abs(one - other) <= NEAR


def _turned(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same spans counted upwards."""
    return sorted((-bottom, -top) for top, bottom in spans)


def _reach(spans: Sequence[tuple[float, float]], start: float) -> float:
    """How far rules that touch one another go on from a height."""
    reached = start
    for top, bottom in spans:
        if top <= reached + NEAR:
            reached = max(reached, bottom)
    return reached


def _parted(
    grid: Grid,
    edges: Sequence[float],
    rules: Sequence[Sequence[tuple[float, float]]],
    words: Sequence[Word],
) -> Grid:
    """Part rows between which no rule runs, but where all upright rules end and begin anew."""
    rows, boxes = [], []
    for row, box in zip(grid.rows, grid.row_boxes, strict=True):
        ends = [{round(end) for span in own for end in span} for own in rules]
        inner = sorted(
            height
            for height in set.intersection(*ends)
            if box[1] + LEAST < height < box[3] - LEAST and len(row) == len(edges) - 1 and all(row)
        )
        heights = [box[1], *inner, box[3]]
        for top, bottom in itertools.pairwise(heights):
            rows.append(row if not inner else _open_row(edges, (top, bottom), words))
            boxes.append((box[0], top, box[2], bottom))
    return replace(grid, rows=tuple(rows), row_boxes=tuple(boxes))


def _open_row(
    edges: Sequence[float], span: tuple[float, float], words: Sequence[Word]
) -> tuple[Cell, ...]:
    """Make a row between two heights."""
    top, bottom = span
    boxes = [(left, top, right, bottom) for left, right in itertools.pairwise(edges)]
    return tuple(Cell(text=_text(box, words), box=box) for box in boxes)


def _with_row(
    grid: Grid, edges: Sequence[float], span: tuple[float, float], words: Sequence[Word]
) -> Grid:
    """Add a row above or below."""
    top, bottom = span
    row = _open_row(edges, span, words)
    if len(row) != len(grid.rows[0]) or not any(cell.text for cell in row):
        return grid
    box = (edges[0], top, edges[-1], bottom)
    x0, old_top, x1, old_bottom = grid.box
    whole = (x0, min(top, old_top), x1, max(bottom, old_bottom))
    if top < old_top:
        return replace(grid, box=whole, rows=(row, *grid.rows), row_boxes=(box, *grid.row_boxes))
    return replace(grid, box=whole, rows=(*grid.rows, row), row_boxes=(*grid.row_boxes, box))


def _text(box: BoxEdges, words: Sequence[Word]) -> str:
    """The words whose middles lie in a box."""
    return " ".join(
        word.text
        for word in words
        if box[0] <= (word.x0 + word.x1) / 2 <= box[2]
        and box[1] <= (word.top + word.bottom) / 2 <= box[3]
    )
