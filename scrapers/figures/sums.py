"""Do sheets agree with the totals that they print, and do they hold the rows and columns due?"""

from collections.abc import Callable, Collection, Iterator, Sequence

from scrapers.figures.headings import Column, letters
from scrapers.figures.rows import Row, figure
from scrapers.figures.sheets import Sheet
from storage.model import Check

SHOWN = 5
"""How many disagreements a check spells out; the rows that disagree are all named."""


def check_rows(sheets: Sequence[Sheet]) -> Check:
    """Check that the figures of each row add up to its printed total."""
    due, wrong, rows = 0, [], []
    for number, sheet, row in _rows(sheets):
        counts = _counts(row)
        total = counts.pop(sheet.total)
        due += 1
        if sum(counts) != total:
            wrong.append(f"{sheet.name} {row.label}: {sum(counts)}, not {total}")
            rows.append(number)
    return _check("rows = their printed totals", due, wrong, rows)


def check_columns(sheets: Sequence[Sheet]) -> Check:
    """Check that the figures of each column add up to the printed row of totals."""
    wrong = []
    for sheet in sheets:
        added = [sum(column) for column in zip(*map(_counts, sheet.rows), strict=True)]
        for column, found, printed in zip(sheet.columns, added, _counts(sheet.last), strict=True):
            if found != printed:
                wrong.append(f"{sheet.name} {column.heading}: {found}, not {printed}")
    due = sum(len(sheet.columns) for sheet in sheets)
    return _check("columns = their printed totals", due, wrong, [])


def check_figures(sheets: Sequence[Sheet]) -> Check:
    """Check that whatever is printed in a column of figures is one."""
    due, wrong, rows = 0, [], []
    for number, sheet, row in _rows(sheets):
        printed = [text for text in row.texts if text]
        odd = [text for text in printed if figure(text) is None]
        due += len(printed)
        wrong += [f"{sheet.name} {row.label}: {text!r}" for text in odd]
        rows += [number] if odd else []
    return _check("figures are numbers", due, wrong, rows)


def check_labels(sheets: Sequence[Sheet], due: Collection[str]) -> Check:
    """Check that each sheet has each row once.

    Args:
        sheets: all of them.
        due: what the row labels mean (see `letters`).
    """
    wrong = [s for s in sheets if sorted(letters(row.label) for row in s.rows) != sorted(due)]
    detail = [f"{sheet.name}: {_labels(sheet, due)}" for sheet in wrong]
    rows = [number for number, sheet, _ in _rows(sheets) if sheet in wrong]
    return _check(f"all {len(due)} rows, each once", len(sheets), detail, rows)


def check_known(sheets: Sequence[Sheet], is_known: Callable[[Column], bool]) -> Check:
    """Check that no column is new to us."""
    unknown = {c.heading for sheet in sheets for c in sheet.columns if not is_known(c)}
    return Check(
        name="unknown columns",
        passed=not unknown,
        expected=0,
        found="; ".join(sorted(unknown)) or 0,
    )


def _labels(sheet: Sheet, due: Collection[str]) -> str:
    """Say what is odd about a sheet's rows."""
    known = [letters(row.label) for row in sheet.rows]
    odd = [row.label for row in sheet.rows if letters(row.label) not in due]
    twice = [row.label for row in sheet.rows if known.count(letters(row.label)) > 1]
    lost = len(set(due) - set(known))
    return ", ".join([f"{lost} missing", *odd, *(f"{label} again" for label in twice[1:])])


def _rows(sheets: Sequence[Sheet]) -> Iterator[tuple[int, Sheet, Row]]:
    """Number the rows of all sheets, from 1."""
    pairs = ((sheet, row) for sheet in sheets for row in sheet.rows)
    return ((number, sheet, row) for number, (sheet, row) in enumerate(pairs, 1))


def _counts(row: Row) -> list[int]:
    """Read the figures of a row; what is blank adds nothing."""
    return [figure(text) or 0 for text in row.texts]


def _check(name: str, due: int, wrong: Sequence[str], rows: Sequence[int]) -> Check:
    more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    found = "; ".join([str(due - len(wrong)), *wrong[:SHOWN], *more])
    return Check(
        name=name,
        passed=not wrong,
        expected=due,
        found=found if wrong else due,
        rows=tuple(rows),
    )
