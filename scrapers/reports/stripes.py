"""Shaded rows that look like grids, and the columns that rules and shades give away.

Where every other row is shaded, each shaded row is a grid by itself and the rows between are none.
Such tables are read as those without rules, with the shades' edges as their columns.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from scrapers.pdf import BoxEdges, Drawing, Grid, Word
from scrapers.reports.lines import in_lines

Edges = tuple[float, ...]
"""Where columns begin, left to right, and where the last one ends."""

NEAR = 3.0
"""Points within which two edges are one."""
SHORT = 10.0
"""Points: what is shorter is no rule under a column."""
CLOSE = 40.0
"""Points below or above a shaded row within which its neighbours stand."""


def edges_of(grid: Grid) -> Edges:
    """Give the edges of a grid's columns."""
    columns = zip(*grid.rows, strict=True)
    lefts = [min(cell.box[0] for cell in column if cell) for column in columns if any(column)]
    return (*lefts, grid.box[2])


def is_among(edges: Edges, known: Sequence[Edges]) -> bool:
    """Whether columns are as others are."""
    return any(
        len(edges) == len(other)
        and all(abs(a - b) <= NEAR for a, b in zip(edges, other, strict=True))
        for other in known
    )


def striped(grids: Sequence[Grid], words: Sequence[Word]) -> list[Edges]:
    """Give the columns of grids that are shaded rows: rows stand between them, in no grid."""
    found: list[Edges] = []
    for grid in grids:
        edges = edges_of(grid)
        if len(edges) > 2 and not is_among(edges, found):  # noqa: PLR2004 - two columns have three edges
            own = [other for other in grids if is_among(edges_of(other), [edges])]
            if any(_has_row(edges, space, words) for space in _spaces(own)):
                found.append(edges)
    return found


def _spaces(grids: Sequence[Grid]) -> list[tuple[float, float]]:
    """The heights between grids, and next to one that is a single row."""
    spaces = [
        (above.box[3], below.box[1])
        for above, below in pairwise(grids)
        if below.box[1] - above.box[3] <= 2 * CLOSE
    ]
    if len(grids) == 1 and len(grids[0].rows) == 1:
        box = grids[0].box
        spaces += [(box[3], box[3] + CLOSE), (box[1] - CLOSE, box[1])]
    return spaces


def _has_row(edges: Edges, space: tuple[float, float], words: Sequence[Word]) -> bool:
    """Whether a row stands between two heights: words in columns, none over the columns' edges."""
    own = [word for word in words if space[0] <= (word.top + word.bottom) / 2 <= space[1]]
    for line in in_lines(1, own):
        columns = {sum(edge <= (word.x0 + word.x1) / 2 for edge in edges) for word in line.words}
        is_cut = any(
            word.x0 < edge - 1 < edge + 1 < word.x1 for word in line.words for edge in edges
        )
        if not is_cut and len(columns & {*range(1, len(edges))}) > 1 and _is_apart(line.words):
            return True
    return False


def _is_apart(words: Sequence[Word]) -> bool:
    """Whether two words of a line stand wider apart than those of a sentence."""
    return any(right.x0 - left.x1 > left.size for left, right in pairwise(words))


def guides(drawing: Drawing) -> tuple[Edges, ...]:
    """Give the columns that rules and shades drawn cell by cell give away, the commonest first."""
    rows: dict[int, list[BoxEdges]] = defaultdict(list)
    for box in (*drawing.lines, *drawing.rects):
        if box[2] - box[0] >= SHORT:
            rows[round(box[1])].append(box)
    counts = Counter(edges for row in rows.values() if len(edges := _abutting(row)) > 2)  # noqa: PLR2004 - two columns have three edges
    return tuple(edges for edges, _ in counts.most_common())


def _abutting(boxes: Sequence[BoxEdges]) -> Edges:
    """Give the edges of boxes that lie side by side; none where they do not."""
    spans = sorted({(round(box[0]), round(box[2])) for box in boxes})
    if any(abs(right[0] - left[1]) > NEAR for left, right in pairwise(spans)):
        return ()
    return tuple(
        float(edge) for edge in (*(left for left, _ in spans), *(r for _, r in spans[-1:]))
    )
