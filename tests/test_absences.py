"""What is not there any more: `delisted`, `gone`, moved, back; and what proves none of it."""

import gzip
import hashlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from flows import remedies, removals
from flows.cli.running import exit_code
from storage import facts, layout
from storage.runs import Observation
from tests.agency import AgencySite, Reply, faults
from tests.agency_weeks import MOVED, PAGE, TITLE
from tests.histories import SOURCE, on
from tests.pasts import Pasts, pasts
from tests.weeks import EDITIONS, FIRST, SECOND, THIRD, Weeks, path, publish, report, weeks

__all__ = ["pasts", "weeks"]


def test_what_was_read_of_the_site_is_evidence_though_it_gave_no_listing(weeks: Weeks) -> None:
    weeks.site.inflict(faults.soft_404(), on=PAGE)
    assert weeks.look(0).status == "incomplete"
    assert [urlsplit(page.url).path for page in weeks.part.pages] == ["/robots.txt", PAGE]
    weeks.site.robots = "User-agent: *\nDisallow: /\n"
    assert weeks.look(7).status == "incomplete"
    assert [urlsplit(page.url).path for page in weeks.part.pages] == ["/robots.txt"]
    held = {layout.digest(entry.key) for entry in weeks.objects.list("pages/")}
    assert hashlib.sha256(weeks.site.robots.encode()).hexdigest() in held


def outcomes(weeks: Weeks, *days: float, edition: str = FIRST) -> list[str]:
    """What became of an edition on each of these days."""
    return [weeks.look(day).outcomes.get(edition, "-") for day in days]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_on_two_runs_six_days_apart_is_gone(weeks: Weeks, status: int) -> None:
    weeks.look(0)
    weeks.site.remove(path(FIRST), status)
    assert outcomes(weeks, 7, 9, 12.9, 13, 20) == ["failed", "failed", "failed", "gone", "gone"]
    weeks.assert_whole(weeks.originals())
    assert weeks.manifest.removal(FIRST) == "gone"
    assert weeks.kinds(FIRST) == ["new"]


