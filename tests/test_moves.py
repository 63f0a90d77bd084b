"""Redirects that the Archive captured: where they led, followed in turn and not without end."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from flows import moves
from flows.messages import TOLD_EACH
from flows.past import Past
from flows.record import PART_OBSERVATIONS
from scrapers.errors import (
    BlockedError,
    ExcludedError,
    FetchError,
    LedAwayError,
    NotThatCaptureError,
)
from scrapers.wayback import Row
from storage import mementos
from tests.agency.faults import Fault
from tests.agency.replies import Reply
from tests.archived import AT, FOLDER, URL, archive, asking
from tests.histories import on
from tests.pasts import HOST, PAGE, Pasts, listing, pasts
from tests.wayback import WaybackSite, faults
from tests.weeks import FIRST, path, report

__all__ = ["archive", "pasts"]

OLD = f"{FOLDER}old.pdf"
NEW = "https://www.ice.gov/archive/new.pdf"
GONE = "2017-02-18"


def where(site: WaybackSite, url: str = OLD) -> str | None:
    with asking(site) as (client, _):
        return client.moved(next(client.search(url)))


def led(location: str, *, told: bool = False) -> Fault:
    """Redirect so, with no Memento-Datetime; and with the agency's own word only where `told`."""

    def apply(reply: Reply) -> Reply:
        kept = {n: v for n, v in reply.headers.items() if told or not n.startswith("x-archive")}
        kept.pop("memento-datetime", None)
        return replace(reply, status=302, headers={**kept, "location": location})

    return apply


@pytest.mark.parametrize("told", [NEW, "/archive/new.pdf", "../../archive/new.pdf#page=1"])
def test_a_captured_redirect_says_where_the_agency_sent_people(
    archive: WaybackSite, told: str
) -> None:
    archive.moved(OLD, AT, told)
    assert where(archive) == NEW
    (asked,) = archive.playbacks
    assert asked.path == f"/web/{AT:%Y%m%d%H%M%S}id_/{OLD}"


@pytest.mark.parametrize(
    "location",
    [
        f"/web/20170321093015id_/{NEW}",
        f"/web/20170401000000/{NEW}",
        f"https://web.archive.org/web/20170321093015id_/{NEW}",
        "{origin}/web/20170321093015id_/https:/www.ice.gov/archive/new.pdf",
        "/web/20170321093015id_//archive/new.pdf",
        "../../archive/new.pdf",
        NEW,
    ],
)
def test_the_archives_own_leading_on_is_read_in_each_of_its_forms(
    archive: WaybackSite, location: str
) -> None:
    archive.moved(OLD, AT, "https://www.fbi.gov/not-read")
    archive.inflict(led(location.replace("{origin}", archive.origin)), on="playback")
    assert where(archive) == NEW


@pytest.mark.parametrize(
    "told",
    [
        "https://www.fbi.gov/a.pdf",
        "https://www.ice.gov.example.org/a.pdf",
        "ftp://www.ice.gov/a.pdf",
        "https://user:word@www.ice.gov/a.pdf",
    ],
)
def test_what_led_out_of_the_agencys_hosts_is_no_move_and_said(
    archive: WaybackSite, told: str
) -> None:
    archive.moved(OLD, AT, told)
    with pytest.raises(LedAwayError, match="where we do not go"):
        where(archive)


@pytest.mark.parametrize(
    "told",
    [
        "https://[::1",
        "https://www.ice.gov/a b",
        f"https://www.ice.gov/{'x' * 3000}",
        "https://www.ice.gov/",
        "https://www.ice.gov/404",
    ],
)
def test_what_led_nowhere_is_no_move(archive: WaybackSite, told: str) -> None:
    archive.moved(OLD, AT, told)
    assert where(archive) is None


