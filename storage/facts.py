"""Finding facts in a store and folding them: the one way in which a manifest comes to be."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import chain

from storage import layout, manifest, sealed
from storage.errors import FixityError, MissingError
from storage.ledger import RULES, Manifest
from storage.manifest import Fact
from storage.objects import Objects, read_verified
from storage.runs import RunPart
from storage.timeline import RefoldError

SPAN = timedelta(days=30)
"""How far behind the newest fact another writer's may still turn up: slow clocks, long runs."""
SPAN_FACTS = 900
"""The span is cut to as many facts of a kind as this, so that listing it stays one request
(S3 lists 1,000 keys at a time), however much a backfill wrote last month."""

Warn = Callable[[str], None]
"""Is told, in a sentence, what is not as it should be and did not keep us from going on."""


def _say_nothing(_sentence: str) -> None:
    """Warn nobody."""


def sources(objects: Objects) -> list[str]:
    """Name the sources of which a manifest or facts are held.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    kinds = ("manifests", "captures", "runs")
    keys = (entry.key for kind in kinds for entry in objects.list(f"{kind}/"))
    return sorted({name for key in keys if (name := layout.source(key))})


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
    return decoded(key, body)


def decoded(key: str, body: bytes) -> Manifest:
    """Read a manifest's bytes.

    Raises:
        FixityError: they are none.
    """
    try:
        return sealed.decode(body)
    except ValueError as error:
        found = hashlib.sha256(body).hexdigest()
        raise FixityError(key, expected="a manifest", found=found) from error


def recorded(objects: Objects, source: str) -> Mapping[str, str]:
    """Give the SHA-256 of each fact, by the newest manifest whose seal is whole; none without one.

    An index that was damaged or deleted stands above those that it replaced. What they recorded
    holds: else a fact that was edited meanwhile would be taken for what was written.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    return last_whole(objects, source).facts


def last_whole(objects: Objects, source: str) -> Manifest:
    """Give the newest manifest whose seal is whole; an empty one without any. Raises as `held`."""
    key = layout.manifest(source)
    replaced = (
        entry.version_id
        for entry in objects.versions(key)
        if entry.key == key and not entry.is_current and not entry.is_deleted
    )
    for version_id in chain([None], replaced):
        try:
            return sealed.decode(objects.get(key, version_id=version_id))
        except (FixityError, MissingError, ValueError):
            continue
    return Manifest(source=source)


def load(objects: Objects, source: str, warn: Warn = _say_nothing) -> Manifest:
    """Give the manifest with every fact that was written since it was stored.

    Where none is stored, or it cannot be read, or other rules made it, all facts are folded.

    Args:
        objects: the store.
        source: its name.
        warn: told in a sentence what could not be taken in, or not as it stands there.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    try:
        stored = held(objects, source)
    except FixityError as error:
        warn(f"{error.key} is not as it was written: all facts are folded anew")
        return refold(objects, source, warn=warn)
    if not stored.facts or stored.rules != RULES:
        return refold(objects, source, warn=warn)
    return refresh(objects, stored, overlap(stored), warn)


def refresh(
    objects: Objects, known: Manifest, since: Mapping[str, str], warn: Warn = _say_nothing
) -> Manifest:
    """Take in what was written lately and is not yet folded; the same manifest if nothing was.

    Args:
        objects: the store.
        known: the index so far.
        since: what `overlap` gave for the index that the run began with. What the run itself wrote
            since then, however much, must not hide what others wrote meanwhile.
        warn: told in a sentence what could not be taken in.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    listed = (
        entry.key
        for kind, after in since.items()
        for entry in objects.list(layout.prefix(kind, known.source), after=after)
    )
    keys = [key for key in listed if layout.is_fact(key) and key not in known.facts]
    fresh = _read(objects, keys, known=known, warn=warn)
    if not fresh:
        return known
    try:
        return manifest.fold(known, fresh)
    except RefoldError:
        return refold(objects, known.source, known=known, fresh=fresh, warn=warn)


