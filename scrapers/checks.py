"""Is a reading plausible: against the report's own figures, its period, the edition before.

A disagreement flags, with the rows named; it never refuses, since agencies misprint.
"""

from collections.abc import Callable, Iterable, Sequence

from scrapers.cells import is_state
from storage.model import Check, Period, Reading, Record

FEWEST = 20
"""Rows below which a table's size says nothing."""
FACTOR = 5
"""How many times more, or fewer, rows than the edition before are still ordinary: week 1 of 2017
had 206 declined detainers, week 2 had 47."""


def equal(name: str, expected: str | int | None, found: str | int | None) -> Check:
    """Check that what was found is what was expected."""
    return Check(name=name, passed=expected == found, expected=expected, found=found)


def present(name: str, found: str | None) -> Check:
    """Check that something was found at all."""
    return Check(name=name, passed=bool(found), expected=None, found=found)


def each(
    name: str,
    records: Sequence[Record],
    is_right: Callable[[Record], bool],
    *,
    expected: str | int | None = None,
    show: str | None = None,
) -> Check:
    """Check every record; names those that are wrong, and what `show` is in the first of them."""
    wrong = tuple(at for at, record in enumerate(records, start=1) if not is_right(record))
    shown = [str(records[at - 1].fields[show]) for at in wrong] if show else []
    found = "; ".join(dict.fromkeys(shown)) or None
    return Check(name=name, passed=not wrong, expected=expected, found=found, rows=wrong)


def within(name: str, records: Sequence[Record], field: str, period: Period) -> Check:
    """Check that a date lies in the period; a month does when any of its days may."""

    def is_right(record: Record) -> bool:
        day = record.fields[field]
        if not isinstance(day, str):
            return True
        start, end = period.start.isoformat(), period.end.isoformat()
        return start[: len(day)] <= day <= end[: len(day)]

    span = f"{period.start.isoformat()} to {period.end.isoformat()}"
    return each(name, records, is_right, expected=span, show=field)


def in_order(name: str, records: Sequence[Record], first: str, second: str) -> Check:
    """Check that one date is not later than another, where both are there."""

    def is_right(record: Record) -> bool:
        one, other = record.fields[first], record.fields[second]
        if not (isinstance(one, str) and isinstance(other, str)):
            return True
        length = min(len(one), len(other))
        return one[:length] <= other[:length]

    return each(name, records, is_right, show=first)


def known_states(name: str, records: Sequence[Record]) -> Check:
    """Check that every state that is named is one."""

    def is_right(record: Record) -> bool:
        state = record.fields["state"]
        return not isinstance(state, str) or is_state(state)

    return each(name, records, is_right, show="state")


def total(records: Iterable[Record], field: str) -> int:
    """Add up a count, blanks as nothing."""
    counts = (record.fields[field] for record in records)
    return sum(value for value in counts if isinstance(value, int))


def compare(before: Reading, after: Reading) -> tuple[Check, ...]:
    """Check a reading against that of the edition before: its tables, their columns and sizes.

    Generous, since what is right is not to be flagged: a table that says that it is empty is
    right, and so is one that was small before.
    """
    checks: list[Check] = []
    for name in before.tables:
        if before.tables[name] and name in after.tables:
            checks += _compare_table(name, before.tables[name], after.tables[name])
    missing = sorted(name for name in before.tables if name not in after.tables)
    extra = sorted(name for name in after.tables if name not in before.tables)
    changed = "; ".join([*(f"no {name}" for name in missing), *(f"also {name}" for name in extra)])
    return (equal("tables as in the edition before", None, changed or None), *checks)


def _compare_table(
    name: str, before: Sequence[Record], after: Sequence[Record]
) -> tuple[Check, ...]:
    """Compare one table's columns and size."""
    was, now = len(before), len(after)
    if not now:
        return ()
    is_like = max(was, now) < FEWEST or max(was, now) <= FACTOR * min(was, now)
    size = Check(
        name=f"{name} about as long as in the edition before",
        passed=is_like,
        expected=was,
        found=now,
    )
    lost = sorted(_filled(before) - _filled(after)) if now >= FEWEST else []
    return size, equal(
        f"{name} has the columns of the edition before", None, ", ".join(lost) or None
    )


def _filled(records: Sequence[Record]) -> set[str]:
    """Name the typed fields that any record has."""
    return {name for record in records for name, value in record.fields.items() if value}
