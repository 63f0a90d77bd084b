"""From hostile HTML to links, notices, the next page, and whether it says that there is nothing."""

import gc
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from bs4.element import PageElement
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.page import Link, Page
from tests.agency import AgencySite, Listing, listing
from tests.fetching import HOME, LISTING, fetching

CORRECTION = (
    "Correction: Due to a data processing error, the Jan. 28 - Feb 03, 2017 Declined Detainer "
    "Outcome Report incorrectly attributed issued detainers to Franklin County, Iowa; Franklin "
    "County, New York; Franklin County, Pennsylvania; and Montgomery County, Iowa that were in "
    "fact issued to agencies outside of the respective county's jurisdiction in similarly named "
    "locations."
)
SUSPENSION = (
    "ICE remains committed to publishing the most accurate information available regarding "
    "declined detainers across the country and continues to analyze and refine its reporting "
    "methodologies. While this analysis is ongoing, the publication of the Declined Detainer "
    "Outcome Report (DDOR) will be temporarily suspended."
)
SCHEDULE = (
    "In order to increase transparency surrounding the immigration enforcement process, ICE will "
    "produce the Declined Detainer Report on a quarterly basis, beginning in the second quarter "
    "of Fiscal Year (FY) 2018."
)


def page(body: str | bytes, charset: str | None = None) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    digest = hashlib.sha256(raw).hexdigest()
    at = datetime(2017, 3, 20, 14, tzinfo=UTC)
    return Page(url=LISTING, at=at, body=raw, digest=digest, charset=charset)


def only(body: str) -> str | None:
    links = page(body).links()
    return links[0].url if links else None


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/doclib/a.pdf", f"{HOME}/doclib/a.pdf"),
        ("a.pdf", f"{HOME}/a.pdf"),
        ("?page=1", f"{LISTING}?page=1"),
        ("//www.ice.gov/doclib/a.pdf", f"{HOME}/doclib/a.pdf"),
        ("HTTPS://WWW.ICE.GOV/doclib/A.pdf#page=2", f"{HOME}/doclib/A.pdf"),
        (" \n/doclib/a\t b.pdf\u00a0", f"{HOME}/doclib/a%20b.pdf"),
        ("/doclib/a%20b.pdf?v=1&amp;w=2", f"{HOME}/doclib/a%20b.pdf?v=1&w=2"),
        ("/doclib/détenu.pdf", f"{HOME}/doclib/d%C3%A9tenu.pdf"),
        ("https:/www.ice.gov/a.pdf", f"{HOME}/a.pdf"),
        ("https:///www.ice.gov/a.pdf", f"{HOME}/a.pdf"),
        (listing.extension("/a.pdf"), f"{HOME}/a.pdf"),
        ("mailto:press@ice.dhs.gov", None),
        ("javascript:void(0)", None),
        ("tel:+1", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("http://[::1", None),
        ("", None),
        ("https://gcc02.safelinks.protection.outlook.com/?data=Jane.Doe%40agency.example", None),
    ],
)
def test_cleans_what_was_pasted_around_a_link(href: str, url: str | None) -> None:
    assert only(f'<a href="{href}">Report</a>') == url


def test_unwraps_safelinks_and_drops_the_addresses_of_staff() -> None:
    wrapped = listing.safelink("/doclib/a.pdf")
    assert "Jane.Doe" in wrapped
    twice = f"https://nam.safelinks.protection.outlook.com/?url={wrapped.replace('&', '%26')}"
    for href in (wrapped, wrapped.replace("&", "&amp;"), twice):
        links = page(f'<a href="{href}">Report</a>').links()
        assert "Jane.Doe" not in str(links)
    assert only(f'<a href="{wrapped}">x</a>') == f"{HOME}/doclib/a.pdf"


def test_gives_each_address_once_with_its_first_words() -> None:
    body = (
        '<a href="/a.pdf"><img src="x"></a><a href="/b.pdf">B</a>'
        '<a href="/a.pdf#2">The\u00a0 <b>re</b>port<br>of May</a><a href="/a.pdf">later</a>'
    )
    assert page(body).links() == (
        Link(url=f"{HOME}/a.pdf", text="The report of May"),
        Link(url=f"{HOME}/b.pdf", text="B"),
    )


