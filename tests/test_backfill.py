"""The past, loaded from the agency and from the Wayback Machine into one ledger."""

import logging
import os
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flows import backfill, looking_back, remedies, week
from flows.cli import backfill as cli
from flows.cli.running import exit_code
from flows.desk import Desk
from flows.keeping import try_to_read
from flows.remedies import Trouble
from flows.work import Work
from storage import facts
from storage.archive import Archive
from storage.capture import Capture
from storage.catalogue import Catalogue
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.objects import Body, Objects
from tests import wayback
from tests.agency import faults
from tests.histories import SOURCE, on
from tests.pasts import HOST, PAGE, Lost, Pasts, Slow, day, history, listing, pasts
from tests.test_cli import call
from tests.weeks import EDITIONS, FIRST, SECOND, path, publish, report

__all__ = ["pasts"]

OLD, NEW = report(FIRST), report(FIRST, rows=3)
FIRST_ON, GONE = path(FIRST), "2017-02-18"


def whole(manifest: Manifest) -> object:
    """What two histories are compared by: how often something was learned does not count."""
    return (manifest.timelines, manifest.mementos, manifest.absences, manifest.pages)


def test_a_version_replaced_before_the_first_run_comes_out_of_the_archive(pasts: Pasts) -> None:
    pasts.site.revise(FIRST_ON, NEW)
    pasts.look(30)
    for number, body in ((1, OLD), (8, OLD), (9, NEW)):
        pasts.captured(FIRST_ON, number, body)
    run = pasts.load(31)
    assert run.status == "complete", run.messages
    first, second = pasts.manifest.versions(FIRST)
    assert (first.kind, second.kind) == ("new", "revision")
    assert (first.first_seen, first.last_seen, second.first_seen) == (on(1), on(8), on(9))
    assert (run.outcomes[FIRST], run.outcomes[SECOND]) == ("new", "unchanged")
    assert first.document.captures[0].via == "wayback"
    assert len(pasts.wayback.playbacks) == 1  # of the body that the agency no longer has


def test_known_bytes_are_fetched_once_and_then_only_sighted(pasts: Pasts) -> None:
    pasts.look(30)
    pasts.captured(FIRST_ON, 1, OLD)
    assert pasts.load(31, "wayback").outcomes == {FIRST: "unchanged"}
    (version,) = pasts.manifest.versions(FIRST)
    assert [capture.via for capture in version.document.captures] == ["agency"]
    assert version.first_seen == on(1)
    pasts.captured(FIRST_ON, 20, OLD)
    pasts.wayback.forget()
    pasts.load(32, "wayback")
    assert pasts.wayback.playbacks == []
    assert pasts.manifest.timelines[FIRST][0].count == 3


def test_what_is_loaded_twice_is_there_once(pasts: Pasts) -> None:
    for number, body in ((1, OLD), (8, OLD), (9, NEW)):
        pasts.captured(FIRST_ON, number, body)
    pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(20))
    pasts.wayback.capture(PAGE, on(2), listing((FIRST_ON, f"Report {FIRST}")))
    pasts.load(30, "wayback")
    before, held = whole(pasts.manifest), pasts.originals()
    pasts.wayback.forget()
    assert pasts.load(31, "wayback").outcomes == {FIRST: "unchanged"}
    assert pasts.wayback.playbacks == []
    assert (whole(pasts.manifest), pasts.originals()) == (before, held)


