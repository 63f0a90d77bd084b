"""From cell texts to values: dates, counts, states, bullets; None where a text is no such value."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENDS = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_SPOKEN = re.compile(
    r"([a-z]+)\.?[\s-]*(?:(\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-))?,?\s*(\d{4}|'\d{2})"
)
_SPOKEN_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s-]*(?:of )?([a-z]+)\.?(?:,?\s+|-|(?=\d{4}))(\d{4}|\d{2})"
)
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
_NUMERIC_MONTH = re.compile(r"(\d{1,2})/(\d{4})")
_ISO = re.compile(r"(\d{4})[-/](\d{2})(?:[-/](\d{2}))?")
_AROUND = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+(?=\S)"
    r"|(?<=\d)[\st]+\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?$"
)
"""A weekday before a date, and an hour after it."""
_COUNT = re.compile(r"\d{1,3}([ ,])\d{3}(?:\1\d{3}){0,2}|\d{1,12}")
"""Twelve digits at most, as in `figures.rows`: no column of a dataset holds more than 18, and
Python itself reads no more than 4300."""
_PIVOT = 70
"""Two-digit years below this are of this century: detainers are not older than 1970."""

BULLETS = "•◦▪▫‣⁃∙●○■□◆◇➢►▸✓✔❖\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf02d"
"""Glyphs that are bullets wherever they stand; U+F0xx are Symbol's and Wingdings'."""
_GLYPH = re.compile(rf"\s*[{BULLETS}]\s*")
_FAINT = re.compile(r"([*·–—-]|o(?=\s+[A-Z“]))(?:\s+|(?<=[*·])(?=\S))")
"""Glyphs that are bullets at a line's beginning alone, and only in a list of their own kind."""

INDENT = 3.0
"""Points by which the lines of one entry stand farther in than its bullet, at least."""

_NUMBER_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]

_STATES = """
Alabama AL Ala|Alaska AK|Arizona AZ Ariz|Arkansas AR Ark|California CA Calif|Colorado CO Colo|
Connecticut CT Conn|Delaware DE Del|Florida FL Fla|Georgia GA Ga|Hawaii HI|Idaho ID|
Illinois IL Ill|Indiana IN Ind|Iowa IA|Kansas KS Kan|Kentucky KY Ky|Louisiana LA La|Maine ME|
Maryland MD Md|Massachusetts MA Mass|Michigan MI Mich|Minnesota MN Minn|Mississippi MS Miss|
Missouri MO Mo|Montana MT Mont|Nebraska NE Neb|Nevada NV Nev|New-Hampshire NH|New-Jersey NJ|
New-Mexico NM|New-York NY|North-Carolina NC|North-Dakota ND|Ohio OH|Oklahoma OK Okla|
Oregon OR Ore|Pennsylvania PA Pa Penn|Rhode-Island RI|South-Carolina SC|South-Dakota SD|
Tennessee TN Tenn|Texas TX Tex|Utah UT|Vermont VT Vt|Virginia VA Va|Washington WA Wash|
West-Virginia WV W-Va|Wisconsin WI Wis|Wyoming WY Wyo|District-of-Columbia DC|
Washington-DC|Puerto-Rico PR|Guam GU|US-Virgin-Islands VI Virgin-Islands|American-Samoa AS|
Northern-Mariana-Islands MP CNMI|Commonwealth-of-Puerto-Rico|
Commonwealth-of-the-Northern-Mariana-Islands
"""


def _letters(text: str) -> str:
    """Reduce a name to its letters in lower case, so that `N. Mex.` and `N Mex` are one.

    Digits stay: what has a footnote's mark after it is no state's name.
    """
    return re.sub(r"[^a-z0-9]", "", text.lower())


_KNOWN_STATES = frozenset(_letters(name) for name in re.split(r"[|\s]+", _STATES) if name)


def tidy(text: str) -> str:
    """Fold white space, no-break spaces too, to single spaces; typography stays as printed."""
    return " ".join(text.split())


_BROKEN = re.compile(r"(?<=\w)[-‐–—]$")


def joined(lines: Iterable[str]) -> str:
    """Join a text's lines by spaces; after `2016–`, which ends in a word's own dash, by nothing."""
    text = ""
    for line in filter(None, map(tidy, lines)):
        is_broken = _BROKEN.search(text) and line[0].isalnum()
        text = f"{text}{line}" if is_broken or not text else f"{text} {line}"
    return text


@lru_cache(maxsize=4096)  # headings, dates and places come again on each page
def plain(text: str) -> str:
    """Give a text for comparing: small letters, plain quotes and dashes, single spaces."""
    known = text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    return tidy(known.lower())


_TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "\u00ad": ""}
)


