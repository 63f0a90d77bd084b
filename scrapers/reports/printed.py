"""Figures that a report prints in its sentences, to hold the tables against."""

import re
from collections.abc import Iterable

from scrapers.cells import plain, spoken_count

FIGURE = (
    r"(?<!\d, )(?<!\d )(?P<n>\d{1,3}(?:,\d{3})+|\d+|no|none|one|two|three|four|five|six|seven"
    r"|eight|nine|ten)"
)
"""A figure, in digits or words; not the end of a date (`February 10, 2017`)."""


def figure(text: str, patterns: Iterable[str]) -> int | None:
    """Give the first figure that a pattern finds in its group `n`; `no` and `none` are 0."""
    known = plain(text)
    for pattern in patterns:
        for match in re.finditer(pattern, known):
            word = match["n"]
            found = 0 if word in {"no", "none"} else spoken_count(word)
            if found is not None:
                return found
    return None
