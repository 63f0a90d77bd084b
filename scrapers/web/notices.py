"""What an agency announces about its reports, in the words of its page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

Announces = Literal["correction", "suspension", "removal", "schedule"]

ABOUT = re.compile(
    r"\b(?:reports?|publications?|publish(?:ed|ing)?|issues?|releases?|data|figures|statistics"
    r"|documents?|series|tables?|DDOR)\b",
    re.IGNORECASE,
)
"""An announcement speaks of what is published: "suspended" alone may be a licence."""


def _any(*patterns: str) -> re.Pattern[str]:
    """Match any of these, whatever the case."""
    return re.compile("|".join(patterns), re.IGNORECASE)


EVERY = (
    r"(?:weekly|bi-?weekly|monthly|quarterly|(?:semi-?)?annual(?:ly)?|yearly|regular|each|every)"
)
SIGNS: tuple[tuple[Announces, re.Pattern[str]], ...] = (
    (
        "correction",
        _any(
            r"^\W*(?:corrections?|erratum|errata|corrigendum)\b(?! (?:officer|facilit|depart))",
            r"\bcorrection\s*(?:\([^)]*\))?\s*:",
            r"\berrat(?:um|a)\b",
            r"\bcorrection notice\b",
            r"\b(?:was|were|been|is|are) (?:since )?"
            r"(?:corrected|revised|amended|replaced|reissued)\b",
            r"\b(?:corrected|revised|amended) (?:version|report|copy|figures|data|issue|edition)\b",
            r"\(\s*(?:corrected|revised|amended|updated)\b",
            r"\bincorrectly\b",
            r"\bin error\b",
            r"\berrors? (?:in|on) (?:the|this|a) (?:\w+ ){0,4}report\b",
            r"\bdata (?:processing|entry) errors?\b",
            r"\bto correct (?:an?|the|its)\b",
        ),
    ),
    (
        "suspension",
        _any(
            r"\bsuspen(?:d|ds|ded|ding|sion)\b",
            r"\bdiscontinu(?:e|ed|es|ing|ation)\b",
            r"\bpaused\b",
            r"\bon hold\b",
            r"\bno longer (?:be )?(?:publish|produc|issu|releas|updat)",
            r"\bceas(?:e|ed|es|ing) (?:the )?publi",
        ),
    ),
    (
        "removal",
        _any(
            r"\b(?:was|were|been|is|are) (?:since |temporarily )?"
            r"(?:removed|withdrawn|rescinded|retracted|taken down)\b",
            r"\bno longer (?:available|posted|online)\b",
        ),
    ),
    (
        "schedule",
        _any(
            rf"\bon an? {EVERY} basis\b",
            r"\b(?:publish|produc|releas|issu|post|updat)(?:e|ed|es|ing) (?:\w+ ){0,3}" + EVERY,
            r"\bnext (?:\w+ ){0,3}(?:report|issue|release|update)s?\b",
            r"\bresum(?:e|es|ed|ing|ption)\b",
            r"\b(?:publication|release|report) (?:\w+ ){0,3}delayed\b",
        ),
    ),
)
LABEL_CHARACTERS = 40
"""A block no longer than this that announces something heads the block after it."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DATE = (
    r"(?:(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+"
    r"(?P<day>\d{1,2}),?\s+(?P<year>\d{4})"
    r"|(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})|(?P<iso>\d{4}-\d\d-\d\d))"
)
LEADING = _any(
    rf"^\W*(?:(?:correction|erratum|update|note|notice|editor[’']s note)s?\W+)?(?:on\s+)?{DATE}"
    r"(?!\s*(?:[-–—]|to\b|through\b|and\b))"
)
"""As in “April 11, 2017: …”, “Correction (March 23, 2017): …”, “On April 10, 2017, …”."""
STATED = _any(
    r"\b(?:posted|updated|corrected|revised|amended|published|announced|dated|as of)"
    rf"(?:\s+on)?:?\s+{DATE}"
)
"""As in “… (corrected March 23, 2017)”, “Updated: 3/23/2017”."""
CLOSING = _any(rf"[(–—]\s*{DATE}\s*\)?\W*$")
"""As in “… – April 10, 2017”, “… (April 10, 2017)”."""
BORNE = (LEADING, STATED, CLOSING)
"""Where a notice's own date stands. The dates within its text are those of the report that it
speaks of, and are not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the agency says on the page about its reports."""

    kind: Announces
    text: str
    """The whole paragraph, white space folded."""
    said_on: date | None
    """The date that the notice itself bears; None where it bears none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, list item or heading of a page."""

    text: str
    """White space folded, not empty."""
    is_link: bool
    """Whether all of it is the text of links: a listing, not an announcement."""
    dated: str | None = None
    """What a <time> in it says, as `2017-03-23`."""


def announced(blocks: tuple[Block, ...]) -> tuple[Notice, ...]:
    """Give the notices among a page's blocks, in its order, each text once."""
    found: dict[str, Notice] = {}
    for number, block in enumerate(blocks):
        if block.is_link or not (kind := _kind(block.text)):
            continue
        text = block.text
        if len(text) <= LABEL_CHARACTERS and number + 1 < len(blocks):
            text = f"{text} {blocks[number + 1].text}"
        if ABOUT.search(text):
            said_on = _date(block.dated or "") or _borne(text)
            found.setdefault(text, Notice(kind=kind, text=text, said_on=said_on))
    headed = _ends_of_others(found)
    return tuple(notice for text, notice in found.items() if text not in headed)


def _ends_of_others(texts: Iterable[str]) -> set[str]:
    """Give those texts with which another one ends.

    Read from their ends and sorted, a text stands right before those that end with it: to hold each
    against each would take the square of a page.
    """
    turned = sorted(text[::-1] for text in texts)
    return {end[::-1] for end, other in pairwise(turned) if other.startswith(end)}


def _kind(text: str) -> Announces | None:
    """Tell what a block announces, if anything."""
    return next((kind for kind, sign in SIGNS if sign.search(text)), None)


def _borne(text: str) -> date | None:
    """Read the date that a notice bears."""
    for pattern in BORNE:
        if found := pattern.search(text):
            return _date(found.group(0))
    return None


def _date(text: str) -> date | None:
    """Read the first date of a text; None where there is none, or none such exists."""
    found = re.search(DATE, text, re.IGNORECASE)
    if not found:
        return None
    part = found.groupdict()
    try:
        if part["iso"]:
            return datetime.fromisoformat(part["iso"]).date()
        if part["m"]:
            return date(int(part["y"]), int(part["m"]), int(part["d"]))
        month = MONTHS.index(part["month"][:3].lower()) + 1
        return date(int(part["year"]), month, int(part["day"]))
    except ValueError:
        return None
