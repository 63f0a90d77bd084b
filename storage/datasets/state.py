"""What in an index changes its datasets: all but the times that move every quiet week."""

from collections.abc import Iterator

from storage.about import About
from storage.digests import digest_of_each
from storage.ledger import Manifest
from storage.model import Json, iso
from storage.timeline import Span

FORMAT = 2
"""Raised when the same index is to give other files."""


def state(manifest: Manifest, about: About) -> str:
    """Give a SHA-256 that is the same as long as nothing but last sightings moved."""
    return digest_of_each(_told(manifest, about))


def _told(manifest: Manifest, about: About) -> Iterator[object]:
    """Give all of it, one edition at a time."""
    yield [FORMAT, about.agency, about.title, about.url, dict(about.fields)]
    for edition in manifest.by_edition:
        yield [edition, _edition(manifest, edition)]
    notices = [[n.text, n.kind, n.said_on, n.url, iso(n.first)] for n in manifest.notices.values()]
    yield sorted(notices, key=str)


def _edition(manifest: Manifest, edition: str) -> list[Json]:
    versions = [
        {
            "digest": version.document.digest,
            "kind": version.kind,
            "status": version.status,
            "unlike": list(version.unlike),
            "first": iso(version.first_seen),
            "url": version.document.url,
            "table": manifest.facts.get(version.document.table.key)
            if version.document.table
            else None,
        }
        for version in manifest.versions(edition)
    ]
    removal: Json = {"removal": manifest.removal(edition)}
    return [removal, *versions, *_moves(manifest.timelines.get(edition, ()))]


def _moves(spans: tuple[Span, ...]) -> list[Json]:
    """Give what stood there one after another; a look that proves nothing changes nothing."""
    moves: list[Json] = []
    for span in spans:
        move: Json = {"state": span.state, "digest": span.digest}
        if (span.state == "seen" or span.is_removal) and moves[-1:] != [move]:
            moves.append(move)
    return moves
