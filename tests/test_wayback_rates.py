"""How the Internet Archive is asked: no faster than it bears, and not at all where it refuses."""

from pathlib import Path

import pytest

from flows import backfill
from flows.past import Span
from scrapers.errors import (
    ArchivedErrorPageError,
    BlockedError,
    FetchError,
    NotThatCaptureError,
    UnansweredError,
)
from scrapers.wayback import Wayback
from tests.archived import AT, FOLDER, PAGE, URL, archive, asking, row_of
from tests.histories import SOURCE
from tests.wayback import WaybackSite, faults

__all__ = ["archive"]


def test_searches_and_playbacks_keep_to_their_own_rates(
    archive: WaybackSite, tmp_path: Path
) -> None:
    with asking(archive, search_pause_s=2.5, playback_pause_s=1) as (client, waits):
        row = row_of(client)
        assert waits == []
        row_of(client)
        assert waits == [2.5]
        client.document(row, tmp_path)  # another kind: it need not wait for the searches' pause
        assert len(waits) == 1
        client.document(row, tmp_path)
        assert waits[1:] == [1]


def test_a_backfill_that_is_told_no_pause_keeps_to_what_the_keepers_ask_for(
    archive: WaybackSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    told = {"sleep": waits.append, "monotonic": lambda: sum(waits)}
    monkeypatch.setattr(backfill, "Wayback", lambda **asked: Wayback(**(asked | told)))
    opened = backfill.opened_past(
        SOURCE,
        str(tmp_path / "archive"),
        Span(origins=("wayback",)),
        readers=None,
        wayback=archive.origin,
    )
    with opened as past:
        for _ in range(25):
            row = row_of(past.wayback)
        assert waits == [2.5] * 24  # 24 searches a minute
        for _ in range(3):
            past.wayback.document(row, tmp_path)
        assert waits[24:] == [1] * 2  # a capture a second
    reckoned = backfill.polite(None)
    assert (reckoned.searches_s, reckoned.playback_s) == (2.5, 1)


def test_a_minute_has_at_most_24_searches(archive: WaybackSite) -> None:
    with asking(archive, search_pause_s=2.5) as (client, waits):
        for _ in range(25):
            row_of(client)
    assert sum(waits) == 60


@pytest.mark.parametrize(
    ("fault", "wait_s"),
    [
        (faults.too_many(), 60),
        (faults.throttle("5"), 60),
        (faults.throttle("120"), 120),
        (faults.throttle("soon"), 60),
    ],
    ids=["no Retry-After", "a short one", "a long one", "an unreadable one"],
)
def test_a_429_is_waited_for_and_halves_the_rate(
    archive: WaybackSite, fault: faults.Fault, wait_s: float
) -> None:
    archive.inflict(fault, on="index", times=1)
    with asking(archive, search_pause_s=2.5) as (client, waits):
        row_of(client)
        assert waits == [wait_s]
        row_of(client)
        row_of(client)
        assert waits[1:] == [5, 5]
        told = f"asked us to wait {wait_s} s, and we did, and ask less often since"
        assert any(told in message for message in client.messages)


def test_a_429_is_waited_for_by_playback_too(archive: WaybackSite, tmp_path: Path) -> None:
    archive.inflict(faults.too_many(), on="index", times=1, after=1)
    with asking(archive) as (client, waits):
        row = row_of(client)
        search = client.search(FOLDER, prefix=True)
        assert next(search).original == URL
        client.document(row, tmp_path)
        assert waits == [60]


def test_a_host_that_goes_on_refusing_is_left_alone(archive: WaybackSite, tmp_path: Path) -> None:
    with asking(archive, playback_pause_s=1) as (client, waits):
        row = row_of(client)
        archive.inflict(faults.too_many())
        with pytest.raises(BlockedError):
            client.document(row, tmp_path)
        assert waits == [60] * 4
        archive.heal()
        asked = len(archive.requests)
        for refused in (lambda: client.document(row, tmp_path), lambda: row_of(client)):
            with pytest.raises(BlockedError, match="was not asked"):
                refused()
        assert len(archive.requests) == asked


def test_a_block_closes_the_archive_at_once(archive: WaybackSite) -> None:
    archive.inflict(faults.block())
    with asking(archive) as (client, _):
        for _ in range(2):
            with pytest.raises(BlockedError):
                row_of(client)
    assert len(archive.requests) == 1


@pytest.mark.parametrize("status", [503, 504])
def test_an_overloaded_index_is_asked_with_growing_pauses(
    archive: WaybackSite, status: int
) -> None:
    archive.inflict(faults.overloaded(status), on="index", times=4)
    with asking(archive, search_pause_s=2.5) as (client, waits):
        row_of(client)
        assert waits == [15, 30, 60, 120]
        row_of(client)  # once it is well, the pause is the usual one again
        assert waits[4:] == [2.5]


def test_an_index_that_stays_overloaded_is_an_error_of_that_search(archive: WaybackSite) -> None:
    archive.inflict(faults.overloaded(), on="index", times=5)
    with asking(archive) as (client, waits):
        with pytest.raises(UnansweredError):
            row_of(client)
        assert len(archive.requests) == 5
        assert waits == []  # a replica is asked without pauses
        row_of(client)


def test_a_503_may_say_how_long(archive: WaybackSite) -> None:
    archive.inflict(faults.throttle("40", status=503), on="index", times=1)
    with asking(archive, search_pause_s=2.5) as (client, waits):
        row_of(client)
        row_of(client)
    assert waits == [40, 2.5]


def test_503s_that_say_how_long_and_heal_close_nothing(archive: WaybackSite) -> None:
    with asking(archive, search_pause_s=2.5) as (client, waits):
        for _ in range(10):
            archive.inflict(faults.throttle("1", status=503), on="index", times=1)
            row_of(client)
        assert waits == [15, 2.5] * 9 + [15]  # as after any failing answer, and no longer


def test_503s_that_say_how_long_are_borne_four_times_in_a_row(archive: WaybackSite) -> None:
    with asking(archive) as (client, waits):
        archive.inflict(faults.throttle("40", status=503), on="index", times=4)
        row_of(client)
        assert waits == [40] * 4
        archive.inflict(faults.throttle("40", status=503), on="index", times=5)
        for why in ("left alone for 40 s, and 320 s were waited already", "was not asked"):
            with pytest.raises(FetchError, match=why):
                row_of(client)


def test_captures_that_are_not_played_back_are_answers_too(
    archive: WaybackSite, tmp_path: Path
) -> None:
    with asking(archive) as (client, waits):
        row = row_of(client)
        for _ in range(6):
            archive.inflict(faults.answer(404), on="playback", times=2)
            archive.inflict(faults.throttle("1", status=503), on="playback", times=1)
            with pytest.raises(NotThatCaptureError):
                client.document(row, tmp_path)
        assert waits == [1] * 6


def test_503s_that_say_how_long_cost_a_run_an_hour_at_most(archive: WaybackSite) -> None:
    with asking(archive) as (client, waits):
        for _ in range(12):
            archive.inflict(faults.throttle("300", status=503), on="index", times=1)
            row_of(client)
        assert sum(waits) == 3600
        archive.inflict(faults.throttle("300", status=503), on="index", times=1)
        with pytest.raises(FetchError, match="3600 s were waited already"):
            row_of(client)
        assert sum(waits) == 3600


@pytest.mark.parametrize("status", [429, 503])
def test_a_captured_request_to_wait_asks_nothing_of_us(
    archive: WaybackSite, tmp_path: Path, status: int
) -> None:
    url = f"{FOLDER}refused.pdf"
    capture = archive.capture(url, AT, b"<html><h1>Too many requests</h1></html>", status)
    capture.is_revisit = True  # only of a revisit does the index not tell the status
    archive.inflict(faults.with_header("retry-after", "3600"), on=url, times=3)
    with asking(archive, playback_pause_s=1) as (client, waits):
        row = row_of(client, url)
        for ask in (lambda: client.document(row, tmp_path), lambda: client.page(row)):
            with pytest.raises(ArchivedErrorPageError, match=f"captured with status {status}"):
                ask()
        with pytest.raises(NotThatCaptureError, match=f"not played back as a redirect.*{status}"):
            client.moved(row)
        assert waits == [1, 1]
        assert client.document(row_of(client), tmp_path).confirmed


@pytest.mark.parametrize("fault", [faults.too_many(), faults.throttle("60", status=503)])
def test_the_archives_own_request_to_wait_is_heeded_by_all_that_is_played_back(
    archive: WaybackSite, fault: faults.Fault
) -> None:
    archive.capture(PAGE, AT, b"<html><body><p>Reports</p></body></html>")
    archive.moved(f"{FOLDER}old.pdf", AT, URL)
    with asking(archive) as (client, waits):
        page, moved = row_of(client, PAGE), row_of(client, f"{FOLDER}old.pdf")
        archive.inflict(fault, on="playback", times=1)
        assert client.page(page).text() == "Reports"
        archive.inflict(fault, on="playback", times=1)
        assert client.moved(moved) == URL
        assert waits == [60, 60]


def test_429s_are_counted_for_the_whole_run(archive: WaybackSite) -> None:
    with asking(archive, search_pause_s=2.5) as (client, waits):
        for _ in range(4):
            archive.inflict(faults.too_many(), on="index", times=1)
            row_of(client)
        assert waits == [60, 5, 60, 10, 60, 20, 60]
        archive.inflict(faults.too_many(), on="index", times=1)
        with pytest.raises(BlockedError):
            row_of(client)
