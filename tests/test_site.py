"""The web pages: whole, quiet in a quiet week, and deaf to what documents and pages say."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET

import pytest

from flows import previews, publishing, remedies
from flows.stopping import Stop
from scrapers.drawing import BLANK, draw_pages
from storage import facts, layout, manifest, site
from storage.archive import Archive
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.ledger import Manifest
from storage.objects import Body
from storage.site.events import SAYS
from tests import histories, reading_room
from tests.histories import SOURCE, Ticking, digest, on
from tests.reading_room import ABOUT, pages, put, write
from tests.stores import Counted
from tests.test_cli import call

T = TypeVar("T")
PUBLISHING = f"""
import sys
from pathlib import Path
from flows import previews, publishing
from storage import facts
from storage.directory import Directory

previews.draw_pages = lambda *_, **__: []
store = Directory(Path(sys.argv[1]))
publishing.publish(store, facts.held(store, {SOURCE!r}))
import pyarrow
print(pyarrow.default_memory_pool().backend_name)
"""


@pytest.fixture
def objects(tmp_path: Path) -> Counted:
    return Counted(Directory(tmp_path / "archive"))


@pytest.fixture
def held(objects: Counted) -> Manifest:
    """Two editions, the first in two versions, with their pages written."""
    made = histories.fill(objects)
    write(objects, made)
    objects.forget()
    return made


def hrefs(objects: Counted) -> Iterator[str]:
    for page in pages(objects).values():
        yield from page.links()


def test_every_link_leads_to_what_is_held_or_to_the_agency(
    held: Manifest, objects: Counted
) -> None:
    keys = {entry.key for entry in objects.list("")}
    elsewhere = {link for link in hrefs(objects) if "://" in link}
    assert {link.split("/")[2] for link in elsewhere} == {"www.ice.gov"}
    assert {link for link in hrefs(objects) if "://" not in link} - keys == set()
    assert len(pages(objects)) == 2 + 2 + 1 + 3 * 2, held.source


def test_nothing_is_loaded_from_elsewhere(held: Manifest, objects: Counted) -> None:
    for key, page in pages(objects).items():
        loaded = [e["src"] for tag in ("script", "img") for e in page.all(tag) if "src" in e]
        loaded += [e["href"] for e in page.all("link")]
        assert [each for each in loaded if "//" in each] == [], key
        (policy,) = [e for e in page.all("meta") if e.get("http-equiv")]
        assert policy["content"].startswith("default-src 'none'"), held.source
        assert page.all("html") == [{"lang": "en"}]
        assert len(page.all("h1")) == 1


def test_the_front_page_tells_of_the_correction(held: Manifest, objects: Counted) -> None:
    front = pages(objects)["site/index.html"]
    assert "edition 2017-01-28, version 2: amended: text differs, records do not" in front.text
    assert f"site/{SOURCE}/editions/2017-01-28.html" in list(front.links())
    assert f"Last look {held.last_runs['weekly'].finished_at:%Y-%m-%d %H:%M} UTC" in front.text


def test_a_version_can_be_downloaded_proved_and_cited(held: Manifest, objects: Counted) -> None:
    key = f"site/{SOURCE}/documents/{digest('one')}/index.html"
    page = pages(objects)[key]
    assert layout.raw(SOURCE, digest("one"), "pdf") in list(page.links())
    (name,) = {each["download"] for each in page.all("a") if "download" in each}
    assert f"sha256sum {name}" in page.text
    first = held.documents[digest("one")].captures[0]
    assert (
        "Some Agency. Weekly Report. 28 January 2017 to 3 February 2017, version 1. "
        f"Retrieved {first.at:%Y-%m-%d %H:%M} UTC from {first.url}. SHA-256 {digest('one')}."
    ) in page.text
    described = json.loads(page.data[0])
    assert described["distribution"]["sha256"] == digest("one")


def test_writing_again_writes_nothing(held: Manifest, objects: Counted) -> None:
    assert write(objects, held) == []
    assert site.write_source(objects, held, ABOUT, thorough=True) == []
    assert objects.writes == []


def test_another_quiet_look_moves_the_front_page_alone(held: Manifest, objects: Counted) -> None:
    seen = [histories.observation(name, on(30), edition=e) for name, e in LATEST]
    later = manifest.fold(held, [histories.run_fact(histories.part(9, on(30), *seen), on(30))])
    assert write(objects, later) == ["site/index.html"]


LATEST = (("two", "2017-01-28"), ("other", "2017-02-04"))


def test_news_rewrites_what_it_is_about(held: Manifest, objects: Counted) -> None:
    made = histories.capture("three", on(30))
    later = manifest.fold(held, [histories.capture_fact(made, on(30))])
    put(objects, later.documents[made.digest].captures[0].key, made.to_json())
    told = {key.removeprefix("site/") for key in write(objects, later)}
    assert told == {
        f"{SOURCE}/documents/{made.digest}/index.html",
        f"{SOURCE}/documents/{digest('two')}/index.html",
        f"{SOURCE}/editions/2017-01-28.html",
        f"{SOURCE}/index.html",
        f"{SOURCE}/feed.xml",
        f"{SOURCE}/written.json",
        "index.html",
        "feed.xml",
    }


@pytest.mark.parametrize("after", range(1, 6))
def test_pages_that_ended_halfway_are_right_when_the_state_before_comes_back(
    after: int, held: Manifest, objects: Counted
) -> None:
    def ending(parts: Sequence[T], _: str) -> Iterator[T]:
        yield from parts[:after]
        raise OSError("ended")

    keys = [entry.key for entry in objects.list(f"site/{SOURCE}/")]
    before = {key: objects.get(key) for key in keys}
    made = histories.capture("three", on(30))
    later = manifest.fold(held, [histories.capture_fact(made, on(30))])
    put(objects, later.documents[made.digest].captures[0].key, made.to_json())
    with pytest.raises(OSError, match="ended"):
        site.write_source(objects, later, ABOUT, over=ending)
    objects.writes.clear()
    site.write_source(objects, held, ABOUT)
    assert {key: objects.get(key) for key in keys} == before


def test_a_page_that_went_missing_is_put_back(held: Manifest, objects: Counted) -> None:
    lost = f"site/{SOURCE}/editions/2017-01-28.html"
    objects.delete(lost)
    assert site.write_source(objects, held, ABOUT) == []
    assert site.write_source(objects, held, ABOUT, thorough=True) == [lost]


def test_the_feed_tells_each_event_once_and_for_ever(held: Manifest, objects: Counted) -> None:
    space = {"a": "http://www.w3.org/2005/Atom"}
    feed = ET.fromstring(objects.get("site/feed.xml"))
    entries = feed.findall("a:entry", space)
    ids = [entry.findtext("a:id", "", space) for entry in entries]
    titles = [entry.findtext("a:title", "", space) for entry in entries]
    assert len(set(ids)) == 3
    assert titles[0] == f"Weekly Report, 2017-01-28, version 2: {SAYS['amendment']}"
    assert feed.findtext("a:updated", "", space) == entries[0].findtext("a:updated", "", space)
    assert held.source == SOURCE


def picture(columns: int, rows: int) -> bytes:
    """A white picture of 100 pixels an inch."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        tail = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + tail

    size = columns.to_bytes(4, "big") + rows.to_bytes(4, "big")
    lines = zlib.compress(b"".join(b"\0" + b"\xff" * columns for _ in range(rows)))
    density = (3937).to_bytes(4, "big") * 2 + b"\1"
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\0\0\0\0")
    return head + chunk(b"pHYs", density) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def test_a_record_is_marked_where_it_stands(held: Manifest, objects: Counted) -> None:
    key = layout.preview(SOURCE, digest("one"), 1)
    body = picture(850, 1100)
    objects.put(key, body, sha256=histories.sha256(body))
    site.write_source(objects, held, ABOUT, thorough=True)
    found = pages(objects)
    shown = found[f"site/{SOURCE}/documents/{digest('one')}/pages.html"]
    assert key in list(shown.links())
    svg = next(each for each in shown.all("svg"))
    assert [round(float(each)) for each in svg["viewbox"].split()] == [0, 0, 612, 792]
    second = shown.all("rect")[1]
    assert (second["id"], second["x"], second["y"]) == ("issued-2", "0", "1")
    table = found[f"site/{SOURCE}/documents/{digest('one')}/table-issued.html"]
    assert "pages.html#issued-2" in {a["href"].rpartition("/")[2] for a in table.all("a")}


