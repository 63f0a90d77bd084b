"""The records of all editions, of which some lack a table, or have none."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.directory import Directory
from tests import filing, histories
from tests.histories import SOURCE, Ticking, on
from tests.test_cli import Answer, call

BOTH, ISSUED, DECLINED, NONE = "2017-01-28", "2017-02-04", "2017-02-11", "2017-02-18"


@pytest.fixture
def store(tmp_path: Path) -> Directory:
    objects = Directory(tmp_path / "archive")
    issued, declined = [{"county": "Clark"}], [{"lea": "Cook"}]
    found = (
        filing.reading("a", BOTH, issued=issued, declined=declined),
        filing.reading("b", ISSUED, issued=issued),
        filing.reading("c", DECLINED, declined=declined),
        filing.reading("d", NONE),
    )
    for number, each in enumerate(found):
        filing.file(objects, "abcd"[number], each, written_at=on(7 * number))
    return objects


def records(store: Directory, *asked: str) -> Answer:
    return call("records", SOURCE, *asked, "--json", "--store", store.name)


def test_an_edition_that_lacks_the_table_keeps_no_others_records_back(store: Directory) -> None:
    for table, editions in (("issued", [BOTH, ISSUED]), ("declined", [BOTH, DECLINED])):
        answer = records(store, "--table", table)
        assert answer.code == 0
        assert [row["edition"] for row in answer.json] == editions


def test_an_edition_of_which_nothing_was_read_is_said_to_be_left_out(store: Directory) -> None:
    archive = Archive(store, SOURCE, clock=Ticking(on(40)))
    capture = histories.capture("e", archive.now(), edition="2017-02-25")
    archive.admit(*archive.keep((capture, histories.body("e"))))
    archive.publish()
    says = f"{SOURCE} 2017-02-25 is left out: nothing was read from it (unread)"
    answer = records(store, "--table", "issued")
    assert [row["edition"] for row in answer.json] == [BOTH, ISSUED]
    assert says in answer.err
    held = Catalogue(store)
    assert held.records(SOURCE, table="issued").num_rows == 2
    assert held.warnings == [says]


def test_an_edition_in_quarantine_is_said_to_be_left_out_once_it_had_come(
    store: Directory,
) -> None:
    archive = Archive(store, SOURCE, clock=Ticking(on(40)))
    capture = histories.capture("e", archive.now(), edition="2017-02-25")
    archive.admit(*archive.keep((capture, histories.body("e"))))
    read = histories.reading("e")
    archive.quarantine(replace(read, status="quarantined", reason="damaged", tables={}), {})
    archive.publish()
    says = f"{SOURCE} 2017-02-25 is left out: it is in quarantine"
    assert says in records(store, "--table", "issued").err
    assert says not in records(store, "--table", "issued", "--as-of", "2017-04-20").err


def test_where_editions_have_other_tables_one_is_to_be_named(store: Directory) -> None:
    answer = records(store)
    assert (answer.code, answer.out) == (2, b"")
    assert "--table issued, --table declined" in answer.err


def test_a_table_that_no_edition_has_is_not_held(store: Directory) -> None:
    for asked in (("--table", "policies"), (NONE,), (NONE, "--table", "issued")):
        answer = records(store, *asked)
        assert (answer.code, answer.out) == (3, b"")
    assert call("explain", SOURCE, NONE, "--row", "1", "--store", store.name).code == 3
