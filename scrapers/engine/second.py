"""The second reader: pdfminer, by way of pdfplumber, where pdfium cannot read a page.

Also the second opinion on how many pages there are: pdfium believes what the file says.
"""

import re
from io import BytesIO

import pdfplumber
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from scrapers.engine.shapes import Drawing, Glyph

_SHOW = re.compile(rb"[)>\]]\s*T[jJ]\b")
"""A string, and the operator that shows it."""
FAILURES = (
    PdfminerException,
    PDFException,
    PSException,
    # What pdfminer lets through when a file is damaged or made to break it:
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What pdfminer raises, or forgets to catch, on files that it cannot read."""


def count_pages(body: bytes, most: int) -> int | None:
    """Count the pages that the page tree really holds; None where pdfminer cannot tell.

    Args:
        body: the file.
        most: counting ends one beyond this.
    """
    try:
        found = 0
        for _ in PDFPage.create_pages(PDFDocument(PDFParser(BytesIO(body)))):
            found += 1
            if found > most:
                break
    except FAILURES:
        return None
    return found


def read_page(body: bytes, number: int) -> tuple[tuple[float, float], list[Glyph], Drawing] | None:
    """Read one page (from 1): its size, characters and drawing.

    Returns:
        None where that fails, too, or where the page shows text of which nothing can be read.
    """
    try:
        with pdfplumber.open(BytesIO(body), pages=[number]) as pdf:
            page = pdf.pages[0].crop(pdf.pages[0].cropbox, strict=False)
            left, top = page.bbox[:2]
            glyphs = [_glyph(char, left, top) for char in page.chars]
            if not glyphs and _shows_text(pdf.pages[0]):
                return None
            drawing = Drawing(
                [_edges(line, left, top) for line in page.lines],
                [_edges(rect, left, top) for rect in page.rects],
                [[(x - left, y - top) for x, y in curve["pts"]] for curve in page.curves],
            )
            return (float(page.width), float(page.height)), glyphs, drawing
    except FAILURES:
        return None


def _shows_text(page: Page) -> bool:
    """Whether a page's content asks for text to be shown, whatever comes of it."""
    return any(_SHOW.search(stream.get_data()) for stream in page.page_obj.contents)


def _edges(shape: dict[str, float], left: float, top: float) -> tuple[float, float, float, float]:
    return shape["x0"] - left, shape["top"] - top, shape["x1"] - left, shape["bottom"] - top


def _whole(text: str) -> str:
    """Give text that can be written: what a font maps to half a character stands for none."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _glyph(char: dict[str, object], left: float, top: float) -> Glyph:
    x0, upper, x1, bottom = (float(str(char[key])) for key in ("x0", "top", "x1", "bottom"))
    return Glyph(
        text=_whole(str(char["text"])),
        x0=x0 - left,
        top=upper - top,
        x1=x1 - left,
        bottom=bottom - top,
        upright=bool(char["upright"]),
        size=float(str(char["size"])),
        bold="bold" in str(char["fontname"]).lower(),
        turn=0 if char["upright"] else 90,
    )
