"""What an answer other than the one hoped for means, and what a Retry-After asks for."""

from collections.abc import Callable, Mapping

from scrapers.errors import BlockedError, CutError, FetchError, NotThereError, UnansweredError
from scrapers.web import bodies
from scrapers.web.wire import Answer
from storage.http_dates import http_date

OK, PARTIAL, NOT_MODIFIED, FORBIDDEN, RANGE_REFUSED = 200, 206, 304, 403, 416
TOO_MANY = 429
THROTTLES = frozenset({TOO_MANY, 503})
REFUSALS = frozenset({401, 403, 429})
REMOVALS = frozenset({404, 410})
PASSING = frozenset({408, 425})
"""Client errors that time heals."""
SERVER_ERROR = 500
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def is_ok(answer: Answer) -> bool:
    """Whether an answer is what was hoped for, by its status."""
    return answer.status == OK


def with_status(*statuses: int) -> Callable[[Answer], bool]:
    """Give what tells the answers of these statuses from others."""
    among = frozenset(statuses)
    return lambda answer: answer.status in among


def refusal(url: str, status: int, headers: Mapping[str, str], head: bytes) -> FetchError:
    """Give the error that an answer amounts to.

    Args:
        url: the address asked.
        status: of the answer.
        headers: of the answer, names in lower case.
        head: the first bytes of its body.
    """
    words = bodies.challenge(head, headers)
    if words and status not in REMOVALS:
        return BlockedError(url, f"answered {status} with a page of its bot wall ({words})")
    if status in REFUSALS:
        server = f", server {headers['server']}" if "server" in headers else ""
        return BlockedError(url, f"answered {status}: the host refuses us{server}")
    if status in REMOVALS:
        return NotThereError(url, f"answered {status}: the host says that nothing is there")
    if status in PASSING or status >= SERVER_ERROR:
        return UnansweredError(url, f"answered {status}")
    return FetchError(url, f"answered {status}")


def refuse_cut_page(answer: Answer, body: bytes) -> None:
    """Raise CutError where nothing tells that an HTML page came whole.

    Where neither a length nor chunks tell its end, a connection that is closed early looks like
    one that is closed in order; and a listing page without its last links looks like a removal.
    """
    media_type = answer.headers.get("content-type", "")
    is_page = bodies.kind(body, media_type) == "html"
    if is_page and not (answer.is_framed or bodies.has_end(body)):
        raise CutError(answer.url, "has no length, and no end of a page (</html>): cut short")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Give the seconds that Retry-After asks for; None where it is missing or unreadable.

    A date counts from the answer's own Date header, since our clock may be off, or set.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    until, now = http_date(said), http_date(headers.get("date"))
    return max(0.0, (until - now).total_seconds()) if until and now else None
