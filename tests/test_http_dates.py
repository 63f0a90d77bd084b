"""Whatever a host writes as a time, it is one, or none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.http_dates import http_date

GIVEN = datetime(2017, 3, 20, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "Mon, 20 Mar 2017 14:00:00 GMT",
        "Mon, 20 Mar 2017 14:00:00 -0000",
        "Mon, 20 Mar 2017 16:00:00 +0200",
        "Monday, 20-Mar-17 14:00:00 GMT",
        "Mon Mar 20 14:00:00 2017",
    ],
)
def test_a_time_is_read_in_utc(told: str) -> None:
    assert http_date(told) == GIVEN


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "yesterday",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 20 Mar 2017 14:00:00 +99999999999999",
        "Mon, 20 Mar 2017 99:00:00 GMT",
    ],
)
def test_what_is_no_time_is_none(told: str | None) -> None:
    assert http_date(told) is None


@given(st.from_regex(r"\w{3}, \d{1,12} \w{3} \d{1,12} \d{1,4}:\d{1,4}:\d{1,4} [+-]?\w{1,12}"))
def test_no_header_ends_a_run(told: str) -> None:
    found = http_date(told)
    assert found is None or found.tzinfo is UTC
