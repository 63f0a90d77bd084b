"""What a body is, by its bytes: a PDF, a page, a challenge, a "not found" in words.

Media types lie (HTML is served as application/pdf, and the other way round), so they count only
where the bytes say nothing.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

from scrapers.errors import CutError, FetchError, TooLargeError

HEAD_BYTES = 64 * 1024
"""How much of a body is looked at."""
PDF_WITHIN = 1024
"""`%PDF-` may stand anywhere in so many first bytes (PDF reference, implementation note 13)."""
INFLATE_STEP = 2**20
FEED_BYTES = 2**14
"""So much is given to zlib at once: it hands back a copy of what it leaves, for each member."""
END_WITHIN = 4096
"""`</html>` stands within so many last bytes, with room for what servers and caches append."""

MARKUP = re.compile(
    rb"\s*+(?>(?><!--.*?-->)\s*+|<\?xml[^<>]*>\s*+)*+"
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta|div|h1|p|table)\b",
    re.IGNORECASE | re.DOTALL,
)
END = re.compile(rb"</html\s*>", re.IGNORECASE)
HEADING = re.compile(r"<(title|h1)\b[^<>]*>(.{0,500}?)</\1", re.IGNORECASE | re.DOTALL)
SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
CHALLENGE_TITLE = re.compile(
    r"(?:^|[|–—:-])\s*(?:access denied|just a moment|attention required|pardon our interruption"
    r"|are you a robot|request unsuccessful|challenge validation|security check|bot verification"
    r"|you have been blocked|request rejected|client challenge)\b",
    re.IGNORECASE,
)
CHALLENGE_MARK = re.compile(
    r"bm-verify|sec-if-cpt|_abck|errors\.edgesuite\.net|i am not a robot|verify(?:ing)? (?:that )?"
    r"you are (?:a )?human|cf[-_]chl|/cdn-cgi/challenge-platform|_incapsula_resource|px-captcha"
    r"|awswafintegration|enable javascript and cookies to continue|akamaighost",
    re.IGNORECASE,
)
"""Seen on justice.gov (bm-verify, "I am not a robot"), state.gov and others (AkamaiGHost)."""
FEW_CHARACTERS = 600
"""A challenge says little; ordinary pages carry the same scripts among much text."""
NOT_FOUND = re.compile(
    r"^\W*(?:error\W+)?404\b"
    r"|\b404\b.{0,20}\b(?:not found|error)"
    r"|page (?:was )?not (?:be )?found"
    r"|(?:page|file|document)(?: you \w+)? (?:can(?:not|['’]t) be|could not be|was not|not) found"
    r"|no longer (?:available|exists)"
    r"|does(?: not|n['’]t) exist"
    r"|we can(?:not|['’]t) find"
    r"|^\W*not found\W*$",
    re.IGNORECASE,
)
NOT_FOUND_PATH = re.compile(r"/(?:404|not-?found|page-?not-?found|error)(?:[./]|$)", re.IGNORECASE)

Kind = Literal["pdf", "html", "bin"]


def kind(head: bytes, media_type: str = "") -> Kind:
    """Tell what a body is from its first bytes, else from its media type."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if MARKUP.match(start):
        return "html"
    if b"%PDF-" in head[:PDF_WITHIN]:
        return "pdf"
    is_text = b"\0" not in head and not start.startswith(b"PK\x03\x04")
    return "html" if is_text and _is_html_type(media_type) else "bin"


def has_end(body: bytes) -> bool:
    """Whether the last bytes of a page are those of an HTML page's end; UTF-16 is read, too."""
    return bool(END.search(body[-END_WITHIN:].replace(b"\0", b"")))


