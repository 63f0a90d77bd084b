"""Opening a PDF: what the bytes are, and whether they are whole, before anything is read."""

import re
from typing import NamedTuple

from scrapers.engine import pdfium
from scrapers.engine.streams import check_streams
from scrapers.errors import RefusedError
from scrapers.limits import Limits

_HEADER_WITHIN = 1024
"""Bytes among which `%PDF-` may begin. (ISO 32000, annex H)"""
_ENDING_WITHIN = 1024
"""Bytes among which `%%EOF` must stand, blanks after it left out."""
_MARKUP = re.compile(
    rb"^\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|\?xml|!--)", re.IGNORECASE
)


class Opened(NamedTuple):
    """A document that was opened."""

    handle: int
    """pdfium's."""
    pages: int
    notes: list[str]
    """What was out of the ordinary."""


def open_checked(body: bytes, limits: Limits) -> Opened:
    """Open a document of these bytes.

    Raises:
        RefusedError: they are no PDF, a locked, damaged or too large one, or one without pages.
    """
    if len(body) > limits.file_bytes:
        detail = f"the file has {len(body)} bytes; the limit is {limits.file_bytes}"
        raise RefusedError("too-large", detail)
    _check_ends(body)
    is_locked = b"/Encrypt" in body
    seen = None if is_locked else check_streams(body, limits)
    document = pdfium.open_document(body)
    if not document:
        raise _refusal(pdfium.last_error())
    try:
        pages = pdfium.page_count(document)
        _check_count(pages, limits)
        if is_locked:  # only who has the key can look into its streams
            check_streams(pdfium.unlocked(document), limits, is_unlocked=True)
        if seen is None or seen > pages:
            _check_against(body, pages, limits)
    except RefusedError:
        pdfium.close_document(document)
        raise
    is_mended = not pdfium.has_valid_xref(document)
    notes = ["the file's table of objects was broken, and was made anew"] if is_mended else []
    return Opened(document, pages, notes)


def _check_ends(body: bytes) -> None:
    if not body:
        raise RefusedError("not-a-pdf", "the file is empty")
    if b"%PDF-" not in body[:_HEADER_WITHIN]:
        if _MARKUP.match(body[:_HEADER_WITHIN]):
            raise RefusedError("not-a-pdf", "the file is a web page (HTML), not a PDF")
        raise RefusedError("not-a-pdf", f"the file begins with {body[:16]!r}, not with %PDF-")
    if b"%%EOF" not in body.rstrip(b"\0\t\n\r \x1a")[-_ENDING_WITHIN:]:
        raise RefusedError("damaged", "the file does not end as a PDF does (%%EOF): it is cut")


def _refusal(error: int) -> RefusedError:
    if error == pdfium.PASSWORD_ERROR:
        return RefusedError("encrypted", "the file opens only with a password")
    if error == pdfium.SECURITY_ERROR:
        return RefusedError("encrypted", "the file is locked in a way that is not supported")
    return RefusedError("damaged", "the file begins as a PDF, but no PDF can be made out in it")


def _check_count(pages: int, limits: Limits) -> None:
    if pages < 1:
        raise RefusedError("damaged", "the file has no pages")
    if pages > limits.pages:
        detail = f"the file claims to have {pages} pages; the limit is {limits.pages}"
        raise RefusedError("too-large", detail)


def _check_against(body: bytes, pages: int, limits: Limits) -> None:
    """Ask the second reader how many pages there are: pdfium believes what the file says."""
    from scrapers.engine import second  # noqa: PLC0415 - takes longer to import than most files to read

    counted = second.count_pages(body, limits.pages)
    if counted is not None and counted > pages:
        detail = f"the file says that it has {pages} pages, but holds {counted}"
        raise RefusedError("damaged", detail)
