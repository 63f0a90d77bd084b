"""Ruled tables whose cells' texts touch the rules: what a rule parts are two cells, never one."""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from scrapers.cells import is_date
from scrapers.errors import RefusedError
from scrapers.reports.tables import CellText, Row, over_the_break
from tests.test_unruled import KERN, POLICY_HEADINGS, TITLE, cells, declined
from tests.truths import assert_exact, read
from tests.variants import content
from tests.variants.library import Look, make
from tests.variants.sketched import SIZE, rows

HEADS = tuple(text.removeprefix("**") for text in POLICY_HEADINGS)


def ruled(path: Path, lefts: Sequence[float], *texts: Sequence[str], step: float = 36) -> Path:
    """Draw a report whose last section is a ruled table without room around its texts."""
    canvas = Canvas(str(path), pagesize=(792, 612), invariant=1)
    tops = [85 + at * step for at in range(len(texts) + 1)]
    table = [(60, 60, TITLE), *rows(tops[0] + 2, step, lefts[:-1], *texts)]
    for page in ([*declined(KERN)], table):
        for x, top, text in page:
            canvas.setFont("Helvetica-Bold" if text.startswith("**") else "Helvetica", SIZE)
            canvas.drawString(x, 612 - top - SIZE, text.removeprefix("**"))
        if page is table:
            canvas.grid([*lefts], [612 - top for top in tops])
        canvas.showPage()
    canvas.save()
    return path


def just_wide(left: float, text: str) -> float:
    """Where a text ends that begins there."""
    return left + float(stringWidth(text, "Helvetica", SIZE))


@pytest.mark.parametrize("apart", [0, 1, 2.9])
def test_a_rule_parts_words_that_touch(apart: float, tmp_path: Path) -> None:
    """Each line of the policy's text ends where the criteria's begins."""
    policy = "Sheriff Decision"
    right = just_wide(350, policy) + apart
    one = ("Ithaca, New York", "May 2016", f"{policy}\n{policy}", "– Will notify\n– Will not hold")
    other = ("Taos, New Mexico", "May 2011", policy, "– Will notify\n– Will not hold")
    path = ruled(tmp_path / "made.pdf", (60, 250, 350, right, 700), POLICY_HEADINGS, one, other)
    reading = read(path)
    assert list(reading.tables["policies"][0].cells) == list(HEADS)
    bullets = ["• Will notify • Will not hold"]
    assert cells(reading, "policies") == [
        [*one[:2], f"{policy} {policy}", *bullets],
        [*other[:2], policy, *bullets],
    ]
    assert reading.status == "complete"


def test_text_that_runs_over_a_rule_is_refused(tmp_path: Path) -> None:
    one = ("Ithaca, New York", "May 2016", "Municipal Code Administration", "")
    path = ruled(tmp_path / "made.pdf", (60, 250, 350, 460, 700), POLICY_HEADINGS, one)
    with pytest.raises(RefusedError, match="runs over the rule between two cells") as error:
        read(path)
    assert (error.value.reason, error.value.page) == ("unrecognised-layout", 2)


def test_rows_between_which_no_rule_is_drawn_are_rows_though_there_are_but_two(
    tmp_path: Path,
) -> None:
    made, path = content.report(content.issued(2), content.declined(3)), tmp_path / "made.pdf"
    make(made, Look(rules="columns"), path)
    assert_exact(read(path), made.truth())


def row(*texts: str) -> Row:
    """Make a row of cells without boxes."""
    return Row(cells=tuple(map(CellText, texts)), spans=(1,) * len(texts), boxes=())


@pytest.mark.parametrize(
    ("before", "after", "is_one"),
    [
        (("", "", "", "• Will hold"), ("Taos", "May 2011", "Decision", "• Will notify"), True),
        (("", "", "", "Held if a judge"), ("Taos", "May 2011", "Decision", "signed it"), True),
        (("", "", "Sheriff’s", "• May"), ("Taos", "May 2011", "decision", "• Will"), True),
        (("", "", "Policy A", "• May"), ("Taos", "May 2011", "Order", "• Will"), False),
        (("", "", "", "Will hold"), ("Taos", "May 2011", "Decision", "Will notify"), False),
        (("", "May 2016", "", "• May"), ("Taos", "May 2011", "Decision", "• Will"), False),
        (("", "", "", "• May"), ("Taos", "May 2011", "", "• Will"), False),
        (("", "", "", "• May"), ("Taos", "soon", "Decision", "• Will"), False),
        (("Ames", "", "", "• May"), ("Taos", "May 2011", "Decision", "• Will"), False),
    ],
)
def test_a_row_at_a_pages_end_without_its_name_is_the_next_ones_begin_if_all_of_it_goes_on(
    before: Sequence[str], after: Sequence[str], *, is_one: bool
) -> None:
    """Cells at their row's middle: the long text begins on one page, the others on the next."""

    def fits(column: int, text: str) -> bool | None:
        return text.endswith(("2011", "2016")) if column == 1 else None

    assert over_the_break(row(*before), row(*after), fits, key=0, uneven=True) is is_one
    assert not over_the_break(row(*before), row(*after), fits, key=0), "where all stand at the top"


def test_two_rows_with_dates_of_their_own_are_two_however_their_texts_go_on() -> None:
    def fits(column: int, text: str) -> bool | None:
        return is_date(text) if column == 1 else None

    before = row("California (All Field Offices)", "May 2016", "State Law", "Will not honor")
    after = row("de Baca, New Mexico", "May 2011", "unwritten policy", "release of persons")
    assert not over_the_break(before, after, fits, key=0)
    rest = row("de Baca, New Mexico", "", "unwritten policy", "release of persons")
    assert over_the_break(before, rest, fits, key=0)


def test_a_list_goes_on_where_the_next_page_has_other_margins(tmp_path: Path) -> None:
    """Dashes are bullets by where they stand in their cell, not on the page."""
    part, path = content.policies(longest=14), tmp_path / "made.pdf"
    make(content.report(part), Look(bullet="–", points=12, size=letter), path)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        for page in document.pages[1::2]:
            page.contents_add(b"1 0 0 1 20 0 cm", prepend=True)
        document.save(path)
    reading = read(path)
    assert len(reading.tables["policies"][1].boxes) > 1
    assert cells(reading, "policies") == part.rows