@pytest.mark.parametrize("kind", ["look", "load"])
def test_known_bytes_that_came_whole_again_are_not_fetched_once_more_after_a_kill(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def begin(day: float, *, killed_at: int = 0) -> int:
        """Ask the agency for all; give how many documents came whole."""
        told = count(1)

        def tell(*known: Any, **asked: Any) -> None:
            if next(told) == killed_at:
                raise KeyboardInterrupt
            week_tell(*known, **asked)

        pasts.site.forget()
        monkeypatch.setattr(week, "tell", tell)
        with suppress(KeyboardInterrupt):
            pasts.look(day) if kind == "look" else pasts.load(day, "agency")
        asked = [each for each in pasts.site.requests if each.path.startswith("/doclib/")]
        return [each.status for each in asked].count(200)

    week_tell = week.tell
    publish(pasts.site, *(f"2016-0{month}-01" for month in range(1, 10)))
    monkeypatch.setattr("flows.record.PART_OBSERVATIONS", 3)
    assert begin(0) == 12
    assert begin(100, killed_at=11) >= 11, "so long after, all come whole again"
    assert begin(100.1) == 3, "but for those of which a part tells"
    assert begin(100.2) == 0


def test_a_page_of_the_past_tells_what_was_announced_and_what_is_gone(pasts: Pasts) -> None:
    gone = "/files/ddor2017_02-18to02-24.pdf"
    said = "Correction (03/28/2017): the report for January 28 named a county wrongly."
    page = listing((gone, f"Declined Detainer Outcome Report {GONE}"), notices=(said,))
    pasts.wayback.capture(PAGE, on(3), page)
    pasts.wayback.capture(PAGE, on(5), page)
    pasts.captured(gone, 4, report(GONE))
    pasts.look(30)
    run = pasts.load(31)
    assert run.outcomes[GONE] == "new"
    (notice,) = pasts.manifest.notices.values()
    assert (notice.kind, notice.first, notice.last) == ("correction", on(3), on(5))
    kept = [p for p in pasts.manifest.pages.values() if p.archived]
    assert [(p.count, p.first, p.looked_at) for p in kept] == [(2, on(3), None)]
    assert pasts.look(38).status == "complete"  # what only the Archive saw is no lost leaf


def test_a_body_that_is_not_played_back_is_a_version_without_bytes_until_it_is(
    pasts: Pasts,
) -> None:
    lost = pasts.wayback.capture(f"{HOST}{FIRST_ON}", on(1), OLD)
    lost.is_played = False
    pasts.captured(FIRST_ON, 9, NEW)
    run = pasts.load(30, "wayback")
    assert run.status == "complete"
    assert any("known without its bytes" in message for message in run.messages)
    first, second = pasts.manifest.versions(FIRST)
    assert (first.document.status, first.first_seen) == ("not-held", on(1))
    assert first.document.digest == f"sha1-{wayback.cdx_digest(OLD).lower()}"
    assert second.kind == "revision"
    told = call("versions", SOURCE, FIRST, "--store", pasts.store, "--json").json["versions"]
    assert (told[0]["status"], told[0]["url"]) == ("not-held", f"{HOST}{FIRST_ON}")
    lost.is_played = True
    pasts.load(37, "wayback")
    first, second = pasts.manifest.versions(FIRST)
    assert (first.document.status, first.first_seen) == ("complete", on(1))
    assert not any(digest.startswith("sha1-") for digest in pasts.manifest.documents)


@pytest.mark.parametrize(
    ("held_on", "says"),
    [
        (1, f"version 1 whole, last seen 2017-03-21: recordkeep get {SOURCE} {FIRST} --version 1"),
        (20, f"version 2 whole, last seen 2017-04-09: recordkeep get {SOURCE} {FIRST} --version 2"),
        (None, "(nobody fetched its bytes in time)\n"),
    ],
)
def test_who_asks_for_a_version_without_bytes_is_told_how_the_newest_that_is_whole_is_had(
    pasts: Pasts, held_on: int | None, says: str
) -> None:
    pasts.wayback.capture(f"{HOST}{FIRST_ON}", on(9), NEW).is_played = False
    if held_on:
        pasts.captured(FIRST_ON, held_on, OLD)
    pasts.load(30, "wayback")
    answer = call("get", SOURCE, FIRST, "--as-of", "2017-03-30", "--store", pasts.store, "-o", "-")
    assert (answer.code, answer.out) == (3, b"")
    assert says in answer.err


def test_where_one_capture_is_not_played_back_the_next_with_its_digest_is(pasts: Pasts) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    pasts.captured(FIRST_ON, 3, OLD)
    pasts.wayback._captures[0].leads_to = on(3)
    pasts.load(30, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    assert (version.document.status, version.first_seen) == ("complete", on(1))


@pytest.mark.parametrize("is_loaded", [False, True])
def test_what_was_captured_in_the_same_second_is_not_taken_for_the_other(
    pasts: Pasts,
    is_loaded: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.captured(FIRST_ON, 1, OLD)  # which the Archive plays back for both
    pasts.captured(FIRST_ON, 1, NEW)
    listings = [listing((path(edition), edition)) for edition in (FIRST, SECOND)]
    for body in listings:
        pasts.wayback.capture(PAGE, on(1), body)
    if is_loaded:
        pasts.load(2, "wayback")
        statuses = [version.document.status for version in pasts.manifest.versions(FIRST)]
        assert sorted(statuses) == ["complete", "not-held"]
    pasts.captured(FIRST_ON, 9, NEW)
    pasts.wayback.capture(PAGE, on(9), listings[1])
    pasts.load(20, "wayback")
    seen = [(v.document.size_bytes, v.last_seen) for v in pasts.manifest.versions(FIRST)]
    assert sorted(seen) == [(len(OLD), on(1)), (len(NEW), on(9))]
    assert sorted(page.count for page in pasts.manifest.pages.values()) == [1, 2]


def test_404s_of_the_archive_far_apart_are_a_removal_that_has_a_date(pasts: Pasts) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    for number in (20, 40):
        pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(number))
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) == "gone"
    standing = pasts.manifest.as_of(FIRST, on(30))
    assert standing is not None
    assert (standing.seen_at, standing.removed_at) == (on(1), on(20))


@pytest.mark.parametrize("also", ["once", "seen between", "another address"])
def test_404s_prove_no_more_than_they_say(pasts: Pasts, also: str) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(20))
    if also == "seen between":
        pasts.captured(FIRST_ON, 30, OLD)
    if also == "another address":
        pasts.captured("/doclib/ddor/moved.pdf", 2, OLD)
    if also != "once":
        pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(40))
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) is None


