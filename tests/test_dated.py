"""The bench's reports print weeks of their own, and read like the samples that they are made of."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from scrapers import sandbox
from storage.model import Reading
from tests.bench.corpus import BEGINS, MADE_FROM, ROOT, documents, week
from tests.bench.dated import Report

DATES = frozenset({"date_declined", "date_issued"})
NEW_YEAR = 48
"""Weeks from the first sample's to the one that ends in the next year."""


def dates(reading: Reading) -> list[date]:
    """Give every date of its table of declined detainers."""
    told = [record.fields[name] for record in reading.tables["declined"] for name in DATES]
    return [date.fromisoformat(str(each)) for each in told if each]


def rest(reading: Reading) -> list[object]:
    """Give what holds of a report whatever its week is."""
    records = [record.fields for table in reading.tables.values() for record in table]
    fields = [{name: fields[name] for name in fields.keys() - DATES} for fields in records]
    return [reading.status, fields, [check.name for check in reading.checks if not check.passed]]


@pytest.mark.parametrize("which", range(len(MADE_FROM)))
def test_a_report_of_another_week_reads_like_its_sample(which: int, tmp_path: Path) -> None:
    sample = ROOT / "flows" / "demo" / MADE_FROM[which]
    made = tmp_path / "report.pdf"
    made.write_bytes(Report(sample).later(NEW_YEAR - BEGINS[which]))
    reading = sandbox.read(made, "ice_ddor")
    assert reading.edition == week(NEW_YEAR)[0] == "2017-12-30"
    original = sandbox.read(sample, "ice_ddor")
    assert rest(reading) == rest(original)
    by = timedelta(weeks=NEW_YEAR - BEGINS[which])
    moved = [new == old + by for new, old in zip(dates(reading), dates(original), strict=True)]
    assert moved.count(False) == (which == 0), "one stands on two pages of the first sample"


def test_documents_are_all_different_and_of_the_week_of_their_address(tmp_path: Path) -> None:
    made = list(documents(4))
    assert len({body for _, body in made}) == len(made)
    assert made == list(documents(4)), "the same each time"
    for number, (path, body) in enumerate(made):
        (tmp_path / "report.pdf").write_bytes(body)
        edition, name = week(number)
        assert path == f"/doclib/ddor/{name}"
        assert sandbox.read(tmp_path / "report.pdf", "ice_ddor").edition == edition
