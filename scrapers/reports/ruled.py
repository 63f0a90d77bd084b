"""Ruled tables: each word of a grid into exactly one of its cells.

The grid's own cell texts are what pdfplumber reads; the page's words give the lines of each
cell (a bullet is one only at a line's beginning) and prove that no word is left out.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from scrapers.cells import joined
from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Cell, Grid, Word
from scrapers.reports.lines import in_lines, is_tabular, printed_lines
from scrapers.reports.tables import CellText, Piece, Row
from storage.model import Box

SLIVER = 4.0
"""Points: a column or row narrower than this is the space between double rules."""


def is_full(grid: Grid) -> bool:
    """Whether a grid is a table by itself: more than one row and column of real cells."""
    columns = [column for column in zip(*grid.rows, strict=True) if _has_room(column)]
    return len(columns) > 1 and len(grid.rows) > 1


def _has_room(column: Iterable[Cell | None]) -> bool:
    """Whether a column is wider than the space between double rules, or has text."""
    return any(cell and (cell.text or cell.box[2] - cell.box[0] > SLIVER) for cell in column)


def piece(grid: Grid, words: Sequence[Word]) -> Piece:
    """Read one grid, of which `words` are those within its box.

    Raises:
        RefusedError: a word stands inside the grid and outside all of its cells.
    """
    columns = [*zip(*grid.rows, strict=True)]
    keep = [at for at, column in enumerate(columns) if _has_room(column)]
    lefts = [min(cell.box[0] for cell in columns[at] if cell) for at in keep]
    by_cell = _words_by_cell(grid, words)
    rows = []
    for at, cells in enumerate(grid.rows):
        kept = [cells[column] for column in keep]
        if any(cell and cell.box[3] - cell.box[1] > SLIVER for cell in kept):
            own = [by_cell.get((at, column), []) for column in keep]
            kept, own = _unmerged(kept, own, lefts)
            rows.append(_row(grid.page, kept, own, lefts, grid.row_boxes[at]))
    return Piece(page=grid.page, rows=tuple(rows))


def _unmerged(
    cells: list[Cell | None], words: list[list[Word]], lefts: Sequence[float]
) -> tuple[list[Cell | None], list[list[Word]]]:
    """Part a cell over all columns whose words stand in these, wide apart: no rule was drawn.

    A word processor's built-in styles draw the upright rules in every other row only.
    """
    whole = cells[0]
    if len(cells) == 1 or not whole or any(cells[1:]):
        return cells, words
    edges = [whole.box[0], *lefts[1:], whole.box[2]]
    own = [[w for w in words[0] if x0 <= w.x0 and w.x1 <= x1] for x0, x1 in pairwise(edges)]
    is_wide = any(map(is_tabular, in_lines(1, words[0])))
    is_filled = 2 * sum(map(bool, own)) > len(own)  # a caption fills fewer
    if not (is_wide and is_filled) or sum(map(len, own)) != len(words[0]):
        return cells, words
    _, top, _, bottom = whole.box
    boxes = [(x0, top, x1, bottom) for x0, x1 in pairwise(edges)]
    texts = [joined(printed_lines(part)[0]) for part in own]
    parted = [Cell(text=text, box=box) for text, box in zip(texts, boxes, strict=True)]
    return [*parted], own


def _row(
    page: int,
    cells: list[Cell | None],
    words: list[list[Word]],
    lefts: Sequence[float],
    box: BoxEdges,
) -> Row:
    """Read one row of a grid, whose columns have these left edges."""
    texts = tuple(
        _cell_text(cell, own) if cell else CellText()
        for cell, own in zip(cells, words, strict=True)
    )
    spans = tuple(_span(cell, lefts) if cell else 0 for cell in cells)
    every = [word for own in words for word in own]
    return Row(
        cells=texts,
        spans=spans,
        boxes=(Box(page=page, box=_row_box(box, cells)),),
        bold=bool(every) and all(word.bold for word in every),
    )


def _row_box(box: BoxEdges, cells: Iterable[Cell | None]) -> BoxEdges:
    """The row's box: as high as its lowest-reaching cell begins, were one merged downwards."""
    bottoms = [cell.box[3] for cell in cells if cell]
    return (box[0], box[1], box[2], min(bottoms, default=box[3]))


def _span(cell: Cell, lefts: Sequence[float]) -> int:
    """How many columns a cell covers, by the left edges that lie in it."""
    begin, end = cell.box[0] - 1, cell.box[2] - 1
    return sum([begin <= left < end for left in lefts])


def _cell_text(cell: Cell, words: list[Word]) -> CellText:
    """Read a cell: its lines from its words, where these are the same characters."""
    lines, lefts = printed_lines(words)
    top = min((word.top for word in words), default=None)
    if "".join(cell.text.split()) != "".join("".join(line.split()) for line in lines):
        return CellText(cell.text, (cell.text,) if cell.text else (), top=top)
    return CellText(joined(lines), lines, tuple(left - cell.box[0] for left in lefts), top)


Band = tuple[float, float, list[tuple[BoxEdges, tuple[int, int]]]]
"""A row's upper and lower edge, and its cells: the box, and row and column from 0."""


def _words_by_cell(grid: Grid, words: Sequence[Word]) -> dict[tuple[int, int], list[Word]]:
    """Put each word into the cell that holds its middle."""
    bands: list[Band] = [
        (box[1], box[3], [(cell.box, (at, n)) for n, cell in enumerate(cells) if cell])
        for at, (cells, box) in enumerate(zip(grid.rows, grid.row_boxes, strict=True))
    ]
    found: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        place = _place(bands, (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2)
        if place is None:
            raise RefusedError(
                "unrecognised-layout",
                f"“{word.text}” stands inside a table and outside all of its cells",
                page=grid.page,
            )
        found.setdefault(place, []).append(word)
    return found


def _place(bands: Sequence[Band], x: float, y: float) -> tuple[int, int] | None:
    """Find the cell around a point, as row and column from 0."""
    for upper, lower, cells in bands:
        if upper <= y <= lower:
            for (x0, top, x1, bottom), place in cells:
                if x0 <= x <= x1 and top <= y <= bottom:
                    return place
    return None
