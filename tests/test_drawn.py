"""Reports in looks drawn at random: what is not read right is flagged or refused, never silent."""

import itertools
from pathlib import Path

import pytest
from reportlab.platypus.doctemplate import LayoutError

from scrapers.errors import RefusedError
from tests.truths import assert_exact, read
from tests.variants.drawn import drawn
from tests.variants.library import RULES, breaks_words, make, with_fonts

FEW, MANY = 12, 500
"""Reports of each kind of rules."""


def told(number: int, rules: str, path: Path) -> str | None:
    """Say how a drawn report is read: `exact`, `flagged`, `refused`; None where it is not made."""
    made, look = drawn(number, rules)
    with_fonts(look)
    if breaks_words(made, look):
        return None
    try:
        make(made, look, path)
    except LayoutError:  # a row higher than a page
        return None
    try:
        reading = read(path)
    except RefusedError:
        return "refused"
    if reading.status == "flagged":
        return "flagged"
    assert_exact(reading, made.truth())
    return "exact"


def exact(rules: str, count: int, path: Path) -> int:
    """Count how many of so many drawn reports are read right."""
    outcomes = (told(number, rules, path) for number in itertools.count())
    return [*itertools.islice(filter(None, outcomes), count)].count("exact")


@pytest.mark.parametrize("rules", [*RULES, "banded"])
def test_a_few_are_read_right_or_not_silently_wrong(rules: str, tmp_path: Path) -> None:
    assert exact(rules, FEW, tmp_path / "drawn.pdf") >= FEW / 2


@pytest.mark.parametrize(
    ("number", "rules", "outcome"),
    [
        (31, "outer", "exact"),
        (31, "horizontal", "exact"),
        (31, "full", "exact"),
        (668, "full", "exact"),
        (232, "outer", "exact"),
        (232, "full", "exact"),
        (318, "banded", "flagged"),
        (1711, "inner", "refused"),
        (3333, "none", "exact"),
        (4039, "none", "exact"),
        (4187, "none", "refused"),
    ],
)
def test_those_that_were_read_wrong_once_are_not_again(
    number: int, rules: str, outcome: str, tmp_path: Path
) -> None:
    assert told(number, rules, tmp_path / "drawn.pdf") == outcome


@pytest.mark.soak
@pytest.mark.parametrize("rules", [*RULES, "banded"])
def test_many_are_read_right_or_not_silently_wrong(rules: str, tmp_path: Path) -> None:
    assert exact(rules, MANY, tmp_path / "drawn.pdf") >= MANY / 2
