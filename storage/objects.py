"""What we ask of a store (`Objects`), and how its bytes are read so that they are the right ones.

`storage.directory.Directory` and `storage.s3.S3` do what is asked; `storage.stores` picks one.
"""

import hashlib
import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from storage.errors import FixityError, MissingError, UnreadableError

Body = bytes | memoryview | Path
"""What is stored: bytes, or a file where a document may be large."""

_PIECE_BYTES = 1 << 16
_KEY = re.compile(r"[A-Za-z0-9._/=+-]{1,900}")
_CONFINED = {"", ".", "..", ".tmp", ".versions"}
"""What no part of a key may be: a way out of the store, or the folder store's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An object as a listing names it."""

    key: str
    size_bytes: int
    version_id: str | None
    """The store's own id of this version of the object; None where a listing does not tell."""
    is_current: bool = True
    """Whether the key gives these bytes now; never so for a delete marker."""
    is_deleted: bool = False
    """A delete marker: the key was deleted here, older versions may stand below it."""
    etag: str | None = None
    """What the store tells of the bytes unasked. With the same size, equal ETags mean equal bytes
    (they are MD5s, or MD5s of parts); unequal ones mean nothing."""
    sha256: str | None = None
    """The digest that was checked when it was written, where `find` can tell without reading."""


