"""What pages, feeds and datasets show follows the index, however a publishing before it ended."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows import previews, publishing
from storage import layout, site
from storage.archive import Archive
from storage.archived import MementoRef
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.ledger import Manifest
from storage.model import Reading, Reason
from storage.objects import Body
from storage.runs import NoticeSeen, Observation, PageSeen
from tests import filing, histories
from tests.histories import ORIGIN, SOURCE, Ticking, fill, on
from tests.reading_room import pages
from tests.stores import NewStore

FIRST, OTHER = "2017-01-28", "2017-02-04"
SHARED = ("feed.xml", "style.css", "script.js", "icon.svg")


class Killed(BaseException):
    """As if the process ended there."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    """An archive of two editions, published."""
    monkeypatch.setattr(previews, "draw", lambda *_, **__: [])
    objects = Directory(tmp_path / "archive")
    publishing.publish(objects, fill(objects))
    return objects


def writing(store: Directory, day: float) -> Archive:
    return Archive(store, SOURCE, clock=Ticking(on(day)))


def text(store: Directory, key: str) -> str:
    return store.get(key).decode()


def edition_page(store: Directory, edition: str) -> str:
    return text(store, f"site/{SOURCE}/editions/{edition}.html")


def document_page(store: Directory, name: str) -> str:
    return text(store, f"site/{SOURCE}/documents/{histories.digest(name)}/index.html")


def test_what_all_sources_share_is_written_by_the_run_after_one_that_was_killed(
    store: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SHARED:
        store.delete(f"site/{name}")

    def killed(*_: object) -> None:
        raise Killed

    index = filing.file(store, "three", histories.reading("three", 9), written_at=on(14))
    with monkeypatch.context() as patched:
        patched.setattr(site, "write_front", killed)
        with pytest.raises(Killed):
            publishing.publish(store, index)
    publishing.publish(store, index)
    assert all(store.find(f"site/{name}") for name in SHARED)
    assert "version 3" in text(store, "site/feed.xml")


def test_a_removal_that_the_archive_proves_is_told_everywhere(store: Directory) -> None:
    archive = writing(store, 400)
    stamps = tuple(f"{on(day):%Y%m%d%H%M%S}" for day in (30, 90))
    url = f"{ORIGIN}/{OTHER}.pdf"
    seen = Observation(
        at=on(400),
        edition=OTHER,
        outcome="unchanged",
        evidence="not-there",
        url=url,
        memento=MementoRef(url=url, digest="", timestamps=stamps),
    )
    archive.record(replace(histories.part(77, on(400), seen), flow="backfill"))
    index = archive.publish()
    assert index.removal(OTHER) == "gone"
    publishing.publish(store, index)
    assert "The agency removed it" in edition_page(store, OTHER)
    assert "removed" in text(store, "site/feed.xml")
    rows = text(store, f"datasets/{SOURCE}/editions.csv").splitlines()
    assert [row.endswith("gone") for row in rows if row.startswith(OTHER)] == [True]


def noticed(store: Directory, day: float, name: str, *, written: float) -> Manifest:
    archive = writing(store, written)
    body = f"<html>{name}</html>".encode()
    page = PageSeen(
        at=on(day),
        url="https://www.ice.gov/ddor",
        digest=histories.sha256(body),
        ext="html",
        content=histories.sha256(body),
        notices=(NoticeSeen(kind="correction", text="An error was corrected.", said_on=None),),
    )
    archive.page(page, body)
    archive.record(replace(histories.part(int(written), archive.now()), pages=(page,)))
    return archive.publish()


def test_a_notice_that_turns_out_to_be_older_is_dated_anew_wherever_it_stands(
    store: Directory,
) -> None:
    publishing.publish(store, noticed(store, 7.5, "new page", written=8))
    publishing.publish(store, noticed(store, 1, "old page", written=9))
    pages = [entry.key for entry in store.list(f"site/{SOURCE}/changes/")]
    pages += [f"site/{SOURCE}/editions/{FIRST}.html", f"site/{SOURCE}/index.html"]
    assert pages[2:], "and those of changes"
    for key in pages:
        assert "27 March 2017</time> on <a" not in text(store, key), key
        assert "2017-03-21T14:00:00" in text(store, key), key
    assert "2017-03-21T14:00:00" in text(store, f"datasets/{SOURCE}/notices.csv")


def refuse(archive: Archive, name: str, reason: Reason, parser: int) -> Manifest:
    reading = Reading(
        source=SOURCE,
        parser=parser,
        digest=histories.digest(name),
        pages=None,
        status="quarantined",
        reason=reason,
        detail="it is so",
    )
    archive.quarantine(reading, {"deadline_s": 60})
    return archive.publish()


def test_a_document_that_is_refused_for_another_reason_says_that_one(store: Directory) -> None:
    archive = writing(store, 20)
    arrival = (histories.capture("bad", on(20), edition="2017-02-11"), histories.body("bad"))
    archive.admit(*archive.keep(arrival))
    publishing.publish(store, refuse(archive, "bad", "timed-out", 1))
    assert "timed-out" in document_page(store, "bad")
    publishing.publish(store, refuse(archive, "bad", "unrecognised-layout", 2))
    assert "unrecognised-layout" in document_page(store, "bad")


def test_a_version_that_is_read_later_is_linked_by_the_one_before(store: Directory) -> None:
    archive = writing(store, 22)
    archive.admit(*archive.keep((histories.capture("four", on(22)), histories.body("four"))))
    publishing.publish(store, archive.publish())
    archive.file(histories.reading("four", 7))
    publishing.publish(store, archive.publish())
    changes = f"{histories.digest('two')[:12]}-{histories.digest('four')[:12]}.html"
    assert changes in document_page(store, "two")


def test_pages_that_two_runs_wrote_at_once_are_right_after_the_next(store: Directory) -> None:
    older = filing.file(store, "three", histories.reading("three", 9), written_at=on(14))
    newer = filing.file(store, "four", histories.reading("four", 11), written_at=on(21))

    def over(items: Sequence[Any], _what: str) -> Iterator[Any]:
        for each in items:
            yield each
            if each.name == f"edition {FIRST}":
                assert "4 versions are known" in edition_page(store, FIRST)
                publishing.publish(store, older)  # of a run that knows less, begun and ended here
                assert "3 versions are known" in edition_page(store, FIRST)

    site.write_source(store, newer, publishing.describe(SOURCE), thorough=True, over=over)
    publishing.publish(store, newer)
    assert "4 versions are known" in edition_page(store, FIRST)


def test_another_sources_damaged_index_keeps_no_pages_back(store: Directory) -> None:
    other = layout.manifest("fbi_nics")
    store.put(other, b"{broken", sha256=histories.sha256(b"{broken"))
    archive = writing(store, 30)
    part = histories.part(50, archive.now())
    archive.record(part)
    archive.publish()
    assert part.summary
    assert publishing.after(archive, part.summary).status == "complete"
    assert [link for link in pages(store)["site/index.html"].links() if not store.find(link)] == []


def test_an_edition_whose_older_version_is_shown_again_says_so(store: Directory) -> None:
    archive = writing(store, 21)
    archive.record(histories.part(9, on(21), histories.observation("one", on(21), "returned")))
    publishing.publish(store, archive.publish())
    row = re.search(rf">{FIRST}</a>.*?</tr>", text(store, f"site/{SOURCE}/index.html"), re.DOTALL)
    assert row
    assert "shown again" in row[0]


def leads_to(store: Directory, key: str) -> set[str]:
    """Give the documents' pages to which a page that leads on links; every link leads somewhere."""
    page = pages(store)[key]
    assert "What stood here is told elsewhere" in page.text
    assert [link for link in page.links() if not store.find(link)] == []
    return {link for link in page.links() if "/documents/" in link and link != key}


