"""A whole archive, with its history, to another store: resumable, and every copy read back.

Of each key the versions go over in their order. A version counts as there if the target holds
its bytes at that place in the key's history, whatever else it holds besides: a target that was
used in its own right keeps what was written there. Bytes are compared by what both stores tell
unasked (size, ETag), else by SHA-256. Originals go first and manifests last, and of a manifest no
more goes than was there before the facts were listed: cut short, a mirror names nothing that it
does not hold.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from storage import layout
from storage.errors import FixityError, MissingError, StoreUnreachableError, UnreadableError
from storage.files import passing
from storage.objects import Body, Entry, Objects, check_key

Progress = Callable[[int, int, str], None]
"""Told after each key: how many are done, of how many, and which it was."""

_PIECE_BYTES = 1 << 20
_IN_MEMORY_BYTES = 8 << 20
_MANIFESTS = "manifests/"
_NAMED_BY_DIGEST = re.compile(r"(?:raw|pages)/[^/]+/([0-9a-f]{64})\.[^/]+")
_LAST = ("datasets", "site", "metrics", "manifests")
"""What is made from facts goes after them, in this order; then what is others'."""
_SHARED = tuple(f"{kind}/" for kind in layout.SHARED)
_IN_THE_WAY = (FileExistsError, IsADirectoryError, NotADirectoryError)
"""What a folder says of a name that buckets can have besides: `raw`, where there is a `raw/`."""

