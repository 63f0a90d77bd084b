"""The bench's reports print weeks of their own, and read like the samples that they are made of."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scrapers import sandbox
from storage.documents import CaptureRef, DocumentEntry, Table
from storage.model import Reading
from storage.records import summary
from tests.bench.answers import reading
from tests.bench.corpus import (
    BEGINS,
    CORRECTED,
    MADE_FROM,
    ROOT,
    captured_at,
    document,
    documents,
    week,
)
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


def indexed(made: Reading) -> Table:
    """Give what the index holds of a reading, but for the digests of what it says."""
    return replace(summary(made.digest, made.to_json()), text_digest="", records_digest="")


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


@pytest.mark.parametrize("count", [0, CORRECTED])
def test_the_index_holds_of_a_long_past_what_reading_it_would_give(
    count: int, tmp_path: Path
) -> None:
    number, path = 4, tmp_path / "report.pdf"
    path.write_bytes(document(number, is_correction=count >= CORRECTED))
    edition, at = week(number)[0], captured_at(number, count)
    entry = DocumentEntry(
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        captures=(CaptureRef(key="", at=at, url="", edition=edition, via="wayback"),),
    )
    samples = [sandbox.read(ROOT / "flows" / "demo" / name, "ice_ddor") for name in MADE_FROM]
    assert indexed(reading(entry, samples)) == indexed(sandbox.read(path, "ice_ddor"))