def test_an_archive_that_blocks_stops_only_its_own_part(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    pasts.wayback.inflict(faults.block(), on="playback")
    run = pasts.load(30)
    assert set(EDITIONS) <= run.outcomes.keys()
    assert (run.status, exit_code(run)) == ("incomplete", 1)
    assert remedies.ARCHIVE in {need.section for need in run.needs}
    pasts.wayback.heal()
    assert pasts.load(37).outcomes[GONE] == "new"


def test_an_agency_that_blocks_stops_only_its_own_part(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    pasts.site.inflict(faults.block(), on="*")
    run = pasts.load(30)
    assert (run.status, run.outcomes[GONE]) == ("incomplete", "new")
    assert remedies.BLOCKED in {need.section for need in run.needs}


def test_a_backfill_killed_in_the_middle_goes_on_where_it_ended(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 9):
        edition = (on(7 * number)).date().isoformat()
        pasts.captured(f"/doclib/ddor/{number}.pdf", number, report(edition))
    real, left = Archive.keep, [5]

    def dies(self: Archive, *arrivals: tuple[Capture, Body]) -> list[Fact | None]:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(self, *arrivals)

    monkeypatch.setattr(Archive, "keep", dies)
    with pytest.raises(KeyboardInterrupt):
        pasts.load(90, "wayback")
    monkeypatch.setattr(Archive, "keep", real)
    run = pasts.load(91, "wayback")
    assert (run.status, len(pasts.manifest.by_edition)) == ("complete", 8)
    assert len(pasts.wayback.playbacks) == 8 + 1  # the one in hand, once more
    assert {d.status for d in pasts.manifest.documents.values()} == {"complete"}


def test_readers_that_die_lose_nothing(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    assert pasts.load(30, readers=Lost()).outcomes[GONE] == "new"
    assert pasts.manifest.versions(GONE)[0].document.status == "complete"


def test_what_is_still_being_read_at_the_end_is_told_of_once(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()

    def close(desk: Desk) -> None:
        slow.close(desk)

    monkeypatch.setattr(Desk, "close", close)
    assert Counter(pasts.load(30, "agency", readers=slow).outcomes.values()) == {
        "new": len(EDITIONS)
    }
    assert sorted(each.edition for each in pasts.part.observations) == sorted(EDITIONS)


def test_a_backfill_that_is_stopped_reads_no_more_of_what_was_kept(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasts.keep_only(30)
    tell = looking_back._tell_read

    def tell_and_stop(work: Work, *rest: Any) -> None:
        tell(work, *rest)
        work.stop.asked = True

    monkeypatch.setattr(looking_back, "_tell_read", tell_and_stop)
    assert pasts.load(31, "wayback").stopped
    statuses = Counter(document.status for document in pasts.manifest.documents.values())
    assert statuses == {"complete": 1, "unread": len(EDITIONS) - 1}


def test_a_weekly_run_that_is_stopped_reads_no_more_of_what_was_kept(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        pasts.captured(f"/doclib/ddor/old-{number}.pdf", 1, report(GONE, rows=number + 1))
    pasts.keep_only(30)

    def read_and_stop(work: Work, digest: str) -> tuple[Trouble | None, tuple[str, ...]]:
        work.stop.asked = not work.record.outcomes.keys() <= {*EDITIONS}
        return try_to_read(work, digest)

    monkeypatch.setattr(week, "try_to_read", read_and_stop)
    run = pasts.look(31)
    assert (run.stopped, run.status) == (True, "incomplete")
    assert "1 of 3 held documents were not looked at" in " ".join(run.messages)
    assert set(run.outcomes) == {*EDITIONS, GONE}


def test_without_readers_bytes_are_kept_and_read_by_the_next_run(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    run = pasts.keep_only(30)
    assert {d.status for d in pasts.manifest.documents.values()} == {"unread"}
    assert run.status == "complete"
    (said,) = [message for message in run.messages if "wait to be read" in message]
    assert said.startswith(f"documents that wait to be read: {len(EDITIONS) + 1}; the next weekly")
    assert not any("wait to be read" in message for message in pasts.load(31).messages)
    assert {d.status for d in pasts.manifest.documents.values()} == {"complete"}


def test_a_run_that_reads_nothing_on_a_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves the reading to the next run"):
        backfill.read_by(0, on_cluster=True)


def test_what_was_taken_away_returns_when_its_document_is_read(pasts: Pasts) -> None:
    pasts.look(0)
    pasts.site.delist(path(SECOND))
    assert pasts.look(7).outcomes[SECOND] == "delisted"
    pasts.site.publish(path(GONE), report(SECOND, rows=5))
    assert pasts.keep_only(9).outcomes[GONE] == "new", "as its link claims: nobody has read it"
    run = pasts.look(14)
    assert run.outcomes[SECOND] == "returned", "it prints the week that was taken away"
    assert any(message.startswith(f"{SECOND}: returned") for message in run.messages)


def test_what_is_no_report_is_quarantined_by_name(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/memo.pdf", 1, b"%PDF-1.4 a memorandum %%EOF")
    run = pasts.load(30, "wayback")
    ((edition, outcome),) = run.outcomes.items()
    assert (outcome, edition[:8]) == ("quarantined", "unknown-")
    assert exit_code(run) == 1


def test_what_is_quarantined_is_told_with_its_address(
    pasts: Pasts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="recordkeep")
    pasts.captured("/doclib/ddor/photo.jpg", 1, b"\xff\xd8\xff\xe0 a photograph")
    first, again = pasts.load(30, "wayback"), pasts.load(31, "wayback")
    for run in (first, again):
        (need,) = run.needs
        assert f"{HOST}/doclib/ddor/photo.jpg" in need.text
        assert f"{need.edition}: {need.text}" in run.messages
    lines = [each for each in caplog.messages if " quarantined: " in each]
    assert [f"{HOST}/doclib/ddor/photo.jpg" in line for line in lines] == [True, True]


def test_an_archived_error_page_is_passed_over(pasts: Pasts) -> None:
    page = b"<html><head><title>Page not found</title></head><body>Page not found</body></html>"
    pasts.captured(FIRST_ON, 1, page)
    run = pasts.load(30, "wayback")
    assert (run.outcomes, pasts.originals()) == ({}, set())
    assert any(message.startswith("passed over") for message in run.messages)


def test_the_past_that_is_loaded_today_is_no_news_of_today(pasts: Pasts) -> None:
    pasts.site.now = on(0)
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    run = pasts.load(300)
    assert (run.outcomes[GONE], run.overdue) == ("new", False)
    assert pasts.manifest.last_new_at is not None
    assert pasts.manifest.last_new_at < on(2)


def test_only_the_span_asked_for_is_loaded(pasts: Pasts) -> None:
    for number, edition in ((1, GONE), (20, "2017-02-25")):
        pasts.captured(f"/doclib/ddor/{number}.pdf", number, report(edition))
    run = pasts.load(30, since=day(0), until=day(10))
    assert set(run.outcomes) == {GONE}


def test_a_dry_run_reckons_and_keeps_nothing(pasts: Pasts) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    pasts.captured("/doclib/ddor/old.pdf", 3, report(GONE))
    pasts.wayback.capture(PAGE, on(3), listing())
    plan = pasts.plan()
    assert (plan.searches, plan.pages, plan.documents) == (2, 1, 4)
    assert plan.bytes_compressed > 0
    assert list(pasts.objects.list("")) == []


def test_a_dry_run_counts_each_answer_of_an_index_that_goes_on(pasts: Pasts) -> None:
    pasts.wayback.page_rows = 2
    for number in range(5):
        pasts.captured(f"/doclib/ddor/{number}.pdf", number, report(GONE))
    planned = pasts.plan(origins=("wayback",)).searches
    assert planned == len(pasts.wayback.searches) > 2
    pasts.wayback.forget()
    pasts.load(30, "wayback")
    assert len(pasts.wayback.searches) == planned


def test_a_dry_run_counts_what_is_fetched_whole_again(pasts: Pasts) -> None:
    pasts.load(30, "agency")
    # It is years later now, and what a server says of a document is not believed that long.
    assert pasts.plan(origins=("agency",)).documents == len(EDITIONS)


@pytest.mark.parametrize("status", [200, 500])
def test_a_dry_run_tells_no_minutes_of_nothing(
    pasts: Pasts, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    if status != 200:
        pasts.wayback.inflict(faults.answer(status), on="*")
    cli._describe(pasts.plan(origins=("wayback",)))
    told = capsys.readouterr().err
    assert "minute" not in told
    assert ("nothing to fetch" in told) == (status == 200)


@pytest.mark.slow
def test_a_dry_run_makes_no_folder(pasts: Pasts, tmp_path: Path) -> None:
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    origins = ("--site", pasts.site.url, "--wayback", pasts.wayback.origin, "--pause", "0")
    archive = tmp_path / "not made"
    told = call("backfill", SOURCE, "--dry-run", "--json", "--store", str(archive), *origins)
    assert told.code == 0, told.err
    assert told.json["documents"] == 4
    assert "a new archive" not in told.err
    assert not archive.exists()


@pytest.mark.slow
def test_a_dry_run_wants_no_right_to_write(pasts: Pasts, monkeypatch: pytest.MonkeyPatch) -> None:
    def state() -> dict[Path, int]:
        return {each: each.stat().st_mtime_ns for each in Path(pasts.store).rglob("*")}

    pasts.look(30)
    before, may = state(), os.access
    # Root may write everywhere but to what is mounted read-only.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))
    origins = ("--site", pasts.site.url, "--wayback", pasts.wayback.origin, "--pause", "0")
    told = call("backfill", SOURCE, "--dry-run", "--json", "--store", pasts.store, *origins)
    assert told.code == 0, told.err
    assert state() == before


def test_the_day_that_is_asked_about_is_answered_from_the_archives_sightings(pasts: Pasts) -> None:
    pasts.site.revise(FIRST_ON, NEW)
    pasts.look(30)
    for number, body in ((1, OLD), (13, OLD), (16, NEW)):
        pasts.captured(FIRST_ON, number, body)
    pasts.load(31, "wayback")
    chosen = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(5))
    assert chosen.version is not None
    assert chosen.version.number == 1
    told = chosen.to_json()
    assert (told["seen_at"][:10], told["next_seen_at"][:10]) == ("2017-03-21", "2017-04-02")


def test_one_order_of_work_is_as_good_as_another(pasts: Pasts) -> None:
    """The agency is asked at set times; the Archive before, between or after."""
    for number, body in ((1, OLD), (8, OLD), (9, NEW), (33, NEW)):
        pasts.captured(FIRST_ON, number, body)
    pasts.wayback.capture(PAGE, on(2), listing((FIRST_ON, f"Report {FIRST}")))
    pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(10))
    pasts.captured("/doclib/ddor/old.pdf", 1, report(GONE))
    pasts.site.revise(FIRST_ON, NEW)
    found: list[dict[str, object]] = []
    for turn, when in enumerate(((29,), (31, 38), (38,))):
        again = Pasts(
            site=pasts.site, store=f"{pasts.store}-{turn}", watch=pasts.watch, wayback=pasts.wayback
        )
        for look in (30, 37):
            for before in [each for each in when if each == look - (1 if look == 30 else 6)]:
                again.load(before, "wayback")
            again.look(look)
        if 38 in when:
            again.load(38, "wayback")
        found.append(history(again.manifest))
    assert found[1:] == found[:-1]
    assert found[0]["versions"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (5, "seen 2017-03-21 (Wayback Machine) and 2017-04-02 (Wayback Machine)"),
        (14, "seen 2017-04-02 (Wayback Machine); other bytes seen 2017-04-05 (Wayback Machine)"),
        (17, "seen 2017-04-05 (Wayback Machine) and 2017-04-19"),
        (40, "last seen 2017-04-19"),
    ],
)
def test_an_answer_about_the_past_says_on_which_sightings_it_rests(
    pasts: Pasts, number: int, says: str
) -> None:
    pasts.site.revise(FIRST_ON, NEW)
    pasts.look(30)
    for day_number, body in ((1, OLD), (13, OLD), (16, NEW)):
        pasts.captured(FIRST_ON, day_number, body)
    pasts.load(31, "wayback")
    chosen = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number))
    assert chosen.to_json()["rests_on"] == says


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (5, "seen 2017-03-21 (Wayback Machine) and 2017-04-02 (Wayback Machine)"),
        (14, "seen 2017-04-02 (Wayback Machine) and 2017-04-19"),
        (31, "seen 2017-04-19 and 2017-04-23 (Wayback Machine)"),
        (36, "seen 2017-04-23 (Wayback Machine) and 2017-05-03"),
    ],
)
@pytest.mark.parametrize("is_loaded", [False, True])
def test_the_sightings_named_are_those_around_the_day_though_the_bytes_never_changed(
    pasts: Pasts,
    number: int,
    says: str,
    is_loaded: bool,  # noqa: FBT001 - the order of work, on which it must not depend
) -> None:
    for day_number in (1, 13, 34):
        pasts.captured(FIRST_ON, day_number, OLD)
    if is_loaded:
        pasts.load(28, "wayback", until=day(28))
    for look in (30, 37, 44):
        pasts.site.revise(FIRST_ON, OLD)  # dated anew, so that the whole bytes come again
        pasts.look(look)
    pasts.load(45, "wayback")
    (span,) = pasts.manifest.timelines[FIRST]
    chosen = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number))
    assert (span.count, chosen.to_json()["rests_on"]) == (6, says)


