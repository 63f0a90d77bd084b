"""A page is decoded by what text is written in; no word on its charset makes reading it fail."""

import codecs
from datetime import UTC, datetime

import pytest

from scrapers.page import ENCODINGS, Page
from scrapers.web.disposition import charset
from storage.model import canonical
from tests.agency import AgencySite, faults
from tests.archived import PAGE, archive, asking, row_of
from tests.fetching import LISTING, fetching, site
from tests.wayback import WaybackSite

__all__ = ["archive", "site"]

AT = datetime(2017, 3, 20, 14, tzinfo=UTC)
NO_ENCODINGS = [
    *("unicode_escape", "raw-unicode-escape", "Unicode-Escape", "utf-7", "idna", "punycode"),
    *("undefined", "rot13", "base64", "zlib", "hex", "bz2", "mbcs", "oem", "aliases", "utf-32"),
    *("x\0y", "\0", "../../x", ".", "", " ", "x" * 5000),
]
BODY = b"<html><body><p>F\xe9v. + +2AA- \\ud800 \\udfff</p></body></html>"
"""No UTF-8; half of a character to some of these."""
TEXT = "Fév. + +2AA- \\ud800 \\udfff"


def page(body: bytes, claimed: str | None = None) -> Page:
    return Page(url=LISTING, at=AT, body=body, digest="0" * 64, charset=claimed)


@pytest.mark.parametrize("name", NO_ENCODINGS)
def test_what_is_no_encoding_of_text_is_taken_for_none(name: str) -> None:
    assert page(BODY, name).text() == TEXT
    meta = f'<html><head><meta charset="{name}"></head>'.encode()
    assert page(BODY.replace(b"<html>", meta)).text() == TEXT


@pytest.mark.parametrize("name", sorted(ENCODINGS))
def test_what_browsers_read_is_read(name: str) -> None:
    assert codecs.lookup(name).name == name
    said = "<html><body><p>Report 17 -</p></body></html>".encode(name)
    assert page(said, name.upper()).text() == "Report 17 -"


@pytest.mark.parametrize(
    ("said", "name"),
    [("Отчёт", "koi8-r"), ("報告", "big5"), ("報告", "Shift_JIS"), ("보고", "euc-kr")],
)
def test_a_declared_encoding_is_believed(said: str, name: str) -> None:
    head = f'<html><head><meta charset="{name}"></head><body>'.encode()
    assert page(head + said.encode(name)).text() == said
    assert page(b"<html><body>" + said.encode(name), name).text() == said


@pytest.mark.parametrize("name", [None, "utf-8", "utf-16-le", "gb18030", "utf-7"])
def test_no_half_of_a_character_comes_out_of_a_page(name: str | None) -> None:
    said = '<html><body><a href="/a.pdf?\ud800">\ud83d &#xD800; &#55357;</a></body></html>'
    code = "utf-16-le" if name == "utf-16-le" else "utf-8"
    found = page(said.encode(code, "surrogatepass"), name)
    for link in found.links():
        canonical([link.url, link.text])
    canonical(found.text())


@pytest.mark.parametrize(
    "said",
    [
        "text/html; charset*=a%00b''x",
        "text/html; charset*=idna''x",
        "text/html; charset*=x; charset*0=y",
        f"text/html; charset*0{'9' * 5000}=x",
        "text/html; charset=unicode_escape",
        'text/html; charset="',
    ],
)
def test_a_content_type_that_makes_no_sense_costs_no_page(
    site: AgencySite, archive: WaybackSite, said: str
) -> None:
    site.inflict(faults.answer(200, BODY, media_type=said), on="/declined-detainer-outcome-report")
    with fetching(site) as fetcher:
        assert fetcher.page(LISTING).text() == TEXT
    archive.capture(PAGE, AT, BODY, headers={"content-type": said})
    with asking(archive) as (client, _):
        assert client.page(row_of(client, PAGE)).text() == TEXT


def test_tells_the_charset_that_is_claimed() -> None:
    assert charset("text/html; charset=UTF-8") == "utf-8"
    assert charset("text/html; charset*=us-ascii''koi8-r") == "koi8-r"
    assert charset("text/html") is None
    assert charset("") is None