def test_a_long_table_is_read_from_a_file_beside_it(objects: Counted) -> None:
    found = reading_room.long_reading(objects, 1001)
    write(objects, found)
    folder = f"site/{SOURCE}/documents/{digest('long')}"
    rows = objects.get(f"{folder}/table-issued.js").decode()
    told = json.loads(rows.removeprefix("self.recordkeepRows=").removesuffix(";\n"))
    assert len(told) == 1001
    assert told[1000] == [1, "County 1000", "1000", "Texas"]
    first = pages(objects)[f"{folder}/table-issued.html"]
    parts = [f"{folder}/table-issued/{number}.html" for number in (1, 2)]
    assert parts[0] in list(first.links())
    assert parts[1] in list(pages(objects)[parts[0]].links())
    rows_of = [pages(objects)[part].all("tr") for part in parts]
    assert [each.get("id") for rows in rows_of for each in rows[1:]] == [
        f"row-{number}" for number in range(1, 1002)
    ]


def test_a_document_that_cannot_be_drawn_costs_nothing(
    held: Manifest, objects: Counted, tmp_path: Path
) -> None:
    path = tmp_path / "document.pdf"
    path.write_bytes(histories.body("one"))
    (tmp_path / "pictures").mkdir()
    (blank,) = draw_pages(path, tmp_path / "pictures", pages=[2, 1])
    assert (blank.name, blank.read_bytes()) == ("1.png", BLANK)
    wanted = {document.digest for document, _ in previews.wanted(held)}
    assert wanted == {digest("one"), digest("two"), digest("other")}
    assert objects.writes == []


