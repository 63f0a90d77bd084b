"""What only folders do: bear being killed, full disks, lost rights, and what others put there."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import files
from storage.directory import Directory
from storage.errors import MissingError, StoreUnreachableError
from storage.fixity import strays, verify
from storage.mirror import mirror
from storage.objects import Put
from tests.histories import SOURCE, fill
from tests.test_objects import bodies, put, sha256

NOBODY = 65534

KILLED = """
import os, signal, sys
from pathlib import Path
from storage.directory import Directory
from storage.objects import Put
import hashlib
root, at, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
store = Directory(root)
seen = 0
WATCHED = {"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.scandir", "fcntl.flock"}
def kill(event, arguments):
    global seen
    if event in WATCHED:
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
body = what[0].encode() * 100_000
sha256 = hashlib.sha256(body).hexdigest()
if what == "delete":
    store.delete("site/a/index.html")
elif what == "n several":
    keys = ["site/a/index.html", "raw/b", "raw/c"]
    store.put_all([Put(key=key, body=body, sha256=sha256) for key in keys])
else:
    store.put("site/a/index.html", body, sha256=sha256)
"""
"""A program that kills itself before its n-th touch of the file system."""

KEY = "site/a/index.html"
OLD, NEW = b"o" * 100_000, b"n" * 100_000


def killed_at(root: Path, at: int, what: str) -> bool:
    command = [sys.executable, "-c", KILLED, str(root), str(at), what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("before", [(), (OLD,), (b"older", OLD)])
def test_killed_at_any_moment_of_a_write_loses_and_halves_nothing(
    before: tuple[bytes, ...], tmp_path: Path
) -> None:
    at = 0
    while True:
        at += 1
        store = Directory(tmp_path / str(at))
        for body in before:
            put(store, KEY, body)
        was_killed = killed_at(store.root, at, "n")
        assert bodies(store, KEY) in ([*before], [*before, NEW])
        assert [entry.key for entry in store.list("")] in ([], [KEY])
        if before:
            assert store.get(KEY) in (OLD, NEW)
        put(store, KEY, NEW)
        assert store.get(KEY) == NEW
        assert bodies(store, KEY)[: len(before)] == [*before]
        assert set(bodies(store, KEY)) == {*before, NEW}
        if not was_killed:
            break
    assert at > 10


def test_killed_at_any_moment_of_several_writes_each_is_whole_or_as_it_was(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 1
        store = Directory(tmp_path / str(at))
        put(store, KEY, OLD)
        was_killed = killed_at(store.root, at, "n several")
        assert bodies(store, KEY) in ([OLD], [OLD, NEW])
        assert all(store.get(entry.key) == NEW for entry in store.list("raw/"))
        assert killed_at(store.root, 10_000, "n several") is False
        assert set(bodies(store, KEY)) == {OLD, NEW}
        assert [store.get(key) for key in ("raw/b", "raw/c")] == [NEW, NEW]
        if not was_killed:
            break
    assert at > 25


def test_killed_at_any_moment_of_a_deletion_loses_nothing(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 1
        store = Directory(tmp_path / str(at))
        put(store, KEY, OLD)
        was_killed = killed_at(store.root, at, "delete")
        assert bodies(store, KEY) in ([OLD], [OLD, None])
        store.delete(KEY)
        assert store.find(KEY) is None
        assert bodies(store, KEY)[0] == OLD
        if not was_killed:
            break
    assert at > 5


WRITERS = """
import hashlib, sys
from pathlib import Path
from storage.directory import Directory
store = Directory(Path(sys.argv[1]))
for number in range(25):
    body = f"{sys.argv[2]} {number}".encode()
    store.put("manifests/a.json", body, sha256=hashlib.sha256(body).hexdigest())
