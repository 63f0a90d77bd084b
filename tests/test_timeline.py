"""Sightings and spans: what stood where, when, whatever the order in which we learn of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.timeline import RefoldError, Sighting, Span, add, as_of

START = datetime(2017, 3, 20, 14, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
BOTH: dict[str, tuple[datetime, ...]] = {A: (), B: ()}


def seen(day: int, digest: str = A) -> Sighting:
    return Sighting(at=START + timedelta(days=day), state="seen", digest=digest)


def absent(day: int) -> Sighting:
    return Sighting(at=START + timedelta(days=day), state="delisted", digest=None)


def on(day: float) -> datetime:
    return START + timedelta(days=day)


def test_sightings_of_the_same_bytes_are_one_span() -> None:
    (span,) = add((), [seen(0), seen(7), seen(14)])
    assert (span.first, span.last, span.count) == (on(0), on(14), 3)


def test_bytes_that_return_make_a_span_of_their_own() -> None:
    spans = add((), [seen(0), seen(7, B), seen(14)])
    assert [span.digest for span in spans] == [A, B, A]


def test_a_sighting_within_a_span_of_other_bytes_asks_for_a_new_fold() -> None:
    spans = add((), [seen(0), seen(7), seen(14)])
    with pytest.raises(RefoldError):
        add(spans, [seen(3, B)])


times = st.integers(min_value=0, max_value=6)
sightings = st.lists(
    st.one_of(
        st.builds(seen, times, st.sampled_from([A, B])),
        st.builds(absent, times),
    ),
    max_size=12,
)


@given(sightings, st.randoms())
def test_the_order_of_learning_does_not_matter(told: list[Sighting], random: object) -> None:
    whole = add((), told)
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a Random
    spans: tuple[Span, ...] = ()
    for number, sighting in enumerate(shuffled):
        try:
            spans = add(spans, [sighting])
        except RefoldError:
            spans = add((), shuffled[: number + 1])
    assert spans == whole
    assert sum(span.count for span in whole) == len(told)


def test_before_the_first_sighting_nothing_stood_there() -> None:
    assert as_of(add((), [seen(1)]), on(0), versions=BOTH) is None


def test_between_two_versions_the_older_one_stood_and_the_change_has_a_span() -> None:
    spans = add((), [seen(0), seen(7), seen(14, B)])
    standing = as_of(spans, on(10), versions=BOTH)
    assert standing is not None
    assert (standing.digest, standing.seen_at, standing.next_seen_at) == (A, on(7), on(14))


def test_of_sightings_of_the_same_bytes_those_around_the_day_are_named_where_they_are_known() -> (
    None
):
    spans = add((), [seen(1), seen(8), seen(13), seen(30)])
    standing = as_of(spans, on(10), versions={A: (on(13), on(8))})
    assert standing is not None
    assert (standing.seen_at, standing.next_seen_at, standing.next_digest) == (on(8), on(13), A)
    standing = as_of(spans, on(10), versions=BOTH)
    assert standing is not None
    assert (standing.seen_at, standing.next_seen_at) == (on(1), on(30))


def test_404s_between_the_sightings_are_named_and_no_others() -> None:
    missing = [Sighting(at=on(day), state="missing", digest=None) for day in (5, 10, 12, 20)]
    spans = add((), [seen(0), seen(7), *missing, seen(14), seen(21)])
    told = [as_of(spans, on(day), versions=BOTH) for day in (8, 14, 21)]
    assert [each and each.missing_at for each in told] == [(on(10), on(12)), (on(20),), ()]


def test_after_a_removal_the_last_version_stands_and_is_marked() -> None:
    standing = as_of(add((), [seen(0), absent(7)]), on(8), versions=BOTH)
    assert standing is not None
    assert (standing.digest, standing.removed_at) == (A, on(7))


def test_latest_is_what_was_last_shown_though_it_be_an_older_version() -> None:
    standing = as_of(add((), [seen(0), seen(7, B), seen(14)]), on(20), versions=BOTH)
    assert standing is not None
    assert (standing.digest, standing.next_seen_at) == (A, None)


def test_what_is_in_quarantine_never_stands() -> None:
    standing = as_of(add((), [seen(0), seen(7, B)]), on(8), versions={A: ()})
    assert standing is not None
    assert standing.digest == A


def test_what_is_no_version_is_told_where_it_was_seen_around_the_day_and_after_a_removal() -> None:
    refused = [seen(day, B) for day in (2, 6, 30)]
    spans = add((), [seen(0), refused[0], absent(4), refused[1], absent(8), absent(20), refused[2]])
    told = [as_of(spans, on(day), versions={A: ()}) for day in (1, 7, 9, 25)]
    assert [each and [span.first for span in each.aside] for each in told] == [
        [on(2)],
        [on(2), on(6)],
        [on(2), on(6)],
        [on(2), on(6), on(30)],
    ]
