"""The pages of a document that is replaced for ever: each version whole, however many there are."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage import facts, layout, site
from storage.datasets import publish
from storage.directory import Directory
from storage.ledger import Manifest
from storage.model import Reading
from storage.runs import NoticeSeen, PageSeen
from tests import histories, reading_room
from tests.filing import ABOUT, Row, file, reading
from tests.histories import SOURCE, digest, on
from tests.reading_room import pages, put
from tests.test_site import picture

ROLLING = replace(ABOUT, keys={"checks": ("month", "state")})
MANY = 40
HIGHEST_PX = 400


def month(version: int) -> Reading:
    """A version that repeats all months before, and adds one."""
    rows: list[Row] = [
        {"month": f"20{20 + number // 12}-{number % 12 + 1:02}", "state": "Iowa", "totals": number}
        for number in range(version, -1, -1)
    ]
    return replace(
        reading(f"v{version}", "rolling", checks=rows), keys={"checks": ("month", "state")}
    )


def fill(objects: Directory, versions: int) -> Manifest:
    for version in range(versions):
        found = file(objects, f"v{version}", month(version), written_at=on(30 * version))
    return found


@pytest.fixture
def objects(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "archive")


def test_every_version_has_its_tables_before_and_after_the_next_comes(objects: Directory) -> None:
    for version in range(3):
        found = file(objects, f"v{version}", month(version), written_at=on(30 * version))
        preview = layout.preview(SOURCE, digest(f"v{version}"), 1)
        if version != 1:
            body = picture(850, 1100)
            objects.put(preview, body, sha256=histories.sha256(body))
        publish(objects, found, ROLLING)
        site.write_source(objects, found, ROLLING, thorough=True)
    shown = pages(objects)
    for version in range(3):
        folder = f"site/{SOURCE}/documents/{digest(f'v{version}')}"
        table = shown[f"{folder}/table-checks.html"]
        assert len(table.all("tr")) == 2 + version
        page = shown[f"{folder}/index.html"]
        assert f"{folder}/table-checks.html" in list(page.links())
        assert f"version <= {version + 1} and last_version >= {version + 1}" in page.text
    marked = shown[f"site/{SOURCE}/documents/{digest('v0')}/pages.html"]
    assert len(marked.all("rect")) == 1, "as it was drawn while it was the newest"


def test_a_version_without_pictures_says_so_and_how_to_see_a_place(objects: Directory) -> None:
    site.write_source(objects, fill(objects, 2), ROLLING)
    page = pages(objects)[f"site/{SOURCE}/documents/{digest('v0')}/index.html"]
    assert "No pictures of its pages are held here. Where a record stands is shown by" in page.text
    told = "recordkeep explain ice_ddor rolling --version 1 --table checks --row 1 -o place.png"
    assert told in page.text


def test_the_page_of_many_versions_stays_short(objects: Directory) -> None:
    site.write_source(objects, fill(objects, MANY), ROLLING)
    page = pages(objects)[f"site/{SOURCE}/editions/rolling.html"]
    (svg,) = page.all("svg")
    assert float(svg["height"]) < HIGHEST_PX
    assert len(page.all("circle")) >= MANY
    assert page.text.count("From version") == 3
    assert page.text.count("What changed since version") == MANY - 1


def test_the_agencys_page_is_shown_as_text_in_which_nothing_runs(objects: Directory) -> None:
    histories.fill(objects)
    body = b"<script src=https://elsewhere.example/x.js></script><p>Correction: ..."
    kept = histories.sha256(body)
    objects.put(layout.page(SOURCE, kept, "html"), body, sha256=kept)
    told = NoticeSeen(kind="correction", text="Correction: ...", said_on=None)
    address = "https://www.ice.gov/page"
    seen = PageSeen(at=on(8), url=address, digest=kept, ext="html", content=kept, notices=(told,))
    part = replace(histories.part(1, on(8)), pages=(seen,))
    put(objects, layout.run(SOURCE, on(8), part.run, 1), part.to_json())
    found = facts.refold(objects, SOURCE)
    reading_room.write(objects, found)
    text = f"site/{SOURCE}/said/{kept}.txt"
    assert objects.get(text) == body
    links = {link for page in pages(objects).values() for link in page.links()}
    assert text in links
    assert [link for link in links if link.startswith("pages/")] == []
    (objects.root / layout.page(SOURCE, kept, "html")).unlink()
    later = site.write_source(objects, found, replace(reading_room.ABOUT, agency="Another"))
    assert f"site/{SOURCE}/index.html" in later, "a lost page is the audit's business"
    assert text not in {link for page in pages(objects).values() for link in page.links()}
