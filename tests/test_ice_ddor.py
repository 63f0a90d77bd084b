"""ICE's report is read exactly, or flagged, or refused by name: whoever made the PDF."""

import hashlib
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from scrapers.claims import claimed_edition
from scrapers.errors import LayoutError, RefusedError
from scrapers.page import Page
from scrapers.sources import ice_ddor
from storage.model import Reading, canonical
from tests.stores import skip
from tests.truths import assert_boxes_hold_their_rows, assert_exact, read, truth_beside
from tests.variants.catalogue import CATALOGUE
from tests.variants.library import make

HERE = Path(__file__).parent
SAVED = HERE / "sources/ice_ddor"
SHARED = HERE.parent.parent / "shared"
SAMPLES = [SAVED / "week2.pdf", *sorted(SHARED.glob("samples/week1*.pdf"))]
MADE = sorted((HERE / "variants/made").glob("processor*.pdf"))
BROWSED = sorted((HERE / "variants/made").glob("browser*.pdf"))
FONTS = Path("/usr/share/fonts/truetype/dejavu")
OTHERS = sorted(SHARED.glob("real/*/*.pdf"))
LONG = {"long", "long-unruled"}
EVERY = 4
"""One in so many variants is read in the default run, all of them in the slow one."""
BOXED = ("plain", "unruled", "unruled-tight", "rotated", "sideways", "sideways-unruled", "zebra")


@pytest.mark.parametrize("path", [*SAMPLES, *MADE], ids=lambda path: path.stem)
def test_reads_every_cell(path: Path) -> None:
    assert_exact(read(path), truth_beside(path))


@pytest.mark.slow
@pytest.mark.parametrize("path", BROWSED, ids=lambda path: path.stem)
def test_reads_every_cell_of_what_a_browser_prints(path: Path) -> None:
    assert_exact(read(path), truth_beside(path))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.slow) if n in LONG or at % EVERY else n
        for at, n in enumerate(CATALOGUE)
    ],
)
def test_reads_every_cell_however_the_report_is_laid_out(name: str, tmp_path: Path) -> None:
    said, look = CATALOGUE[name]
    if look.font.startswith("DejaVu") and not FONTS.is_dir():
        skip("Debian's fonts-dejavu-core is not installed")
    path = tmp_path / f"{name}.pdf"
    make(said(), look, path)
    assert_exact(read(path), said().truth())


@pytest.mark.slow
@pytest.mark.parametrize("path", [*SAMPLES, *MADE, *BROWSED], ids=lambda path: path.stem)
def test_each_box_holds_its_rows_own_words(path: Path) -> None:
    assert_boxes_hold_their_rows(path, read(path))


@pytest.mark.parametrize("name", BOXED)
def test_each_box_holds_its_rows_own_words_however_laid_out(name: str, tmp_path: Path) -> None:
    said, look = CATALOGUE[name]
    path = tmp_path / f"{name}.pdf"
    make(said(), look, path)
    assert_boxes_hold_their_rows(path, read(path))


def test_names_the_rows_whose_dates_are_strange() -> None:
    path = SHARED / "samples/week1-original.pdf"
    if not path.exists():
        pytest.skip("the shared samples are not here")
    checks = {check.name: check for check in read(path).checks}
    assert checks["declined within the period"].rows == (118,)
    assert checks["declined after being issued"].rows == (118, 119)
    assert checks["declined rows = printed total"].found == 206
    assert checks["issued sum = printed sum"].passed


def test_types_what_the_cells_say() -> None:
    reading = read(SAVED / "week2.pdf")
    assert reading.status == "complete"
    first = reading.tables["issued"][0].fields
    assert (first["jurisdiction"], first["state"]) == ("Los Angeles", "California")
    assert first["detainers_issued"] == 162
    assert first["detainers_declined"] is None
    person = reading.tables["declined"][0].fields
    assert person["criminal_activity"] == "Driving Under Influence Liquor (Charged)"
    assert person["charge_or_conviction"] == "Charged"
    policy = reading.tables["policies"][0].fields
    assert (policy["jurisdiction"], policy["aor"]) == ("Ithaca, New York", "Buffalo")
    assert policy["date_enacted"] == "2017-02"


def test_a_blank_key_is_kept_and_flagged_with_its_rows(tmp_path: Path) -> None:
    reading = _read_made("blank-keys", tmp_path)
    check = next(check for check in reading.checks if check.name == "declined rows have their lea")
    assert check.rows == (1, 10, 11, 24)
    assert len(reading.tables["declined"]) == 24


def test_a_section_told_in_a_sentence_is_a_true_zero(tmp_path: Path) -> None:
    reading = _read_made("none-declined", tmp_path)
    assert reading.tables["declined"] == ()
    assert reading.totals["detainers_declined"] == 0
    assert reading.status == "complete"


def test_a_font_that_maps_a_letter_to_half_a_character_costs_that_letter_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "half.pdf"
    with pikepdf.open(SAVED / "week2.pdf") as document:
        for font in document.objects:
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font:
                meanings = re.sub(rb"(?<=>) ?<0051>", b"<D800>", font.ToUnicode.read_bytes())
                font.ToUnicode.write(meanings)
        document.save(path)
    reading, whole = read(path), read(SAVED / "week2.pdf")
    mended = canonical(reading.to_json()["tables"]).decode().replace("\ufffd", "Q")
    assert "\ufffd" in canonical(reading.to_json()).decode()
    assert mended == canonical(whole.to_json()["tables"]).decode()
    assert any("drawn without saying which" in note for note in reading.notes)


