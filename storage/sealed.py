"""The manifest as it is stored, `manifests/<source>.json`: with what is derived, under a seal."""

import hashlib
import json

from pydantic import TypeAdapter

from storage import layout
from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.model import SCHEMA, Json, canonical, iso

_FIRST_RULES = 1
"""Of manifests that do not say."""

_CODEC: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def encode(manifest: Manifest) -> bytes:
    """Write the manifest as it is stored: with what is derived, for people and other tools."""
    derived: Json = {}
    for edition in manifest.by_edition:
        versions = [
            {
                "version": version.number,
                "kind": version.kind,
                "status": version.status,
                "digest": version.document.digest,
                "key": _key(manifest.source, version.document),
                "first_seen": iso(version.first_seen),
                "last_seen": iso(version.last_seen),
            }
            for version in manifest.versions(edition)
        ]
        derived[edition] = {"versions": versions, "removed": manifest.is_removed(edition)}
    stored = _CODEC.dump_python(manifest, mode="json")
    value = {"schema": SCHEMA, "editions": derived, **stored}
    return canonical({**value, "seal": _seal(value)})


def _key(source: str, document: DocumentEntry) -> str | None:
    """Give the key of a document's bytes; None where only sightings of it are known."""
    return layout.raw(source, document.digest, document.ext) if document.captures else None


def decode(body: bytes) -> Manifest:
    """Read what `encode` wrote.

    Raises:
        ValueError: it is no manifest, or was edited since: its seal is broken.
    """
    value = json.loads(body)
    if not isinstance(value, dict) or value.pop("seal", None) != _seal(value):
        raise ValueError("the manifest's seal is broken: it was edited")
    return _CODEC.validate_python({"rules": _FIRST_RULES, **value})


def _seal(value: Json) -> str:
    """SHA-256 of the rest: an edit is told from a manifest that merely lacks newer facts."""
    return hashlib.sha256(canonical(value)).hexdigest()