class Objects(Protocol):
    """A versioned store of named bytes. What is replaced or deleted is kept as an older version."""

    @property
    def name(self) -> str:
        """As the user named it: a folder, or `s3://bucket/prefix`."""
        ...

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        """Store `body` under `key`, whole or not at all, and give the store's version id.

        Always a new version, even of equal bytes: whoever writes looks first. What stood there
        before becomes an older version.

        Raises:
            StoreUnreachableError: the store did not take it; nothing stands half-written there.
            FixityError: `body` is not `sha256`, or what the store took is not.
            ValueError: `key` is no plain key (ASCII, below the store).
        """
        ...

    def delete(self, key: str) -> None:
        """Put a delete marker on `key`; its versions stay. Nothing happens where nothing is held.

        The pipeline never deletes; a mirror of a store in which somebody did must say so.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        ...

    def get(self, key: str, *, version_id: str | None = None) -> bytes:
        """Give the bytes held under `key` now, or those of one version.

        Raises:
            MissingError: nothing is held there (or it was deleted).
            StoreUnreachableError: the store did not answer.
        """
        ...

    def open(self, key: str, *, version_id: str | None = None) -> AbstractContextManager[BinaryIO]:
        """Open the bytes held under `key` for reading in pieces. Raises as `get`."""
        ...

    def find(self, key: str, *, version_id: str | None = None) -> Entry | None:
        """Say what is held under `key` now, or in one version; None if nothing is."""
        ...

    def list(self, prefix: str, *, after: str = "") -> Iterator[Entry]:
        """List current objects whose key begins with `prefix` and sorts after `after`, in order."""
        ...

    def versions(self, prefix: str) -> Iterator[Entry]:
        """List all versions of all keys below `prefix`: keys in order, newest version first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Something to store, see `Objects.put`."""

    key: str
    body: Body
    sha256: str


@runtime_checkable
class Batching(Protocol):
    """A store that takes several objects in less time than one after the other."""

    def put_all(self, *groups: Sequence[Put]) -> None:
        """Store objects of different keys, each as `Objects.put` does, one group after the other.

        None is held before all of the groups before it are, not even after a power cut.

        Raises:
            StoreUnreachableError: the store did not take one; others may be stored.
            FixityError: a body is not its `sha256`; others may be stored.
            ValueError: a key is no plain key.
        """
        ...


def put_all(objects: Objects, *groups: Sequence[Put]) -> None:
    """Store groups of objects in turn, many at once where the store can. Raises as `Batching`."""
    if isinstance(objects, Batching) and sum(map(len, groups)) > len(groups):
        objects.put_all(*groups)
        return
    for group in groups:
        for each in group:
            objects.put(each.key, each.body, sha256=each.sha256)


@runtime_checkable
class Linking(Protocol):
    """A store that can give time-limited addresses of its objects."""

    def link(self, key: str, *, seconds: int, version_id: str | None = None) -> str:
        """Give an address at which anybody can read `key` for so many seconds."""
        ...


def check_key(key: str) -> str:
    """Give `key` back if it is one that every store takes: plain ASCII, below the store.

    Raises:
        ValueError: it is not.
    """
    if not _KEY.fullmatch(key) or not _CONFINED.isdisjoint(key.split("/")):
        raise ValueError(f"{key!r} is no object key")
    return key


def check_prefix(prefix: str) -> str:
    """Give `prefix` back if keys can begin with it.

    Raises:
        ValueError: none can.
    """
    if prefix:
        check_key(f"{prefix}x")
    return prefix


def size_bytes(body: Body) -> int:
    """Give how many bytes a body has."""
    return body.stat().st_size if isinstance(body, Path) else len(body)


def opened(body: Body) -> BinaryIO:
    """Open a body for reading, as a context manager; what is a view of memory is copied."""
    return body.open("rb") if isinstance(body, Path) else io.BytesIO(body)


@contextmanager
def pieces(body: Body) -> Generator[Iterable[bytes | memoryview]]:
    """Give a body in pieces, for once; none is copied of what is in memory."""
    if isinstance(body, Path):
        with body.open("rb") as file:
            yield iter(partial(file.read, _PIECE_BYTES), b"")
    else:
        yield (body,)


def read_verified(
    objects: Objects, key: str, sha256: str, *, version_id: str | None = None
) -> tuple[bytes, str | None]:
    """Give the bytes of `key` that have the digest `sha256`, wherever among its versions they are.

    Args:
        objects: where to look.
        key: the object's key.
        sha256: the digest recorded for it.
        version_id: where to look next, if the current bytes are not the right ones.

    Returns:
        The bytes, and a sentence of warning if they are no longer what the key gives.

    Raises:
        MissingError: nothing is held under the key, in no version.
        FixityError: no version has that digest; `found` is the current or newest one's.
        StoreUnreachableError: the store did not answer.
    """
    into = io.BytesIO()
    warning = copy_verified(objects, key, sha256, into, version_id=version_id)
    return into.getvalue(), warning


def copy_verified(
    objects: Objects, key: str, sha256: str, into: BinaryIO, *, version_id: str | None = None
) -> str | None:
    """Write into an empty file what `read_verified` gives, in pieces; give the warning.

    Raises:
        MissingError, FixityError, StoreUnreachableError: as `read_verified`; what is in the
            file is then of no use.
    """
    found: str | None = None
    for candidate in _candidates(objects, key, version_id):
        into.seek(0)
        into.truncate()
        try:
            digest = _copy(objects, key, candidate, into)
        except MissingError:
            continue
        except UnreadableError as error:
            digest = error.found
        if digest == sha256:
            return None if candidate is None else _warning(key, candidate, found)
        found = found or digest
    if found is None:
        raise MissingError(key)
    raise FixityError(key, expected=sha256, found=found)


def _candidates(objects: Objects, key: str, version_id: str | None) -> Iterator[str | None]:
    """Give where the right bytes may be: now, in the version we know of, in any version."""
    yield None
    if version_id is not None:
        yield version_id
    for entry in objects.versions(key):
        tried = entry.is_current or entry.is_deleted or entry.version_id == version_id
        if entry.key == key and not tried:
            yield entry.version_id


def sha256_of(objects: Objects, key: str) -> str:
    """Give the SHA-256 of what is held under `key`, by reading it. Raises as `Objects.open`."""
    return _copy(objects, key, None, None)


def _copy(objects: Objects, key: str, version_id: str | None, into: BinaryIO | None) -> str:
    found = hashlib.sha256()
    with objects.open(key, version_id=version_id) as file:
        while piece := file.read(_PIECE_BYTES):
            found.update(piece)
            if into:
                into.write(piece)
    return found.hexdigest()


def _warning(key: str, version_id: str, found: str | None) -> str:
    happened = "was overwritten" if found else "was deleted"
    return f"{key} {happened}; its bytes are from version {version_id}: run `verify --repair`"
