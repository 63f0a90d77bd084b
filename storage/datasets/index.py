"""Editions, versions and notices as rows: what every record refers to."""

from collections.abc import Iterator

from storage import layout
from storage.ledger import Manifest, Version
from storage.model import Json, iso


def editions(manifest: Manifest) -> Iterator[Json]:
    """Give a row for each edition; `digest` is of the version that the agency last showed."""
    for edition in manifest.by_edition:
        told, latest = manifest.versions(edition), manifest.latest(edition)
        table = latest.table if latest else None
        period = table.period if table else None
        yield {
            "edition": edition,
            "digest": latest.digest if latest else None,
            "first_seen": iso(told[0].first_seen) if told else None,
            "last_seen": iso(max(v.last_seen for v in told)) if told else None,
            "title": table.title if table else None,
            "period_start": period.start.isoformat() if period else None,
            "period_end": period.end.isoformat() if period else None,
            "versions": len(told),
            "removed": manifest.removal(edition),
        }


def versions(manifest: Manifest) -> Iterator[Json]:
    """Give a row for each version, first to last within each edition."""
    for edition in manifest.by_edition:
        for version in manifest.versions(edition):
            yield _version(manifest.source, version)


def _version(source: str, version: Version) -> Json:
    document, table = version.document, version.document.table
    first = document.captures[0] if document.captures else None
    return {
        "edition": document.edition,
        "version": version.number,
        "digest": document.digest,
        "first_seen": iso(version.first_seen),
        "last_seen": iso(version.last_seen),
        "kind": version.kind,
        "status": version.status,
        "flags": list(version.flags) if table else None,
        "records": sum(table.counts.values()) if table else None,
        "parser": table.parser if table else None,
        "url": document.url,
        "via": first.via if first else None,
        "fetched_at": iso(first.at) if first else None,
        "size_bytes": document.size_bytes if first else None,
        "original": layout.raw(source, document.digest, document.ext) if first else None,
    }


def notices(manifest: Manifest) -> Iterator[Json]:
    """Give a row for each notice that the agency put on its listing pages, oldest first."""
    for notice in sorted(manifest.notices.values(), key=lambda each: (each.first, each.text)):
        yield {
            "first_seen": iso(notice.first),
            "last_seen": iso(notice.last),
            "kind": notice.kind,
            "said_on": notice.said_on,
            "text": notice.text,
            "url": notice.url,
            "listing_page": notice.page,
        }
