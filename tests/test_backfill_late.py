"""What a backfill learns late: what a capture is only when it is played back, and what failed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from flows import moves, remedies
from flows.cli.running import exit_code
from scrapers.web.verdicts import REDIRECTS
from storage.ledger import RunSummary
from tests.agency.faults import Fault
from tests.agency_weeks import TITLES
from tests.histories import on
from tests.pasts import HOST, PAGE, Pasts, day, history, listing, pasts
from tests.wayback import faults
from tests.weeks import FIRST, SECOND, path, report

__all__ = ["pasts"]

UNDATED = "/doclib/ddor/u.pdf"
AT_ONE = f"{HOST}{path(FIRST)}"


@pytest.fixture
def another(pasts: Pasts, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Pasts]:
    """Give further archives that look at the same agency and the same Wayback Machine."""

    def made() -> Pasts:
        store = str(tmp_path_factory.mktemp("store") / "a")
        return Pasts(site=pasts.site, store=store, watch=pasts.watch, wayback=pasts.wayback)

    return made


def versions(pasts: Pasts, edition: str = FIRST) -> list[tuple[str, bool]]:
    """Kind and whether the bytes are held, of each version of an edition."""
    found = pasts.manifest.versions(edition) if edition in pasts.manifest.by_edition else []
    return [(each.kind, bool(each.document.captures)) for each in found]


def needs(summary: RunSummary) -> list[str]:
    return [need.section for need in summary.needs]


@pytest.mark.parametrize("status", sorted(REDIRECTS))
def test_a_revisit_of_a_redirect_is_no_version_whatever_was_loaded_before(
    pasts: Pasts, another: Callable[[], Pasts], status: int
) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.wayback.moved(AT_ONE, on(10), "/archive/x.pdf")
    later = pasts.wayback.moved(AT_ONE, on(40), "/archive/x.pdf")
    later.is_revisit, later.status = True, status
    pasts.captured("/archive/x.pdf", 50, report(FIRST, rows=9))
    pasts.load(60, "wayback", since=day(30))
    assert versions(pasts) == [("new", True)], "the one that it was moved to"
    pasts.load(70, "wayback")
    assert versions(pasts) == [("new", True), ("revision", True)]
    other = another()
    other.load(70, "wayback")
    assert history(other.manifest) == history(pasts.manifest)


def test_a_revisit_of_a_redirect_that_stands_alone_is_followed(pasts: Pasts) -> None:
    pasts.wayback.moved(AT_ONE, on(40), "/archive/x.pdf").is_revisit = True
    pasts.wayback.inflict(faults.without_moment(), on=f"id_/{AT_ONE}")
    pasts.captured("/archive/x.pdf", 50, report(FIRST, rows=9))
    assert pasts.load(60, "wayback").status == "complete"
    assert versions(pasts) == [("new", True)]


def test_what_failed_first_and_turns_out_to_be_a_redirect_is_no_version_any_more(
    pasts: Pasts,
) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    told = {"location": "/archive/x.pdf"}
    pasts.wayback.capture(AT_ONE, on(40), b"<p>Moved", 301, headers=told).is_revisit = True
    pasts.wayback.inflict(faults.overloaded(503), on=f"{on(40):%Y%m%d%H%M%S}id_/")
    pasts.load(60, "wayback")
    assert versions(pasts) == [("new", True), ("revision", False)]
    pasts.wayback.heal()
    pasts.load(70, "wayback")
    assert versions(pasts) == [("new", True)]
    pasts.captured("/archive/x.pdf", 71, report(FIRST, rows=9))
    pasts.load(80, "wayback")
    assert versions(pasts) == [("new", True), ("revision", True)], "it is followed all the same"


def test_revisits_of_a_404_bound_a_removal(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    for number in (20, 40):
        pasts.wayback.missing(AT_ONE, on(number)).is_revisit = True
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) == "gone"


def test_a_revisit_is_what_the_index_tells_of_its_digest_without_asking(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.wayback.missing(AT_ONE, on(20))
    assert pasts.wayback.missing(AT_ONE, on(40)).is_revisit
    pasts.load(60, "wayback")
    assert pasts.manifest.removal(FIRST) == "gone"
    assert len([each for each in pasts.wayback.playbacks if each.path.endswith(AT_ONE)]) == 1


def test_what_the_index_tells_later_to_be_a_404_is_no_version_any_more(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.wayback.missing(AT_ONE, on(10))
    pasts.wayback.missing(AT_ONE, on(20)).is_played = False
    pasts.load(60, "wayback", since=day(15))
    assert [each.document.status for each in pasts.manifest.versions(FIRST)] == ["not-held"]
    pasts.load(61, "wayback")
    assert versions(pasts) == [("new", True)]
    assert pasts.manifest.removal(FIRST) == "gone"


def test_404s_that_failed_first_bound_a_removal_as_if_they_had_not(
    pasts: Pasts, another: Callable[[], Pasts]
) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    for number in (20, 40):
        pasts.wayback.missing(AT_ONE, on(number)).is_revisit = True
        pasts.wayback.inflict(faults.overloaded(503), on=f"{on(number):%Y%m%d%H%M%S}id_/")
    pasts.load(60, "wayback")
    pasts.wayback.heal()
    pasts.load(61, "wayback", since=day(30))
    other = another()
    for each in (pasts, other):
        each.load(62, "wayback")
    assert history(other.manifest) == history(pasts.manifest)
    pasts.wayback.missing(AT_ONE, on(80)).is_revisit = True
    for each in (pasts, other):
        each.load(90, "wayback")
    assert history(other.manifest) == history(pasts.manifest)


def test_a_redirect_that_turns_out_late_leads_to_sightings_of_the_same_bytes(
    pasts: Pasts,
) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.wayback.moved(AT_ONE, on(10), "/archive/x.pdf").is_revisit = True
    pasts.captured("/archive/x.pdf", 50, report(FIRST))
    pasts.load(60, "wayback")
    (version,) = pasts.manifest.versions(FIRST)
    assert version.last_seen == on(50)


@pytest.mark.parametrize("other", [404, 500, 200])
def test_what_an_empty_answer_was_at_one_address_it_need_not_be_at_another(
    pasts: Pasts, another: Callable[[], Pasts], other: int
) -> None:
    at_two = f"{HOST}{path(SECOND)}"
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.captured(path(SECOND), 1, report(SECOND))
    kind = "application/pdf"
    empty = pasts.wayback.capture(AT_ONE, on(20), b"", other, media_type=kind)
    empty.is_revisit = other != 200
    pasts.wayback.moved(at_two, on(40), "/archive/b.pdf").is_revisit = True
    pasts.captured("/archive/b.pdf", 45, report(SECOND, rows=9))
    pasts.load(50, "wayback")
    assert versions(pasts, SECOND) == [("new", True), ("revision", True)]
    assert versions(pasts) == [("new", True)]
    assert pasts.manifest.removal(SECOND) is None
    apart = another()
    apart.load(50, "wayback", since=day(30))
    apart.load(50, "wayback", until=day(30))
    assert history(apart.manifest) == history(pasts.manifest)


def test_one_body_that_is_never_played_back_keeps_no_other_from_being_had(pasts: Pasts) -> None:
    for number in range(3):
        pasts.captured(path(FIRST), 1 + number, report(FIRST))
    names = [f"/doclib/ddor/m{number}.pdf" for number in range(5)]
    for number, name in enumerate(names):
        pasts.captured(name, 10 + number, report(str(day(7 * number + 100))))
    pasts.wayback.inflict(faults.overloaded(503), on=f"id_/{AT_ONE}")
    summary = pasts.load(50, "wayback")
    assert Counter(summary.outcomes.values()) == {"new": 5, "failed": 1}


def test_what_failed_before_is_asked_for_last(pasts: Pasts) -> None:
    """Two such bodies, one after the other, end the run: the next one has the others first."""
    dead = [f"{HOST}/doclib/ddor/dead{number}.pdf" for number in range(2)]
    for number, url in enumerate(dead):
        pasts.wayback.capture(url, on(1 + number), report(str(day(7 * number + 200))))
    pasts.wayback.inflict(faults.overloaded(503), on="id_/https://www.ice.gov/doclib/ddor/dead")
    for number in range(3):
        pasts.captured(f"/doclib/ddor/m{number}.pdf", 10 + number, report(str(day(7 * number))))
    summaries = [pasts.load(50 + number, "wayback", polite=True) for number in range(2)]
    assert [each.status for each in summaries] == ["incomplete", "incomplete"]
    held = [each for each in pasts.manifest.documents.values() if each.captures]
    assert len(held) == 3


def test_the_page_that_claims_first_is_the_one_that_was_captured_first(
    pasts: Pasts, another: Callable[[], Pasts]
) -> None:
    later = listing((UNDATED, TITLES[SECOND]))
    pasts.wayback.capture(PAGE, on(5), listing((UNDATED, TITLES[FIRST]))).is_revisit = True
    pasts.wayback.capture(PAGE, on(20), later)
    pasts.wayback.capture(PAGE, on(30), listing((UNDATED, TITLES[FIRST]))).is_revisit = False
    pasts.captured(UNDATED, 6, report(FIRST))
    pasts.load(40, "wayback", until=day(10))
    pasts.load(50, "wayback")
    other = another()
    other.load(50, "wayback")
    assert history(other.manifest) == history(pasts.manifest)
    (version,) = other.manifest.versions(FIRST)
    assert version.document.status == "complete"


@pytest.mark.parametrize("lasting", [True, False])
def test_a_newer_page_that_is_not_to_be_had_takes_no_claim_of_an_older_one_away(
    pasts: Pasts,
    lasting: bool,  # noqa: FBT001 - what the test is about
) -> None:
    pasts.wayback.capture(PAGE, on(5), listing((UNDATED, TITLES[FIRST])))
    pasts.captured(UNDATED, 6, report(None))
    newer = listing((path(SECOND), "x")) + b" " * (5 * 2**20 * lasting)
    pasts.wayback.capture(PAGE, on(20), newer)
    if not lasting:
        pasts.wayback.inflict(faults.overloaded(503), on=f"{on(20):%Y%m%d%H%M%S}id_/")
    summary = pasts.load(40, "wayback")
    assert (FIRST in summary.outcomes, summary.status) == (
        True,
        "complete" if lasting else "incomplete",
    )


def test_what_a_link_claimed_reaches_a_version_of_which_nobody_has_the_bytes(
    pasts: Pasts, another: Callable[[], Pasts]
) -> None:
    pasts.wayback.capture(PAGE, on(5), listing((UNDATED, TITLES[FIRST])))
    pasts.wayback.capture(f"{HOST}{UNDATED}", on(6), report(FIRST)).is_played = False
    pasts.wayback.inflict(faults.overloaded(503), on=f"{on(5):%Y%m%d%H%M%S}id_/")
    pasts.load(40, "wayback")
    pasts.wayback.heal()
    pasts.load(50, "wayback")
    other = another()
    other.load(50, "wayback")
    assert history(other.manifest) == history(pasts.manifest)
    assert versions(pasts) == [("new", False)]


def test_a_listing_page_that_was_a_redirect_is_followed_when_it_turns_out(pasts: Pasts) -> None:
    old = pasts.wayback.moved(PAGE, on(3), "/old-reports")
    old.is_revisit = True
    gone = "/files/g.pdf"
    pasts.captured("/old-reports", 4, listing((gone, TITLES[FIRST])))
    pasts.captured(gone, 5, report(FIRST))
    pasts.load(30, "wayback")
    assert versions(pasts) == [("new", True)]


@pytest.mark.parametrize("what", ["page", "redirect"])
def test_what_could_not_be_had_today_makes_the_run_incomplete(pasts: Pasts, what: str) -> None:
    gone = "/files/g.pdf"
    if what == "page":
        pasts.wayback.capture(PAGE, on(3), listing((gone, TITLES[FIRST])))
    else:
        pasts.wayback.moved(AT_ONE, on(3), gone)
    pasts.captured(gone, 4, report(FIRST))
    pasts.wayback.inflict(faults.overloaded(503), on=f"{on(3):%Y%m%d%H%M%S}id_/")
    summary = pasts.load(30, "wayback")
    assert (summary.status, exit_code(summary)) == ("incomplete", 1)
    assert remedies.ARCHIVE in needs(summary)
    if what == "page":
        assert PAGE not in pasts.manifest.searched
    pasts.wayback.heal()
    summary = pasts.load(31, "wayback")
    assert (summary.status, summary.needs) == ("complete", ())
    assert versions(pasts) == [("new", True)]


def test_what_fails_again_is_as_incomplete_as_the_first_time(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    pasts.wayback.inflict(faults.overloaded(503), on=f"id_/{AT_ONE}")
    runs = [pasts.load(30 + number, "wayback") for number in range(3)]
    assert [exit_code(each) for each in runs] == [1, 1, 1]
    assert [each.outcomes for each in runs] == 3 * [{FIRST: "failed"}]
    assert all(needs(each) == [remedies.ARCHIVE] for each in runs)


def test_an_address_that_led_elsewhere_later_is_followed_to_both(pasts: Pasts) -> None:
    pasts.captured(path(FIRST), 1, report(FIRST))
    for number in range(30, 40):
        pasts.wayback.moved(AT_ONE, on(number), "/archive/one.pdf")
    for number in range(40, 50):
        pasts.wayback.moved(AT_ONE, on(number), "/archive/between.pdf")
    for number in range(60, 70):
        pasts.wayback.moved(AT_ONE, on(number), "/library/two.pdf")
    pasts.captured("/archive/one.pdf", 45, report(FIRST, rows=5))
    pasts.captured("/archive/between.pdf", 46, report(FIRST, rows=7))
    pasts.captured("/library/two.pdf", 65, report(FIRST, rows=9))
    pasts.load(70, "wayback")
    assert versions(pasts) == [("new", True)] + 3 * [("revision", True)]
    asked = [each for each in pasts.wayback.playbacks if each.path.endswith(AT_ONE)]
    assert len(asked) <= 12, "not every capture of a redirect"


def test_an_address_that_leads_to_and_fro_is_not_asked_about_without_end(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(64):
        pasts.wayback.moved(AT_ONE, on(number), f"/archive/{number}.pdf")
    monkeypatch.setattr(moves, "MOST", 8)
    pasts.load(70, "wayback")
    assert len(pasts.wayback.playbacks) <= 16, "those of the halves in hand besides"


def test_redirects_that_led_nowhere_new_keep_no_move_from_being_followed(pasts: Pasts) -> None:
    for number in range(60):
        name = f"/doclib/ddor/r{number:03}.pdf"
        pasts.wayback.moved(f"http://www.ice.gov{name}", on(1), f"{HOST}{name}")
        pasts.captured(name, 2, report(str(day(7 * number + 100))))
    pasts.wayback.moved(f"{HOST}/doclib/ddor/zlast.pdf", on(5), "/library/new.pdf")
    pasts.captured("/library/new.pdf", 6, report(FIRST, rows=9))
    pasts.load(70, "wayback")
    assert versions(pasts) == [("new", True)]


def test_a_body_whose_first_captures_are_not_played_back_is_had_by_a_later_one(
    pasts: Pasts,
) -> None:
    for number in range(1, 9):
        found = pasts.wayback.capture(AT_ONE, on(number), report(FIRST))
        found.is_played = number == 8
    pasts.load(30, "wayback")
    assert versions(pasts) == [("new", True)]


@pytest.mark.parametrize("printed", [FIRST, SECOND])
@pytest.mark.parametrize("how", ["a page fails", "since", "until"])
def test_what_a_link_claimed_does_not_depend_on_what_was_loaded_first(
    pasts: Pasts, another: Callable[[], Pasts], how: str, printed: str
) -> None:
    pasts.wayback.capture(PAGE, on(5), listing((UNDATED, TITLES[FIRST])))
    pasts.wayback.capture(PAGE, on(20), listing((UNDATED, TITLES[SECOND])))
    pasts.captured(UNDATED, 6, report(printed))
    pasts.captured(UNDATED, 21, report(printed))
    if how == "a page fails":
        pasts.wayback.inflict(faults.overloaded(503), on=f"{on(5):%Y%m%d%H%M%S}id_/")
        pasts.load(40, "wayback")
        pasts.wayback.heal()
    else:
        span: dict[str, Any] = {how: day(15)}
        pasts.load(40, "wayback", **span)
    pasts.load(50, "wayback")
    other = another()
    other.load(50, "wayback")
    assert history(other.manifest) == history(pasts.manifest)
    wanted = "complete" if printed == FIRST else "flagged"
    (version,) = pasts.manifest.versions(printed)
    assert version.document.status == wanted


@pytest.mark.parametrize("fault", [faults.overloaded(), faults.cut(100)], ids=["503", "cut"])
def test_a_capture_that_is_never_given_hides_no_other_of_the_same_body(
    pasts: Pasts, fault: Fault
) -> None:
    outside, said = "/other/q1.pdf", "Correction: an error was found in this report."
    for number in (2, 30, 60):
        pasts.captured(path(SECOND), number, report(SECOND))
        page = listing((outside, TITLES[FIRST]), notices=(said,))
        pasts.wayback.capture(PAGE, on(number + 1), page)
    pasts.captured(outside, 4, report(FIRST))
    for number in (2, 3):
        pasts.wayback.inflict(fault, on=f"/web/{on(number):%Y%m%d%H%M%S}id_")
    run = pasts.load(100, "wayback")
    assert (run.status, run.outcomes) == ("complete", {FIRST: "new", SECOND: "new"})
    assert [notice.text for notice in pasts.manifest.notices.values()] == [said]
    assert [document.status for document in pasts.manifest.documents.values()] == ["complete"] * 2


def test_of_a_body_that_is_never_given_one_further_capture_is_asked_for_last(
    pasts: Pasts,
) -> None:
    for number in (2, 30, 60):
        pasts.captured(path(SECOND), number, report(SECOND))
        pasts.wayback.inflict(faults.answer(502), on=f"/web/{on(number):%Y%m%d%H%M%S}id_")
    pasts.captured(path(FIRST), 70, report(FIRST))
    run = pasts.load(100, "wayback")
    assert run.outcomes == {FIRST: "new", SECOND: "failed"}
    asked = dict.fromkeys(request.path[5:19] for request in pasts.wayback.playbacks)
    assert list(asked) == [f"{on(number):%Y%m%d%H%M%S}" for number in (2, 70, 30)]


@pytest.mark.parametrize("loads", [(70, 100), (100,)], ids=str)
def test_a_page_that_says_not_found_is_a_404_where_it_was_one_whatever_it_was_elsewhere(
    pasts: Pasts, loads: tuple[int, ...]
) -> None:
    words = b"<html><body><h1>Page not found</h1></body></html>"
    pasts.captured(path(FIRST), 1, report(FIRST))
    for number in (20, 40, 60):  # the later ones are listed as revisits, without a status
        pasts.wayback.capture(AT_ONE, on(number), words, 404)
    pasts.captured("/doclib/ddor/typo.pdf", 80, words)
    for number in loads:
        pasts.load(number, "wayback", until=day(number))
    spans = [(s.state, s.count) for s in pasts.manifest.timelines[FIRST]]
    assert spans == [("seen", 1), ("missing", 3)]
    assert pasts.manifest.removal(FIRST) == "gone"