@lru_cache(maxsize=4096)
def iso_date(text: str) -> str | None:
    """Read a date as ISO text: `2017-01-28`, of a month alone `2017-02`, of a year `2014`."""
    known = _AROUND.sub("", plain(text))
    if not re.search("[a-z]", known):
        return _numeric(known.replace(" ", ""))
    if match := _SPOKEN.fullmatch(known):
        return _iso(match[3].lstrip("'"), _month(match[1]), match[2])
    if match := _SPOKEN_DAY_FIRST.fullmatch(known):
        return _iso(match[3], _month(match[2]), match[1])
    return None


def _numeric(text: str) -> str | None:
    """Read a date of digits alone."""
    if match := _NUMERIC.fullmatch(text):
        return _iso(match[4], int(match[1]), match[3])
    if match := _NUMERIC_MONTH.fullmatch(text):
        return _iso(match[2], int(match[1]), None)
    if match := _ISO.fullmatch(text):
        return _iso(match[1], int(match[2]), match[3])
    return text if re.fullmatch(r"(?:19|20)\d\d", text) else None


def _month(name: str) -> int:
    """Number a month's name, whole or cut to three or four letters; 0 if it is none."""
    short = name[:3]
    at = _MONTHS.index(short) if short in _MONTHS else -1
    return at + 1 if at >= 0 and name[3:] in {"", "t" if short == "sep" else "", _ENDS[at]} else 0


def starts_with_month(text: str) -> bool:
    """Whether a text begins with a month's name, as a date that goes on in the next line may."""
    first = re.match("[a-z]+", plain(text))
    return bool(first and _month(first[0]))


def _iso(year: str, month: int, day: str | None) -> str | None:
    """Write a date that exists as ISO text."""
    number = int(year)
    if len(year) == len("17"):
        number += 2000 if number < _PIVOT else 1900
    try:
        known = date(number, month, int(day or 1))
    except ValueError:
        return None
    return known.isoformat() if day else f"{known:%Y-%m}"


def count(text: str) -> int | None:
    """Read a whole number of at most twelve digits: `3,083`."""
    known = tidy(text)
    return int(re.sub(r"\D", "", known)) if _COUNT.fullmatch(known) else None


def spoken_count(text: str) -> int | None:
    """Read a whole number in digits or, up to twenty, in words."""
    known = plain(text)
    return _NUMBER_WORDS.index(known) if known in _NUMBER_WORDS else count(known)


def is_state(text: str) -> bool:
    """Whether a text names a state, a territory or the District, in full or abbreviated."""
    return _letters(text) in _KNOWN_STATES


def without_state(text: str) -> tuple[str, str | None]:
    """Split `Clark, Nevada` (or `Clark (NV)`) into the place and its state, as printed."""
    known = tidy(text)
    if (match := re.fullmatch(r"(.+?)\s*\(([^()]+)\)", known)) and is_state(match[2]):
        return match[1], match[2]
    place, comma, state = known.rpartition(",")
    if comma and place:
        return place.strip(), state.strip() or None
    return known, None


def without_note(text: str) -> tuple[str, str | None]:
    """Split `Ithaca, New York (Buffalo)` into what stands before and in the last parentheses."""
    match = re.fullmatch(r"(.*?)\s*\(([^()]*)\)\s*", tidy(text))
    return (match[1], match[2].strip() or None) if match else (tidy(text), None)


def starts_with_bullet(line: str) -> bool:
    """Whether a line begins with a bullet."""
    return bool(_GLYPH.match(line) or _FAINT.match(line))


def with_bullets(lines: Sequence[str], text: str, lefts: Sequence[float] = ()) -> str:
    """Give a cell's text with each bullet as `• `, whatever glyph is printed.

    Args:
        lines: the cell's, as printed.
        text: all of them, as one.
        lefts: where each line begins, in points, if that is known: a dash that stands farther in
            than the first bullet belongs to the words before it.
    """
    known = [tidy(line) for line in lines]
    if not any(map(starts_with_bullet, known)) and not _GLYPH.search(text):
        return text
    first = _FAINT.match(known[0]) if known else None
    for at, line in enumerate(known):
        faint = _FAINT.match(line)
        is_sub = faint and faint[1] == "o" and _GLYPH.match(known[0])
        is_in = len(lefts) == len(lines) and lefts[at] > lefts[0] + INDENT
        if faint and (is_sub or (first and first[1] == faint[1] and not is_in)):
            known[at] = f"• {line[faint.end() :]}"
    return tidy(_GLYPH.sub(" • ", joined(known)))


def bullets(text: str) -> tuple[str, ...]:
    """Split what `with_bullets` gave; a text without bullets is one."""
    return tuple(part for part in map(tidy, text.split("•")) if part)


def is_count(text: str) -> bool:
    """Whether a text is a whole number."""
    return count(text) is not None


def is_date(text: str) -> bool:
    """Whether a text is a date, a month or a year."""
    return iso_date(text) is not None
