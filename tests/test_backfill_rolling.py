"""The past of a document that the agency replaces each month: one address, one edition."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.sources import fbi_nics
from tests import weeks
from tests.agency import AgencySite
from tests.agency.listing import Listing
from tests.histories import on
from tests.pasts import Pasts, day, history, listing, made, quicker
from tests.wayback import WaybackSite
from tests.weeks import report

HOST = "https://www.fbi.gov"
PATHS = [address.removeprefix(HOST) for address in fbi_nics.FILES]
"""Where the document stands, and where it once did."""
TITLE = fbi_nics.SOURCE.title
LOOKS = (30, 37, 44)
BODIES = {
    **{name: report("rolling", int(name)) for name in "1234"},
    "2, revised": report("rolling", 2, words="other"),
    "junk": b"not a pdf at all " * 9,
}


@dataclass(frozen=True)
class Event:
    """What stood at an address from some day on, and whether the Archive came by."""

    day: int
    path: str
    body: str | None
    archived: bool


events = st.builds(
    Event,
    day=st.integers(min_value=0, max_value=46),
    path=st.sampled_from(PATHS),
    body=st.sampled_from([*BODIES, None]),
    archived=st.booleans(),
)


@pytest.fixture
def rolling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pasts]:
    """The other agency, an Archive and a store that hold nothing yet."""
    watch = renamed(monkeypatch)
    with AgencySite(Listing(path="/services/cjis/nics")) as site, WaybackSite() as archive:
        yield made(tmp_path / "archive", watch, site, archive)


def renamed(monkeypatch: pytest.MonkeyPatch) -> weeks.Watch:
    """Let the helpers look at this source."""
    for name in ("histories", "weeks", "pasts"):
        monkeypatch.setattr(f"tests.{name}.SOURCE", "fbi_nics")
    return quicker(monkeypatch)


def test_each_state_of_the_past_is_a_version_wherever_it_stood(rolling: Pasts) -> None:
    told = ((1, 0, "1"), (8, 0, "2"), (9, 1, "2"), (15, 0, "2, revised"), (22, 0, "3"))
    for when, place, name in told:
        rolling.wayback.capture(f"{HOST}{PATHS[place]}", on(when), BODIES[name])
    rolling.site.publish(PATHS[0], BODIES["4"], TITLE)
    rolling.look(30)
    assert rolling.load(31).status == "complete"
    seen = [version.first_seen.date() for version in rolling.manifest.versions("rolling")]
    assert seen == [day(number) for number in (1, 8, 15, 22, 30)]
    standing = rolling.manifest.as_of("rolling", on(10))
    assert standing is not None
    assert (standing.seen_at, standing.next_seen_at) == (on(9), on(15))


def lived(folder: Path, told: list[Event], loads: frozenset[int], watch: weeks.Watch) -> object:
    """Live through the weeks with the past loaded on those days, and at the end."""
    with AgencySite(Listing(path="/services/cjis/nics")) as site, WaybackSite() as archive:
        for each in told:
            if each.archived and each.body:
                archive.capture(f"{HOST}{each.path}", on(each.day), BODIES[each.body])
            elif each.archived:
                archive.missing(f"{HOST}{each.path}", on(each.day))
            if each.archived:
                page = f"{HOST}{site.listing.path}"
                archive.capture(page, on(each.day), listing((each.path, TITLE)))
        pasts = made(folder, watch, site, archive)
        for when in sorted((*LOOKS, *loads)):
            if when not in LOOKS:
                pasts.load(when, "wayback", until=day(when))
                continue
            site.listing.entries.clear()
            stood = [each for each in told if each.day <= when]
            last = max(stood, key=lambda each: each.day, default=None)
            if last and last.body:
                site.publish(last.path, BODIES[last.body], TITLE)
            pasts.look(when)
        pasts.load(50, "wayback")
        return history(pasts.manifest)


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(events, max_size=8), st.frozensets(st.sampled_from((28, 33, 40, 47)), min_size=1))
def test_any_interleaving_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    told: list[Event],
    loads: frozenset[int],
) -> None:
    watch, folder = renamed(monkeypatch), tmp_path_factory.mktemp("orders")
    between = lived(folder / "between", told, loads, watch)
    assert between == lived(folder / "late", told, frozenset(), watch)
