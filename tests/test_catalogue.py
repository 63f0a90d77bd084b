"""The researcher's library: what is held, as of when, as known when; verified on every read."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from storage import layout
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.errors import FixityError, NotHeldError, StoreUnreachableError
from storage.objects import Objects
from tests import histories
from tests.filing import Row, file, look, reading
from tests.histories import NEWER, PARSER, SOURCE, body, digest, on

FIRST, SECOND = "2017-01-28", "2017-02-04"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    histories.fill(Directory(folder / "archive"))
    return folder / "archive"


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Objects:
    return Directory(Path(shutil.copytree(filled, tmp_path / "archive")))


@pytest.fixture
def held(store: Objects) -> Catalogue:
    return Catalogue(store)


def test_opens_a_folder_by_its_name_or_path(store: Objects) -> None:
    for name in (store.name, Path(store.name)):
        assert Catalogue(name).editions(SOURCE) == [FIRST, SECOND]


def test_makes_no_folder_where_none_is(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="is not there"):
        Catalogue(tmp_path / "nosuch").sources()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_reads_without_prefect_scrapers_and_what_reads_pdfs(store: Objects) -> None:
    code = (
        "import sys; from storage.catalogue import Catalogue; "
        f"assert Catalogue({store.name!r}).records('{SOURCE}', table='issued').num_rows; "
        "sys.exit(bool({'prefect', 'scrapers', 'flows', 'pdfplumber', 'httpx'} & {*sys.modules}))"
    )
    root = Path(__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0


def test_writes_nothing(store: Objects, held: Catalogue) -> None:
    before = {p: p.stat().st_mtime_ns for p in Path(store.name).rglob("*")}
    held.records(SOURCE, known=on(3))
    held.original(SOURCE, FIRST)
    held.diff(SOURCE, FIRST)
    assert {p: p.stat().st_mtime_ns for p in Path(store.name).rglob("*")} == before


def test_gives_what_the_agency_had_published_by_a_day(held: Catalogue) -> None:
    day = "2017-03-25"
    assert held.choose(SOURCE, FIRST, as_of=day).version == held.versions(SOURCE, FIRST)[0]
    assert held.original(SOURCE, FIRST, as_of=day) == body("one")
    assert held.original(SOURCE, FIRST, as_of=date(2017, 3, 27)) == body("two")
    assert held.records(SOURCE, FIRST, as_of=on(1))["version"].to_pylist() == [1] * 3
    assert len(held.versions(SOURCE, FIRST, as_of=day)) == 1
    assert held.editions(SOURCE, as_of="2017-03-01") == []


def test_what_was_found_later_was_published_then_but_not_known_then(store: Objects) -> None:
    older = reading("old", "2017-01-21", issued=[{"county": "Clark", "issued": 3}])
    before = on(-30)
    file(store, "old", older, written_at=on(40), seen_at=before, via="wayback")
    held = Catalogue(store)
    assert held.editions(SOURCE, as_of=on(-20)) == ["2017-01-21"]
    assert held.editions(SOURCE, known=on(30)) == [FIRST, SECOND]
    assert held.original(SOURCE, "2017-01-21", as_of=on(-20)) == body("old")
    with pytest.raises(NotHeldError, match="2017-01-21 is not held"):
        held.records(SOURCE, "2017-01-21", known=on(30))
    with pytest.raises(NotHeldError, match="known by 2017-02-18"):
        held.manifest(SOURCE, known=on(-30))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("2017-02-17T14:00:00", "as of 2017-02-17 14:00 is.* seen 2017-02-18 14:00$"),
        ("2017-02-18T13:59:59", "as of 2017-02-18 13:59 is.* seen 2017-02-18 14:00$"),
        ("2017-02-18T14:00:00", "as of 2017-02-18 14:00:00 is.* seen 2017-02-18 14:00:30$"),
        ("2017-02-18T14:00:30", "14:00:30.000000 is not held.* seen 2017-02-18 14:00:30.500000$"),
    ],
)
def test_a_time_before_the_first_sighting_does_not_look_like_it(
    store: Objects, asked: str, says: str
) -> None:
    older = reading("old", "2017-01-21", issued=[{"county": "Clark", "issued": 3}])
    seen_at = on(-30) + timedelta(seconds=30.5)
    file(store, "old", older, written_at=on(40), seen_at=seen_at, via="wayback")
    with pytest.raises(NotHeldError, match=says):
        Catalogue(store).choose(SOURCE, "2017-01-21", as_of=asked)


def test_knows_what_a_manifest_said_then(store: Objects, held: Catalogue) -> None:
    then = held.manifest(SOURCE, known=on(3))
    assert [v.document.digest for v in then.versions(FIRST)] == [digest("one")]
    now = look(store, "two", at=on(50))
    known = Catalogue(store).manifest(SOURCE, known=on(20))
    assert known == held.manifest(SOURCE)
    assert known != now


def test_what_was_read_later_was_not_known_before(store: Objects) -> None:
    again = histories.reading("one", 9, parser=NEWER)
    file(store, "one", again, written_at=on(60))
    held = Catalogue(store)
    told = held.manifest(SOURCE, known=on(30)).documents[digest("one")]
    assert list(told.tables) == [PARSER]
    assert list(held.manifest(SOURCE).documents[digest("one")].tables) == [PARSER, NEWER]


def test_records_have_typed_columns(store: Objects) -> None:
    rows: list[Row] = [
        {"county": "Clark", "issued": 3, "on": "2017-02", "criteria": ("a", "b"), "none": None},
        {"county": None, "issued": None, "on": "2017-02-03", "criteria": (), "none": None},
    ]
    file(store, "new", reading("new", "2017-02-11", issued=rows), written_at=on(40))
    found = Catalogue(store).records(SOURCE, "2017-02-11")
    assert {field.name: str(field.type) for field in found.schema} == {
        "edition": "string",
        "version": "int64",
        "digest": "string",
        "first_seen": "timestamp[us, tz=UTC]",
        "last_seen": "timestamp[us, tz=UTC]",
        "row": "int64",
        "county": "string",
        "issued": "int64",
        "on": "string",
        "criteria": "list<item: string>",
        "none": "null",
        "page": "int64",
        "parser": "int64",
        "cells": "string",
        "boxes": "string",
    }
    assert found["criteria"].to_pylist() == [["a", "b"], []]
    assert json.loads(found["cells"][0].as_py())["county"] == "Clark"


def test_gives_every_version_or_the_last_shown_of_all_editions(held: Catalogue) -> None:
    told = held.records(SOURCE, every_version=True)
    assert [*zip(told["edition"].to_pylist(), told["version"].to_pylist(), strict=True)] == (
        [(FIRST, 1)] * 3 + [(FIRST, 2)] * 3 + [(SECOND, 1)] * 5
    )
    assert held.records(SOURCE)["version"].to_pylist() == [2] * 3 + [1] * 5


def test_says_which_tables_there_are(store: Objects) -> None:
    two = reading("both", "2017-02-11", issued=[{"county": "Clark"}], declined=[{"lea": "A"}])
    file(store, "both", two, written_at=on(40))
    held = Catalogue(store)
    with pytest.raises(NotHeldError, match="held: issued, declined"):
        held.records(SOURCE)
    with pytest.raises(NotHeldError, match="table nosuch is not held"):
        held.records(SOURCE, table="nosuch")
    assert held.records(SOURCE, table="declined")["lea"].to_pylist() == ["A"]


def test_compares_what_stood_on_a_day_with_what_stands_now(store: Objects) -> None:
    rows: list[Row] = [{"county": f"County {number}", "issued": number} for number in range(2)]
    fewer = reading("fewer", FIRST, issued=rows)
    file(store, "fewer", fewer, written_at=on(40))
    held = Catalogue(store)
    removed = [
        row["county"] for row in held.diff(SOURCE, FIRST, as_of="2017-03-25")["issued"].removed
    ]
    assert removed == ["County 2"]
    assert held.diff(SOURCE, FIRST, 1, 2)["issued"].removed == ()
    with pytest.raises(NotHeldError, match="version 0"):
        held.diff(SOURCE, SECOND)


@pytest.mark.parametrize("kind", ["raw", "tables"])
def test_refuses_what_is_not_as_recorded(store: Objects, held: Catalogue, kind: str) -> None:
    key = {
        "raw": layout.raw(SOURCE, digest("two"), "pdf"),
        "tables": layout.table(SOURCE, digest("two"), PARSER),
    }[kind]
    (Path(store.name) / key).write_bytes(b"{}")
    with pytest.raises(FixityError):
        held.original(SOURCE, FIRST) if kind == "raw" else held.records(SOURCE)
    with pytest.raises(FixityError):
        held.original(SOURCE, FIRST) if kind == "raw" else held.manifest(SOURCE, known=on(20))


def test_what_is_no_date_is_refused(held: Catalogue) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        held.choose(SOURCE, FIRST, as_of="nonsense")


def test_nothing_asked_for_is_not_what_is_newest(held: Catalogue) -> None:
    """As where a script's variable is empty."""
    for ask in (held.choose, held.versions, held.records):
        with pytest.raises(ValueError, match="''"):
            ask(SOURCE, FIRST, as_of="")
    with pytest.raises(ValueError, match="''"):
        held.editions(SOURCE, as_of="")
    with pytest.raises(NotHeldError, match="digest ''"):
        held.choose(SOURCE, FIRST, digest="")


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_time_out_of_the_calendar_is_no_time(held: Catalogue, at: str) -> None:
    for asked in (at, datetime.fromisoformat(at)):
        with pytest.raises(ValueError, match="out of the calendar"):
            held.choose(SOURCE, FIRST, as_of=asked)
        with pytest.raises(ValueError, match="out of the calendar"):
            held.editions(SOURCE, known=asked)


