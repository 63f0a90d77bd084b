"""What a backfill learns late: what a capture is only when it is played back, and what failed."""

from collections.abc import Callable

import pytest

from flows import moves, remedies
from flows.cli.running import exit_code
from scrapers.web.verdicts import REDIRECTS
from storage.ledger import RunSummary
from tests.histories import on
from tests.pasts import HOST, PAGE, Pasts, day, history, listing, pasts
from tests.wayback import faults
from tests.weeks import FIRST, SECOND, path, report

__all__ = ["pasts"]

UNDATED = "/doclib/ddor/u.pdf"
AT_ONE = f"{HOST}{path(FIRST)}"
TITLES = {
    FIRST: "Declined Detainer Outcome Report January 28, 2017 to February 3, 2017",
    SECOND: "Declined Detainer Outcome Report February 4, 2017 to February 10, 2017",
}


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
    pasts.wayback.moved(AT_ONE, on(40), "/archive/x.pdf").is_revisit = True
    pasts.wayback.inflict(faults.overloaded(503), on=f"{on(40):%Y%m%d%H%M%S}id_/")
    pasts.load(60, "wayback")
    assert versions(pasts) == [("new", True), ("revision", False)]
    pasts.wayback.heal()
    pasts.load(70, "wayback")
    assert versions(pasts) == [("new", True)]


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
        pasts.load(40, "wayback", **{how: day(15)})
    pasts.load(50, "wayback")
    other = another()
    other.load(50, "wayback")
    assert history(other.manifest) == history(pasts.manifest)
    wanted = "complete" if printed == FIRST else "flagged"
    (version,) = pasts.manifest.versions(printed)
    assert version.document.status == wanted
