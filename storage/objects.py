"""What we ask of a store (`Objects`), and `Directory`, which does it below a folder."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

Body = bytes | Path
"""What is stored: bytes, or a file where a document may be large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An object as a listing names it."""

    key: str
    size_bytes: int
    version_id: str | None
    """The store's own id of this version of the object; None where a listing does not tell."""
    is_current: bool = True
    is_deleted: bool = False
    """A delete marker: the key was deleted here, older versions may stand below it."""


class Objects(Protocol):
    """A versioned store of named bytes. What is replaced or deleted is kept as an older version."""

    name: str
    """As the user named it: a folder, or `s3://bucket/prefix`."""

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        """Store `body` under `key`, whole or not at all, and give the store's version id.

        Raises:
            StoreUnreachableError: the store did not take it; nothing stands half-written there.
            FixityError: what the store took is not `sha256`.
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

    def find(self, key: str) -> Entry | None:
        """Say what is held under `key` now; None if nothing is."""
        ...

    def list(self, prefix: str, *, after: str = "") -> Iterator[Entry]:
        """List current objects whose key begins with `prefix` and sorts after `after`, in order."""
        ...

    def versions(self, prefix: str) -> Iterator[Entry]:
        """List all versions of all keys below `prefix`: keys in order, newest version first."""
        ...
