"""One run's exchange with its hosts: turns, robots.txt, redirects, another try, refusals."""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import stamina

from scrapers.errors import (
    BlockedError,
    DisallowedError,
    FetchError,
    SlowError,
    UnansweredError,
    UnsafeAddressError,
)
from scrapers.page import Page
from scrapers.web import bodies, robots, verdicts
from scrapers.web.addresses import Addresses, Asked
from scrapers.web.buffers import Buffers
from scrapers.web.disposition import charset
from scrapers.web.hosts import Host, Waiting
from scrapers.web.policy import Policy
from scrapers.web.transfer import Decode, Transfer, as_declared
from scrapers.web.wire import Answer, Line, trusted

T = TypeVar("T")
HEAD_S = 5.0
"""For the body of an answer that is an error anyway."""

logger = logging.getLogger("recordkeep")


def _asking_again(details: stamina.instrumentation.RetryDetails) -> None:
    """Say in our words that something is asked again; stamina's say neither what nor why."""
    logger.info("asking again: %s", details.caused_by)


stamina.instrumentation.set_on_retry_hooks([_asking_again])


@dataclass(frozen=True, slots=True)
class _Redirect:
    """Where an answer leads."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(Generic[T]):
    """What is asked of an address, and what is done with the answer while it is open."""

    read: Callable[[Answer], T]
    headers: Callable[[], Mapping[str, str]]
    """Asked for before each attempt, so that one can go on where the last was cut."""
    takes: Callable[[Answer], bool] = verdicts.is_ok
    """Whether `read` is given an answer; every other one is followed, or an error."""
    deadline_s: float
    """For the whole body."""
    kind: str = ""
    """Where the policy has a pause for each kind."""


@dataclass(slots=True)
class Tally:
    """What a run cost and said."""

    requests: int = 0
    bytes_received: int = 0
    pages: list[Page] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class Conversation:
    """What was said and heard in one run. Safe to use from several threads.

    Attributes:
        policy: how we behave.
        tally: what it cost.
        hosts: what is known of each host, by host and port as asked.
    """

    def __init__(self, policy: Policy, clock: Callable[[], datetime], waiting: Waiting) -> None:
        """Ask nothing yet.

        Raises:
            ValueError: the policy's `site` is no origin.
        """
        self.policy = policy
        self.tally = Tally()
        self.hosts: dict[str, Host] = {}
        self._buffers = Buffers()
        self._addresses = Addresses(policy.hosts, policy.site)
        self._clock = clock
        self._waiting = waiting
        self._lock = threading.Lock()
        self._context = trusted()
        if policy.site:
            self.tell(f"asked {policy.site} in place of {', '.join(sorted(policy.hosts))}")

    def tell(self, message: str) -> None:
        """Keep a sentence for the operator, once."""
        with self._lock:
            if message not in self.tally.messages:
                self.tally.messages.append(message)

    def keep(self, page: Page) -> None:
        """Keep a page as evidence."""
        with self._lock:
            self.tally.pages.append(page)

    def take(self) -> tuple[Page, ...]:
        """Give the pages that were kept, and keep them no longer."""
        with self._lock:
            taken, self.tally.pages = tuple(self.tally.pages), []
        return taken

    def close(self) -> None:
        """Let go of every connection, and of memory."""
        for host in self.hosts.values():
            host.line.close()
        self._buffers.release()

    def once_more(self) -> None:
        """Let hosts that were given up be asked again, see `Host.once_more`."""
        for host in self.hosts.values():
            host.once_more()

    def transfer(self, url: str, into: Path, decode: Decode = as_declared) -> Transfer:
        """Begin to take a document in, in memory of this conversation; see `Transfer`."""
        return Transfer(url, into, self.policy.max_bytes, self._buffers, decode)

    def do(self, url: str, errand: Errand[T]) -> tuple[T, list[str]]:
        """Do an errand, following redirects within the rules; give the addresses passed, too."""
        trail = [url]
        while True:
            found = self._patiently(trail[-1], errand)
            if not isinstance(found, _Redirect):
                return found, trail
            target = self._addresses.led(trail[-1], found.to)
            if target in trail:
                raise FetchError(url, f"redirects in a loop, back to {target}")
            if len(trail) > self.policy.max_redirects:
                raise FetchError(url, f"redirects more than {self.policy.max_redirects} times")
            trail.append(target)

    def _patiently(self, url: str, errand: Errand[T]) -> T | _Redirect:
        """Ask one address, again within limits where time may heal."""
        asked = self._addresses.asked(url)
        host = self._host(asked)
        if self.policy.robots:
            self._greet(host, url)
        if host.robots and not host.robots.allows(str(asked)):
            raise DisallowedError(url, f"is not asked: robots.txt of {host.name} disallows it")
        for attempt in stamina.retry_context(
            on=UnansweredError,
            attempts=self.policy.attempts,
            timeout=self.policy.run_deadline_s,
            wait_initial=self.policy.retry_wait_s,
            wait_max=8 * self.policy.retry_wait_s,
            wait_jitter=self.policy.retry_wait_s / 2,
        ):
            with attempt:
                return self._once(host, url, asked, errand)
        raise UnansweredError(url, "was not asked")  # pragma: no cover - stamina raises the last

    def _once(self, host: Host, url: str, asked: Asked, errand: Errand[T]) -> T | _Redirect:
        """Ask `url` once at the address `asked`, in the host's turn; remember how it went."""
        with host.turn(url, errand.deadline_s, errand.kind) as limits:
            with self._lock:
                self.tally.requests += 1
            headers = {"user-agent": self.policy.agent, **errand.headers()}
            try:
                with host.line.ask(url, asked, headers, limits) as answer:
                    try:
                        found = self._heed(host, answer, errand)
                    finally:
                        with self._lock:
                            self.tally.bytes_received += answer.received
            except BlockedError as error:
                host.close(error)
                raise
            except (UnansweredError, SlowError):
                host.failed()
                raise
            except UnsafeAddressError:
                raise  # nobody was asked
            except FetchError:
                host.answered()  # and well: it is this address alone that has nothing for us
                raise
            host.answered()
            return found

    def _heed(self, host: Host, answer: Answer, errand: Errand[T]) -> T | _Redirect:
        """Read the answer that was hoped for, or follow it, or raise what it amounts to."""
        if errand.takes(answer):
            return errand.read(answer)
        if answer.status in verdicts.REDIRECTS and answer.headers.get("location"):
            return _Redirect(answer.headers["location"])
        error = verdicts.refusal(answer.url, answer.status, answer.headers, _head(answer))
        wait_s = verdicts.retry_after_s(answer.headers)
        too_many = answer.status == verdicts.TOO_MANY
        if too_many and self.policy.throttled_wait_s is not None:
            wait_s = max(wait_s or 0.0, self.policy.throttled_wait_s)
        if answer.status in verdicts.THROTTLES and wait_s is not None:
            if host.throttled(wait_s) if too_many else host.overloaded(wait_s):
                slower = too_many and self.policy.throttled_slowdown > 1
                since = ", and ask less often since" if slower else ""
                self.tell(f"{host.name} asked us to wait {wait_s:g} s, and we did{since}")
                raise UnansweredError(answer.url, f"answered {answer.status}: wait {wait_s:g} s")
            if not isinstance(error, BlockedError):
                raise host.rest(answer.url, wait_s)
        raise error

    def _host(self, asked: Asked) -> Host:
        """Give what is known of the address's host."""
        name = asked.place
        with self._lock:
            if name not in self.hosts:
                line = Line(self._addresses, self._context)
                self.hosts[name] = Host(name, line, self.policy, self._waiting)
            return self.hosts[name]

    def _greet(self, host: Host, url: str) -> None:
        """Ask for the host's robots.txt, once in a run, before anything else."""
        with host.greeting:
            if host.robots is None:
                home = urlsplit(url)
                address = f"{home.scheme}://{home.netloc}{robots.PATH}"
                if message := host.obey(self._robots(host, address)):
                    self.tell(message)

    def _robots(self, host: Host, address: str) -> robots.Robots:
        """Give what the host asks of us; where it cannot be read, say so."""
        errand = Errand(
            read=partial(_read_robots, url=address, at=self._clock()),
            headers=lambda: {"accept": "text/plain,*/*;q=0.1", "accept-encoding": "identity"},
            takes=lambda answer: answer.status not in verdicts.REDIRECTS,
            deadline_s=robots.DEADLINE_S,
        )
        try:
            url, asked = address, self._addresses.asked(address)
            for _ in range(self.policy.max_redirects):
                found = self._once(host, url, asked, errand)
                if not isinstance(found, _Redirect):
                    break
                url = self._addresses.led(url, found.to)
                asked = self._addresses.asked(url)
                if asked.place != host.name:
                    return robots.unknown(host.name, f"it redirects to {url}")
            else:
                return robots.unknown(host.name, "it redirects without end")
        except FetchError as error:
            return robots.unknown(host.name, str(error))
        status, page, headers = found
        rules = robots.heard(host.name, status, page, headers, self.policy.agent)
        if rules.page:
            self.keep(rules.page)
        return rules