@pytest.mark.parametrize(
    ("days", "copies", "says"),
    [
        ((10,), (), "; not there 2017-03-30 (Wayback Machine)"),
        (
            (8, 12),
            (),
            "; not there 2017-03-28 (Wayback Machine) and 2017-04-01 (Wayback Machine)",
        ),
        ((25,), (), ""),
        (
            (10,),
            ("/doclib/ddor/copy.pdf",),
            "; not at one of its addresses 2017-03-30 (Wayback Machine)",
        ),
    ],
)
def test_a_404_between_the_sightings_is_named_though_it_is_no_removal(
    pasts: Pasts, days: tuple[int, ...], copies: tuple[str, ...], says: str
) -> None:
    for number in (1, 20, 30):
        pasts.captured(FIRST_ON, number, OLD)
    for name in copies:
        pasts.captured(name, 1, OLD)
    for number in days:
        pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(number))
    pasts.load(60, "wayback")
    chosen = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(5))
    seen = "seen 2017-03-21 (Wayback Machine) and 2017-04-09 (Wayback Machine)"
    assert chosen.rests_on == seen + says


def test_a_removal_that_the_archive_found_says_so(pasts: Pasts) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    for number in (20, 40):
        pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(number))
    pasts.load(60, "wayback")
    says = "seen 2017-03-21 (Wayback Machine); found removed 2017-04-09 (Wayback Machine)"
    for number in (5, 30):
        chosen = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number))
        assert chosen.rests_on == says


