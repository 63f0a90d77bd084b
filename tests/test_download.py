"""A document is handed over whole and verified, or not at all; nothing is left behind."""

import hashlib
import time
import tracemalloc
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest

from scrapers.errors import (
    FetchError,
    SoftNotFoundError,
    UnansweredError,
)
from scrapers.fetch import Download, NotModified, Validators
from scrapers.web.buffers import SMALL_BYTES
from scrapers.web.disposition import charset, filename
from tests.agency import AgencySite, Reply, faults, pdf
from tests.fetching import AT, HOME, PATH, REPORT, URL, fetched, fetching, site

__all__ = ["site"]

DIGEST = hashlib.sha256(REPORT).hexdigest()


def test_hands_over_the_whole_document_with_its_evidence(site: AgencySite, tmp_path: Path) -> None:
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path / "new")
    assert bytes(found.body) == REPORT
    assert (found.digest, found.size_bytes, found.ext) == (DIGEST, len(REPORT), "pdf")
    assert (found.url, found.redirects, found.status, found.at) == (URL, (), 200, AT)
    assert found.headers["last-modified"] == "Mon, 20 Mar 2017 14:01:00 GMT"
    assert (found.filename, found.problem) == (None, None)


def test_asks_for_the_exact_bytes(site: AgencySite, tmp_path: Path) -> None:
    with fetching(site) as fetcher:
        fetched(fetcher, tmp_path)
    assert site.asked(PATH)[0].headers["accept-encoding"] == "identity"


def test_leaves_cookies_out_of_the_evidence(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.with_header("set-cookie", "ak_bmsc=secret"), on=PATH)
    with fetching(site) as fetcher:
        assert "set-cookie" not in fetched(fetcher, tmp_path).headers


def test_an_unchanged_document_costs_no_body(site: AgencySite, tmp_path: Path) -> None:
    known = Validators(last_modified="Mon, 20 Mar 2017 14:01:00 GMT", etag='"x"')
    with fetching(site) as fetcher:
        before = fetcher.bytes_received
        found = fetcher.document(URL, tmp_path, known=known)
    assert isinstance(found, NotModified)
    assert (found.url, found.at) == (URL, AT)
    assert fetcher.bytes_received - before == len((site.robots or "").encode())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("conditional", "sent"),
    [
        ("last-modified", {"if-modified-since": "Sun, 01 Jan 2017 00:00:00 GMT"}),
        ("etag", {"if-none-match": 'W/"abc"'}),
        ("none", {}),
    ],
)
def test_echoes_only_the_validator_that_the_source_names(
    site: AgencySite, tmp_path: Path, conditional: str, sent: dict[str, str]
) -> None:
    known = Validators(last_modified="Sun, 01 Jan 2017 00:00:00 GMT", etag='W/"abc"')
    with fetching(site, conditional=conditional) as fetcher:
        fetcher.document(URL, tmp_path, known=known)
    headers = site.asked(PATH)[0].headers
    assert {name: headers[name] for name in headers if name.startswith("if-")} == sent


@pytest.mark.parametrize("conditional", ["last-modified", "etag"])
def test_a_validator_that_is_not_ascii_is_not_echoed(
    site: AgencySite, tmp_path: Path, conditional: str
) -> None:
    known = Validators(last_modified="20 März 2017", etag='"\xe9"')
    with fetching(site, conditional=conditional) as fetcher:
        fetcher.document(URL, tmp_path, known=known)
    assert not any(name.startswith("if-") for name in site.asked(PATH)[0].headers)


def test_a_304_that_nobody_asked_for_is_an_error(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.still_the_same(), on=PATH)
    with fetching(site) as fetcher, pytest.raises(FetchError, match="304"):
        fetcher.document(URL, tmp_path)


def test_html_where_a_pdf_is_due_is_evidence_with_a_problem(
    site: AgencySite, tmp_path: Path
) -> None:
    site.inflict(faults.html_as_pdf(), on=PATH)
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path)
    assert (found.ext, found.problem) == ("html", "HTML where a PDF is due")
    assert bytes(found.body) == faults.NEWS


