"""The Internet Archive as a source: its whole index, and captures that are those asked for."""

import hashlib
import itertools
import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from scrapers import wayback
from scrapers.archived import index
from scrapers.errors import (
    ArchivedErrorPageError,
    CutError,
    ExcludedError,
    FetchError,
    LayoutError,
    NotThatCaptureError,
    ScrapeError,
    TooLargeError,
    UnansweredError,
)
from scrapers.web.policy import MIB
from tests.agency import Reply, pdf
from tests.archived import AT, FOLDER, NOW, PAGE, REPORT, URL, archive, asking, is_empty, row_of
from tests.wayback import WaybackSite, cdx_digest, faults

__all__ = ["archive"]

OTHER = pdf("week 1, corrected", pad_bytes=50_000)
DAY = timedelta(days=1)


def asked_of(site: WaybackSite) -> list[dict[str, str]]:
    """The parameters of each search so far."""
    queries = (parse_qs(urlsplit(request.path).query) for request in site.searches)
    return [{name: values[0] for name, values in query.items()} for query in queries]


def test_lists_captures_of_every_kind(archive: WaybackSite) -> None:
    archive.revisits = True
    archive.capture(URL, AT + DAY, REPORT)
    archive.capture(URL, AT + 2 * DAY, OTHER)
    archive.moved(URL, AT + 3 * DAY, "https://www.ice.gov/archive")
    archive.missing(URL, AT + 4 * DAY)
    with asking(archive) as (client, _):
        rows = list(client.search(URL))
    assert [row.at for row in rows] == [AT + n * DAY for n in range(5)]
    assert [row.status for row in rows] == [200, None, 200, 301, 404]
    assert [row.is_revisit for row in rows] == [False, True, False, False, False]
    assert [row.digest for row in rows[:3]] == [cdx_digest(b) for b in (REPORT, REPORT, OTHER)]
    asked = asked_of(archive)[0]
    assert asked["fl"].startswith("urlkey,")
    assert not {"collapse", "filter"} & asked.keys()


def test_a_prefix_finds_files_that_no_page_links(archive: WaybackSite) -> None:
    archive.capture(f"{FOLDER}unlinked.pdf", AT, OTHER)
    archive.capture("https://www.ice.gov/doclib/other/x.pdf", AT, OTHER)
    with asking(archive) as (client, _):
        found = {row.original for row in client.search(FOLDER, prefix=True)}
        assert found == {URL, f"{FOLDER}unlinked.pdf"}
        assert not list(client.search(FOLDER))


@pytest.mark.parametrize("repeats", [False, True])
def test_follows_resume_keys_and_drops_what_stands_on_both_sides(
    archive: WaybackSite, *, repeats: bool
) -> None:
    archive.page_rows, archive.repeats_at_seams = 3, repeats
    for number in range(1, 10):
        archive.capture(URL, AT + number * DAY, REPORT)
    with asking(archive) as (client, _):
        rows = list(client.search(URL))
    assert [row.at for row in rows] == [AT + n * DAY for n in range(10)]
    assert len(archive.searches) == 4


def test_asks_as_the_rows_are_taken(archive: WaybackSite) -> None:
    archive.page_rows = 1
    archive.capture(URL, AT + DAY, REPORT)
    with asking(archive) as (client, _):
        row_of(client)
    assert len(archive.searches) == 1


@pytest.mark.parametrize("prefix", [False, True])
def test_a_span_is_whole_days_with_both_ends(archive: WaybackSite, *, prefix: bool) -> None:
    first = datetime(2017, 4, 1, tzinfo=UTC)
    for at in (first - timedelta(seconds=1), first, first + DAY - timedelta(seconds=1)):
        archive.capture(URL, at, REPORT)
    archive.capture(URL, first + DAY, REPORT)
    with asking(archive) as (client, _):
        rows = client.search(URL, prefix=prefix, since=first.date(), until=first.date())
        assert [row.at for row in rows] == [first, first + DAY - timedelta(seconds=1)]
    asked = asked_of(archive)[0]
    assert asked["to"] == "20170401235959"
    assert asked.get("from") == (None if prefix else "20170401000000")


def test_a_year_of_fewer_digits_is_asked_for_in_four(archive: WaybackSite) -> None:
    archive.capture(URL, AT, REPORT)
    with asking(archive) as (client, _):
        assert len(list(client.search(URL, since=date.min))) == 1
    assert asked_of(archive)[0]["from"] == "00010101000000"


