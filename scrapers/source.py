"""What a report series must provide, and which there are.

A source exists because its file exists in `scrapers/sources`; there is no registry.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

import scrapers.sources
from scrapers.errors import UnknownSourceError

if TYPE_CHECKING:  # half a second of libraries, which those who only ask for names need not load
    from scrapers.page import Page
    from scrapers.pdf import Document
    from storage.model import Listing, Reading


class Fetch(Protocol):
    """The one thing that a source may do to the world: read a page of its agency's site."""

    def __call__(self, url: str, /) -> "Page":
        """Give the page at `url`, politely, and keep it as evidence.

        Raises:
            FetchError: the site did not answer, refused, or sent no HTML.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a series' listing page stood, and when."""

    url: str
    since: date | None = None
    """First day on which it was the page; None: since ever."""
    until: date | None = None
    """Last day; None: still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often something new is due, from a day on; `every_days` None is a known silence."""

    since: date
    every_days: int | None
    why: str
    """The words, and where they stand, by which the agency said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One agency's series of reports."""

    name: str
    """Its id, which is its module's name: `ice_ddor`."""
    agency: str
    title: str
    """The series' own title."""
    addresses: tuple[Address, ...]
    """The listing pages, oldest first."""
    hosts: frozenset[str]
    """Hosts from which documents may come; anything else is refused."""
    discover: "Callable[[Fetch], Iterable[Listing]]"
    extract: "Callable[[Document], Reading]"
    parser: int
    """Raised whenever the same bytes may give other records."""
    keys: Mapping[str, tuple[str, ...]]
    """Table -> the fields that name a record, by which versions are compared. Every table of
    the series stands here, in the document's order."""
    cadence: tuple[Cadence, ...]
    """Oldest first; the last one that has begun holds."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field -> what it holds, in a sentence, for those who get the records."""
    rolling: bool = False
    """One address whose bytes are replaced for ever: one edition, `rolling`."""
    prefixes: tuple[str, ...] = ()
    """Addresses below which the series' files lie, by which the Internet Archive's index finds
    those that no page links to any more. Files of other series may lie there, too."""
    conditional: Literal["last-modified", "etag", "none"] = "last-modified"
    """Which validator this site honours."""


def names() -> list[str]:
    """Name every source there is, in text order."""
    return sorted(module.name for module in pkgutil.iter_modules(scrapers.sources.__path__))


def check_name(name: str) -> None:
    """Make sure that there is a source of that name, without loading it.

    Raises:
        UnknownSourceError: there is none; says which there are.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name not in names():
        raise UnknownSourceError(name, names())


def load(name: str) -> Source:
    """Give the source of that name.

    Raises:
        UnknownSourceError: there is none; says which there are.
    """
    check_name(name)
    source = importlib.import_module(f"scrapers.sources.{name}").SOURCE
    if not isinstance(source, Source) or source.name != name:
        raise TypeError(f"scrapers/sources/{name}.py must define SOURCE with name={name!r}")
    return source
