"""Tables of which nothing but white space tells the rows: read right, or refused, never guessed."""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from scrapers.errors import RefusedError
from scrapers.pdf import Document
from scrapers.reports import discs
from storage.model import Reading
from tests.truths import assert_exact, read
from tests.variants import content
from tests.variants.library import Look, make
from tests.variants.sketched import FRONT, Texts, rows, sketch

ISSUED = (
    (60, 140, "**Section I: Highest Volume of Detainers Issued"),
    *rows(165, 14, (60, 300), ("**Jurisdiction", "**Issued Detainers"), ("Clark, Nevada", "54")),
)
LEFTS = (60, 200, 290, 370, 450, 570)
HEADINGS = ("LEA", "State", "Date Declined", "Date Issued", "Citizenship", "Criminal Activity")
TRAVIS = ("Travis County Jail", "Texas", "3/5/2017", "3/1/2017", "", "Assault (Charged)")
KERN = ("Kern County Jail", "California", "3/6/2017", "3/2/2017", "Peru", "Arson (Charged)")
POLICY_LEFTS = (60, 250, 350, 550)
POLICY_HEADINGS = ("**Jurisdiction", "**Date Enacted", "**Policy", "**Criteria")
TITLE = "**Section III: Jurisdictions that have Enacted Policies"
ITHACA = ("Ithaca, New York (Buffalo)", "May 2016", "State Law", "• Will notify ICE")
POLICIES = ((60, 60, TITLE), *rows(85, 26, POLICY_LEFTS, POLICY_HEADINGS, ITHACA))


def declined(*texts: Sequence[str], step: float = 14, lefts: Sequence[float] = LEFTS) -> Texts:
    bold = [f"**{heading}" for heading in HEADINGS]
    title = (60, 240, "**Section II: Recorded Declined Detainers")
    return [*FRONT, *ISSUED, title, *rows(265, step, lefts, bold, *texts)]


def outcome(path: Path) -> str:
    try:
        return read(path).status
    except RefusedError as error:
        return error.reason


def cells(reading: Reading, name: str) -> list[list[str]]:
    return [list(record.cells.values()) for record in reading.tables[name]]


def test_rows_are_parted_where_their_dates_stand_in_the_middle(tmp_path: Path) -> None:
    """No space parts the rows, and each cell stands in the middle of its row's height."""
    lines = [
        (265, POLICY_HEADINGS),
        (279.0, ("Ithaca, Tompkins County", "", "", "• Will notify ICE of each")),
        (284.5, ("", "May 2016", "State Law", "")),
        (290.0, ("New York (Buffalo)", "", "", "release")),
        (301.0, ("Taos, New Mexico", "April 2016", "Resolution", "• Will not hold")),
        (312.0, ("Travis County, Texas", "", "County Sheriff’s", "")),
        (317.5, ("", "March 2016", "", "• Accepts some")),
        (323.0, ("(San Antonio)", "", "Office Decision", "")),
    ]
    drawn = [text for top, row in lines for text in rows(top, 0, POLICY_LEFTS, row)]
    pages = [[*declined(KERN)], [(60, 240, TITLE), *drawn]]
    ithaca = ["Ithaca, Tompkins County New York (Buffalo)"]
    travis = ["Travis County, Texas (San Antonio)"]
    assert cells(read(sketch(tmp_path / "made.pdf", *pages)), "policies") == [
        [*ithaca, "May 2016", "State Law", "• Will notify ICE of each release"],
        ["Taos, New Mexico", "April 2016", "Resolution", "• Will not hold"],
        [*travis, "March 2016", "County Sheriff’s Office Decision", "• Accepts some"],
    ]


def test_a_heading_ends_above_the_first_row_though_no_space_parts_them(tmp_path: Path) -> None:
    """The first row's first line holds no whole date, and might be the heading's last."""
    plain = [text.removeprefix("**") for text in POLICY_HEADINGS]
    travis = (
        "Travis County,\nTexas (San Antonio)",
        "February\n2017",
        "State Law",
        "• Accepts some",
    )
    kern = ("Kern County,\nCalifornia", "January\n2017", "State Law", "• Will not hold")
    table = [*rows(85, 11, POLICY_LEFTS, plain), *rows(96, 22, POLICY_LEFTS, travis, kern)]
    reading = read(sketch(tmp_path / "made.pdf", declined(KERN), [(60, 60, TITLE), *table]))
    assert list(reading.tables["policies"][0].cells) == plain
    assert cells(reading, "policies")[0][:2] == [
        "Travis County, Texas (San Antonio)",
        "February 2017",
    ]


