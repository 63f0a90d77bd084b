"""Text that runs off a page is never left out in silence; a printer's marks are no such text."""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest

from scrapers.errors import RefusedError
from tests.test_unruled import KERN, LEFTS, POLICIES, TRAVIS, declined
from tests.truths import assert_exact, read
from tests.variants.catalogue import CATALOGUE
from tests.variants.library import make
from tests.variants.sketched import Texts, rows, sketch

WIDE = ("Kern County Jail", "California", "3/6/2017", "3/2/2017", "Peru", "Arson (Charged) " * 3)
FAR = (*LEFTS[:5], 800)
TALL = rows(60, 18, LEFTS, *[KERN] * 32)
"""Rows to below the page's foot."""


def refused(path: Path, page: int) -> str:
    with pytest.raises(RefusedError) as error:
        read(path)
    assert (error.value.reason, error.value.page) == ("unrecognised-layout", page)
    return str(error.value)


@pytest.mark.parametrize(
    "drawn",
    [declined(WIDE), declined(TRAVIS, KERN, lefts=FAR), declined(TRAVIS, lefts=(-90, *LEFTS[1:]))],
    ids=["a cell", "a column", "at the left"],
)
def test_text_that_the_side_of_the_page_cuts_off_is_refused(drawn: Texts, tmp_path: Path) -> None:
    assert "runs off the page" in refused(sketch(tmp_path / "made.pdf", drawn, POLICIES), 1)


@pytest.mark.parametrize("up", [0, 500], ids=["at the foot", "at the head"])
def test_rows_that_the_foot_or_the_head_of_the_page_cuts_off_are_refused(
    up: int, tmp_path: Path
) -> None:
    tall = [(x, top - up, text) for x, top, text in TALL]
    path = sketch(tmp_path / "made.pdf", declined(KERN, step=18), tall, POLICIES)
    assert "runs off the page" in refused(path, 2)


def boxed(path: Path, box: Sequence[float], marks: bytes = b"") -> Path:
    """Give each page another box to be shown, and draw something more on it."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        for page in document.pages:
            page.CropBox = [*box]
            page.MediaBox = [-60, -60, 852, 672]
            font = b"BT /F1 8 Tf " if "/F1" in page.Resources.Font else b""
            page.contents_add(b"Q q " + font + marks + b" ET Q q" if marks else b"q Q")
        document.save(path)
    return path


@pytest.mark.parametrize("name", ["plain", "unruled", "sideways"])
def test_a_table_of_which_the_page_shows_a_part_is_refused(name: str, tmp_path: Path) -> None:
    said, look = CATALOGUE[name]
    path = tmp_path / "made.pdf"
    make(said(), look, path)
    boxed(path, [0, 0, 792, 500] if name == "sideways" else [0, 0, 690, 612])
    assert "runs off the page" in refused(path, 1)


@pytest.mark.parametrize("name", ["plain", "unruled"])
def test_a_printers_marks_beyond_the_page_say_nothing(name: str, tmp_path: Path) -> None:
    said, look = CATALOGUE[name]
    path = tmp_path / "made.pdf"
    make(said(), look, path)
    marks = b"1 0 0 1 %d %d Tm (R.indd   3) Tj "
    drawn = b"".join(marks % place for place in ((60, -20), (60, 630), (-58, 300), (815, 300)))
    assert_exact(read(boxed(path, [0, 0, 792, 612], drawn)), said().truth())
