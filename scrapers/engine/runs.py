"""What text objects share: font, size and matrix; and the boxes of their characters."""

from typing import NamedTuple

from scrapers.engine import pdfium
from scrapers.engine.shapes import Glyph
from scrapers.engine.stretches import Stretch, Traits, one_each

STRIKE = 0.1
"""Text that is drawn again this close by, in parts of its size, is one text struck twice."""
FIELD = 4.0
"""Texts that may be the same are looked for in squares of this many points."""


class Face(NamedTuple):
    """How one font draws one character."""

    text: str
    advance: float | None
    """For font size 1; None where each character is to be measured."""


def turn_of(a: float, b: float) -> int:
    """Say how far text of a matrix is turned counter-clockwise, in quarters, as degrees."""
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 180
    return 90 if b > 0 else 270


class Font:
    """One font of a page, with the faces that were asked for so far."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.descent = pdfium.font_descent(handle)
        self.bold = "bold" in pdfium.font_name(handle).lower()
        self.space = pdfium.glyph_width(handle, ord(" "))
        self.faces: dict[str, Face] = {}
        self._widths: dict[str, float] = {}

    def width(self, character: str) -> float:
        """Give a character's advance for font size 1, as the font tells it."""
        width = self._widths.get(character)
        if width is None:
            width = self._widths[character] = pdfium.glyph_width(self.handle, ord(character))
        return width


class Style:
    """How text objects of one font, size and matrix are drawn; worked out once for all of them."""

    __slots__ = (
        *("font", "size", "a", "b", "c", "d", "points", "traits"),
        *("is_flat", "low", "height", "widths"),
    )

    def __init__(self, font: Font, size: float, matrix: tuple[float, float, float, float]) -> None:
        self.font, self.size = font, size
        self.a, self.b, self.c, self.d = a, b, c, d = matrix
        self.points = abs(size) * (c * c + d * d) ** 0.5
        """Font size as drawn."""
        upright = a * d > 0 and b * c <= 0
        self.traits: Traits = (upright, self.points, font.bold, turn_of(a, b))
        self.is_flat = not b and not c and a > 0 < d
        """Whether the text is neither turned nor slanted."""
        self.low, self.height = font.descent * size * d, size * d
        """How far below the baseline flat text begins, and how high it is, in points."""
        self.widths: dict[str, float] = {}
        """Advances in points, of characters of flat text that need no closer look."""


class Run(NamedTuple):
    """One text object: how it is drawn, and where."""

    style: Style
    start: tuple[float, float]
    """Where the object begins on the page."""
    left: float
    top: float
    """What x and y are at the page's left and upper edge, in the line that it was moved to."""


Drawn = tuple[str, float, float, float]
"""A character, where it begins, and its advance in text space."""


def flat(run: Run, text: str, xs: list[float], x1s: list[float], y: float) -> Stretch:
    """Box the characters of a text object that is neither turned nor slanted.

    Args:
        run: the text object.
        text: its characters; not none.
        xs: their left edges, on the page as displayed.
        x1s: their right edges.
        y: the baseline, in pdfium's terms.
    """
    style = run.style
    bottom = run.top - y - style.low
    return Stretch(text, xs, x1s, (bottom - style.height, bottom), style.traits)


def _turned(run: Run, drawn: list[Drawn]) -> list[Glyph]:
    """Box the characters of any other text object: as far as they reach, turned and all."""
    style, _, left, top = run
    a, b, c, d = style.a, style.b, style.c, style.d
    low, high = style.font.descent * style.size, style.font.descent * style.size + style.size
    glyphs = []
    for text, x, y, advance in drawn:
        corners = [(u, v) for u in (0.0, advance) for v in (low, high)]
        xs = [x - left + a * u + c * v for u, v in corners]
        tops = [top - y - b * u - d * v for u, v in corners]
        glyphs.append(Glyph(text, min(xs), min(tops), max(xs), max(tops), *style.traits))
    return glyphs


def boxed(run: Run, drawn: list[Drawn]) -> list[Stretch]:
    """Box the characters of a text object: as pdfminer does, whatever their ink."""
    style = run.style
    if not style.is_flat or not drawn:
        return one_each(_turned(run, drawn))
    text = "".join([each[0] for each in drawn])
    x0s = [x - run.left for _, x, _, _ in drawn]
    x1s = [x0 + each[3] * style.a for x0, each in zip(x0s, drawn, strict=True)]
    return [flat(run, text, x0s, x1s, drawn[0][2])]


class Struck:
    """The texts of a page that stand somewhere already."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[tuple[int, int], list[tuple[float, float]]]] = {}

    def again(self, run: Run, text: str) -> bool:
        """Whether a text is drawn again in its place, to look bold or as a shadow."""
        x, y = run.start
        here = (int(x // FIELD), int(y // FIELD))
        places = self._seen.get(text)
        if places is None:
            self._seen[text] = {here: [(x, y)]}
            return False
        if self._is_near(places, x, y, STRIKE * run.style.points):
            return True
        places.setdefault(here, []).append((x, y))
        return False

    @staticmethod
    def _is_near(
        places: dict[tuple[int, int], list[tuple[float, float]]], x: float, y: float, reach: float
    ) -> bool:
        columns = range(int((x - reach) // FIELD), int((x + reach) // FIELD) + 1)
        rows = range(int((y - reach) // FIELD), int((y + reach) // FIELD) + 1)
        if len(columns) * len(rows) > len(places):  # letters may be as high as a tower
            squares = [*places.values()]
        else:
            squares = [places.get((column, row), []) for column in columns for row in rows]
        return any(
            abs(other_x - x) <= reach and abs(other_y - y) <= reach
            for square in squares
            for other_x, other_y in square
        )