@pytest.mark.parametrize("apart", [1, 2.78, 3, 3.2, 4, 6, 10])
def test_headings_that_nearly_touch_are_two_over_a_blank_cell(apart: float, tmp_path: Path) -> None:
    beside = LEFTS[4] + stringWidth("Citizenship", "Helvetica-Bold", 10) + apart
    page = declined(TRAVIS, lefts=(*LEFTS[:5], beside))
    reading = read(sketch(tmp_path / "made.pdf", page, POLICIES))
    assert list(reading.tables["declined"][0].cells) == list(HEADINGS)
    assert cells(reading, "declined") == [list(TRAVIS)]


TOUCHING = (*LEFTS[:5], LEFTS[4] + stringWidth("Citizenship", "Helvetica-Bold", 10) + 2.5)
"""Left edges of columns of which the last two's headings stand as near as two words."""


def test_touching_headings_are_two_in_several_lines_and_on_later_pages(tmp_path: Path) -> None:
    dates = ("**Date\n**Declined", "**Date\n**Issued")
    touching = ("**Country of\n**Citizenship", "**Notable\n**Criminal Activity")
    bold = ("**LEA", "**State", *dates, *touching)
    title = (60, 240, "**Section II: Recorded Declined Detainers")
    pages = [
        [*FRONT, *ISSUED, title, *rows(265, 26, TOUCHING, bold, *[TRAVIS] * 9)],
        rows(60, 26, TOUCHING, bold, *[TRAVIS] * 4),
    ]
    reading = read(sketch(tmp_path / "made.pdf", *pages, POLICIES))
    names = [*HEADINGS[:4], "Country of Citizenship", "Notable Criminal Activity"]
    assert list(reading.tables["declined"][0].cells) == names
    assert cells(reading, "declined") == [list(TRAVIS)] * 13


def test_touching_headings_across_which_a_row_lies_are_refused(tmp_path: Path) -> None:
    """The row's last cell is centred, and wider than its heading."""
    row = rows(279, 14, (*LEFTS[:4], TOUCHING[5] - 20), (*TRAVIS[:4], "Assault with a Weapon"))
    with pytest.raises(RefusedError, match="two headings touch"):
        read(sketch(tmp_path / "made.pdf", [*declined(lefts=TOUCHING), *row], POLICIES))


@pytest.mark.parametrize("lefts", [(60, 330, 520), (60, 200, 290)], ids=["other", "same"])
def test_two_tables_in_a_section_are_not_read_as_one_unflagged(
    lefts: Sequence[float], tmp_path: Path
) -> None:
    heads = ("**Field Office", "**Transfers", "**Remarks")
    other = rows(400, 14, lefts, heads, ("Boston", "12", "None"), ("Denver", "7", "Late"))
    path = sketch(tmp_path / "made.pdf", [*declined(TRAVIS, KERN), *other], POLICIES)
    assert outcome(path) in {"flagged", "unrecognised-layout"}


def test_rows_that_stand_in_no_order_are_refused(tmp_path: Path) -> None:
    """Each agency takes three lines, and the other cells stand on any of them."""
    drawn: list[tuple[float, float, str]] = []
    for row, dates in enumerate((0, 0, 1, 0, 1, 1, 0, 1, 0)):
        top = 279 + row * 33
        drawn += rows(top, 0, LEFTS[:1], ("Travis\nCounty\nJail",))
        for at, (x, text) in enumerate(zip(LEFTS[1:], KERN[1:], strict=True), 1):
            drawn.append((x, top + 11 * (dates if at in {2, 3} else row * at % 3), text))
    with pytest.raises(RefusedError, match="do not stand alike"):
        read(sketch(tmp_path / "made.pdf", [*declined(), *drawn], POLICIES))


def footed(pages: Sequence[Texts]) -> list[Texts]:
    """Give pages a foot: words at the left, and the page's number at the right."""
    return [
        [*page, (60, 580, "ICE – Law Enforcement Sensitive"), (700, 580, str(number))]
        for number, page in enumerate(pages, 1)
    ]


def many(texts: Sequence[str]) -> Texts:
    """A page full of rows, down to the foot."""
    return rows(60, 18, LEFTS, *[texts] * 28)


