"""A store below a folder: S3's operations and guarantees, on any POSIX file system.

A key is a path below the folder. What is replaced or deleted is kept beside it:

    <key>                               the current bytes
    .versions/<key>/00000001            older versions, numbered from the oldest; the current
                                        one's number, its version id, is the next
    .versions/<key>/00000002.deleted    a delete marker
    .tmp/                               files being written, and the lock that writers take

The folder of a kind (`raw`) may be a link to a folder elsewhere on the same disk; other links to
folders are named as they stand and not followed. What is none of our kinds, and may not be looked
into, as a disk's `lost+found`, is passed over.

Bytes are written aside and get their final name while the lock is held, after the replaced file
was linked below `.versions`. A crash leaves the old bytes or the new ones under the key, and loses
no version. Readers take no lock and write nothing.
"""

import errno
import io
import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from storage import files, layout
from storage.errors import FixityError, MissingError, UnreadableError
from storage.objects import Body, Entry, Put, check_key, check_prefix, pieces

_VERSIONS = ".versions"
_TEMPORARY = ".tmp"
_OURS = {f"{_VERSIONS}/", f"{_TEMPORARY}/"}
_DELETED = ".deleted"
_KINDS = {*layout.KINDS, *layout.SHARED}
_UNREADABLE = {errno.EIO, errno.EBADMSG, errno.EUCLEAN}
"""What disks and file systems say of bytes that they lost."""
_KEPT = re.compile(r"\d{8,}(\.deleted)?")


