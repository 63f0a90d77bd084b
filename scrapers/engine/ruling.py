"""Ruled tables: from what a page draws to the cells of its tables, by pdfplumber's rules.

The rules are those of pdfplumber's `find_tables` with its default settings, to the last tie, and a
test holds this against it. It is written anew because pdfplumber looks through the whole page for
each corner (here they are looked up), and because importing it takes longer than reading a report.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter

from scrapers.engine.shapes import BoxEdges, Drawing

Corner = tuple[float, float]
"""x, top."""
Touching = dict[Corner, set[BoxEdges]]
"""Which edges meet at each corner."""

SHORTEST = 1
"""Edges shorter than this, in points, rule nothing (pdfplumber's edge_min_length_prefilter)."""
SHORTEST_JOINED = 3
"""Nor do edges that stay shorter than this when joined (edge_min_length)."""
TOLERANCE = 3
"""How far edges are moved to meet, in points (snap, join and intersection tolerance)."""

X0, TOP, X1, BOTTOM = range(4)


def _upright_edges(drawing: Drawing) -> Iterator[BoxEdges]:
    # A slanted line counts as upright, at its left end: so it does in pdfplumber.
    yield from (line for line in drawing.lines if line[TOP] != line[BOTTOM])
    for x0, top, x1, bottom in drawing.rects:
        yield x0, top, x0, bottom
        yield x1, top, x1, bottom
    for points in drawing.curves:
        for (ax, ay), (bx, by) in pairwise(points):
            if ax == bx:
                yield ax, min(ay, by), bx, max(ay, by)


def _lying_edges(drawing: Drawing) -> Iterator[BoxEdges]:
    yield from (line for line in drawing.lines if line[TOP] == line[BOTTOM])
    for x0, top, x1, bottom in drawing.rects:
        yield x0, top, x1, top
        yield x0, bottom, x1, bottom
    for points in drawing.curves:
        for (ax, ay), (bx, by) in pairwise(points):
            if ay == by and ax != bx:
                yield min(ax, bx), ay, max(ax, bx), by


def _snapped(edges: list[BoxEdges], across: int) -> Iterator[BoxEdges]:
    """Move edges that nearly stand in one line to their mean; `across` is X0 or TOP."""
    # The order within a group stays, since pdfplumber adds up in that order, and it shows.
    levels = sorted({edge[across] for edge in edges})
    number = dict.fromkeys(levels[:1], 0)
    for level, following in pairwise(levels):
        number[following] = number[level] + (following > level + TOLERANCE)
    groups: list[list[BoxEdges]] = [[] for _ in range(number[levels[-1]] + 1 if levels else 0)]
    for edge in edges:
        groups[number[edge[across]]].append(edge)
    for group in groups:
        mean = sum(edge[across] for edge in group) / len(group)
        for x0, top, x1, bottom in group:
            if across == X0:
                yield x0 + (mean - x0), top, x1 + (mean - x0), bottom
            else:
                yield x0, top + (mean - top), x1, bottom + (mean - top)


def _joined(edges: Iterable[BoxEdges], along: int) -> Iterator[BoxEdges]:
    """Join what lies end to end on one line; `along` is where an edge begins: X0 or TOP."""
    ends = along + 2
    current: list[float] | None = None
    for edge in sorted(edges, key=itemgetter(along)):
        if current is not None and edge[along] <= current[ends] + TOLERANCE:
            current[ends] = max(current[ends], edge[ends])
            continue
        if current is not None:
            yield current[0], current[1], current[2], current[3]
        current = list(edge)
    if current is not None:
        yield current[0], current[1], current[2], current[3]


def _merged(edges: Iterable[BoxEdges], along: int) -> list[BoxEdges]:
    """Snap and join the edges of one direction, and leave out what is too short."""
    across = TOP if along == X0 else X0
    long = [edge for edge in edges if edge[along + 2] - edge[along] >= SHORTEST]
    snapped = sorted(_snapped(long, across), key=itemgetter(across))
    return [
        edge
        for _, line in groupby(snapped, key=itemgetter(across))
        for edge in _joined(line, along)
        if edge[along + 2] - edge[along] >= SHORTEST_JOINED
    ]


def _crossings(upright: list[BoxEdges], lying: list[BoxEdges]) -> tuple[Touching, Touching]:
    """Find where edges meet: at each corner the upright ones, and the lying ones."""
    by_top = sorted(lying, key=itemgetter(TOP, X0))
    tops = [edge[TOP] for edge in by_top]
    standing: Touching = {}
    resting: Touching = {}
    for edge in upright:
        x, top, _, bottom = edge
        first, last = bisect_left(tops, top - TOLERANCE), bisect_right(tops, bottom + TOLERANCE)
        for other in by_top[first:last]:
            if other[X0] - TOLERANCE <= x <= other[X1] + TOLERANCE:
                corner = (x, other[TOP])
                standing.setdefault(corner, set()).add(edge)
                resting.setdefault(corner, set()).add(other)
    return standing, resting


def _cells(standing: Touching, resting: Touching) -> Iterator[BoxEdges]:
    """Yield the smallest rectangle below and right of each corner, where there is one."""
    corners = sorted(standing)
    tops_at: dict[float, list[float]] = {}
    xs_at: dict[float, list[float]] = {}
    for x, top in corners:
        tops_at.setdefault(x, []).append(top)
        xs_at.setdefault(top, []).append(x)
    for x, top in corners:
        tops, xs = tops_at[x], xs_at[top]
        box = _smallest(
            (x, top), tops[bisect_right(tops, top) :], xs[bisect_right(xs, x) :], standing, resting
        )
        if box:
            yield box


def _smallest(
    corner: Corner, tops: list[float], xs: list[float], standing: Touching, resting: Touching
) -> BoxEdges | None:
    """Look for the nearest corner below, then the nearest one to the right, that close a cell."""
    x, top = corner
    reached: list[float] | None = None
    for bottom in tops:
        if standing[corner].isdisjoint(standing[x, bottom]):
            continue
        if reached is None:
            reached = [x1 for x1 in xs if not resting[corner].isdisjoint(resting[x1, top])]
        for x1 in reached:
            far = (x1, bottom)
            if (
                far in standing
                and not standing[far].isdisjoint(standing[x1, top])
                and not resting[far].isdisjoint(resting[x, bottom])
            ):
                return x, top, x1, bottom
    return None


def _corners(cell: BoxEdges) -> tuple[Corner, Corner, Corner, Corner]:
    x0, top, x1, bottom = cell
    return (x0, top), (x0, bottom), (x1, top), (x1, bottom)


def _tables(cells: list[BoxEdges]) -> list[list[BoxEdges]]:
    """Group cells that share corners; a cell by itself is no table."""
    at: dict[Corner, list[BoxEdges]] = {}
    for cell in cells:
        for corner in _corners(cell):
            at.setdefault(corner, []).append(cell)
    left = dict.fromkeys(cells)
    tables = []
    while left:
        open_cells = [left.popitem()[0]]
        table = []
        while open_cells:
            cell = open_cells.pop()
            table.append(cell)
            for corner in _corners(cell):
                for near in at[corner]:
                    if near in left:
                        del left[near]
                        open_cells.append(near)
        tables.append(table)
    return sorted((table for table in tables if len(table) > 1), key=_first_corner)


def _first_corner(table: list[BoxEdges]) -> tuple[float, float]:
    return min((cell[TOP], cell[X0]) for cell in table)


def ruled_tables(drawing: Drawing) -> list[list[BoxEdges]]:
    """Give the cells of each table of a page, the tables top to bottom, then left to right."""
    upright = _merged(_upright_edges(drawing), TOP)
    lying = _merged(_lying_edges(drawing), X0)
    return _tables(list(_cells(*_crossings(upright, lying))))
