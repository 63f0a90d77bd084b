"""Datasets: every version's records as CSV, Parquet and SQLite, which nothing can break out of."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import layout
from storage.catalogue import Catalogue
from storage.datasets import publish, rolling
from storage.directory import Directory
from storage.documents import DocumentEntry
from storage.errors import FixityError
from storage.ledger import Manifest, Version
from storage.records import summary
from storage.site import nameless
from tests import histories
from tests.filing import ABOUT, Row, file, look, reading
from tests.histories import PARSER, SOURCE, digest, on
from tests.stores import Counted, NewStore, skip

FIRST = "2017-01-28"
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1+1",
    "'quoted'",
    '"; DROP TABLE issued; --',
    "a,b\nc\rd\x00e",
    "</script><script>alert(1)</script>",
    "../../etc/passwd",
    "🦉 \u202eevil\u2028line",
    "",
)
"""What a report may print in a cell."""


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


def folder(store: Directory) -> Path:
    return store.root / "datasets" / SOURCE


def sheet(store: Directory, name: str) -> list[dict[str, str]]:
    text = (folder(store) / f"{name}.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def parquet(store: Directory, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder(store) / f"{name}.parquet").to_pylist()
    return rows


def query(store: Directory, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder(store) / f"{SOURCE}.sqlite")) as database:
        return database.execute(sql).fetchall()


def all_bytes(store: Directory) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder(store).iterdir()}


def test_all_formats_have_every_versions_records(store: Directory) -> None:
    publish(store, held(store), ABOUT)
    wanted = Catalogue(store).records(SOURCE, every_version=True).to_pylist()
    assert parquet(store, "issued") == wanted
    names = [(row["digest"], str(row["version"]), row["county"]) for row in wanted]
    assert [(r["digest"], r["version"], r["county"]) for r in sheet(store, "issued")] == names
    told = query(store, "SELECT digest, CAST(version AS TEXT), county FROM issued")
    assert told == names
    assert {row["digest"] for row in sheet(store, "versions")} == {row[0] for row in names}


def test_the_database_holds_together_and_can_be_searched(store: Directory) -> None:
    publish(store, held(store), ABOUT)
    assert query(store, "PRAGMA foreign_key_check") == []
    refers = {(row[2], row[3], row[4]) for row in query(store, "PRAGMA foreign_key_list(issued)")}
    assert refers == {("editions", "edition", "edition"), ("versions", "digest", "digest")}
    found = query(store, "SELECT count(*) FROM issued_fts WHERE issued_fts MATCH 'county AND 2'")
    assert found == [(3,)]
    assert query(store, "PRAGMA integrity_check") == [("ok",)]


def test_a_quiet_week_rewrites_nothing_and_last_seen_is_as_of_the_last_change(
    store: Directory,
) -> None:
    assert publish(store, held(store), ABOUT)
    before = all_bytes(store)
    for week in (1, 2, 3):
        later = look(store, "two", at=on(7 + 7 * week))
        assert publish(store, later, ABOUT) == []
    assert all_bytes(store) == before
    last = {row["version"]: row["last_seen"][:10] for row in sheet(store, "versions")}
    assert last["2"] == "2017-03-27"


def test_what_changed_is_rewritten_and_nothing_else(store: Directory) -> None:
    publish(store, held(store), ABOUT)
    notices = (folder(store) / "editions.csv").stat().st_mtime_ns
    new = reading("new", "2017-02-11", issued=[{"county": "Clark", "issued": 3}])
    written = publish(store, file(store, "new", new, written_at=on(40)), ABOUT)
    assert written[-1] == layout.dataset(SOURCE, "datapackage.json")
    assert layout.dataset(SOURCE, "issued.csv") in written
    assert layout.dataset(SOURCE, "notices.csv") not in written
    assert (folder(store) / "editions.csv").stat().st_mtime_ns != notices


def test_the_same_manifest_gives_the_same_bytes(store: Directory, tmp_path: Path) -> None:
    other = Directory(Path(shutil.copytree(store.root, tmp_path / "other")))
    publish(store, held(store), ABOUT)
    publish(other, held(other), ABOUT)
    assert all_bytes(store) == all_bytes(other)


def test_what_is_missing_is_put_back(store: Directory) -> None:
    publish(store, held(store), ABOUT)
    (folder(store) / "issued.csv").unlink()
    assert publish(store, held(store), ABOUT) == [layout.dataset(SOURCE, "issued.csv")]
    (folder(store) / "datapackage.json").write_bytes(b"[]")
    assert publish(store, held(store), ABOUT) == [layout.dataset(SOURCE, "datapackage.json")]


def test_a_damaged_table_publishes_nothing(store: Directory) -> None:
    (store.root / layout.table(SOURCE, digest("two"), PARSER)).write_bytes(b"{}")
    with pytest.raises(FixityError):
        publish(store, held(store), ABOUT)
    assert not folder(store).exists()


def test_hostile_texts_arrive_as_they_are_and_are_harmless_in_csv(store: Directory) -> None:
    rows: list[Row] = [{"county": text, "criteria": (text,)} for text in HOSTILE]
    manifest = file(store, "bad", reading("bad", "2017-02-11", issued=rows), written_at=on(40))
    publish(store, manifest, ABOUT)
    chosen = [row for row in parquet(store, "issued") if row["edition"] == "2017-02-11"]
    assert [(row["county"], row["criteria"]) for row in chosen] == [(t, [t]) for t in HOSTILE]
    sql = "SELECT county FROM issued WHERE edition = '2017-02-11' ORDER BY row"
    assert [row[0] for row in query(store, sql)] == list(HOSTILE)
    flat = [row["county"] for row in sheet(store, "issued") if row["edition"] == "2017-02-11"]
    assert [text.removeprefix("'") for text in flat[:8]] == list(HOSTILE[:8])
    begins = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")
    assert not any(text.startswith(begins) for text in flat)
    assert query(store, "PRAGMA integrity_check") == [("ok",)]


def test_a_number_beyond_all_formats_is_kept_as_text(store: Directory) -> None:
    rows: list[Row] = [{"county": "A", "count": 10**30}, {"county": "B", "count": 7}]
    found = reading("huge", "2017-02-11", huge=rows)
    publish(store, file(store, "huge", found, written_at=on(40)), ABOUT)
    wanted = [str(10**30), "7"]
    assert [row["count"] for row in parquet(store, "huge")] == wanted
    assert [row[0] for row in query(store, "SELECT count FROM huge ORDER BY row")] == wanted


def test_hostile_words_about_a_series_break_out_of_nothing(store: Directory) -> None:
    bad = '"]: evil\n- x: | <script>`*_#'
    publish(store, held(store), replace(ABOUT, agency=bad, title=bad, fields={"county": bad}))
    assert json.loads((folder(store) / "datapackage.json").read_bytes())["title"] == bad
    told = (folder(store) / "DICTIONARY.md").read_text()
    assert "<script>" not in told
    assert told.startswith('# "\\]: evil - x: \\| \\<script\\>\\`\\*\\_\\#\n')
    cited = (folder(store) / "CITATION.cff").read_text().splitlines()
    assert sum(line.startswith("  - name: ") for line in cited) == 1
    assert "- x: |" not in cited


def test_names_of_tables_and_fields_cannot_collide_or_break_out(store: Directory) -> None:
    odd: Row = {'a"); DROP TABLE issued;--': "x", "digest": "d", "rank": "r"}
    found = reading("odd", "2017-02-11", versions=[odd], issued=[{"county": "Clark"}])
    manifest = file(store, "odd", found, written_at=on(40))
    publish(store, manifest, ABOUT)
    row = parquet(store, "versions_records")[0]
    assert (row["printed_digest"], row["digest"]) == ("d", digest("odd"))
    assert row['a"); DROP TABLE issued;--'] == "x"
    assert query(store, "SELECT count(*) FROM versions_records") == [(1,)]
    assert len(query(store, "SELECT * FROM issued")) == 12


def test_a_table_with_the_name_of_a_path_is_refused(store: Directory) -> None:
    found = reading("out", "2017-02-11", **{"../../x": [{"county": "Clark"}]})
    manifest = file(store, "out", found, written_at=on(40))
    with pytest.raises(ValueError, match="no object key"):
        publish(store, manifest, ABOUT)
    assert not folder(store).exists()


MONTHS = (
    {"2019-10": 1},
    {"2019-10": 1, "2019-11": 2},
    {"2019-10": 5, "2019-11": 2, "2019-12": 3},
    {"2019-11": 2, "2019-12": 3},
    {"2019-10": 5, "2019-11": 2, "2019-12": 3, "2020-01": 4},
    {"2019-10": 1, "2019-11": 2, "2019-12": 3},
)
"""What each version of a rolling edition says of its months: one grows, corrects, loses, and
goes back."""


def months(told: dict[str, int]) -> Sequence[Row]:
    """Two records a month, newest first, as the agency prints them."""
    rows: list[Row] = []
    for month, number in sorted(told.items(), reverse=True):
        for state in ("Iowa", "Ohio"):
            rows += [{"month": month, "state": state, "totals": number}]
    return rows


def test_a_rolling_edition_tells_each_reading_once_and_each_version_can_be_had(
    tmp_path: Path,
) -> None:
    store = Directory(tmp_path / "archive")
    for number, told in enumerate(MONTHS):
        found = reading(f"v{number}", "rolling", checks=months(told))
        found = replace(found, keys={"checks": ("month", "state")})
        manifest = file(store, f"v{number}", found, written_at=on(30 * number))
    publish(store, manifest, replace(ABOUT, keys={"checks": ("month", "state")}))
    for number, told in enumerate(MONTHS, start=1):
        sql = f"SELECT month, state, totals FROM checks_by_version WHERE of_version = {number}"
        wanted = {(row["month"], row["state"], row["totals"]) for row in months(told)}
        listed = query(store, sql)
        assert (len(listed), set(listed)) == (len(wanted), wanted)
    once = [
        (row["month"], row["totals"], row["version"], row["last_version"])
        for row in sheet(store, "checks")
        if row["state"] == "Iowa"
    ]
    assert once == [
        ("2019-10", "1", "1", "2"),
        ("2019-11", "2", "2", "6"),
        ("2019-12", "3", "3", "6"),
        ("2019-10", "5", "3", "3"),
        ("2020-01", "4", "5", "5"),
        ("2019-10", "5", "5", "5"),
        ("2019-10", "1", "6", "6"),
    ]


def test_describes_every_file_with_its_digest(store: Directory) -> None:
    publish(store, held(store), ABOUT)
    package = json.loads((folder(store) / "datapackage.json").read_bytes())
    told = {each["path"]: each["hash"] for each in [*package["resources"], *package["files"]]}
    wanted = {
        name: f"sha256:{hashlib.sha256(body).hexdigest()}"
        for name, body in all_bytes(store).items()
        if name != "datapackage.json"
    }
    assert told == wanted
    listed = (folder(store) / "DICTIONARY.md").read_text()
    columns = {f["name"] for each in package["resources"] for f in each["schema"]["fields"]}
    assert {name for name in columns if f"| `{name}` |" not in listed} == set()


def test_nothing_is_published_of_a_source_that_holds_nothing(tmp_path: Path) -> None:
    store = Directory(tmp_path / "archive")
    assert publish(store, Manifest(source=SOURCE), ABOUT) == []
    with pytest.raises(ValueError, match="is not"):
        publish(store, Manifest(source="other"), ABOUT)


@pytest.mark.parametrize(
    "kind",
    ["directory", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("moto", "ceph"))],
)
def test_a_quiet_week_asks_the_store_twice_and_every_store_will_do(
    new_store: NewStore, kind: str
) -> None:
    objects = new_store(kind)
    manifest = histories.fill(objects)
    written = publish(objects, manifest, ABOUT)
    assert f"datasets/{SOURCE}/issued.parquet" in written
    counted = Counted(objects)
    assert publish(counted, manifest, ABOUT) == []
    assert (len(counted.reads), len(counted.lists), counted.writes) == (1, 1, [])
    table = Catalogue(objects).records(SOURCE, every_version=True, known=on(20))
    assert table.num_rows == 11


@settings(max_examples=50)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 1), min_size=1), max_size=6))
def test_every_version_of_a_rolling_edition_can_be_told_from_runs(
    told: list[dict[str, int]],
) -> None:
    versions = [version(number, groups) for number, groups in enumerate(told, start=1)]
    begun = rolling.runs(versions)
    for number, groups in enumerate(told, start=1):
        standing = [
            (group, told[first - 1][group])
            for first, runs in begun.items()
            for group, run in runs.items()
            if first <= number <= run.last.number
        ]
        assert sorted(standing) == sorted(groups.items())


TABLE = summary("tables/x", histories.reading("x", edition="rolling").to_json())


def version(number: int, groups: dict[str, int]) -> Version:
    """A version whose table has these groups, each with the digest of what it says."""
    table = replace(TABLE, groups={name: str(said) for name, said in groups.items()})
    document = DocumentEntry(digest=f"{number:064}", tables={1: table})
    return Version(
        number=number, kind="new", document=document, first_seen=on(number), last_seen=on(number)
    )


@pytest.fixture(params=[ABOUT, nameless(SOURCE)], ids=["described", "nameless"])
def hostile(store: Directory, request: pytest.FixtureRequest) -> Directory:
    """Datasets with every type of column, blanks, and hostile texts."""
    rows: list[Row] = [
        {"county": text, "criteria": (text, "b"), "issued": number if number % 2 else None}
        for number, text in enumerate(HOSTILE)
    ]
    found = reading("bad", "2017-02-11", issued=rows, declined=[{"lea": None}])
    publish(store, file(store, "bad", found, written_at=on(40)), request.param)
    return store


@pytest.mark.slow
def test_frictionless_finds_the_tables_as_described(hostile: Directory) -> None:
    from frictionless import validate  # noqa: PLC0415 - a second, which only this test needs

    report = validate(folder(hostile) / "datapackage.json")
    assert report.valid, report.to_summary()
    assert len(report.tasks) == 4


@pytest.mark.slow
def test_the_package_is_as_the_published_profile_wants_it(
    hostile: Directory, tmp_path: Path
) -> None:
    try:
        profiles = resources.files("dplib") / "profiles" / "2.0"
    except ModuleNotFoundError:
        skip("no published profiles here: install dplib-py")
    package = json.loads((folder(hostile) / "datapackage.json").read_bytes())
    parts = [("datapackage", package)]
    parts += [("tableschema", package["resources"][-1]["schema"])]
    for name, part in parts:
        schema = (tmp_path / "schema.json", tmp_path / f"{name}.json")
        schema[0].write_text((profiles / f"{name}.json").read_text())
        schema[1].write_text(json.dumps(part))
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", *map(str, schema)]
        checked = subprocess.run(command, check=False, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_the_citation_is_as_its_schema_wants_it(hostile: Directory) -> None:
    schema = ("--builtin-schema", "vendor.citation-file-format")
    cited = str(folder(hostile) / "CITATION.cff")
    command = [sys.executable, "-m", "check_jsonschema", *schema, cited]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_datasette_opens_the_database(hostile: Directory) -> None:
    path = "/ice_ddor/issued.json?_search=county&_shape=array&_labels=on"
    command = [
        sys.executable,
        "-m",
        "datasette",
        str(folder(hostile) / f"{SOURCE}.sqlite"),
        "--get",
    ]
    got = subprocess.run([*command, path], check=True, capture_output=True)
    rows = json.loads(got.stdout)
    assert len(rows) == 11
    assert rows[0]["digest"]["value"] == digest("one")
