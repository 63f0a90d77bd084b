"""The characters of a page, from pdfium, in the boxes that pdfminer would give them.

pdfium's text is made for copying: it adds spaces, line breaks and hyphens of its own, sorts lines,
replaces text by /ActualText, and leaves out what it takes for drawn twice. Here each text object
is moved to a line of its own before pdfium reads the page, so that it can do none of that across
objects; what it makes up within one is left out, and objects of nothing but blanks are put back.
A character's box is as wide as its advance, as high as the font size, and stands on the descent.
"""

import ctypes
from collections.abc import Iterator
from typing import NamedTuple

from scrapers import pdfium
from scrapers.drawings import Placed, multiplied
from scrapers.shapes import UNMAPPED, Glyph

SPACE = 0x20
HYPHEN_MARK = "\x02"
"""What pdfium puts in the place of a hyphen at a line's end."""
SPACE_GAP = 1.4
"""A gap of this many spaces, which pdfium calls a space, may be one that the page draws: pdfium
drops a drawn space behind one that it made up."""
WIDE = 3.0
"""A gap wider than this, in points, parts words without a space (pdfplumber's x_tolerance)."""
OVERHANG = 0.25
"""How far, in parts of the font size, ink may reach beyond a character's advance."""
ROUNDING = 1e-3
"""How far two figures for one advance may differ, in parts of the font size."""
STRIKE = 0.1
"""Text that is drawn again this close by, in parts of its size, is one text struck twice."""
FLAT = 1e-6
"""A matrix entry below this is zero."""
LANES, LANE = 8, 2048.0
"""How many lines text objects are moved to in turn (pdfium compares with the last five), and how
far apart they are; not farther, since pdfium's numbers have 24 bits."""


class _Run(NamedTuple):
    """What all characters of one text object share."""

    font: int
    size: float
    """Font size before the matrix."""
    a: float
    b: float
    c: float
    d: float
    low: float
    """The font's descent in text space; `low + size` is the upper edge."""
    bold: bool
    upright: bool
    turn: int
    points: float
    """Font size as drawn."""
    start: tuple[float, float]
    """Where the object begins on the page."""
    left: float
    top: float
    """What x and y are at the page's left and upper edge, in the line that it was moved to."""


class _Face(NamedTuple):
    """How one font draws one character."""

    text: str
    advance: float | None
    """For font size 1; None where each character is to be measured."""


def _turn(a: float, b: float) -> int:
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 180
    return 90 if b > 0 else 270


def _separate(texts: list[Placed]) -> list[tuple[float, float]]:
    """Move each text object to a line of its own; say how far each was moved on the page."""
    shifts = []
    for number, (handle, _, outer) in enumerate(texts):
        for index in reversed(range(pdfium.count_marks(handle))):
            mark = pdfium.get_mark(handle, index)
            if pdfium.mark_parameter_type(mark, b"ActualText") != pdfium.NO_TYPE:
                pdfium.remove_mark(handle, mark)
        lane = number % LANES * LANE
        if lane:
            pdfium.transform_object(handle, 1.0, 0.0, 0.0, 1.0, 0.0, lane)
        shifts.append((outer[2] * lane, outer[3] * lane))
    return shifts


