"""A reading held against a truth that did not come from the reader."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pdfplumber

from scrapers.pdf import Document
from scrapers.sources import ice_ddor
from storage.model import Reading, Record

NAMES = {"I": "issued", "II": "declined", "III": "policies"}


def read(path: Path) -> Reading:
    """Read one report."""
    with Document(path) as document:
        return ice_ddor.extract(document)


def truth_beside(path: Path) -> dict[str, Any]:
    """Read the truth file beside a report."""
    known: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return known


def assert_exact(reading: Reading, truth: dict[str, Any]) -> None:
    """Assert that every cell, date, bullet, heading and figure is the truth's."""
    for section in truth["sections"]:
        name = section.get("name") or NAMES.get(section["number"])
        if name:
            _assert_section(reading.tables[name], section)
    totals = truth["totals"]
    assert reading.totals == {
        "detainers_issued": totals["detainers_issued_nationwide"],
        "detainers_declined": totals["declined_recorded"],
    }
    assert reading.period
    assert reading.period.start.isoformat() == truth["period_start"] == reading.edition
    assert reading.period.end.isoformat() == truth["period_end"]
    assert reading.title == truth["title"]
    assert reading.status == truth.get("expected_status", reading.status), [
        check for check in reading.checks if not check.passed
    ]


def _assert_section(records: tuple[Record, ...], section: dict[str, Any]) -> None:
    assert [list(record.cells.values()) for record in records] == section["rows"]
    if records:
        assert list(records[0].cells) == section["columns"]
    if section.get("iso_dates"):
        dates = [[r.fields["date_declined"], r.fields["date_issued"]] for r in records]
        assert dates == section["iso_dates"]
    if section.get("bullets"):
        assert [list(r.fields["criteria"] or ()) for r in records] == section["bullets"]  # type: ignore[arg-type] # criteria are texts


def assert_boxes_hold_their_rows(path: Path, reading: Reading) -> None:
    """Assert that stock pdfplumber finds in each row's boxes just that row's own words."""
    with pdfplumber.open(path) as document:
        pages = [page.chars and page for page in document.pages]
        for name, records in reading.tables.items():
            for at, record in enumerate(records, start=1):
                shown = [box.to_json() for box in record.boxes]
                text = "".join(
                    char["text"]
                    for box in shown
                    for char in pages[box["page"] - 1].crop(box["box"]).chars
                )
                assert letters(text) == letters("".join(record.cells.values())), (name, at)


def letters(text: str) -> list[str]:
    """The characters of a text in an order of their own, bullets and white space left out."""
    known = unicodedata.normalize("NFKC", text)  # pdfminer gives ligatures, pdfium their letters
    return sorted(re.sub(r"\(cid:\d+\)|[\s•◦▪*–-]", "", known))
