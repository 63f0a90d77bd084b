"""What column headings and section titles mean: by their words, in any order, never by position."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scrapers.cells import is_count, is_date, is_state, plain, starts_with_bullet
from scrapers.reports.tables import Row, joined_headings

LONGEST = 15
"""Words in a heading, at most."""
DEEPEST = 4
"""A table's heading has at most so many rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What one kind of table looks like; like itself alone, so that what is known is kept by it."""

    name: str
    """The table's name in a reading: `declined`."""
    titles: str
    """Pattern found in the title of a section that holds such a table."""
    columns: Mapping[str, tuple[str, ...]]
    """Field -> patterns found in the heading of its column, the surest first: what is less sure
    counts for headings and fields that nothing surer has joined."""
    needs: tuple[frozenset[str], ...]
    """Of each set, one column at least must be there for a table to be of this shape."""
    key: str
    """The field without which a row is flagged."""
    typed: Mapping[str, Callable[[str], bool]]
    """Field -> whether a text is a value of it; one that is not is flagged."""

    def is_whole(self, field: str | None, text: str) -> bool | None:
        """Whether a text is a whole value of a field; None of free text."""
        if field == "state":
            return is_state(text)
        known = self.typed.get(field or "")
        return known(text) if known else None

    def fields(self, headings: Sequence[str]) -> tuple[str | None, ...]:
        """Give the field of each column, None where the heading means nothing known."""
        return self._fields(tuple(headings))

    @lru_cache(maxsize=4096)  # noqa: B019 - shapes live as long as their modules
    def _fields(self, headings: tuple[str, ...]) -> tuple[str | None, ...]:
        found: list[str | None] = [None] * len(headings)
        for forms in ([*map(_forms, headings)], [*map(_mended, headings)]):
            for rank in range(max(map(len, self.columns.values()))):
                for at, heading in enumerate(forms):
                    if found[at] is None:
                        found[at] = self._field(heading, rank, found)
        return tuple(found)

    def _field(self, forms: frozenset[str], rank: int, taken: Sequence[str | None]) -> str | None:
        """Give the first field not yet taken of which a pattern of that rank fits a heading."""
        for field, patterns in self.columns.items():
            if field in taken or rank >= len(patterns):
                continue
            if any(re.search(patterns[rank], form) for form in forms):
                return field
        return None

    def is_met(self, fields: Sequence[str | None]) -> bool:
        """Whether the columns suffice for a table of this shape."""
        return all(choices & set(fields) for choices in self.needs)


@lru_cache(maxsize=4096)
def _forms(heading: str) -> frozenset[str]:
    """The ways to read a heading: with a hyphen at a line's end, without, or as a space."""
    known = plain(heading)
    return frozenset(
        {
            known,
            re.sub(r"(?<=[a-z])-\s+", "", known),
            known.replace("-", " "),
            known.replace("-", ""),
        }
    )


@lru_cache(maxsize=4096)
def _mended(heading: str) -> frozenset[str]:
    """The ways to read a heading of which a line ends within a word, in too narrow a column."""
    words = plain(heading).split()
    ends = range(1, len(words))
    return frozenset(" ".join(words[:at]) + " ".join(words[at:]) for at in ends)


def recognised(headings: Sequence[str], shapes: Sequence[Shape]) -> int:
    """Count the columns known to the shape that knows most of them; 0 if no shape is met."""
    counts = [_known(shape, headings) for shape in shapes]
    return max(counts, default=0)


def _known(shape: Shape, headings: Sequence[str]) -> int:
    """Count the columns a shape knows; 0 where its needs are not met."""
    fields = shape.fields(headings)
    return sum(field is not None for field in fields) if shape.is_met(fields) else 0


def shape_of(headings: Sequence[str], title: str, shapes: Sequence[Shape]) -> Shape | None:
    """Name the shape that knows most of the headings; where two know as many, the title decides."""
    found = [shape for shape in shapes if _known(shape, headings)]
    by_title = titled(title, shapes)
    return max(found, key=lambda s: (_known(s, headings), s is by_title), default=None)


def titled(title: str, shapes: Sequence[Shape]) -> Shape | None:
    """Name the first shape that a section's title speaks of."""
    known = plain(title)
    return next((shape for shape in shapes if re.search(shape.titles, known)), None)


def heading_rows(rows: Sequence[Row], shapes: Sequence[Shape]) -> tuple[int, int]:
    """Find a table's heading: the number of bands above it, and of its own rows; 0, 0 if none."""
    bands = 0
    while bands < len(rows) and rows[bands].is_band:
        bands += 1
    best, best_known = 0, 0
    for depth in range(1, min(DEEPEST, len(rows) - bands) + 1):
        own = rows[bands : bands + depth]
        if depth > 1 and not (own[-2].is_merged or (own[-1].bold and own[0].bold)):
            break
        known = recognised(joined_headings(own), shapes)
        if known > best_known and may_be_heading(own[-1]):
            best, best_known = depth, known
    return (bands, best) if best else (0, 0)


def may_be_heading(row: Row) -> bool:
    """Whether a row's cells are short, without bullets, and neither dates nor numbers."""
    return not any(
        is_date(text) or is_count(text) or len(text.split()) > LONGEST for text in row.texts if text
    ) and not any(starts_with_bullet(line) for cell in row.cells for line in cell.lines)


def is_heading(row: Row, headings: Sequence[str], shapes: Sequence[Shape]) -> bool:
    """Whether a row repeats a table's headings, be it in other words."""
    texts = [plain(text) for text in row.texts]
    if texts == [plain(text) for text in headings]:
        return True
    if not may_be_heading(row):
        return False
    written = sum(bool(text) for text in texts)
    return written == sum(map(bool, headings)) == recognised(row.texts, shapes)
