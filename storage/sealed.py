"""The manifest as it is stored, `manifests/<source>.json`: with what is derived, under a seal."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from storage import layout
from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.model import SCHEMA, Json, canonical, iso

_FIRST_RULES = 1
"""Of manifests that do not say."""

_CODEC: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(hint) for name, hint in get_type_hints(Manifest).items()
}


def encode(manifest: Manifest) -> bytes:
    """Write the manifest as it is stored: with what is derived, for people and other tools.

    Each entry is turned into text on its own: all of them as values of JSON would take several
    times the room of that text.
    """
    fields = {name: _field(manifest, name) for name in _FIELDS}
    fields["schema"] = _text(SCHEMA)
    fields["editions"] = _entries(
        {name: _edition(manifest, name)} for name in sorted(manifest.by_edition)
    )
    sealing = hashlib.sha256()
    for piece in _object(fields):
        sealing.update(piece)
    return b"".join(_object({**fields, "seal": _text(sealing.hexdigest())}))


def _field(manifest: Manifest, name: str) -> bytes:
    value, codec = getattr(manifest, name), _FIELDS[name]
    if not isinstance(value, Mapping):
        return _text(codec.dump_python(value, mode="json"))
    return _entries(codec.dump_python({key: value[key]}, mode="json") for key in sorted(value))


def _edition(manifest: Manifest, edition: str) -> Json:
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
    return {"versions": versions, "removed": manifest.is_removed(edition)}


def _text(value: object) -> bytes:
    return canonical(value)[:-1]


def _entries(each: Iterable[Json]) -> bytes:
    """Join objects of one entry, in the order of their keys, as `canonical` does their union."""
    return b"{" + b",".join(_text(entry)[1:-1] for entry in each) + b"}"


def _object(fields: Mapping[str, bytes]) -> Iterator[bytes]:
    """Give the pieces of an object of texts, as `canonical` writes it."""
    for number, name in enumerate(sorted(fields)):
        yield (b"," if number else b"{") + _text(name) + b":"
        yield fields[name]
    yield b"}\n"


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