def _read_robots(answer: Answer, *, url: str, at: datetime) -> tuple[int, Page, Mapping[str, str]]:
    """Read as much of a robots.txt as anyone must."""
    body = b""
    coding = answer.headers.get("content-encoding", "")
    for chunk in bodies.decoded(url, answer.chunks(), coding, 2 * robots.MAX_BYTES):
        body += chunk
        if len(body) >= robots.MAX_BYTES:
            break
    return answer.status, page_of(url, body[: robots.MAX_BYTES], at, answer), answer.headers


def page_of(url: str, body: bytes, at: datetime, answer: Answer) -> Page:
    """Make a page of what was read."""
    digest = hashlib.sha256(body).hexdigest()
    claimed = charset(answer.headers.get("content-type", ""))
    return Page(url=url, at=at, body=body, digest=digest, charset=claimed)


def _head(answer: Answer) -> bytes:
    """Read the first bytes of a body that is not the one hoped for; enough to know it by."""
    body = b""
    coding = answer.headers.get("content-encoding", "")
    answer.hurry(HEAD_S)
    try:
        for chunk in bodies.decoded(answer.url, answer.chunks(), coding, bodies.HEAD_BYTES):
            body += chunk
    except FetchError:
        return body  # cut, too long or garbled: what came is enough to know it by
    return body
