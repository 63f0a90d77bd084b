"""What the Internet Archive holds of an agency's site: its index (CDX), and captures played back.

The decisions are those of EDGI's `wayback` library: no status filter and no collapsing, resume keys
and not pages, a capture only with its own Memento-Datetime, and the rates that its keepers named.
`scrapers.archived`: `rates` of asking, `index`, `playback` of the very capture, `moves`.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

from scrapers.archived import index, moves, playback, rates
from scrapers.archived.index import Listed, Row, Search
from scrapers.archived.playback import Memento, Unpacking
from scrapers.archived.rates import ORIGIN, PLAYBACK, SEARCH
from scrapers.errors import (
    ArchivedErrorPageError,
    LayoutError,
    UnsafeAddressError,
)
from scrapers.page import Page
from scrapers.web import bodies, verdicts
from scrapers.web.addresses import Addresses
from scrapers.web.conversation import Conversation, Errand, page_of
from scrapers.web.hosts import Waiting
from scrapers.web.policy import MIB
from scrapers.web.transfer import Transfer
from scrapers.web.wire import Answer

__all__ = ["ORIGIN", "Memento", "Row", "Wayback"]

T = TypeVar("T")
INDEX_S = 300.0
"""For the whole body of one: the index is slow."""
AHEAD = timedelta(days=1)
"""So far a capture may lie ahead of our clock, which may be slow; further ahead there are none."""


class Wayback:
    """The Internet Archive, asked for one source. Safe in several threads; use it in a `with`."""

    def __init__(  # noqa: PLR0913 - each has a default or is said once, by the flow
        self,
        *,
        hosts: frozenset[str],
        origin: str = ORIGIN,
        agent: str,
        clock: Callable[[], datetime],
        search_pause_s: float,
        playback_pause_s: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        max_bytes: int = 256 * MIB,
        patient: bool = True,
    ) -> None:
        """Ask nothing yet.

        Args:
            hosts: the agency's; captures of other hosts are left out.
            origin: where the Archive is; a replica may be on the loopback.
            agent: who we say we are.
            clock: tells the time of fetching, UTC.
            search_pause_s: from one search's end to the next. 30 a minute are borne (2026).
            playback_pause_s: the same for playback.
            sleep: how to wait between requests, in seconds; tests hand in their own.
            monotonic: the clock that waits go by, in seconds.
            max_bytes: of a document, on the wire and decoded.
            patient: whether to wait up to a quarter of an hour for an Archive that fails.

        Raises:
            ValueError: `origin` is no origin.
        """
        self._policy = rates.policy(
            origin,
            agent,
            search_pause_s=search_pause_s,
            playback_pause_s=playback_pause_s,
            max_bytes=max_bytes,
            patient=patient,
        )
        self._clock = clock
        self._talk = Conversation(self._policy, clock, Waiting(sleep, monotonic))
        self._agency = Addresses(hosts)
        asked = (ORIGIN, self._policy.site or ORIGIN)
        self._places = frozenset(urlsplit(each).netloc for each in asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.close()

    @property
    def requests(self) -> int:
        """HTTP requests sent, repeated attempts among them."""
        return self._talk.tally.requests

    @property
    def bytes_received(self) -> int:
        """Bytes of bodies received, as on the wire."""
        return self._talk.tally.bytes_received

    @property
    def messages(self) -> tuple[str, ...]:
        """What the operator should know of how it went, each sentence once."""
        return tuple(self._talk.tally.messages)

    def once_more(self) -> None:
        """Let the Archive be asked again after it was given up, for a minute unless it answers.

        What failed may lie in the captures that were asked for, not in the Archive.
        """
        self._talk.once_more()

    def search(
        self,
        address: str,
        *,
        prefix: bool = False,
        since: date | None = None,
        until: date | None = None,
    ) -> Iterator[Row]:
        """Yield every capture of an address, asking as they are taken, in the index's order.

        Whatever its status: redirects, 404s and revisits are evidence, too. Rows that cannot be
        read, and those of other hosts, are left out and counted in `messages`.

        Args:
            address: with or without scheme; the index merges http, https, `www.` and case.
            prefix: every address that begins so.
            since: the first day, UTC.
            until: the last day, UTC.

        Raises:
            ExcludedError: the Archive keeps the address from view.
            BlockedError: the Archive refuses us; it is asked nothing more in this run.
            TooLargeError: there are more captures than any series has.
            FetchError: no answer within limits.
        """
        search = Search(address=address, prefix=prefix, since=since, until=until)
        last, latest = None, max(self._clock(), datetime.now(UTC)) + AHEAD
        for listed in index.answers(self._listed, ORIGIN, search):
            past = [row for row in listed.rows if row.at <= latest]
            ours = [row for row in past if self._is_agencys(row.original)]
            for row in ours:
                if row != last and search.covers(row):
                    yield row
                last = row
            odd = listed.malformed + len(listed.rows) - len(past)
            self._tell(address, odd, "say nothing")
            self._tell(address, len(past) - len(ours), "are of other hosts")

    def document(self, row: Row, into: Path) -> Memento:
        """Fetch the document of a capture, complete or not at all.

        Args:
            row: what `search` gave.
            into: the folder for the temporary file of a large one; made where missing. When this
                raises, nothing is left there.

        Raises:
            NotThatCaptureError: another capture is played back, or none.
            ArchivedErrorPageError: what was captured is an error page or a challenge; or, as a
                CapturedStatusError, a redirect or a 404, of which the index told no status.
            ExcludedError: the Archive keeps it from view.
            BlockedError: the Archive refuses us; it is asked nothing more in this run.
            FetchError: no whole document within limits.
        """
        playback.check_worth_asking(row)
        unpacking = Unpacking()
        transfer = self._talk.transfer(row.original, into, unpacking.decoded)
        read = partial(self._read_document, row=row, transfer=transfer, unpacking=unpacking)
        kept = False
        try:
            answer, fetched_at = self._played(row, read, self._policy.document_deadline_s)
            memento = playback.memento(transfer, answer, fetched_at, row, unpacking)
            kept = True
            return memento
        finally:
            if not kept:
                transfer.discard()

    def page(self, row: Row) -> Page:
        """Give the HTML page of a capture; its `url` is the address as captured, `at` the time.

        Raises:
            LayoutError: what was captured is no HTML.
            NotThatCaptureError: another capture is played back, or none.
            ArchivedErrorPageError: what was captured is an error page or a challenge; or, as a
                CapturedStatusError, a redirect or a 404, of which the index told no status.
            ExcludedError: the Archive keeps it from view.
            BlockedError: the Archive refuses us; it is asked nothing more in this run.
            FetchError: no whole page within limits.
        """
        playback.check_worth_asking(row)
        read = partial(self._read_page, row=row, limit=self._policy.max_page_bytes)
        body, answer = self._played(row, read, self._policy.page_deadline_s)
        return page_of(row.original, body, row.at, answer)

    def moved(self, row: Row) -> str | None:
        """Give the agency's address to which a captured redirect led.

        None where that stands for "not found": the home page, an error page.

        Args:
            row: one of a redirect, or a revisit of one.

        Raises:
            LedAwayError: it led to another host; says where.
            NotThatCaptureError: another capture is played back, or none.
            ExcludedError: the Archive keeps it from view.
            BlockedError: the Archive refuses us; it is asked nothing more in this run.
            FetchError: no answer within limits.
        """
        read = partial(moves.target, row=row, archive=self._places)
        target = self._played(row, read, self._policy.page_deadline_s)
        moves.refuse_foreign(target, row, self._agency)
        return None if not target or bodies.not_found(b"", row.original, target) else target

    def _listed(self, url: str) -> Listed:
        """Ask for one answer of the index."""
        errand = Errand(
            read=index.of_answer,
            headers=lambda: {"accept": "application/json", "accept-encoding": "gzip"},
            takes=verdicts.with_status(verdicts.OK, verdicts.FORBIDDEN),
            deadline_s=INDEX_S,
            kind=SEARCH,
        )
        return self._talk.do(url, errand)[0]

    def _played(self, row: Row, read: Callable[[Answer], T], deadline_s: float) -> T:
        """Have the answer of a capture's playback read."""
        errand = Errand(
            read=read,
            headers=lambda: {"accept-encoding": "identity"},
            takes=rates.is_not_throttling,
            deadline_s=deadline_s,
            kind=PLAYBACK,
        )
        found, _ = self._talk.do(playback.address(ORIGIN, row), errand)
        return found

    def _read_document(
        self, answer: Answer, row: Row, transfer: Transfer, unpacking: Unpacking
    ) -> tuple[Answer, datetime]:
        """Read a document's body, if it is the capture."""
        moves.refuse(answer, row, self._places)
        playback.accept(answer, row)
        fetched_at = self._clock()
        transfer.take(answer)
        playback.refuse_challenge(answer, transfer.head, confirmed=unpacking.has(row.digest))
        return answer, fetched_at

    def _read_page(self, answer: Answer, row: Row, limit: int) -> tuple[bytes, Answer]:
        """Read a page's body, if it is the capture."""
        moves.refuse(answer, row, self._places)
        playback.accept(answer, row)
        unpacking = Unpacking()
        body = b"".join(unpacking.decoded(answer, limit))
        unpacking.refuse_other(answer, row)
        confirmed = unpacking.has(row.digest)
        playback.refuse_challenge(answer, body, confirmed=confirmed)
        verdicts.refuse_cut_page(answer, body)
        media_type = answer.headers.get("content-type", "")
        if bodies.kind(body, media_type) != "html":
            found = f"{media_type or 'no media type'}, {len(body)} bytes: {body[:20]!r}"
            raise LayoutError(answer.url, expected="an HTML page", found=found)
        if words := bodies.not_found(body, row.original, row.original):
            why = f"was captured saying “{words}”"
            raise ArchivedErrorPageError(answer.url, why, confirmed=confirmed)
        return body, answer

    def _is_agencys(self, address: str) -> bool:
        """Whether an address is of a host that the source names."""
        try:
            self._agency.asked(address)
        except UnsafeAddressError:
            return False
        return True

    def _tell(self, address: str, count: int, what: str) -> None:
        """Say how many rows were left out, and why."""
        if count:
            rows = "1 row" if count == 1 else f"{count} rows"
            self._talk.tell(f"the Archive's index of {address}: left out {rows} that {what}")