def test_nothing_is_listed_where_nothing_was_captured(archive: WaybackSite) -> None:
    with asking(archive) as (client, _):
        assert list(client.search(f"{FOLDER}never.pdf")) == []
        assert [m for m in client.messages if "left out" in m] == []


GOOD = ["gov,ice)/a", "20170401000000", URL, "application/pdf", "200", cdx_digest(b"a"), "9"]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(GOOD[:6], id="a field is missing"),
        pytest.param([*GOOD[:1], "2017040100000", *GOOD[2:]], id="13 digits"),
        pytest.param([*GOOD[:1], "20171301000000", *GOOD[2:]], id="a 13th month"),
        pytest.param([*GOOD[:1], "02170401000000", *GOOD[2:]], id="a year before the Archive's"),
        pytest.param([*GOOD[:1], "20990401000000", *GOOD[2:]], id="a day to come"),
        pytest.param([*GOOD[:1], "٢٠١٧٠٤٠١٠٠٠٠٠٠", *GOOD[2:]], id="other digits"),
        pytest.param([*GOOD[:2], "https://www.ice.gov/a b", *GOOD[3:]], id="a blank"),
        pytest.param([*GOOD[:2], "https://www.ice.gov/\r\nx", *GOOD[3:]], id="a line feed"),
        pytest.param([*GOOD[:2], "https://www.ice.gov/\ud800", *GOOD[3:]], id="half a pair"),
        pytest.param([*GOOD[:2], f"https://www.ice.gov/{'x' * 3000}", *GOOD[3:]], id="long"),
        pytest.param([*GOOD[:4], "9000", *GOOD[5:]], id="no status"),
        pytest.param([*GOOD[:5], "../../etc/passwd", *GOOD[6:]], id="no digest"),
        pytest.param([*GOOD[:6], "-5"], id="a negative length"),
        pytest.param([*GOOD[:6], 5], id="a number"),
        pytest.param({"a": 1}, id="no list"),
    ],
)
def test_rows_that_cannot_be_read_are_left_out_and_counted(
    archive: WaybackSite, row: list[str]
) -> None:
    archive.odd_rows = [row]
    with asking(archive) as (client, _):
        assert [found.at for found in client.search(URL)] == [AT]
        assert any("left out 1 row that say nothing" in m for m in client.messages)


@pytest.mark.parametrize(
    "original",
    [
        "https://www.fbi.gov/a.pdf",
        "https://www.ice.gov.example.org/a.pdf",
        "https://user@www.ice.gov/a.pdf",
        "https://www.ice.gov:8443/a.pdf",
        "file:///etc/passwd",
        "http://127.0.0.1/a.pdf",
    ],
)
def test_rows_of_other_hosts_are_left_out(archive: WaybackSite, original: str) -> None:
    archive.odd_rows = [[*GOOD[:2], original, *GOOD[3:]]]
    with asking(archive) as (client, _):
        assert [row.original for row in client.search(URL)] == [URL]
        assert any("of other hosts" in message for message in client.messages)


def test_a_captured_port_80_is_the_agencys(archive: WaybackSite) -> None:
    archive.capture("http://ice.gov:80/doclib/ddor/old.pdf", AT, OTHER)
    with asking(archive) as (client, _):
        rows = list(client.search("http://ice.gov/doclib/ddor/old.pdf"))
    assert [row.original for row in rows] == ["http://ice.gov:80/doclib/ddor/old.pdf"]


def test_a_quotation_mark_in_one_row_costs_that_row(archive: WaybackSite) -> None:
    names = json.dumps(index.FIELDS)
    good = json.dumps(GOOD)
    bad = good.replace("application/pdf", 'application/"pdf"')
    body = f"[{names},\n{bad},\n{good}]\n"
    archive.inflict(faults.answer(200, body.encode(), media_type="application/json"))
    with asking(archive) as (client, _):
        assert len(list(client.search(URL))) == 1
        assert any("left out 1 row" in message for message in client.messages)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sorry</html>", b'[["urlkey"', b'{"a": 1}', b"null", b"[" * 10_000, b'[["a"]]']
    + [b"[[" + b"[" * depth + b"]" * depth + b"]]" for depth in (2, 10_000)],
    ids=["empty", "html", "cut", "object", "null", "deep", "other names", "lists", "deep lists"],
)
def test_what_is_no_list_of_captures_is_asked_again_and_then_an_error(
    archive: WaybackSite, body: bytes
) -> None:
    archive.inflict(faults.answer(200, body))
    with asking(archive) as (client, _), pytest.raises(CutError):
        list(client.search(URL))
    assert len(archive.searches) == 5


