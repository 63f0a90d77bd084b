"""What the characters of one text object share: font, matrix and place; and their boxes."""

from typing import NamedTuple

from scrapers.engine import pdfium
from scrapers.engine.shapes import Glyph

STRIKE = 0.1
"""Text that is drawn again this close by, in parts of its size, is one text struck twice."""
FIELD = 4.0
"""Texts that may be the same are looked for in squares of this many points."""


class Face(NamedTuple):
    """How one font draws one character."""

    text: str
    advance: float | None
    """For font size 1; None where each character is to be measured."""


class Font:
    """One font of a page, with the faces that were asked for so far."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.descent = pdfium.font_descent(handle)
        self.bold = "bold" in pdfium.font_name(handle).lower()
        self.space = pdfium.glyph_width(handle, ord(" "))
        self.faces: dict[str, Face] = {}


class Run(NamedTuple):
    """What all characters of one text object share."""

    font: Font
    size: float
    """Font size before the matrix."""
    a: float
    b: float
    c: float
    d: float
    upright: bool
    turn: int
    points: float
    """Font size as drawn."""
    start: tuple[float, float]
    """Where the object begins on the page."""
    left: float
    top: float
    """What x and y are at the page's left and upper edge, in the line that it was moved to."""


Drawn = tuple[str, float, float, float]
"""A character, where it begins, and its advance in text space."""


def turn_of(a: float, b: float) -> int:
    """Say how far text of a matrix is turned counter-clockwise, in quarters, as degrees."""
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 180
    return 90 if b > 0 else 270


def _flat(run: Run, drawn: list[Drawn]) -> list[Glyph]:
    """Box the characters of a text object that is neither turned nor slanted."""
    if not drawn:
        return []
    font, size, a, _, _, d, upright, turn, points, _, left, top = run
    bottom = top - drawn[0][2] - font.descent * size * d
    upper, bold = bottom - size * d, font.bold
    # A named tuple's own constructor would take as long as all the rest.
    new = tuple.__new__
    return [
        new(
            Glyph,
            (text, x - left, upper, x - left + advance * a, bottom, upright, points, bold, turn),
        )
        for text, x, _, advance in drawn
    ]


def _turned(run: Run, drawn: list[Drawn]) -> list[Glyph]:
    """Box the characters of any other text object: as far as they reach, turned and all."""
    font, size, a, b, c, d, upright, turn, points, _, left, top = run
    low = font.descent * size
    glyphs = []
    for text, x, y, advance in drawn:
        corners = [(u, v) for u in (0.0, advance) for v in (low, low + size)]
        xs = [x - left + a * u + c * v for u, v in corners]
        tops = [top - y - b * u - d * v for u, v in corners]
        box = (min(xs), min(tops), max(xs), max(tops))
        glyphs.append(Glyph(text, *box, upright, points, font.bold, turn))
    return glyphs


def boxed(run: Run, drawn: list[Drawn]) -> list[Glyph]:
    """Box the characters of a text object: as pdfminer does, whatever their ink."""
    is_flat = not run.b and not run.c and run.a > 0 < run.d
    return _flat(run, drawn) if is_flat else _turned(run, drawn)


class Struck:
    """The texts of a page that stand somewhere already."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int, int], list[tuple[float, float]]] = {}

    def again(self, run: Run, glyphs: list[Glyph]) -> bool:
        """Whether a text is drawn again in its place, to look bold or as a shadow."""
        text = "".join([glyph[0] for glyph in glyphs])
        x, y = run.start
        reach = STRIKE * run.points
        for column in range(int((x - reach) // FIELD), int((x + reach) // FIELD) + 1):
            for row in range(int((y - reach) // FIELD), int((y + reach) // FIELD) + 1):
                for other_x, other_y in self._seen.get((text, column, row), ()):
                    if abs(other_x - x) <= reach and abs(other_y - y) <= reach:
                        return True
        here = (text, int(x // FIELD), int(y // FIELD))
        self._seen.setdefault(here, []).append((x, y))
        return False
