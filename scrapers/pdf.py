"""From a PDF to words, rules and grids of cells, each with its page and box.

Coordinates are PDF points of the page as displayed (after /Rotate, within its CropBox), from its
top left corner. pdfium reads; where it cannot read a page, pdfminer does (see `Document.notes`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from scrapers.engine import margins, pdfium
from scrapers.engine.drawings import all_objects, image_share, page_handles, read_drawing
from scrapers.engine.glyphs import TooManyError, read_stretches
from scrapers.engine.grids import find_grids
from scrapers.engine.images import Raster, draw
from scrapers.engine.opening import open_checked
from scrapers.engine.phrases import characters_of, text_lines
from scrapers.engine.shapes import UNMAPPED, BoxEdges, Cell, Drawing, Glyph, Grid, Word
from scrapers.engine.stretches import Stretch, all_glyphs, one_each
from scrapers.engine.textdigest import TextLine, digest_of, page_texts, text_lines_of
from scrapers.errors import RefusedError
from scrapers.limits import Limits

__all__ = ["BoxEdges", "Cell", "Document", "Drawing", "Glyph", "Grid", "Page", "Word", "one_each"]

SCAN_SHARE = 0.5
"""A page without text of which images cover this part, at least, is a scan."""
OUTLINES = 200
"""A page without text that draws so many curves shows letters that are not text."""
UNMAPPED_SHARE, UNMAPPED_COUNT = 0.05, 10
"""A page is damaged where this part of its characters, and this many, have no meaning."""


class Page:
    """One page: what it shows, read once; it may outlive its document."""

    def __init__(
        self,
        number: int,
        size: tuple[float, float],
        stretches: list[Stretch],
        drawing: Drawing,
        *,
        images: float = 0.0,
    ) -> None:
        """Take what was read of a page; `Document.pages` does the reading."""
        self.number = number
        """From 1."""
        self.width, self.height = size
        self.stretches = stretches
        """Characters as drawn, blanks included, text object by text object, in that order."""
        self.drawing = drawing
        """Lines, rectangles and curves."""
        self.image_share = images
        """Which part of the page images cover, from 0 to 1."""
        self.beyond: Sequence[Glyph] = ()
        """Characters that the page draws beyond its edges and does not show."""
        self._lines: tuple[tuple[Word, ...], ...] | None = None
        self._grids: tuple[Grid, ...] | None = None

    @property
    def chars(self) -> list[Glyph]:
        """Characters one by one, in the order in which the file draws them; made for each call."""
        return all_glyphs(self.stretches)

    def words(self) -> tuple[Word, ...]:
        """Give the page's words in reading order (lines by top, words by x0)."""
        return tuple(word for line in self.lines() for word in line)

    def lines(self) -> tuple[tuple[Word, ...], ...]:
        """Give the page's lines of words, by top; a line reaches over the page's whole width."""
        if self._lines is None:
            self._lines = text_lines(self.stretches)
        return self._lines

    def words_beyond(self) -> tuple[Word, ...]:
        """Give the words, and the rests of words, that are drawn and not shown."""
        return tuple(word for line in text_lines(one_each(self.beyond)) for word in line)

    def glyphs_of(self, word: Word) -> list[tuple[int, Glyph]]:
        """Give an upright word's characters, left to right, with their text objects' places."""
        return characters_of(self.stretches, word)

    def text(self) -> tuple[TextLine, ...]:
        """Give the page's lines as the digest of the document's text takes them."""
        return text_lines_of(self.lines(), self.height)

    def grids(self) -> tuple[Grid, ...]:
        """Give the ruled tables of the page, top to bottom, as stock pdfplumber finds them."""
        if self._grids is None:
            self._grids = find_grids(self.number, self.drawing, self.stretches)
        return self._grids

    @property
    def has_text(self) -> bool:
        """Whether any character of the page is more than a blank."""
        return any(not stretch.text.isspace() for stretch in self.stretches)

    @property
    def is_picture(self) -> bool:
        """Whether the page shows something that may be text, but holds none: a scan as a rule."""
        shows = self.image_share >= SCAN_SHARE or len(self.drawing.curves) >= OUTLINES
        return shows and not self.has_text