@pytest.mark.parametrize(
    "key",
    ['["\\ud800"]', '["a\\nb"]', '[""]', f'["{"k" * 9000}"]', "[1]", '["a", "b"]', '"k"', "[]"],
)
def test_what_is_no_resume_key_is_an_error_and_no_end_of_the_list(
    archive: WaybackSite, key: str
) -> None:
    body = json.dumps([index.FIELDS, GOOD])[:-1] + f", [], {key}]"
    archive.inflict(faults.answer(200, body.encode(), media_type="application/json"))
    with asking(archive) as (client, _), pytest.raises(FetchError, match="not with a resume key"):
        list(client.search(URL))
    assert len(archive.searches) == 1


def test_a_resume_key_may_be_as_long_as_an_address_in_percents() -> None:
    key = "gov,ice)/" + "%d0%b0" * 1300 + " 20170401000000+1 é"
    body = json.dumps([index.FIELDS, GOOD, [], [key]]).encode()
    assert index.read(URL, body).resume_key == key


def test_endless_resume_keys_end(archive: WaybackSite) -> None:
    body = b'[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],[],["k"]]'
    archive.inflict(faults.answer(200, body, media_type="application/json"))
    with asking(archive) as (client, _), pytest.raises(FetchError, match="leads nowhere"):
        list(client.search(URL))
    assert len(archive.searches) == 1


@pytest.mark.parametrize("length", [1, 2, 3])
def test_resume_keys_that_go_round_end(archive: WaybackSite, length: int) -> None:
    given = itertools.count()

    def go_round(_: Reply) -> Reply:
        body = json.dumps([index.FIELDS, GOOD, [], [f"{next(given) % length}"]])
        return Reply(body=body.encode(), headers={"content-type": "application/json"})

    archive.inflict(go_round)
    with asking(archive) as (client, _), pytest.raises(FetchError, match="leads nowhere"):
        list(client.search(URL))
    assert len(archive.searches) == length + 1


