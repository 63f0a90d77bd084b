"""Reports whose looks and contents are drawn at random, by a number: the same for the same one."""

import random

from reportlab.lib import pagesizes

from tests.variants import content
from tests.variants.content import Made, Part, american, declined, issued, mixed, policies, report
from tests.variants.library import WEIGHTS, Look

FONTS = ("Times-Roman", "Times-Bold"), ("Helvetica", "Helvetica-Bold")
WORDS = [
    *("Will", "honor", "only", "when", "a", "judicial", "warrant", "signed", "by", "judge"),
    *("accompanies", "the", "request", "of", "ICE", "and", "person", "was", "convicted"),
    *("violent", "felony", "within", "ten", "years", "County", "reserves", "right", "release"),
]
NAMES: tuple[dict[str, str], ...] = (
    {},
    {"aor": "AOR"},
    {"lea": "Law Enforcement Agency", "date_issued": "Date Issued"},
    {"citizenship": "Country of Citizenship", "criminal_activity": "Criminal Activity"},
)


def drawn(number: int, rules: str) -> tuple[Made, Look]:
    """Draw what a report says and how it looks, but for its rules."""
    chance = random.Random(number)
    return _made(chance), _look(chance, rules)


def _look(chance: random.Random, rules: str) -> Look:
    bullet = chance.choice("•◦▪–*o-")
    font, bold = chance.choice(FONTS)
    if bullet in "◦▪":
        font, bold = "DejaVuSans", "DejaVuSans-Bold"
    names = (*WEIGHTS, "state", "aor", "date_declined", "date_issued", "date_enacted")
    return Look(
        rules=rules,
        size=chance.choice((pagesizes.letter, pagesizes.landscape(pagesizes.letter), pagesizes.A4)),
        font=font,
        bold=bold,
        bullet=bullet,
        points=chance.choice((6, 7, 8, 8.5, 9, 10, 11)),
        padding=chance.choice((0, 0.5, 1, 2, 3, 5)),
        repeat=chance.random() < 0.6,
        middle=chance.random() < 0.5,
        numbered=chance.choice(("{page}", "Page {page} of {pages}", "")),
        head=chance.choice(("", "ICE report", "Page {page}")),
        nbsp=chance.random() < 0.2,
        heading_bold=chance.random() < 0.7,
        centred=chance.random() < 0.4,
        split=chance.random() < 0.7,
        new_pages=chance.random() < 0.6,
        title_size=chance.choice((11, 12, 14, 16)),
        margin=chance.choice((36, 54, 72)),
        arabic=chance.random() < 0.3,
        listed=chance.random() < 0.6,
        weights={name: WEIGHTS.get(name, 1) * chance.uniform(0.8, 1.5) for name in names},
    )


def _made(chance: random.Random) -> Made:
    two = declined(
        chance.choice((3, 12, 24, 60)),
        seed=chance.randrange(10**6),
        write=chance.choice((american, mixed)),
    )
    two.renamed(**chance.choice(NAMES))
    if chance.random() < 0.3:
        _list_offences(chance, two)
    entries = [_sentence(chance) for _ in content.LONG]
    three = policies(chance.choice((1, 2, 4)), chance.choice((0, 0, 5, 9, 14)), entries)
    return report(issued(chance.choice((2, 5))), two, three)


def _list_offences(chance: random.Random, part: Part) -> None:
    """Put lists of one offence to three into some of the rows."""
    at = part.fields.index("criminal_activity")
    for row in part.rows:
        if chance.random() < 0.3:
            known = chance.choices(content.OFFENCES, k=chance.randint(1, 3))
            row[at] = " ".join(f"• {text} ({chance.choice(content.MARKS)})" for text in known)


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(2, 25))).capitalize()
