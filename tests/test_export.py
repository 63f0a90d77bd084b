"""Exports: a BagIt bag that is itself a store, and WARC, both verified on the way out."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import bagit
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from storage import bag, layout, warc
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.errors import FixityError
from storage.fixity import verify
from storage.ledger import Manifest
from tests import histories
from tests.filing import file, reading
from tests.histories import SOURCE, body, digest, on
from tests.test_cli import call

TODAY = date(2017, 5, 1)
BIN = Path(sys.prefix) / "bin"
INDEXER = "cdxj-indexer==1.5.0"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    histories.fill(Directory(folder / "archive"))
    return folder / "archive"


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Directory:
    return Directory(Path(shutil.copytree(filled, tmp_path / "archive")))


def held(store: Directory) -> Manifest:
    return Catalogue(store).manifest(SOURCE)


class Inputs:
    """What warcio's own check is asked to look at."""

    def __init__(self, path: Path) -> None:
        self.inputs = [str(path)]
        self.verbose = False


def records(path: Path) -> list[tuple[str, str, bytes]]:
    """Kind, address and payload of each record of a WARC file that passes warcio's check."""
    assert Checker(Inputs(path)).process_all() == 0
    with path.open("rb") as stream:
        return [
            (each.rec_type, each.rec_headers["WARC-Target-URI"], each.content_stream().read())
            for each in ArchiveIterator(stream, check_digests="raise")
        ]


def test_a_bag_is_valid_and_is_itself_a_whole_archive(store: Directory, tmp_path: Path) -> None:
    told: list[int] = []
    exported = bag.write(
        store, [held(store)], tmp_path / "bag", on=TODAY, progress=lambda n, of: told.append(of - n)
    )
    made = bagit.Bag(str(tmp_path / "bag"))
    assert made.is_valid()
    assert made.info["Payload-Oxum"] == f"{exported.size_bytes}.{exported.objects}"
    other = Directory(tmp_path / "bag" / "data", create=False)
    assert verify(other, SOURCE).findings == []
    assert Catalogue(other).manifest(SOURCE) == held(store)
    assert Catalogue(other).original(SOURCE, "2017-01-28", number=1) == body("one")
    assert told == [*range(exported.objects - 1, -1, -1)]


def test_a_bag_of_an_archive_that_goes_on_is_whole(store: Directory, tmp_path: Path) -> None:
    index = Catalogue(store).manifest(SOURCE)
    found = histories.reading("three", 5, edition="2017-02-11")
    file(store, "three", found, written_at=on(30))  # by a run, meanwhile
    bag.write(store, [index], tmp_path / "bag", on=TODAY)
    inside = Directory(tmp_path / "bag" / "data")
    assert verify(inside, SOURCE).findings == []
    assert Catalogue(inside).original(SOURCE, "2017-02-11") == body("three")


def test_a_bag_whose_bytes_were_changed_is_no_longer_valid(
    store: Directory, tmp_path: Path
) -> None:
    bag.write(store, [held(store)], tmp_path / "bag", on=TODAY)
    key = layout.raw(SOURCE, digest("one"), "pdf")
    (tmp_path / "bag" / "data" / key).write_bytes(b"%PDF-forged")
    assert not bagit.Bag(str(tmp_path / "bag")).is_valid()


