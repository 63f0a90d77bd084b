"""The bench's reports print weeks of their own, and read like the samples that they are made of."""

from pathlib import Path

import pytest

from scrapers import sandbox
from storage.model import Reading
from tests.bench.corpus import BEGINS, MADE_FROM, ROOT, documents, week
from tests.bench.dated import Report

NEW_YEAR = 48
"""Weeks from the first sample's to the one that ends in the next year."""


def told(reading: Reading) -> tuple[str, dict[str, int], list[str]]:
    """Say what holds of a report whatever its week is."""
    counts = {name: len(records) for name, records in reading.tables.items()}
    return reading.status, counts, [check.name for check in reading.checks if not check.passed]


@pytest.mark.parametrize("which", range(len(MADE_FROM)))
def test_a_report_of_another_week_reads_like_its_sample(which: int, tmp_path: Path) -> None:
    sample = ROOT / "flows" / "demo" / MADE_FROM[which]
    made = tmp_path / "report.pdf"
    made.write_bytes(Report(sample).later(NEW_YEAR - BEGINS[which]))
    reading = sandbox.read(made, "ice_ddor")
    assert reading.edition == week(NEW_YEAR)[0] == "2017-12-30"
    assert told(reading) == told(sandbox.read(sample, "ice_ddor"))


def test_documents_are_all_different_and_the_same_each_time() -> None:
    first = list(documents(9))
    assert len({body for _, body in first}) == len({path for path, _ in first}) == len(first)
    assert list(documents(len(first))) == first
