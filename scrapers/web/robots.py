"""What a host's robots.txt asks of us (the only protego)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from protego import Protego

from scrapers.page import Page
from scrapers.web import bodies, verdicts

PATH = "/robots.txt"
DEADLINE_S = 20.0
"""For its whole body."""
MAX_BYTES = 500 * 1024
"""As much as RFC 9309 (2.5) asks every crawler to read."""
DAY_S = 86400
"""A longer span in a Request-rate is told as this: there are those that no float holds."""
MAX_DELAY_S = 60.0
"""A longer Crawl-delay is cut to this: with more, a run of ten documents would take hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The rules of one host, as seen in this run."""

    host: str
    state: Literal["read", "none", "unknown"]
    """`none`: there is no robots.txt (404, 410), all is allowed. `unknown`: it could not be read,
    which allows nothing in itself: we go slowly and say so."""
    why: str = ""
    """What stood in the way, where the state is `unknown`."""
    page: Page | None = None
    """The file as served, as evidence."""
    rules: Protego | None = None
    product: str = "recordkeep"

    def allows(self, url: str) -> bool:
        """Whether we may fetch this address."""
        return self.rules is None or bool(self.rules.can_fetch(url, self.product))

    def delay_s(self) -> float:
        """Seconds that it asks us to wait between requests; 0 where it asks for none."""
        if self.rules is None:
            return 0.0
        rate = self.rules.request_rate(self.product)
        spacing = min(rate.seconds, DAY_S) / rate.requests if rate and rate.requests else 0.0
        return max(float(self.rules.crawl_delay(self.product) or 0.0), spacing, 0.0)


def product(agent: str) -> str:
    """Give the name under which robots.txt would address this user agent."""
    named = re.search(r"compatible;\s*([A-Za-z_-]+)", agent) or re.match(r"([A-Za-z_-]+)", agent)
    return named.group(1) if named else "recordkeep"


def heard(host: str, status: int, page: Page, headers: Mapping[str, str], agent: str) -> Robots:
    """Tell what an answer to our asking for robots.txt means.

    Only 404 and 410 say that there is none. RFC 9309 would take 403 for that, too; a bot wall
    answers 403 to everything, so we do not.
    """
    if status in verdicts.REMOVALS:
        return Robots(host=host, state="none")
    if words := bodies.challenge(page.body, headers):
        return unknown(host, f"a challenge stands in its place: {words}")
    if status != verdicts.OK:
        return unknown(host, f"it answered {status}")
    if re.match(r"\s*<", text := page.body.decode("utf-8", errors="replace").lstrip("\ufeff")):
        return unknown(host, "HTML stands in its place")
    rules = Protego.parse(text)
    return Robots(host=host, state="read", page=page, rules=rules, product=product(agent))


def unknown(host: str, why: str) -> Robots:
    """Say that the rules could not be read."""
    return Robots(host=host, state="unknown", why=why)
