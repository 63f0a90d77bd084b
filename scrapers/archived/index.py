"""The index of captures (CDX): how it is asked, and its rows, of which nothing is believed."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeGuard
from urllib.parse import urlencode

from scrapers.errors import CutError, ExcludedError, FetchError, TooLargeError
from scrapers.web import bodies, verdicts
from scrapers.web.policy import MIB
from scrapers.web.wire import Answer

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
"""With `urlkey` first: without it the Archive gives resume keys that lead nowhere."""
ROWS_PER_ANSWER = 5000
MAX_ROWS = 500_000
"""Of one search, malformed ones included: hundreds of times what a report series has."""
MAX_BYTES = 16 * MIB
"""Of one answer."""
EXCLUSIONS = (
    "AdministrativeAccessControlException",
    "RobotAccessControlException",
    "has been excluded from the Wayback Machine",
)
"""The Archive's words for what it keeps from view, with status 403 or 200."""
REVISIT = "warc/revisit"
FIRST = datetime(1996, 1, 1, tzinfo=UTC)
"""The Archive began in that year: no capture is older, whatever a row says."""
MAX_TEXT = 2048
"""Characters of an address, at most."""
TIMESTAMP = re.compile(r"[0-9]{14}")
DIGEST = re.compile(r"[A-Z2-7]{32}|-")
STATUS = re.compile(r"[1-5][0-9]{2}|-?")
LENGTH = re.compile(r"[0-9]{1,15}|-?")
PLAIN = re.compile(r"[\x21-\x7e\x80-\ud7ff\ue000-\U0010ffff]+")
"""No white space, no control characters, no half of a surrogate pair, which no address can hold."""
KEY = re.compile(rf"[\x20-\x7e\x80-\ud7ff\ue000-\U0010ffff]{{1,{4 * MAX_TEXT}}}")
"""A resume key: an address that may be `%XX` throughout, and what the index adds to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the index: a capture, as the Archive lists it."""

    urlkey: str
    """The address with scheme, `www.`, port and case merged; rows come in its order."""
    at: datetime
    """When it was captured, UTC."""
    timestamp: str
    """The same as 14 digits."""
    original: str
    """The address as it was captured."""
    media_type: str
    """`warc/revisit` where the bytes were those of an earlier capture, and not stored again."""
    status: int | None
    """What the site answered; None where the index says `-`, as for revisits."""
    digest: str
    """Base32 SHA-1 of the body as it was stored, `-` where there is none. It groups captures, and
    is a hint, never fixity: codings and chunks may be hashed with the body."""
    length: int | None
    """Of the compressed record that holds it, in bytes: roughly what it weighs."""
    beside: frozenset[str] = frozenset()
    """Digests of other bodies that were captured there in the same second, where whoever asks for
    it knows of them: one of theirs may be played back in its place."""

    @property
    def is_revisit(self) -> bool:
        """Whether the bytes stand under an earlier row of the same digest."""
        return self.media_type == REVISIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One answer of the index."""

    rows: tuple[Row, ...]
    malformed: int
    """Rows that could not be read."""
    resume_key: str | None
    """What leads to the rows that follow; None: there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One question to the index."""

    address: str
    prefix: bool = False
    """Whether every address that begins so is meant."""
    since: date | None = None
    """First day, UTC."""
    until: date | None = None
    """Last day, UTC."""

    def url(self, origin: str, resume_key: str | None = None) -> str:
        """Give the address at which it is asked, from a resume key on.

        No `collapse` and no `filter`: revisits say "still there", 404s bound a removal.
        """
        asked = {
            "url": self.address,
            "output": "json",
            "fl": ",".join(FIELDS),
            "limit": str(ROWS_PER_ANSWER),
            "showResumeKey": "true",
        }
        if self.prefix:
            asked["matchType"] = "prefix"
        elif self.since:
            # To a prefix with a recent `from` it answers 504 (internetarchive/wayback #285).
            asked["from"] = f"{_digits(self.since)}000000"
        if self.until:
            asked["to"] = f"{_digits(self.until)}235959"
        if resume_key is not None:
            asked["resumeKey"] = resume_key
        return f"{origin}/cdx/search/cdx?{urlencode(asked)}"

    def covers(self, row: Row) -> bool:
        """Whether a row lies in the span asked for, whatever the index thinks of it."""
        first, last = self.since or date.min, self.until or date.max
        return first <= row.at.date() <= last


def _digits(day: date) -> str:
    """Write a day in 8 digits: `strftime` does not pad years before 1000."""
    return day.isoformat().replace("-", "")


def answers(ask: Callable[[str], Listed], origin: str, search: Search) -> Iterator[Listed]:
    """Ask for one answer of the index after the other, as they are taken.

    Raises:
        TooLargeError: there are more captures than any series has.
        FetchError: it goes on without an end; and what asking raises.
    """
    resume_key, count = None, 0
    followed: set[str] = set()  # no more of them than rows, since each answer must have some
    while True:
        url = search.url(origin, resume_key)
        listed = ask(url)
        size = len(listed.rows) + listed.malformed
        count += size
        if count > MAX_ROWS:
            raise TooLargeError(url, f"lists more than {MAX_ROWS} captures")
        yield listed
        if listed.resume_key is None:
            return
        resume_key = listed.resume_key
        if resume_key in followed or not size:
            raise FetchError(url, "goes on without an end: its resume key leads nowhere")
        followed.add(resume_key)


def of_answer(answer: Answer) -> Listed:
    """Read an answer of the index, or raise what it says in place of one.

    Raises:
        ExcludedError: the Archive keeps the address from view.
        BlockedError: the Archive refuses us.
        TooLargeError: the answer is larger than any should be.
        CutError: it is no list of captures.
        FetchError: it goes on, and does not say where.
    """
    coding = answer.headers.get("content-encoding", "")
    body = b"".join(bodies.decoded(answer.url, answer.chunks(), coding, MAX_BYTES))
    if not body.lstrip().startswith(b"["):
        head = body[: bodies.HEAD_BYTES]
        if word := excluded(head.decode("utf-8", errors="replace")):
            why = f"is kept from view by the Internet Archive ({word})"
            raise ExcludedError(answer.url, why)
        if answer.status != verdicts.OK:
            raise verdicts.refusal(answer.url, answer.status, answer.headers, head)
    return read(answer.url, body)


def excluded(text: str) -> str | None:
    """Give the Archive's word where it keeps something from view; None where it says no such."""
    return next((word for word in EXCLUSIONS if word in text), None)


