"""Pictures of pages: of every version that is held, whole or in part, and never of nothing."""

import io
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from reportlab.pdfgen.canvas import Canvas

from flows import previews
from scrapers.drawer import RESOLUTION
from scrapers.drawing import BLANK
from scrapers.pdf import Document
from storage import layout
from storage.archive import Archive
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.ledger import Manifest
from storage.model import Box, Reading
from storage.objects import Body, Objects
from tests import filing, histories, reading_room
from tests.histories import SOURCE, Ticking, on
from tests.reading_room import pages
from tests.stores import Counted
from tests.visiting import visit

ABOUT = replace(filing.ABOUT, keys={"checks": ("month",)})
FEW = len(previews.FIRST)
A_PAGE = 2
"""Records on each page."""
T = TypeVar("T")


def pdf(length: int) -> bytes:
    """A document of so many pages, each with its number."""
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=(300, 200), invariant=True)
    for number in range(1, length + 1):
        canvas.drawString(20, 150, f"Page {number} of {length}")
        canvas.showPage()
    canvas.save()
    return into.getvalue()


def digest(length: int) -> str:
    return histories.sha256(pdf(length))


def read(length: int, per_page: int) -> Reading:
    """What was read from it: so many records on each page."""
    rows: list[filing.Row] = [
        {"month": f"{number:05}", "totals": number} for number in range(length * per_page)
    ]
    made = filing.reading("", "rolling", checks=rows)
    records = tuple(
        replace(each, boxes=(Box(page=1 + at // per_page, box=(20, 30, 200, 60)),))
        for at, each in enumerate(made.tables["checks"])
    )
    told = replace(made, digest=digest(length), pages=length, text_digest=digest(length))
    return replace(told, tables={"checks": records}, keys={"checks": ("month",)})


def file(
    objects: Objects, length: int, day: int, *, edition: str = "rolling", per_page: int = A_PAGE
) -> Manifest:
    """File a document of so many pages, captured on that day; in whatever order."""
    archive = Archive(objects, SOURCE, clock=Ticking(on(100 + day)))
    body, found = pdf(length), replace(read(length, per_page), edition=edition)
    capture = replace(
        histories.capture("", on(day), edition=edition), digest=found.digest, size_bytes=len(body)
    )
    archive.admit(*archive.keep((capture, body)))
    key = archive.file(found)
    seen = histories.observation("", on(day), "new", evidence="capture", edition=edition)
    told = replace(seen, digest=found.digest, tables=(key,))
    archive.record(histories.part(len(archive.manifest.facts), archive.now(), told))
    return archive.publish()


def held(objects: Objects, length: int) -> list[int]:
    """Numbers of the pages of which a picture is held."""
    folder = f"{layout.prefix('previews', SOURCE)}{digest(length)}/"
    return sorted(int(Path(entry.key).stem) for entry in objects.list(folder))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw in this process: the same pictures, without the half a second that another one takes."""
    pdfium = threading.Lock()  # which does one thing at a time

    def draw_pages(path: Path, folder: Path, *, pages: list[int], limits: object) -> list[Path]:
        assert limits is None
        with pdfium, Document(path) as document:
            drawn = [number for number in pages if number <= document.page_count]
            for number in drawn:
                body = document.image(number, resolution=RESOLUTION).png()
                Image.open(io.BytesIO(body)).save(
                    folder / f"{number}.png", dpi=(RESOLUTION, RESOLUTION)
                )
        if pages[-1] not in drawn:
            (folder / f"{pages[-1]}.png").write_bytes(BLANK)
        return [folder / f"{number}.png" for number in dict.fromkeys([*drawn, pages[-1]])]

    monkeypatch.setattr(previews, "draw_pages", draw_pages)


def numbers(last: int) -> list[int]:
    return list(range(1, last + 1))


@pytest.fixture
def objects(tmp_path: Path) -> Counted:
    return Counted(Directory(tmp_path / "archive"))


def test_each_version_is_drawn_whole(objects: Counted) -> None:
    file(objects, 5, 0, edition="2017-01-28")
    previews.draw(objects, file(objects, 6, 7, edition="2017-01-28"))
    assert (held(objects, 5), held(objects, 6)) == (numbers(5), numbers(6))
    picture = Image.open(io.BytesIO(objects.get(layout.preview(SOURCE, digest(6), 6))))
    assert (picture.width, picture.height) == (417, 278), "100 pixels an inch"


def test_of_a_document_replaced_for_ever_each_versions_first_pages_are_drawn(
    objects: Counted,
) -> None:
    for day, length in enumerate((5, 2, 3, 6)):
        manifest = file(objects, length, day)
    assert set(previews.draw(objects, manifest)) == {digest(each) for each in (5, 2, 3, 6)}
    assert (held(objects, 5), held(objects, 2), held(objects, 3)) == ([1, 2, 3], [1, 2], [1, 2, 3])
    assert held(objects, 6) == numbers(6), "the newest whole"


@pytest.mark.usefixtures("here")
def test_what_was_drawn_of_the_newest_stays_and_nothing_is_drawn_twice(objects: Counted) -> None:
    previews.draw(objects, file(objects, 5, 10))
    newest, earlier = file(objects, 6, 11), file(objects, 7, 0)  # as a backfill brings it
    assert newest.versions("rolling")[-1].document.digest == digest(6)
    assert earlier.versions("rolling")[0].document.digest == digest(7)
    objects.forget()
    assert set(previews.draw(objects, earlier)) == {digest(6), digest(7)}
    assert (held(objects, 5), held(objects, 6)) == (numbers(5), numbers(6))
    assert held(objects, 7) == [1, 2, 3]
    written = {*objects.writes}
    assert len(written) == len(objects.writes) == 9
    assert written.isdisjoint(layout.preview(SOURCE, digest(5), number) for number in numbers(5))
    objects.forget()
    assert previews.draw(objects, earlier) == []
    assert (objects.writes, objects.reads) == ([], []), "not even the documents are read again"


@pytest.mark.usefixtures("here")
def test_a_version_that_becomes_the_newest_gets_its_other_pages(objects: Counted) -> None:
    file(objects, 6, 10)
    previews.draw(objects, file(objects, 5, 0))
    assert held(objects, 5) == [1, 2, 3]
    only = file(Counted(Directory(Path(objects.name).with_name("other"))), 5, 0)
    objects.forget()
    assert previews.draw(objects, only) == [digest(5)]
    assert held(objects, 5) == numbers(5)
    assert len(objects.writes) == 2, "the first pages are held"


def test_as_many_documents_are_drawn_at_a_time_as_there_are_to_draw(
    objects: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=30)  # breaks where one waits for the other's end

    def draw_pages(*_: object, **__: object) -> list[Path]:
        both.wait()
        return []

    monkeypatch.setattr(previews, "draw_pages", draw_pages)
    file(objects, 5, 0, edition="2017-01-28")
    previews.draw(objects, file(objects, 6, 7, edition="2017-01-28"), workers=2)
    assert not both.broken


class TooLateError(Exception):
    """Raised where drawing is to end."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Progress that ends the work after the first document."""

    def says(self, text: str) -> None:
        """Say nothing."""

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give one item."""
        del what
        yield items[0]
        raise TooLateError


class Drawers(ThreadPoolExecutor):
    """Those who draw; `ended` is set when they are told to end, and what waits is given up."""

    ended = threading.Event()
    given = 0

    def submit(self, *what: Any, **more: Any) -> Future[Any]:
        type(self).given += 1
        return super().submit(*what, **more)

    def shutdown(self, *wait: Any, **how: Any) -> None:
        super().shutdown(wait=False, **how)
        self.ended.set()
        super().shutdown(*wait)


def test_a_document_that_was_given_out_and_waits_is_not_drawn_when_drawing_is_ended(
    objects: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Path] = []

    def draw_pages(path: Path, *_: object, **__: object) -> list[Path]:
        drawn.append(path)
        # The second is at work while the third waits.
        assert len(drawn) == 1 or Drawers.ended.wait(30)
        return []

    monkeypatch.setattr(previews, "draw_pages", draw_pages)
    monkeypatch.setattr(previews, "ThreadPoolExecutor", Drawers)
    for length in range(5, 15):
        manifest = file(objects, length, 0, edition="2017-01-28")
    with pytest.raises(TooLateError):
        previews.draw(objects, manifest, workers=1, progress=Ending())
    assert Drawers.given == 3, "others wait on the list, and take no room"
    assert len(drawn) <= 2


@pytest.mark.usefixtures("here")
def test_what_waits_when_drawing_is_ended_is_not_drawn(objects: Counted) -> None:
    for length in range(5, 15):
        manifest = file(objects, length, length, edition="2017-01-28")
    with pytest.raises(TooLateError):
        previews.draw(objects, manifest, workers=1, progress=Ending())
    assert held(objects, 5) == numbers(5)
    assert not held(objects, 14)
    drawn = [held(objects, length) for length in range(5, 15)]
    assert all(each in ([], numbers(length)) for length, each in enumerate(drawn, start=5))


class Filling(Counted):
    """A store that takes so many pictures, and then no more."""

    room: int = 99
    _counting = threading.Lock()

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        with self._counting:
            if self.room == 0:
                raise StoreUnreachableError("there", "is full")
            self.room -= 1
        return super().put(key, body, sha256=sha256)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("room", range(9))
def test_what_was_cut_short_is_finished_and_not_begun_anew(tmp_path: Path, room: int) -> None:
    objects = Filling(Directory(tmp_path / "archive"))
    file(objects, 5, 0)
    manifest = file(objects, 6, 1)
    objects.room = room
    with pytest.raises(StoreUnreachableError):
        previews.draw(objects, manifest)
    objects.room = 9 - room
    previews.draw(objects, manifest)
    assert (held(objects, 5), held(objects, 6)) == ([1, 2, 3], numbers(6))


def write(objects: Objects, per_page: int = A_PAGE) -> Manifest:
    """Hold versions of 5, 6 and 7 pages, the first of them found later, with web pages."""
    file(objects, 6, 10, per_page=per_page)
    previews.draw(objects, file(objects, 7, 11, per_page=per_page))
    manifest = file(objects, 5, 0, per_page=per_page)
    previews.draw(objects, manifest)
    reading_room.write(objects, manifest, ABOUT)
    return manifest


@pytest.mark.usefixtures("here")
def test_pages_say_what_is_drawn_and_how_to_see_the_rest(objects: Counted) -> None:
    manifest = write(objects)
    shown = pages(objects)
    older = f"site/{SOURCE}/documents/{digest(5)}"
    command = "recordkeep explain ice_ddor rolling --version 1 --table checks --row 7 -o place.png"
    assert manifest.versions("rolling")[0].document.digest == digest(5)
    assert "3 of 5 as pictures" in shown[f"{older}/index.html"].text
    says = (
        "Of its 5 pages, 3 are held as pictures. Of a document that repeats itself in each "
        "version, the first pages of each are drawn, and the others of the newest. "
        f"Where any other record stands is shown by {command}"
    )
    assert says in shown[f"{older}/index.html"].text
    assert "Pictures of 3 of the original’s 5 pages." in shown[f"{older}/pages.html"].text
    for page in ("pages", "table-checks"):
        assert command in shown[f"{older}/{page}.html"].text
    newest = f"site/{SOURCE}/documents/{digest(7)}"
    assert "Pictures of the original’s pages." in shown[f"{newest}/pages.html"].text
    for page in ("index", "pages", "table-checks"):
        assert "explain" not in shown[f"{newest}/{page}.html"].text


@pytest.mark.usefixtures("here")
def test_no_link_to_a_picture_leads_nowhere(objects: Counted) -> None:
    write(objects)
    shown = pages(objects)
    ids = {key: {e.attributes.get("id") for e in page.elements} for key, page in shown.items()}
    linked = []
    for key, page in shown.items():
        for link in page.links():
            assert not link.startswith("previews/") or objects.find(link), link
        for anchor in page.all("a"):
            to, _, name = anchor["href"].partition("#")
            if to == "pages.html" and name:
                assert name in ids[str(Path(key).with_name(to))], (key, anchor)
                linked.append(key)
    of = {
        length: f"site/{SOURCE}/documents/{digest(length)}/table-checks.html" for length in (5, 7)
    }
    assert linked.count(of[5]) == A_PAGE * FEW
    assert linked.count(of[7]) == A_PAGE * 7


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_in_a_long_table_too_only_what_is_drawn_is_linked(
    objects: Counted, browser: Browser
) -> None:
    write(objects, per_page=300)
    root = Path(objects.name).absolute()
    table = root / f"site/{SOURCE}/documents/{digest(5)}/table-checks.html"
    with visit(browser, root.as_uri()) as page:
        page.goto(f"{table.as_uri()}#row-900")
        expect(page.locator("#row-900 a")).to_have_text("3")
        expect(page.locator("#row-900 a")).to_have_attribute("href", "pages.html#checks-900")
        page.goto(f"{table.as_uri()}#row-901")
        expect(page.locator("#row-901 td").last).to_have_text("4")
        expect(page.locator("#row-901 a")).to_have_count(0)