def test_an_endless_list_ends(archive: WaybackSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_ROWS", 20)
    archive.page_rows = 7
    for number in range(1, 40):
        archive.capture(URL, AT + number * DAY, REPORT)
    with asking(archive) as (client, _), pytest.raises(TooLargeError):
        list(client.search(URL))
    assert len(archive.searches) == 3


def test_an_answer_of_the_index_is_bounded(archive: WaybackSite) -> None:
    archive.inflict(faults.answer(200, b"[" + b" " * 17 * MIB))
    with asking(archive) as (client, _), pytest.raises(TooLargeError):
        list(client.search(URL))


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("kind", ["robots", "administrative", "page"])
def test_what_is_kept_from_view_stops_that_address_alone(
    archive: WaybackSite, tmp_path: Path, kind: str, status: int
) -> None:
    with asking(archive) as (client, _):
        row = row_of(client)
        archive.inflict(faults.excluded(kind, status), on="secret")
        with pytest.raises(ExcludedError, match="kept from view"):
            list(client.search("https://www.ice.gov/secret"))
        archive.inflict(faults.excluded(kind, status), on="playback", times=1)
        with pytest.raises(ExcludedError, match="kept from view"):
            client.document(row, tmp_path)
        assert client.document(row, tmp_path).confirmed


def test_a_document_is_the_capture_with_the_agencys_own_headers(
    archive: WaybackSite, tmp_path: Path
) -> None:
    archive.capture(
        URL,
        AT + DAY,
        OTHER,
        headers={"etag": '"x"', "set-cookie": "a=b", "content-disposition": 'filename="w1.pdf"'},
    )
    with asking(archive) as (client, _):
        row = list(client.search(URL))[1]
        found = client.document(row, tmp_path)
    assert bytes(found.body) == OTHER
    assert found.digest == hashlib.sha256(OTHER).hexdigest()
    assert (found.size_bytes, found.ext, found.problem) == (len(OTHER), "pdf", None)
    assert (found.url, found.redirects, found.at, found.fetched_at) == (URL, (), AT + DAY, NOW)
    wanted = {
        "content-type": "application/pdf",
        "etag": '"x"',
        "content-disposition": 'filename="w1.pdf"',
    }
    assert found.headers == wanted
    assert found.filename == "w1.pdf"
    assert found.playback == f"https://web.archive.org/web/20170322093015id_/{URL}"
    assert (found.row, found.confirmed) == (row, True)


def test_a_revisit_gives_the_bytes_of_the_first(archive: WaybackSite, tmp_path: Path) -> None:
    archive.revisits = True
    archive.capture(URL, AT + DAY, REPORT)
    with asking(archive) as (client, _):
        row = list(client.search(URL))[1]
        assert row.is_revisit
        assert bytes(client.document(row, tmp_path).body) == REPORT


def test_the_indexs_digest_is_a_hint(archive: WaybackSite, tmp_path: Path) -> None:
    archive.capture(URL, AT + DAY, OTHER).digest = cdx_digest(b"stored in another coding")
    with asking(archive) as (client, _):
        found = client.document(list(client.search(URL))[1], tmp_path)
    assert not found.confirmed
    assert found.digest == hashlib.sha256(OTHER).hexdigest()


@pytest.mark.parametrize(
    ("fault", "gunzipped"),
    [
        pytest.param(faults.gzip_inside(), True, id="no header"),
        pytest.param(faults.gzip_inside(""), True, id="an empty header"),
        pytest.param(faults.gzip_inside(", gzip"), False, id="an empty one beside the true one"),
        pytest.param(faults.gzip_inside("gzip"), False, id="the true header"),
    ],
)
def test_gzip_inside_is_undone_once(
    archive: WaybackSite, tmp_path: Path, fault: faults.Fault, *, gunzipped: bool
) -> None:
    archive.inflict(fault, on="playback")
    with asking(archive) as (client, _):
        found = client.document(row_of(client), tmp_path)
    assert bytes(found.body) == REPORT
    assert found.digest == hashlib.sha256(REPORT).hexdigest()
    assert found.gunzipped is gunzipped
    assert found.confirmed  # by the decoded body, as the index was made from it here


def test_a_body_in_another_coding_is_decoded(archive: WaybackSite, tmp_path: Path) -> None:
    def deflated(reply: Reply) -> Reply:
        headers = {**reply.headers, "content-encoding": "deflate"}
        return replace(reply, body=zlib.compress(reply.body), headers=headers)

    archive.inflict(deflated, on="playback")
    with asking(archive) as (client, _):
        found = client.document(row_of(client), tmp_path)
    assert bytes(found.body) == REPORT


def test_a_body_in_an_unknown_coding_is_not_kept(archive: WaybackSite, tmp_path: Path) -> None:
    archive.inflict(faults.with_header("content-encoding", "br"), on="playback")
    with asking(archive) as (client, _), pytest.raises(FetchError, match="br"):
        client.document(row_of(client), tmp_path)
    assert is_empty(tmp_path)


def test_an_address_with_a_number_sign_is_asked_for_whole(
    archive: WaybackSite, tmp_path: Path
) -> None:
    url = f"{FOLDER}report#1.pdf"
    archive.capture(url.replace("#", "%23"), AT, OTHER)
    with asking(archive) as (client, _):
        row = replace(next(client.search(url.replace("#", "%23"))), original=url)
        assert bytes(client.document(row, tmp_path).body) == OTHER


def test_a_header_of_gzip_that_was_already_undone_is_not_believed(
    archive: WaybackSite, tmp_path: Path
) -> None:
    archive.capture(URL, AT + DAY, OTHER)
    archive.inflict(faults.with_header("content-encoding", "gzip"), on="playback")
    with asking(archive) as (client, _):
        assert bytes(client.document(row_of(client), tmp_path).body) == REPORT


def test_unpacking_is_bounded(archive: WaybackSite, tmp_path: Path) -> None:
    archive.capture(f"{FOLDER}bomb.pdf", AT, b"%PDF-1.4" + bytes(3_000_000))
    archive.inflict(faults.gzip_inside(), on="playback")
    with asking(archive) as (client, _):
        row = row_of(client, f"{FOLDER}bomb.pdf")
        with pytest.raises(TooLargeError):
            client.document(row, tmp_path)
    assert is_empty(tmp_path)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param(
            faults.redirect(f"/web/20180101000000id_/{URL}"), "leads to", id="another capture"
        ),
        pytest.param(faults.without_moment(), "no Memento-Datetime", id="no Memento-Datetime"),
        pytest.param(
            faults.moment("Wed, 22 Mar 2017 09:30:15 GMT"), "is the capture of", id="another time"
        ),
        pytest.param(faults.moment("yesterday"), "is the capture of", id="no time"),
        pytest.param(faults.answer(404, b"<h1>Not archived</h1>"), "answered 404", id="404"),
        pytest.param(
            lambda reply: replace(reply, status=500), "the index says 200", id="a status of its own"
        ),
        pytest.param(faults.soft_404(), "no Memento-Datetime", id="an error page with 200"),
    ],
)
def test_what_is_not_that_capture_is_not_taken_for_it(
    archive: WaybackSite, tmp_path: Path, fault: faults.Fault, says: str
) -> None:
    archive.capture(URL, datetime(2018, 1, 1, tzinfo=UTC), OTHER)
    archive.inflict(fault, on="playback")
    with asking(archive) as (client, _):
        row = row_of(client)
        with pytest.raises(NotThatCaptureError, match=says):
            client.document(row, tmp_path)
        with pytest.raises(NotThatCaptureError, match=says):
            client.page(row)
    assert is_empty(tmp_path)
    assert len(archive.playbacks) == 2  # nothing is followed, nothing asked again


