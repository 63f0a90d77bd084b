"""Unruled rows whose cells stand in their middles: what a page's end takes apart is not mixed up.

Where no space parts the rows, a list that goes over the page's end may lose an entry to its
neighbour. Such a report is read right, or flagged, or refused.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.test_unruled import cells, outcome
from tests.truths import read
from tests.variants import content
from tests.variants.library import Look, make

ENTRIES = tuple(f"Will honor number {n}" for n in range(1, 19))
LONGER = tuple(
    f"{text}, which goes on for more than one line and so on to the next" if n % 3 == 0 else text
    for n, text in enumerate(ENTRIES, start=1)
)
BARE = Look(rules="none", middle=True, padding=0)


@pytest.mark.parametrize(
    ("entries", "longest", "look"),
    [
        (ENTRIES, 0, replace(BARE, points=8, repeat=False)),
        (ENTRIES, 5, replace(BARE, points=9, repeat=False, centred=True)),
        (LONGER, 5, replace(BARE, points=9)),
        (content.LONG, 6, replace(BARE, points=8.5, padding=1)),
    ],
    ids=["symmetric", "centred", "under a heading that comes again", "torn"],
)
def test_a_list_over_a_pages_end_does_not_mix_with_its_neighbours_unflagged(
    entries: tuple[str, ...],
    longest: int,
    look: Look,
    tmp_path: Path,
) -> None:
    part = content.policies(times=4, longest=longest, entries=entries)
    path = tmp_path / "made.pdf"
    make(content.report(part), look, path)
    assert outcome(path) != "complete" or cells(read(path), "policies") == part.rows
