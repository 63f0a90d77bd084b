"""What is damaged in the store costs nothing else, is told, and is never taken for what it was."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import remedies, work
from storage import facts, layout, manifest
from storage.archive import Archive
from storage.fixity import verify
from storage.ledger import RunSummary
from storage.objects import Objects
from storage.repair import repair
from tests import histories
from tests.histories import PARSER, SOURCE, Ticking, fill, on
from tests.pasts import Pasts, pasts
from tests.weeks import FIRST, SECOND, Weeks, path, report, weeks

__all__ = ["pasts", "weeks"]

MANIFEST = layout.manifest(SOURCE)
FORGED = b'"status":"flagged"'


def held(weeks: Weeks, kind: str) -> list[Path]:
    """The files of a kind, oldest first."""
    return sorted(Path(weeks.store, kind, SOURCE).glob("*.*"))


def forge(weeks: Weeks, kind: str, was: bytes, now: bytes) -> str:
    """Edit the oldest object of a kind behind the store's back; give its key."""
    file = held(weeks, kind)[0]
    assert was in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(was, now))
    return f"{kind}/{SOURCE}/{file.name}"


def lose(weeks: Weeks, kind: str, number: int = 0) -> str:
    file = held(weeks, kind)[number]
    file.unlink()
    return f"{kind}/{SOURCE}/{file.name}"


def found(weeks: Weeks) -> list[tuple[str, str]]:
    return [(finding.kind, finding.key) for finding in verify(weeks.objects, SOURCE).findings]


def scribble(weeks: Weeks) -> None:
    """Damage the index."""
    with Path(weeks.store, MANIFEST).open("ab") as file:
        file.write(b" ")


def needed(run: RunSummary) -> set[str]:
    return {need.section for need in run.needs}


