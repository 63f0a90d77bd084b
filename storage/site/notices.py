"""What the agency's page said around the time when a version was first seen."""

from datetime import timedelta

from storage.ledger import Manifest, Notice, Version

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


def all_of(manifest: Manifest) -> list[Notice]:
    """Give every notice of a source, newest first."""
    return sorted(
        manifest.notices.values(), key=lambda notice: (notice.first, notice.text), reverse=True
    )