class Document:
    """One PDF file, open for reading; use it in a `with`."""

    def __init__(self, path: Path, *, limits: Limits | None = None) -> None:
        """Open the file.

        Raises:
            RefusedError: it is no PDF that can be read; says why.
        """
        self.path = path
        self.limits = limits or Limits()
        size = path.stat().st_size
        if size > self.limits.file_bytes:
            detail = f"the file has {size} bytes; the limit is {self.limits.file_bytes}"
            raise RefusedError("too-large", detail)
        self._body = path.read_bytes()
        self.digest = hashlib.sha256(self._body).hexdigest()
        self._texts: dict[int, tuple[TextLine, ...]] = {}
        self._handle, self.page_count, notes = open_checked(self._body, self.limits)
        self.notes = notes
        """How it was read where that was out of the ordinary, for `Reading.notes`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the library holds of the document."""
        if self._handle:
            pdfium.close_document(self._handle)
        self._handle = 0

    def pages(self, *, drawn: bool = True) -> Iterator[Page]:
        """Give the pages in order; each is closed when it has been read.

        Args:
            drawn: False leaves out lines, rectangles and curves of pages with text, and with them
                the grids: reading them takes a quarter of a page's time.

        Raises:
            RefusedError: a page cannot be read, or is a picture of text. A picture on the first
                page alone is a cover, and noted.
        """
        pictures: list[int] = []
        is_told = False
        for number in range(1, self.page_count + 1):
            page = self.page(number, drawn=drawn)
            is_told = is_told or page.has_text
            if page.is_picture:
                pictures.append(number)
            if pictures and (pictures != [1] or self.page_count == 1):
                detail = "the page is a picture without text: a scan, which has to be read by eye"
                raise RefusedError("no-text-layer", detail, page=pictures[0])
            yield page
            if number not in self._texts:
                self._texts[number] = page.text()
        if not is_told:
            raise RefusedError("no-text-layer", "no page of the document has any text")
        if pictures:
            self.notes.append("page 1: a picture without text, taken for a cover")

    def page(self, number: int, *, drawn: bool = True) -> Page:
        """Read one page.

        Args:
            number: from 1.
            drawn: as for `pages`.

        Raises:
            RefusedError: neither pdfium nor pdfminer can read it, it is too large, or it does not
                say which characters it draws.
        """
        page = self._first_reading(number, drawn=drawn) or self._second_reading(number)
        unmapped = sum([stretch.text.count(UNMAPPED) for stretch in page.stretches])
        count = sum([len(stretch.x0s) for stretch in page.stretches]) if unmapped else 0
        if unmapped >= UNMAPPED_COUNT and unmapped > UNMAPPED_SHARE * count:
            detail = f"{unmapped} of {count} characters are drawn without saying which"
            raise RefusedError("damaged", detail, page=number)
        if unmapped:
            self._note(f"page {number}: {unmapped} characters are drawn without saying which")
        return page

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _first_reading(self, number: int, *, drawn: bool) -> Page | None:
        """Read a page with pdfium; None where it gives nothing at all."""
        with pdfium.opened_page(self._handle, number - 1) as page:
            if not page:
                return None
            self._check_count(pdfium.count_objects(page), number)
            left, bottom, right, top = _straighten(page)
            objects = list(all_objects(page_handles(page)))
            if not objects:
                return None
            self._check_count(len(objects), number)
            width, height = right - left, top - bottom
            has_text = any(each.kind == pdfium.TEXT for each in objects)
            paths = objects if drawn or not has_text else []
            drawing = read_drawing(paths, lambda x, y: (x - left, top - y))
            share = image_share(objects, width * height)
            try:
                stretches = read_stretches(
                    page, objects, left=left, top=top, most=self.limits.page_chars
                )
            except TooManyError as error:
                detail = f"a page draws more than {self.limits.page_chars} characters"
                raise RefusedError("too-large", detail, page=number) from error
        shown, beyond = margins.parted(stretches, width, height)
        read = Page(number, (width, height), shown, drawing, images=share)
        read.beyond = all_glyphs(beyond)
        return read

    def _check_count(self, objects: int, number: int) -> None:
        if objects > self.limits.page_objects:
            detail = f"a page draws more than {self.limits.page_objects} objects"
            raise RefusedError("too-large", detail, page=number)

    def _second_reading(self, number: int) -> Page:
        """Read with pdfminer what pdfium does not read, or finds empty."""
        from scrapers.engine import second  # noqa: PLC0415 - imports pdfplumber, which takes long

        read = second.read_page(self._body, number)
        if read is None:
            raise RefusedError("damaged", "the page cannot be read", page=number)
        size, glyphs, drawing = read
        if glyphs or any(drawing):
            self._note(f"page {number}: read by pdfminer, since pdfium finds nothing on it")
        return Page(number, size, one_each(glyphs), drawing)

    def page_texts(self) -> dict[int, str]:
        """Give each page's text as the digest takes it: page number -> text.

        Reads the pages that have not been read yet.
        """
        for number in range(1, self.page_count + 1):
            if number not in self._texts:
                self._texts[number] = self.page(number).text()
        return page_texts(self._texts)

    def text_digest(self) -> str:
        """SHA-256 of the text without page furniture (see DESIGN's three digests)."""
        return digest_of(self.page_texts())

    def image(
        self,
        number: int,
        *,
        resolution: float = 110,
        marked: Sequence[BoxEdges] = (),
        crop: BoxEdges | None = None,
    ) -> Raster:
        """Draw a page, or a part of it.

        Args:
            number: the page's, from 1.
            resolution: pixels per inch.
            marked: places to be marked.
            crop: the part to be drawn; None for all of it.

        Raises:
            RefusedError: pdfium cannot load the page.
        """
        with pdfium.opened_page(self._handle, number - 1) as page:
            if not page:
                raise RefusedError("damaged", "the page cannot be drawn", page=number)
            left, bottom, right, top = pdfium.bounding_box(page)
            size = (right - left, top - bottom)
            if pdfium.rotation(page) % 2:
                size = size[::-1]
            return draw(page, size, resolution=resolution, marked=marked, crop=crop)


def _straighten(page: int) -> BoxEdges:
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
    return (0.0, 0.0, height, width) if turns % 2 else (0.0, 0.0, width, height)