def challenge(head: bytes, headers: Mapping[str, str]) -> str | None:
    """Give the words by which a body is a challenge or block page; None where it is none."""
    for name in ("cf-mitigated", "x-amzn-waf-action"):
        if name in headers:
            return f"{name}: {headers[name]}"
    if not MARKUP.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")):
        return None
    text = head[:HEAD_BYTES].decode("utf-8", errors="replace")
    for _, heading in HEADING.findall(text):
        if found := CHALLENGE_TITLE.search(" ".join(TAG.sub(" ", heading).split())):
            return found.group().strip(" |–—:-")
    mark = CHALLENGE_MARK.search(text)
    return mark.group() if mark and len(_visible(text)) < FEW_CHARACTERS else None


def not_found(head: bytes, asked: str, url: str) -> str | None:
    """Give the words by which a page stands for "not found"; None where it does not.

    Args:
        head: the body's first bytes.
        asked: the address asked first.
        url: where redirects led.
    """
    here, there = urlsplit(asked).path, urlsplit(url).path
    if here != there and (there in {"", "/"} or NOT_FOUND_PATH.search(there)):
        return f"redirected to {url}"
    text = head[:HEAD_BYTES].decode("utf-8", errors="replace")
    for _, heading in HEADING.findall(text):
        said = " ".join(TAG.sub(" ", heading).split())
        if NOT_FOUND.search(said):
            return said[:80]
    return None


def not_found_document(head: bytes, asked: str, url: str) -> str | None:
    """As `not_found`, for a page where a document is due: a short one's text counts, too."""
    if words := not_found(head, asked, url):
        return words
    visible = _visible(head[:HEAD_BYTES].decode("utf-8", errors="replace"))
    found = NOT_FOUND.search(visible) if len(visible) < FEW_CHARACTERS else None
    return found.group() if found else None


def decoded(url: str, chunks: Iterable[bytes], coding: str, limit: int) -> Iterator[bytes]:
    """Take the content coding off, never giving more than `limit` bytes.

    Raises:
        TooLargeError: the body, on the wire or decoded, is larger than `limit`.
        CutError: the compressed stream is broken or ends early.
        FetchError: a coding that was not asked for and is not known.
    """
    name = coding.strip().lower()
    if name in {"", "identity"}:
        yield from _limited(url, chunks, limit)
    elif name in {"gzip", "x-gzip", "deflate"}:
        yield from _limited(url, _inflated(url, _limited(url, chunks, limit), name), limit)
    else:
        raise FetchError(url, f"came in a content coding that was not asked for: {coding}")


def _limited(url: str, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Pass chunks on until there are too many."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLargeError(url, f"is larger than the {limit} bytes allowed")
        yield chunk


def _inflated(url: str, chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Decompress in small steps, so that a bomb is met by the limit and not by memory.

    Gzip may have several members, one after the other (RFC 1952, 2.2): some servers end one with
    each piece that they write. Zeros after a member are padding.
    """
    wbits = 15 if name == "deflate" else 31
    stream = zlib.decompressobj(wbits)
    ended: bool | None = None  # the member that is being read; None: nothing came yet
    try:
        for piece in _fed(chunks):
            waiting = piece.lstrip(b"\0") if ended else piece
            while waiting:
                ended = False
                yield stream.decompress(waiting, INFLATE_STEP)
                waiting = stream.unconsumed_tail
                if stream.eof:
                    waiting = stream.unused_data.lstrip(b"\0")
                    stream, ended = zlib.decompressobj(wbits), True
    except zlib.error as error:
        raise CutError(url, f"came as broken {name} ({error})") from error
    if ended is False:
        raise CutError(url, f"came as {name} that ends early")


def _fed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give the same bytes in pieces of at most `FEED_BYTES`."""
    for chunk in chunks:
        for start in range(0, len(chunk), FEED_BYTES):
            yield chunk[start : start + FEED_BYTES]


def _is_html_type(media_type: str) -> bool:
    """Whether a Content-Type says HTML."""
    return media_type.partition(";")[0].strip().lower() in {"text/html", "application/xhtml+xml"}


def _visible(text: str) -> str:
    """Give a page's words, roughly: enough to count them."""
    return " ".join(TAG.sub(" ", SCRIPT.sub(" ", text)).split())
