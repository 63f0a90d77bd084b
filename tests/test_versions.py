"""Other bytes, the same bytes elsewhere, older bytes again, and servers that lie about all that."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from flows import rechecks
from flows.cli import app
from flows.cli.running import exit_code
from scrapers import sandbox
from storage.datasets import index
from storage.runs import Observation
from tests import weeks as made
from tests.agency import faults
from tests.agency_weeks import MOVED, TITLE
from tests.histories import SOURCE, on
from tests.weeks import EDITIONS, FIRST, SECOND, Weeks, path, publish, report, weeks

__all__ = ["weeks"]

OLD, NEW = report(FIRST), report(FIRST, rows=3)


def seen(weeks: Weeks, edition: str = FIRST) -> Observation:
    """What the last run took down of an edition."""
    (found,) = (each for each in weeks.observations() if each.edition == edition)
    return found


def test_the_same_bytes_under_another_address_are_an_alias_and_no_version(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.publish(MOVED, OLD, f"{TITLE} {FIRST}")
    assert set(weeks.look(7).outcomes.values()) == {"unchanged"}
    (version,) = weeks.manifest.versions(FIRST)
    assert set(version.document.served) == {
        f"https://www.ice.gov{address}" for address in (path(FIRST), MOVED)
    }
    assert len(version.document.captures) == 1


def test_two_linked_documents_of_one_edition_stay_two_quiet_versions(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.publish(MOVED, NEW, f"{TITLE} {FIRST} (corrected)")
    assert weeks.look(7).outcomes[FIRST] == "revision"
    for day in (14, 21):
        assert weeks.look(day).outcomes[FIRST] == "unchanged"
        assert weeks.manifest.latest(FIRST) == weeks.manifest.versions(FIRST)[1].document


def test_older_bytes_that_come_once_are_a_flap_asked_again_once(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), NEW)
    weeks.look(7)
    weeks.site.inflict(faults.answer(200, OLD, "application/pdf"), on=path(FIRST), times=1)
    weeks.site.forget()
    assert weeks.look(14).outcomes[FIRST] == "unchanged"
    asked = weeks.site.asked(path(FIRST))
    assert ["if-modified-since" in request.headers for request in asked] == [True, False]
    assert "came first, and not when asked again" in str(seen(weeks).detail)
    assert weeks.kinds(FIRST) == ["new", "revision"]


def test_older_bytes_that_stay_have_returned_and_are_no_revision(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), NEW)
    weeks.look(7)
    weeks.site.revise(path(FIRST), OLD)
    assert [weeks.look(day).outcomes[FIRST] for day in (14, 21)] == ["returned", "unchanged"]
    assert weeks.kinds(FIRST) == ["new", "revision"]
    assert weeks.manifest.latest(FIRST) == weeks.manifest.versions(FIRST)[0].document


def test_an_edition_was_last_seen_as_its_latest_sighting_though_older_bytes_returned(
    weeks: Weeks,
) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), NEW)
    weeks.look(7)
    weeks.site.revise(path(FIRST), OLD)
    weeks.look(14)
    told = CliRunner().invoke(app, ["editions", SOURCE, "--store", weeks.store, "--json"])
    shown = [json.loads(told.output), list(index.editions(weeks.manifest))]
    for editions in shown:
        (row,) = (each for each in editions if each["edition"] == FIRST)
        assert (row["versions"], row["last_seen"][:10]) == (2, f"{on(14):%Y-%m-%d}")


def test_the_period_printed_wins_over_the_links_claim_and_the_version_is_flagged(
    weeks: Weeks,
) -> None:
    weeks.look(0)
    later = "2017-02-18"
    weeks.site.publish(path(later), NEW, f"{TITLE} {later}")
    weeks.look(7)
    assert later not in weeks.manifest.by_edition
    first, second = weeks.manifest.versions(FIRST)
    assert (first.document.status, second.document.status) == ("complete", "flagged")


def test_without_a_printed_period_the_claim_names_the_edition_and_else_the_digest(
    weeks: Weeks,
) -> None:
    weeks.site.publish(path("2017-02-18"), report(None, words="mute"), TITLE)
    weeks.site.publish(MOVED, report(None, words="nameless"), TITLE)
    told = weeks.look(0).outcomes
    assert told["2017-02-18"] == "new"
    (nameless,) = (edition for edition in told if edition.startswith("unknown-"))
    assert weeks.manifest.versions(nameless)[0].document.digest.startswith(nameless[-12:])


def test_a_lying_validator_is_caught_within_the_set_weeks(weeks: Weeks) -> None:
    publish(weeks.site, *(f"2016-0{month}-01" for month in range(1, 10)))
    weeks.look(0)
    weeks.site.revise(path(SECOND), report(SECOND, rows=9), honest=False)
    told = [weeks.look(7 * week).outcomes[SECOND] for week in range(1, 9)]
    assert told.count("revision") == 1
    assert set(told) == {"unchanged", "revision"}


def test_all_documents_come_whole_within_the_set_weeks_and_few_at_once(weeks: Weeks) -> None:
    publish(weeks.site, *(f"2016-0{month}-01" for month in range(1, 10)))
    weeks.look(0)
    whole: list[set[str]] = []
    for week in range(1, 17):
        weeks.site.forget()
        weeks.look(7 * week)
        answers = [r for r in weeks.site.requests if r.path.startswith("/doclib/")]
        whole.append({request.path for request in answers if request.status == 200})
    assert whole[:3] == [set(), set(), set()]
    assert max(map(len, whole)) == 3
    for start in range(9):
        assert len(set.union(*whole[start : start + 8])) == 12


def test_runs_rarer_than_weekly_still_ask_for_each_document_whole_in_time(weeks: Weeks) -> None:
    weeks.look(0)
    manifest = weeks.manifest
    addresses = set(manifest.by_address)
    due = rechecks.due(manifest, addresses, now=on(0) + timedelta(weeks=5), weeks=8)
    assert due == addresses


def test_addresses_that_nobody_links_any_more_hold_nobody_up(weeks: Weeks) -> None:
    weeks.look(0)
    manifest = weeks.manifest
    asked = {f"https://www.ice.gov{path(SECOND)}"}
    assert rechecks.due(manifest, asked, now=on(29), weeks=8) == asked


def test_a_bug_of_ours_costs_no_bytes_and_is_mended_without_the_network(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, rows=7, words="bug"))
    for day in (1, 2):
        summary = weeks.look(day)
        assert summary.outcomes == {**dict.fromkeys(EDITIONS, "unchanged"), FIRST: "failed"}
        assert exit_code(summary) == 1
    monkeypatch.setattr(made, "BUGGY", "none such")
    weeks.site.down()
    assert weeks.look(3).outcomes[FIRST] == "revision"
    weeks.site.up()
    assert weeks.kinds(FIRST) == ["new", "revision"]
    assert set(weeks.look(4).outcomes.values()) == {"unchanged"}


def test_every_look_is_recorded_also_that_nothing_changed(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.look(7)
    told = {each.edition: (each.outcome, each.evidence) for each in weeks.observations()}
    assert told == dict.fromkeys(EDITIONS, ("unchanged", "not-modified"))
    (span,) = weeks.manifest.timelines[FIRST]
    assert (span.first.date(), span.last.date(), span.count) == (on(0).date(), on(7).date(), 2)


def test_a_real_document_is_read_by_the_real_reader(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "read", made.real_read)
    summary = weeks.look(0)
    assert set(summary.outcomes.values()) == {"quarantined"}
    assert "no-text-layer" in summary.messages[0] or "layout" in summary.messages[0]