@pytest.mark.parametrize("location", ["http:////[::1", "http:////[x]/a.pdf", "//[", "http://[::1"])
def test_a_location_that_is_no_address_is_no_move(archive: WaybackSite, location: str) -> None:
    archive.moved(OLD, AT, NEW)
    archive.inflict(led(location), on="playback")
    assert where(archive) is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (led(f"/web/20180101000000id_/{OLD}"), NotThatCaptureError),
        (faults.moment("Wed, 29 Mar 2017 14:00:00 GMT"), NotThatCaptureError),
        (faults.answer(200, b"<html>here</html>"), NotThatCaptureError),
        (faults.answer(404, b"<html>not archived</html>"), NotThatCaptureError),
        (faults.excluded(), ExcludedError),
        (faults.block(), BlockedError),
    ],
)
def test_what_is_not_that_redirect_is_not_taken_for_it(
    archive: WaybackSite, fault: Fault, error: type[FetchError]
) -> None:
    archive.moved(OLD, AT, NEW)
    archive.inflict(fault, on="playback")
    with pytest.raises(error):
        where(archive)


def test_a_capture_that_is_played_back_as_a_document_did_not_move(archive: WaybackSite) -> None:
    with pytest.raises(NotThatCaptureError, match="answered 200"):
        where(archive, URL)


def test_a_document_is_found_at_the_end_of_a_chain_of_moves(pasts: Pasts) -> None:
    first, second, third = path(FIRST), "/archive/a.pdf", "/archive/b.pdf"
    pasts.captured(first, 1, report(FIRST))
    pasts.wayback.moved(f"{HOST}{first}", on(40), second)
    pasts.wayback.moved(f"{HOST}{second}", on(50), f"{HOST}{third}")
    pasts.captured(third, 60, report(FIRST, rows=3))
    run = pasts.load(70, "wayback")
    assert [v.last_seen for v in pasts.manifest.versions(FIRST)] == [on(1), on(60)]
    held = pasts.manifest.versions(FIRST)[-1].document
    assert held.url == f"{HOST}{third}"
    assert f"{HOST}{first} moved to {HOST}{second} (captured 2017-04-29)" in run.messages
    assert f"{HOST}{second} moved to {HOST}{third} (captured 2017-05-09)" in run.messages


def test_of_very_many_moves_the_first_are_told_and_how_many_more(pasts: Pasts) -> None:
    for number in range(TOLD_EACH + 2):
        pasts.wayback.moved(f"{HOST}/doclib/ddor/{number}.pdf", on(number), f"/new/{number}.pdf")
    run = pasts.load(70, "wayback")
    assert sum(" moved to " in message for message in run.messages) == TOLD_EACH
    assert "and 2 more: moved" in run.messages


def test_a_listing_page_that_moved_is_read_where_it_went(pasts: Pasts) -> None:
    gone = "/files/report.pdf"
    pasts.wayback.moved(PAGE, on(2), "/ddor")
    pasts.wayback.capture(f"{HOST}/ddor", on(3), listing((gone, f"Declined Detainer {GONE}")))
    pasts.captured(gone, 4, report(GONE))
    assert pasts.load(30, "wayback").outcomes == {GONE: "new"}
    assert [page.url for page in pasts.manifest.pages.values() if page.archived] == [f"{HOST}/ddor"]


def test_moves_in_a_loop_end(pasts: Pasts) -> None:
    first, second = path(FIRST), "/archive/a.pdf"
    pasts.captured(first, 1, report(FIRST))
    pasts.wayback.moved(f"{HOST}{first}", on(40), second)
    pasts.wayback.moved(f"{HOST}{second}", on(50), first)
    pasts.wayback.moved(PAGE, on(50), PAGE.replace("https", "http"))
    pasts.load(70, "wayback")
    searched = [request.path.partition("&")[0] for request in pasts.wayback.searches]
    assert len(searched) == len(set(searched))
    moved = [request for request in pasts.wayback.playbacks if request.status > 300]
    assert len(moved) == 3  # the loop's two, and that to http


def test_moves_without_end_are_followed_a_while(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "MOST", 3)
    pasts.wayback.moved(PAGE, on(1), "/0")
    for number in range(9):
        pasts.wayback.moved(f"{HOST}/{number}", on(1), f"/{number + 1}")
    run = pasts.load(70, "wayback")
    assert len(pasts.wayback.playbacks) == 3
    said = "captured redirects that were not followed: 1; 3 were, and the next backfill goes on"
    assert said in run.messages
    for number in range(71, 75):
        pasts.load(number, "wayback")
    assert len(pasts.wayback.playbacks) == 10, "each once and for all"


