"""Pictures of documents that end their drawer: what can be drawn is, and nothing for ever anew."""

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from flows import previews
from scrapers import drawing
from scrapers.drawing import BLANK
from scrapers.limits import MIB, Limits
from storage import layout
from storage.archive import Archive
from storage.directory import Directory
from storage.ledger import Manifest
from tests import histories
from tests.histories import SOURCE, Ticking, on
from tests.stores import Counted

LENGTH = 5
SMALL, VAST = (300, 200), (14_000, 14_000)
"""Sizes of pages, in points; the vast one would have 380 million pixels."""


def document(*, vast: int = 0, length: int = LENGTH) -> bytes:
    """So many pages, the one of that number vast."""
    into = io.BytesIO()
    canvas = Canvas(into, invariant=True)
    for number in range(1, length + 1):
        canvas.setPageSize(VAST if number == vast else SMALL)
        canvas.drawString(20, 150, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return into.getvalue()


def endless(number: int, *, deep: int) -> bytes:
    """The same with a page of forms within forms, each of which is drawn ten times."""
    with pikepdf.open(io.BytesIO(document())) as pdf:
        name = pikepdf.Name
        like = {"Type": name.XObject, "Subtype": name.Form, "BBox": [0, 0, *SMALL]}
        inner = pdf.make_stream(b"0 0 9 9 re f", **like)
        for _ in range(deep):
            inner = pdf.make_stream(b"/F Do " * 10, **like, Resources=_named(inner))
        page = pdf.pages[number - 1]
        page.Resources, page.Contents = _named(inner), pdf.make_stream(b"/F Do")
        into = io.BytesIO()
        pdf.save(into)
        return into.getvalue()


def _named(form: pikepdf.Object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))


def keep(objects: Counted, body: bytes, edition: str = "2017-01-28") -> Manifest:
    """Hold a document that nobody has read yet."""
    archive = Archive(objects, SOURCE, clock=Ticking(on(0)))
    made = histories.capture("", on(0), edition=edition)
    capture = replace(made, digest=histories.sha256(body), size_bytes=len(body))
    archive.admit(*archive.keep((capture, body)))
    manifest = archive.publish()
    objects.forget()
    return manifest


def held(objects: Counted) -> dict[int, bool]:
    """Page -> whether what is held of it is a picture, and no blank."""
    keys = [entry.key for entry in objects.list(layout.prefix("previews", SOURCE))]
    return {int(Path(key).stem): objects.objects.get(key) != BLANK for key in sorted(keys)}


@pytest.fixture
def objects(tmp_path: Path) -> Counted:
    return Counted(Directory(tmp_path / "archive"))


SMALL_MEMORY = Limits(memory_bytes=400 * MIB)


@pytest.mark.parametrize(
    ("body", "without"),
    [
        (endless(3, deep=9), 3),
        (endless(1, deep=9), 1),
        (document(vast=3), 3),
        (document(vast=1), 1),
    ],
    ids=["the third ends the drawer", "the first does", "the third is vast", "the first is"],
)
def test_a_page_that_cannot_be_drawn_costs_no_other_and_is_tried_once(
    objects: Counted, body: bytes, without: int
) -> None:
    manifest = keep(objects, body)
    previews.draw(objects, manifest, limits=SMALL_MEMORY)
    assert held(objects) == {page: page != without for page in range(1, LENGTH + 1)}
    objects.forget()
    assert previews.draw(objects, manifest, limits=SMALL_MEMORY) == []
    assert (objects.reads, objects.writes) == ([], [])


def test_a_document_that_cannot_be_opened_is_tried_once(objects: Counted) -> None:
    manifest = keep(objects, b"%PDF-1.4 nothing more %%EOF")
    assert previews.draw(objects, manifest) == []
    assert held(objects) == {1: False}
    objects.forget()
    previews.draw(objects, manifest)
    assert (objects.reads, objects.writes) == ([], [])


def test_the_rest_of_a_short_document_replaced_for_ever_is_looked_for_once(
    objects: Counted,
) -> None:
    manifest = keep(objects, document(length=2), "rolling")
    previews.draw(objects, manifest)
    assert held(objects) == {1: True, 2: True, 4: False}
    objects.forget()
    previews.draw(objects, manifest)
    assert (objects.reads, objects.writes) == ([], [])


@pytest.mark.slow
def test_what_the_time_did_not_suffice_for_is_drawn_the_next_times(
    objects: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "PER_PAGE_S", 0.0)
    manifest = keep(objects, endless(3, deep=9))
    limits = Limits(deadline_s=3)
    for _ in range(LENGTH):
        before = held(objects)
        previews.draw(objects, manifest, limits=limits)
        if 1 in held(objects):
            break
        assert held(objects) != before, "each time goes on"
    assert held(objects) == {1: True, 2: True, 3: False, 4: True, 5: True}


def test_want_of_memory_that_another_day_may_have_is_held_against_no_document(
    objects: Counted,
) -> None:
    manifest = keep(objects, document())
    assert previews.draw(objects, manifest, limits=Limits(memory_bytes=20 * MIB)) == []
    assert held(objects) == {}
    previews.draw(objects, manifest)
    assert held(objects) == dict.fromkeys(range(1, LENGTH + 1), True)
