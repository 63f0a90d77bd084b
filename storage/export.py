"""What leaves the archive in an export: every object of a source, verified on its way out."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage import facts, layout
from storage.errors import MissingError
from storage.ledger import Manifest
from storage.objects import Objects, copy_verified

Progress = Callable[[int, int], None]
"""Told after each object: how many are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote."""

    objects: int
    size_bytes: int
    warnings: tuple[str, ...] = ()
    """What was found wrong on the way and could be helped, as a deleted object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One object as the index records it."""

    key: str
    sha256: str

    def copy(self, objects: Objects, into: BinaryIO) -> str | None:
        """Write its bytes into an empty file; give a warning if they had to be looked for.

        Raises:
            FixityError: no version of it has its digest any more.
            MissingError: it is not there at all.
        """
        return copy_verified(objects, self.key, self.sha256, into)


def holdings(objects: Objects, manifest: Manifest) -> Iterator[Holding]:
    """Name what is held of one source: originals, facts, and last the index itself.

    Raises:
        FixityError: the index is damaged.
    """
    # As it is stored now, so that the index names nothing that does not leave with it.
    key = layout.manifest(manifest.source)
    index = None
    with suppress(MissingError):
        body = objects.get(key)
        manifest = facts.decoded(key, body)
        index = Holding(key=key, sha256=hashlib.sha256(body).hexdigest())
    for document in manifest.documents.values():
        if document.captures:
            key = layout.raw(manifest.source, document.digest, document.ext)
            yield Holding(key=key, sha256=document.digest)
    for key, sha256 in sorted(manifest.facts.items()):
        yield Holding(key=key, sha256=sha256)
    if index:
        yield index


def check_free(path: Path) -> None:
    """Make sure that nothing stands where an export is to be written.

    Raises:
        FileExistsError: something does.
        FileNotFoundError: there is no folder to write it in.
    """
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} is there already: nothing is overwritten; name another")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.absolute().parent} to write it in")