def test_where_a_redirect_led_is_asked_once_and_planned(pasts: Pasts) -> None:
    for number in (1, 2, 3):
        pasts.wayback.moved(f"{HOST}{path(FIRST)}", on(number), "/archive/a.pdf")
        pasts.wayback.moved(f"{HOST}/doclib/ddor/b.pdf", on(number), "https://www.fbi.gov/b.pdf")
    pasts.captured("/archive/a.pdf", 60, report(FIRST))
    assert pasts.plan(origins=("wayback",)).redirects == 4, "the first and the last of each"
    assert pasts.load(70, "wayback").outcomes == {FIRST: "new"}
    assert len(pasts.wayback.playbacks) == 5
    plan = pasts.plan(origins=("wayback",))
    assert (plan.redirects, plan.documents) == (0, 0)
    pasts.wayback.forget()
    run = pasts.load(71, "wayback")
    assert (run.outcomes, pasts.wayback.playbacks) == ({FIRST: "unchanged"}, [])


def test_a_killed_run_asks_for_few_redirects_again(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(PART_OBSERVATIONS + 9):
        pasts.wayback.moved(f"{HOST}/doclib/ddor/{number}.pdf", on(1), f"/{number}.pdf")

    class Killed(BaseException):
        """As by a signal that nothing can catch."""

    def die(past: Past, rows: Iterable[Row]) -> list[Row]:
        moves.followed(past, rows)
        raise Killed

    monkeypatch.setattr(moves, "documents", die)
    with pytest.raises(Killed):
        pasts.load(70, "wayback")
    monkeypatch.undo()
    pasts.wayback.forget()
    pasts.load(71, "wayback")
    assert len(pasts.wayback.playbacks) == 9


def test_neither_foreign_hosts_nor_pages_in_place_of_a_document_are_taken_in(pasts: Pasts) -> None:
    first = path(FIRST)
    pasts.captured(first, 1, report(FIRST))
    for number in (40, 43):
        pasts.wayback.moved(f"{HOST}{first}", on(number), "https://www.fbi.gov/a.pdf")
    pasts.captured("/doclib/ddor/b.pdf", 1, report(GONE))
    pasts.wayback.moved(f"{HOST}/doclib/ddor/b.pdf", on(40), "/detainers")
    for number in (41, 42):  # the second is listed as a revisit
        pasts.captured("/detainers", number, b"<html><body>All about detainers</body></html>")
    run = pasts.load(70, "wayback")
    assert (run.status, run.outcomes[GONE]) == ("complete", "new")
    (said,) = [message for message in run.messages if "fbi.gov" in message]
    assert said.startswith(f"not followed: {HOST}{first} was redirected where we do not go: https")
    assert all("fbi.gov" not in request.path for request in pasts.wayback.searches)
    assert {document.ext for document in pasts.manifest.documents.values()} == {"pdf"}


def test_a_redirect_to_the_same_address_is_not_asked_for(pasts: Pasts) -> None:
    first = path(FIRST)
    pasts.wayback.moved(f"http://www.ice.gov{first}", on(1), f"{HOST}{first}")
    pasts.captured(first, 1.0001, report(FIRST))
    pasts.load(70, "wayback")
    assert len(pasts.wayback.playbacks) == 1
    assert mementos.place(f"http://ice.gov{first}") == mementos.place(f"{HOST}{first}")


def test_a_redirect_to_the_same_address_is_as_one_to_nowhere_in_later_backfills_too(
    pasts: Pasts,
) -> None:
    address = f"http://www.ice.gov{path(FIRST)}"
    for number in (1, 2):
        pasts.wayback.moved(address, on(number), f"{HOST}{path(FIRST)}")
    pasts.wayback.moved(address, on(3), "https://www.fbi.gov/a.pdf")
    pasts.load(70, "wayback")
    pasts.wayback.forget()
    pasts.load(71, "wayback")
    assert pasts.wayback.playbacks == []
