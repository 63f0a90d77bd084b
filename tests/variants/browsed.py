"""Reports printed by a browser, by name: what each says, and how it looks.

Their PDFs and truths stand in `made/`; `python -m tests.variants.browsed` makes them again.
"""

import json
from collections.abc import Callable
from pathlib import Path

from tests.variants.browser import Sheet, make
from tests.variants.catalogue import CATALOGUE
from tests.variants.content import Made, declined, issued, policies, report

MADE = Path(__file__).parent / "made"


def _noted() -> Made:
    """Short notes below tables, which are no rows of them."""
    one, two, three = issued(), declined(), policies()
    one.after = ["Source: ICE."]
    two.after = ["* Citizenship is as claimed by the individual."]
    three.after = ["Note: criteria may have changed since."]
    return report(one, two, three)


def _day_first() -> Made:
    """Dates as military offices write them."""
    return report(declined(write=lambda day: f"{day.day}-{day:%b}-{day.year}"))


def _said(name: str) -> Callable[[], Made]:
    """What a variant of the library's catalogue says."""
    return CATALOGUE[name][0]


BROWSED: dict[str, tuple[Callable[[], Made], Sheet]] = {
    "browser-unnumbered": (_said("reordered"), Sheet(number="none", rules="tinted")),
    "browser-unnumbered-unruled": (
        _said("renamed-portrait"),
        Sheet(number="none", rules="headed", listed="", new_pages=False, points=8),
    ),
    "browser-apart": (
        _said("long-cell"),
        Sheet(number="words", rules="apart", landscape=False, points=8, repeat=False),
    ),
    "browser-cut-open": (_said("long-cell"), Sheet(rules="tinted", points=12, repeat=False)),
    "browser-notes": (_noted, Sheet(rules="zebra", number="arabic", word="Part", points=9)),
    "browser-notes-unruled": (_noted, Sheet(rules="none", new_pages=False, points=9)),
    "browser-drawn-bullets": (_said("long-cell"), Sheet(drawn=True, points=9)),
    "browser-drawn-bullets-unruled": (
        _said("plain"),
        Sheet(drawn=True, rules="none", landscape=False, points=7),
    ),
    "browser-horizontal": (
        _day_first,
        Sheet(rules="horizontal", level="middle", number="letters", title="p", centred=True),
    ),
}


def main() -> None:
    """Make all PDFs and write their truths beside them."""
    for name, (said, sheet) in BROWSED.items():
        make(said(), sheet, MADE / f"{name}.pdf")
        truth = json.dumps(said().truth(), ensure_ascii=False, indent=1)
        (MADE / f"{name}.json").write_text(f"{truth}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
