"""What a source is, as far as its facts do not say: given by whoever knows the scrapers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A series of reports in words, for titles, citations and data dictionaries."""

    source: str
    """The source's id: `ice_ddor`."""
    agency: str
    title: str
    """The series' own title."""
    url: str
    """The agency's page that lists the reports."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> the fields that name a record; every table of the series, in its order."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field -> what it holds, in a sentence; fields left out are described by their name alone."""
