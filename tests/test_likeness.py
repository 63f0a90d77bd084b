"""A version that is unlike the edition before is flagged; what is right is not."""

from dataclasses import replace
from datetime import date

from storage import manifest
from storage.documents import Table
from storage.ledger import Manifest
from storage.likeness import unlike
from storage.model import Period
from tests import histories
from tests.histories import SOURCE, on

WEEK = Period(start=date(2017, 1, 28), end=date(2017, 2, 3))
QUARTER = Period(start=date(2018, 1, 1), end=date(2018, 3, 31))
COLUMNS = ("lea", "state")


def _table(period: Period = WEEK, filled: tuple[str, ...] = COLUMNS, **counts: int) -> Table:
    return Table(
        key="",
        parser=1,
        edition=period.start.isoformat(),
        period=period,
        title=None,
        status="complete",
        flags=(),
        counts=counts,
        totals={},
        text_digest=None,
        records_digest="",
        groups={},
        filled=dict.fromkeys(counts, filled),
    )


def test_ordinary_change_between_editions_is_not_flagged() -> None:
    assert not list(unlike(_table(declined=206, issued=10), _table(declined=47, issued=11)))


def test_a_true_zero_is_not_flagged() -> None:
    assert not list(unlike(_table(declined=206), _table(declined=0, filled=())))


def test_a_quarter_may_have_more_rows_than_a_week() -> None:
    assert not list(unlike(_table(declined=47), _table(QUARTER, declined=900)))


def test_a_table_cut_to_a_tenth_or_lost_and_a_lost_column_are_named() -> None:
    before = _table(declined=206, policies=118)
    assert list(unlike(before, _table(declined=20, policies=118))) == [
        "declined has 20 rows where 2017-01-28 has 206"
    ]
    assert list(unlike(before, _table(declined=206))) == ["no table policies, unlike 2017-01-28"]
    narrow = replace(before, filled={"declined": ("lea",), "policies": COLUMNS})
    assert list(unlike(before, narrow)) == ["declined has no state, unlike 2017-01-28"]


def _folded(*names: tuple[str, str, int]) -> Manifest:
    facts: list[manifest.Fact] = []
    for day, (name, edition, rows) in enumerate(names):
        read = histories.reading(name, rows, edition=edition)
        at = on(day)
        facts.append(histories.capture_fact(histories.capture(name, at, edition=edition), at))
        facts.append(histories.table_fact(read))
    return manifest.fold(Manifest(source=SOURCE), facts)


def test_a_version_carries_the_flag_whatever_was_loaded_first() -> None:
    weeks = ("one", "2017-01-28", 5), ("two", "2017-02-04", 500), ("other", "2017-02-11", 450)
    for order in (weeks, weeks[::-1], (weeks[1], weeks[0], weeks[2])):
        known = _folded(*order)
        (odd,) = known.versions("2017-02-04")
        assert odd.status == "flagged"
        assert odd.flags == ("issued has 500 rows where 2017-01-28 has 5",)
        for edition in ("2017-01-28", "2017-02-11"):
            assert [(v.status, v.flags) for v in known.versions(edition)] == [("complete", ())]