def test_a_capture_that_the_replica_cannot_play_leads_elsewhere(
    archive: WaybackSite, tmp_path: Path
) -> None:
    lost = archive.capture(URL, AT + DAY, OTHER)
    lost.leads_to = AT
    with asking(archive) as (client, _), pytest.raises(NotThatCaptureError):
        client.document(list(client.search(URL))[1], tmp_path)


@pytest.mark.parametrize(
    "body", [faults.SOFT_404, faults.CHALLENGE], ids=["not found in words", "a challenge"]
)
def test_an_error_page_captured_with_200_is_no_report(
    archive: WaybackSite, tmp_path: Path, body: bytes
) -> None:
    url = f"{FOLDER}lost.pdf"
    archive.capture(url, AT, body)
    with asking(archive) as (client, _):
        row = row_of(client, url)
        with pytest.raises(ArchivedErrorPageError):
            client.document(row, tmp_path)
        with pytest.raises(ArchivedErrorPageError):
            client.page(row)
        assert is_empty(tmp_path)
        assert client.document(row_of(client), tmp_path).confirmed  # the Archive is not closed


@pytest.mark.parametrize("status", [404, 301, 500])
def test_a_capture_of_an_error_is_not_asked_for(
    archive: WaybackSite, tmp_path: Path, status: int
) -> None:
    url = f"{FOLDER}lost.pdf"
    archive.capture(url, AT, b"<h1>no</h1>", status)
    with asking(archive) as (client, _), pytest.raises(ArchivedErrorPageError, match=str(status)):
        client.document(row_of(client, url), tmp_path)
    assert archive.playbacks == []


def test_a_revisit_of_an_error_is_no_report(archive: WaybackSite, tmp_path: Path) -> None:
    url = f"{FOLDER}lost.pdf"
    archive.missing(url, AT).is_revisit = True
    with asking(archive) as (client, _), pytest.raises(ArchivedErrorPageError, match="404"):
        client.document(row_of(client, url), tmp_path)


def test_bytes_that_are_no_pdf_are_evidence_with_a_problem(
    archive: WaybackSite, tmp_path: Path
) -> None:
    url = f"{FOLDER}odd.pdf"
    archive.capture(url, AT, b"PK\x03\x04 a workbook", media_type="application/pdf")
    with asking(archive) as (client, _):
        found = client.document(row_of(client, url), tmp_path)
    assert found.ext == "bin"
    assert found.problem


def test_a_page_of_the_past_is_read_with_its_links_and_notices(archive: WaybackSite) -> None:
    said = (
        '<html><body><main><p>The report "will be temporarily suspended".</p>'
        '<a href="/doclib/ddor/ddor2017_01-28to02-03.pdf">Jan. 28 – Feb. 3</a></main></body></html>'
    )
    archive.capture(PAGE, AT, said.encode(), headers={"content-type": "text/html; charset=UTF-8"})
    with asking(archive) as (client, _):
        page = client.page(row_of(client, PAGE))
    assert (page.url, page.at) == (PAGE, AT)
    assert page.body == said.encode()
    assert [link.url for link in page.links()] == [URL]
    assert "suspended" in page.text()


def test_a_gzipped_page_is_unpacked_and_a_pdf_is_no_page(archive: WaybackSite) -> None:
    archive.capture(PAGE, AT, b"<html><body><p>Reports</p></body></html>")
    archive.inflict(faults.gzip_inside(), on="playback")
    with asking(archive) as (client, _):
        assert client.page(row_of(client, PAGE)).text() == "Reports"
        with pytest.raises(LayoutError):
            client.page(row_of(client))


