"""Finding facts in a store and folding them: the one way in which a manifest comes to be."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from storage import layout, manifest, sealed
from storage.errors import FixityError, MissingError
from storage.ledger import RULES, Manifest
from storage.manifest import Fact
from storage.objects import Objects
from storage.runs import RunPart
from storage.timeline import RefoldError

SPAN = timedelta(days=30)
"""How far behind the newest fact another writer's may still turn up: slow clocks, long runs."""
SPAN_FACTS = 900
"""The span is cut to as many facts of a kind as this, so that listing it stays one request
(S3 lists 1,000 keys at a time), however much a backfill wrote last month."""


def sources(objects: Objects) -> list[str]:
    """Name the sources of which a manifest or facts are held.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    kinds = ("manifests", "captures", "runs")
    keys = (entry.key for kind in kinds for entry in objects.list(f"{kind}/"))
    return sorted({layout.source(key) for key in keys})


def held(objects: Objects, source: str) -> Manifest:
    """Read a source's manifest as stored; an empty one if there is none.

    Raises:
        FixityError: what stands there is no manifest.
        StoreUnreachableError: the store did not answer.
    """
    key = layout.manifest(source)
    try:
        body = objects.get(key)
    except MissingError:
        return Manifest(source=source)
    try:
        return sealed.decode(body)
    except ValueError as error:
        found = hashlib.sha256(body).hexdigest()
        raise FixityError(key, expected="a manifest", found=found) from error


def load(objects: Objects, source: str) -> Manifest:
    """Give the manifest with every fact that was written since it was stored.

    Where none is stored, or it cannot be read, or other rules made it, all facts are folded.

    Raises:
        FixityError: a fact is not readable.
        StoreUnreachableError: the store did not answer.
    """
    try:
        stored = held(objects, source)
    except FixityError:
        return refold(objects, source)
    if not stored.facts or stored.rules != RULES:
        return refold(objects, source)
    return refresh(objects, stored)


def refresh(objects: Objects, known: Manifest) -> Manifest:
    """Take in what was written lately and is not yet folded; the same manifest if nothing was.

    Raises:
        FixityError: a fact is not readable.
        StoreUnreachableError: the store did not answer.
    """
    keys = [key for key in _recent(objects, known) if key not in known.facts]
    if not keys:
        return known
    try:
        return manifest.fold(known, _read(objects, keys))
    except RefoldError:
        return refold(objects, known.source, known=known)


def refold(objects: Objects, source: str, *, known: Manifest | None = None) -> Manifest:
    """Fold every fact of a source from nothing.

    Args:
        objects: the store.
        source: its name.
        known: an index whose tables and pages, which make up most of what there is to read, are
            taken as they are; without it, all is read.

    Raises:
        FixityError: a fact is not readable.
        StoreUnreachableError: the store did not answer.
    """
    keys = [
        entry.key for kind in layout.FACTS for entry in objects.list(layout.prefix(kind, source))
    ]
    spared = _spared(known) if known else {}
    return manifest.fold(Manifest(source=source), _read(objects, keys, spared))


def _spared(known: Manifest) -> dict[str, Fact]:
    """Give the tables and pages of an index as facts: such an object never changes."""
    found = {
        table.key: Fact(
            key=table.key, sha256=known.facts[table.key], body={"digest": digest}, table=table
        )
        for digest, document in known.documents.items()
        for table in document.tables.values()
    }
    pages = [key for key in known.facts if layout.kind(key) == "pages"]
    return found | {key: Fact(key=key, sha256=known.facts[key], body={}) for key in pages}


def _recent(objects: Objects, known: Manifest) -> Iterator[str]:
    newest = known.newest
    folded: dict[str, list[str]] = {kind: [] for kind in layout.TIMED}
    for key in known.facts:
        if layout.kind(key) in folded:
            folded[layout.kind(key)].append(key)
    for kind, keys in folded.items():
        prefix = layout.prefix(kind, known.source)
        begin = [f"{prefix}{layout.stamp(newest - SPAN)}"] if newest else [""]
        overlap = sorted(keys)[-SPAN_FACTS:][:1] if len(keys) > SPAN_FACTS else []
        for entry in objects.list(prefix, after=max(begin + overlap)):
            yield entry.key


def _read(
    objects: Objects, keys: Iterable[str], spared: Mapping[str, Fact] | None = None
) -> list[Fact]:
    """Read facts but those at hand, and the tables and pages that run records among them name."""
    at_hand = spared or {}
    facts: dict[str, Fact] = {}
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key in facts:
            continue
        found = at_hand.get(key) or fact(objects, key)
        if found is None:
            continue
        facts[key] = found
        if found.part:
            waiting += [k for k in named(found.part) if k not in facts]
    return list(facts.values())


def fact(objects: Objects, key: str) -> Fact | None:
    """Read one fact; None if it is not there.

    Raises:
        FixityError: it is not readable as what its key says.
        StoreUnreachableError: the store did not answer.
    """
    try:
        return manifest.fact(key, objects.get(key))
    except MissingError:
        return None


def named(part: RunPart) -> list[str]:
    """Name the tables and pages that a run's part tells of: their keys bear no time."""
    tables = [key for observation in part.observations for key in observation.tables]
    return tables + [layout.page(part.source, page.digest, page.ext) for page in part.pages]
