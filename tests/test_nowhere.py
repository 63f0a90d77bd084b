"""A report that stood at more than one address is removed once it stood at none, and not before."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from storage import facts, manifest, sealed
from storage.catalogue import Catalogue
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.mementos import AbsenceEntry
from storage.runs import Evidence
from storage.timeline import RefoldError
from tests import histories
from tests.agency_weeks import TITLE
from tests.histories import ORIGIN, SOURCE, on, run_fact, table_fact
from tests.pasts import HOST, PAGE, Pasts, listing, pasts
from tests.test_mementos import (
    EDITIONS,
    EMPTY,
    FIRST,
    absent,
    fold,
    ref,
    run,
    seen,
    stamp,
)
from tests.weeks import path, report

__all__ = ["pasts"]

OLD, NEW, THIRD = (f"{ORIGIN}/{name}.pdf" for name in ("x", "x_0", "x_1"))
"""Where a report stood, and where it or its correction stood besides."""


def here(name: str, number: int, url: str, *, held: bool = True) -> Fact:
    """The fact of a capture of a made document at an address; or of what was not played back."""
    if not held:
        return run(number, seen(ref(name, number, url=url), None))
    captured = ref(name, number, url=url)
    made = histories.capture(name, on(number), edition=EDITIONS[name])
    made = replace(made, via="wayback", url=url, memento=captured)
    return histories.capture_fact(made, on(100 + number))


def gone(number: int, url: str, *others: int) -> Fact:
    return run(number, absent(number, *others, url=url))


def shown(number: float, url: str, evidence: Evidence = "not-modified", name: str = "a") -> Fact:
    """The fact of a weekly run in which the agency showed a document at an address."""
    told = replace(histories.observation(name, on(number), evidence=evidence), url=url)
    return run_fact(histories.part(int(number), on(number), told), on(100 + number))


def learned(told: list[Fact]) -> Manifest:
    """What comes of facts that are learned one by one."""
    known, folded = EMPTY, list[Fact]()
    for fact in told:
        folded.append(fact)
        try:
            known = manifest.fold(known, [fact])
        except RefoldError:
            known = fold(*folded)
    return known


def agreed(*told: Fact) -> Manifest:
    """What comes of facts, which is the same from the first to the last and the other way."""
    whole = fold(*told)
    assert learned(list(told)) == learned(list(told)[::-1]) == whole
    return whole


def counted(found: Manifest) -> list[str]:
    return sorted(each for entry in found.absences.values() for each in entry.counted)


MOVED = (here("a", 1, OLD), here("a", 2, NEW))
CORRECTED = (here("a", 1, OLD), here("b", 2, NEW))


@pytest.mark.parametrize("stood", [MOVED, CORRECTED])
def test_it_is_removed_from_the_404_on_with_which_the_last_of_its_addresses_is_gone(
    stood: tuple[Fact, ...],
) -> None:
    found = agreed(*stood, gone(10, OLD, 30), gone(20, NEW, 40))
    assert found.removal(FIRST) == "gone"
    assert [(s.first, s.last, s.count) for s in found.timelines[FIRST] if not s.digest] == [
        (on(20), on(40), 3)
    ]
    assert counted(found) == [stamp(20), stamp(30), stamp(40)]


@pytest.mark.parametrize("stood", [MOVED, CORRECTED])
def test_it_is_not_removed_while_it_stands_at_one_of_them_as_far_as_is_known(
    stood: tuple[Fact, ...],
) -> None:
    found = agreed(*stood, gone(10, OLD, 20, 30))
    assert (found.removal(FIRST), counted(found)) == (None, [])


@pytest.mark.parametrize(
    "returned",
    [
        here("a", 15, OLD),
        here("b", 15, OLD),
        here("b", 15, OLD, held=False),
        here("a", 10, OLD),
        here("a", 20, OLD),
        shown(15, OLD),
        shown(15, OLD, "body"),
    ],
)
def test_what_came_back_at_one_of_them_stands_there_until_the_next_404(returned: Fact) -> None:
    there = (*MOVED, gone(10, OLD), gone(20, NEW, 30), returned)
    found = agreed(*there)
    assert (found.removal(FIRST), counted(found)) == (None, [])
    found = agreed(*there, gone(35, OLD, 45))
    assert (found.removal(FIRST), counted(found)) == ("gone", [stamp(35), stamp(45)])


def test_of_what_the_agency_showed_only_the_first_and_the_last_time_is_known() -> None:
    there = (*MOVED, gone(10, OLD), gone(20, NEW, 30))
    assert agreed(*there, shown(9, OLD)).removal(FIRST) == "gone"
    assert agreed(*there, shown(9, OLD), shown(50, OLD)).removal(FIRST) is None
    assert counted(agreed(*there, shown(9, OLD), shown(50, OLD))) == []
    since = agreed(*there, shown(50, OLD))
    assert (since.removal(FIRST), counted(since)) == (None, [stamp(20), stamp(30)])


@pytest.mark.parametrize("held", [True, False])
def test_where_another_edition_was_met_since_it_does_not_stand_any_more(
    held: bool,  # noqa: FBT001 - what the test is about
) -> None:
    def other(number: int) -> Fact:
        met = ref("c", number, url=NEW)
        return run(50, seen(met, "c" if held else None, edition="2017-02-04"))

    found = agreed(*MOVED, gone(10, OLD, 20, 30), gone(12, NEW, 40), other(5))
    assert counted(found) == [stamp(10), stamp(20), stamp(30)]
    assert found.removal("2017-02-04") is None, "of which of them the 404s there are, is not known"
    later = agreed(*MOVED, gone(10, OLD, 20, 30), other(25))
    assert (later.removal(FIRST), counted(later)) == (None, [stamp(30)])
    assert agreed(*MOVED, gone(10, OLD, 20, 30), other(35)).removal(FIRST) is None


def test_it_is_known_of_what_nobody_has_the_bytes_of_as_well() -> None:
    unheld = [here("a", 1, OLD, held=False), here("b", 2, NEW, held=False)]
    assert agreed(*unheld, gone(10, OLD), gone(20, NEW)).removal(FIRST) is None
    assert agreed(*unheld, gone(10, OLD), gone(20, NEW, 30)).removal(FIRST) == "gone"


def test_what_was_counted_and_no_longer_is_makes_all_be_folded_anew() -> None:
    known = fold(*MOVED, gone(10, OLD), gone(20, NEW, 30))
    for late in (here("a", 25, THIRD), here("a", 12, OLD)):
        with pytest.raises(RefoldError):
            manifest.fold(known, [late])


def test_an_index_that_does_not_say_which_404s_it_counted_counted_all() -> None:
    text = b'{"edition": "2017-01-28", "timestamps": ["20170330140000", "20170409140000"]}'
    entry = TypeAdapter(AbsenceEntry).validate_json(text)
    assert entry.counted == entry.timestamps


acts = st.tuples(
    st.sampled_from("aabc"),
    st.sampled_from([OLD, OLD, NEW, NEW, THIRD]),
    st.integers(min_value=1, max_value=40),
    st.sampled_from(["held", "unheld", "gone", "gone", "gone", "shown", "body", "table"]),
)


def fact_of(name: str, url: str, number: int, act: str) -> Fact:
    if act == "gone":
        return gone(number, url, number + 7)
    if act in {"held", "unheld"}:
        return here(name, number, url, held=act == "held")
    if act == "table":
        return table_fact(histories.reading(name, edition=EDITIONS[name]))
    return shown(number + 0.5, url, "body" if act == "body" else "not-modified", name)


@settings(max_examples=100, deadline=None)
@given(st.lists(acts, max_size=12), st.randoms(use_true_random=False))
def test_it_comes_to_the_same_in_whatever_order_it_is_learned(
    choices: list[tuple[str, str, int, str]], order: random.Random
) -> None:
    told = list({fact.key: fact for fact in (fact_of(*each) for each in choices)}.values())
    whole = fold(*told)
    order.shuffle(told)
    assert learned(told) == whole
    assert sealed.decode(sealed.encode(whole)) == whole


FIRST_ON, ELSEWHERE = path(FIRST), "/doclib/ddor/moved/first.pdf"


LATER = {"last-modified": "Fri, 01 Jan 2100 00:00:00 GMT"}
"""With which a server says that what it serves has not changed since."""


def moved(pasts: Pasts) -> None:
    """A report that the Archive met at two addresses, the first of which led to the second."""
    pasts.captured(FIRST_ON, 1, report(FIRST), headers=LATER)
    pasts.wayback.moved(f"{HOST}{FIRST_ON}", on(4), ELSEWHERE)
    pasts.captured(ELSEWHERE, 5, report(FIRST))
    pasts.wayback.capture(PAGE, on(1), listing((FIRST_ON, f"{TITLE} {FIRST}")))


def missing(pasts: Pasts, name: str, *days: int) -> None:
    for number in days:
        pasts.wayback.missing(f"{HOST}{name}", on(number))


def rests_on(pasts: Pasts, number: int) -> str | None:
    return Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number)).rests_on


def test_a_report_that_moved_and_is_captured_as_404_at_both_is_removed(pasts: Pasts) -> None:
    moved(pasts)
    missing(pasts, FIRST_ON, 10)
    missing(pasts, ELSEWHERE, 20, 40)
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) == "gone"
    standing = pasts.manifest.as_of(FIRST, on(50))
    assert standing is not None
    assert (standing.seen_at, standing.removed_at) == (on(5), on(20))
    at_one = "not at one of its addresses 2017-03-30 (Wayback Machine)"
    says = (
        f"seen 2017-03-25 (Wayback Machine); found removed 2017-04-09 (Wayback Machine); {at_one}"
    )
    assert [rests_on(pasts, number) for number in (12, 50)] == [says, says]
    assert pasts.manifest == facts.refold(pasts.objects, SOURCE)


def test_one_404_at_the_last_of_them_is_told_as_such_and_is_no_removal(pasts: Pasts) -> None:
    moved(pasts)
    missing(pasts, FIRST_ON, 10)
    missing(pasts, ELSEWHERE, 20)
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) is None
    assert rests_on(pasts, 50) == (
        "last seen 2017-03-25 (Wayback Machine); not there 2017-04-09 (Wayback Machine); "
        "not at one of its addresses 2017-03-30 (Wayback Machine)"
    )


def test_a_report_that_moved_and_is_captured_as_404_where_it_was_is_not_removed(
    pasts: Pasts,
) -> None:
    moved(pasts)
    missing(pasts, FIRST_ON, 10, 20)
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) is None
    assert rests_on(pasts, 50) == (
        "last seen 2017-03-25 (Wayback Machine); not at one of its addresses "
        "2017-03-30 (Wayback Machine) and 2017-04-09 (Wayback Machine)"
    )


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_report_that_came_back_where_it_first_was_is_not_removed_any_more(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    moved(pasts)
    missing(pasts, FIRST_ON, 10)
    missing(pasts, ELSEWHERE, 20, 30, 55)
    pasts.captured(FIRST_ON, 50, report(FIRST))
    if is_loaded:
        pasts.load(40, "wayback", until=on(40).date())
        assert pasts.manifest.removal(FIRST) == "gone"
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) is None
    standing = pasts.manifest.as_of(FIRST, on(45))
    assert standing is not None
    assert standing.removed_at == on(20)
    assert rests_on(pasts, 60) == (
        "last seen 2017-05-09 (Wayback Machine); "
        "not at one of its addresses 2017-05-14 (Wayback Machine)"
    )


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_report_that_the_agency_shows_where_it_first_was_is_not_removed(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    moved(pasts)
    missing(pasts, FIRST_ON, 6)
    missing(pasts, ELSEWHERE, 7, 20, 30)
    if is_loaded:
        pasts.load(8, "wayback")
    pasts.site.forget()
    pasts.look(9)
    assert [each.status for each in pasts.site.asked(FIRST_ON)] == [200]
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) is None
    spans = [(s.state, s.count) for s in pasts.manifest.timelines[FIRST]]
    assert spans == [("seen", 2), ("missing", 1), ("seen", 1)]