"""


def test_processes_that_write_one_key_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(name: int) -> None:
        command = [sys.executable, "-c", WRITERS, str(tmp_path), str(name)]
        subprocess.run(command, check=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    expected = {f"{name} {number}".encode() for name in range(4) for number in range(25)}
    found = bodies(Directory(tmp_path), "manifests/a.json")
    assert len(found) == 100
    assert set(found) == expected


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "is full: free some space"),
        (errno.EDQUOT, "is full"),
        (errno.EROFS, "is read-only: mount it for writing"),
        (errno.EACCES, "give it the right to read and write"),
        (errno.EIO, "check the disk"),
        (errno.EBUSY, "failed: "),
    ],
)
@pytest.mark.parametrize("step", ["os.fsync", "os.replace", "os.link"])
def test_says_what_to_do_when_a_write_fails_at_any_step_and_leaves_things_as_they_were(
    number: int, sentence: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Directory(tmp_path)
    put(store, "a/b", b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(StoreUnreachableError, match=sentence) as caught:
            put(store, "a/b", b"new")
    assert caught.value.where == str(tmp_path)
    assert bodies(store, "a/b") == [b"old"]
    assert [path.name for path in (tmp_path / ".tmp").iterdir()] == ["lock"]
    put(store, "a/b", b"new")
    assert bodies(store, "a/b") == [b"old", b"new"]


def test_what_gets_its_name_outlasts_a_power_cut_and_so_does_what_was_named_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a power cut itself nothing can be shown here; of what is asked of the system, all."""
    store = Directory(tmp_path)
    put(store, "raw/old", b"old")
    put(store, "captures/old", b"old")
    done: list[str] = []
    sync, rename = os.fsync, os.replace

    def synced(number: int) -> None:
        sync(number)
        done.append(f"synced {os.fstat(number).st_ino}")

    def renamed(path: str, final: str) -> None:
        inode = os.stat(path).st_ino  # noqa: PTH116 - as it is called
        rename(path, final)
        assert f"synced {inode}" in done
        done.append(f"named {Path(final).relative_to(tmp_path)}")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    first, second = (
        [Put(key=f"{kind}/{n}", body=b"%d" % n, sha256=sha256(b"%d" % n)) for n in (1, 2)]
        for kind in ("raw", "captures")
    )
    store.put_all(first, second)
    raw, captures = (f"synced {(tmp_path / kind).stat().st_ino}" for kind in ("raw", "captures"))
    assert done[4:] == [
        *(f"named {each.key}" for each in first),
        raw,
        *(f"named {each.key}" for each in second),
        captures,
    ]


FULL = """
import resource, signal, sys, hashlib
from pathlib import Path
from storage.directory import Directory
from storage.errors import StoreUnreachableError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
body = b"x" * 1_000_000
try:
    Directory(Path(sys.argv[1])).put("a", body, sha256=hashlib.sha256(body).hexdigest())
except StoreUnreachableError as error:
    print(error)
"""


def test_a_file_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    """The kernel's own refusal in the middle of a write."""
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "takes no file of this size" in done.stdout
    assert list(Directory(tmp_path).versions("")) == []


def test_a_store_that_is_gone_is_no_empty_store(tmp_path: Path) -> None:
    store = Directory(tmp_path / "store")
    put(store, "a", b"1")
    (tmp_path / "store").rename(tmp_path / "away")
    for ask in (
        lambda: store.get("a"),
        lambda: store.find("a"),
        lambda: list(store.list("")),
        lambda: list(store.versions("")),
        lambda: put(store, "a", b"2"),
        lambda: store.delete("a"),
    ):
        with pytest.raises(StoreUnreachableError, match="is not there"):
            ask()
    assert not (tmp_path / "store").exists()


def test_says_so_when_the_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for create in (True, False):
        with pytest.raises(StoreUnreachableError, match="is no folder"):
            Directory(tmp_path / "file", create=create)


@contextmanager
def as_a_user(folder: Path, mode: int) -> Iterator[None]:
    """Act as somebody who has only these rights to a folder."""
    root = os.geteuid() == 0
    folder.chmod(mode)
    if root:  # who may do everything, so for this act as nobody in particular
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)
        folder.chmod(0o700)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    """A store that anybody may read, named from where we stand: so none above it is asked."""
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    return Directory(Path())