class _Reader:
    """Reads one page's characters; works out each font and each face once."""

    def __init__(self, text: int, left: float, top: float) -> None:
        self._text, self._left, self._top = text, left, top
        self._count = count = max(pdfium.count_glyphs(text), 0)
        self._fonts: dict[int, tuple[float, bool]] = {}
        self._faces: dict[tuple[int, int], _Face] = {}
        points = (ctypes.c_double * (2 * count))()
        address = ctypes.addressof(points)
        for index in range(count):
            pdfium.glyph_origin_into(text, index, address + 16 * index, address + 16 * index + 8)
        self._points: list[float] = memoryview(points).cast("B").cast("d").tolist()
        self.codes = [pdfium.glyph_unicode(text, index) for index in range(count)]

    def spans(self) -> dict[int, list[int]]:
        """Give the characters that each text object draws, by their numbers in pdfium's text."""
        spans: dict[int, list[int]] = {}
        for index in range(self._count):
            handle = pdfium.glyph_object(self._text, index)
            if handle in spans:
                spans[handle].append(index)
            elif handle:
                spans[handle] = [index]
        return spans

    def run(self, placed: Placed, shift: tuple[float, float]) -> _Run:
        """Work out what the characters of a text object share."""
        handle, _, outer = placed
        a, b, c, d, e, f = multiplied(pdfium.object_matrix(handle), outer)
        font = pdfium.text_font(handle) or 0
        if font not in self._fonts:
            bold = "bold" in pdfium.font_name(font).lower()
            self._fonts[font] = (pdfium.font_descent(font), bold)
        descent, bold = self._fonts[font]
        size = pdfium.text_font_size(handle)
        return _Run(
            font=font,
            size=size,
            a=a,
            b=b,
            c=c,
            d=d,
            low=descent * size,
            bold=bold,
            upright=a * d > 0 and b * c <= 0,
            turn=_turn(a, b),
            points=abs(size) * (c * c + d * d) ** 0.5,
            start=(e - shift[0], f - shift[1]),
            left=self._left + shift[0],
            top=self._top + shift[1],
        )

    def _measured(self, index: int, run: _Run) -> float:
        """Take an advance, in text space, from the box that pdfium gives."""
        rect = pdfium.loose_box(self._text, index)
        if abs(run.a) < abs(run.b):
            return abs(rect.top - rect.bottom) / abs(run.b)
        if abs(run.a) < FLAT:
            return 0.0
        edge = rect.right if run.a > 0 else rect.left
        return abs((edge - self._points[2 * index]) / run.a)

    def _face(self, index: int, code: int, run: _Run) -> _Face:
        character = chr(code)
        if character == HYPHEN_MARK and pdfium.is_hyphen(self._text, index):
            character = "-"
        elif not code or pdfium.is_unmapped(self._text, index):
            character = UNMAPPED
        if character == UNMAPPED or not run.size:
            return _Face(character, None)
        advance = pdfium.glyph_width(run.font, ord(character))
        if abs(run.a) < abs(run.b):  # the loose box of turned text tells nothing of its advance
            return _Face(character, advance or None)
        # The width is asked for by character, not by the code that the page draws: where the
        # drawn box contradicts it, two codes share the character, and each is measured.
        spare = self._measured(index, run) / abs(run.size) - advance
        trusted = advance > 0 and -ROUNDING <= spare <= OVERHANG
        return _Face(character, advance if trusted else None)

    def _is_drawn_space(self, index: int, run: _Run) -> bool:
        """Whether a space is drawn, or was made up by pdfium but may stand for a drawn one."""
        if not pdfium.is_generated(self._text, index):
            return True
        if not 0 < index < self._count - 1:
            return False
        x, y, _, _, next_x, next_y = self._points[2 * index - 2 : 2 * index + 4]
        scale = run.size * (run.a**2 + run.b**2) ** 0.5
        advance = pdfium.glyph_width(run.font, self.codes[index - 1]) * scale
        space = pdfium.glyph_width(run.font, SPACE) * scale
        gap = ((next_x - x) ** 2 + (next_y - y) ** 2) ** 0.5 - advance
        return space > 0 and SPACE_GAP * space <= gap <= WIDE

    def _is_piece(self, index: int) -> bool:
        """Whether a character shares its place with a neighbour: parts of one ligature."""
        points, at = self._points, 2 * index
        x, y = points[at], points[at + 1]
        after = at + 2 < len(points) and points[at + 2] == x and points[at + 3] == y
        return after or (at > 0 and points[at - 2] == x and points[at - 1] == y)

    def characters(self, run: _Run, span: list[int]) -> Iterator[Glyph]:
        """Yield what a text object draws, without what pdfium made up."""
        points, codes, faces = self._points, self.codes, self._faces
        for index in span:
            code = codes[index]
            if code == SPACE and not self._is_drawn_space(index, run):
                continue
            face = faces.get((run.font, code))
            if face is None:
                face = faces[run.font, code] = self._face(index, code, run)
            if face.advance is None or self._is_piece(index):
                advance = self._measured(index, run)
            else:
                advance = face.advance * run.size
            yield _glyph(face.text, run, points[2 * index], points[2 * index + 1], advance)

    def blank(self, run: _Run) -> Glyph:
        """Give one space in the place of a text object of which pdfium reads nothing."""
        x, y = run.start
        advance = pdfium.glyph_width(run.font, SPACE) * run.size
        shift_x, shift_y = run.left - self._left, run.top - self._top
        return _glyph(" ", run, x + shift_x, y + shift_y, advance)


def _glyph(text: str, run: _Run, x: float, y: float, advance: float) -> Glyph:
    """Box one character that begins at a point of its lane."""
    _, size, a, b, c, d, low, bold, upright, turn, points, _, left, top = run
    if not b and not c and a > 0 < d:
        x0, base = x - left, top - y - low * d
        box = (x0, base - size * d, x0 + advance * a, base)
    else:
        corners = [(u, v) for u in (0.0, advance) for v in (low, low + size)]
        xs = [x - left + a * u + c * v for u, v in corners]
        ys = [top - y - b * u - d * v for u, v in corners]
        box = (min(xs), min(ys), max(xs), max(ys))
    return Glyph(text, *box, upright, points, bold, turn)


def _is_struck_again(
    run: _Run, glyphs: list[Glyph], seen: dict[tuple[str, int, int], _Run]
) -> bool:
    """Whether the same text already stands here: drawn twice to look bold, or as a shadow."""
    text = "".join(glyph.text for glyph in glyphs)
    reach = STRIKE * run.points
    x, y = run.start
    column, row = (int(edge // (reach or 1.0)) for edge in run.start)
    for near in ((column + i, row + j) for i in (0, -1, 1) for j in (0, -1, 1)):
        other = seen.get((text, *near))
        if other and max(abs(other.start[0] - x), abs(other.start[1] - y)) <= reach:
            return True
    seen[text, column, row] = run
    return False


def read_glyphs(page: int, objects: list[Placed], *, left: float, top: float) -> list[Glyph]:
    """Give the characters of a page in the order in which it draws them.

    Moves the page's text objects: nothing else may be read of them after that.

    Args:
        page: pdfium's page.
        objects: what stands on it.
        left: what x is at the displayed page's left edge.
        top: what y is at its upper edge.
    """
    texts = [placed for placed in objects if placed.kind == pdfium.TEXT]
    shifts = _separate(texts)
    glyphs: list[Glyph] = []
    seen: dict[tuple[str, int, int], _Run] = {}
    with pdfium.opened_text(page) as text:
        reader = _Reader(text, left, top)
        spans = reader.spans()
        for placed, shift in zip(texts, shifts, strict=True):
            run = reader.run(placed, shift)
            span = spans.get(placed.handle)
            drawn = list(reader.characters(run, span)) if span else [reader.blank(run)]
            if not _is_struck_again(run, drawn, seen):
                glyphs += drawn
    return glyphs