def test_names_a_link_without_text_by_what_stands_for_it() -> None:
    body = '<a href="/a"><img alt="Report"></a><a href="/b" aria-label="Second"></a>'
    assert [link.text for link in page(body).links()] == ["Report", "Second"]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<b>Re</b>port <noscript>unseen</noscript>of<br>May", "Report of May"),
        ("<noscript><img alt='Report'></noscript>", "Report"),
        ("<img><img alt='First'><img alt='Second'>", "First"),
        ("<img alt=''><img alt='Second'>", ""),
        ("<div><a name='x'>Report</a></div>", "Report"),
        ("<div><p>Report</p><!-- of --><p> of May</p></div>", "Report of May"),
    ],
)
def test_a_link_says_what_a_reader_sees_of_it_else_its_first_picture(inner: str, text: str) -> None:
    assert [link.text for link in page(f"<a href='/a'>{inner}</a>").links()] == [text]


def test_of_nested_links_each_says_what_stands_in_it_alone() -> None:
    body = "<a href='/a'>One <div><a href='/b'>two <img alt='x'></a></div> three</a>"
    said = {link.url: link.text for link in page(body).links()}
    assert said == {f"{HOME}/a": "One three", f"{HOME}/b": "two"}
    pager = "<a href='/a'><div><a href='/b'><svg><title>Next</title></svg></a></div></a>"
    assert page(pager).next_page() == f"{HOME}/b"


@pytest.mark.parametrize(
    "piece",
    [
        "<a href='/%d'><div>",
        "<a href='/%d'>x<div>",
        "<p>The report of week %d has by now been suspended.</p>",
    ],
)
def test_no_page_takes_the_square_of_its_size(piece: str) -> None:
    found = page("<html><body>" + "".join(piece % number for number in range(20_000)))
    began = time.process_time()
    assert len(found.links()) + len(found.notices()) == 20_000
    assert found.next_page() is None
    assert time.process_time() - began < 12  # the square would take some minutes


def test_relative_links_start_from_the_base() -> None:
    assert only('<head><base href="/files/"></head><a href="a.pdf">a</a>') == f"{HOME}/files/a.pdf"
    assert only('<base href="javascript:x"><a href="/a.pdf">a</a>') == f"{HOME}/a.pdf"


@pytest.mark.parametrize(
    ("said", "kind", "said_on"),
    [
        (CORRECTION, "correction", None),
        (SUSPENSION, "suspension", None),
        (SCHEDULE, "schedule", None),
        (f"April 11, 2017: {SUSPENSION}", "suspension", date(2017, 4, 11)),
        (f"Correction (Mar. 23, 2017): {CORRECTION[12:]}", "correction", date(2017, 3, 23)),
        ("The report was corrected on Sept. 5, 2017.", "correction", date(2017, 9, 5)),
        (
            "Weekly report, Jan. 28 - Feb. 3, 2017 (revised 3/23/2017)",
            "correction",
            date(2017, 3, 23),
        ),
        ("On April 10, 2017, ICE suspended the report.", "suspension", date(2017, 4, 10)),
        (
            "The report has been removed pending review (April 10, 2017)",
            "removal",
            date(2017, 4, 10),
        ),
        ("Publication of the report will resume in May.", "schedule", None),
        ("Updated February 30, 2017: the report was revised.", "correction", None),
    ],
)
def test_reads_what_the_agency_announces(said: str, kind: str, said_on: date | None) -> None:
    for markup in (f"<p>{said}</p>", f"<ul><li>{said}</li></ul>", f"<div>{said}<p>More</p></div>"):
        (notice,) = page(f"<main><h1>Report</h1>{markup}</main>").notices()
        assert (notice.kind, notice.text, notice.said_on) == (kind, said, said_on)


def test_a_heading_belongs_to_what_it_heads() -> None:
    body = "<h3>Correction</h3><p>The report listed Chester County, PA.</p>"
    (notice,) = page(body).notices()
    assert notice.text == "Correction The report listed Chester County, PA."


def test_what_another_notice_ends_with_is_told_once() -> None:
    first = "In error, the report named counties that had no part in it."
    second = "The report of the week before was revised by the agency."
    body = f"<h3>Correction</h3><p>{first}</p><p>{second}</p><p>Of this: {second}</p>"
    said = [notice.text for notice in page(body).notices()]
    assert said == [f"Correction {first}", f"Of this: {second}"]


def test_takes_the_date_of_a_time_element() -> None:
    body = '<p><time datetime="2017-03-23T10:00:00Z">Thursday</time> The report was corrected.</p>'
    assert page(body).notices()[0].said_on == date(2017, 3, 23)


