"""What the agency's page said around the time when a version was first seen."""

from collections.abc import Iterable
from datetime import timedelta

from storage.ledger import Manifest, Notice, Version
from storage.model import iso

_AFTER = timedelta(days=7)
"""An announcement may come so much later than what it announces."""


def beside(manifest: Manifest, edition: str, version: Version) -> list[Notice]:
    """Give notices first seen between the last sighting of the version before and this one.

    That they are about this edition is not said: an agency's page speaks of all its reports.
    """
    spans = manifest.timelines.get(edition, ())
    before = [s.last for s in spans if s.digest and s.last < version.first_seen]
    if not before:
        return []
    since, until = max(before), version.first_seen + _AFTER
    found = [each for each in manifest.notices.values() if since < each.first <= until]
    return sorted(found, key=lambda notice: (notice.first, notice.text))


def told(notices: Iterable[Notice]) -> list[list[str | None]]:
    """Give what pages say of notices: all but when each was last seen."""
    return [[n.text, n.kind, n.said_on, n.url, n.page, iso(n.first)] for n in notices]


def all_of(manifest: Manifest) -> list[Notice]:
    """Give every notice of a source, newest first."""
    return sorted(
        manifest.notices.values(), key=lambda notice: (notice.first, notice.text), reverse=True
    )
