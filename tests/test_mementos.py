"""What the Wayback Machine saw, folded: each capture once, in whatever order it is learned."""

import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import manifest, sealed
from storage.archived import MementoRef, captured_at
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.model import iso, moment
from storage.runs import NoticeSeen, Observation, PageSeen, RunPart
from storage.timeline import RefoldError
from tests import histories
from tests.histories import ORIGIN, SOURCE, capture_fact, on, run_fact, table_fact

EMPTY = Manifest(source=SOURCE)
FIRST = "2017-01-28"
EDITIONS = {"a": FIRST, "b": FIRST, "c": "2017-02-04", "d": None}
"""Made documents, and which edition each prints; none for the last."""


def test_a_time_of_any_year_is_read_as_it_was_written_and_stands_in_order() -> None:
    times = [datetime(year, 3, 21, 14, tzinfo=UTC) for year in (1, 217, 1996, 9999)]
    written = [iso(at) for at in times]
    assert [moment(text) for text in written] == times
    assert written == sorted(written)


def stamp(number: int) -> str:
    return f"{on(number):%Y%m%d%H%M%S}"


def ref(name: str, *numbers: int, url: str = f"{ORIGIN}/x.pdf", sure: bool = True) -> MementoRef:
    """Captures of a made document on those days."""
    stamps = tuple(stamp(number) for number in sorted(set(numbers)))
    return MementoRef(url=url, digest=name.upper() * 32, timestamps=stamps, confirmed=sure)


def archived(name: str, number: int, written: float = 100, **how: object) -> Fact:
    """The fact of a capture of the Archive's that brought a document."""
    captured = ref(name, number)
    made = histories.capture(name, captured_at(captured.timestamps[0]), edition=EDITIONS[name])
    value = replace(made, via="wayback", url=captured.url, memento=captured, **how)  # type: ignore[arg-type] # fields of Capture
    return capture_fact(value, on(written))


def seen(captures: MementoRef, name: str | None, **how: object) -> Observation:
    """What a backfill tells of captures; `name` None where nobody has the bytes."""
    told = Observation(
        at=captured_at(captures.timestamps[0]),
        edition=FIRST,
        outcome="unchanged",
        evidence="memento",
        url=captures.url,
        digest=histories.digest(name) if name else None,
        memento=captures,
    )
    return replace(told, **how)  # type: ignore[arg-type] # fields of Observation


def absent(*numbers: int, url: str = f"{ORIGIN}/x.pdf") -> Observation:
    missing = replace(ref("-", *numbers, url=url), digest="", confirmed=False)
    return seen(missing, None, evidence="not-there")


def run(number: int, *told: Observation, pages: tuple[PageSeen, ...] = ()) -> Fact:
    part: RunPart = histories.part(number, on(100 + number), *told)
    part = replace(part, flow="backfill", pages=pages, summary=None)
    return run_fact(part, on(100 + number))


def fold(*facts: Fact) -> Manifest:
    return manifest.fold(EMPTY, facts)


def test_a_capture_told_by_two_backfills_is_one_sighting() -> None:
    facts = [archived("a", 1), archived("a", 1, written=101)]
    facts += [run(number, seen(ref("a", 1, 3), "a")) for number in (1, 2)]
    assert [span.count for span in fold(*facts).timelines[FIRST]] == [2]


def test_one_capture_played_back_gives_the_bytes_of_all_with_its_digest() -> None:
    unheld = run(1, seen(ref("a", 1, 3), None))
    (version,) = fold(unheld).versions(FIRST)
    assert (version.document.status, version.first_seen) == ("not-held", on(1))
    (version,) = fold(unheld, archived("a", 5)).versions(FIRST)
    assert version.document.digest == histories.digest("a")
    assert (version.first_seen, version.last_seen) == (on(1), on(5))
    with pytest.raises(RefoldError):
        manifest.fold(fold(unheld), [archived("a", 5)])


def test_bytes_with_the_digest_of_the_index_stand_before_others() -> None:
    told = [seen(ref("a", 1, sure=name == "b"), name) for name in ("a", "b", "c")]
    facts = [run(number, each) for number, each in enumerate(told)]
    for order in (facts, facts[::-1]):
        (version,) = fold(*order).versions(FIRST)
        assert version.document.digest == histories.digest("b")


def test_an_index_of_before_reads_as_it_was_written() -> None:
    facts = [histories.capture("a", on(0)), histories.capture("b", on(7))]
    known = fold(*(capture_fact(value, value.at) for value in facts))
    value = sealed.encode(known)
    assert sealed.decode(value) == known
    assert "memento" not in facts[0].to_json()


acts = st.tuples(
    st.sampled_from("abcd"),
    st.integers(min_value=0, max_value=9),
    st.integers(min_value=0, max_value=9),
    st.sampled_from(["capture", "table", "weekly", "sighted", "unheld", "absent", "page", "live"]),
)


def _page(name: str, numbers: tuple[int, ...], *, live: bool) -> PageSeen:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return PageSeen(
        at=on(numbers[0] + 0.5 if live else numbers[0]),
        url=f"https://www.ice.gov/{name}",
        digest=digest,
        ext="html",
        content=digest,
        notices=(NoticeSeen(kind="correction", text=name, said_on=None),),
        memento=None if live else replace(ref("p", *numbers), digest=f"{name.upper() * 31}P"),
    )


def _history(choices: list[tuple[str, int, int, str]]) -> list[Fact]:
    """Facts of made weeks and backfills: each choice is a document, two days, and what came."""
    facts: list[Fact] = []
    for number, (name, day, other, act) in enumerate(choices):
        days = (day, other)
        url = f"{ORIGIN}/{name if other % 2 else 'x'}.pdf"
        if act == "capture":
            facts.append(archived(name, day, written=100 + number))
        elif act == "table":
            facts.append(table_fact(histories.reading(name, edition=EDITIONS[name])))
        elif act == "weekly":
            told = histories.observation(name, on(day + 0.5))
            facts.append(run_fact(histories.part(number, on(day), told), on(100 + number)))
        elif act in {"page", "live"}:
            page = _page(name, tuple(sorted(days)), live=act == "live")
            facts.append(run(number, pages=(page,)))
        elif act == "absent":
            facts.append(run(number, absent(*days, url=url)))
        else:
            held = name if act == "sighted" else None
            claim = "2017-02-11" if day % 3 == 0 else None
            facts.append(run(number, seen(ref(name, *days, url=url), held, claim=claim)))
    return facts


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_learning_does_not_matter(
    choices: list[tuple[str, int, int, str]], order: random.Random
) -> None:
    facts = _history(choices)
    whole = fold(*facts)
    waiting, known, folded = list(facts), EMPTY, list[Fact]()
    order.shuffle(waiting)
    while waiting:
        batch, waiting = waiting[:2], waiting[2:]
        folded += batch
        try:
            known = manifest.fold(known, batch)
        except RefoldError:
            known = manifest.fold(EMPTY, folded)
    assert known == whole
    assert sealed.decode(sealed.encode(known)) == known


def test_spans_of_404s_are_a_removal_only_when_they_last() -> None:
    told = seen(ref("a", 1), "a")
    for days, removed in ((2, None), (20, "gone")):
        found = fold(archived("a", 1), run(1, told), run(2, absent(3, 3 + days)))
        assert found.removal(FIRST) == removed
        assert found.latest(FIRST) is not None
