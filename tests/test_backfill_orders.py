"""Any interleaving of weekly runs and backfills comes to the same history."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import layout
from tests import weeks
from tests.agency import AgencySite
from tests.agency_weeks import TITLE, TITLES
from tests.histories import SOURCE, on
from tests.pasts import HOST, PAGE, Pasts, day, history, listing, made, pasts, quicker
from tests.wayback import WaybackSite
from tests.weeks import FIRST, SECOND, THIRD, path, report

__all__ = ["pasts"]

LOOKS = (30, 37, 44)
"""Days of the weekly runs."""
LOADS = (28, 33, 40, 47)
"""Days on which the past may be loaded besides."""
BODIES = {
    "a": report(FIRST),
    "b": report(FIRST, rows=3),
    "c": report(FIRST, words="other"),
    "d": report(SECOND),
    "e": report(None, words="undated"),
    "f": report(THIRD),
    "junk": b"not a pdf at all " * 9,
}
PLACES = (path(FIRST), path(SECOND), "/doclib/ddor/unlinked.pdf", "/doclib/other/q1.pdf")
"""The last one lies outside the series' folder: the Archive's index has it by its address alone."""
LINKED = {0: FIRST, 1: SECOND, 3: THIRD}
"""Which of them the agency links to -> as what."""
HOSTS = (HOST, "http://www.ice.gov", "https://ice.gov", "http://www.ice.gov:80")
"""All one to the Archive's index."""


@dataclass(frozen=True)
class Event:
    """What stood at an address from some day on; and whether the Archive then came by."""

    day: float
    place: int
    body: str | None
    archived: bool
    stood: bool = True
    """Whether the agency showed it whenever we came; else the Archive alone ever met it."""
    host: str = HOST
    """By which name the Archive knew the place."""
    played: bool = True
    """Whether the Archive gives what it has; else its index alone does."""


MOVED = "moved"
"""Stands for a redirect, of which the index tells no status once it had the same before."""
ELSEWHERE = "/archive/moved.pdf"
ALLOWED = ((*"abce", None), (*"abd", None), (*"abcde", None), ("f", None))
"""What stands where. Of one edition there may be two that are linked at a time."""


def at(place: int) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        day=st.integers(min_value=0, max_value=46),
        place=st.just(place),
        body=st.sampled_from(ALLOWED[place]),
        archived=st.booleans(),
        played=st.booleans(),
    )


def met(place: int) -> st.SearchStrategy[Event]:
    """What only the Archive met: at another hour than it was replaced, and by another name."""
    return st.builds(
        Event,
        day=st.integers(min_value=0, max_value=46).map(lambda day: day + 0.5),
        place=st.just(place),
        body=st.sampled_from([*ALLOWED[place], "junk", MOVED]),
        archived=st.just(True),  # noqa: FBT003 - hypothesis takes the value as it is
        stood=st.just(False),  # noqa: FBT003 - as above
        host=st.sampled_from(HOSTS),
        played=st.booleans(),
    )


events = st.one_of(*map(at, range(len(PLACES))), *map(met, range(len(PLACES))))


def standing(told: list[Event], place: int, when: int) -> bytes | None:
    """What stood at an address on a day."""
    then = [each for each in told if each.place == place and each.day <= when and each.stood]
    last = max(then, key=lambda each: each.day, default=None)
    return BODIES[last.body] if last and last.body else None


def archive_of(told: list[Event], archive: WaybackSite) -> None:
    """Let the Archive have seen what it came by for, and the page as it stood then."""
    for each in told:
        if not each.archived:
            continue
        url = f"{each.host}{PLACES[each.place]}"
        if each.body == MOVED:
            archive.moved(url, on(each.day), ELSEWHERE)
            archive.capture(f"{HOST}{ELSEWHERE}", on(each.day + 0.1), BODIES["b"])
        elif each.body:
            archive.capture(url, on(each.day), BODIES[each.body]).is_played = each.played
        else:
            archive.missing(url, on(each.day))
        links = [(place, f"{TITLE} {FIRST}") for place in PLACES[: each.place + 1]]
        if each.stood:
            archive.capture(PAGE, on(each.day), listing(*links))


def week(pasts: Pasts, told: list[Event], when: int, *, loads: bool = False) -> None:
    """Look at the agency as it stood on that day, or load what it links to."""
    pasts.site.listing.entries.clear()
    for number, edition in LINKED.items():
        body = standing(told, number, when)
        if body:
            pasts.site.publish(PLACES[number], body, f"{TITLE} {edition}")
    if loads:
        pasts.load(when, "agency")
    else:
        pasts.week(when)


