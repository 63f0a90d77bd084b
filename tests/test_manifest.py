"""The fold: what facts make of each other, in whatever order they are learned."""

import hashlib
import itertools
import json
import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import manifest, sealed
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.model import canonical
from storage.runs import Evidence, NoticeSeen, PageSeen
from storage.timeline import RefoldError
from tests import histories
from tests.histories import NEWER, PARSER, SOURCE, capture_fact, on, run_fact, table_fact

EMPTY = Manifest(source=SOURCE)
FIRST, SECOND, THIRD = "2017-01-28", "2017-02-04", "2017-02-11"
EVIDENCE: dict[str, Evidence] = {"delisted": "absent", "missing": "not-there"}


def fold(*facts: Fact) -> Manifest:
    return manifest.fold(EMPTY, facts)


def captured(name: str, day: float, *, edition: str | None = FIRST) -> Fact:
    return capture_fact(histories.capture(name, on(day), edition=edition), on(day))


def test_a_capture_alone_makes_a_version() -> None:
    found = fold(captured("one", 0))
    assert [v.document.digest for v in found.versions(FIRST)] == [histories.digest("one")]
    assert found.documents[histories.digest("one")].status == "unread"


def test_the_period_that_a_document_prints_names_its_edition() -> None:
    found = fold(captured("one", 0), table_fact(histories.reading("one", edition="2017-02-04")))
    assert list(found.by_edition) == ["2017-02-04"]
    assert found.documents[histories.digest("one")].status == "flagged"


def test_without_period_or_claim_an_edition_is_named_by_digest() -> None:
    found = fold(captured("one", 0, edition=None))
    assert list(found.by_edition) == [f"unknown-{histories.digest('one')[:12]}"]


def test_versions_are_in_the_order_of_their_first_sighting_and_a_backfill_may_shift_them() -> None:
    late, early = captured("late", 7), captured("early", 3)
    before = fold(late)
    after = manifest.fold(before, [early])
    order = [version.document.digest for version in after.versions(FIRST)]
    assert order == [histories.digest("early"), histories.digest("late")]


@pytest.mark.parametrize(
    ("rows", "text", "kind"),
    [
        (3, "two", "revision"),
        (1, "two", "revision"),
        (2, "two", "amendment"),
        (2, "one", "reissue"),
    ],
)
def test_three_digests_tell_revision_amendment_and_reissue(rows: int, text: str, kind: str) -> None:
    old, new = histories.reading("one", 2), histories.reading("two", rows)
    new = replace(new, text_digest=histories.reading(text).text_digest)
    found = fold(captured("one", 0), table_fact(old), captured("two", 7), table_fact(new))
    assert found.versions(FIRST)[1].kind == kind


@pytest.mark.parametrize(("rows", "kind"), [(3, "new"), (1, "revision")])
def test_in_a_rolling_edition_records_only_added_are_new(rows: int, kind: str) -> None:
    old = histories.reading("one", 2, edition="rolling")
    new = histories.reading("two", rows, edition="rolling")
    found = fold(captured("one", 0), table_fact(old), captured("two", 7), table_fact(new))
    assert found.versions("rolling")[1].kind == kind


def test_another_parsers_reading_is_not_current_until_a_person_says_so() -> None:
    facts = [
        captured("one", 0),
        *(table_fact(histories.reading("one", parser=p)) for p in (PARSER, NEWER)),
    ]
    document = fold(*facts).documents[histories.digest("one")]
    assert document.table is not None
    assert document.table.parser == PARSER


def test_a_capture_and_the_observation_that_made_it_are_one_sighting() -> None:
    seen = histories.observation("one", on(0), "new", evidence="capture")
    found = fold(captured("one", 0), run_fact(histories.part(1, on(0), seen), on(0.1)))
    assert [span.count for span in found.timelines[FIRST]] == [1]


def test_a_fact_folded_twice_changes_nothing() -> None:
    facts = [captured("one", 0), table_fact(histories.reading("one"))]
    once = fold(*facts)
    assert manifest.fold(once, facts) == once


def test_a_manifest_reads_as_it_was_written() -> None:
    seen = histories.observation("one", on(7))
    found = fold(
        captured("one", 0),
        table_fact(histories.reading("one")),
        run_fact(histories.part(1, on(7), seen), on(7)),
    )
    assert sealed.decode(sealed.encode(found)) == found
    assert sealed.encode(sealed.decode(sealed.encode(found))) == sealed.encode(found)