def refold(  # noqa: PLR0913 - what is known already stands side by side
    objects: Objects,
    source: str,
    *,
    known: Manifest | None = None,
    trusted: Mapping[str, str] | None = None,
    fresh: Iterable[Fact] = (),
    warn: Warn = _say_nothing,
) -> Manifest:
    """Fold every fact of a source from nothing.

    A fact that is not as it was recorded is looked for among the older versions of its key. If
    it is in none, the index names it as it was recorded, and leaves out what it said: it is
    found by every verification until it is put back.

    Args:
        objects: the store.
        source: its name.
        known: an index whose tables and pages, which make up most of what there is to read, are
            taken as they are; without it, all is read.
        trusted: SHA-256 of facts by their keys, where they are better known than by `recorded`.
        fresh: facts at hand, which may not be in the store yet.
        warn: told in a sentence what is left out, or taken from an older version.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    if trusted is None:
        trusted = known.facts if known else recorded(objects, source)
    spared = (_spared(known) if known else {}) | {fact.key: fact for fact in fresh}
    listed = (e for kind in layout.FACTS for e in objects.list(layout.prefix(kind, source)))
    keys = {entry.key for entry in listed if layout.is_fact(entry.key)}
    keys |= trusted.keys() | spared.keys()
    found = _read(objects, keys, spared=spared, trusted=trusted, warn=warn)
    lost = trusted.keys() - {fact.key for fact in found}
    return manifest.fold(Manifest(source=source, facts={key: trusted[key] for key in lost}), found)


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


def overlap(known: Manifest) -> Mapping[str, str]:
    """Give, for each kind, behind which key facts may turn up that an index does not name yet."""
    newest, begins = known.newest, dict.fromkeys(layout.TIMED, "")
    if newest is None:
        return begins
    for kind in begins:
        folded = sorted(key for key in known.facts if layout.kind(key) == kind)
        cut = folded[-SPAN_FACTS] if len(folded) > SPAN_FACTS else ""
        begins[kind] = max(layout.prefix(kind, known.source) + layout.stamp(newest - SPAN), cut)
    return begins


def _read(  # noqa: PLR0913 - as `refold`
    objects: Objects,
    keys: Iterable[str],
    *,
    known: Manifest | None = None,
    spared: Mapping[str, Fact] | None = None,
    trusted: Mapping[str, str] | None = None,
    warn: Warn,
) -> list[Fact]:
    """Read facts but those at hand, and the tables and pages that run records among them name."""
    at_hand, digests, folded = spared or {}, trusted or {}, known.facts if known else {}
    facts: dict[str, Fact] = {}
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key in facts or key in folded:
            continue
        found = at_hand.get(key) or fact(objects, key, sha256=digests.get(key), warn=warn)
        if found is None:
            continue
        facts[key] = found
        if found.part:
            waiting += named(found.part)
    return list(facts.values())


def fact(
    objects: Objects, key: str, *, sha256: str | None = None, warn: Warn = _say_nothing
) -> Fact | None:
    """Read one fact; None, of which `warn` is told, if there is none such.

    Args:
        objects: the store.
        key: the fact's.
        sha256: as it was recorded; None where nobody did: then it must be what its key says.
        warn: told in a sentence what is wrong with it.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    try:
        if sha256 is None:
            return manifest.fact(key, objects.get(key))
        body, warning = read_verified(objects, key, sha256)
    except MissingError as error:
        if sha256:
            warn(f"{error}: what it said is left out until `recordkeep verify --repair`")
        return None
    except FixityError as error:
        if sha256:
            warn(f"{error}: what it said is left out until `recordkeep verify --repair`")
        else:
            warn(f"{key} is not what its key says: passed over, `recordkeep verify` names it")
        return None
    if warning:
        warn(warning)
    return manifest.fact(key, body)


def named(part: RunPart) -> list[str]:
    """Name the tables and pages that a run's part tells of: their keys bear no time."""
    tables = [key for observation in part.observations for key in observation.tables]
    return tables + [layout.page(part.source, page.digest, page.ext) for page in part.pages]