class Directory:
    """Objects as files below a folder. See the module for the layout and the guarantees."""

    def __init__(self, root: Path, *, create: bool = True) -> None:
        """Use a folder as a store.

        Args:
            root: the folder.
            create: whether to make it where it is missing; readers should not.

        Raises:
            StoreUnreachableError: it is missing, no folder, or cannot be made.
        """
        self.root = root
        self.name = str(root)
        self._temporary = root / _TEMPORARY
        with files.reaching(self.name):
            if create:
                root.mkdir(parents=True, exist_ok=True)
            self._check_root()

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        """Store `body` under `key`. Raises as `Objects.put`; the key is then as it was."""
        put = Put(key=key, body=body, sha256=sha256)
        with self._aside([put]) as aside, files.lock(self._temporary):
            self._name([put], aside)
            return _version_id(self._number(key))

    def put_all(self, *groups: Sequence[Put]) -> None:
        """Store several objects, see `Batching`: the disk works on all of them at a time."""
        with self._aside([put for group in groups for put in group]) as aside:
            for group in groups:
                with files.lock(self._temporary):
                    self._name(group, aside)

    @contextmanager
    def _aside(self, puts: Sequence[Put]) -> Generator[dict[str, files.Aside]]:
        """Write objects aside, as files that last, to be named in the block; give each by key."""
        for put in puts:
            check_key(put.key)
        with ExitStack() as stack:
            sources = [stack.enter_context(pieces(put.body)) for put in puts]
            with files.reaching(self.name), ExitStack() as temporary:
                files.sweep(self._temporary)
                aside = {}
                for put, source in zip(puts, sources, strict=True):
                    came = temporary.enter_context(files.Aside(source, self._temporary))
                    if came.sha256 != put.sha256:
                        raise FixityError(put.key, expected=put.sha256, found=came.sha256)
                    aside[put.key] = came
                for each in aside.values():
                    each.sync()
                yield aside

    def _name(self, puts: Sequence[Put], aside: Mapping[str, files.Aside]) -> None:
        """Give files their names as objects, while the lock is held; keep what stood there."""
        for put in puts:
            if os.path.isfile(f"{self.name}/{put.key}"):  # noqa: PTH113 - for each of many
                self._retain(put.key)
        files.rename_all((aside[put.key], f"{self.name}/{put.key}") for put in puts)

    def delete(self, key: str) -> None:
        """Put a delete marker on `key`, see `Objects.delete`."""
        final = self.root / check_key(key)
        with files.reaching(self.name):
            self._check_root()
            with files.lock(self._temporary):
                if final.is_file():
                    number = self._retain(key)
                    final.unlink()
                    files.sync(final.parent)
                    marker = self._kept(key) / f"{_version_id(number)}{_DELETED}"
                    marker.touch()
                    files.sync(marker.parent)

    def get(self, key: str, *, version_id: str | None = None) -> bytes:
        """Give the bytes of the current version, or of another. Raises as `Objects.get`."""
        with self._open(check_key(key), version_id) as file, self._reading(key):
            return file.read()

    @contextmanager
    def open(self, key: str, *, version_id: str | None = None) -> Generator[BinaryIO]:
        """Open the current version, or another, for reading in pieces. Raises as `get`."""
        with self._open(check_key(key), version_id) as file:
            yield cast("BinaryIO", io.BufferedReader(_Reader(self, key, file)))

    def find(self, key: str, *, version_id: str | None = None) -> Entry | None:
        """Say what is held under `key` now, or in one version; None if nothing is."""
        try:
            with self._open(check_key(key), version_id) as file, files.reaching(self.name):
                size_bytes = os.fstat(file.fileno()).st_size
                current = _version_id(self._number(key))
        except MissingError:
            return None
        return Entry(key=key, size_bytes=size_bytes, version_id=version_id or current)

    def list(self, prefix: str, *, after: str = "") -> Iterator[Entry]:
        """List current objects in the order of their keys, without `version_id`."""
        with files.reaching(self.name):
            self._check_root()
            yield from self._walk(check_prefix(prefix).rpartition("/")[0], prefix, after)

    def versions(self, prefix: str) -> Iterator[Entry]:
        """List all versions of all keys below `prefix`: keys in order, newest version first."""
        current = {entry.key: entry.size_bytes for entry in self.list(prefix)}
        with files.reaching(self.name):
            for key in sorted(current.keys() | self._replaced(prefix)):
                older = self._older(key)
                if key in current:
                    version_id = _version_id(self._number(key))
                    yield Entry(key=key, size_bytes=current[key], version_id=version_id)
                    older = tuple(entry for entry in older if entry.version_id != version_id)
                yield from older

    def _check_root(self) -> None:
        """Tell a missing store from a missing object."""
        os.stat(f"{self.name}/.")  # noqa: PTH116 - asked often

    def _open(self, key: str, version_id: str | None) -> BinaryIO:
        with files.reaching(self.name):
            with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                if version_id is None or version_id == _version_id(self._number(key)):
                    return open(f"{self.name}/{key}", "rb")  # noqa: PTH123 - asked often
                if _KEPT.fullmatch(version_id):
                    return (self._kept(key) / version_id).open("rb")
            self._check_root()
        raise MissingError(key)

    @contextmanager
    def _reading(self, key: str) -> Generator[None]:
        """Tell an object that the disk does not give back from a store that fails as a whole."""
        with files.reaching(self.name):
            try:
                yield
            except OSError as error:
                if error.errno not in _UNREADABLE:
                    raise
                raise UnreadableError(key) from error

    def _walk(self, folder: str, prefix: str, after: str) -> Iterator[Entry]:
        """List below `folder`, which is a key's beginning without its last slash."""
        base = f"{folder}/" if folder else ""
        try:
            with os.scandir(self.root / folder) as found:
                names = {f.name + "/" * _is_folder(f, in_root=not folder): f for f in found}
        except (FileNotFoundError, NotADirectoryError):
            return
        except PermissionError:
            if not folder or folder.partition("/")[0] in _KINDS:
                raise
            return
        for name, file in sorted(names.items()):
            key = base + name
            if name.endswith("/"):
                is_below = key.startswith(prefix) or prefix.startswith(key)
                if is_below and key not in _OURS and (key > after or after.startswith(key)):
                    yield from self._walk(key[:-1], prefix, after)
            elif key.startswith(prefix) and key > after:
                with suppress(FileNotFoundError):
                    yield Entry(key=key, size_bytes=file.stat().st_size, version_id=None)

    def _kept(self, key: str) -> Path:
        return self.root / _VERSIONS / key

    def _older(self, key: str) -> tuple[Entry, ...]:
        """Give what is kept of a key below `.versions`, newest first."""
        try:
            with os.scandir(f"{self.name}/{_VERSIONS}/{key}") as found:
                sizes = {f.name: f.stat().st_size for f in found if _KEPT.fullmatch(f.name)}
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(
            Entry(
                key=key,
                size_bytes=sizes[name],
                version_id=name.removesuffix(_DELETED),
                is_current=False,
                is_deleted=name.endswith(_DELETED),
            )
            for name in sorted(sizes, reverse=True)
        )

    def _replaced(self, prefix: str) -> set[str]:
        """Give the keys that begin with `prefix` and have something below `.versions`."""
        top = self.root / _VERSIONS
        found = set()
        for folder, _, names in os.walk(top / prefix.rpartition("/")[0], onerror=_raise):
            key = Path(folder).relative_to(top).as_posix()
            if key.startswith(prefix) and any(_KEPT.fullmatch(name) for name in names):
                found.add(key)
        return found

    def _number(self, key: str) -> int:
        """Give the number of the current version, or of the one that would be written now."""
        older = self._older(key)
        if not older or older[0].version_id is None:
            return 1
        newest = int(older[0].version_id)
        # A writer that died between link and rename left the current file under both names.
        with suppress(FileNotFoundError):
            if (self._kept(key) / older[0].version_id).samefile(self.root / key):
                return newest
        return newest + 1

    def _retain(self, key: str) -> int:
        """Keep what stands under `key` below `.versions`; give the next version's number."""
        final = self.root / key
        number = self._number(key)
        if not final.is_file():
            return number
        kept = self._kept(key) / _version_id(number)
        if not kept.exists():
            files.link(final, kept, self._temporary)
        return number + 1


class _Reader(io.RawIOBase):
    """An object's bytes; what the disk says instead, as what to do."""

    def __init__(self, store: Directory, key: str, file: BinaryIO) -> None:
        self._store, self._key, self._file = store, key, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - WriteableBuffer exists for type checkers only
        with self._store._reading(self._key):  # noqa: SLF001 - two classes of one module
            return self._file.readinto(buffer)  # type: ignore[attr-defined, no-any-return] # BinaryIO lacks it


def _version_id(number: int) -> str:
    return f"{number:08}"


def _is_folder(found: "os.DirEntry[str]", *, in_root: bool) -> bool:
    """Whether keys go on below what was found: it is a folder, or a link in the place of a kind."""
    return found.is_dir(follow_symlinks=in_root and found.name in _KINDS)


def _raise(error: OSError) -> None:
    """Let `os.walk` fail, unless a folder is not (or no longer) there."""
    if not isinstance(error, FileNotFoundError):
        raise error