def test_a_manifest_that_names_no_rules_is_of_the_first_ones() -> None:
    rest = re.sub(rb'"(rules":\d+|seal":"\w+"),', b"", sealed.encode(fold(captured("one", 0))))
    seal = hashlib.sha256(rest).hexdigest()
    earlier = rest.replace(b'"schema":1,', b'"schema":1,"seal":"%s",' % seal.encode())
    assert sealed.decode(earlier).rules == 1
    with pytest.raises(ValueError, match="edited"):
        sealed.decode(earlier.replace(b'"count":1', b'"count":2'))
    with pytest.raises(ValueError, match="edited"):
        sealed.decode(json.dumps(json.loads(earlier), indent=1).encode())


CLAIMS = {"a": FIRST, "b": THIRD, "c": SECOND, "d": None, "e": THIRD}
PRINTED = {"a": FIRST, "b": FIRST, "c": SECOND, "d": SECOND, "e": THIRD}
"""Of which weeks documents are by their links, and by what they print."""


def _history(choices: list[tuple[str, int, str]]) -> list[Fact]:
    """Facts of made weeks: each choice is a document, a day, and what became of it."""
    facts: list[Fact] = []
    for number, (name, day, act) in enumerate(choices):
        written_at = on(100 + number)
        edition = CLAIMS[name]
        if act == "capture":
            value = histories.capture(name, on(day), edition=edition)
            facts.append(capture_fact(value, written_at))
        elif act == "table":
            facts.append(table_fact(histories.reading(name, edition=PRINTED[name])))
        else:
            absent = act in {"delisted", "missing"}
            seen = histories.observation(
                "" if absent else name,
                on(day),
                "delisted" if absent else "unchanged",
                evidence=EVIDENCE.get(act, "body"),
                edition=edition or f"unknown-{histories.digest(name)[:12]}",
            )
            seen = replace(seen, linked=act != "unlinked")
            seen = replace(seen, url=None) if act == "delisted" else seen
            facts.append(run_fact(histories.part(number, on(day), seen), written_at))
    return facts


acts = st.tuples(
    st.sampled_from("abcde"),
    st.integers(min_value=0, max_value=9),
    st.sampled_from(["capture", "table", "seen", "delisted", "missing", "unlinked"]),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(acts, max_size=14))
def test_a_manifest_is_written_entry_by_entry_as_the_one_text_of_its_values(
    choices: list[tuple[str, int, str]],
) -> None:
    found = fold(*_history(choices))
    body = sealed.encode(found)
    assert body == canonical(json.loads(body))
    assert sealed.decode(body) == found


@settings(max_examples=300, deadline=None)
@given(st.lists(acts, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_folding_does_not_matter(
    choices: list[tuple[str, int, str]], order: random.Random
) -> None:
    captured_names = {name for name, _, act in choices if act == "capture"}
    first = [(name, day, "capture") for name, day, _ in choices if name not in captured_names]
    facts = _history(first + choices)
    whole = fold(*facts)
    waiting, known = list(facts), EMPTY
    order.shuffle(waiting)
    while waiting:
        batch, waiting = waiting[:3], waiting[3:]
        done = facts_folded(known, batch, facts)
        waiting += [fact for fact in batch if fact.key not in done.facts]
        known = done
    assert known == whole


def facts_folded(known: Manifest, batch: list[Fact], every: list[Fact]) -> Manifest:
    """Fold a batch; where that asks for a new fold, fold all that was taken so far."""
    try:
        return manifest.fold(known, batch)
    except RefoldError:
        keys = {fact.key for fact in batch} | known.facts.keys()
        return manifest.fold(EMPTY, [fact for fact in every if fact.key in keys])


def test_how_a_notice_is_understood_does_not_depend_on_the_order_of_facts() -> None:
    said = (("correction", "2017-03-01"), ("suspension", "2017-04-01"), ("correction", None))

    def seen(number: int) -> Fact:
        kind, said_on = said[number]
        page = PageSeen(
            at=on(number),
            url="https://www.ice.gov/page",
            digest=hashlib.sha256(kind.encode()).hexdigest(),
            ext="html",
            content="c" * 64,
            notices=(NoticeSeen(kind=kind, text="Corrected", said_on=said_on),),
        )
        return run_fact(replace(histories.part(number, on(number)), pages=(page,)), on(number))

    found = []
    for order in itertools.permutations(map(seen, range(len(said)))):
        folded = EMPTY
        for fact in order:
            folded = manifest.fold(folded, [fact])
        found.append(folded.notices["Corrected"])
    assert found == [found[0]] * len(found)
    assert (found[0].kind, found[0].said_on, found[0].first) == ("correction", None, on(0))
