"""Two faults at once never make a removal or a revision that did not happen, and lose nothing."""

import random
from copy import deepcopy
from itertools import combinations

import pytest

from tests.agency_weeks import FAULTS, Fault, well_again
from tests.weeks import EDITIONS, Weeks, weeks

__all__ = ["weeks"]

PAIRS = list(combinations(FAULTS, 2))
SAMPLE = random.Random(2017).sample(PAIRS, 40)


def told(pair: tuple[Fault, Fault]) -> str:
    return f"{pair[0].name}, and {pair[1].name}"


def holds(weeks: Weeks, pair: tuple[Fault, Fault]) -> None:
    for fault in pair:
        fault.before(weeks.site)
    weeks.look(0)
    held, as_it_was = weeks.originals(), deepcopy(weeks.site.listing)
    for fault in pair:
        fault.act(weeks.site)
    removed, changed = pair[0].removed | pair[1].removed, pair[0].changed | pair[1].changed
    runs = [weeks.look(7)]
    _holds(weeks, removed, changed)
    well_again(weeks.site, as_it_was)
    runs += [weeks.look(14), weeks.look(21)]
    _holds(weeks, removed, changed)
    weeks.assert_whole(held)
    for summary in runs:
        gone = {e for e in EDITIONS if summary.outcomes[e] in {"delisted", "gone", "returned"}}
        revised = {e for e in EDITIONS if summary.outcomes[e] in {"revision", "amendment"}}
        assert gone <= removed, summary
        assert revised <= changed, summary


def _holds(weeks: Weeks, removed: frozenset[str], changed: frozenset[str]) -> None:
    manifest = weeks.manifest
    assert {edition for edition in EDITIONS if manifest.is_removed(edition)} <= removed
    for edition in EDITIONS:
        kinds = weeks.kinds(edition)
        assert kinds == ["new"] if edition not in changed else kinds[0] == "new"


@pytest.mark.slow
@pytest.mark.parametrize("pair", SAMPLE, ids=told)
def test_some_pairs_of_faults_tell_no_untruth(weeks: Weeks, pair: tuple[Fault, Fault]) -> None:
    holds(weeks, pair)


@pytest.mark.soak
@pytest.mark.parametrize("pair", PAIRS, ids=told)
def test_no_pair_of_faults_tells_an_untruth(weeks: Weeks, pair: tuple[Fault, Fault]) -> None:
    holds(weeks, pair)
