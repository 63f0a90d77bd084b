"""Files that are there whole or not at all, and stay: written aside, synced, renamed in turn."""

import errno
import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from storage.errors import StoreUnreachableError

PIECE_BYTES = 1 << 20
"""How much is held in memory of a file being copied."""

_AT_ONCE = 4
"""So many files are made to last at once: one commit of the file system's journal serves them."""
_LOCK = "lock"
_FOR_LOCKING = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_ABANDONED_S = 3600
"""Age at which a temporary file that nobody holds locked is taken for a dead writer's."""

_NO_RIGHT = "may not be used by this user: give it the right to read and write there"
_IN_THE_WAY = "is no folder (a file stands in the way): name another folder, or move the file"
_REMEDIES = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.ENOSPC: "is full: free some space, then run again",
    errno.EDQUOT: "is full (quota): free some space, then run again",
    errno.EFBIG: "takes no file of this size: raise the limit, then run again",
    errno.EROFS: "is read-only: mount it for writing, then run again",
    errno.ENOENT: "is not there: mount or make the folder, then run again",
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.EISDIR: "has a folder where an object should stand: move the folder away",
    errno.EIO: "failed to read or write: check the disk",
}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}
"""What file systems without hard links, or users who may not make them, are told."""


@contextmanager
def reaching(where: str) -> Generator[None]:
    """Say what to do about an operating system's error at the store `where`.

    Raises:
        StoreUnreachableError: the operating system refused something.
    """
    try:
        yield
    except OSError as error:
        why = _REMEDIES.get(error.errno or 0, f"failed: {error.strerror or error}")
        raise StoreUnreachableError(where, why + _at(where, error)) from error


def _at(where: str, error: OSError) -> str:
    """Say at which object it was, but for temporary files, whose names say nothing."""
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    if path is None or not path.is_relative_to(where) or path.parent.name == ".tmp":
        return ""
    return "" if path == Path(where) else f" (at {path.relative_to(where)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A temporary file with all its bytes, which do not outlast a power cut yet."""

    path: Path
    sha256: str
    file: FileIO
    """Open, and locked: a sign to others that its writer lives."""


@contextmanager
def written(source: BinaryIO, folder: Path) -> Generator[Written]:
    """Copy `source` into a temporary file in `folder`, which is there, see `sweep`.

    Whoever wants it makes it last and renames it; what is not renamed is removed.
    """
    path = folder / uuid.uuid4().hex
    try:
        with path.open("xb", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = hashlib.sha256()
            while piece := source.read(PIECE_BYTES):
                found.update(piece)
                _write(file, piece)
            yield Written(path=path, sha256=found.hexdigest(), file=file)
    finally:
        path.unlink(missing_ok=True)


def make_last(temporary: Sequence[Written]) -> None:
    """Have files' bytes outlast a power cut; several wait for the disk at once, not in turn."""
    if len(temporary) == 1:
        os.fsync(temporary[0].file)
        return
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for done in [threads.submit(os.fsync, each.file.fileno()) for each in temporary]:
            done.result()


@contextmanager
def lock(folder: Path) -> Generator[None]:
    """Let one writer in at a time, of all processes; a dead one's lock is gone with it."""
    try:
        number = os.open(folder / _LOCK, _FOR_LOCKING, 0o666)
    except FileNotFoundError:
        folder.mkdir(exist_ok=True)
        number = os.open(folder / _LOCK, _FOR_LOCKING, 0o666)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def rename_all(files: Iterable[tuple[Path, Path]]) -> None:
    """Give files their final names, in place of what stood there, and make that last."""
    folders = set()
    for path, final in files:
        make_folder(final.parent)
        path.replace(final)
        folders.add(final.parent)
    for folder in folders:
        sync(folder)


def link(path: Path, second: Path, temporary: Path) -> None:
    """Give a file a second name; a copy of it where the file system has no links."""
    make_folder(second.parent)
    try:
        second.hardlink_to(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with path.open("rb") as source, written(source, temporary) as copy:
            make_last([copy])
            copy.path.replace(second)
    sync(second.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, and make them last."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder outlast a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _write(file: FileIO, piece: bytes) -> None:
    """Write all of a piece, in as many goes as the system takes."""
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def sweep(folder: Path) -> None:
    """Make the folder of temporary files, if need be; remove what dead writers left there.

    That is what is old, and locked by nobody.
    """
    try:
        found = os.listdir(folder)  # noqa: PTH208 - before each write, names are enough
    except FileNotFoundError:
        folder.mkdir(exist_ok=True)
        return
    for name in found:
        if name == _LOCK:
            continue
        path = folder / name
        with suppress(FileNotFoundError, BlockingIOError, PermissionError):
            if path.stat().st_mtime < time.time() - _ABANDONED_S:
                with path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