@pytest.mark.parametrize("page", [2, 3, 5, 12, 25])
def test_refuses_a_report_that_has_lost_a_page(page: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.pdf"
    with pikepdf.open(SAVED / "week2.pdf") as document:
        del document.pages[page - 1]
        document.save(path)
    assert _refusal(path).reason == "damaged"


def test_a_page_that_shows_nothing_is_flagged(tmp_path: Path) -> None:
    """Its content may be lost, and its number with it, so that no number is left out."""
    path = tmp_path / "blank.pdf"
    with pikepdf.open(SAVED / "week2.pdf") as document:
        del document.pages[11].Contents
        document.save(path)
    reading = read(path)
    wrong = {check.name: check.found for check in reading.checks if not check.passed}
    assert (reading.status, wrong) == ("flagged", {"pages all show something": "12"})


def test_refuses_a_page_that_stands_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.pdf"
    with pikepdf.open(SAVED / "week2.pdf") as document:
        document.pages.insert(5, document.pages[5])
        document.save(path)
    assert _refusal(path).reason == "damaged"


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [("plain", 745, 300), ("unruled", 172, 300), ("unruled", 750, 300)],
    ids=["beside", "across", "apart"],
)
def test_refuses_words_outside_every_cell(name: str, x: int, y: int, tmp_path: Path) -> None:
    said, look = CATALOGUE[name]
    path, stamped = tmp_path / "made.pdf", tmp_path / "stamped.pdf"
    make(said(), look, path)
    ink = io.BytesIO()
    canvas = Canvas(ink, pagesize=look.size)
    canvas.drawString(x, y, "astray")
    canvas.save()
    with pikepdf.open(path) as document, pikepdf.open(ink) as stamp:
        document.pages[2].add_overlay(stamp.pages[0], None)
        document.save(stamped)
    found = _refusal(stamped)
    assert (found.reason, found.page) == ("unrecognised-layout", 3)


def test_refuses_a_section_with_neither_table_nor_sentence(tmp_path: Path) -> None:
    said, look = CATALOGUE["none-declined"]
    made = said()
    made.parts[1].intro = ["The rows are given elsewhere."]
    path = tmp_path / "silent.pdf"
    make(made, look, path)
    found = _refusal(path)
    assert found.reason == "unrecognised-layout"
    assert "neither a table nor a sentence" in found.detail


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_refuses_what_is_no_such_report(path: Path) -> None:
    assert _refusal(path).reason == "unrecognised-layout"


def test_finds_each_report_once_with_what_its_link_claims() -> None:
    listings = list(ice_ddor.discover(_serving((SAVED / "page.html").read_bytes())))
    assert [(listing.edition, listing.url.rsplit("/", 1)[1]) for listing in listings] == [
        ("2018-01-01", "ddor-fy2018-q2.pdf"),
        ("2017-02-11", "ddor2017_02-11to02-17.pdf"),
        ("2017-02-04", "ddor2017-02-04to02-10.pdf"),
        ("2017-01-28", "ddor2017_01-28to02-03.pdf"),
        (None, "28411"),
    ]


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("ddor2017_12-30to01-05.pdf", "2017-12-30"),
        ("ddor2017_12-30to2018_01-05.pdf", "2017-12-30"),
        ("ddor2017_01-28to2016_02-03.pdf", None),
        ("ddor2017_02-30to03-05.pdf", None),
        ("ddor0000_01-28to02-03.pdf", None),
        ("ddor-fy0000-q2.pdf", None),
        ("ddor-fy0001-q1.pdf", None),
        ("ddor-cy0000-q4.pdf", None),
        ("ddor-fy0002-q1.pdf", "0001-10-01"),
        ("ddor-dec-28-to-jan-3-0001.pdf", None),
        ("ddor-feb-29-to-jan-3-2020.pdf", None),
        ("ddor-dec-28-to-jan-3-0002.pdf", "0001-12-28"),
    ],
)
def test_a_week_in_a_name_counts_where_its_days_are_days(name: str, edition: str | None) -> None:
    assert claimed_edition(f"https://www.ice.gov/doclib/{name}", "") == edition


def test_a_page_without_reports_must_say_that_there_are_none() -> None:
    with pytest.raises(LayoutError):
        list(ice_ddor.discover(_serving(b"<html><body><p>Welcome.</p></body></html>")))
    none = b"<html><body><main><p>There are no reports available.</p></main></body></html>"
    assert list(ice_ddor.discover(_serving(none))) == []


def _read_made(name: str, folder: Path) -> Reading:
    said, look = CATALOGUE[name]
    path = folder / f"{name}.pdf"
    make(said(), look, path)
    return read(path)


def _refusal(path: Path) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read(path)
    return caught.value


def _serving(body: bytes) -> Callable[[str], Page]:
    def fetch(url: str) -> Page:
        at = datetime(2017, 4, 12, tzinfo=UTC)
        return Page(url=url, at=at, body=body, digest=hashlib.sha256(body).hexdigest())

    return fetch
