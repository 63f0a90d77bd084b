"""Bullets that are drawn as small discs and squares, and are no characters: read as `•`.

Browsers draw a list's marks so (Chromium 2026-11). A shape is one where it is as wide as high,
smaller than a letter, and stands alone before a word.
"""

from collections.abc import Iterable

from scrapers.pdf import BoxEdges, Drawing, Glyph, Page, Word, one_each

SMALLEST, LARGEST = 0.15, 0.7
"""Sides of a mark, in font sizes of the word after it."""
ROUND = 1.3
"""How much longer than the other a mark's longer side is, at most."""
SIDES = (1.0, 12.0)
"""Points: what is smaller or larger is not looked at."""
NEAR = 2.5
"""Font sizes between a mark and its word, at most."""
FAR = 30.0
"""The same where the mark stands in the middle of the word's height: half a wide cell."""
CENTRAL = 0.6
"""Font sizes between the middles of both, doubled, at most."""
DOTTED = 3.0
"""The dots of a line are nearer to each other than so many of their own heights."""


def spelled(page: Page) -> Page:
    """Give the page with a `•` in the place of each drawn one; the same page where none is."""
    boxes = [*page.drawing.rects, *map(_around, page.drawing.curves)]
    small = {box for box in boxes if _is_small(box)}
    if not small:
        return page
    words = page.words()
    found = {box: word for box in sorted(small) if (word := _word_after(box, words, NEAR))}
    # Below or above others, one is a mark though the cell beside it is filled up to the rule.
    columns = {*map(_column, found)}
    for box in sorted(small - found.keys()):
        word = _word_after(box, words, NEAR, alone=False) if _column(box) in columns else None
        if word:
            found[box] = word
    # In a cell whose text is centred, the marks stand at its left, away from their words.
    for box in sorted(small - found.keys()):
        word = None if _is_dotted(box, small) else _word_after(box, words, FAR)
        if word and abs((box[1] + box[3]) - (word.top + word.bottom)) <= CENTRAL * word.size:
            found[box] = word
    if not found:
        return page
    drawing = Drawing(
        lines=page.drawing.lines,
        rects=[box for box in page.drawing.rects if box not in found],
        curves=[points for points in page.drawing.curves if _around(points) not in found],
    )
    glyphs = [_glyph(box, word) for box, word in found.items()]
    stretches = [*page.stretches, *one_each(glyphs)]
    size = (page.width, page.height)
    return Page(page.number, size, stretches, drawing, images=page.image_share)


def _around(points: Iterable[tuple[float, float]]) -> BoxEdges:
    """The smallest box around a path's points."""
    xs, tops = zip(*points, strict=True)
    return min(xs), min(tops), max(xs), max(tops)


def _is_small(box: BoxEdges) -> bool:
    """Whether a box is about as wide as high, and may be a mark's."""
    least, most = sorted((abs(box[2] - box[0]), abs(box[3] - box[1])))
    return SIDES[0] <= least and most <= SIDES[1] and most <= ROUND * least


def _column(box: BoxEdges) -> tuple[int, int]:
    """Where across the page a shape stands, and how large it is."""
    return round(box[0]), round(box[2] - box[0])


def _is_dotted(box: BoxEdges, small: Iterable[BoxEdges]) -> bool:
    """Whether a shape is one of a dotted line's: another like it stands right above or below."""
    high = box[3] - box[1]
    return any(
        0 < abs(other[1] - box[1]) < DOTTED * high
        for other in small
        if _column(other) == _column(box)
    )


def _word_after(
    box: BoxEdges, words: Iterable[Word], near: float, *, alone: bool = True
) -> Word | None:
    """Give the word right of a mark; None where none is near, or the mark lies on a word.

    Args:
        box: the mark's.
        words: the page's.
        near: font sizes between a mark and its word, at most.
        alone: whether no word may end right before the mark.
    """
    x0, top, x1, bottom = box
    middle = (top + bottom) / 2
    level = [word for word in words if word.upright and word.top <= middle <= word.bottom]
    if any(word.x0 < x1 and word.x1 > x0 for word in level):
        return None
    word = min((w for w in level if w.x0 >= x1), key=lambda w: w.x0, default=None)
    if word is None or word.x0 - x1 > near * word.size:
        return None
    is_sized = SMALLEST * word.size <= bottom - top <= LARGEST * word.size
    before = [other for other in level if other.x1 <= x0 and x0 - other.x1 < word.size / 2]
    return word if is_sized and not (alone and before) else None


def _glyph(box: BoxEdges, word: Word) -> Glyph:
    """A bullet in a mark's place, as high as the word after it."""
    return Glyph(
        text="•",
        x0=box[0],
        top=word.top,
        x1=box[2],
        bottom=word.bottom,
        upright=True,
        size=word.size,
        bold=word.bold,
        turn=0,
    )