def test_says_so_when_the_user_may_not(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    put(store, "a", b"1")
    with (
        as_a_user(tmp_path, 0o500),
        pytest.raises(StoreUnreachableError, match="give it the right"),
    ):
        put(store, "b/c", b"1")


def test_passes_over_what_is_not_ours_and_may_not_be_looked_into(here: Directory) -> None:
    for key in ("captures/a/1", "raw/a/1", "runs/a/1"):
        put(here, key, b"1")
    Path("lost+found").mkdir()
    with as_a_user(Path("lost+found"), 0o000):
        assert [entry.key for entry in here.list("")] == ["captures/a/1", "raw/a/1", "runs/a/1"]
        assert len(list(here.versions(""))) == 3
        assert strays(here, {"a"}) == []


def test_a_mirror_goes_on_past_a_file_of_others_that_may_not_be_read(here: Directory) -> None:
    put(here, "raw/a/1", b"1")
    for name in ("notes", "raw/a/2"):
        Path(name).write_text("?")
    copy = Path("copy")
    copy.mkdir()
    copy.chmod(0o777)
    with as_a_user(Path("notes"), 0o000):
        done = mirror(here, Directory(copy), progress=lambda *_: None)
    assert [why.split(",")[0] for why in done.refused] == ["notes"]
    with (
        as_a_user(Path("raw/a/2"), 0o000),
        pytest.raises(StoreUnreachableError, match="give it the right"),
    ):
        mirror(here, Directory(copy, create=False), progress=lambda *_: None)


@pytest.mark.parametrize("folder", ["raw", "raw/a"])
def test_passes_over_nothing_that_is_ours(here: Directory, folder: str) -> None:
    put(here, "captures/a/1", b"1")
    put(here, "raw/a/1", b"1")
    right = pytest.raises(StoreUnreachableError, match="give it the right")
    with as_a_user(Path(folder), 0o000), right:
        list(here.list(""))


def test_a_link_in_the_place_of_a_kinds_folder_is_followed_by_all_alike(tmp_path: Path) -> None:
    store = Directory(tmp_path / "archive")
    fill(store)
    before = [*store.list("")], [*store.versions("")]
    (tmp_path / "archive/raw").rename(tmp_path / "elsewhere")
    (tmp_path / "archive/raw").symlink_to(tmp_path / "elsewhere")
    assert ([*store.list("")], [*store.versions("")]) == before
    assert verify(store, SOURCE).findings + strays(store, {SOURCE}) == []
    copy = Directory(tmp_path / "copy")
    done = mirror(store, copy, progress=lambda *_: None)
    assert (done.copied, done.refused) == (len(before[1]), ())
    put(store, f"raw/{SOURCE}/more", b"1")
    assert (tmp_path / "elsewhere" / SOURCE / "more").read_bytes() == b"1"


def test_follows_no_other_link_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("?")
    store = Directory(tmp_path / "archive")
    put(store, "raw/a/1", b"1")
    for key in ("other", "raw/b", "raw/a/2"):
        (tmp_path / "archive" / key).symlink_to(tmp_path / "outside")
    assert [entry.key for entry in store.list("")] == ["other", "raw/a/1", "raw/a/2", "raw/b"]
    assert {finding.key for finding in strays(store, {"a"})} == {"other", "raw/b"}
    copy = Directory(tmp_path / "copy")
    done = mirror(store, copy, progress=lambda *_: None)
    assert [entry.key for entry in copy.list("")] == ["raw/a/1"]
    assert [why.split(",")[0] for why in done.refused] == ["raw/a/2", "other", "raw/b"]


def test_a_folder_of_another_disk_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    store = Directory(tmp_path)
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(StoreUnreachableError, match="spread over two disks"):
        put(store, "raw/a", b"1")


def test_reading_writes_nothing(tmp_path: Path) -> None:
    put(Directory(tmp_path / "a"), "a/b", b"1")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    store = Directory(tmp_path / "a", create=False)
    store.get("a/b")
    list(store.versions(""))
    with pytest.raises(MissingError):
        store.get("b")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_removes_only_what_dead_writers_left(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    put(store, "a", b"1")
    aside = tmp_path / ".tmp"
    long_ago = time.time() - files._ABANDONED_S - 60
    for name in ("dead", "young"):
        (aside / name).write_text("half")
    os.utime(aside / "dead", (long_ago, long_ago))
    before = set(aside.iterdir())
    with files.Aside([b"half"], aside):
        (alive,) = set(aside.iterdir()) - before
        os.utime(alive, (long_ago, long_ago))
        put(store, "a", b"2")
        assert {path.name for path in aside.iterdir()} == {"lock", "young", alive.name}
    assert [entry.key for entry in store.versions("")] == ["a", "a"]


def test_a_file_system_without_links_keeps_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    store = Directory(tmp_path)
    for body in (b"1", b"2", b"3"):
        put(store, "a", body)
    assert bodies(store, "a") == [b"1", b"2", b"3"]


def test_shows_what_others_put_there(tmp_path: Path) -> None:
    store = Directory(tmp_path)
    put(store, "raw/a", b"1")
    (tmp_path / "raw/.stray").write_text("?")
    (tmp_path / "raw/gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "raw/round").symlink_to(tmp_path)
    (tmp_path / ".versions/raw/a").mkdir(parents=True)
    (tmp_path / ".versions/raw/a/notes.txt").write_text("?")
    keys = [entry.key for entry in store.list("")]
    assert keys == ["raw/.stray", "raw/a", "raw/round"]
    assert [entry.key for entry in store.versions("raw/a")] == ["raw/a"]
    assert store.find("raw/a")


def test_a_missing_body_is_not_the_stores_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Directory(tmp_path / "store").put("a", tmp_path / "none", sha256=sha256(b""))