def test_a_page_of_the_past_that_is_cut_is_asked_for_again(archive: WaybackSite) -> None:
    archive.capture(PAGE, AT, b"<html><body><p>Reports of</p><p>March</p></body></html>")
    archive.inflict(faults.cut(40, "close"), on="playback", times=1)
    with asking(archive) as (client, _):
        assert client.page(row_of(client, PAGE)).text() == "Reports of March"
    assert len(archive.playbacks) == 2


def test_a_cut_body_is_asked_for_again(archive: WaybackSite, tmp_path: Path) -> None:
    archive.inflict(faults.cut(1000), on="playback", times=2)
    with asking(archive) as (client, _):
        assert client.document(row_of(client), tmp_path).confirmed
    assert len(archive.playbacks) == 3


def test_a_body_cut_for_ever_leaves_nothing(archive: WaybackSite, tmp_path: Path) -> None:
    archive.inflict(faults.cut(1000), on="playback")
    with asking(archive) as (client, _), pytest.raises(CutError):
        client.document(row_of(client), tmp_path)
    assert is_empty(tmp_path)


def rest(reply: Reply, start: int = 1000) -> Reply:
    """Answer with the rest of a body, although no range was asked for."""
    said = f"bytes {start}-{len(reply.body) - 1}/{len(reply.body)}"
    headers = {**reply.headers, "content-range": said}
    return replace(reply, status=206, body=reply.body[start:], headers=headers)


def out_of_range(reply: Reply) -> Reply:
    """Refuse a range that was not asked for."""
    return replace(reply, status=416, body=b"")


@pytest.mark.parametrize("part", [rest, out_of_range])
def test_a_part_of_a_capture_is_never_taken_for_it(
    archive: WaybackSite, tmp_path: Path, part: faults.Fault
) -> None:
    offered = {"accept-ranges": "bytes", "etag": '"a"'}
    archive.inflict(lambda reply: replace(reply, headers={**reply.headers, **offered}))
    archive.inflict(faults.cut(1000), on="playback", times=1)
    archive.inflict(part, on="playback", times=1, after=1)
    with asking(archive) as (client, _):
        found = client.document(row_of(client), tmp_path)
    assert bytes(found.body) == REPORT
    assert found.confirmed
    assert len(archive.playbacks) == 3
    assert not any("range" in asked.headers for asked in archive.playbacks)


@pytest.mark.parametrize("part", [rest, out_of_range])
def test_parts_alone_say_nothing_of_what_was_captured(
    archive: WaybackSite, tmp_path: Path, part: faults.Fault
) -> None:
    archive.inflict(part, on="playback")
    with asking(archive) as (client, _):
        row = row_of(client)
        with pytest.raises(UnansweredError, match="as if to a range"):
            client.document(row, tmp_path)
        with pytest.raises(UnansweredError, match="as if to a range"):
            client.page(row)
    assert is_empty(tmp_path)


def test_an_address_with_a_query_is_played_back(archive: WaybackSite) -> None:
    url = f"{PAGE}?page=1"
    archive.capture(url, AT, b"<html><body>page 2</body></html>")
    with asking(archive) as (client, _):
        assert client.page(row_of(client, url)).text() == "page 2"


def test_robots_txt_is_not_asked_for_and_we_say_who_we_are(archive: WaybackSite) -> None:
    with asking(archive) as (client, _):
        row_of(client)
    assert len(archive.requests) == 1
    assert "Recordkeep" in archive.requests[0].headers["user-agent"]


def test_an_origin_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no origin"):
        wayback.Wayback(
            hosts=frozenset(),
            origin="http://127.0.0.1/x",
            agent="x",
            clock=lambda: NOW,
            search_pause_s=0,
            playback_pause_s=0,
        )


def test_each_error_is_one_of_fetching() -> None:
    named = (ExcludedError, NotThatCaptureError, ArchivedErrorPageError)
    assert all(issubclass(error, FetchError) and issubclass(error, ScrapeError) for error in named)


def test_since_and_until_are_days(archive: WaybackSite) -> None:
    with asking(archive) as (client, _):
        assert list(client.search(URL, since=date(2017, 3, 22))) == []
        assert list(client.search(URL, until=date(2017, 3, 20))) == []
        assert len(list(client.search(URL, since=date(2017, 3, 21)))) == 1
