"""The FBI's background checks: every figure as outsiders read it, or flagged, or refused."""

import csv
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pdfplumber
import pikepdf
import pytest

from scrapers.errors import LayoutError, RefusedError
from scrapers.page import Page
from scrapers.pdf import Document
from scrapers.sources.fbi_nics import FIELDS, PAGE, SOURCE, STATES
from storage.model import Check, Listing, Reading, Record
from tests.nics_pages import GROUPS, GUNS, PLAIN, Made, draw, figure_of

SAVED = Path(__file__).parent / "sources" / "fbi_nics"
EXTRACTS = sorted(path.stem for path in SAVED.glob("*.pdf"))
REAL = Path(__file__).parents[2] / "shared" / "real" / "fbi_nics"
WHOLE = sorted(path.stem for path in REAL.glob("*.pdf")) or ["shared/real/fbi_nics"]

Key = tuple[str, str]
Figures = dict[str, int | None]


def read(path: Path) -> Reading:
    with Document(path) as document:
        return SOURCE.extract(document)


def failed(reading: Reading) -> dict[str, Check]:
    return {check.name: check for check in reading.checks if not check.passed}


def ours(reading: Reading) -> dict[Key, Mapping[str, object]]:
    records = reading.tables["checks"]
    return {(str(r.fields["month"]), str(r.fields["state"])): r.fields for r in records}


def truth(path: Path) -> dict[Key, Figures]:
    with path.open(newline="") as file:
        return {
            (row.pop("month"), row.pop("state").strip()): {
                name: int(float(text)) if text else None for name, text in row.items()
            }
            for row in csv.DictReader(file)
        }


def differences(reading: Reading, expected: Mapping[Key, Figures]) -> list[tuple[object, ...]]:
    """Every figure that is not the truth's: month, state, field, truth's, ours."""
    found = ours(reading)
    none: Mapping[str, object] = {}
    return [
        (*key, name, figure, found.get(key, none).get(name, "no record"))
        for key, figures in expected.items()
        for name, figure in figures.items()
        if found.get(key, none).get(name, "no record") != figure
    ]


@pytest.mark.parametrize("name", EXTRACTS)
def test_every_figure_is_the_one_that_outsiders_read(name: str) -> None:
    reading, expected = read(SAVED / f"{name}.pdf"), truth(SAVED / f"{name}.csv")
    assert differences(reading, expected) == []
    assert list(ours(reading)) == list(expected)
    assert len(reading.tables["checks"]) == len(expected)
    # An extract prints "Page 2 of 254": nothing but its missing pages may be odd about it.
    assert set(failed(reading)) <= {"pages = printed page count"}


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="../shared/real is not there")
@pytest.mark.parametrize("name", WHOLE)
def test_whole_documents_are_as_outsiders_read_them(name: str) -> None:
    reading, expected = read(REAL / f"{name}.pdf"), truth(REAL / f"{name}.truth.csv")
    assert differences(reading, expected) == []
    assert set(ours(reading)) == set(expected)
    assert len(reading.tables["checks"]) == len(expected)
    assert reading.status == "complete"
    assert reading.edition == "rolling"


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="../shared/real is not there")
def test_a_month_later_one_month_is_added_and_no_past_figure_changed() -> None:
    before, after = (ours(read(REAL / f"nics_{day}.pdf")) for day in ("2019-12-02", "2020-01-06"))
    assert {key: after.get(key) for key in before} == before
    added = set(after) - set(before)
    assert {month for month, _ in added} == {"2019-12"}
    assert len(added) == 55


@pytest.mark.parametrize(
    "name", [EXTRACTS[0], *(pytest.param(n, marks=pytest.mark.slow) for n in EXTRACTS[1:])]
)
def test_each_box_holds_its_records_own_text(name: str) -> None:
    reading = read(SAVED / f"{name}.pdf")
    with pdfplumber.open(SAVED / f"{name}.pdf") as pdf:
        for record in reading.tables["checks"]:
            (place,) = record.boxes
            crop = pdf.pages[place.page - 1].crop(place.box)
            there = Counter("".join(char["text"] for char in crop.chars))
            printed = Counter("".join(record.cells.values()).replace(" ", ""))
            assert not printed - there, record


def test_cells_are_as_printed_and_what_is_blank_is_null() -> None:
    first = read(SAVED / "split_2015.pdf").tables["checks"][4]
    assert first.cells["State / Territory"] == "California"
    assert first.cells["Permit"].replace(" ", "") == "98452"
    assert first.cells["Rentals Handgun"] == ""
    assert first.cells["Return to Seller - Private Sale *Other"] == "0"
    assert first.fields["permit"] == 98452
    assert first.fields["rentals_handgun"] is None
    assert first.fields["permit_recheck"] is None
    assert list(first.fields) == ["month", "state", *FIELDS]


def test_a_page_that_lost_headings_is_read_by_its_neighbours_and_says_so() -> None:
    reading = read(SAVED / "headless_2014.pdf")
    assert [note[:7] for note in reading.notes] == ["page 2:"]