def read(url: str, body: bytes) -> Listed:
    """Read one answer: a row of names, rows, and after an empty one the resume key.

    Raises:
        CutError: it is no such list, as when it was cut.
        FetchError: its resume key is none, so that the rows that follow cannot be had.
    """
    lines, resume_key = _lines(url, body), None
    if len(lines) > 1 and lines[-2] == []:
        resume_key = _key(url, lines[-1])
        lines = lines[:-2]
    if not lines:
        return Listed(rows=(), malformed=0, resume_key=resume_key)
    names = lines[0]
    if not _are_names(names):
        raise CutError(url, f"lists captures without the names of their fields ({body[:60]!r})")
    rows = [_row(names, line) for line in lines[1:]]
    good = tuple(row for row in rows if row)
    return Listed(rows=good, malformed=len(rows) - len(good), resume_key=resume_key)


def _lines(url: str, body: bytes) -> list[object]:
    """Take an answer apart.

    Where it is no JSON as a whole, each line is read by itself, so that one quotation mark that
    stands in an address costs one row.
    """
    whole = _decoded(body)
    if isinstance(whole, list):
        return whole
    text = body.strip()
    if not (text.startswith(b"[[") and text.endswith(b"]]")):
        raise CutError(url, f"answered with no list of captures ({body[:60]!r})")
    return [_decoded(line.strip().rstrip(b",")) for line in text[1:-1].splitlines()]


def _decoded(text: bytes) -> object:
    """Decode JSON; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _are_names(line: object) -> TypeGuard[list[str]]:
    """Whether a line names the fields of the rows, those that were asked for among them."""
    if not isinstance(line, list) or not all(isinstance(name, str) for name in line):
        return False
    return set(FIELDS) <= set(line)


def _key(url: str, line: object) -> str:
    """Give the resume key that stands after an empty row, or raise FetchError."""
    key = line[0] if isinstance(line, list) and len(line) == 1 else None
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise FetchError(url, f"goes on, and not with a resume key ({ascii(key)[:80]})")
    return key


def _row(names: Sequence[str], line: object) -> Row | None:
    """Read a row; None where it is malformed, which is for the caller to count."""
    if not isinstance(line, list) or len(line) != len(names):
        return None
    if not all(isinstance(value, str) and len(value) <= MAX_TEXT for value in line):
        return None
    said = dict(zip(names, line, strict=True))
    is_sound = (
        TIMESTAMP.fullmatch(said["timestamp"])
        and PLAIN.fullmatch(said["original"])
        and DIGEST.fullmatch(said["digest"])
        and STATUS.fullmatch(said["statuscode"])
        and LENGTH.fullmatch(said["length"])
    )
    try:
        at = datetime.strptime(said["timestamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    if not is_sound or at < FIRST:
        return None
    return Row(
        urlkey=said["urlkey"],
        at=at,
        timestamp=said["timestamp"],
        original=said["original"],
        media_type=said["mimetype"],
        status=int(said["statuscode"]) if said["statuscode"].isdigit() else None,
        digest=said["digest"],
        length=int(said["length"]) if said["length"].isdigit() else None,
    )