def test_a_damaged_index_hides_no_edited_fact(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(7)
    table = forge(weeks, "tables", b'"status":"complete"', FORGED)
    scribble(weeks)
    assert found(weeks) == [("manifest-edited", MANIFEST), ("altered", table)]
    report_ = verify(weeks.objects, SOURCE)
    assert [finding.key for finding in repair(weeks.objects, report_)] == [MANIFEST]
    assert found(weeks) == [("altered", table)]


def test_a_deleted_index_hides_no_edited_fact(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(7)
    table = forge(weeks, "tables", b'"status":"complete"', FORGED)
    weeks.objects.delete(MANIFEST)
    assert ("altered", table) in found(weeks)
    facts.load(weeks.objects, SOURCE)
    Archive(weeks.objects, SOURCE).publish()
    assert found(weeks) == [("altered", table)]


def test_a_run_that_folds_a_damaged_index_anew_reads_what_was_edited_again(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(7)
    table = forge(weeks, "tables", b'"status":"complete"', FORGED)
    scribble(weeks)
    run = weeks.look(14)
    assert any(MANIFEST in message for message in run.messages)
    assert any(table in message for message in run.messages)
    assert FORGED not in weeks.objects.get(table)
    assert found(weeks) == []


def test_what_a_backfill_folds_anew_is_held_to_its_record(pasts: Pasts) -> None:
    for day in (0, 7, 14, 21):
        pasts.look(day)
    capture = forge(pasts, "captures", b'"status":200', b'"status":203')
    lost = lose(pasts, "runs", 1)
    before = found(pasts)
    assert {("altered", capture), ("missing", lost)} <= {*before}
    pasts.captured(path(FIRST), 10, report(FIRST, rows=9))  # within a span: all is folded anew
    run = pasts.load(28)
    original = layout.raw(SOURCE, layout.digest(capture), "pdf")  # which nobody names from now on
    assert found(pasts) == [*before, ("stray", original)]
    assert [sum(key in said for said in run.messages) for key in (capture, lost)] == [1, 1]


def test_what_was_damaged_is_folded_again_when_it_is_put_back(objects: Objects) -> None:
    whole = fill(objects)
    key = next(key for key in whole.facts if layout.kind(key) == "captures")
    body = objects.get(key)
    objects.put(key, b"{}", sha256=histories.sha256(b"{}"))
    objects.delete(MANIFEST)
    assert facts.load(objects, SOURCE) == whole, "from the older version of its key"
    objects.put(key, body, sha256=histories.sha256(body))
    assert facts.load(objects, SOURCE) == whole


def test_repair_goes_by_a_mirrors_index_where_no_whole_one_is_left(
    weeks: Weeks, tmp_path: Path
) -> None:
    weeks.look(0)
    mirror = Weeks(site=weeks.site, store=str(tmp_path / "mirror"), watch=weeks.watch)
    shutil.copytree(weeks.store, mirror.store)
    table = forge(weeks, "tables", b'"status":"complete"', FORGED)
    shutil.rmtree(Path(weeks.store, ".versions", "manifests"), ignore_errors=True)
    Path(weeks.store, MANIFEST).unlink()
    repair(weeks.objects, verify(weeks.objects, SOURCE), other=mirror.objects)
    assert found(weeks) == [("altered", table)]
    repair(weeks.objects, verify(weeks.objects, SOURCE), other=mirror.objects)
    assert found(weeks) == []


def test_a_week_goes_on_where_an_unread_original_is_damaged(weeks: Weeks) -> None:
    weeks.site.revise(path(FIRST), report(FIRST, words="bug"))
    weeks.look(0)
    (unread,) = [file for file in held(weeks, "raw") if b"words bug" in file.read_bytes()]
    unread.write_bytes(b"%PDF-1.4 something else")
    run = weeks.look(7)
    assert run.outcomes == {**run.outcomes, FIRST: "failed"}
    assert remedies.FIXITY in needed(run)
    assert run.outcomes[SECOND] == "unchanged"


def test_a_week_reads_again_what_is_no_table(weeks: Weeks) -> None:
    weeks.site.revise(path(FIRST), report(FIRST, words="bug"))
    weeks.look(0)
    (unread,) = [file for file in held(weeks, "raw") if b"words bug" in file.read_bytes()]
    table = Path(weeks.store, layout.table(SOURCE, unread.stem, PARSER))
    table.write_bytes(b"")
    run = weeks.look(7)
    assert remedies.BUG in needed(run)
    assert any(table.name in message for message in run.messages)


def test_a_backfill_goes_on_where_an_unread_original_is_damaged(pasts: Pasts) -> None:
    pasts.keep_only(0)
    held(pasts, "raw")[0].write_bytes(b"%PDF-1.4 something else")
    run = pasts.load(7)
    words = sorted(run.outcomes.values())
    assert words == ["failed", "unchanged", "unchanged"]
    assert needed(run) == {remedies.FIXITY}


def test_a_damaged_page_of_the_past_is_played_back_again(pasts: Pasts) -> None:
    body = b'<html><body><main><a href="%s">Report</a></main></body></html>'
    page = body % path(FIRST).encode()
    pasts.captured("/declined-detainer-outcome-report", 3, page)
    pasts.load(30, "wayback")
    (kept,) = [file for file in held(pasts, "pages") if file.suffix == ".html"]
    kept.write_bytes(page.replace(b"2017_01-28", b"2017_01-21"))
    pasts.wayback.forget()
    run = pasts.load(37, "wayback")
    assert needed(run) == {remedies.FIXITY}
    assert [request for request in pasts.wayback.playbacks if "detainer" in request.path]
    assert "2017-01-21" not in run.outcomes


def test_bytes_that_nobody_captured_are_read_before_they_are_trusted(objects: Objects) -> None:
    key = layout.raw(SOURCE, histories.digest("one"), "pdf")
    zeros = bytes(len(histories.body("one")))
    objects.put(key, zeros, sha256=histories.sha256(zeros))
    archive = Archive(objects, SOURCE, clock=Ticking(on(0)))
    archive.admit(*archive.keep((histories.capture("one", on(0)), histories.body("one"))))
    assert objects.get(key) == histories.body("one")


def test_what_cannot_be_folded_is_not_stored(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(objects)
    archive = Archive(objects, SOURCE, clock=Ticking(on(20)))
    before = [entry.key for entry in objects.list("")]

    def stumble(*_facts: object) -> None:
        raise OverflowError

    monkeypatch.setattr(manifest, "fold", stumble)
    with pytest.raises(OverflowError):
        archive.record(histories.part(9, on(20)))
    assert [entry.key for entry in objects.list("")] == before


def test_a_run_goes_by_the_machines_clock_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "monotonic", lambda: 0.0)  # a machine that sleeps
    before, found, after = datetime.now(UTC), work.clock(None)(), datetime.now(UTC)
    assert before <= found <= after
    now = work.clock(None)
    assert now() <= datetime.now(UTC) <= now()
    assert work.clock(on(3))() == on(3)
