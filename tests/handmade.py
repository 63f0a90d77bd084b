"""PDFs written by hand, byte by byte, so that a test can make any of their parts wrong."""

import zlib
from collections.abc import Sequence

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
FLATE = b"/Filter/FlateDecode"
HELLO = b"BT /F1 12 Tf 72 700 Td (Hello world) Tj ET"


def document(objects: Sequence[bytes]) -> bytes:
    """Join objects, of which the first is the catalogue, to a whole file."""
    body = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, trailer)


def stream(content: bytes, entries: bytes = FLATE, *, packed: bool = True) -> bytes:
    """Write a stream object, deflated unless it is `packed` as its entries say already."""
    data = zlib.compress(content, 9) if packed else content
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def one_page(
    content: bytes,
    *,
    page: bytes = b"/MediaBox[0 0 612 792]",
    font: bytes = FONT,
    more: Sequence[bytes] = (),
) -> bytes:
    """Make a document of one page.

    Args:
        content: its content stream, as an object.
        page: further entries of the page.
        font: the font /F1.
        more: further objects, from number 6 on; the first one is the XObject /X.
    """
    resources = b"/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>"
    leaf = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R%s%s>>" % (resources, page)
    return document([CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", leaf, content, font, *more])


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
