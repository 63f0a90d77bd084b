"""Lines that may be sections' titles, by their numbers; what a title and a line in general are."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scrapers.cells import plain, starts_with_bullet
from scrapers.reports.lines import Line
from scrapers.reports.tables import Piece

Item = Line | Piece

LIST_LINES = 5
"""Lines that one entry of a list of sections takes, at most."""
LARGER = 0.7
"""Points by which a title's font is larger than the text's."""

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
_TITLE = re.compile(
    r"(?:(?P<word>section|part|chapter|table|appendix|annex)\s+)?"
    rf"(?P<number>[ivx]{{1,4}}|\d{{1,2}}|[a-h]|{'|'.join(_WORDS)})"
    r"\s*(?P<mark>[:.)]|-(?=\s)|(?=\s|$))\s*(?P<rest>.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A line that may be a section's title, and where it stands among all items."""

    at: int
    word: str
    number: int
    is_styled: bool
    is_listed: bool
    """Whether a bullet stands before it."""
    is_bare: bool = False
    """Whether nothing stands on its line but its number."""
    run: int = 0
    """From 1: the list in which it stands among others; 0 where it stands alone."""


def is_title(text: str) -> bool:
    """Whether a text begins as a section's title does: a word for it, and a number."""
    found = _TITLE.match(plain(text))
    return bool(found and found["word"])


def wraps(above: Item, below: Item) -> bool:
    """Whether a line goes on with the title above it: the same look, and close under it."""
    if not (isinstance(above, Line) and isinstance(below, Line)) or above.page != below.page:
        return False
    is_near = below.box[1] - above.box[3] < 0.8 * above.size
    return is_near and abs(above.size - below.size) < 0.5 and above.bold == below.bold  # noqa: PLR2004 - points: one size


def body_size(items: Sequence[Item]) -> float:
    """The font size in which most words outside of ruled tables stand, in whole points."""
    sizes = Counter(
        round(word.size) for item in items if isinstance(item, Line) for word in item.words
    )
    return sizes.most_common(1)[0][0] if sizes else 0


def numbered(items: Sequence[Item]) -> list[Title]:
    """Find every line that may be a section's title by its number."""
    body = body_size(items)
    found = [_title(at, item, body) for at, item in enumerate(items) if isinstance(item, Line)]
    return _in_runs([title for title in found if title])


def _in_runs(titles: Sequence[Title]) -> list[Title]:
    """Mark titles that follow one another closely: they are a list of sections."""
    marked: list[Title] = []
    run = 0
    for before, title, after in zip([None, *titles], titles, [*titles[1:], None], strict=False):
        is_first = not (before and _is_next(before, title))
        is_in = not is_first or bool(after and _is_next(title, after))
        run += is_in and is_first
        marked.append(replace(title, run=run if is_in else 0))
    return marked


def _is_next(one: Title, other: Title) -> bool:
    """Whether a title is the next one of a list."""
    return other.at - one.at <= LIST_LINES and other.number == one.number + 1


def _title(at: int, line: Line, body: float) -> Title | None:
    """Read a line as a section's title, if it looks like one."""
    text = plain(line.text)
    match = _TITLE.match(re.sub(r"^\W+", "", text))
    if not match:
        return None
    is_styled = line.bold or line.size > body + LARGER
    word = (match["word"] or "").lower()
    is_marked = bool(match["mark"]) or not match["rest"]
    if not (word and (is_marked or is_styled)) and not (is_marked and is_styled and match["mark"]):
        return None
    if not word and match["number"] in _WORDS:
        return None
    return Title(
        at=at,
        word=word,
        number=_number(match["number"].upper()),
        is_styled=is_styled,
        is_listed=starts_with_bullet(text),
        is_bare=not match["rest"],
    )


def _number(text: str) -> int:
    """Read a section's number: roman, arabic, a word or a letter."""
    if text in _ROMAN:
        return _ROMAN[text]
    if text.lower() in _WORDS:
        return _WORDS.index(text.lower()) + 1
    return int(text) if text.isdigit() else ord(text[0]) - ord("A") + 1
