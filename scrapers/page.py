"""From a listing page's HTML to its links and notices (the only BeautifulSoup)."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a page, cleaned: absolute, safelinks unwrapped, fragment dropped."""

    url: str
    text: str
    """White space folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the agency says on the page about its reports: a correction, a suspension."""

    kind: str
    """`correction`, `suspension` or `schedule`."""
    text: str
    """The whole paragraph, white space folded."""
    said_on: date | None
    """The date that the notice itself bears; None where it bears none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A listing page as it was served."""

    url: str
    """After redirects."""
    at: datetime
    body: bytes
    digest: str
    """SHA-256 of `body`."""

    def links(self) -> tuple[Link, ...]:
        """Give all links of the page, in its order, each address once."""
        raise NotImplementedError

    def notices(self) -> tuple[Notice, ...]:
        """Give the notices of the page, in its order."""
        raise NotImplementedError

    def text(self) -> str:
        """Give the page's visible text, white space folded."""
        raise NotImplementedError