def test_a_soft_404_is_an_error_and_no_removal(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.soft_404(), on=PATH)
    with fetching(site) as fetcher, pytest.raises(SoftNotFoundError, match="Page Not Found"):
        fetcher.document(URL, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_redirect_to_the_front_page_is_a_soft_404(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.redirect("/"), on=PATH)
    site.inflict(faults.answer(200, faults.NEWS), on="/")
    with fetching(site) as fetcher, pytest.raises(SoftNotFoundError, match="redirected"):
        fetcher.document(URL, tmp_path)


@pytest.mark.parametrize(
    ("body", "media_type", "ext"),
    [
        (REPORT, "text/html", "pdf"),
        (b"\n\n" + REPORT, "application/octet-stream", "pdf"),
        (b"PK\x03\x04 a workbook", "application/pdf", "bin"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>" + b"news " * 200, "application/pdf", "html"),
        (b"", "application/pdf", "bin"),
    ],
)
def test_tells_what_bytes_are_by_their_magic(
    site: AgencySite, tmp_path: Path, body: bytes, media_type: str, ext: str
) -> None:
    site.inflict(faults.answer(200, body, media_type), on=PATH)
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path)
    assert found.ext == ext
    assert (found.problem is None) == (ext == "pdf")
    assert bytes(found.body) == body


def test_takes_the_name_from_content_disposition(site: AgencySite, tmp_path: Path) -> None:
    path = "/file-download/download/public/12345"
    site.publish(path, REPORT, content_disposition='attachment; filename="ddor 2018Q2.pdf"')
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path, HOME + path).filename == "ddor 2018Q2.pdf"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        (r'attachment; filename="C:\\reports\\a.pdf"', "a.pdf"),
        ("attachment; filename*=UTF-8''d%C3%A9tenus%202018.pdf", "détenus 2018.pdf"),
        ('attachment; filename="..."', None),
        ('attachment; filename="a\x01b\x7f.pdf"', "a_b_.pdf"),
        ("inline", None),
        ("attachment; filename*=idna''x", None),
        ("attachment; filename*=punycode''%ff", None),
        ("attachment; filename*=nonsense''x.pdf", "x.pdf"),
        ("attachment; filename*=a%00b''x", None),
        ("attachment; filename*=x; filename*0=y", None),
        (f"attachment; filename*0{'9' * 5000}=x; filename*=y", None),
        ("", None),
        (f'attachment; filename="{"x" * 400}.pdf"', "x" * 146 + ".pdf"),
    ],
)
def test_a_claimed_name_is_made_safe(said: str, name: str | None) -> None:
    assert filename(said) == name


@pytest.mark.parametrize("piece", [";", '";', '\\";', "filename*0=a;"])
def test_no_header_holds_us_up(piece: str) -> None:
    began = time.process_time()
    for start in ("", 'filename="', 'charset="'):
        said = start + piece * (100_000 // len(piece))
        filename(said)
        charset(said)
    assert time.process_time() - began < 2


def test_memory_stays_flat(site: AgencySite, tmp_path: Path) -> None:
    large = pdf("large", pad_bytes=64 * 2**20)
    site.store(PATH, large)
    with fetching(site) as fetcher:
        tracemalloc.start()
        try:
            found = fetched(fetcher, tmp_path / "new")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert found.size_bytes == len(large)
    assert peak < 8 * 2**20
    assert isinstance(found.body, Path)
    assert found.body.parent == tmp_path / "new"
    assert found.body.read_bytes() == large
    found.discard()
    assert not list((tmp_path / "new").iterdir())


def test_the_memory_of_a_body_is_used_again_once_it_is_discarded(
    site: AgencySite, tmp_path: Path
) -> None:
    def lies_in(found: Download) -> object:
        assert isinstance(found.body, memoryview)
        return found.body.obj

    other = pdf("other")
    with fetching(site) as fetcher:
        first, second = fetched(fetcher, tmp_path), fetched(fetcher, tmp_path)
        memory = lies_in(first)
        assert memory is not lies_in(second)
        first.discard()
        with pytest.raises(ValueError, match="released"):
            bytes(first.body)
        site.store(PATH, other)
        third = fetched(fetcher, tmp_path)
        assert lies_in(third) is memory
        assert bytes(third.body) == other
        assert bytes(second.body) == REPORT
        third.discard()
    with pytest.raises(ValueError, match="closed"):
        memoryview(memory)  # type: ignore[arg-type] # an `mmap`


def test_a_full_disk_leaves_nothing_behind(
    site: AgencySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(FileIO):
        def write(self, _: object, /) -> int:
            raise OSError(28, "No space left on device")

    site.store(PATH, pdf("large", pad_bytes=2 * SMALL_BYTES))
    monkeypatch.setattr("scrapers.web.transfer.open", Full, raising=False)
    with fetching(site) as fetcher, pytest.raises(OSError, match="No space"):
        fetcher.document(URL, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_site_that_goes_down_while_sending_hands_nothing_over(
    site: AgencySite, tmp_path: Path
) -> None:
    def vanish(reply: Reply) -> Reply:
        return replace(reply, cut_at=100)

    site.inflict(vanish, on=PATH, times=1)
    site.inflict(faults.answer(500), on=PATH, after=1)
    with fetching(site) as fetcher, pytest.raises(UnansweredError):
        fetcher.document(URL, tmp_path)
    assert not list(tmp_path.iterdir())
