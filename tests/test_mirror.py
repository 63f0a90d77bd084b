"""A mirror holds what the archive holds, with its history, and is made once."""

import hashlib
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from storage import s3_upload
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.mirror import Mirrored, mirror
from storage.objects import Body, Objects
from storage.s3 import S3
from tests.stores import Counted, NewStore
from tests.test_objects import bodies, put

RIGHT = hashlib.sha256(b"%PDF right").hexdigest()
RAW = f"raw/ice_ddor/{RIGHT}.pdf"
PAIRS = [
    pytest.param(one, other, marks=pytest.mark.slow if "ceph" in (one, other) else ())
    for one, other in product(("directory", "moto", "ceph"), repeat=2)
]


def quiet(done: int, total: int, key: str) -> None:
    assert 1 <= done <= total, key


def histories(objects: Objects) -> dict[str, list[bytes | None]]:
    return {key: bodies(objects, key) for key in {e.key for e in objects.versions("")}}


def fill(objects: Objects) -> None:
    put(objects, RAW, b"%PDF right")
    for number in range(4):
        put(objects, f"captures/ice_ddor/{number}.json", b"capture %d" % number)
        put(objects, "manifests/ice_ddor.json", b"manifest %d" % number)
        put(objects, "site/index.html", b"same size %d" % number)
    put(objects, "site/index.html", b"same size 3")
    put(objects, "site/old.html", b"old")
    objects.delete("site/old.html")


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_brings_over_everything_once(one: str, other: str, new_store: NewStore) -> None:
    source, target = new_store(one), Counted(new_store(other))
    fill(source)
    seen: list[str] = []
    done = mirror(source, target, progress=lambda _, __, key: seen.append(key))
    assert histories(target.objects) == histories(source)
    assert (done.copied, done.skipped, done.refused) == (16, 0, ())
    assert target.writes[0] == RAW
    assert set(target.writes[-4:]) == {"manifests/ice_ddor.json"}
    assert len(seen) == 8
    target.forget()
    done = mirror(source, target, progress=quiet)
    assert done == Mirrored(copied=0, skipped=16, size_bytes=0, refused=())
    assert target.writes == []


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_brings_over_what_came_since(one: str, other: str, new_store: NewStore) -> None:
    source, target = new_store(one), new_store(other)
    fill(source)
    mirror(source, target, progress=quiet)
    put(target, "manifests/ice_ddor.json", b"the target's own manifest")
    put(source, "manifests/ice_ddor.json", b"manifest 4")
    put(source, "captures/ice_ddor/4.json", b"capture 4")
    assert mirror(source, target, progress=quiet).copied == 2
    assert target.get("manifests/ice_ddor.json") == b"manifest 4"
    assert b"the target's own manifest" in bodies(target, "manifests/ice_ddor.json")
    assert mirror(source, target, progress=quiet).copied == 0


# moto does not tell where in a history a delete marker stands.
@pytest.mark.parametrize(("one", "other"), [pair for pair in PAIRS if "moto" not in pair.values])
def test_brings_over_what_came_back_after_its_deletion(
    one: str, other: str, new_store: NewStore
) -> None:
    source, target = new_store(one), new_store(other)
    put(source, "site/old.html", b"old")
    source.delete("site/old.html")
    mirror(source, target, progress=quiet)
    put(source, "site/old.html", b"new")
    assert mirror(source, target, progress=quiet).copied == 1
    assert bodies(target, "site/old.html") == [b"old", None, b"new"]
    assert mirror(source, target, progress=quiet).copied == 0


class Broken(Counted):
    """A store that takes so many writes, then no more."""

    def __init__(self, objects: Objects, writes: int) -> None:
        super().__init__(objects)
        self.left = writes

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        if not self.left:
            raise StoreUnreachableError(self.name, "is gone")
        self.left -= 1
        return super().put(key, body, sha256=sha256)


@pytest.mark.parametrize("writes", range(15))
def test_cut_short_goes_on_where_it_stood(writes: int, new_store: NewStore) -> None:
    source, target = new_store("directory"), new_store("directory")
    fill(source)
    with pytest.raises(StoreUnreachableError):
        mirror(source, Broken(target, writes), progress=quiet)
    if target.find("manifests/ice_ddor.json"):
        facts = {entry.key for entry in source.list("captures/")} | {RAW}
        assert facts <= {entry.key for entry in target.list("")}
    whole = Counted(target)
    done = mirror(source, whole, progress=quiet)
    assert histories(target) == histories(source)
    assert done.copied == len(whole.writes) == 16 - writes - (writes > 10)