@pytest.mark.parametrize(
    "body",
    [
        "<p>The Department of Corrections issued its report.</p>",
        "<p>Corrections officers read the report.</p>",
        "<p>He was driving on a suspended licence.</p>",
        "<nav><a href='/x'>Report corrections</a><p>Correction: report</p></nav>",
        "<footer><p>This report was corrected.</p></footer>",
        "<li><a href='/a.pdf'>Corrected report</a></li>",
        "<script>var s = 'the report was corrected';</script>",
        "<!-- Correction: the report -->",
    ],
)
def test_takes_nothing_else_for_a_notice(body: str) -> None:
    assert page(f"<main><h1>Report</h1>{body}</main>").notices() == ()


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ('<a class="usa-pagination__next-page" href="?page=1"><span>Next</span></a>', "?page=1"),
        ('<li class="pager__item--next"><a href="?page=2">››</a></li>', "?page=2"),
        ('<a rel="nofollow next" href="?page=3">more</a>', "?page=3"),
        ('<a href="?page=4"> Next page › </a>', "?page=4"),
        ('<a href="#">Next</a>', None),
        ('<a href="?page=4" aria-disabled="true">Next</a>', None),
        ('<a href="/news/next-steps">Next steps</a>', None),
        ("", None),
    ],
)
def test_finds_the_next_page(body: str, url: str | None) -> None:
    assert page(body).next_page() == (LISTING + url if url else None)


def test_pages_are_followed_to_the_last_one() -> None:
    with AgencySite(Listing(per_page=3)) as site, fetching(site) as fetcher:
        for number in range(7):
            site.publish(f"/doclib/{number}.pdf", b"", f"Report {number}")
        seen, url = [], LISTING
        while url:
            found = fetcher.page(url)
            seen += [link.text for link in found.links() if link.url.endswith(".pdf")]
            url = found.next_page() or ""
    assert seen == [f"Report {number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    ("said", "none"),
    [
        ("There are currently no reports available.", True),
        ("No documents found.", True),
        ("No Declined Detainer Outcome Reports have been published yet.", True),
        ("There are no reports.", True),
        ("There are no reports of injuries.", False),
        ("Reports are published weekly.", False),
        (CORRECTION, False),
        (SUSPENSION, False),
    ],
)
def test_knows_when_a_page_says_that_there_is_nothing(said: str, none: bool) -> None:  # noqa: FBT001 - a case
    assert page(f"<main><p>{said}</p></main>").says_none() is none


def test_a_redesigned_page_has_no_document_links() -> None:
    with AgencySite(Listing(renamed=True)) as site, fetching(site) as fetcher:
        site.publish("/doclib/a.pdf", b"")
        links = fetcher.page(LISTING).links()
    assert links
    assert not any(link.url.endswith(".pdf") for link in links)


def test_text_is_what_a_reader_sees() -> None:
    body = "<title>t</title><style>s</style><p>One<br>two</p><script>x</script><td>3</td><td>4</td>"
    assert page(body).text() == "One two 3 4"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("Feb\u00a04 – 10".encode(), "iso-8859-1"),
        ("Feb\u00a04 – 10".encode("cp1252"), "windows-1252"),
        ("Feb\u00a04 – 10".encode("cp1252"), "no-such-charset"),
        ("Feb\u00a04 – 10".encode("utf-16"), "utf-16"),
        ("\ufeffFeb\u00a04 – 10".encode(), None),
        (b"Feb\0 4 \xe2\x80\x93 10", None),
    ],
)
def test_reads_pages_whose_charset_is_wrong(body: bytes, charset: str | None) -> None:
    assert page(body, charset).text().strip("\ufeff") == "Feb 4 – 10"


def test_bears_markup_made_to_harm() -> None:
    deep = page("<div>" * 50_000 + "<a href='/a.pdf'>a</a>")
    assert isinstance(deep.links(), tuple)
    assert isinstance(deep.text(), str)
    wide = page("<p>Correction: report " + "x " * 200_000 + "</p>" + "<a href='/b'>" * 5_000)
    assert len(wide.notices()) == 1


@pytest.fixture
def no_search_for_garbage() -> Iterator[None]:
    """Have only that freed which nothing knows any more."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search_for_garbage")
def test_nothing_of_a_tree_outlives_the_questions_about_its_page() -> None:
    items = "".join(f"<li><a href='/{n}.pdf'>Report {n}</a></li>" for n in range(200))
    found = page(f"<!DOCTYPE html><main><p>Correction: the report</p><ul>{items}</ul></main>")
    assert len(found.links()) == 200
    assert len(found.notices()) == 1
    assert found.next_page() is None
    assert "Report 199" in found.text()
    # What stands for the whole document, and its last text, know the parser, which knows them.
    assert sum(isinstance(each, PageElement) for each in gc.get_objects()) < 10


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(alphabet="<>/=\"' ahrefpliscotumbd&#;:-0123456789\u00a0–\n", max_size=400),
    )
)
def test_no_bytes_make_a_page_fail(body: str | bytes) -> None:
    found = page(body if isinstance(body, bytes) else body.encode())
    found.links()
    found.notices()
    found.next_page()
    found.says_none()
    found.text()