@dataclass(frozen=True)
class Order:
    """In which order the work was done."""

    loads: frozenset[int] = frozenset()
    """Days on which the Archive's past was loaded up to then."""
    ends: bool = True
    """Whether it is at the end, too."""
    reach: int = 0
    """How many days those that are not the last reach back; 0: to the beginning."""
    backfills: frozenset[int] = frozenset()
    """Which of the looks were a backfill's from the agency."""


def lived(folder: Path, told: list[Event], order: Order, watch: weeks.Watch) -> object:
    """Live through the weeks with the past loaded on those days."""
    with AgencySite() as site, WaybackSite(revisits=True) as archive:
        archive_of(told, archive)
        pasts = made(folder, watch, site, archive)
        for when in sorted((*LOOKS, *order.loads)):
            if when in LOOKS:
                week(pasts, told, when, loads=when in order.backfills)
            else:
                since = day(when - order.reach) if order.reach else None
                pasts.load(when, "wayback", since=since, until=day(when))
        if order.ends:
            pasts.load(50, "wayback")
        return history(pasts.manifest)


def both(folder: Path, told: list[Event], order: Order, watch: weeks.Watch) -> list[object]:
    """Live through the same weeks with the past loaded meanwhile, and with all of it at the end."""
    late = replace(order, loads=frozenset(), ends=True)
    return [lived(folder / n, told, o, watch) for n, o in (("between", order), ("late", late))]


orders = st.builds(
    Order,
    loads=st.frozensets(st.sampled_from(LOADS), min_size=1),
    reach=st.sampled_from([0, 0, 5, 20]),
    backfills=st.frozensets(st.sampled_from(LOOKS), max_size=1),
)


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(events, max_size=8), orders)
def test_any_interleaving_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    told: list[Event],
    order: Order,
) -> None:
    between, late = both(tmp_path_factory.mktemp("orders"), told, order, quicker(monkeypatch))
    assert between == late


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(events, max_size=8),
    st.frozensets(st.sampled_from(LOADS), min_size=1),
    # A backfill that asks the agency alone leaves the rest to the next weekly run.
    st.frozensets(st.sampled_from(LOOKS[:-1]), max_size=1),
)
def test_a_past_that_stands_still_is_the_same_whenever_it_was_loaded(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    told: list[Event],
    loads: frozenset[int],
    backfills: frozenset[int],
) -> None:
    still = [
        replace(each, archived=each.archived and each.day < LOADS[0])
        for each in told
        if each.stood or each.day < LOADS[0]
    ]
    order = Order(loads=loads, backfills=backfills, ends=False)
    between, late = both(tmp_path_factory.mktemp("orders"), still, order, quicker(monkeypatch))
    assert between == late


LATER = {"last-modified": "Fri, 01 Jan 2100 00:00:00 GMT"}
"""With which a server says of all that it serves that it has not changed since."""


