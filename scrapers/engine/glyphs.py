"""The characters of a page, from pdfium, in the boxes that pdfminer would give them.

pdfium's text is made for copying: it adds spaces, line breaks and hyphens of its own, sorts lines,
replaces text by /ActualText, and leaves out what it takes for drawn twice. Here each text object
is moved to a line of its own before pdfium reads the page, so that it can do none of that across
objects; what it makes up within one is left out, and objects of nothing but blanks are put back.
A character's box is as wide as its advance, as high as the font size, and stands on the descent.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import add, eq

from scrapers.engine import pdfium, strings
from scrapers.engine.drawings import IDENTITY, Placed, multiplied
from scrapers.engine.runs import Drawn, Face, Font, Run, Struck, Style, boxed, flat
from scrapers.engine.shapes import UNMAPPED
from scrapers.engine.stretches import Stretch

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
RETURNS = re.compile(rf"[^\r\n{strings.PAIRED}]+")
"""What stands between the line breaks that pdfium makes up, and places that hold no character."""
MADE_UP = " \r\n"
"""What pdfium makes up, in the place of the character before it."""
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
        self._styles: dict[tuple[float, ...], Style] = {}
        count = max(pdfium.count_glyphs(text), 0)
        self._string = strings.text_string(text, count)
        xs, ys = strings.glyph_origins(text, count)
        self._xs, self._ys = xs, ys
        self._halved = {p.start() - 1 for p in re.finditer(strings.PAIRED, self._string)}
        self._pieces = self._found_pieces() | self._halved

    def spans(self) -> dict[int, list[range]]:
        """Give the characters of each text object, by their numbers in pdfium's text."""
        spans: dict[int, list[range]] = {}
        owner, text = pdfium.glyph_object, self._text
        for between in RETURNS.finditer(self._string):
            first, end = between.span()
            handle = owner(text, first)
            if handle and (end == first + 1 or handle == owner(text, end - 1)):
                spans.setdefault(handle, []).append(range(first, end))
                continue
            for index in range(first, end):  # pdfium put several objects on one line all the same
                spans.setdefault(owner(text, index) or 0, []).append(range(index, index + 1))
        return spans

    def run(self, placed: Placed, lane: float) -> Run:
        """Work out how a text object is drawn, and where."""
        handle, _, outer = placed
        a, b, c, d, e, f = pdfium.object_matrix(handle)
        shift_x, shift_y = 0.0, lane
        if outer is not IDENTITY:
            a, b, c, d, e, f = multiplied((a, b, c, d, e, f), outer)
            shift_x, shift_y = outer[2] * lane, outer[3] * lane
        key = (pdfium.text_font(handle) or 0, pdfium.text_font_size(handle), a, b, c, d)
        style = self._styles.get(key) or self._style(*key)
        start = (e - shift_x, f - shift_y)
        return Run(style, start, self._left + shift_x, self._top + shift_y)

    def _style(self, font: int, size: float, *matrix: float) -> Style:
        if font not in self._fonts:
            self._fonts[font] = Font(font)
        a, b, c, d = matrix
        style = self._styles[font, size, a, b, c, d] = Style(self._fonts[font], size, (a, b, c, d))
        return style

    def _measured(self, index: int, style: Style) -> float:
        """Take an advance, in text space, from the box that pdfium gives."""
        left, top, right, bottom = pdfium.loose_box(self._text, index)
        if abs(style.a) < abs(style.b):
            return abs(top - bottom) / abs(style.b)
        if abs(style.a) < FLAT:
            return 0.0
        edge = right if style.a > 0 else left
        return abs((edge - self._xs[index]) / style.a)

    def _piece(self, index: int, style: Style) -> float:
        """Measure a character that is part of a glyph, or whose two halves are glyphs each."""
        advance = self._measured(index, style)
        if index in self._halved and self._place(index) != self._place(index + 1):
            advance += self._measured(index + 1, style)
        return advance

    def _place(self, index: int) -> tuple[float, float]:
        return self._xs[index], self._ys[index]

    def _face(self, index: int, style: Style) -> Face:
        character = self._string[index]
        if character in HYPHEN_MARKS and pdfium.is_hyphen(self._text, index):
            character = "-"
        elif character in NOTHING or pdfium.is_unmapped(self._text, index):
            character = UNMAPPED
        if character == UNMAPPED or not style.size:
            return Face(character, None)
        advance = style.font.width(character)
        if abs(style.a) < abs(style.b):  # the loose box of turned text tells nothing of its advance
            return Face(character, advance or None)
        # The width is asked for by character, not by the code that the page draws: where the
        # drawn box contradicts it, two codes share the character, and each is measured.
        spare = self._measured(index, style) / abs(style.size) - advance
        trusted = advance > 0 and -ROUNDING <= spare <= OVERHANG
        return Face(character, advance if trusted else None)

    def _is_drawn_space(self, index: int, style: Style) -> bool:
        """Whether a space is drawn, or was made up by pdfium but may stand for a drawn one."""
        if not pdfium.is_generated(self._text, index):
            return True
        if not 0 < index < len(self._xs) - 1:
            return False
        rise, step = self._ys[index + 1] - self._ys[index - 1], self._xs[index + 1]
        scale = style.size * (style.a**2 + style.b**2) ** 0.5
        advance = style.font.width(self._string[index - 1]) * scale
        gap = ((step - self._xs[index - 1]) ** 2 + rise**2) ** 0.5 - advance
        space = style.font.space * scale
        return bool(space > 0 and SPACE_GAP * space <= gap <= WIDE)

    def _found_pieces(self) -> set[int]:
        """Find the characters that share their place with a neighbour: parts of one ligature."""
        xs, ys, string = self._xs, self._ys, self._string
        below = compress(range(len(xs)), map(eq, xs, xs[1:]))
        return {
            index
            for first in below
            if ys[first] == ys[first + 1]
            and string[first] not in MADE_UP
            and string[first + 1] not in MADE_UP
            for index in (first, first + 1)
        }

    def _drawn(self, style: Style, indexes: Iterable[int]) -> Iterator[Drawn]:
        string, xs, ys, faces = self._string, self._xs, self._ys, style.font.faces
        for index in indexes:
            character = string[index]
            face = faces.get(character)
            if face is None:
                face = faces[character] = self._face(index, style)
            text, advance = face
            if advance is None or index in self._pieces:
                yield text, xs[index], ys[index], self._piece(index, style)
            else:
                yield text, xs[index], ys[index], advance * style.size

    def _simply_drawn(self, run: Run, indexes: Sequence[int]) -> Stretch | None:
        """Box all characters of a flat text at once, where none asks for a closer look.

        Most texts are such, and this takes a tenth of the time.
        """
        if self._pieces and not self._pieces.isdisjoint(indexes):
            return None
        first, end, left = indexes[0], indexes[-1] + 1, run.left
        if end - first == len(indexes):
            text, xs = self._string[first:end], self._xs[first:end]
        else:
            text = "".join([self._string[index] for index in indexes])
            xs = [self._xs[index] for index in indexes]
        widths = run.style.widths
        if not widths.keys() >= set(text) and not self._learned(run.style, indexes):
            return None
        x0s = [x - left for x in xs] if left else xs
        x1s = [*map(add, x0s, map(widths.__getitem__, text))]
        return flat(run, text, x0s, x1s, self._ys[first])

    def _learned(self, style: Style, indexes: Sequence[int]) -> bool:
        """Work out the widths that a style lacks for these characters; say whether all have one."""
        widths, faces = style.widths, style.font.faces
        for index in indexes:
            character = self._string[index]
            if character not in widths:
                if character not in faces:
                    faces[character] = self._face(index, style)
                text, advance = faces[character]
                if advance is None or text != character:
                    return False
                widths[character] = advance * style.size * style.a
        return True

    def characters(self, run: Run, spans: list[range]) -> list[Stretch]:
        """Give what a text object draws, without what pdfium made up; one space for nothing."""
        style, string = run.style, self._string
        if not spans:  # pdfium leaves out objects of nothing but blanks
            x, y = run.start
            origin = (x - self._left + run.left, y - self._top + run.top)
            return boxed(run, [(" ", *origin, style.font.space * style.size)])
        indexes: Sequence[int] = spans[0]
        if len(spans) > 1 or " " in string[spans[0].start : spans[0].stop]:
            indexes = [
                index
                for span in spans
                for index in span
                if string[index] != " " or self._is_drawn_space(index, style)
            ]
        if len(spans) == 1 and indexes and style.is_flat:
            simply = self._simply_drawn(run, indexes)
            if simply is not None:
                return [simply]
        return boxed(run, list(self._drawn(style, indexes)))


def read_stretches(
    page: int, objects: list[Placed], *, left: float, top: float, most: int
) -> list[Stretch]:
    """Give the characters that a page shows, text object by text object, in the order of drawing.

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
    stretches: list[Stretch] = []
    struck = Struck()
    with pdfium.opened_text(page) as text:
        if pdfium.count_glyphs(text) > most:
            raise TooManyError
        reader = _Reader(text, left, top)
        spans = reader.spans()
        for placed, lane in zip(texts, lanes, strict=True):
            if pdfium.text_mode(placed.handle) in pdfium.UNSEEN:
                continue
            run = reader.run(placed, lane)
            drawn = reader.characters(run, spans.get(placed.handle, []))
            said = drawn[0].text if len(drawn) == 1 else "".join([each.text for each in drawn])
            if not struck.again(run, said):
                stretches += drawn
    return stretches