@pytest.mark.parametrize("other", ["directory", "moto"])
def test_copies_no_original_that_its_name_contradicts(other: str, new_store: NewStore) -> None:
    source, target = new_store("directory"), new_store(other)
    for body in (b"%PDF wrong", b"%PDF right", b"%PDF worse"):
        put(source, RAW, body)
    for _ in range(2):
        done = mirror(source, target, progress=quiet)
        assert len(done.refused) == 2
        assert all("other bytes than its name says" in why for why in done.refused)
        assert bodies(target, RAW) == [b"%PDF right"]


def test_refuses_a_stray_that_no_store_could_name(new_store: NewStore) -> None:
    source, target = new_store("directory"), new_store("directory")
    assert isinstance(source, Directory)
    (source.root / "notes (1).txt").write_text("mine")
    put(source, "stray.txt", b"stray")
    done = mirror(source, target, progress=quiet)
    assert len(done.refused) == 1
    assert "notes (1).txt" in done.refused[0]
    assert histories(target) == {"stray.txt": [b"stray"]}
    assert isinstance(target, Directory)
    (target.root / "notes (1).txt").write_text("mine")
    (source.root / "link").symlink_to(source.root)
    (target.root / "link").symlink_to(source.root)
    again = mirror(source, target, progress=quiet)
    assert [why.split(",")[0] for why in again.refused] == ["link", "notes (1).txt"]
    assert (again.copied, again.skipped) == (0, 1)


def test_refuses_each_version_of_what_only_a_bucket_can_name(new_store: NewStore) -> None:
    source, target = new_store("moto"), new_store("directory")
    assert isinstance(source, S3)
    for body in (b"mine", b"mine still"):
        name = f"{source.prefix}notes (1).txt"
        source.set_up.client.put_object(Bucket=source.bucket, Key=name, Body=body)
    fill(source)
    done = mirror(source, target, progress=quiet)
    assert (done.copied, len(done.refused)) == (16, 2)
    assert all("is no object key" in why for why in done.refused)


def test_names_no_fact_that_was_written_meanwhile(new_store: NewStore) -> None:
    source, target = new_store("directory"), new_store("directory")
    fill(source)

    class Busy(Counted):
        """Another run files a fact, and a manifest that names it, while the mirror lists."""

        def versions(self, prefix: str) -> Any:
            yield from super().versions(prefix)
            put(self.objects, f"captures/ice_ddor/late-{len(self.lists)}.json", b"late")
            put(self.objects, "manifests/ice_ddor.json", b"names %d" % len(self.lists))

    mirror(Busy(source), target, progress=quiet)
    assert target.get("manifests/ice_ddor.json") == b"manifest 3"


class Keeping(Counted):
    """A store in which this user may not delete."""

    def delete(self, key: str) -> None:
        raise StoreUnreachableError(self.name, f"refuses to delete {key}")


def test_goes_on_where_the_target_takes_no_deletion(new_store: NewStore) -> None:
    source, target = new_store("directory"), Keeping(new_store("directory"))
    fill(source)
    mirror(source, target, progress=quiet)
    source.delete(RAW)
    put(source, "manifests/ice_ddor.json", b"manifest 4")
    for copied in (1, 0):
        done = mirror(source, target, progress=quiet)
        (raw, _) = sorted(done.refused)
        assert (done.copied, raw.split(", ")[0]) == (copied, RAW)
        assert "it was deleted, and is held on there" in raw
    put(source, RAW, b"%PDF right")
    counts = [mirror(source, target, progress=quiet).copied for _ in range(3)]
    assert (counts, bodies(target, RAW)) == ([1, 0, 0], [b"%PDF right"] * 2)
    source.delete(RAW)
    done = mirror(source, target, progress=quiet)
    assert (done.copied, RAW in str(done.refused)) == (0, True)


def test_what_is_others_stands_in_nobodys_way(new_store: NewStore) -> None:
    """A bucket may have an object `raw` beside `raw/…`; a folder may not."""
    source, target = new_store("moto"), new_store("directory")
    fill(source)
    put(source, "raw", b"somebody's")
    put(source, "site", b"somebody's")
    for copied in (16, 0):
        done = mirror(source, target, progress=quiet)
        assert done.copied == copied
        assert [why.split(", ")[0] for why in done.refused] == ["raw", "site"]
    assert target.get(RAW) == b"%PDF right"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_brings_over_large_files(
    one: str, other: str, new_store: NewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 1 << 20)
    monkeypatch.setattr(s3_upload, "_PART_BYTES", 5 << 20)
    source, target = new_store(one), Counted(new_store(other))
    file = tmp_path / "large.pdf"
    file.write_bytes(bytes(range(256)) * (9 << 12) + b"end")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    source.put(f"raw/ice_ddor/{digest}.pdf", file, sha256=digest)
    assert mirror(source, target, progress=quiet).copied == 1
    assert target.get(f"raw/ice_ddor/{digest}.pdf") == file.read_bytes()
    assert mirror(source, target, progress=quiet).copied == 0
