"""Upright rules that end where no rule lies across: a row that the page's end cuts open.

Browsers and word processors draw no line where a row breaks over a page. Closed by a line of our
own, the cells are found as all others are.
"""

from collections.abc import Iterable, Sequence

from scrapers.pdf import BoxEdges, Drawing, Grid, Page

THIN = 2.0
"""Points: a rule is not thicker."""
LEAST = 6.0
"""Points: what is shorter is no rule."""
NEAR = 2.0
"""Points within which rules end at one height."""
TEETH = 3
"""Upright rules, at least, that make columns."""
NEIGHBOURS = 72.0
"""Points within which a rule of the same table tells how far a missing one would reach."""
COVERED = 0.8
"""Part of a comb's width that rules across must cover for it to be closed."""

Comb = tuple[float, float, float]
"""The left, the height and the right of a place where many upright rules end."""


def closed(page: Page) -> Page:
    """Give the page with a line across each comb's open ends; the same page where none is open."""
    strokes = [_ordered(box) for box in (*page.drawing.lines, *page.drawing.rects)]
    uprights = [box for box in strokes if box[2] - box[0] <= THIN and box[3] - box[1] >= LEAST]
    if len(uprights) < TEETH:
        return page
    across = [box for box in strokes if box[2] - box[0] >= LEAST]
    new: list[BoxEdges] = []
    for end in (1, 3):
        for comb in _combs(uprights, end):
            if not _is_closed(comb, across) and not _is_crossed(comb, uprights):
                new += _frame(comb, [box for box in uprights if _ends(box, comb, end)], across, end)
    return _with_lines(page, new) if new else page


def _ends(box: BoxEdges, comb: Comb, end: int) -> bool:
    """Whether an upright rule ends in a comb."""
    left, height, right = comb
    return abs(box[end] - height) <= NEAR and left - NEAR <= box[0] <= right + NEAR


def _frame(
    comb: Comb, teeth: Sequence[BoxEdges], across: Sequence[BoxEdges], end: int
) -> list[BoxEdges]:
    """Give the line across a comb's end, and the outermost teeth where they are not drawn.

    Chromium leaves out the last cell's right border where borders do not collapse (2026-11).
    """
    left, height, right = comb
    other = sorted(box[4 - end] for box in teeth)[len(teeth) // 2]
    level = [box for box in across if min(abs(box[1] - other), abs(box[3] - other)) <= NEAR]
    near = [
        box
        for box in across
        if box[3] - box[1] <= THIN
        and abs(box[1] - height) <= NEIGHBOURS
        and box[0] <= left + NEAR
        and box[2] >= right - NEAR
    ]
    level = level or near
    far_left = min((box[0] for box in level), default=left)
    far_right = max((box[2] for box in level), default=right)
    sides = [
        (x, min(height, other), x, max(height, other))
        for x, near in ((far_left, left), (far_right, right))
        if abs(x - near) > LEAST
    ]
    return [(min(left, far_left), height, max(right, far_right), height), *sides]


def _ordered(box: BoxEdges) -> BoxEdges:
    """A box with its edges in order."""
    x0, top, x1, bottom = box
    return min(x0, x1), min(top, bottom), max(x0, x1), max(top, bottom)


def _combs(uprights: Sequence[BoxEdges], end: int) -> Iterable[Comb]:
    """Give the places where many upright rules end: at their tops (1) or bottoms (3)."""
    group: list[tuple[float, float]] = []
    ends = sorted((box[end], (box[0] + box[2]) / 2) for box in uprights)
    for height, x in [*ends, (float("inf"), 0.0)]:
        if group and height - group[0][0] > NEAR:
            places = {round(x / NEAR) for _, x in group}
            if len(places) >= TEETH:
                yield min(x for _, x in group), group[0][0], max(x for _, x in group)
            group = []
        group.append((height, x))


def _is_closed(comb: Comb, across: Sequence[BoxEdges]) -> bool:
    """Whether rules, or the edges of boxes, lie across most of a comb."""
    left, height, right = comb
    spans = sorted(
        (max(x0, left), min(x1, right))
        for x0, top, x1, bottom in across
        if min(abs(top - height), abs(bottom - height)) <= NEAR and x1 > left and x0 < right
    )
    covered, reached = 0.0, left
    for start, end in spans:
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered >= COVERED * (right - left)


def _is_crossed(comb: Comb, uprights: Sequence[BoxEdges]) -> bool:
    """Whether a rule runs on through a height where others end: no row ends there."""
    left, height, right = comb
    return any(
        top < height - NEAR and bottom > height + NEAR and left - NEAR <= x0 <= right + NEAR
        for x0, top, _, bottom in uprights
    )


def framed(page: Page) -> Page:
    """Give the page with a frame around each grid whose outer columns are open at their sides."""
    new: list[BoxEdges] = []
    for grid in page.grids():
        left, right = _sides(grid, page.drawing)
        _, top, _, bottom = grid.box
        is_wider = left < grid.box[0] - LEAST or right > grid.box[2] + LEAST
        if is_wider or any(row[0] is None or row[-1] is None for row in grid.rows):
            new += [(left, top, left, bottom), (right, top, right, bottom)]
            new += [(left, top, right, top), (left, bottom, right, bottom)]
    return _with_lines(page, new) if new else page


def _sides(grid: Grid, drawing: Drawing) -> tuple[float, float]:
    """Give how far the rules across a grid reach, which may have no sides drawn."""
    x0, top, x1, bottom = grid.box
    across = [
        box
        for box in map(_ordered, (*drawing.lines, *drawing.rects))
        if box[3] - box[1] <= THIN
        and top - NEAR <= box[1]
        and box[3] <= bottom + NEAR
        and box[0] <= x1 + NEAR
        and box[2] >= x0 - NEAR
    ]
    left = min((box[0] for box in across), default=x0)
    return min(left, x0), max((box[2] for box in across), default=x1)


def _with_lines(page: Page, new: Sequence[BoxEdges]) -> Page:
    """Give the page with more lines."""
    lines = [*page.drawing.lines, *new]
    drawing = Drawing(lines=lines, rects=page.drawing.rects, curves=page.drawing.curves)
    return Page(page.number, (page.width, page.height), page.stretches, drawing)
