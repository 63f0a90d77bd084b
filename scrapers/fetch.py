"""Politely from an address to a page or a verified document on disk.

One `Fetcher` serves one source and one run, and remembers what its hosts said. Each host is asked
one thing at a time, with a pause, after its robots.txt. Parts: `policy` says how we behave,
`addresses` which addresses may be asked, `hosts` whose turn it is, `robots` what is allowed,
`conversation` asks, follows and tries again, `wire` sends one bounded request (the only httpx),
`bodies` and `verdicts` say what came back, `download` writes it down, into
`buffers`, and `disposition` knows its name.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

from scrapers.errors import BlockedError, LayoutError, SoftNotFoundError
from scrapers.page import Page
from scrapers.web import bodies, verdicts
from scrapers.web.conversation import Conversation, Errand, page_of
from scrapers.web.download import Download, NotModified, handed_over
from scrapers.web.hosts import Waiting
from scrapers.web.policy import Policy, Validators, user_agent
from scrapers.web.robots import Robots
from scrapers.web.transfer import Transfer
from scrapers.web.wire import Answer

__all__ = ["Download", "Fetcher", "NotModified", "Policy", "Validators", "user_agent"]

PAGE_HEADERS = {
    "accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "accept-encoding": "gzip",
}
DOCUMENT_HEADERS = {"accept": "application/pdf,*/*;q=0.5", "accept-encoding": "identity"}
"""`identity`: the exact bytes, their exact length, and validators that still match."""


class Fetcher:
    """The one who asks. Safe to use from several threads; use it in a `with`."""

    def __init__(
        self,
        policy: Policy,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask nothing yet.

        Args:
            policy: how to behave.
            clock: tells the time of captures, UTC.
            sleep: how to wait between requests, in seconds; tests hand in their own.
            monotonic: the clock that waits and the run's deadline go by, in seconds.

        Raises:
            ValueError: the policy's `site` is no origin.
        """
        self.policy = policy
        self._clock = clock
        self._talk = Conversation(policy, clock, Waiting(sleep, monotonic))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ask nothing more: let go of connections and memory."""
        self._talk.close()

    @property
    def requests(self) -> int:
        """HTTP requests sent, robots.txt and repeated attempts among them."""
        return self._talk.tally.requests

    @property
    def bytes_received(self) -> int:
        """Bytes of bodies received, as on the wire."""
        return self._talk.tally.bytes_received

    def take_pages(self) -> tuple[Page, ...]:
        """Give each page and robots.txt that was read since this was asked last, in that order.

        They are evidence, and with whoever asked from then on: they would fill the memory here.
        """
        return self._talk.take()

    @property
    def messages(self) -> tuple[str, ...]:
        """What the operator should know of how it went, each sentence once."""
        return tuple(self._talk.tally.messages)

    @property
    def robots(self) -> Mapping[str, Robots]:
        """What each host's robots.txt asked, by host and port as asked."""
        return {name: host.robots for name, host in self._talk.hosts.items() if host.robots}

    def page(self, url: str) -> Page:
        """Give the HTML page at `url`, and keep it as evidence.

        Raises:
            BlockedError: the host refuses us; it is asked nothing more in this run.
            NotThereError: 404 or 410.
            LayoutError: what came is no HTML.
            FetchError: no answer within limits, "not found" in words, or a forbidden address.
        """
        errand = Errand(
            read=partial(self._read_page, limit=self.policy.max_page_bytes),
            headers=lambda: PAGE_HEADERS,
            deadline_s=self.policy.page_deadline_s,
        )
        (body, answer, at), trail = self._talk.do(url, errand)
        media_type = answer.headers.get("content-type", "")
        page = page_of(trail[-1], body, at, answer)
        if bodies.kind(body, media_type) != "html":
            found = f"{media_type or 'no media type'}, {len(body)} bytes: {body[:20]!r}"
            raise LayoutError(trail[-1], expected="an HTML page", found=found)
        self._talk.keep(page)
        if words := bodies.not_found(body, trail[0], trail[-1]):
            raise SoftNotFoundError(url, f"says “{words}” with status 200")
        return page

    def document(
        self, url: str, into: Path, *, known: Validators | None = None
    ) -> Download | NotModified:
        """Fetch the document at `url`, complete or not at all.

        Args:
            url: its address.
            into: the folder for the temporary file of a large one; made where missing. When this
                raises, nothing is left there.
            known: what the agency said of the bytes that are held; without it, the bytes are
                fetched whatever they are.

        Raises:
            BlockedError: the host refuses us; it is asked nothing more in this run.
            NotThereError: 404 or 410.
            FetchError: no whole document within limits, "not found" in words, or a forbidden
                address.
        """
        conditions = known.headers(self.policy.conditional) if known else {}
        transfer = self._talk.transfer(url, into)
        errand = Errand(
            read=partial(self._read_document, transfer=transfer),
            headers=lambda: DOCUMENT_HEADERS | (transfer.range_headers() or conditions),
            takes=verdicts.with_status(200, 206, 416, *([304] if conditions else [])),
            deadline_s=self.policy.document_deadline_s,
        )
        kept = False
        try:
            (answer, at), trail = self._talk.do(url, errand)
            if answer.status == verdicts.NOT_MODIFIED:
                redirects = tuple(trail[:-1])
                return NotModified(
                    url=trail[-1], redirects=redirects, at=at, headers=answer.headers
                )
            download = handed_over(transfer, trail, at)
            kept = True
            return download
        finally:
            if not kept:
                transfer.discard()

    def _read_page(self, answer: Answer, limit: int) -> tuple[bytes, Answer, datetime]:
        """Read a page's body; raise BlockedError where it is a challenge, CutError where cut."""
        at = self._clock()
        coding = answer.headers.get("content-encoding", "")
        body = b"".join(bodies.decoded(answer.url, answer.chunks(), coding, limit))
        if words := bodies.challenge(body, answer.headers):
            raise BlockedError(answer.url, f"shows a challenge in place of the page ({words})")
        verdicts.refuse_cut_page(answer, body)
        return body, answer, at

    def _read_document(self, answer: Answer, transfer: Transfer) -> tuple[Answer, datetime]:
        """Read a document's body; raise BlockedError where it is a challenge."""
        at = self._clock()
        if answer.status == verdicts.NOT_MODIFIED:
            return answer, at
        if answer.status == verdicts.RANGE_REFUSED:
            raise transfer.start_again("refused to send the rest")
        transfer.take(answer)
        if words := bodies.challenge(transfer.head, answer.headers):
            raise BlockedError(answer.url, f"shows a challenge in place of the document ({words})")
        return answer, at
