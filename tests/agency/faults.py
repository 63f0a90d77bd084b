"""What can go wrong with one answer: each makes an altered one of the right one."""

import gzip
from collections.abc import Callable
from dataclasses import replace

from tests.agency.replies import Reply

Fault = Callable[[Reply], Reply]

AKAMAI_BLOCK = (
    b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n \n"
    b"You don't have permission to access this page on this server.<P>\n"
    b"Reference&#32;&#35;18&#46;0\n<P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net\n"
    b"</BODY>\n</HTML>\n"
)
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title></title></head><body>"
    b'<script>var i=1; var j=i+Number("65"+"27"); xhr.open("POST","/_sec/verify?provider=x");'
    b' xhr.send(JSON.stringify({"bm-verify": "AAQA", "pow": j}));</script>'
    b"<noscript>Please enable JavaScript</noscript></body></html>"
)
SOFT_404 = (
    b"<!DOCTYPE html><html><head><title>Page Not Found | ICE</title></head><body><h1>Page not found"
    b"</h1><p>The page you requested could not be found. Try the search.</p></body></html>"
)
NEWS = (
    b"<!DOCTYPE html><html><head><title>Newsroom | ICE</title></head><body><h1>Newsroom</h1><p>"
    + b"News of the agency, and nothing of the report that was asked for. " * 20
    + b"</p></body></html>"
)


def answer(status: int, body: bytes = b"", media_type: str = "text/html", **headers: str) -> Fault:
    """Answer with this status and body, whatever was asked; `retry_after` becomes Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(status=status, body=body, headers={"content-type": media_type, **named})


def block() -> Fault:
    """Refuse as Akamai does: 403, a short page."""
    return answer(403, AKAMAI_BLOCK, server="AkamaiGHost")


def challenge(status: int = 200) -> Fault:
    """Answer with a page that wants a script run."""
    return answer(status, CHALLENGE)


def redirect(to: str, status: int = 302) -> Fault:
    """Lead elsewhere."""
    return answer(status, location=to)


def throttle(retry_after: str = "3", status: int = 429) -> Fault:
    """Ask for a rest."""
    return answer(status, b"<h1>Slow down</h1>", retry_after=retry_after)


def soft_404() -> Fault:
    """Say "not found" with status 200."""
    return answer(200, SOFT_404)


def html_as_pdf() -> Fault:
    """Send an ordinary page and call it a PDF."""
    return answer(200, NEWS, media_type="application/pdf")


def late(delay_s: float) -> Fault:
    """Be silent before the answer."""
    return lambda reply: replace(reply, delay_s=delay_s)


def head_drip(every_s: float) -> Fault:
    """Send the headers byte by byte."""
    return lambda reply: replace(reply, head_drip_s=every_s)


def drip(size_bytes: int, every_s: float) -> Fault:
    """Send the body in small pieces."""
    return lambda reply: replace(reply, drip=(size_bytes, every_s))


def cut(at: int, framing: str = "length") -> Fault:
    """Close the connection in the middle of the body."""
    return lambda reply: replace(reply, cut_at=at, framing=framing)


def wrong_length(length: int) -> Fault:
    """State a Content-Length that is not the body's."""
    return lambda reply: replace(reply, length=length)


def truncated(at: int) -> Fault:
    """Send a part with a Content-Length that fits it, as a cache that kept a cut file does."""
    return lambda reply: replace(reply, body=reply.body[:at])


def gzipped(broken: bool = False) -> Fault:  # noqa: FBT001, FBT002 - reads well as `broken=True`
    """Compress although identity was asked for; `broken`: with a byte turned in the middle."""

    def apply(reply: Reply) -> Reply:
        packed = gzip.compress(reply.body, mtime=0)
        if broken:
            middle = len(packed) // 2
            packed = packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]
        return replace(reply, body=packed, headers={**reply.headers, "content-encoding": "gzip"})

    return apply


def half_gzip() -> Fault:
    """Compress, and send half of it as if it were all."""

    def apply(reply: Reply) -> Reply:
        whole = gzipped()(reply)
        return replace(whole, body=whole.body[: len(whole.body) // 2])

    return apply


def from_the_start() -> Fault:
    """Answer a range with the whole document, and say so."""

    def apply(reply: Reply) -> Reply:
        size = int(reply.headers["content-range"].rpartition("/")[2])
        said = {**reply.headers, "content-range": f"bytes 0-{size - 1}/{size}"}
        return replace(reply, headers=said)

    return apply


def still_the_same() -> Fault:
    """Say 304 although the bytes changed."""
    return answer(304)


def with_header(name: str, value: str) -> Fault:
    """Send one header with this value."""
    return lambda reply: replace(reply, headers={**reply.headers, name: value})
