"""A reading beside that of the edition before: what an agency would hardly do on purpose. Pure.

A difference flags a version and refuses nothing. It is derived, not filed: a document always reads
the same, and a backfill may find another edition before it.
"""

from collections.abc import Iterator

from storage.documents import Table

FEWEST = 20
"""Rows below which a table's size says nothing."""
FACTOR = 5
"""How many times more, or fewer, rows than the edition before are still ordinary: week 1 of 2017
had 206 declined detainers, week 2 had 47."""


def unlike(before: Table, after: Table) -> Iterator[str]:
    """Say how a reading differs from that of the edition before: tables, columns, sizes.

    Generous, since what is right is not to be flagged: a table that says that it is empty is
    right, and so is one that was small before, or that covers a longer or shorter period.
    """
    then = before.edition
    for name in sorted(before.counts.keys() - after.counts.keys()):
        yield f"no table {name}, unlike {then}"
    for name in sorted(after.counts.keys() - before.counts.keys()):
        yield f"a table {name}, unlike {then}"
    for name in sorted(before.counts.keys() & after.counts.keys()):
        was, now = before.counts[name], after.counts[name]
        most = max(was, now)
        if (
            was
            and now
            and most >= FEWEST
            and most > FACTOR * min(was, now)
            and _alike(before, after)
        ):
            yield f"{name} has {now} rows where {then} has {was}"
        lost = sorted({*before.filled.get(name, ())} - {*after.filled.get(name, ())})
        if lost and now >= FEWEST:
            yield f"{name} has no {', '.join(lost)}, unlike {then}"


def _alike(before: Table, after: Table) -> bool:
    """Whether both cover as many days; a quarter has more rows than a week."""
    if before.period is None or after.period is None:
        return before.period is after.period
    days = [(each.end - each.start).days for each in (before.period, after.period)]
    return abs(days[0] - days[1]) <= 1