def test_a_page_number_beside_words_is_no_row(tmp_path: Path) -> None:
    pages = footed([declined(KERN, step=18), many(KERN), many(KERN), POLICIES])
    reading = read(sketch(tmp_path / "made.pdf", *pages))
    assert cells(reading, "declined") == [list(KERN)] * 57
    assert reading.status == "complete"


def test_a_page_number_beside_words_shows_that_a_page_is_lost(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.pdf", tmp_path / "cut.pdf"
    sketch(whole, *footed([declined(KERN, step=18), many(KERN), many(KERN), POLICIES]))
    with pikepdf.open(whole) as document:
        del document.pages[2]
        document.save(cut)
    with pytest.raises(RefusedError) as error:
        read(cut)
    assert (error.value.reason, error.value.page) == ("damaged", 3)


def test_a_row_that_comes_again_at_one_height_is_no_running_line(tmp_path: Path) -> None:
    """The first row of most pages is the same, and stands apart from the next one."""
    pages = [declined(KERN, step=18), many(KERN)[:12], many(KERN)[:12], POLICIES]
    reading = read(sketch(tmp_path / "made.pdf", *pages))
    assert cells(reading, "declined") == [list(KERN)] * 5


def test_a_row_whose_cells_went_over_whole_is_one(tmp_path: Path) -> None:
    first = ("", "May 2016", "State Law", "")
    rest = ("Taos, New Mexico (El Paso)", "", "", "• Will not hold")
    pages = [
        declined(KERN),
        [(60, 60, TITLE), *rows(85, 26, POLICY_LEFTS, POLICY_HEADINGS, ITHACA, first)],
        rows(60, 26, POLICY_LEFTS, rest, ITHACA),
    ]
    taos = ["Taos, New Mexico (El Paso)", "May 2016", "State Law", "• Will not hold"]
    found = cells(read(sketch(tmp_path / "made.pdf", *pages)), "policies")
    assert found == [list(ITHACA), taos, list(ITHACA)]


def test_a_title_may_take_two_lines(tmp_path: Path) -> None:
    front = [
        (60, 60, "**Quarterly Report on Declined Detainers and on the Outcome of Detainers"),
        (60, 71, "**Issued"),
        *((x, top + 10, text) for x, top, text in FRONT[1:]),
    ]
    page = [*front, *declined(KERN)[len(FRONT) :]]
    reading = read(sketch(tmp_path / "made.pdf", page, POLICIES))
    assert reading.title == (
        "Quarterly Report on Declined Detainers and on the Outcome of Detainers Issued"
    )


def test_a_drawn_bullet_may_stand_far_from_its_word(tmp_path: Path) -> None:
    """As in a cell whose text is centred; the dots of a dotted line are no bullets."""
    path = tmp_path / "marks.pdf"
    canvas = Canvas(str(path), invariant=1)
    for height in (700, 680):
        canvas.drawString(250, height, "Will not hold")
        canvas.circle(61.5, height + 3.5, 1.5, stroke=0, fill=1)
    for height in range(560, 640, 4):
        canvas.circle(61.5, height, 1.5, stroke=0, fill=1)
    canvas.drawString(250, 600, "Dotted")
    canvas.save()
    with Document(path) as document:
        (page,) = map(discs.spelled, document.pages())
    lines = [" ".join(word.text for word in line) for line in page.lines()]
    assert lines == ["• Will not hold", "• Will not hold", "Dotted"]


def test_a_drawn_bullet_may_stand_right_after_the_cell_beside_it(tmp_path: Path) -> None:
    """It is one where others stand above it."""
    path = tmp_path / "marks.pdf"
    canvas = Canvas(str(path), invariant=1)
    for height, beside in ((700, ""), (680, "on Cooperation"), (660, "")):
        canvas.drawRightString(95.5, height, beside)
        canvas.circle(101.5, height + 3.5, 1.5, stroke=0, fill=1)
        canvas.drawString(110, height, "Will not hold")
    canvas.save()
    with Document(path) as document:
        (page,) = map(discs.spelled, document.pages())
    lines = [" ".join(word.text for word in line) for line in page.lines()]
    hold = "• Will not hold"
    assert lines == [hold, f"on Cooperation {hold}", hold]


@pytest.mark.parametrize(
    ("rules", "padding"),
    [("none", 3), ("horizontal", 3), ("horizontal", 0.5), ("zebra", 3), ("zebra", 0.5)],
)
@pytest.mark.parametrize("blank", [(0,), (4,), (3, 4), (2, 11)], ids=str)
def test_a_row_without_its_date_is_a_row(
    blank: Sequence[int], rules: str, padding: float, tmp_path: Path
) -> None:
    """Not put to the row above it, though all rows had a date then."""
    part = content.policies()
    for at in blank:
        part.rows[at][1] = ""
    made, path = content.report(part), tmp_path / "made.pdf"
    make(made, Look(rules=rules, padding=padding), path)
    assert_exact(read(path), made.truth())


@pytest.mark.parametrize(("rules", "padding"), [("none", 3), ("horizontal", 0.5), ("zebra", 0.5)])
@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_row_without_its_count_is_a_row(
    at: int, rules: str, padding: float, tmp_path: Path
) -> None:
    part = content.issued()
    part.rows[at][1] = ""
    made, path = content.report(part, status="flagged"), tmp_path / "made.pdf"
    make(made, Look(rules=rules, padding=padding), path)
    assert_exact(read(path), made.truth())


def test_rows_without_space_between_them_of_which_one_lacks_its_count_are_refused(
    tmp_path: Path,
) -> None:
    part = content.issued()
    part.rows[2][1] = ""
    path = tmp_path / "made.pdf"
    make(content.report(part), Look(rules="none", padding=0.5), path)
    with pytest.raises(RefusedError, match="may be two"):
        read(path)


def test_a_rule_under_words_parts_no_row(tmp_path: Path) -> None:
    part = content.policies()
    part.rows[4][1] = ""
    made, path, ink = content.report(part), tmp_path / "made.pdf", tmp_path / "ink.pdf"
    make(made, Look(rules="horizontal"), path)
    boxes = [record.boxes[0] for record in read(path).tables["policies"]]
    canvas = Canvas(str(ink), pagesize=(792, 612))
    first = [box for box in boxes if box.page == boxes[0].page]
    for box in first:
        _, top, right, bottom = box.box
        if bottom - top > 25:
            canvas.line(right - 150, 612 - top - 15, right - 20, 612 - top - 15)
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as document, pikepdf.open(ink) as stamp:
        document.pages[first[0].page - 1].add_overlay(stamp.pages[0], None)
        document.save(path)
    assert_exact(read(path), made.truth())


def test_rows_without_space_between_them_of_which_one_lacks_its_date_are_refused(
    tmp_path: Path,
) -> None:
    """Each place ends in its field office: one text that holds two of these may be two rows'."""
    taos = ("Taos, New Mexico (El Paso)", "", "Resolution", "• Will not hold")
    places = ("Ames, Iowa (Omaha)", "Kern, California (Fresno)", "Lea, New Mexico (El Paso)")
    dated = [(place, "May 2016", "State Law", "• Will notify ICE") for place in places]
    bold = [f"**{heading}" for heading in POLICY_HEADINGS]
    table = rows(85, 11, POLICY_LEFTS, bold, ITHACA, dated[0], taos, *dated[1:])
    path = sketch(tmp_path / "made.pdf", declined(KERN), [(60, 60, TITLE), *table])
    with pytest.raises(RefusedError, match="may be two") as error:
        read(path)
    assert (error.value.reason, error.value.page) == ("unrecognised-layout", 2)


@pytest.mark.parametrize("rules", ["full", "none", "horizontal", "zebra"])
@pytest.mark.parametrize("count", [24, 27])
@pytest.mark.parametrize("label", ["Total", "Grand Total:"])
def test_a_row_that_adds_the_others_up_is_no_part_of_the_last_of_them(
    label: str, count: int, rules: str, tmp_path: Path
) -> None:
    """It lacks what they have; with 27 it stands on a page of its own."""
    part = content.declined(count)
    made, path = content.report(part), tmp_path / "made.pdf"
    truth = made.truth()
    truth["sections"][1]["rows"] = [*part.rows]
    part.rows.append([label, "", "", "", "", "", str(count)])
    make(made, Look(rules=rules), path)
    reading = read(path)
    assert_exact(reading, truth)
    totals = [check for check in reading.checks if "printed total row" in check.name]
    assert [(check.expected, check.passed) for check in totals] == [(count, True)]
