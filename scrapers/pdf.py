"""From a PDF to words, rules and grids of cells, each with its page and box.

Coordinates are PDF points of the page as displayed (after /Rotate), from its top left corner.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from scrapers import pdfium
from scrapers.drawings import all_objects, page_handles, read_drawing
from scrapers.errors import RefusedError
from scrapers.glyphs import read_glyphs
from scrapers.grids import find_grids
from scrapers.shapes import BoxEdges, Cell, Drawing, Glyph, Grid, Word
from scrapers.words import GAP, text_lines

__all__ = ["BoxEdges", "Cell", "Document", "Glyph", "Grid", "Page", "Word"]


class Page:
    """One page: what it shows, read once, with the document no longer needed."""

    def __init__(
        self, number: int, size: tuple[float, float], chars: list[Glyph], drawing: Drawing
    ) -> None:
        """Take what was read of a page; `Document.pages` does the reading."""
        self.number = number
        """From 1."""
        self.width, self.height = size
        self.chars = chars
        """Characters as drawn, blanks included, in the order in which the file draws them."""
        self._drawing = drawing
        self._grids: tuple[Grid, ...] | None = None

    def words(self, *, gap: float = GAP) -> tuple[Word, ...]:
        """Give the page's words in reading order (lines by top, words by x0).

        Args:
            gap: a wider gap than this, in points, parts two words even without a space.
        """
        return tuple(word for line in self.lines(gap=gap) for word in line)

    def lines(self, *, gap: float = GAP) -> tuple[tuple[Word, ...], ...]:
        """Give the page's lines of words, by top; a line reaches over the page's whole width."""
        return text_lines(self.chars, gap=gap)

    def grids(self) -> tuple[Grid, ...]:
        """Give the ruled tables of the page, top to bottom, as stock pdfplumber finds them."""
        if self._grids is None:
            self._grids = find_grids(self.number, self._drawing, self.chars)
        return self._grids


class Document:
    """One PDF file, open for reading; use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            RefusedError: it is no PDF that can be read; says why.
        """
        self.path = path
        self._body = path.read_bytes()
        self.digest = hashlib.sha256(self._body).hexdigest()
        self.notes: list[str] = []
        """How it was read where that was out of the ordinary, for `Reading.notes`."""
        self._handle = pdfium.open_document(self._body)
        if not self._handle:
            raise RefusedError("not-a-pdf", "pdfium cannot open it")
        self.page_count = pdfium.page_count(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the library holds of the document."""
        if self._handle:
            pdfium.close_document(self._handle)
        self._handle = 0

    def pages(self) -> Iterator[Page]:
        """Give the pages in order; each is closed when it has been read."""
        for number in range(1, self.page_count + 1):
            yield self.page(number)

    def page(self, number: int) -> Page:
        """Read one page.

        Args:
            number: from 1.
        """
        with pdfium.opened_page(self._handle, number - 1) as page:
            if not page:
                raise RefusedError("damaged", "a page cannot be loaded", page=number)
            left, bottom, right, top = _straighten(page)
            objects = list(all_objects(page_handles(page)))
            drawing = read_drawing(objects, lambda x, y: (x - left, top - y))
            chars = read_glyphs(page, objects, left=left, top=top)
        return Page(number, (right - left, top - bottom), chars, drawing)

    def text_digest(self) -> str:
        """SHA-256 of the text without page furniture (see DESIGN's three digests)."""
        raise NotImplementedError


def _straighten(page: int) -> tuple[float, float, float, float]:
    """Turn a page's content as /Rotate says, and give left, bottom, right, top thereafter."""
    left, bottom, right, top = pdfium.bounding_box(page)
    turns = pdfium.rotation(page)
    if turns == 0:
        return left, bottom, right, top
    matrix = {
        1: (0.0, -1.0, 1.0, 0.0, -bottom, right),
        2: (-1.0, 0.0, 0.0, -1.0, right, top),
        3: (0.0, 1.0, -1.0, 0.0, top, -left),
    }[turns]
    for handle in page_handles(page):
        pdfium.transform_object(handle, *matrix)
    width, height = right - left, top - bottom
    return (0.0, 0.0, width, height) if turns == 2 else (0.0, 0.0, height, width)  # noqa: PLR2004 - half a turn
