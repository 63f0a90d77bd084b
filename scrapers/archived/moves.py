"""Where a captured redirect led: the agency's own word, past what the Archive makes of it."""

import re
from urllib.parse import urljoin, urlsplit

from scrapers.archived import playback
from scrapers.archived.index import MAX_TEXT, PLAIN, Row
from scrapers.errors import (
    CapturedStatusError,
    LedAwayError,
    NotThatCaptureError,
    UnsafeAddressError,
)
from scrapers.web import verdicts
from scrapers.web.addresses import Addresses
from scrapers.web.wire import Answer
from storage.http_dates import http_date

LED = re.compile(r"/web/[0-9]{1,14}(?:[a-z]{2}_)?/(.+)", re.DOTALL)
"""Path under which the Archive plays another address back."""
SCHEME = re.compile(r"^(https?):/+", re.IGNORECASE)
"""Of an address within another, where two slashes are often made one."""


def target(answer: Answer, row: Row, archive: frozenset[str]) -> str | None:
    """Give the address to which a captured redirect led; None where it is no address.

    Args:
        answer: of playback. A redirect often comes without a Memento-Datetime, since the Archive
            leads on to what it holds of the target.
        row: what the index said of the capture.
        archive: the Archive's hosts, with their ports as asked.

    Raises:
        NotThatCaptureError: no redirect is played back, or that of another capture.
        ExcludedError: the Archive keeps it from view.
        BlockedError: the Archive refuses us.
        FetchError: the Archive is not well.
    """
    said = answer.headers.get("memento-datetime", "")
    own = answer.headers.get(f"{playback.ORIGINAL}location", "")
    location = answer.headers.get("location", "")
    if answer.status not in verdicts.REDIRECTS or not (own or location):
        if said:
            why = f"is not played back as a redirect: answered {answer.status}"
            raise NotThatCaptureError(answer.url, why)
        raise playback.refused(answer)
    if said and http_date(said) != row.at:
        raise NotThatCaptureError(answer.url, f"is not played back: it is the capture of {said}")
    found = _joined(row.original, own) if own else _led(answer.url, location, row, archive)
    if not (said or own) and leads_to_itself(row, found):
        raise NotThatCaptureError(answer.url, f"is not played back: it leads to {location[:200]}")
    return found


def refuse_foreign(target: str | None, row: Row, agency: Addresses) -> None:
    """Refuse what a captured redirect led to, unless it is the agency's.

    Raises:
        LedAwayError: it is not; says why.
    """
    try:
        if target:
            agency.asked(target)
    except UnsafeAddressError as error:
        raise LedAwayError(row.original, f"was redirected where we do not go: {error}") from error


def refuse(answer: Answer, row: Row, archive: frozenset[str]) -> None:
    """Refuse a document or page that turns out to be a redirect; the arguments are `target`'s.

    Of a revisit the index tells no status. That the Archive leads on to another capture of the same
    address is no redirect that was captured; one from http to https, of the same second, says
    nothing of the body that was captured after it.

    Raises:
        CapturedStatusError: it is one.
        NotThatCaptureError: it is that of another capture, or leads to the same address.
    """
    if row.status is not None or answer.status not in verdicts.REDIRECTS:
        return
    found = target(answer, row, archive)
    if leads_to_itself(row, found):
        raise NotThatCaptureError(answer.url, "is not played back: it leads to its own address")
    if found is not None:
        raise CapturedStatusError(answer.url, answer.status)


def leads_to_itself(row: Row, found: str | None) -> bool:
    """Whether a redirect leads to where it came from, for all that the index tells apart."""
    return found is not None and _merged(found) == _merged(row.original)


def _led(url: str, location: str, row: Row, archive: frozenset[str]) -> str | None:
    """Read a Location that the Archive may have made its own; relative ones are, too."""
    to = _joined(url, location)
    parts = urlsplit(to or "")
    if to is None or parts.netloc.lower() not in archive:
        return to
    within = LED.fullmatch(parts._replace(scheme="", netloc="").geturl())
    return _joined(row.original, SCHEME.sub(r"\1://", within[1])) if within else None


def _joined(url: str, location: str) -> str | None:
    """Make an address absolute; None where it is none, or longer than any should be."""
    try:
        found = urlsplit(urljoin(url, location.strip()))._replace(fragment="").geturl()
        urlsplit(found)  # `http:////℀` is an address, and `http://℀`, as which it is written, none
    except ValueError:
        return None
    return found if len(found) <= MAX_TEXT and PLAIN.fullmatch(found) else None


def _merged(url: str) -> tuple[str, str, str]:
    """Give an address without what the index merges: scheme, `www.`, port, case, a last slash."""
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    return host, parts.path.rstrip("/"), parts.query
