"""The characters of a page, from pdfium, in the boxes that pdfminer would give them.

pdfium's text is made for copying: it adds spaces, line breaks and hyphens of its own, sorts lines,
replaces text by /ActualText, and leaves out what it takes for drawn twice. Here each text object
is moved to a line of its own before pdfium reads the page, so that it can do none of that across
objects; what it makes up within one is left out, and objects of nothing but blanks are put back.
A character's box is as wide as its advance, as high as the font size, and stands on the descent.
"""

import ctypes
import math
import re
from array import array
from collections.abc import Iterable, Iterator

from scrapers.engine import pdfium
from scrapers.engine.drawings import IDENTITY, Placed, multiplied
from scrapers.engine.runs import Drawn, Face, Font, Run, Struck, boxed, turn_of
from scrapers.engine.shapes import UNMAPPED, Glyph

HYPHEN_MARKS = ("\x02", "\ufffe")
"""What pdfium puts in the place of a hyphen at a line's end, in its list and in its text."""
NOTHING = ("\x00", "\ufffe")
"""What pdfium gives for a glyph that stands for no character."""
SPACE_GAP = 1.4
"""A gap of this many spaces, which pdfium calls a space, may be one that the page draws: pdfium
drops a drawn space behind one that it made up."""
WIDE = 3.0
"""A gap wider than this, in points, parts words without a space (pdfplumber's x_tolerance)."""
OVERHANG = 0.25
"""How far, in parts of the font size, ink may reach beyond a character's advance."""
RETURNS = re.compile(r"[^\r\n]+")
"""What stands between the line breaks that pdfium makes up."""
ROUNDING = 1e-3
"""How far two figures for one advance may differ, in parts of the font size."""
FLAT = 1e-6
"""A matrix entry below this is zero."""
LANES, LANE = 8, 2048.0
"""How many lines text objects are moved to in turn (pdfium compares with the last five), and how
far apart they are; not farther, since pdfium's numbers have 24 bits."""


class TooManyError(Exception):
    """The page has more characters than it may have."""


def _separate(texts: list[Placed]) -> Iterator[float]:
    """Move each text object to a line of its own; yield how far, in the space it stands in."""
    for number, (handle, _, _) in enumerate(texts):
        for index in reversed(range(pdfium.count_marks(handle))):
            mark = pdfium.get_mark(handle, index)
            if pdfium.mark_parameter_type(mark, b"ActualText") != pdfium.NO_TYPE:
                pdfium.remove_mark(handle, mark)
        lane = number % LANES * LANE
        if lane:
            pdfium.transform_object(handle, 1.0, 0.0, 0.0, 1.0, 0.0, lane)
        yield lane


