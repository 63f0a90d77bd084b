"""From a PDF to words, rules and grids of cells, each with its page and box (the only pdfplumber).

Coordinates are PDF points of the page as displayed (after /Rotate), from its top left corner.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber

from scrapers.errors import RefusedError

BoxEdges = tuple[float, float, float, float]
"""x0, top, x1, bottom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Characters that stand together, without white space (no-break spaces split words too)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    """Font size in points."""
    bold: bool
    upright: bool
    """False for rotated text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a grid. Empty text where nothing stands in it."""

    text: str
    """Words joined by single spaces, line breaks too; typography as printed."""
    box: BoxEdges


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table on one page: rows of cells; None where a merged cell leaves no cell of its own."""

    page: int
    """From 1."""
    box: BoxEdges
    rows: tuple[tuple[Cell | None, ...], ...]
    row_boxes: tuple[BoxEdges, ...]


class Page:
    """One page, readable until the next one is asked for."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401 - pdfplumber is untyped
        """Wrap pdfplumber's page."""
        self._page = page
        self.number: int = page.page_number
        self.width = float(page.width)
        self.height = float(page.height)

    def words(self) -> tuple[Word, ...]:
        """Give the page's words in reading order (lines by top, words by x0)."""
        found = self._page.extract_words(extra_attrs=["size", "fontname"], return_chars=False)
        return tuple(
            Word(
                text=word["text"],
                x0=word["x0"],
                top=word["top"],
                x1=word["x1"],
                bottom=word["bottom"],
                size=word["size"],
                bold="bold" in word["fontname"].lower(),
                upright=bool(word["upright"]),
            )
            for word in found
        )

    def grids(self) -> tuple[Grid, ...]:
        """Give the ruled tables of the page, top to bottom, as stock pdfplumber finds them."""
        grids = []
        for table in self._page.find_tables():
            texts = table.extract()
            rows = tuple(
                tuple(
                    Cell(text=" ".join((text or "").split()), box=box) if box else None
                    for box, text in zip(row.cells, row_texts, strict=True)
                )
                for row, row_texts in zip(table.rows, texts, strict=True)
            )
            boxes = tuple(row.bbox for row in table.rows)
            grids.append(Grid(page=self.number, box=table.bbox, rows=rows, row_boxes=boxes))
        return tuple(grids)


class Document:
    """One PDF file, open for reading; use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            RefusedError: it is no PDF that can be read; says why.
        """
        self.path = path
        self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
        try:
            self._pdf = pdfplumber.open(path)
        except Exception as error:
            raise RefusedError("not-a-pdf", str(error)) from error
        self.page_count = len(self._pdf.pages)

    def __enter__(self) -> "Document":
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def pages(self) -> Iterator[Page]:
        """Give the pages in order; each is closed when the next one is asked for."""
        for page in self._pdf.pages:
            yield Page(page)
            page.close()

    def text_digest(self) -> str:
        """SHA-256 of the text without page furniture (see DESIGN's three digests)."""
        raise NotImplementedError
