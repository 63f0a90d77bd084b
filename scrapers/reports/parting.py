"""Words of two cells that touch: a rule between two characters parts them, however near they are.

Some producers leave no room between a cell's text and its rules, and the words of neighbours
stand nearer to each other than those of one cell.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from scrapers.errors import RefusedError
from scrapers.pdf import Glyph, Grid, Page, Word
from scrapers.reports.gutters import LEAST

Edges = list[float]
"""Where cells begin and end, left to right."""


def at_rules(page: Page, words: Sequence[Word], grids: Sequence[Grid]) -> tuple[Word, ...]:
    """Part the words that reach over the rules between a grid's cells.

    What is drawn in one go is not parted: see `refuse_overrun`.
    """
    for grid in grids:
        edges = _edges(grid)
        crossing = {word for word in words if _has_edge(edges, word.x0, word.x1)}
        if crossing:
            words = [
                part
                for word in words
                for part in (_parted(page, word, grid) if word in crossing else (word,))
            ]
    return tuple(words)


def refuse_overrun(page: Page, grid: Grid) -> None:
    """Refuse a grid in which text that is drawn in one go runs over a rule into the next cell.

    Raises:
        RefusedError: whose text that is, and where it ends, cannot be told.
    """
    edges = _edges(grid)
    for stretch in page.stretches:
        if not _has_edge(edges, min(stretch.x0s), stretch.right):
            continue
        middle = (stretch.top + stretch.bottom) / 2
        glyphs = [glyph for glyph in stretch.glyphs() if not glyph.text.isspace()]
        own = _edges_at(grid, middle)
        for one, other in pairwise(glyphs):
            if _is_parted(own, one, other) and other.x0 - one.x1 < LEAST * one.size:
                detail = f"“{stretch.text.strip()}” runs over the rule between two cells"
                raise RefusedError("unrecognised-layout", detail, page=page.number)


def _edges(grid: Grid) -> Edges:
    """Where any of a grid's cells begins or ends."""
    cells = (cell for row in grid.rows for cell in row if cell)
    return sorted({x for cell in cells for x in (cell.box[0], cell.box[2])})


def _edges_at(grid: Grid, height: float) -> Edges:
    """Where the cells begin and end that reach over a height; none above and below the grid."""
    cells = (cell.box for row in grid.rows for cell in row if cell)
    return sorted({x for box in cells if box[1] <= height <= box[3] for x in (box[0], box[2])})


def _has_edge(edges: Edges, x0: float, x1: float) -> bool:
    """Whether an edge lies between two places."""
    return bisect_right(edges, x0) < bisect_right(edges, x1)


def _is_parted(edges: Edges, one: Glyph, other: Glyph) -> bool:
    """Whether two characters stand in two cells, by their middles."""
    return _has_edge(edges, (one.x0 + one.x1) / 2, (other.x0 + other.x1) / 2)


def _parted(page: Page, word: Word, grid: Grid) -> Iterator[Word]:
    """Yield the parts of a word that stand in different cells."""
    edges = _edges_at(grid, (word.top + word.bottom) / 2)
    glyphs = page.glyphs_of(word) if _has_edge(edges, word.x0, word.x1) else []
    cuts = [
        _is_parted(edges, one, other) and (a != b or other.x0 - one.x1 >= LEAST * one.size)
        for (a, one), (b, other) in pairwise(glyphs)
    ]
    yield from split(word, [glyph for _, glyph in glyphs], cuts)


def split(word: Word, glyphs: Sequence[Glyph], cuts: Sequence[bool]) -> Iterator[Word]:
    """Yield the parts of a word; all of it where these are not its characters.

    Args:
        word: the word.
        glyphs: its characters, left to right.
        cuts: of each pair of neighbours, whether they are parted.
    """
    if "".join(glyph.text for glyph in glyphs) != word.text:
        yield word
        return
    first = 0
    ends = [at for at, is_cut in enumerate(cuts, start=1) if is_cut]
    for end in (*ends, len(glyphs)):
        own = glyphs[first:end]
        text = "".join(glyph.text for glyph in own)
        x0, x1 = own[0].x0, max(glyph.x1 for glyph in own)
        yield word._replace(text=text, x0=x0, x1=x1, bold=own[0].bold)
        first = end