@pytest.mark.parametrize("form", ["bag", "warc"])
def test_nothing_is_overwritten_and_nothing_left_behind(
    store: Directory, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "out"
    target.write_text("precious")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        export(form, store, target)
    target.unlink()
    (store.root / layout.raw(SOURCE, digest("two"), "pdf")).write_bytes(b"%PDF-forged")
    with pytest.raises(FixityError):
        export(form, store, target)
    assert sorted(tmp_path.iterdir()) == [each for each in before if each != target]


def test_a_warc_takes_nobodys_unfinished_file_away(store: Directory, tmp_path: Path) -> None:
    other = tmp_path / ".x.warc.part"
    other.write_text("somebody's")
    warc.write(store, [held(store)], tmp_path / "x.warc")
    assert other.read_text() == "somebody's"


def export(form: str, store: Directory, target: Path) -> None:
    if form == "bag":
        bag.write(store, [held(store)], target, on=TODAY)
    else:
        warc.write(store, [held(store)], target)


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_warc_has_each_capture_and_page_with_its_digest(
    store: Directory, tmp_path: Path, name: str
) -> None:
    exported = warc.write(store, [held(store)], tmp_path / name)
    found = records(tmp_path / name)
    assert [kind for kind, _, _ in found] == (
        ["warcinfo"] + ["response", "metadata"] * 3 + ["resource"]
    )
    assert exported.objects == 4
    address = f"{histories.ORIGIN}/2017-01-28.pdf"
    assert ("response", address, body("one")) in found
    assert ("resource", "https://www.ice.gov/page", histories.PAGE) in found
    captures = [key for key in held(store).facts if key.startswith("captures/")]
    about = {to for kind, to, _ in found if kind == "metadata"}
    assert about == {f"urn:recordkeep:{key}" for key in captures}
    with (tmp_path / name).open("rb") as stream:
        headers = [r.rec_headers for r in ArchiveIterator(stream) if r.rec_type == "response"]
    assert f"sha256:{digest('one')}" in {each["WARC-Payload-Digest"] for each in headers}
    assert len({each["WARC-Record-ID"] for each in headers}) == 3


@pytest.mark.slow
def test_players_find_the_document_at_its_address_and_nothing_else(
    store: Directory, tmp_path: Path
) -> None:
    """By the indexer of pywb's makers, in an environment of its own."""
    warc.write(store, [held(store)], tmp_path / "x.warc.gz")
    index = tmp_path / "venv" / "bin" / "cdxj-indexer"
    for command in (
        ("venv", "--python", sys.executable, "venv"),
        ("pip", "install", "--python", "venv/bin/python", INDEXER),
    ):
        subprocess.run([BIN / "uv", "--quiet", *command], cwd=tmp_path, check=True)
    made = subprocess.run([index, "x.warc.gz"], cwd=tmp_path, check=True, capture_output=True)
    told = [line.split(" ", 2) for line in made.stdout.decode().splitlines()]
    played = [json.loads(value) for address, _, value in told if address.startswith("gov,ice)/doc")]
    wanted = {f"sha256:{each}" for each in held(store).documents}
    assert {each["digest"] for each in played} == wanted
    assert len(played) == len(wanted)


def test_the_same_archive_gives_the_same_warc(store: Directory, tmp_path: Path) -> None:
    for name in ("a.warc.gz", "b.warc.gz"):
        warc.write(store, [held(store)], tmp_path / name)
    one, other = ((tmp_path / name).read_bytes() for name in ("a.warc.gz", "b.warc.gz"))
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def test_headers_and_addresses_cannot_break_out_of_their_record(
    store: Directory, tmp_path: Path
) -> None:
    headers = {
        "content-encoding": "gzip",
        "content-length": "7",
        "x-evil": "a\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK",
        "x-name\r\nx-more": "é\u2028",
    }
    url = 'https://www.ice.gov/a b\r\nWARC-Type: warcinfo/é%20.pdf?q="<x>'
    found = reading("odd", "2017-02-11", issued=[{"county": "Clark"}])
    file(store, "odd", found, written_at=on(40), headers=headers, url=url)
    warc.write(store, [held(store)], tmp_path / "x.warc")
    told = records(tmp_path / "x.warc")
    assert [kind for kind, _, _ in told] == (
        ["warcinfo"] + ["response", "metadata"] * 4 + ["resource"]
    )
    kind, address, payload = told[7]
    assert (kind, payload) == ("response", body("odd"))
    assert address == (
        "https://www.ice.gov/a%20b%0D%0AWARC-Type:%20warcinfo/%C3%A9%20.pdf?q=%22%3Cx%3E"
    )
    with (tmp_path / "x.warc").open("rb") as stream:
        http = [each.http_headers for each in ArchiveIterator(stream)][7]
    names = [name for name, _ in http.headers]
    assert "content-encoding" not in names
    assert http["content-length"] == str(len(body("odd")))
    assert http["x-archive-orig-content-encoding"] == "gzip"
    assert "WARC-Type" not in names


def test_what_came_by_way_of_the_wayback_machine_says_so(store: Directory, tmp_path: Path) -> None:
    found = replace(reading("old", "2017-01-21", issued=[]))
    file(store, "old", found, written_at=on(40), seen_at=on(-30), via="wayback")
    warc.write(store, [held(store)], tmp_path / "x.warc")
    about = [json.loads(p) for kind, _, p in records(tmp_path / "x.warc") if kind == "metadata"]
    assert [each["via"] for each in about] == ["agency"] * 3 + ["wayback"]


def test_the_command_writes_both_and_refuses_what_it_cannot_do(
    store: Directory, tmp_path: Path
) -> None:
    asked = ("export", SOURCE, "--store", str(store.root))
    bagged = call(*asked, "--bagit", "out", "--json", cwd=tmp_path)
    assert (bagged.code, bagged.json["objects"], bagged.json["path"]) == (0, 13, "out")
    packed = call(*asked, "--warc", "out.warc.gz", cwd=tmp_path)
    assert packed.out.startswith(b"out.warc.gz: 4 captures and pages, ")
    refused = {
        ("--bagit", "out"): (2, "nothing is overwritten"),
        ("--warc", "no/such.warc"): (2, "there is no folder"),
        (): (2, "one of them"),
        ("--bagit", "a", "--warc", "b"): (2, "one of them"),
    }
    for options, (code, said) in refused.items():
        answer = call(*asked, *options, cwd=tmp_path)
        assert (answer.code, said in answer.err, answer.out) == (code, True, b"")
    unknown = call("export", "nosuch", "--warc", "x", "--store", str(store.root), cwd=tmp_path)
    assert (unknown.code, SOURCE in unknown.err) == (3, True)
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "out", "out.warc.gz"}


def test_commands_answer_as_known_by_a_day(store: Directory, tmp_path: Path) -> None:
    """The first run was on 2017-03-20, the second on 2017-03-27."""
    at = ("--store", str(store.root), "--known", "2017-03-25")
    told = call("versions", SOURCE, "2017-01-28", "--json", *at, cwd=tmp_path).json["versions"]
    assert [each["digest"] for each in told] == [digest("one")]
    got = call("get", SOURCE, "2017-01-28", "-o", "-", *at, cwd=tmp_path)
    assert got.out == body("one")
    rows = call("records", SOURCE, "--json", *at, cwd=tmp_path).json
    assert {row["digest"] for row in rows} == {digest("one"), digest("other")}
    early = call("records", SOURCE, *at[:3], "2017-03-01", cwd=tmp_path)
    assert (early.code, "known by 2017-03-01" in early.err) == (3, True)
    assert call("get", SOURCE, "2017-01-28", *at[:3], "soon", cwd=tmp_path).code == 2
