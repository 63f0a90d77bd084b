"""How the Internet Archive is asked: how often, how patiently, and what a 429 means there."""

from typing import Final
from urllib.parse import urlsplit

from scrapers.web import verdicts
from scrapers.web.policy import Policy
from scrapers.web.wire import Answer

ORIGIN: Final = "https://web.archive.org"
SEARCH, PLAYBACK = "search", "playback"
"""Kinds of errand, each with a pause of its own."""
THROTTLED_S = 60.0
"""The least wait after a 429: the Archive bars those who come back within a minute, for an hour
and then ever longer (its keepers, in EDGI's wayback #137)."""
FAILING_PAUSES = 6
"""Pauses of a search after a first failing answer: 15 s, doubled each time, as others found."""


def is_not_throttling(answer: Answer) -> bool:
    """Whether an answer of playback is no 429 or 503 of the Archive's own.

    Those that the agency once answered, and the Archive captured, are played back with their
    status and a Memento-Datetime. They ask nothing of us.
    """
    is_capture = bool(answer.headers.get("memento-datetime"))
    return is_capture or answer.status not in verdicts.THROTTLES


def policy(  # noqa: PLR0913 - each is named where it is asked for
    origin: str,
    agent: str,
    *,
    search_pause_s: float,
    playback_pause_s: float,
    max_bytes: int,
    patient: bool = True,
) -> Policy:
    """Give the rules. A fifth 429 in one run closes the Archive for that run.

    So does a fifth 503 in a row that says how long to wait, or an hour of such waits in one run.

    Whoever only wants to know how much there is (not `patient`) does not wait a quarter of an hour
    for an Archive that does not answer.

    robots.txt is not asked for: it speaks to those who crawl the Archive's pages, while index and
    playback are made for programs, and say by 429 how much they bear.
    """
    return Policy(
        hosts=frozenset({str(urlsplit(ORIGIN).hostname)}),
        site=None if origin.rstrip("/") == ORIGIN else origin,
        agent=agent,
        robots=False,
        pause_s=0.0,
        pauses={SEARCH: search_pause_s, PLAYBACK: playback_pause_s},
        timeout_s=120.0,
        attempts=5 if patient else 2,
        retry_wait_s=0.0,
        failing_pause_s=FAILING_PAUSES * search_pause_s if patient else 0.0,
        run_deadline_s=900.0 if patient else 45.0,
        max_bytes=max_bytes,
        throttled_wait_s=THROTTLED_S,
        throttled_slowdown=2.0,
        max_wait_s=900.0,
        max_waits=4,
    )