def document(name: str) -> str:
    return f"site/{SOURCE}/documents/{histories.digest(name)}/index.html"


def test_the_address_of_an_edition_that_is_named_anew_leads_to_its_document(
    store: Directory,
) -> None:
    archive = writing(store, 20)
    claimed, printed = "2017-02-11", "2017-02-18"
    arrival = (histories.capture("late", on(20), edition=claimed), histories.body("late"))
    archive.admit(*archive.keep(arrival))
    publishing.publish(store, archive.publish())
    old = f"site/{SOURCE}/editions/{claimed}.html"
    assert old.removeprefix("site/") in text(store, "site/feed.xml")
    archive.file(histories.reading("late", edition=printed))
    index = archive.publish()
    publishing.publish(store, index)
    assert leads_to(store, old) == {document("late")}
    assert publishing.publish(store, index, thorough=True) == [], "it is written once"


def test_the_address_of_a_difference_leads_to_both_once_a_version_came_between(
    store: Directory,
) -> None:
    one, two = (histories.digest(name)[:12] for name in ("one", "two"))
    index = filing.file(
        store, "between", histories.reading("between", 8), written_at=on(40), seen_at=on(4)
    )
    publishing.publish(store, index)
    old = f"site/{SOURCE}/changes/{one}-{two}.html"
    assert leads_to(store, old) == {document("one"), document("two")}


def test_the_address_of_a_table_that_is_read_no_more_leads_to_its_document(
    store: Directory,
) -> None:
    archive = writing(store, 20)
    read = histories.reading("other", 5, edition=OTHER, parser=histories.NEWER)
    archive.file(replace(read, tables={"renamed": read.tables["issued"]}))
    archive.decide(
        histories.digest("other"), "accept-parser", why="so", who="me", parser=histories.NEWER
    )
    publishing.publish(store, archive.publish())
    folder = document("other").removesuffix("index.html")
    assert leads_to(store, f"{folder}table-issued.html") == {document("other")}
    assert store.find(f"{folder}table-renamed.html")


