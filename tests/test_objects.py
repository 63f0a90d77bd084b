"""The contract of a store, held against every kind of store that there is."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import s3_upload
from storage.errors import FixityError, MissingError
from storage.objects import Objects, Put, put_all, read_verified


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def put(objects: Objects, key: str, body: bytes) -> str:
    version_id = objects.put(key, body, sha256=sha256(body))
    assert version_id
    return version_id


def bodies(objects: Objects, key: str) -> list[bytes | None]:
    """What every version of a key holds, oldest first; None for a delete marker."""
    found = [
        None if entry.is_deleted else objects.get(key, version_id=entry.version_id)
        for entry in objects.versions(key)
        if entry.key == key
    ]
    return found[::-1]


def test_gives_back_what_was_put(objects: Objects) -> None:
    version_id = put(objects, "raw/a/b.pdf", b"body")
    assert objects.get("raw/a/b.pdf") == b"body"
    assert objects.get("raw/a/b.pdf", version_id=version_id) == b"body"
    found = objects.find("raw/a/b.pdf")
    assert found
    assert (found.size_bytes, found.version_id) == (4, version_id)


def test_takes_a_file_and_an_empty_body(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(b"%PDF" * 100_000)
    objects.put("raw/a.pdf", file, sha256=sha256(file.read_bytes()))
    put(objects, "raw/empty", b"")
    assert objects.get("raw/a.pdf") == file.read_bytes()
    assert objects.get("raw/empty") == b""
    with objects.open("raw/a.pdf") as opened:
        assert (opened.read(4), opened.read(2)) == (b"%PDF", b"%P")


def test_takes_several_at_once_as_one_after_the_other(objects: Objects, tmp_path: Path) -> None:
    put(objects, "raw/a", b"old")
    file = tmp_path / "b"
    file.write_bytes(b"%PDF" * 100_000)
    told = {"raw/a": b"new", "captures/c": b"{}", "captures/empty": b""}
    puts = [Put(key=key, body=body, sha256=sha256(body)) for key, body in told.items()]
    told["raw/b"] = file.read_bytes()
    put_all(objects, [Put(key="raw/b", body=file, sha256=sha256(told["raw/b"]))], puts)
    assert {entry.key: objects.get(entry.key) for entry in objects.list("")} == told
    assert bodies(objects, "raw/a") == [b"old", b"new"]


def test_of_several_at_once_none_is_stored_as_what_it_is_not(objects: Objects) -> None:
    put(objects, "raw/a", b"old")
    puts = [
        Put(key="raw/a", body=b"new", sha256=sha256(b"other")),
        Put(key="raw/b", body=b"good", sha256=sha256(b"good")),
    ]
    with pytest.raises(FixityError, match="raw/a"):
        put_all(objects, puts)
    assert bodies(objects, "raw/a") == [b"old"]
    assert [objects.get(entry.key) for entry in objects.list("raw/b")] in ([], [b"good"])
    later = Put(key="captures/a", body=b"good", sha256=sha256(b"good"))
    with pytest.raises(FixityError, match="raw/a"):
        put_all(objects, puts, [later])
    assert objects.find(later.key) is None
    with pytest.raises(ValueError, match="no object key"):
        put_all(objects, [*puts[1:], Put(key="../c", body=b"", sha256=sha256(b""))])


def test_sends_a_large_file_in_parts(
    objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 1 << 20)
    monkeypatch.setattr(s3_upload, "_PART_BYTES", 5 << 20)
    file = tmp_path / "large.pdf"
    file.write_bytes(bytes(range(256)) * (11 << 12))
    digest = sha256(file.read_bytes())
    assert objects.put("raw/large.pdf", file, sha256=digest)
    assert read_verified(objects, "raw/large.pdf", digest) == (file.read_bytes(), None)
    with pytest.raises(FixityError):
        objects.put("raw/other.pdf", file, sha256=sha256(b"other"))
    assert [entry.key for entry in objects.versions("")] == ["raw/large.pdf"]


def test_what_is_not_there_is_missing(objects: Objects) -> None:
    put(objects, "a/b", b"body")
    assert objects.find("a") is None
    assert objects.find("a/b.pdf") is None
    assert objects.find("a/b", version_id="99999999") is None
    for key in ("a", "a/b.pdf", "a/b/c"):
        with pytest.raises(MissingError) as caught:
            objects.get(key)
        assert caught.value.key == key
    with pytest.raises(KeyError):
        objects.get("a/b", version_id="99999999")
    with pytest.raises(MissingError), objects.open("c"):
        pass
    assert list(objects.list("c/")) == []
    assert list(objects.versions("c/")) == []


def test_keeps_what_is_replaced_newest_first(objects: Objects) -> None:
    ids = [put(objects, "manifests/a.json", b"%d" % number) for number in range(12)]
    entries = list(objects.versions("manifests/"))
    assert [entry.version_id for entry in entries] == ids[::-1]
    assert [entry.is_current for entry in entries] == [True] + [False] * 11
    assert [entry.size_bytes for entry in entries] == [2, 2] + [1] * 10
    assert bodies(objects, "manifests/a.json") == [b"%d" % number for number in range(12)]
    assert [entry.key for entry in objects.list("")] == ["manifests/a.json"]


def test_makes_a_version_even_of_equal_bytes(objects: Objects) -> None:
    assert put(objects, "a", b"same") != put(objects, "a", b"same")
    assert bodies(objects, "a") == [b"same", b"same"]


def test_deleting_hides_and_loses_nothing(objects: Objects) -> None:
    first = put(objects, "a/b", b"1")
    put(objects, "a/b", b"2")
    objects.delete("a/b")
    objects.delete("a/b")
    objects.delete("never/there")
    assert objects.find("a/b") is None
    assert list(objects.list("")) == []
    with pytest.raises(MissingError):
        objects.get("a/b")
    assert bodies(objects, "a/b") == [b"1", b"2", None]
    assert not any(entry.is_current for entry in objects.versions(""))
    marker = next(objects.versions("a/b")).version_id
    with pytest.raises(MissingError):
        objects.get("a/b", version_id=marker)
    put(objects, "a/b", b"3")
    assert objects.get("a/b") == b"3"
    assert objects.get("a/b", version_id=first) == b"1"


def test_lists_in_the_order_of_keys(objects: Objects) -> None:
    keys = ["a-b/1", "a.b", "a/b", "a/b.c/d", "a/b0", "a0", "b/1/2/3", "b/10", "b/2"]
    for key in reversed(keys):
        put(objects, key, key.encode())
    assert [entry.key for entry in objects.list("")] == sorted(keys) == keys
    assert [entry.size_bytes for entry in objects.list("")] == [len(key) for key in keys]
    assert [entry.key for entry in objects.list("a/b")] == ["a/b", "a/b.c/d", "a/b0"]
    assert [entry.key for entry in objects.list("b/1")] == ["b/1/2/3", "b/10"]
    assert [entry.key for entry in objects.list("a/")] == ["a/b", "a/b.c/d", "a/b0"]
    for after in [*keys, "a/", "a/b.", "b/1/", "b/1/2/4", "z"]:
        expected = [key for key in keys if key > after]
        assert [entry.key for entry in objects.list("", after=after)] == expected
        expected = [key for key in expected if key.startswith("b/")]
        assert [entry.key for entry in objects.list("b/", after=after)] == expected
    put(objects, "a/b", b"again")
    expected = sorted([*keys, "a/b"])
    assert [entry.key for entry in objects.versions("")] == expected
    assert [entry.key for entry in objects.versions("a/b")] == ["a/b", "a/b", "a/b.c/d", "a/b0"]


@pytest.mark.slow
def test_lists_more_than_a_page(objects: Objects) -> None:
    keys = [f"runs/a/{number:05}.json" for number in range(1_003)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: put(objects, key, b"1"), keys))
        list(pool.map(lambda key: put(objects, key, b"2"), keys[:500]))
    assert [entry.key for entry in objects.list("runs/")] == keys
    assert [entry.key for entry in objects.list("runs/", after=keys[2])] == keys[3:]
    assert [entry.key for entry in objects.versions("")] == sorted(keys + keys[:500])


def test_refuses_bytes_that_are_not_the_ones_meant(objects: Objects, tmp_path: Path) -> None:
    put(objects, "a", b"old")
    file = tmp_path / "new"
    file.write_bytes(b"new")
    for body in (b"new", file):
        with pytest.raises(FixityError) as caught:
            objects.put("a", body, sha256=sha256(b"other"))
        assert (caught.value.expected, caught.value.found) == (sha256(b"other"), sha256(b"new"))
    assert bodies(objects, "a") == [b"old"]


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "é", "a b", "a\n", ".tmp/a", ".versions/a"],
)
def test_refuses_what_is_no_key(objects: Objects, key: str) -> None:
    for ask in (objects.get, objects.find, objects.delete):
        with pytest.raises(ValueError, match="is no object key"):
            ask(key)
    with pytest.raises(ValueError, match="is no object key"):
        put(objects, key, b"body")
    assert list(objects.versions("")) == []


@pytest.mark.parametrize("prefix", ["/", "../", "a//", ".versions/", ".tmp/"])
def test_lists_nothing_beyond_the_store(objects: Objects, prefix: str) -> None:
    with pytest.raises(ValueError, match="is no object key"):
        list(objects.list(prefix))


def test_writers_of_one_key_at_once_lose_nothing(objects: Objects) -> None:
    written = {b"%d" % number for number in range(40)}
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda body: put(objects, "manifests/a.json", body), written))
    assert len(ids) == 40
    found = bodies(objects, "manifests/a.json")
    assert len(found) == 40
    assert set(found) == written
    assert objects.get("manifests/a.json") == found[-1]


def test_readers_see_the_old_or_the_new_and_nothing_else(objects: Objects) -> None:
    old, new = b"o" * 300_000, b"n" * 200_000
    put(objects, "site/index.html", old)
    done = threading.Event()

    def write() -> None:
        for body in (new, old) * 5:
            put(objects, "site/index.html", body)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(objects.get("site/index.html"))
        assert [entry.key for entry in objects.list("")] == ["site/index.html"]
    writer.join()
    assert seen <= {old, new}


def test_finds_the_right_bytes_when_a_key_was_overwritten(objects: Objects) -> None:
    version_id = put(objects, "raw/a.pdf", b"right")
    digest = sha256(b"right")
    assert read_verified(objects, "raw/a.pdf", digest) == (b"right", None)
    put(objects, "raw/a.pdf", b"wrong")
    put(objects, "raw/a.pdf", b"worse")
    for known in (version_id, None, "99999999"):
        body, warning = read_verified(objects, "raw/a.pdf", digest, version_id=known)
        assert body == b"right"
        assert warning is not None
        assert "raw/a.pdf was overwritten" in warning
        assert version_id in warning


def test_finds_the_right_bytes_when_a_key_was_deleted(objects: Objects) -> None:
    put(objects, "raw/a.pdf", b"right")
    put(objects, "raw/a.pdf.old", b"another")
    objects.delete("raw/a.pdf")
    body, warning = read_verified(objects, "raw/a.pdf", sha256(b"right"))
    assert body == b"right"
    assert warning is not None
    assert "was deleted" in warning


def test_gives_no_bytes_whose_digest_differs(objects: Objects) -> None:
    put(objects, "raw/a.pdf", b"wrong")
    put(objects, "raw/a.pdf", b"worse")
    with pytest.raises(FixityError) as caught:
        read_verified(objects, "raw/a.pdf", sha256(b"right"))
    assert caught.value.found == sha256(b"worse")
    with pytest.raises(MissingError):
        read_verified(objects, "raw/b.pdf", sha256(b"right"))
