"""What is wrong is named with its rows; what is right is not flagged."""

from datetime import date

from scrapers import checks
from storage.model import Box, FieldValue, Period, Record

WEEK = Period(start=date(2017, 1, 28), end=date(2017, 2, 3))


def _record(**fields: FieldValue) -> Record:
    return Record(fields=fields, cells={}, boxes=(Box(page=1, box=(0, 0, 1, 1)),))


def test_a_day_outside_the_period_is_named_and_a_month_that_touches_it_is_not() -> None:
    days = ("2017-01-28", "2017-02", "2017-02-04", None, "2016-02-01")
    check = checks.within("x", [_record(day=day) for day in days], "day", WEEK)
    assert check.rows == (3, 5)
    assert check.found == "2017-02-04; 2016-02-01"


def test_dates_out_of_order_are_named() -> None:
    pairs = [("2017-01-01", "2017-01-02"), ("2017-02-06", "2017-02-01"), (None, "2017-02-01")]
    rows = [_record(issued=one, declined=other) for one, other in pairs]
    assert checks.in_order("x", rows, "issued", "declined").rows == (2,)


def test_an_unknown_state_is_named_and_a_blank_one_is_not() -> None:
    rows = [_record(state=state) for state in ("Texas", None, "Texs", "TX", "D.C.")]
    assert checks.known_states("x", rows).rows == (3,)
