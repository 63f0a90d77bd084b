"""The digest of a document's text: what is said, without page numbers and white space.

It tells an amendment (the text differs) from a reissue (only bytes differ). "Page 3 of 254" becomes
"Page 4 of 255" when a page is put in front, though nothing was changed: a number near the upper or
lower edge that counts the pages is furniture, and left out.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scrapers.engine.shapes import Word

EDGE = 0.12
"""Part of the page's height, at its top and at its bottom, in which furniture stands."""
BAND = 6.0
"""Lines whose heights differ by less than this, in points, stand at the same place."""
COUNTED = 3
"""On so many pages, at least, a number must count pages that is not called a page number."""
_PAGE = re.compile(r"\bpage\s+\d+(?:\s*(?:of|/)\s*\d+)?\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


class TextLine(NamedTuple):
    """One line of a page, as the digest takes it."""

    text: str
    band: int | None
    """Its height in steps of `BAND`, where it stands near an edge; else None."""


def text_lines_of(lines: Iterable[tuple[Word, ...]], height: float) -> tuple[TextLine, ...]:
    """Give a page's lines as the digest takes them.

    Args:
        lines: words by line, in reading order.
        height: the page's, in points.
    """
    found = []
    for line in lines:
        top, bottom = min([word.top for word in line]), max([word.bottom for word in line])
        is_furniture = bottom < height * EDGE or top > height * (1 - EDGE)
        text = " ".join([word.text for word in line])
        found.append(TextLine(text, round(top / BAND) if is_furniture else None))
    return tuple(found)


Place = tuple[str, int]
"""A line's text with `#` for each number, and its band."""


def _counting(pages: Mapping[int, Sequence[TextLine]]) -> set[Place]:
    """Find the lines that are the same on several pages but for a number that counts them."""
    numbers: dict[Place, list[list[int]]] = defaultdict(list)
    for page, lines in pages.items():
        for text, band in lines:
            found = [int(digits[:9]) for digits in _NUMBER.findall(text)]
            if band is not None and found:
                # A page number less the page's own place is the same on all pages.
                numbers[_NUMBER.sub("#", text), band].append([page, *found])
    return {
        place for place, rows in numbers.items() if len(rows) >= COUNTED and _counts_pages(rows)
    }


def _counts_pages(rows: list[list[int]]) -> bool:
    """Whether each number is the same on all pages or rises with them, and one does rise."""
    columns = list(zip(*rows, strict=True))
    page = columns[0]
    rising = [
        len({n - p for n, p in zip(column, page, strict=True)}) == 1 for column in columns[1:]
    ]
    steady = [len(set(column)) == 1 for column in columns[1:]]
    return any(rising) and all(a or b for a, b in zip(rising, steady, strict=True))


def page_texts(pages: Mapping[int, Sequence[TextLine]]) -> dict[int, str]:
    """Give each page's text without furniture, white space folded.

    Args:
        pages: page number -> its lines.
    """
    counting = _counting(pages)
    texts = {}
    for page, lines in pages.items():
        kept = []
        for text, band in lines:
            if band is not None:
                if (_NUMBER.sub("#", text), band) in counting or text == str(page):
                    continue
                text = _PAGE.sub(" ", text)  # noqa: PLW2901 - the rest of the line stays
            kept.extend(text.split())
        texts[page] = " ".join(kept)
    return texts


def digest_of(texts: Mapping[int, str]) -> str:
    """SHA-256 of the pages' texts, as UTF-8, in the order of the pages, one line for each."""
    whole = "\n".join(texts[page] for page in sorted(texts))
    return hashlib.sha256(whole.encode()).hexdigest()
