"""What a person decides: release from quarantine, accept what a newer parser reads."""

from dataclasses import replace
from pathlib import Path

import pytest

from flows import publishing, remedies, reparse
from flows.record import RunRecord
from scrapers import sandbox, source
from scrapers.limits import Limits
from storage import layout
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.documents import DocumentEntry
from storage.fixity import verify
from storage.model import Reading
from tests import histories
from tests.histories import NEWER, PARSER, SOURCE, Ticking, fill, on
from tests.test_cli import call

FIRST = "2017-01-28"
wrong_usage = 2
NAMES = {histories.digest(name): name for name in ("one", "two", "other")}


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made documents cannot be drawn; finding that out takes a process each."""
    monkeypatch.setattr("flows.previews.draw", lambda *_, **__: [])


@pytest.fixture
def store(tmp_path: Path) -> Directory:
    store = Directory(tmp_path / "archive")
    fill(store)
    return store


def document(store: Directory, name: str) -> DocumentEntry:
    return Catalogue(store).manifest(SOURCE).documents[histories.digest(name)]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer parser, which finds one record more in each document."""

    def read(path: Path, _source: str, **_limits: Limits) -> Reading:
        name = path.read_bytes().split()[1].decode()
        edition = "2017-02-04" if name == "other" else FIRST
        return histories.reading(name, len(name) + 1, edition=edition, parser=NEWER)

    series = replace(source.load(SOURCE), parser=NEWER, keys={"issued": ("county",)})
    monkeypatch.setattr(sandbox, "read", read)
    monkeypatch.setattr(source, "load", lambda _name: series)


@pytest.mark.usefixtures("newer")
def test_reading_again_shows_what_differs_and_makes_nothing_current(store: Directory) -> None:
    found, _ = reparse.reparse.fn(SOURCE, store.name)
    assert {each.digest for each in found} == set(NAMES)
    assert [len(each.differences["issued"].added) for each in found] == [1, 1, 1]
    table = document(store, "one").table
    assert table is not None
    assert table.parser == PARSER
    assert sorted(document(store, "one").tables) == [PARSER, NEWER]


@pytest.mark.usefixtures("newer")
def test_what_was_accepted_is_current_and_no_news_of_the_agencys(store: Directory) -> None:
    before = Catalogue(store).manifest(SOURCE)
    reparse.reparse.fn(SOURCE, store.name, accept=True)
    after = Catalogue(store).manifest(SOURCE)
    current = [document.table for document in after.documents.values()]
    assert [table.parser for table in current if table] == [NEWER] * 3
    assert after.timelines == before.timelines
    assert after.last_news_at == before.last_news_at
    assert [v.kind for v in after.versions(FIRST)] == [v.kind for v in before.versions(FIRST)]
    assert set(after.last_runs["reparse"].outcomes.values()) == {"unchanged"}
    assert verify(store, SOURCE).findings == []
    assert reparse.reparse.fn(SOURCE, store.name)[0] == []


@pytest.mark.usefixtures("newer")
def test_what_was_read_again_can_be_accepted_later(store: Directory) -> None:
    reparse.reparse.fn(SOURCE, store.name)
    reparse.reparse.fn(SOURCE, store.name, accept=True)
    table = document(store, "two").table
    assert table is not None
    assert table.parser == NEWER


@pytest.mark.usefixtures("newer")
def test_what_had_no_records_before_is_current_at_once_and_not_said_to_wait(
    store: Directory,
) -> None:
    reparse.reparse.fn(SOURCE, store.name, accept=True)
    archive = Archive(store, SOURCE, clock=Ticking(on(20)))
    archive.admit(
        *archive.keep((histories.capture("three", archive.now()), b"%PDF-1.4 three %%EOF"))
    )
    archive.publish()
    answer = call("reparse", SOURCE, "--store", store.name)
    assert answer.code == 0
    assert document(store, "three").table
    assert "had no records: it is current" in answer.out.decode()
    assert "made current" not in answer.err


@pytest.mark.usefixtures("newer")
def test_what_waits_for_a_person_is_said_to(store: Directory) -> None:
    assert "Not made current: 3" in call("reparse", SOURCE, "--store", store.name).err
    assert "made current" not in call("reparse", SOURCE, "--accept", "--store", store.name).err


@pytest.mark.usefixtures("newer")
def test_what_is_in_one_documents_way_keeps_no_other_from_being_read_again(
    store: Directory,
) -> None:
    damaged = layout.raw(SOURCE, histories.digest("one"), "pdf")
    (store.root / damaged).write_bytes(b"%PDF-1.4 something else")
    found, summary = reparse.reparse.fn(SOURCE, store.name)
    refused = {NAMES[each.digest]: bool(each.refused) for each in found}
    assert refused == {"one": True, "two": False, "other": False}
    assert sorted(document(store, "two").tables) == [PARSER, NEWER]
    assert [need.section for need in summary.needs] == [remedies.FIXITY]
    answer = call("reparse", SOURCE, "--store", store.name)
    assert (answer.code, b"holds" in answer.out) == (1, True)