def cut(path: Path, name: str, *pages: int) -> Path:
    """Take pages, from 1, out of an extract."""
    with pikepdf.open(SAVED / f"{name}.pdf") as whole, pikepdf.new() as part:
        part.pages.extend(whole.pages[page - 1] for page in pages)
        part.save(path)
    return path


def refusal(path: Path) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        read(path)
    return error.value


def test_lost_headings_without_a_neighbour_refuse_the_page(tmp_path: Path) -> None:
    error = refusal(cut(tmp_path / "alone.pdf", "headless_2014", 2))
    assert (error.reason, error.page) == ("unrecognised-layout", 1)


def test_a_lost_page_refuses_the_document(tmp_path: Path) -> None:
    error = refusal(cut(tmp_path / "lost.pdf", "headless_2014", 1, 3))
    assert (error.reason, error.page) == ("damaged", 2)


def test_a_lost_page_is_flagged_where_no_page_is_numbered(tmp_path: Path) -> None:
    pages = [Made(month=f"{month} - 2016") for month in ("May", "March", "March")]
    reading = read(draw(tmp_path / "months.pdf", *pages))
    (check,) = failed(reading).values()
    assert check.found == "3 months; 2016-04 is missing; 2016-03 comes twice"
    assert check.rows == tuple(range(56, 166))


def test_pages_lost_at_an_end_are_flagged() -> None:
    check = failed(read(SAVED / "notes_2019.pdf"))["pages = printed page count"]
    assert (check.expected, check.found) == (254, 2)


MADE = {
    "as it is": Made(),
    "columns in another order": Made(
        plain=(*PLAIN[::-1], "Permit Recheck"),
        groups={group: GROUPS[group] for group in reversed([*GROUPS])},
    ),
    "all groups": Made(
        groups={**GROUPS, "Returned/Disposition": GUNS, "Private Sale": GUNS}, width=1200
    ),
    "no groups": Made(groups={}),
    "month as since 2022": Made(month="August 2023", last="Grand Total"),
    "month in the title": Made(title="", month="NICS Firearm Background Checks - May 2013"),
    "large page": Made(width=1600),
    "centred figures": Made(centred=True),
    "no commas": Made(odd={(4, 0): "12 345", (5, 0): "12345"}),
}


@pytest.mark.parametrize("kind", MADE)
def test_reads_other_layouts_by_their_words(kind: str, tmp_path: Path) -> None:
    made = MADE[kind]
    reading = read(draw(tmp_path / "made.pdf", made))
    assert all(len(r.cells) == len(made.columns) + 2 for r in reading.tables["checks"])
    for row, record in enumerate(reading.tables["checks"]):
        for column, (group, leaf) in enumerate(made.columns):
            text = made.odd.get((row, column), f"{figure_of(row, column):,}")
            assert record.cells[f"{group} {leaf}".strip()] == text
            counted = int(text.replace(",", "").replace(" ", ""))
            assert record.fields[name_of(group, leaf)] == counted
    if not made.odd:
        assert reading.status == "complete"


def name_of(group: str, leaf: str) -> str:
    leaf_name = leaf.strip("*").lower().replace(" ", "_")
    groups = {
        "": "",
        "Pre-Pawn": "prepawn_",
        "Redemption": "redemption_",
        "Returned/Disposition": "returned_",
        "Rentals": "rentals_",
        "Private Sale": "private_sale_",
        "Return to Seller - Private Sale": "return_to_seller_",
    }
    return groups[group] + leaf_name


def flagged(path: Path, made: Made) -> tuple[dict[str, Check], tuple[Record, ...]]:
    reading = read(draw(path, made))
    assert reading.status == "flagged"
    return failed(reading), reading.tables["checks"]


def test_a_total_that_does_not_add_up_flags_its_row(tmp_path: Path) -> None:
    checks, _ = flagged(tmp_path / "made.pdf", Made(odd={(6, -1): "1,234"}))
    assert checks["rows = their printed totals"].rows == (7,)
    assert "Totals" in str(checks["columns = their printed totals"].found)


def test_what_is_no_number_is_kept_null_and_flagged(tmp_path: Path) -> None:
    checks, records = flagged(tmp_path / "made.pdf", Made(odd={(2, 1): "n/a", (3, 1): "9" * 13}))
    assert checks["figures are numbers"].rows == (3, 4)
    assert records[2].fields["handgun"] is None
    assert records[2].cells["Handgun"] == "n/a"


def test_an_unknown_column_is_kept_and_flagged(tmp_path: Path) -> None:
    plain, groups = (*PLAIN, "Silencer"), {**GROUPS, "Lost and Found": GUNS}
    checks, records = flagged(tmp_path / "made.pdf", Made(plain=plain, groups=groups))
    assert set(checks) == {"unknown columns"}
    assert records[1].cells["Silencer"] == f"{figure_of(1, 6):,}"
    assert "Lost and Found Long Gun" in records[1].cells
    assert list(records[1].fields) == ["month", "state", *FIELDS]


