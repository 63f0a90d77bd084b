"""A report's tables are held against what the report itself counts."""

from scrapers.reports import records
from scrapers.reports.records import Named
from scrapers.reports.tables import CellText, Row, Table
from storage.model import Box, Check


def test_a_row_that_adds_the_others_up_is_held_against_them() -> None:
    rows = [["Clark", "51"], ["Kern", "1,012"]]
    right = _checks(["Place", "Issued"], rows, [["Total", "1,063"]])
    wrong = _checks(["Place", "Issued"], rows, [["Grand Total:", "1,036"]])
    name = "issued total of “Issued” = printed total row"
    assert right[name].passed
    assert (wrong[name].passed, wrong[name].expected, wrong[name].found) == (False, 1036, 1063)


def test_rows_that_are_added_up_in_parts_are_held_against_the_sum_of_these() -> None:
    rows = [["Clark", "51"], ["Kern", "65"]]
    parts = [["Subtotal", "51"], ["Subtotal", "60"], ["Total", "116"]]
    name = "issued total of “Issued” = printed total row"
    found = [check for check in _all_checks(["Place", "Issued"], rows, parts) if check.name == name]
    assert [(check.expected, check.passed) for check in found] == [(116, True), (111, False)]


def test_a_total_below_rows_without_figures_counts_the_rows() -> None:
    rows = [["Travis", "Mexico"], ["Kern", "Peru"]]
    known = _checks(["LEA", "Citizenship"], rows, [["Total", "3"]])
    assert known["issued total of “Citizenship” = printed total row"].found == 2


def test_a_gap_in_the_rows_own_numbers_names_the_row_after_it() -> None:
    rows = [["1", "Clark"], ["2", "Kern"], ["5", "Cook"]]
    known = _checks(["No.", "Place"], rows, [])
    check = known["issued rows numbered without a gap in “No.”"]
    assert (check.passed, check.rows) == (False, (3,))
    assert _checks(["No.", "Place"], rows[:2], [])[check.name].passed


def test_a_list_that_begins_with_the_rest_of_an_entry_names_its_row() -> None:
    rows = [["Clark", "• One"], ["Kern", "of two\n• Three"], ["Cook", "• Four"]]
    name = "issued lists in “Criteria” begin with an entry"
    check = _checks(["Place", "Criteria"], rows, [])[name]
    assert (check.passed, check.rows) == (False, (2,))
    whole = _checks(["Place", "Criteria"], [*rows[::2], ["Kern", "none"]], [])
    assert name not in whole


def _checks(
    headings: list[str], rows: list[list[str]], totals: list[list[str]]
) -> dict[str, Check]:
    return {check.name: check for check in _all_checks(headings, rows, totals)}


def _all_checks(
    headings: list[str], rows: list[list[str]], totals: list[list[str]]
) -> tuple[Check, ...]:
    table = Table(
        headings=tuple(headings),
        rows=tuple(map(_row, rows)),
        totals=tuple(map(_row, totals)),
    )
    return records.checks(Named(name="issued", shape=None, table=table, title="Issued"))


def _row(texts: list[str]) -> Row:
    return Row(
        cells=tuple(CellText(text.replace("\n", " "), tuple(text.split("\n"))) for text in texts),
        spans=(1,) * len(texts),
        boxes=(Box(page=1, box=(0, 0, 1, 1)),),
    )