def test_saving_takes_nobodys_file_away(held: Catalogue, tmp_path: Path) -> None:
    others = [tmp_path / "report.pdf.part", tmp_path / ".report.pdf.part"]
    for path in others:
        path.write_text("somebody's")
    held.save(held.choose(SOURCE, FIRST), tmp_path / "report.pdf")
    assert [path.read_text() for path in others] == ["somebody's"] * 2
    assert (tmp_path / "report.pdf").read_bytes() == held.original(SOURCE, FIRST)
    assert {*tmp_path.iterdir()} == {*others, tmp_path / "report.pdf", tmp_path / "archive"}


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_what_is_saved_may_be_read_as_any_new_file(
    held: Catalogue, tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        held.save(held.choose(SOURCE, FIRST), tmp_path / "report.pdf")
    finally:
        os.umask(before)
    assert (tmp_path / "report.pdf").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("name", ["as_of", "known"])
def test_no_text_is_no_date(held: Catalogue, name: str) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        held.original(SOURCE, FIRST, **{name: ""})  # type: ignore[arg-type] # by name


def test_what_cannot_be_saved_leaves_nothing(store: Objects, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "report.pdf").mkdir(parents=True)
    held = Catalogue(store)
    with pytest.raises(OSError, match="directory"):
        held.save(held.choose(SOURCE, FIRST), folder / "report.pdf")
    (Path(store.name) / held.choose(SOURCE, FIRST).key).write_bytes(b"other")
    with pytest.raises(FixityError):
        held.save(held.choose(SOURCE, FIRST), folder / "other.pdf")
    assert [path.name for path in folder.iterdir()] == ["report.pdf"]
