"""A page's characters, and where each begins: all at once, as single calls would take longest."""

import ctypes
import re
from collections import deque
from ctypes import c_double, c_void_p
from itertools import repeat

from scrapers.engine import pdfium
from scrapers.engine.shapes import UNMAPPED

PAIRED = "\udfff"
"""Stands in a page's text behind a character that pdfium gives as two halves; nowhere else does a
half stand there."""
_HALVES = re.compile("([\ud800-\udbff][\udc00-\udfff])|[\ud800-\udfff]")


def text_string(text: int, count: int) -> str:
    """Give a page's characters as one string, with a place for each of them.

    pdfium gives a character of more than 16 bits in two places: it stands in the first, `PAIRED`
    in the second. What a file maps to half of one stands for no character: `UNMAPPED`.

    Args:
        text: the text page.
        count: how many characters it has.
    """
    buffer = (ctypes.c_uint16 * (count + 1))()
    pdfium.text_into(text, 0, count, ctypes.addressof(buffer))
    string = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
    if len(string) != count or "\x00" in string:  # pdfium's string leaves out control characters
        string = "".join(chr(pdfium.glyph_unicode(text, index)) for index in range(count))
        string = _HALVES.sub(_joined, string)
    return string


def _joined(halves: re.Match[str]) -> str:
    if not halves[1]:
        return UNMAPPED
    return halves[1].encode("utf-16-le", "surrogatepass").decode("utf-16-le") + PAIRED


class _Points:
    """Where pdfium writes points; kept, since their addresses cost more than a point."""

    def __init__(self) -> None:
        self._make(4096)

    def _make(self, count: int) -> None:
        self.count, self.values = count, (c_double * (2 * count))()
        first = ctypes.addressof(self.values)
        argument = c_void_p.from_param
        self.xs = [argument(first + 16 * index) for index in range(count)]
        self.ys = [argument(first + 16 * index + 8) for index in range(count)]

    def of(self, text: int, count: int) -> tuple[list[float], list[float]]:
        """Give the origins of so many characters: all x, all y."""
        if count > self.count:
            self._make(count)
        every = repeat(c_void_p.from_param(text))
        # Called from C for each character: a loop, and plain arguments, take three times as long.
        deque(map(pdfium.glyph_origin, every, range(count), self.xs, self.ys), maxlen=0)
        return self.values[0 : 2 * count : 2], self.values[1 : 2 * count : 2]


_points = _Points()


def glyph_origins(text: int, count: int) -> tuple[list[float], list[float]]:
    """Give where each of a page's characters begins on its baseline: all x, all y."""
    return _points.of(text, count)
