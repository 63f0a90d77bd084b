"""Pages whose text is displayed sideways or upside down, turned so that it can be read.

What is read of such a page is told in the coordinates of the page as displayed all the same.
"""

from collections import Counter

from scrapers.pdf import BoxEdges, Drawing, Glyph, Page, one_each

QUARTER, HALF, FULL = 90, 180, 360


def turn_of(page: Page) -> int:
    """How far most of the page's text is turned counter-clockwise: 0, 90, 180 or 270."""
    turns: Counter[int] = Counter()
    for stretch in page.stretches:
        turns[stretch.traits[3]] += len("".join(stretch.text.split()))
    return turns.most_common(1)[0][0] if turns.total() else 0


def box_turned(box: BoxEdges, turn: int, size: tuple[float, float]) -> BoxEdges:
    """Where a box comes to lie when its page, of that size, is turned clockwise by `turn`."""
    x0, top, x1, bottom = box
    width, height = size
    if turn == QUARTER:
        return height - bottom, x0, height - top, x1
    if turn == HALF:
        return width - x1, height - bottom, width - x0, height - top
    if turn == FULL - QUARTER:
        return top, width - x1, bottom, width - x0
    return box


def straight(page: Page, turn: int) -> Page:
    """Give the page turned clockwise by `turn`, so that its text stands upright."""
    size = page.width, page.height
    chars = one_each(_turned(glyph, turn, size) for glyph in page.chars)
    drawing = Drawing(
        lines=[box_turned(line, turn, size) for line in page.drawing.lines],
        rects=[box_turned(rect, turn, size) for rect in page.drawing.rects],
        curves=[],
    )
    new_size = size if turn == HALF else (page.height, page.width)
    new = Page(page.number, new_size, chars, drawing)
    new.beyond = [_turned(glyph, turn, size) for glyph in page.beyond]
    return new


def _turned(glyph: Glyph, turn: int, size: tuple[float, float]) -> Glyph:
    """Give a character as it stands on the turned page."""
    box = (glyph.x0, glyph.top, glyph.x1, glyph.bottom)
    x0, top, x1, bottom = box_turned(box, turn, size)
    is_upright, left = glyph.turn == turn, (glyph.turn - turn) % FULL
    return glyph._replace(x0=x0, top=top, x1=x1, bottom=bottom, upright=is_upright, turn=left)