@pytest.mark.parametrize(
    ("number", "times"),
    [
        (5, (None, "2017-04-09", None)),
        (30, ("2017-05-09", None, "2017-04-09")),
        (50, (None, None, None)),
    ],
)
def test_a_removal_that_came_later_is_no_sighting_and_none_that_had_come(
    pasts: Pasts, number: int, times: tuple[str | None, ...]
) -> None:
    for day_number in (1, 50):
        pasts.captured(FIRST_ON, day_number, OLD)
    for day_number in (20, 40):
        pasts.wayback.missing(f"{HOST}{FIRST_ON}", on(day_number))
    pasts.load(60, "wayback")
    told = Catalogue(pasts.objects).choose(SOURCE, FIRST, as_of=on(number)).to_json()
    shown = [told[f"{name}_at"] for name in ("next_seen", "next_removed", "removed")]
    assert tuple(each and each[:10] for each in shown) == times


def test_three_times_are_kept_apart(pasts: Pasts) -> None:
    modified = "Mon, 20 Mar 2017 12:00:00 GMT"
    pasts.captured(FIRST_ON, 1, OLD, headers={"last-modified": modified})
    pasts.load(30, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    (capture,) = version.document.captures
    told = Catalogue(pasts.objects).choose(SOURCE, FIRST).to_json()
    (row,) = call("versions", SOURCE, FIRST, "--store", pasts.store, "--json").json["versions"]
    assert (version.first_seen, capture.at) == (on(1), on(1))
    assert told["fetched_at"].startswith(f"{on(30):%Y-%m-%d}")
    assert told["last_modified"] == row["last_modified"] == modified


def test_what_the_agency_never_dated_has_no_date_of_its_own(pasts: Pasts) -> None:
    pasts.captured(FIRST_ON, 1, OLD)
    pasts.wayback.capture(f"{HOST}{FIRST_ON}", on(9), NEW).is_played = False
    pasts.load(30, "wayback")
    told = call("versions", SOURCE, FIRST, "--store", pasts.store, "--json").json["versions"]
    assert [each["last_modified"] for each in told] == [None, None]


def test_what_is_folded_anew_reads_no_table_again(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasts.look(30)
    pasts.look(37)
    read: list[str] = []
    real = facts.fact

    def counted(objects: Objects, key: str, **asked: Any) -> Fact | None:
        read.append(key)
        return real(objects, key, **asked)

    monkeypatch.setattr(facts, "fact", counted)
    pasts.captured(FIRST_ON, 33, NEW)  # within a span of something else
    pasts.load(38, "wayback")
    tables = [key for key in read if key.startswith("tables/")]
    assert len(tables) == 1
    assert pasts.manifest.without_facts() == facts.refold(pasts.objects, SOURCE).without_facts()


def test_a_link_that_weekly_runs_found_dead_for_good_leaves_a_backfill_complete(
    pasts: Pasts,
) -> None:
    pasts.look(0)
    pasts.site.remove(path(FIRST))
    pasts.look(1)
    assert pasts.load(2).outcomes[FIRST] == "failed"
    assert pasts.look(8).outcomes[FIRST] == "gone"
    run = pasts.load(9)
    assert (run.status, run.outcomes[FIRST], run.needs) == ("complete", "gone", ())