def test_a_gone_report_is_no_persons_business_and_may_come_back(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.remove(path(FIRST))
    assert exit_code(weeks.look(1)) == 1
    assert exit_code(weeks.look(8)) == 0
    weeks.site.restore(path(FIRST))
    assert outcomes(weeks, 9, 10) == ["returned", "unchanged"]
    assert weeks.kinds(FIRST) == ["new"]


def test_one_404_between_two_good_answers_is_nothing(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.answer(404), on=path(FIRST), times=1)
    assert outcomes(weeks, 7, 14) == ["failed", "unchanged"]
    weeks.site.inflict(faults.answer(404), on=path(FIRST), times=1)
    assert outcomes(weeks, 21, 28) == ["failed", "unchanged"]


@pytest.mark.parametrize(
    "trouble", [faults.answer(500), faults.block(), faults.cut(10), faults.challenge()]
)
def test_a_404_proves_nothing_while_the_site_is_in_trouble(
    weeks: Weeks, trouble: faults.Fault
) -> None:
    weeks.look(0)
    weeks.site.remove(path(FIRST))
    weeks.site.revise(path(SECOND), report(SECOND, rows=4))
    weeks.site.inflict(trouble, on=path(SECOND))
    assert set(outcomes(weeks, 7, 14, 21)) <= {"failed", "blocked"}
    assert not weeks.manifest.is_removed(FIRST)
    weeks.site.heal()
    assert outcomes(weeks, 28, 35) == ["failed", "gone"]


def in_members(reply: Reply) -> Reply:
    """Compress a page in two members of a gzip, as servers do that write it in two pieces."""
    middle = reply.body.rfind(b"<li")
    packed = gzip.compress(reply.body[:middle]) + gzip.compress(reply.body[middle:])
    return replace(reply, body=packed, headers={**reply.headers, "content-encoding": "gzip"})


def half_as_members(reply: Reply) -> Reply:
    """Break off within the second member, with a length that fits."""
    whole = in_members(reply)
    return replace(whole, body=whole.body[:-9])


def half_without_length(reply: Reply) -> Reply:
    """Break a page off where nothing tells that there was more."""
    return faults.cut(reply.body.rfind(b"<li"), framing="close")(reply)


@pytest.mark.parametrize("fault", [half_as_members, half_without_length])
def test_what_stood_on_the_lost_half_of_a_page_is_not_taken_for_delisted(
    weeks: Weeks, fault: faults.Fault
) -> None:
    weeks.look(0)
    weeks.site.inflict(fault, on=weeks.site.listing.path)
    for day in (7, 14):
        summary = weeks.look(day)
        assert summary.status == "incomplete"
        assert "delisted" not in summary.outcomes.values()
    assert [weeks.manifest.removal(edition) for edition in EDITIONS] == [None] * 3
    weeks.site.heal()
    assert set(weeks.look(21).outcomes.values()) == {"unchanged"}


def test_a_page_in_members_is_read_to_its_end(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.inflict(in_members, on=weeks.site.listing.path)
    assert set(weeks.look(7).outcomes.values()) == {"unchanged"}


def test_when_most_reports_answer_404_none_is_gone(weeks: Weeks) -> None:
    weeks.look(0)
    for edition in EDITIONS:
        weeks.site.remove(path(edition))
    for day in (7, 14, 21):
        summary = weeks.look(day)
        assert set(summary.outcomes.values()) == {"failed"}
        assert "so are 3 of 3 linked reports" in summary.messages[0]


def test_a_delisted_report_goes_on_being_asked_until_it_is_gone(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.site.forget()
    assert outcomes(weeks, 7, 14) == ["delisted", "unchanged"]
    assert [request.status for request in weeks.site.asked(path(FIRST))] == [304, 304]
    assert weeks.manifest.removal(FIRST) == "delisted"
    weeks.site.remove(path(FIRST))
    assert outcomes(weeks, 21, 22, 28) == ["delisted", "delisted", "gone"]
    weeks.site.forget()
    assert outcomes(weeks, 35) == ["-"]
    assert weeks.site.asked(path(FIRST)) == []


def test_as_of_tells_a_delisted_report_as_removed_though_its_address_answers(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.look(7)
    weeks.look(14)
    standing = weeks.manifest.as_of(FIRST, on(30))
    assert standing is not None
    assert standing.removed_at is not None
    assert standing.removed_at.date() == on(7).date()


def test_what_is_linked_again_has_returned(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.look(7)
    weeks.site.restore(path(FIRST), f"{TITLE} {FIRST}")
    assert outcomes(weeks, 14, 21) == ["returned", "unchanged"]
    assert weeks.kinds(FIRST) == ["new"]


def test_what_is_republished_after_being_delisted_keeps_its_history(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.look(7)
    weeks.site.publish(MOVED, report(FIRST, rows=4), f"{TITLE} {FIRST}")
    assert outcomes(weeks, 14, 21) == ["revision", "unchanged"]
    assert weeks.kinds(FIRST) == ["new", "revision"]


def test_a_delisted_report_whose_bytes_change_is_kept_in_both_versions(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.look(7)
    weeks.site.revise(path(FIRST), report(FIRST, rows=4))
    assert outcomes(weeks, 14, 21) == ["revision", "unchanged"]
    assert weeks.kinds(FIRST) == ["new", "revision"]
    assert weeks.manifest.removal(FIRST) == "delisted"
    weeks.assert_whole(weeks.originals())


def test_a_moved_address_keeps_one_history_and_its_old_address_is_not_missed(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.republish(path(FIRST), MOVED)
    weeks.site.remove(path(FIRST))
    assert outcomes(weeks, 7, 14) == ["unchanged", "unchanged"]
    assert weeks.kinds(FIRST) == ["new"]
    (version,) = weeks.manifest.versions(FIRST)
    assert len(version.document.served) == 2


def _without_pager(site: AgencySite) -> None:
    site.listing.per_page = None
    site.listing.entries = site.listing.entries[:2]


def test_a_listing_that_became_shorter_by_a_page_is_believed_after_a_while(weeks: Weeks) -> None:
    weeks.site.listing.per_page = 2
    weeks.look(0)
    _without_pager(weeks.site)
    first = weeks.look(7)
    assert {need.section for need in first.needs} == {remedies.FEW_LINKS}
    assert outcomes(weeks, 7.1, 14, 21, 28, 34.9) == ["failed"] * 5
    assert outcomes(weeks, 36) == ["delisted"]


def test_it_is_believed_as_soon_however_much_the_run_has_written_by_then(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks.site.listing.per_page = 2
    weeks.look(0)
    _without_pager(weeks.site)
    weeks.look(34.9)
    monkeypatch.setattr("flows.record.PART_OBSERVATIONS", 1)
    weeks.site.revise(path(SECOND), report(SECOND, rows=4))
    assert outcomes(weeks, 36) == ["delisted"]


def test_a_listing_page_lost_after_a_long_silence_of_ours_is_doubted_too(weeks: Weeks) -> None:
    weeks.site.listing.per_page = 2
    weeks.look(0)
    _without_pager(weeks.site)
    days = 2 * removals.SHRUNK_AFTER / timedelta(days=1)
    assert outcomes(weeks, days) == ["failed"]


def test_new_reports_are_kept_though_a_later_page_of_the_listing_fails(weeks: Weeks) -> None:
    weeks.site.listing.per_page = 2
    weeks.look(0)
    publish(weeks.site, "2017-02-18")
    weeks.site.inflict(faults.answer(500), on=f"{PAGE}?page=1")
    summary = weeks.look(7)
    assert summary.outcomes["2017-02-18"] == "new"
    assert summary.status == "incomplete"
    assert summary.outcomes[THIRD] == "unchanged"
    assert {summary.outcomes[edition] for edition in (FIRST, SECOND)} == {"failed"}


def test_a_run_that_could_not_see_the_site_reports_no_removal(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.down()
    for day in (7, 14, 21):
        assert set(weeks.look(day).outcomes.values()) == {"failed"}
    weeks.site.up()
    assert set(weeks.look(28).outcomes.values()) == {"unchanged"}


def test_what_was_told_of_an_unlinked_address_reads_as_it_was_written() -> None:
    told = Observation(
        at=on(1), edition=FIRST, outcome="unchanged", evidence="body", digest="d", linked=False
    )
    assert Observation.from_json(told.to_json()) == told
    assert told.absence == "delisted"


def test_other_bytes_at_an_unlinked_address_are_of_the_edition_that_stood_there(
    weeks: Weeks,
) -> None:
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.site.revise(path(FIRST), report(FIRST, rows=4, words="bug"))
    assert outcomes(weeks, 7, 14) == ["failed", "failed"]
    assert set(weeks.manifest.by_edition) == set(EDITIONS)


def test_a_report_that_is_read_only_after_it_was_delisted_is_removed_all_the_same(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = "2017-03-04"
    weeks.site.revise(path(FIRST), report(printed, words="bug"))
    weeks.look(0)
    weeks.site.delist(path(FIRST))
    weeks.look(7)
    assert weeks.manifest.removal(FIRST) == "delisted"
    monkeypatch.setattr("tests.weeks.BUGGY", "none such")
    weeks.look(14)
    assert weeks.manifest.removal(printed) == "delisted"
    assert FIRST not in weeks.manifest.by_edition
    assert weeks.manifest == facts.refold(weeks.objects, SOURCE)


@pytest.mark.parametrize("claims", [True, False])
def test_what_was_missed_before_it_was_known_is_that_edition(
    pasts: Pasts,
    claims: bool,  # noqa: FBT001 - what the test is about
) -> None:
    printed, place = "2017-03-04", path(FIRST) if claims else "/doclib/ddor/latest.pdf"
    pasts.site.publish(place, report(printed), f"{TITLE} {FIRST if claims else ''}")
    pasts.captured(place, -3, report(printed))
    pasts.site.remove(place)
    pasts.look(0)
    pasts.look(7)
    pasts.load(8, "wayback")
    assert pasts.manifest.removal(printed) == "gone"
    assert set(pasts.manifest.by_edition) == {*EDITIONS[1 if claims else 0 :], printed}
    assert pasts.manifest == facts.refold(pasts.objects, SOURCE)