class Full(Directory):
    """A store that takes one page that leads on, and no other."""

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        if key == f"site/{SOURCE}/editions/{OTHER}.html":
            raise StoreUnreachableError("there", "is full")
        return super().put(key, body, sha256=sha256)


def test_no_table_that_is_read_no_more_is_offered_nor_what_others_put_there(
    store: Directory,
) -> None:
    archive = writing(store, 20)
    for name, edition in (("one", FIRST), ("two", FIRST), ("other", OTHER)):
        read = histories.reading(name, 5, edition=edition, parser=histories.NEWER)
        archive.file(replace(read, tables={"issued": (), "renamed": read.tables["issued"]}))
        digest = histories.digest(name)
        archive.decide(digest, "accept-parser", why="so", who="me", parser=histories.NEWER)
    theirs = layout.dataset(SOURCE, "theirs.csv")
    store.put(theirs, b"theirs", sha256=histories.sha256(b"theirs"))
    publishing.publish(store, archive.publish())
    offered = set(pages(store)[f"site/{SOURCE}/index.html"].links())
    assert layout.dataset(SOURCE, "renamed.csv") in offered
    for key in (theirs, layout.dataset(SOURCE, "issued.csv")):
        assert store.find(key)
        assert key not in offered


def renamed(index: Manifest) -> Manifest:
    """The same with every edition under another name, as another reading of them may give."""
    documents = {
        digest: replace(
            each,
            tables={n: replace(t, edition=f"{t.edition}-a") for n, t in each.tables.items()},
        )
        for digest, each in index.documents.items()
    }
    timelines = {f"{edition}-a": spans for edition, spans in index.timelines.items()}
    return replace(index, documents=documents, timelines=timelines)


def test_a_run_that_knows_less_leaves_the_pages_of_what_it_does_not_know(store: Directory) -> None:
    older = Archive(store, SOURCE).manifest
    late = "2017-02-11"
    read = histories.reading("late", edition=late)
    publishing.publish(store, filing.file(store, "late", read, written_at=on(20)))
    made = edition_page(store, late), document_page(store, "late")
    publishing.publish(store, older)
    assert (edition_page(store, late), document_page(store, "late")) == made


def test_an_edition_that_is_told_of_again_has_its_page_again(store: Directory) -> None:
    page, index = edition_page(store, FIRST), Archive(store, SOURCE).manifest
    with pytest.raises(StoreUnreachableError):
        publishing.publish(Full(store.root), renamed(index))
    assert "told elsewhere" in edition_page(store, FIRST)
    publishing.publish(store, index)
    assert edition_page(store, FIRST) == page


def test_what_others_put_beside_the_pages_stays(store: Directory) -> None:
    theirs = (
        f"site/{SOURCE}/ours.html",
        f"site/{SOURCE}/editions/my page.html",
        f"site/{SOURCE}/documents/{'0' * 64}/é.html",
        f"previews/{SOURCE}/1.png",
        f"previews/{SOURCE}/pages of {'0' * 64}/1.png",
    )
    for name in theirs:
        (store.root / name).parent.mkdir(parents=True, exist_ok=True)
        (store.root / name).write_bytes(b"theirs")
    assert publishing.publish(store, Archive(store, SOURCE).manifest, thorough=True) == []
    assert [(store.root / name).read_bytes() for name in theirs] == [b"theirs"] * len(theirs)


def test_the_front_page_leads_to_no_page_that_is_yet_to_come(store: Directory) -> None:
    late = "2017-02-11"
    read = histories.reading("late", edition=late)
    index = filing.file(store, "late", read, written_at=on(20))  # its run could publish nothing
    abouts = {SOURCE: publishing.describe(SOURCE)}
    site.write_front(store, {SOURCE: index}, abouts)  # as another source's run does
    assert [link for link in pages(store)["site/index.html"].links() if not store.find(link)] == []
    assert late not in text(store, "site/feed.xml")
    publishing.publish(store, index)
    assert f"editions/{late}.html" in text(store, "site/feed.xml")


def test_what_nobody_here_can_describe_is_cited_without_its_agency(store: Directory) -> None:
    index = Archive(store, SOURCE).manifest
    site.write_source(store, index, site.nameless(SOURCE))
    cited = re.search(r'class="citation"><p>([^<]*)', document_page(store, "one"))
    assert cited
    assert cited[1].startswith(f"{SOURCE}. 28 January 2017 to 3 February 2017, version 1. ")


def test_in_a_bucket_too_an_address_leads_on(
    new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "draw", lambda *_, **__: [])
    objects = new_store("moto")
    publishing.publish(objects, fill(objects))
    read = histories.reading("between", 8)
    index = filing.file(objects, "between", read, written_at=on(40), seen_at=on(4))
    publishing.publish(objects, index)
    one, two = (histories.digest(name)[:12] for name in ("one", "two"))
    page = objects.get(f"site/{SOURCE}/changes/{one}-{two}.html").decode()
    assert all(f"documents/{histories.digest(name)}/" in page for name in ("one", "two"))
