"""One host's share of politeness: whose turn it is, how long to wait, when to leave it alone."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scrapers.errors import BlockedError, FetchError, NotAskedError
from scrapers.web.policy import Policy
from scrapers.web.robots import MAX_DELAY_S, Robots
from scrapers.web.wire import Limits, Line

ONCE_MORE_S = 60.0
"""A host that was given up is given so long when it is asked once more: time for two tries."""
ONCE_MORE_TIMES = 3
"""So often in a run: one that is down is not to hold it up for hours."""
SLOW_AT_LEAST_S = 1.0
"""Pause where robots.txt is unknown, even if the operator set none."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait between requests, and the clock that waits go by; tests bring their own."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic


class Host:
    """What is known of one host in this run.

    Attributes:
        name: host and port, as asked.
        line: the connection to it.
        robots: its rules; None until they were asked for.
        greeting: held while they are asked for.
        pause_s: from the end of a request until the next.
    """

    def __init__(self, name: str, line: Line, policy: Policy, waiting: Waiting) -> None:
        """Know nothing yet."""
        self.name = name
        self.line = line
        self.robots: Robots | None = None
        self.greeting = threading.Lock()
        self.pause_s = policy.pause_s
        self._policy = policy
        self._waiting = waiting
        self._turn = threading.Lock()
        self._ended_at: dict[str, float] = {}
        self._slowness = 1.0
        self._failures = 0
        self._rests_until = -math.inf
        self._began_at = 0.0
        self._failing_since: float | None = None
        self._throttles = 0
        self._overloads = 0
        self._rested_s = 0.0
        self._closed: FetchError | None = None
        self._more = ONCE_MORE_TIMES

    @contextmanager
    def turn(self, url: str, body_s: float, kind: str = "") -> Iterator[Limits]:
        """Wait until this host may be asked again, alone; give the limits of that request.

        Args:
            url: what is asked.
            body_s: the time for the whole body.
            kind: of errand, where the policy has a pause for it.

        Raises:
            BlockedError: the host refused us earlier in this run.
            NotAskedError: it has failed for longer than the run can wait.
        """
        with self._turn:
            self._refuse(url)
            self._wait(url, kind)
            limits = self._limits(url, body_s)
            self._began_at = self._waiting.monotonic()
            try:
                yield limits
            finally:
                self._ended_at[kind] = self._waiting.monotonic()

    def answered(self) -> None:
        """Note that the host is well."""
        self._failing_since = None
        self._failures = 0
        self._overloads = 0

    def failed(self) -> None:
        """Note that it did not answer as a host in order does."""
        if self._failing_since is None:
            # After a rest that it asked for, its time begins anew.
            self._failing_since = max(self._began_at, self._rests_until)
        pause_s = min(
            self._policy.failing_pause_s * 2 ** min(self._failures, 16), self._policy.max_wait_s
        )
        self._rests_until = max(self._rests_until, self._waiting.monotonic() + pause_s)
        self._failures += 1

    def once_more(self) -> None:
        """Give a host that failed a little further time; it is given up again unless it answers."""
        if self._failing_since is not None and self._more:
            self._more -= 1
            now = self._waiting.monotonic()
            self._failing_since = now + ONCE_MORE_S - self._policy.run_deadline_s
            self._rests_until, self._failures = now, 0

    def throttled(self, wait_s: float) -> bool:
        """Take note of a 429; whether it will be waited for, in the next turn.

        They are counted for the whole run: whoever says again and again that we ask too often is
        left alone, however well it answers in between.

        Args:
            wait_s: what it asks for.
        """
        if wait_s > self._policy.max_wait_s or self._throttles >= self._policy.max_waits:
            return False
        self._throttles += 1
        self._slowness *= self._policy.throttled_slowdown
        self._rest_for(wait_s)
        return True

    def overloaded(self, wait_s: float) -> bool:
        """Take note of a 503 that says how long; whether it will be waited for, in the next turn.

        They are counted in a row, since overload passes. So that a run ends even where they
        alternate with answers, all that is waited for them has a limit.

        Args:
            wait_s: what it asks for.
        """
        policy = self._policy
        left_s = policy.max_waits * policy.max_wait_s - self._rested_s
        if wait_s > min(policy.max_wait_s, left_s) or self._overloads >= policy.max_waits:
            return False
        self._overloads += 1
        self._rested_s += wait_s
        self._rest_for(wait_s)
        return True

    def close(self, error: FetchError) -> None:
        """Ask this host for nothing more in this run."""
        self._closed = error

    def rest(self, url: str, wait_s: float) -> FetchError:
        """Leave the host alone for this run, since it asks for a longer rest than we can give."""
        already = f", and {self._rested_s:g} s were waited already" if self._rested_s else ""
        self._closed = FetchError(url, f"asks to be left alone for {wait_s:g} s{already}")
        return self._closed

    def obey(self, robots: Robots) -> str | None:
        """Take the host's rules; give the sentence to tell where they change our pace."""
        self.robots = robots
        if robots.state == "unknown":
            self.pause_s = max(2 * self._policy.pause_s, SLOW_AT_LEAST_S)
            why = f"robots.txt of {self.name} is unknown ({robots.why})"
            return f"{why}: asking every {self.pause_s:g} s"
        delay_s = robots.delay_s()
        self.pause_s = max(self._policy.pause_s, min(delay_s, MAX_DELAY_S))
        if delay_s > MAX_DELAY_S:
            asks = f"robots.txt of {self.name} asks for {delay_s:g} s between requests"
            return f"{asks}: {MAX_DELAY_S:g} s are kept"
        return None

    def _rest_for(self, wait_s: float) -> None:
        """Ask nothing for so long; a host that said so is not failing meanwhile."""
        self._failing_since = None
        self._rests_until = self._waiting.monotonic() + wait_s

    def _wait(self, url: str, kind: str) -> None:
        """Wait until the host may be asked, unless it will have been given up by then."""
        pause_s = self._policy.pauses.get(kind, self.pause_s) * self._slowness
        ready_at = max(self._ended_at.get(kind, -math.inf) + pause_s, self._rests_until)
        wait_s = ready_at - self._waiting.monotonic()
        if wait_s > self._left_s():
            raise self._given_up(url)
        if wait_s > 0:
            self._waiting.sleep(wait_s)

    def _refuse(self, url: str) -> None:
        """Raise where nothing more is asked of this host."""
        if isinstance(self._closed, BlockedError):
            raise BlockedError(url, f"was not asked: the host refused us before ({self._closed})")
        if self._closed:
            raise FetchError(url, f"was not asked: {self._closed}")

    def _given_up(self, url: str) -> FetchError:
        """Say that the host is left alone from now on."""
        given_s = self._policy.run_deadline_s
        says = f"was not asked: {self.name} kept failing, and is given {given_s:g} s in a run"
        return NotAskedError(url, says)

    def _left_s(self) -> float:
        """How long this host may still go on failing; without end while it is well."""
        if self._failing_since is None:
            return math.inf
        return self._failing_since + self._policy.run_deadline_s - self._waiting.monotonic()

    def _limits(self, url: str, body_s: float) -> Limits:
        """Give a request its time."""
        left_s = self._left_s()
        if left_s <= 0:
            raise self._given_up(url)
        return Limits(
            connect_s=min(self._policy.connect_s, left_s),
            silence_s=self._policy.timeout_s,
            head_s=min(self._policy.timeout_s, left_s),
            body_s=min(body_s, left_s),
        )
