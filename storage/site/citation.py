"""A ready text to cite a version by."""

from storage.about import About
from storage.documents import DocumentEntry
from storage.ledger import Version
from storage.model import Json, iso


def citation(about: About, edition: str, version: Version | None, document: DocumentEntry) -> str:
    """Write agency, title, period, when and where it was retrieved, and its SHA-256."""
    table = document.table
    covers = f"edition {edition}"
    if table and table.period:
        start, end = table.period.start, table.period.end
        covers = f"{start.day} {start:%B %Y} to {end.day} {end:%B %Y}"
    parts = [about.agency, about.title, covers + (f", version {version.number}" if version else "")]
    if document.captures:
        first = document.captures[0]
        how = "Captured by the Wayback Machine" if first.via == "wayback" else "Retrieved"
        parts.append(f"{how} {first.at:%Y-%m-%d %H:%M} UTC from {first.url}")
    parts.append(f"SHA-256 {document.digest}")
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def described(version: Version) -> Json:
    """Give what pages say of a version from the index."""
    shown = set_aside(version.document)
    return {**shown, "status": version.status, "flags": list(version.flags)}


def set_aside(document: DocumentEntry) -> Json:
    """Give what pages say of a document that counts as no version."""
    first = document.captures[0] if document.captures else None
    table = document.table
    return {
        "digest": document.digest,
        "ext": document.ext,
        "size_bytes": document.size_bytes,
        "status": document.status,
        "url": first.url if first else document.url,
        "at": iso(first.at) if first else None,
        "via": first.via if first else None,
        "title": table.title if table else None,
        "period": table.period.to_json() if table and table.period else None,
        "counts": dict(table.counts) if table else {},
        "flags": list(table.flags) if table else [],
        "refusals": [[r.reason, r.detail, r.page] for r in document.refusals.values()],
        "decided": [[d.kind, d.why, d.who, iso(d.at)] for d in document.decisions],
    }
