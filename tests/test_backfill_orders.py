"""Any interleaving of weekly runs and backfills comes to the same history."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.ledger import Manifest
from tests import weeks
from tests.agency import AgencySite
from tests.agency_weeks import TITLE
from tests.histories import on
from tests.pasts import HOST, PAGE, Pasts, day, listing, made, quicker
from tests.wayback import WaybackSite
from tests.weeks import FIRST, SECOND, path, report

LOOKS = (30, 37, 44)
"""Days of the weekly runs."""
LOADS = (28, 33, 40, 47)
"""Days on which the past may be loaded besides; at the end it always is."""
BODIES = {
    "a": report(FIRST),
    "b": report(FIRST, rows=3),
    "c": report(FIRST, words="other"),
    "d": report(SECOND),
    "e": report(None, words="undated"),
}
PLACES = (path(FIRST), path(SECOND), "/doclib/ddor/unlinked.pdf")


@dataclass(frozen=True)
class Event:
    """What stood at an address from some day on; and whether the Archive then came by."""

    day: int
    place: int
    body: str | None
    archived: bool


ALLOWED = ((*"abce", None), ("d", None), (*"abcde", None))
"""What stands where. Two linked documents of one edition are asked for in an order that does
depend on what is known, by design (`flows.week.discover`), and so are their sightings' times."""


def at(place: int) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        day=st.integers(min_value=0, max_value=46),
        place=st.just(place),
        body=st.sampled_from(ALLOWED[place]),
        archived=st.booleans(),
    )


events = st.one_of(*map(at, range(len(PLACES))))


def standing(told: list[Event], place: int, when: int) -> bytes | None:
    """What stood at an address on a day."""
    then = [each for each in told if each.place == place and each.day <= when]
    last = max(then, key=lambda each: each.day, default=None)
    return BODIES[last.body] if last and last.body else None


def archive_of(told: list[Event], archive: WaybackSite) -> None:
    """Let the Archive have seen what it came by for, and the page as it stood then."""
    for each in told:
        if not each.archived:
            continue
        url = f"{HOST}{PLACES[each.place]}"
        if each.body:
            archive.capture(url, on(each.day), BODIES[each.body])
        else:
            archive.missing(url, on(each.day))
        links = [(place, f"{TITLE} {FIRST}") for place in PLACES[: each.place + 1]]
        archive.capture(PAGE, on(each.day), listing(*links))


def week(pasts: Pasts, told: list[Event], when: int) -> None:
    """Look at the agency as it stood on that day."""
    pasts.site.listing.entries.clear()
    for number, place in enumerate(PLACES[:2]):
        body = standing(told, number, when)
        if body:
            pasts.site.publish(place, body, f"{TITLE} {(FIRST, SECOND)[number]}")
    pasts.look(when)


def history(manifest: Manifest) -> dict[str, object]:
    """What must not depend on the order of work; times to the hour."""

    def hour(at: object) -> str:
        return str(at)[:13]

    return {
        "versions": [
            (e, v.number, v.kind, v.document.status, v.document.digest, hour(v.first_seen))
            for e in manifest.by_edition
            for v in manifest.versions(e)
        ],
        "timelines": {
            e: [(s.state, s.digest, hour(s.first), hour(s.last), s.count) for s in spans]
            for e, spans in manifest.timelines.items()
        },
        "pages": sorted((p.content, hour(p.first), p.count) for p in manifest.pages.values()),
        "notices": sorted((n.text, hour(n.first)) for n in manifest.notices.values()),
    }


def lived(folder: Path, told: list[Event], loads: tuple[int, ...], watch: weeks.Watch) -> object:
    """Live through the weeks with the past loaded on those days, and at the end."""
    with AgencySite() as site, WaybackSite(revisits=True) as archive:
        archive_of(told, archive)
        pasts = made(folder, watch, site, archive)
        for when in sorted((*LOOKS, *loads)):
            if when in LOOKS:
                week(pasts, told, when)
            else:
                pasts.load(when, "wayback", until=day(when))
        pasts.load(50, "wayback")
        return history(pasts.manifest)


@pytest.mark.slow
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(events, max_size=7), st.sets(st.sampled_from(LOADS), min_size=1))
def test_any_interleaving_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    told: list[Event],
    loads: set[int],
) -> None:
    watch = quicker(monkeypatch)
    folder = tmp_path_factory.mktemp("orders")
    late = lived(folder / "late", told, (), watch)
    assert lived(folder / "between", told, tuple(sorted(loads)), watch) == late