@pytest.mark.parametrize("is_loaded", [False, True])
@pytest.mark.parametrize(
    ("day_number", "body", "headers"),
    [
        pytest.param(27, BODIES["d"], LATER, id="the same, which the server then calls unchanged"),
        pytest.param(1, BODIES["junk"], {}, id="what is in quarantine under its name ever since"),
        pytest.param(33, report(SECOND, rows=9), {}, id="other bytes, since we came last"),
    ],
)
def test_a_link_that_is_gone_is_told_alike_whatever_the_archive_had_met_there(
    pasts: Pasts,
    day_number: int,
    body: bytes,
    headers: dict[str, str],
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.captured(path(SECOND), day_number, body, headers=headers)
    if is_loaded and day_number < LOOKS[0]:
        pasts.load(28, "wayback")
    pasts.look(30)
    if is_loaded and day_number > LOOKS[0]:
        pasts.load(34, "wayback")
    pasts.site.delist(path(SECOND))
    pasts.look(37)
    assert pasts.manifest.removal(SECOND) == "delisted"


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_link_that_is_gone_is_told_alike_whether_the_new_ones_bytes_were_known(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.captured(path(FIRST), 1, BODIES["a"])
    pasts.site.delist(path(FIRST))
    pasts.site.delist(path(THIRD))
    if is_loaded:
        pasts.load(28, "wayback")
    pasts.look(30)
    pasts.site.delist(path(SECOND))
    pasts.site.restore(path(FIRST), f"{TITLE} {FIRST}")
    pasts.look(37)
    assert pasts.manifest.removal(SECOND) == "delisted"


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_report_whose_address_serves_another_is_missed_at_none_that_only_the_archive_knew(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    newest = "/doclib/ddor/newest.pdf"
    pasts.captured("/doclib/ddor/copy.pdf", 1, BODIES["d"])
    pasts.site.delist(path(SECOND))
    pasts.site.delist(path(THIRD))
    pasts.site.publish(newest, BODIES["d"], TITLE)
    if is_loaded:
        pasts.load(28, "wayback")
    pasts.look(30)
    pasts.site.revise(newest, BODIES["f"])
    pasts.look(37)
    pasts.site.delist(path(FIRST))
    pasts.look(44)
    removed = [pasts.manifest.removal(edition) for edition in (FIRST, SECOND, THIRD)]
    assert removed == ["delisted", None, None]


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_report_that_is_not_linked_is_asked_for_where_the_agency_served_it(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    copy = "/doclib/ddor/copy.pdf"
    pasts.site.store(copy, BODIES["a"])
    pasts.captured(copy, 33, report(SECOND, rows=9))
    pasts.look(30)
    if is_loaded:
        pasts.load(34, "wayback")
    pasts.site.delist(path(SECOND))
    pasts.site.forget()
    pasts.look(37)
    assert (len(pasts.site.asked(path(SECOND))), pasts.site.asked(copy)) == (1, [])


@pytest.mark.parametrize("loads", [(28, 60), (40, 60), (60,)], ids=str)
def test_what_is_linked_is_not_missed_as_another_report_that_turns_out_to_be_of_its_edition(
    pasts: Pasts, loads: tuple[int, ...]
) -> None:
    undated = "/doclib/ddor/undated.pdf"
    pasts.site.delist(path(SECOND))
    pasts.site.publish(undated, BODIES["e"], TITLES[SECOND])
    pasts.captured(undated, 1, BODIES["e"])
    pasts.wayback.capture(PAGE, on(2), listing((undated, TITLES[FIRST])))
    for number in sorted((30, 37, 44, 51, *loads)):
        if number in loads:
            pasts.load(number, "wayback")
            continue
        if number == 44:
            pasts.site.delist(undated)
        pasts.look(number)
    pasts.load(61, "wayback")
    names = {document.edition for document in pasts.manifest.documents.values()}
    assert names == {FIRST, THIRD}
    assert pasts.manifest.removal(FIRST) is None
    pasts.site.delist(path(FIRST))
    pasts.look(70)
    assert pasts.manifest.removal(FIRST) == "delisted"


@pytest.mark.parametrize("is_loaded", [False, True])
def test_what_the_archive_was_told_of_changes_is_no_reason_not_to_fetch_what_stands(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.look(20)
    pasts.captured(path(FIRST), 22, BODIES["b"], headers=LATER)  # and put back, with its old date
    if is_loaded:
        pasts.load(23, "wayback")
    pasts.look(30)
    pasts.load(40, "wayback")
    standing = pasts.manifest.as_of(FIRST, on(31))
    assert standing is not None
    assert pasts.objects.get(layout.raw(SOURCE, standing.digest, "pdf")) == BODIES["a"]
    assert (standing.seen_at.date(), standing.removed_at) == (day(30), None)


@pytest.mark.parametrize("load", [31, 38])
def test_what_is_not_linked_any_more_is_not_missed_anew_where_the_archive_met_it(
    pasts: Pasts, load: int
) -> None:
    pasts.look(20)
    for edition in (FIRST, SECOND):
        pasts.site.delist(path(edition))
        pasts.look(23 if edition == FIRST else 26)
        pasts.captured(path(edition), 30, BODIES["a" if edition == FIRST else "d"])
    if load < 37:
        pasts.load(load, "wayback")
    run = pasts.look(37)
    if load > 37:
        pasts.load(load, "wayback")
    assert (run.status, run.needs) == ("complete", ())
    assert run.outcomes == {FIRST: "unchanged", SECOND: "unchanged", THIRD: "unchanged"}
    for edition in (FIRST, SECOND):
        spans = [(s.state, s.first.date()) for s in pasts.manifest.timelines[edition]]
        assert spans[-2:] == [("seen", day(30)), ("delisted", day(37))]
    pasts.site.restore(path(FIRST), f"{TITLE} {FIRST}")
    assert pasts.look(44).outcomes[FIRST] == "returned"


@pytest.mark.parametrize("load", [26, 40])
def test_a_404_of_a_link_is_told_alike_whatever_the_archive_had_met_there(
    pasts: Pasts, load: int
) -> None:
    pasts.look(20)
    for number in (21, 24):
        pasts.wayback.missing(f"{HOST}{path(SECOND)}", on(number))
    pasts.site.remove(path(SECOND))
    told = []
    for number in sorted((28, 35, load)):
        if number == load:
            pasts.load(number, "wayback")
        else:
            told.append(pasts.look(number).outcomes[SECOND])
    assert told == ["failed", "gone"]
    standing = pasts.manifest.as_of(SECOND, on(22))
    assert standing is not None
    assert standing.removed_at == on(21)
