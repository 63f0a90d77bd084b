"""Files that are there whole or not at all, and stay: written aside, synced, renamed in turn."""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from storage.errors import StoreUnreachableError
from storage.objects import pieces

_LOCK = "lock"
_FOR_LOCKING = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_FOR_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
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
    errno.EXDEV: "is spread over two disks: bring its folders together on one, then run again",
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


class Aside:
    """A temporary file with all of a body's bytes, which do not outlast a power cut yet.

    It is locked: a sign to others that its writer lives. Use it in a `with`; what was not renamed
    by its end is removed.

    Attributes:
        sha256: the bytes' digest.
    """

    def __init__(self, source: Iterable[bytes | memoryview], folder: Path) -> None:
        """Write a body's pieces into `folder`, which is there, see `sweep`."""
        self._path = f"{folder}/{uuid.uuid4().hex}"
        self._is_renamed = False
        self._number = os.open(self._path, _FOR_WRITING, 0o666)
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX)
            found = hashlib.sha256()
            for piece in source:
                found.update(piece)
                _write(self._number, piece)
        except BaseException:
            self.__exit__()
            raise
        self.sha256 = found.hexdigest()
        # Sent to the disk at once: of several files that are written, then synced in turn, the
        # first sync waits for all. This took a quarter less than syncs at once, in threads.
        _let_go(self._number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._number)
        if not self._is_renamed:
            Path(self._path).unlink(missing_ok=True)

    def sync(self) -> None:
        """Make the bytes outlast a power cut; `sync` of the folder does so with the name."""
        os.fsync(self._number)
        _let_go(self._number)

    def rename(self, final: str) -> None:
        """Give the file its name, in place of what stood there, in a folder that is there."""
        os.replace(self._path, final)  # noqa: PTH105 - done for each object of many
        self._is_renamed = True


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


def rename_all(temporary: Iterable[tuple[Aside, str]]) -> None:
    """Give files their names, in place of what stood there, and make that last."""
    folders = set()
    for aside, final in temporary:
        folder = final.rpartition("/")[0]
        if folder not in folders:
            make_folder(Path(folder))
            folders.add(folder)
        aside.rename(final)
    for folder in folders:
        sync(Path(folder))


def link(path: Path, second: Path, temporary: Path) -> None:
    """Give a file a second name; a copy of it where the file system has no links."""
    make_folder(second.parent)
    try:
        second.hardlink_to(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with pieces(path) as source, Aside(source, temporary) as copy:
            copy.sync()
            copy.rename(str(second))
    sync(second.parent)


@contextmanager
def placed(path: Path) -> Generator[BinaryIO]:
    """Lend a file that gets its name when the block has ended well; until then it has its own.

    For what people ask for outside of a store: nothing makes it outlast a power cut. What stands
    there and is no file, as a pipe or `/dev/null`, stays and is written to.

    Raises:
        OSError: it cannot be written, or a folder stands there; nothing is left behind.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        with tempfile.TemporaryFile() as whole:
            yield whole
            whole.seek(0)
            with path.open("wb") as into:
                shutil.copyfileobj(whole, into)
        return
    aside = path.with_name(f".recordkeep-{uuid.uuid4().hex}")
    number = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(number, "w+b") as file:
            yield file
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def passing(path: Path) -> Generator[BinaryIO]:
    """Make a temporary file, of those of the system, and lend it for writing.

    Raises:
        StoreUnreachableError: there is no room for it.
    """
    with reaching(tempfile.gettempdir()), path.open("w+b") as file:
        yield file


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


def _let_go(number: int) -> None:
    """Tell the system that a file's bytes need not stay in memory; what is not on the disk is sent.

    What is archived is read once more, if at all, and then not by many; the next file's bytes cost
    less in memory that is there than in new one.
    """
    if hasattr(os, "posix_fadvise"):  # macOS has none
        with suppress(OSError):  # it is advice: who does not take it does as ever
            os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)


def _write(number: int, piece: bytes | memoryview) -> None:
    """Write all of a piece, in as many goes as the system takes."""
    left = memoryview(piece)
    while left:
        left = left[os.write(number, left) :]


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
