"""On which sightings an answer about the past rests, in words. Pure."""

from datetime import datetime

from storage import mementos
from storage.archived import captured_at
from storage.ledger import Manifest
from storage.timeline import Span, Standing


def told(manifest: Manifest, edition: str, standing: Standing) -> str:
    """Say when and by whom what stood there was seen, as `seen 2017-03-21 and 2017-04-02`.

    What the Wayback Machine saw is said so; all else we saw ourselves, at the agency.
    """
    seen = _sighting(manifest, standing.seen_at, standing.digest)
    if standing.removed_at:
        return f"seen {seen}; found removed {standing.removed_at:%Y-%m-%d}"
    if standing.next_seen_at is None:
        return f"last seen {seen}"
    after = _span(manifest, edition, standing.next_seen_at, standing.digest)
    digest = after.digest if after else None
    if digest is None:
        return f"seen {seen}; found removed {standing.next_seen_at:%Y-%m-%d}"
    later = _sighting(manifest, standing.next_seen_at, digest)
    joined = " and" if digest == standing.digest else "; other bytes seen"
    return f"seen {seen}{joined} {later}"


def _span(manifest: Manifest, edition: str, at: datetime, digest: str) -> Span | None:
    """Give the span that begins or ends at a time; of these digests where more do."""
    spans = [s for s in manifest.timelines[edition] if at in {s.first, s.last}]
    return min(spans, key=lambda each: each.digest != digest, default=None)


def _sighting(manifest: Manifest, at: datetime, digest: str) -> str:
    """Say the day of a sighting, and that the Archive made it where it did."""
    if _is_archived(manifest, at, digest):
        return f"{at:%Y-%m-%d} (Wayback Machine)"
    return f"{at:%Y-%m-%d}"


def _is_archived(manifest: Manifest, at: datetime, digest: str) -> bool:
    """Whether a sighting is one of the Wayback Machine's captures."""
    return any(
        captured_at(timestamp) == at
        for cdx, entry in manifest.mementos.items()
        if digest in {entry.digest, mementos.unheld(cdx)}
        for timestamps in entry.rows.values()
        for timestamp in timestamps
    )
