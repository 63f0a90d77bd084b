"""Opening a PDF: what the bytes are, and whether they are whole, before anything is read."""

import re

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


def open_checked(body: bytes, limits: Limits) -> int:
    """Give pdfium's document of these bytes.

    Raises:
        RefusedError: they are no PDF, a locked, damaged or too large one, or one without pages.
    """
    if len(body) > limits.file_bytes:
        detail = f"the file has {len(body)} bytes; the limit is {limits.file_bytes}"
        raise RefusedError("too-large", detail)
    _check_ends(body)
    if b"/Encrypt" not in body:  # else the streams cannot be looked into without the key
        check_streams(body, limits)
    document = pdfium.open_document(body)
    if not document:
        raise _refusal(pdfium.last_error())
    try:
        _check_count(pdfium.page_count(document), limits)
    except RefusedError:
        pdfium.close_document(document)
        raise
    return document


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