History = dict[str, list[Entry]]
"""Keys and their versions, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """What a mirror did."""

    copied: int
    """Versions written to the target, delete markers included."""
    skipped: int
    """Versions that were there."""
    size_bytes: int
    """Written to the target."""
    refused: tuple[str, ...]
    """A sentence for each version that was not copied since it is not what its name says."""


def mirror(source: Objects, target: Objects, *, progress: Progress) -> Mirrored:
    """Bring to `target` every version that `source` holds and `target` does not.

    Raises:
        StoreUnreachableError: one of them did not answer, or the target may not be written.
        FixityError: the target gave back other bytes than it was given.
    """
    wanted, held = _history(source), _history(target)
    copied = skipped = size_bytes = 0
    refused: list[str] = []
    for number, key in enumerate(sorted(wanted, key=_rank), 1):
        missing = wanted[key]
        if _is_key(key):
            missing = list(_missing(source, wanted[key], target, held.get(key, [])))
        skipped += len(wanted[key]) - len(missing)
        for entry in missing:
            why = _tried(source, entry, target)
            if why:
                refused.append(f"{key}, version {entry.version_id}: {why}")
            else:
                copied, size_bytes = copied + 1, size_bytes + entry.size_bytes
        progress(number, len(wanted), key)
    return Mirrored(copied=copied, skipped=skipped, size_bytes=size_bytes, refused=tuple(refused))


def _rank(key: str) -> tuple[int, str]:
    kind = layout.kind(key)
    if not _is_ours(key):
        return 2 + len(_LAST), key
    if kind in _LAST:
        return 2 + _LAST.index(kind), key
    return int(kind != "raw"), key


def _history(objects: Objects) -> History:
    """List all versions; manifests first, so that they name nothing that was not listed."""
    manifests = _by_key(objects.versions(_MANIFESTS))
    others = (e for e in objects.versions("") if not e.key.startswith(_MANIFESTS))
    return manifests | _by_key(others)


def _by_key(entries: Iterable[Entry]) -> History:
    return {
        key: _without_idle_markers(list(versions)[::-1])
        for key, versions in groupby(entries, key=lambda entry: entry.key)
    }


def _without_idle_markers(versions: list[Entry]) -> list[Entry]:
    """Leave out delete markers where nothing was held: they say nothing."""
    before = [None, *versions]
    return [
        entry
        for previous, entry in zip(before, versions, strict=False)
        if not entry.is_deleted or (previous and not previous.is_deleted)
    ]


def _missing(
    source: Objects, wanted: list[Entry], target: Objects, held: list[Entry]
) -> Iterator[Entry]:
    """Give the versions wanted that do not follow one another among those held."""
    at = 0
    for number, entry in enumerate(wanted):
        places = range(at, len(held))
        found = next((i for i in places if _is_same(source, entry, target, held[i])), None)
        if found is not None:
            at = found + 1
        elif entry is not wanted[-1] and not entry.is_deleted and _is_refused(source, entry):
            yield entry
        elif not (
            entry.is_deleted and _has_come_back(source, wanted[number + 1 :], target, held[at:])
        ):
            yield from wanted[number:]
            return


def _has_come_back(source: Objects, later: list[Entry], target: Objects, held: list[Entry]) -> bool:
    """Say whether what was put there after a deletion is in a target that took no deletion."""
    missing = _missing(source, later, target, held)
    return bool(later) and all(entry.is_deleted for entry in missing)


def _is_same(source: Objects, one: Entry, target: Objects, other: Entry) -> bool:
    if one.is_deleted or other.is_deleted:
        return one.is_deleted and other.is_deleted
    if one.size_bytes != other.size_bytes:
        return False
    if one.etag and other.etag == one.etag:
        return True
    here, there = (source, one), (target, other)
    try:
        if bool(one.etag) != bool(other.etag):
            return _is_told(*here, *there) if other.etag else _is_told(*there, *here)
        return _sha256(*here) == _sha256(*there)
    except (MissingError, UnreadableError):  # a link to a folder, in both; or a disk fails
        return False


def _is_told(reading: Objects, one: Entry, telling: Objects, other: Entry) -> bool:
    """Compare bytes that can be read cheaply with what a store tells of its own."""
    md5, sha256 = _digests(reading, one)
    return md5 == other.etag or sha256 == _sha256(telling, other)


def _sha256(objects: Objects, entry: Entry) -> str:
    found = objects.find(entry.key, version_id=entry.version_id)
    return (found and found.sha256) or _digests(objects, entry)[1]


def _digests(objects: Objects, entry: Entry) -> tuple[str, str]:
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with objects.open(entry.key, version_id=entry.version_id) as file:
        while piece := file.read(_PIECE_BYTES):
            md5.update(piece)
            sha256.update(piece)
    return md5.hexdigest(), sha256.hexdigest()


def _is_refused(source: Objects, entry: Entry) -> bool:
    """Say whether an older version will never be in the target, since its bytes are wrong."""
    try:
        return _is_wrong(entry, _digests(source, entry)[1])
    except UnreadableError:
        return True


def _is_wrong(entry: Entry, sha256: str) -> bool:
    named = _NAMED_BY_DIGEST.fullmatch(entry.key)
    return named is not None and named[1] != sha256


def _tried(source: Objects, entry: Entry, target: Objects) -> str | None:
    """Bring one version over, see `_bring`; give the reason, too, if the target cannot have it."""
    try:
        return _bring(source, entry, target)
    except StoreUnreachableError as error:
        if entry.is_deleted:  # who may write there may not delete, as deploy/policies has it
            return f"it was deleted, and is held on there: {error}"
        if _is_ours(entry.key) or not isinstance(error.__cause__, _IN_THE_WAY):
            raise
        return str(error)


def _bring(source: Objects, entry: Entry, target: Objects) -> str | None:
    """Bring one version over and read it back; give the reason if it may not be.

    Raises:
        FixityError: what the target gives back is not what it was given.
    """
    if not _is_key(entry.key):
        return f"{entry.key!r} is no object key"
    if entry.is_deleted:
        if not target.find(entry.key):
            return "nothing stands there to be deleted"
        target.delete(entry.key)
        return None
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
        fetched = _fetched(source, entry, Path(folder) / "body")
        if isinstance(fetched, str):
            return fetched
        body, sha256 = fetched
        version_id = target.put(entry.key, body, sha256=sha256)
    written = replace(entry, version_id=version_id)
    _, found = _digests(target, written)
    if found != sha256:
        raise FixityError(entry.key, expected=sha256, found=found)
    return None


def _is_ours(key: str) -> bool:
    return layout.source(key) is not None or key.startswith(_SHARED)


def _is_key(key: str) -> bool:
    try:
        check_key(key)
    except ValueError:
        return False
    return True


def _fetched(source: Objects, entry: Entry, path: Path) -> tuple[Body, str] | str:
    """Read one version, see `_fetch`; give the reason if it is not to be brought over."""
    try:
        body, sha256 = _fetch(source, entry, path)
    except MissingError:
        return "there is nothing to be read"  # a link to a folder; or it was taken away meanwhile
    except UnreadableError as error:
        return str(error)
    except StoreUnreachableError as error:
        if _is_ours(entry.key):
            raise
        return str(error)  # a file of others, which this user may not read
    return "holds other bytes than its name says" if _is_wrong(entry, sha256) else (body, sha256)


def _fetch(source: Objects, entry: Entry, path: Path) -> tuple[Body, str]:
    """Read one version, into a file where it is large; give it and its SHA-256."""
    if entry.size_bytes <= _IN_MEMORY_BYTES:
        body = source.get(entry.key, version_id=entry.version_id)
        return body, hashlib.sha256(body).hexdigest()
    digest = hashlib.sha256()
    with source.open(entry.key, version_id=entry.version_id) as file, passing(path) as into:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            into.write(piece)
    return path, digest.hexdigest()
