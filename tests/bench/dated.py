"""The samples' reports, made into reports of later weeks: the dates that they print are moved.

A sample shows its text in pieces, mostly a line each, in embedded fonts that hold only the signs
that they need. A piece that bears a date is shown in the standard font of the same widths instead.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pikepdf

_LINE = re.compile(
    rb"(?P<place>[\d.]+ [\d.]+ Td) (?P<font>/F\d) (?P<size>[\d.]+ Tf)"
    rb"(?P<shown>\[[^]]*\]TJ|<[0-9A-F]*>Tj)"
)
_CODES = re.compile(rb"<([0-9A-F]*)>")
_SIGN = re.compile(rb"^<(\w\w)> <((?:\w{4})+)>$", re.MULTILINE)
_STYLES = {"Bold": "Times-Bold", "Italic": "Times-Italic"}
_DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/(?:20)?(\d\d)\b")
"""As in a report's tables …"""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN_PARTS = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.?\s(\d{{1,2}}), 20(\d\d)")
"""… in some of whose cells a date is shown in parts; moved, it is shown in one. One whose year
stands on the next page is not moved."""
_PARTS = (3, 4)
_NAMED = re.compile(r"\b(Jan|Feb)(?P<rest>\w*)(?P<gap>\.?\s)0?(28|3|4|10)\b(?P<year>,\s2017)?")
"""The first or last day of a sample's week; where a line ends after it …"""
_YEAR, _BEFORE_ITS_YEAR = "2017", date(2017, 2, 3)
"""… its year stands on the next: in these samples, of this day."""
_TITLES = range(4)
"""The pages that name the week; what others name, as when a county's policy began, stays."""

Fonts = Mapping[str, tuple[str, Mapping[int, str]]]
"""Name in a page -> the standard font like it, and what its codes stand for."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with a date in it."""

    place: bytes
    size: bytes
    font: str
    """A standard one."""
    text: str

    def later(self, by: timedelta) -> bytes:
        """Show the line with its dates moved."""
        text = _DAY.sub(lambda found: _day(found, by), self.text)
        text = _NAMED.sub(lambda found: _named(found, by), text)
        text = str((_BEFORE_ITS_YEAR + by).year) if text == _YEAR else text
        codes = text.encode("cp1252").hex().encode()
        return b"%b /%b %b<%b>Tj" % (self.place, self.font.encode(), self.size, codes)


class Report:
    """A sample, of which reports of later weeks are made."""

    def __init__(self, path: Path) -> None:
        """Find the lines of the sample that bear dates."""
        self._body = path.read_bytes()
        with pikepdf.open(path) as pdf:
            self._pages = [
                _pieces(page.Contents.read_bytes(), _fonts(page), is_title=number in _TITLES)
                for number, page in enumerate(pdf.pages)
            ]

    def later(self, weeks: int) -> bytes:
        """Make the report of so many weeks later: the same bytes each time."""
        by = timedelta(weeks=weeks)
        with pikepdf.open(io.BytesIO(self._body)) as pdf:
            for page, pieces in zip(pdf.pages, self._pages, strict=True):
                fonts = {piece.font for piece in pieces if isinstance(piece, _Line)}
                for font in sorted(fonts):
                    page.Resources.Font[f"/{font}"] = _standard(font)
                if fonts:
                    told = (p.later(by) if isinstance(p, _Line) else p for p in pieces)
                    page.Contents = pdf.make_stream(b"".join(told))
            made = io.BytesIO()
            pdf.save(made, deterministic_id=True)
        return made.getvalue()


def _day(found: re.Match[str], by: timedelta) -> str:
    month, day, year = map(int, found.groups())
    at = date(2000 + year, month, day) + by
    return f"{at.month}/{at.day}/{at.year}"


def _named(found: re.Match[str], by: timedelta) -> str:
    month, day = {"Jan": 1, "Feb": 2}[found[1]], int(found[4])
    at = date(2017, month, day) + by
    name = f"{at:%B}" if found["rest"] else f"{at:%b}"
    return f"{name}{found['gap']}{at.day}" + (f", {at.year}" if found["year"] else "")


def _fonts(page: pikepdf.Page) -> Fonts:
    found = {}
    for name, font in page.Resources.Font.items():
        told = _SIGN.findall(font.ToUnicode.read_bytes())
        signs = {int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for code, to in told}
        style = str(font.BaseFont).rpartition("-")[2]
        found[name] = _STYLES.get(style, "Times-Roman"), signs
    return found


def _standard(font: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name(f"/{font}"),
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )


def _pieces(content: bytes, fonts: Fonts, *, is_title: bool) -> list[bytes | _Line]:
    """Cut a page where a line bears a date that is to be moved."""
    lines = [(line, *_told(line, fonts)) for line in _LINE.finditer(content)]
    pieces: list[bytes | _Line] = []
    done = 0
    for number, (line, font, shown) in enumerate(lines):
        if line.start() < done:
            continue
        parts, text = [line], shown
        for several in (lines[number : number + count] for count in _PARTS):
            if day := _IN_PARTS.fullmatch("".join(part for _, _, part in several)):
                parts = [part for part, _, _ in several]
                text = f"{_MONTHS.index(day[1]) + 1}/{day[2]}/{day[3]}"
        if _DAY.search(text) or (is_title and (_NAMED.search(text) or text == _YEAR)):
            pieces += [content[done : line.start()], _Line(line["place"], line["size"], font, text)]
            pieces += [content[one.end() : next_.start()] for one, next_ in pairwise(parts)]
            done = parts[-1].end()
    return [*pieces, content[done:]]


def _told(line: re.Match[bytes], fonts: Fonts) -> tuple[str, str]:
    """Give the standard font like a line's, and its text."""
    font, signs = fonts[line["font"].decode()]
    codes = bytes.fromhex(b"".join(_CODES.findall(line["shown"])).decode())
    return font, "".join(signs[code] for code in codes)
