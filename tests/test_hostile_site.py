"""The web pages are deaf to what documents and the agency's pages say, in every field."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Dialog, expect

from storage import facts, layout
from storage.about import About
from storage.directory import Directory
from storage.ledger import Manifest
from storage.model import Check, Json
from storage.runs import NoticeSeen, PageSeen
from tests import histories
from tests.histories import SOURCE, digest, on
from tests.reading_room import pages, put, write
from tests.test_site import picture
from tests.visiting import visit

EVIL = (
    "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    "{{6007*6007}}&\x00\x1b\u202e]]>"
)
RUNS = "javascript:alert(1)//" + EVIL
LONG = 1001
"""Rows of a table that is read from a script file."""


@pytest.fixture
def objects(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "archive")


def refuse(objects: Directory) -> None:
    """Hold a document that was refused, for a reason that is hostile."""
    refused = histories.capture("refused", on(10), edition=EVIL)
    put(objects, layout.capture(SOURCE, on(10), refused.digest), refused.to_json())
    told = histories.reading("refused", 0, edition=None).to_json()
    told |= {"status": "quarantined", "reason": EVIL, "detail": EVIL, "tables": {}, "limits": {}}
    put(objects, layout.quarantine(SOURCE, on(10), refused.digest, 1), told)


def later(objects: Directory) -> None:
    """Hold an edition that comes after: a long table, columns lost, and pictures of its pages."""
    made = histories.capture("later", on(12), edition="2030-01-05")
    put(objects, layout.capture(SOURCE, on(12), made.digest), made.to_json())
    reading = histories.reading("later", LONG, edition="2030-01-05")
    rows = [
        replace(record, fields={"n": number, EVIL: EVIL}, cells={EVIL: EVIL})
        for number, record in enumerate(reading.tables["issued"])
    ]
    reading = replace(reading, tables={EVIL: tuple(rows), RUNS: tuple(rows[:9])})
    put(objects, layout.table(SOURCE, reading.digest, reading.parser), reading.to_json())
    body = picture(850, 1100)
    key = layout.preview(SOURCE, made.digest, 1)
    objects.put(key, body, sha256=histories.sha256(body))


def hostile(objects: Directory) -> tuple[Manifest, About]:
    """A source of which every word is hostile."""
    made = replace(
        histories.capture("evil", on(0), edition=f"../../{EVIL}"),
        url=RUNS,
        redirects=(RUNS,),
        headers={EVIL: EVIL},
        site=RUNS,
    )
    newer = replace(histories.capture("worse", on(9), edition=f"../../{EVIL}"), url=RUNS)
    put(objects, layout.capture(SOURCE, on(0), made.digest), made.to_json())
    put(objects, layout.capture(SOURCE, on(9), newer.digest), newer.to_json())
    for name, text in (("evil", EVIL), ("worse", EVIL + "2")):
        reading = histories.reading(name, 2, edition=None)
        (record, other) = reading.tables["issued"]
        bad = replace(record, fields={EVIL: text, "n": 1, "list": (EVIL, EVIL)}, cells={EVIL: text})
        reading = replace(
            reading,
            title=EVIL,
            tables={EVIL: (bad, other), "../x": (bad,), "": ()},
            totals={EVIL: 1},
            keys={EVIL: ("n",)},
            checks=(Check(name=EVIL, passed=False, expected=EVIL, found=EVIL, rows=(1,)),),
            notes=(EVIL,),
        )
        put(objects, layout.table(SOURCE, reading.digest, reading.parser), reading.to_json())
    page = PageSeen(
        at=on(8),
        url=RUNS,
        digest="d" * 64,
        ext="html",
        content="c" * 64,
        notices=(NoticeSeen(kind=EVIL, text=EVIL, said_on=EVIL),),
    )
    part = replace(histories.part(1, on(8)), pages=(page,))
    put(objects, layout.run(SOURCE, on(8), part.run, 1), part.to_json())
    decided: Json = {"schema": 1, "digest": digest("evil"), "kind": "release", "why": EVIL}
    decided |= {"who": EVIL, "parser": None}
    put(objects, layout.decision(SOURCE, on(9), digest("evil")), decided)
    refuse(objects)
    later(objects)
    about = About(
        source=SOURCE, agency=EVIL, title=EVIL, url=RUNS, keys={EVIL: ()}, fields={EVIL: EVIL}
    )
    return facts.refold(objects, SOURCE), about


def test_each_hostile_word_has_come_to_where_it_is_to_do_no_harm(objects: Directory) -> None:
    found, about = hostile(objects)
    write(objects, found, about)
    shown = " ".join(page.text for page in pages(objects).values())
    places = [
        "It could not be read reliably (</scr",
        "Decided by </scr",
        "Unlike the edition before",
    ]
    places += [
        "Not the agency’s own site.",
        "What the agency’s page said",
        "Checks that do not hold",
    ]
    places += [
        "What the columns mean",
        "Changed",
        "asked first",
        "later version is known",
        "records of edition ../../</scr",
    ]
    assert [each for each in places if each not in shown] == []


def test_nothing_that_is_held_can_run_or_break_out(objects: Directory) -> None:
    found, about = hostile(objects)
    written = write(objects, found, about)
    assert len(written) > 12
    for key, page in pages(objects).items():
        for element in page.elements:
            assert not [name for name in element.attributes if name.startswith("on")], key
            assert "style" not in element.attributes, key
            assert element.attributes.get("src", "").strip() != "x", key
        scripts = [each for each in page.all("script") if each.get("type") != "application/ld+json"]
        assert all(each.get("src", "").endswith(".js") for each in scripts), key
        assert [link for link in page.links() if "javascript" in link.lower()] == [], key
        assert all(json.loads(data)["@type"] == "Dataset" for data in page.data), key
        named = [each["download"] for each in page.all("a") if each.get("download")]
        assert all(re.fullmatch(r"[\w.-]+", name) and ".." not in name for name in named), key
        assert "36084049" not in page.text, "a template within the template"
        assert "\x00" not in page.text
        assert "\x1b" not in page.text
    for feed in ("site/feed.xml", f"site/{SOURCE}/feed.xml"):
        root = ET.fromstring(objects.get(feed))
        assert "alert(1)" in "".join(root.itertext())
        assert [e.tag for e in root.iter() if "script" in e.tag] == []
    assert all(key.isascii() and ".." not in key for key in written)


@pytest.mark.slow
def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(
    objects: Directory, browser: Browser
) -> None:
    found, about = hostile(objects)
    written = [key for key in write(objects, found, about) if key.endswith(".html")]
    ran: list[str] = []

    def seen(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    with visit(browser, objects.root.as_uri(), viewport={"width": 390, "height": 900}) as page:
        page.on("dialog", seen)
        for key in written:
            page.goto((objects.root / key).as_uri())
            assert page.locator("h1").count() == 1, key
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, key
            if page.locator("#search").count():
                page.locator("#search").fill("alert(1)")
                expect(page.locator("#records tbody tr").first).to_contain_text("alert(1)")
    assert ran == []
    assert any(key.endswith("/2.html") for key in written)
    assert any(key.endswith("pages.html") for key in written)
