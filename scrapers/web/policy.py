"""How we behave towards a site: who we say we are, how fast we go, when we give up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MIB = 2**20


def user_agent(url: str | None = None, contact: str | None = None) -> str:
    """Say honestly who asks, in the form that sites read: `Mozilla/5.0 (compatible; …)`.

    Args:
        url: a page that says what this is and who runs it.
        contact: how to reach the operator, as an e-mail address.
    """
    told = ["compatible", "Recordkeep/0.1", *([f"+{url}"] if url else []), *filter(None, [contact])]
    return re.sub(r"[^\x20-\x7e]", "", f"Mozilla/5.0 ({'; '.join(told)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one source and run; the defaults are meant for one look a week."""

    hosts: frozenset[str]
    """Hosts that may be asked, in lower case; every other one is refused."""
    site: str | None = None
    """An origin (`http://127.0.0.1:8000`) that is asked in place of every host of `hosts`; it may
    be on the loopback or a private network. Addresses are told as the agency's all the same."""
    agent: str = user_agent()
    conditional: Literal["last-modified", "etag", "none"] = "last-modified"
    """Which validator is sent. Only one: a server that knows If-None-Match must ignore the other
    (RFC 9110, 13.1.3), and ice.gov answers If-Modified-Since alone (as of 2026-10)."""
    pause_s: float = 10.0
    """From the end of one request to a host until the next; robots.txt may ask for more."""
    timeout_s: float = 30.0
    """For the head of an answer, and for each silence within its body."""
    connect_s: float = 10.0
    attempts: int = 3
    """How often one address is asked when there is no answer, or a cut or failing one."""
    retry_wait_s: float = 1.0
    """Before the second attempt, besides the pause; doubled each time, with jitter."""
    run_deadline_s: float = 45.0
    """How long a host may go on failing, waits included, until it is given up for this run."""
    page_deadline_s: float = 45.0
    """For the whole body of a page, however steadily it drips."""
    document_deadline_s: float = 900.0
    """For the whole body of a document."""
    max_bytes: int = 256 * MIB
    """Of a document, on the wire and decoded."""
    max_page_bytes: int = 4 * MIB
    max_redirects: int = 5
    max_wait_s: float = 300.0
    """The longest Retry-After that is waited for."""
    max_waits: int = 1
    """How often a host's Retry-After is waited for: that of a 429 in one run, that of a 503 in a
    row; but for 503s no longer than `max_waits * max_wait_s` altogether in one run."""
    robots: bool = True
    """Whether robots.txt is asked for and obeyed. Not for an interface that is made for programs
    and says by 429 how much it bears: its robots.txt speaks to those who crawl its pages."""
    pauses: Mapping[str, float] = field(default_factory=dict)
    """In place of `pause_s`, for each kind of errand: from the end of one of its requests until
    the next of the same kind."""
    failing_pause_s: float = 0.0
    """After a request that failed; doubled with each further one in a row."""
    throttled_wait_s: float | None = None
    """The least that is waited for after a 429, also where it comes without Retry-After; None: as
    Retry-After says, and without it a 429 is a refusal."""
    throttled_slowdown: float = 1.0
    """What all pauses are multiplied by with each 429, for the rest of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the agency said last time about a document, verbatim, to be echoed."""

    last_modified: str | None = None
    etag: str | None = None

    def headers(self, conditional: str) -> dict[str, str]:
        """Give the request header that asks for the document only if it changed.

        What is not ASCII is not echoed: RFC 9110 allows it, and does not say which bytes it was.
        """
        if conditional == "last-modified" and self.last_modified and self.last_modified.isascii():
            return {"if-modified-since": self.last_modified}
        if conditional == "etag" and self.etag and self.etag.isascii():
            return {"if-none-match": self.etag}
        return {}
