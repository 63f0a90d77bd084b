"""What can go wrong with one answer of the Archive, besides what can with any."""

import gzip
from dataclasses import replace

from tests.agency.faults import (
    CHALLENGE,
    SOFT_404,
    Fault,
    answer,
    block,
    challenge,
    cut,
    gzipped,
    late,
    redirect,
    soft_404,
    throttle,
    with_header,
)
from tests.agency.replies import Reply

__all__ = [
    "CHALLENGE",
    "SOFT_404",
    "Fault",
    "answer",
    "block",
    "challenge",
    "cut",
    "excluded",
    "gzip_inside",
    "gzipped",
    "late",
    "moment",
    "overloaded",
    "redirect",
    "soft_404",
    "throttle",
    "too_many",
    "with_header",
    "without_moment",
]

EXCLUSIONS = {
    "robots": "org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots",
    "administrative": (
        "org.archive.util.io.RuntimeIOException: org.archive.wayback.exception."
        "AdministrativeAccessControlException: Blocked Site Error"
    ),
    "page": "<html><p>Sorry. This URL has been excluded from the Wayback Machine.</p></html>",
}


def too_many() -> Fault:
    """Answer 429 without a Retry-After, as the index did in 2023."""
    return answer(429, b"<html><body><h1>429 Too Many Requests</h1></body></html>")


def overloaded(status: int = 503) -> Fault:
    """Answer 503 or 504, as the index does under load."""
    return answer(status, b"<html><body><h1>Service Unavailable</h1></body></html>")


def excluded(kind: str = "robots", status: int = 403) -> Fault:
    """Say that the address is kept from view; `kind` is `robots`, `administrative` or `page`."""
    return answer(status, EXCLUSIONS[kind].encode(), media_type="text/plain")


def without_moment() -> Fault:
    """Leave Memento-Datetime out, as an error page with status 200 does."""

    def apply(reply: Reply) -> Reply:
        kept = {name: v for name, v in reply.headers.items() if name != "memento-datetime"}
        return replace(reply, headers=kept)

    return apply


def moment(text: str) -> Fault:
    """Send another Memento-Datetime."""
    return lambda reply: replace(reply, headers={**reply.headers, "memento-datetime": text})


def gzip_inside(coding: str | None = None) -> Fault:
    """Send the body gzipped as it was stored, with this Content-Encoding, or with none."""

    def apply(reply: Reply) -> Reply:
        headers = dict(reply.headers)
        if coding is not None:
            headers["content-encoding"] = coding
        return replace(reply, body=gzip.compress(reply.body, mtime=0), headers=headers)

    return apply