class _Reader:
    """Reads one page's characters; works out each font and each face once."""

    def __init__(self, text: int, left: float, top: float) -> None:
        self._text, self._left, self._top = text, left, top
        self._fonts: dict[int, Font] = {}
        count = max(pdfium.count_glyphs(text), 0)
        self._string = pdfium.text_string(text, count)
        points = (ctypes.c_double * (2 * count))()
        address = ctypes.addressof(points)
        for index in range(count):
            pdfium.glyph_origin_into(text, index, address + 16 * index, address + 16 * index + 8)
        flat = array("d", bytes(points)).tolist()
        beyond = math.inf  # the neighbour of the last character, and of the first one
        self._xs, self._ys = [*flat[0::2], beyond], [*flat[1::2], beyond]

    def spans(self) -> dict[int, list[range]]:
        """Give the characters of each text object, by their numbers in pdfium's text."""
        spans: dict[int, list[range]] = {}
        owner, text = pdfium.glyph_object, self._text
        for between in RETURNS.finditer(self._string):
            first, end = between.span()
            handle = owner(text, first)
            if handle and handle == owner(text, end - 1):
                spans.setdefault(handle, []).append(range(first, end))
                continue
            for index in range(first, end):  # pdfium put several objects on one line all the same
                spans.setdefault(owner(text, index) or 0, []).append(range(index, index + 1))
        return spans

    def run(self, placed: Placed, lane: float) -> Run:
        """Work out what the characters of a text object share."""
        handle, _, outer = placed
        a, b, c, d, e, f = pdfium.object_matrix(handle)
        shift_x, shift_y = 0.0, lane
        if outer is not IDENTITY:
            a, b, c, d, e, f = multiplied((a, b, c, d, e, f), outer)
            shift_x, shift_y = outer[2] * lane, outer[3] * lane
        address = pdfium.text_font(handle) or 0
        font = self._fonts.get(address)
        if font is None:
            font = self._fonts[address] = Font(address)
        size = pdfium.text_font_size(handle)
        return Run(
            font,
            size,
            a,
            b,
            c,
            d,
            upright=a * d > 0 and b * c <= 0,
            turn=turn_of(a, b),
            points=abs(size) * (c * c + d * d) ** 0.5,
            start=(e - shift_x, f - shift_y),
            left=self._left + shift_x,
            top=self._top + shift_y,
        )

    def _measured(self, index: int, run: Run) -> float:
        """Take an advance, in text space, from the box that pdfium gives."""
        rect = pdfium.loose_box(self._text, index)
        if abs(run.a) < abs(run.b):
            return float(abs(rect.top - rect.bottom) / abs(run.b))
        if abs(run.a) < FLAT:
            return 0.0
        edge = rect.right if run.a > 0 else rect.left
        return float(abs((edge - self._xs[index]) / run.a))

    def _face(self, index: int, run: Run) -> Face:
        character = self._string[index]
        if character in HYPHEN_MARKS and pdfium.is_hyphen(self._text, index):
            character = "-"
        elif character in NOTHING or pdfium.is_unmapped(self._text, index):
            character = UNMAPPED
        if character == UNMAPPED or not run.size:
            return Face(character, None)
        advance = pdfium.glyph_width(run.font.handle, ord(character))
        if abs(run.a) < abs(run.b):  # the loose box of turned text tells nothing of its advance
            return Face(character, advance or None)
        # The width is asked for by character, not by the code that the page draws: where the
        # drawn box contradicts it, two codes share the character, and each is measured.
        spare = self._measured(index, run) / abs(run.size) - advance
        trusted = advance > 0 and -ROUNDING <= spare <= OVERHANG
        return Face(character, advance if trusted else None)

    def _is_drawn_space(self, index: int, run: Run) -> bool:
        """Whether a space is drawn, or was made up by pdfium but may stand for a drawn one."""
        if not pdfium.is_generated(self._text, index):
            return True
        if not 0 < index < len(self._xs) - 2:
            return False
        rise, step = self._ys[index + 1] - self._ys[index - 1], self._xs[index + 1]
        scale = run.size * (run.a**2 + run.b**2) ** 0.5
        advance = pdfium.glyph_width(run.font.handle, ord(self._string[index - 1])) * scale
        gap = ((step - self._xs[index - 1]) ** 2 + rise**2) ** 0.5 - advance
        space = run.font.space * scale
        return bool(space > 0 and SPACE_GAP * space <= gap <= WIDE)

    def _is_piece(self, index: int) -> bool:
        """Whether a character shares its place with a neighbour: parts of one ligature."""
        here = (self._xs[index], self._ys[index])
        return here in (
            (self._xs[index - 1], self._ys[index - 1]),
            (self._xs[index + 1], self._ys[index + 1]),
        )

    def _drawn(self, run: Run, span: Iterable[int]) -> Iterator[Drawn]:
        string, xs, ys, faces = self._string, self._xs, self._ys, run.font.faces
        for index in span:
            character = string[index]
            if character == " " and not self._is_drawn_space(index, run):
                continue
            face = faces.get(character)
            if face is None:
                face = faces[character] = self._face(index, run)
            text, advance = face
            x = xs[index]
            shared = xs[index - 1] == x or xs[index + 1] == x
            if advance is None or (shared and self._is_piece(index)):
                yield text, x, ys[index], self._measured(index, run)
            else:
                yield text, x, ys[index], advance * run.size

    def characters(self, run: Run, spans: list[range]) -> list[Glyph]:
        """Give what a text object draws, without what pdfium made up; one space for nothing."""
        drawn = [each for span in spans for each in self._drawn(run, span)]
        if not spans:  # pdfium leaves out objects of nothing but blanks
            x, y = run.start
            origin = (x - self._left + run.left, y - self._top + run.top)
            drawn = [(" ", *origin, run.font.space * run.size)]
        return boxed(run, drawn)


def read_glyphs(
    page: int, objects: list[Placed], *, left: float, top: float, most: int
) -> list[Glyph]:
    """Give the characters of a page in the order in which it draws them.

    Moves the page's text objects: nothing else may be read of them after that.

    Args:
        page: pdfium's page.
        objects: what stands on it.
        left: what x is at the displayed page's left edge.
        top: what y is at its upper edge.
        most: how many characters a page may have.

    Raises:
        TooManyError: it has more.
    """
    texts = [placed for placed in objects if placed.kind == pdfium.TEXT]
    lanes = list(_separate(texts))
    glyphs: list[Glyph] = []
    struck = Struck()
    with pdfium.opened_text(page) as text:
        if pdfium.count_glyphs(text) > most:
            raise TooManyError
        reader = _Reader(text, left, top)
        spans = reader.spans()
        for placed, lane in zip(texts, lanes, strict=True):
            run = reader.run(placed, lane)
            drawn = reader.characters(run, spans.get(placed.handle, []))
            if not struck.again(run, drawn):
                glyphs += drawn
    return glyphs
