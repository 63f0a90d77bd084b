"""Text that runs off a page: what goes on beyond the page's edge is not shown, and is not read.

A printer's marks stand there, too, and say nothing of the report: they keep away from its text.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from scrapers.errors import RefusedError
from scrapers.pdf import BoxEdges, Word
from scrapers.reports.furniture import Sheet
from scrapers.reports.lines import Line, is_tabular

NEAR = 2.0
"""Font sizes: text beyond an edge is nearer to the text that it goes on with."""
FEWEST = 2
"""Lines beside which a whole column stands beyond an edge, at least: its heading's and a row's."""
STEP = 1.2
"""Rows beyond an edge stand this many times as far apart as those before it, at most."""


def refuse_cut_off(sheets: Sequence[Sheet]) -> None:
    """Refuse a document whose text goes on beyond a page's edge.

    Args:
        sheets: all pages, without furniture.

    Raises:
        RefusedError: a word beyond an edge belongs to a line or to a table that the page shows.
    """
    for sheet in sheets:
        for word in _cut_off(sheet) if sheet.beyond else ():
            detail = f"the text runs off the page: “{word.text}” stands beyond its edge"
            raise RefusedError("unrecognised-layout", detail, page=sheet.number)


def _cut_off(sheet: Sheet) -> Iterator[Word]:
    """Yield the words beyond the edges that belong to what the page shows."""
    far: dict[Line, Word] = {}
    for word in sheet.beyond:
        if not 0 <= word.top + word.bottom <= 2 * sheet.height:
            if _goes_on_below(word, sheet):
                yield word
            continue
        level = [line for line in sheet.lines if _is_level(word, line.box)]
        boxes = [*(line.box for line in level), *_row_boxes(sheet)]
        if any(_is_level(word, box) and _apart(word, box) < NEAR * word.size for box in boxes):
            yield word
        far |= {line: word for line in level if is_tabular(line)}
    if len(far) >= FEWEST:
        yield from far.values()


def _is_level(word: Word, box: BoxEdges) -> bool:
    """Whether a word stands beside a box, or in it."""
    return box[1] <= (word.top + word.bottom) / 2 <= box[3]


def _apart(word: Word, box: BoxEdges) -> float:
    """How far beside a box a word stands, in points; negative where it reaches into it."""
    return max(word.x0 - box[2], box[0] - word.x1)


def _row_boxes(sheet: Sheet) -> Iterator[BoxEdges]:
    return (row.boxes[0].box for piece in sheet.pieces for row in piece.rows)


def _goes_on_below(word: Word, sheet: Sheet) -> bool:
    """Whether a word below the page, or above it, belongs to the text that the page shows there."""
    boxes = [*(line.box for line in sheet.lines), *_row_boxes(sheet)]
    if not any(_apart(word, box) < 0 for box in boxes):
        return False
    is_above = word.top < 0
    spans = sorted((-box[3], -box[1]) if is_above else (box[1], box[3]) for box in boxes)
    begin = -word.bottom if is_above else word.top
    steps = [below[0] - above[1] for above, below in pairwise(spans)]
    near = max(NEAR * word.size, STEP * max(steps[-1:], default=0.0))
    return begin - max(end for _, end in spans) < near
