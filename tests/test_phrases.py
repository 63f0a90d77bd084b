"""Words made of whole text objects are those that their characters make one by one."""

import random
from itertools import accumulate

from scrapers.engine.phrases import cell_text, text_lines
from scrapers.engine.stretches import Stretch, all_glyphs, one_each
from scrapers.engine.words import glyphs_text

CASES = 1500
STEPS = (5.0, 5.0, 5.0, 5.0, 4.0, 0.0, -2.0, 8.0, 9.5)
"""From one character to the next: 5 points wide as a rule, kerned, struck over, or far apart."""
TOPS = (10.0, 10.0, 10.0, 12.5, 14.0, 30.0)


def stretch(chance: random.Random) -> Stretch:
    """Make what a text object may draw: near others, over them, with blanks and jumps."""
    text = "".join(chance.choices("abﬁé12 \u00a0", k=chance.randint(1, 6)))
    steps = chance.choices(STEPS if chance.random() < 0.5 else STEPS[:5], k=len(text) - 1)
    x0s = [*accumulate(steps, initial=chance.randrange(17) * 5.0)]
    top, height = chance.choice(TOPS), chance.choice((7.0, 10.0, 12.0))
    traits = (True, height, chance.random() < 0.5, 0)
    return Stretch(text, x0s, [x0 + 5.0 for x0 in x0s], (top, top + height), traits)


def drawn(seed: int) -> list[Stretch]:
    """Make what a small page draws, the same for the same seed."""
    chance = random.Random(seed)
    return [stretch(chance) for _ in range(chance.randint(1, 5))]


def test_a_cell_reads_as_its_characters_do() -> None:
    for seed in range(CASES):
        found = drawn(seed)
        assert cell_text(found) == glyphs_text(all_glyphs(found)), seed


def test_lines_hold_the_words_that_characters_make() -> None:
    for seed in range(CASES):
        found = drawn(seed)
        assert text_lines(found) == text_lines(one_each(all_glyphs(found))), seed


def test_a_part_of_a_stretch_holds_its_own_characters() -> None:
    for seed in range(CASES):
        whole = drawn(seed)[0]
        kept = [at >= seed % 5 for at in range(len(whole.x0s))]
        if any(kept):
            assert whole.only(kept).glyphs() == whole.glyphs()[seed % 5 :], seed