def test_an_unknown_territory_is_kept_and_flagged(tmp_path: Path) -> None:
    states = ("American Samoa", *list(STATES.values())[1:])
    checks, records = flagged(tmp_path / "made.pdf", Made(states=states))
    (check,) = checks.values()
    assert str(check.found).endswith("1 missing, American Samoa")
    assert records[0].fields["state"] == "American Samoa"


REFUSED = {
    "no month": Made(month=""),
    "a year": Made(month="Year 2016"),
    "no year that there was": Made(month="May 0000"),
    "no title": Made(title="Firearms"),
    "no totals": Made(last=None),
    "no label heading": Made(label=""),
    "a word beside a label": Made(stray=[(30, 8 + 88 + 20 * 8, "7")]),
    "a word between two figures": Made(stray=[(150 + Made().step / 2, 88 + 16, "7")]),
    "a line without label": Made(stray=[(300, 88 + 20 * 8 + 4, "7")]),
    "a group over nothing": Made(stray=[(900, 62, "Private Sale")]),
    "one column twice": Made(plain=("Permit", *PLAIN)),
    "no totals column": Made(plain=("Totals", "Handgun")),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refuses_what_is_not_understood_in_full(kind: str, tmp_path: Path) -> None:
    error = refusal(draw(tmp_path / "made.pdf", REFUSED[kind]))
    assert (error.reason, error.page) == ("unrecognised-layout", 1)


def test_notes_may_speak_of_a_month(tmp_path: Path) -> None:
    notes = Made(title="", month="", states=(), last=None, stray=[(60, 300, "Since November 1998")])
    reading = read(draw(tmp_path / "made.pdf", notes, Made()))
    assert reading.status == "complete"
    assert {record.boxes[0].page for record in reading.tables["checks"]} == {2}


def test_a_month_without_its_table_refuses_the_document(tmp_path: Path) -> None:
    error = refusal(draw(tmp_path / "made.pdf", Made(), Made(states=(), last=None)))
    assert (error.reason, error.page) == ("unrecognised-layout", 2)


def test_refuses_a_document_without_any_month(tmp_path: Path) -> None:
    error = refusal(cut(tmp_path / "notes.pdf", "notes_2019", 1))
    assert (error.reason, error.page) == ("unrecognised-layout", None)


def listed(html: bytes) -> list[Listing]:
    def fetch(url: str) -> Page:
        assert url == PAGE
        at = datetime(2020, 1, 6, tzinfo=UTC)
        return Page(url=url, at=at, body=html, digest="0" * 64)

    return list(SOURCE.discover(fetch))


def test_finds_the_one_document_among_its_siblings() -> None:
    (listing,) = listed((SAVED / "nics.html").read_bytes())
    assert listing.edition == "rolling"
    assert listing.title == "NICS Firearm Checks: Month/Year by State/Type"
    folder = "https://www.fbi.gov/file-repository/"
    assert listing.url == f"{folder}nics_firearm_checks_-_month_year_by_state_type.pdf"


@pytest.mark.parametrize(
    "link",
    [
        '<a href="NICS_Firearm_Checks_-_Month_Year_by_State_Type.pdf">PDF</a>',
        '<a href="/files/nics_2019-12-02.pdf">Checks</a>',
        '<a href="/f/17">Firearm checks by month, year, state and type</a>',
        '<a href="/month_year_state_type.pdf">a</a><a href="/month_year_state_type.pdf/view">b</a>',
        '<a href="/month_year_state_type.csv">a</a><a href="/month_year_state_type.pdf">b</a>',
    ],
)
def test_knows_the_document_by_its_text_or_its_address(link: str) -> None:
    assert len(listed(f"<html><body>{link}</body></html>".encode())) == 1


@pytest.mark.parametrize(
    "links",
    [
        '<a href="/nics_firearm_checks_-_month_year.pdf">Month/Year</a>',
        '<a href="/a.pdf">Month Year State Type</a><a href="/b.pdf">Month, year, state, type</a>',
    ],
)
def test_no_document_or_two_are_a_change_of_the_page(links: str) -> None:
    with pytest.raises(LayoutError):
        listed(f"<html><body>{links}</body></html>".encode())


@pytest.mark.parametrize("text", ["month year state ", "a", "/nics", "/nics2017", "/nics_2017-"])
def test_no_link_holds_us_up(text: str) -> None:
    link = f"<html><body><a href='/a'>{text * (500_000 // len(text))}</a></body></html>".encode()
    began = time.process_time()
    with pytest.raises(LayoutError):
        listed(link)
    assert time.process_time() - began < 5


def test_the_period_runs_from_the_oldest_month_to_the_newest() -> None:
    reading = read(SAVED / "blank_1998.pdf")
    assert reading.period is not None
    assert reading.period.to_json() == {"start": "1998-11-01", "end": "1998-12-31"}
