"""The audit re-reads a share of the originals each week, and all of them in so many weeks."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from flows import audit, work
from flows.settings import Settings
from storage import layout
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.fixity import Kind
from tests import histories
from tests.histories import SOURCE, fill, on
from tests.test_cli import call

WEEKS = 4


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setattr(audit, "settings", lambda: Settings(audit_weeks=WEEKS))
    store = Directory(tmp_path / "archive")
    fill(store)
    return store


def reports(store: Directory) -> list[list[Kind]]:
    """The kinds of finding of each week's audit, over the weeks that read everything."""
    told = []
    for week in range(WEEKS):
        report = audit.audit.fn(SOURCE, store.name, at=on(30) + timedelta(weeks=week))
        told.append([finding.kind for finding in report.findings])
    return told


def test_a_good_archive_stays_complete(store: Directory) -> None:
    assert reports(store) == [[]] * WEEKS
    assert Catalogue(store).manifest(SOURCE).last_runs["audit"].status == "complete"


def test_a_damaged_original_is_found_within_so_many_weeks_and_until_it_is_mended(
    store: Directory,
) -> None:
    key = layout.raw(SOURCE, histories.digest("one"), "pdf")
    good = (store.root / key).read_bytes()
    (store.root / key).write_bytes(b"%PDF-1.4 other %%EOF")
    found = reports(store)
    assert found == sorted(found)
    assert found[-1] == ["altered"]
    next_share = on(30) + timedelta(weeks=WEEKS + len([each for each in found if not each]) + 1)
    assert len(audit.audit.fn(SOURCE, store.name, at=next_share).findings) == 1
    (store.root / key).write_bytes(good)
    assert audit.audit.fn(SOURCE, store.name, at=next_share).findings == []
    assert Catalogue(store).manifest(SOURCE).last_runs["audit"].needs == ()


def test_an_audit_says_how_long_it_took(store: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = itertools.count()
    monkeypatch.setattr(work, "monotonic", lambda: 60.0 * next(minutes))
    audit.audit.fn(SOURCE, store.name, at=on(30))
    last = Catalogue(store).manifest(SOURCE).last_runs["audit"]
    assert last.started_at >= on(30)
    assert last.finished_at >= last.started_at + timedelta(minutes=1)


def test_what_an_audit_found_stands_in_its_run_record(store: Directory) -> None:
    key = layout.raw(SOURCE, histories.digest("one"), "pdf")
    (store.root / key).unlink()
    runs = [
        audit.audit.fn(SOURCE, store.name, at=on(30) + timedelta(weeks=n)) for n in range(WEEKS)
    ]
    found = next(number for number, report in enumerate(runs) if report.findings)
    audit.audit.fn(SOURCE, store.name, at=on(30) + timedelta(weeks=WEEKS + found))
    last = Catalogue(store).manifest(SOURCE).last_runs["audit"]
    assert last.status == "incomplete"
    assert any(key in message for message in last.messages)
    (row,) = [
        each for each in call("sources", "--json", "--store", store.name).json if each["last_run"]
    ]
    assert row["last_status"] == "complete", "of the weekly run"
