"""Is a reading plausible: against the report's own figures and its period.

A disagreement flags, with the rows named; it never refuses, since agencies misprint. Beside the
edition before it is held by `storage/likeness.py`.
"""

from collections.abc import Callable, Iterable, Sequence

from scrapers.cells import is_state
from storage.model import Check, Period, Record


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