@pytest.mark.usefixtures("newer")
def test_what_a_person_set_aside_is_not_read_again(store: Directory) -> None:
    refuse_a_page(store)
    digest = histories.digest("page")
    assert (
        call("release", SOURCE, digest, "--why", "an error page", "--store", store.name).code == 0
    )
    found, _ = reparse.reparse.fn(SOURCE, store.name)
    assert digest not in {each.digest for each in found}
    assert document(store, "page").status == "released"


@pytest.mark.parametrize(("digest", "why"), [("", "a reason"), ("abc", "a reason"), (None, " ")])
def test_a_decision_names_its_document_and_its_reason(
    store: Directory, digest: str | None, why: str
) -> None:
    refuse_a_page(store)
    named = histories.digest("page") if digest is None else digest
    assert call("release", SOURCE, named, "--why", why, "--store", store.name).code == wrong_usage
    assert document(store, "page").status == "quarantined"


def test_the_figures_know_of_a_release_at_once(store: Directory) -> None:
    refuse_a_page(store)
    page = histories.digest("page")
    assert call("release", SOURCE, page, "--why", "an error page", "--store", store.name).code == 0
    figures = store.get(layout.metrics(SOURCE)).decode()
    assert 'recordkeep_quarantined{source="ice_ddor"} 0' in figures


def refuse_a_page(store: Directory) -> None:
    """Keep an error page that came in place of a report."""
    archive = Archive(store, SOURCE, clock=Ticking(on(20)))
    capture = replace(histories.capture("page", archive.now()), ext="html")
    archive.admit(*archive.keep((capture, histories.body("page"))))
    refused = replace(
        histories.reading("page"), status="quarantined", reason="not-a-pdf", tables={}
    )
    archive.quarantine(refused, Limits().to_json())
    archive.publish()


def test_a_document_in_quarantine_is_listed_until_a_person_releases_it(store: Directory) -> None:
    refuse_a_page(store)
    where = ("--store", store.name)
    listed = call("quarantine", SOURCE, "--json", *where)
    assert listed.code == 1
    assert [row["reason"] for row in listed.json] == ["not-a-pdf"]
    digest = listed.json[0]["digest"]
    assert call("release", SOURCE, "0" * 12, "--why", "none such", *where).code == 3
    released = call("release", SOURCE, digest[:12], "--why", "an error page", *where)
    assert released.code == 0
    assert call("quarantine", SOURCE, *where).code == 0
    (decision,) = document(store, "page").decisions
    assert decision.why == "an error page"
    assert store.get(f"raw/{SOURCE}/{digest}.html") == histories.body("page")


def test_an_edition_that_is_only_in_quarantine_is_said_to_be_held_there(store: Directory) -> None:
    archive = Archive(store, SOURCE, clock=Ticking(on(20)))
    capture = histories.capture("bad", archive.now(), edition="2017-02-11")
    archive.admit(*archive.keep((capture, histories.body("bad"))))
    refused = replace(histories.reading("bad"), status="quarantined", reason="damaged", tables={})
    archive.quarantine(refused, Limits().to_json())
    archive.publish()
    asked = (["get"], ["get", "--version", "1"], ["records"], ["diff"], ["explain", "--row", "1"])
    for name, *options in asked:
        answer = call(name, SOURCE, "2017-02-11", *options, "--store", store.name)
        assert answer.code == 3, name
        assert f"held: quarantined document {histories.digest('bad')}" in answer.err, name


def test_a_release_stands_though_the_web_pages_cannot_be_written(store: Directory) -> None:
    refuse_a_page(store)
    (store.root / "site").touch()  # a file where the folder is to be
    digest = histories.digest("page")
    released = call("release", SOURCE, digest, "--why", "an error page", "--store", store.name)
    assert released.code == 1
    assert f"released {digest}" in released.out.decode()
    assert "the release stands, but datasets and web pages are behind" in released.err
    assert "recordkeep site" in released.err
    assert call("quarantine", SOURCE, "--store", store.name).code == 0


def test_a_release_that_is_published_ends_the_need_of_a_publishing_that_failed(
    store: Directory,
) -> None:
    def sections() -> list[str]:
        return [need["section"] for need in call("status", SOURCE, "--json", *where).json["needs"]]

    where = ("--store", store.name)
    refuse_a_page(store)
    (store.root / "site").touch()  # a file where the folder is to be
    archive = Archive(store, SOURCE, clock=Ticking(on(21)))
    ended = RunRecord(archive, "weekly").finish(requests=0, bytes_received=0, overdue=False)
    publishing.after(archive, ended)
    assert remedies.PUBLISHING in sections()
    (store.root / "site").unlink()
    released = call("release", SOURCE, histories.digest("page"), "--why", "an error page", *where)
    assert released.code == 0
    assert remedies.PUBLISHING not in sections()
