"""The manifest as it is stored, `manifests/<source>.json`: with what is derived, under a seal."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from storage import layout
from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.model import SCHEMA, Json, canonical, iso

_FIRST_RULES = 1
"""Of manifests that do not say."""

_SEAL = re.compile(rb'"seal":"([0-9a-f]{64})",')
"""SHA-256 of the rest, as it is written: an edit is told from a manifest that merely lacks newer
facts."""
_RULES = re.compile(rb'"rules":\d+,"schema":\d+,$')
"""What stands before the seal of a manifest that says by which rules it was made."""

_CODEC: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(hint) for name, hint in get_type_hints(Manifest).items()
}


def encode(manifest: Manifest) -> bytes:
    """Write the manifest as it is stored: with what is derived, for people and other tools."""
    return b"".join(pieces(manifest))


def pieces(manifest: Manifest) -> Iterator[bytes]:
    """Give what `encode` gives, entry by entry: as one value it would take several times its room.

    All is written twice, once for its seal.
    """
    seal = hashlib.sha256()
    for piece in _pieces(manifest, None):
        seal.update(piece)
    return _pieces(manifest, seal.hexdigest())


def _pieces(manifest: Manifest, seal: str | None) -> Iterator[bytes]:
    """Write one object with all fields, as `canonical` writes the values of all of them."""
    derived = {"schema": SCHEMA, **({"seal": seal} if seal else {})}
    mark = b"{"
    for name in sorted({*_FIELDS, *derived, "editions"}):
        yield mark + _text(name) + b":"
        mark = b","
        if name == "editions":
            yield from _entries({key: _edition(manifest, key)} for key in manifest.by_edition)
        elif name in derived:
            yield _text(derived[name])
        else:
            yield from _field(manifest, name)
    yield b"}\n"


def _field(manifest: Manifest, name: str) -> Iterator[bytes]:
    value, codec = getattr(manifest, name), _FIELDS[name]
    if isinstance(value, Mapping):
        entries = (codec.dump_python({key: value[key]}, mode="json") for key in sorted(value))
        yield from _entries(entries)
    else:
        yield _text(codec.dump_python(value, mode="json"))


def _entries(each: Iterable[Json]) -> Iterator[bytes]:
    """Join objects of one entry, in the order of their keys."""
    mark = b"{"
    for entry in each:
        yield mark + _text(entry)[1:-1]
        mark = b","
    yield b"}" if mark == b"," else b"{}"


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


def _key(source: str, document: DocumentEntry) -> str | None:
    """Give the key of a document's bytes; None where only sightings of it are known."""
    return layout.raw(source, document.digest, document.ext) if document.captures else None


def decode(body: bytes) -> Manifest:
    """Read what `encode` wrote.

    Raises:
        ValueError: it is no manifest, or was edited since, if only its spacing: its seal is broken.
    """
    found = _SEAL.search(body)
    if not found or _sha256_without(body, *found.span()) != found[1].decode():
        raise ValueError("the manifest's seal is broken: it was edited")
    manifest = _CODEC.validate_json(body)
    says_rules = _RULES.search(body, max(0, found.start() - 64), found.start())
    return manifest if says_rules else replace(manifest, rules=_FIRST_RULES)


def _sha256_without(body: bytes, begin: int, end: int) -> str:
    """Hash a text but for one place."""
    found = hashlib.sha256(memoryview(body)[:begin])
    found.update(memoryview(body)[end:])
    return found.hexdigest()
