"""A document of sheets: every page read, those that lack headings by the headings of their like."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scrapers.errors import RefusedError
from scrapers.figures.sheets import Sheet
from scrapers.pdf import Word

Read = Callable[[Sequence[Word], int, Sheet | None], Sheet | None]
"""Reads the words of a page, whose number it is given, by its own headings or by another sheet's;
gives None where the page holds no sheet."""

MOST_ODD = 5
"""Pages that may lack headings; a document with more is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    """A page that cannot be read by itself."""

    page: int
    words: Sequence[Word]
    error: RefusedError


def read_sheets(
    pages: Iterable[tuple[int, Sequence[Word]]], read: Read
) -> tuple[list[Sheet], tuple[str, ...]]:
    """Read a document's pages.

    The FBI's page of 2014-04, as published in 2015, has lost ten of its headings; all others stand
    where they stand on the page beside it, and so do its figures.

    Args:
        pages: page numbers, from 1, and words in the order of drawing.
        read: reads one page.

    Returns:
        The sheets in the document's order, and a note on each page read by another's headings.

    Raises:
        RefusedError: a page cannot be read by its own headings, nor by those of the nearest page.
    """
    found: list[Sheet] = []
    odd: list[_Odd] = []
    for page, words in pages:
        try:
            sheet = read(words, page, None)
        except RefusedError as error:
            odd.append(_Odd(page=page, words=words, error=error))
            if len(odd) > MOST_ODD:
                raise odd[0].error from None
            continue
        found += [sheet] if sheet else []
    again = [_again(each, found, read) for each in odd]
    notes = [
        f"page {each.page}: read by the headings of another; {each.error.detail}" for each in odd
    ]
    return sorted([*found, *again], key=lambda sheet: sheet.page), tuple(notes)


def _again(odd: _Odd, found: Sequence[Sheet], read: Read) -> Sheet:
    if not found:
        raise odd.error
    nearest = min(found, key=lambda sheet: abs(sheet.page - odd.page))
    try:
        sheet = read(odd.words, odd.page, nearest)
    except RefusedError:
        raise odd.error from None
    if not sheet:
        raise odd.error
    return sheet