class Full(Counted):
    """A store that takes no pages."""

    is_full = True

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        if self.is_full and key.startswith("site/"):
            raise StoreUnreachableError("there", "is full")
        return super().put(key, body, sha256=sha256)


def test_a_run_whose_pages_cannot_be_written_needs_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "draw", lambda *_, **__: [])
    objects = Full(Directory(tmp_path / "archive"))
    summary = histories.fill(objects).last_runs["weekly"]
    archive = Archive(objects, SOURCE, clock=Ticking(on(30)))
    told = publishing.after(archive, summary)
    assert told.status == "incomplete"
    assert [need.section for need in told.needs] == [remedies.PUBLISHING]
    assert "is full" in told.messages[-1]
    (need,) = facts.held(objects, SOURCE).last_runs["publishing"].needs
    assert need.section == remedies.PUBLISHING, "status says so, too"
    objects.is_full = False
    assert publishing.after(archive, summary) == summary
    assert facts.held(objects, SOURCE).last_runs["publishing"].needs == ()
    assert objects.find("site/index.html")


@dataclass(slots=True)
class Stopping:
    """Progress in whose middle the process is asked to stop."""

    stop: Stop
    after: str
    """The work of which one part is still done."""
    seen: list[str] = field(default_factory=list)

    def says(self, text: str) -> None:
        """Say nothing."""

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items; from the second one on a stop is asked for."""
        self.seen.append(f"{len(items)} {what}")
        for number, item in enumerate(items):
            self.stop.asked |= number > 0 and what == self.after
            yield item


@pytest.mark.parametrize(
    ("after", "seen"),
    [
        ("documents drawn", ["3 documents drawn"]),
        ("pages", ["3 documents drawn", "6 pages"]),
    ],
)
def test_publishing_stops_when_asked_to_and_the_next_run_goes_on(
    after: str, seen: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "draw_pages", lambda *_, **__: [])
    objects = Directory(tmp_path / "archive")
    summary = histories.fill(objects).last_runs["weekly"]
    archive, stop = Archive(objects, SOURCE, clock=Ticking(on(30))), Stop()
    progress = Stopping(stop, after)
    told = publishing.after(archive, summary, progress=progress, stop=stop)
    assert progress.seen == seen
    assert "stopped when asked to" in told.messages[-1]
    assert told.status == summary.status, "nothing failed"
    assert not objects.find("site/index.html")
    behind = call("status", SOURCE, "--store", objects.name)
    assert b"web pages       not of all that is held" in behind.out
    assert publishing.after(archive, summary, stop=Stop()) == summary
    assert objects.find("site/index.html")
    caught_up = call("status", SOURCE, "--store", objects.name)
    assert b"  held  " in caught_up.out
    assert b"web pages" not in caught_up.out
    assert behind.code == caught_up.code, "nobody is needed for it"


@pytest.mark.slow
def test_pages_of_a_thousand_editions_take_a_minute_at_most(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    from time import process_time  # noqa: PLC0415 - only this test measures

    from tests.test_quiet_week import held as hold  # noqa: PLC0415 - the same

    objects = Directory(tmp_path / "archive")
    hold(objects, 1000)
    found = facts.held(objects, SOURCE)
    began = process_time()
    written = write(objects, found)
    took = process_time() - began
    record_property("pages of 1,000 editions", f"{took:.0f} s, {len(written)} files")
    assert took < timedelta(minutes=1).total_seconds()


def test_a_process_that_publishes_has_arrow_keep_no_memory_of_its_own(tmp_path: Path) -> None:
    store = Directory(tmp_path / "archive")
    histories.fill(store)
    command = [sys.executable, "-c", PUBLISHING, store.name]
    told = {name: value for name, value in os.environ.items() if name not in publishing.ARROW}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=told)
    assert done.stdout == "system\n"
    assert store.find(layout.dataset(SOURCE, "issued.parquet"))
