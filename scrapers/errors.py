"""What can go wrong between a URL and a table; one class for each thing one would do about it."""

from storage.model import Reason


class ScrapeError(Exception):
    """Base of every error that scrapers raise on purpose."""


class FetchError(ScrapeError):
    """The site did not answer, or not with what was due. Remedy: wait; it is tried again.

    Attributes:
        url: the address asked for.
    """

    def __init__(self, url: str, why: str) -> None:
        """Name the address and what happened there."""
        super().__init__(f"{url} {why}")
        self.url = url


class BlockedError(FetchError):
    """The host refuses us (403, 429, a challenge). Remedy: a person asks why; no evasion.

    Nothing more is asked of this host in this run.
    """


class NotThereError(FetchError):
    """404 or 410: the host says that there is nothing here. Evidence of removal, if lasting."""


class UnansweredError(FetchError):
    """No answer, or a failing one: refused, timed out, cut off, 5xx. Remedy: wait.

    The site is down or overloaded; it was tried again within limits. Never evidence of removal.
    """


class NotAskedError(UnansweredError):
    """The host has failed for as long as it is given in a run. Remedy: wait; run again."""


class CutError(UnansweredError):
    """The body ended before its end, each time. Remedy: wait; nothing of it was handed over."""


class SlowError(FetchError):
    """The body was still coming when its time was over. Remedy: wait, or allow more time."""


class TooLargeError(FetchError):
    """The body is larger than allowed. Remedy: look at it; raise the limit if it is the report."""


class SoftNotFoundError(FetchError):
    """The site says "not found" in words, with status 200. Never evidence of removal."""


class UnsafeAddressError(FetchError):
    """The address must not be asked: a private one, a foreign host, another scheme.

    Remedy: look at the page that leads there; if the host is the agency's, name it in the source.
    """


class LedAwayError(UnsafeAddressError):
    """A captured redirect led out of the agency's hosts. Remedy: that of its base."""


class DisallowedError(BlockedError):
    """robots.txt asks us not to fetch this address. Remedy: ask the agency.

    Other addresses of the host may still be fetched.
    """


class ExcludedError(FetchError):
    """The Internet Archive keeps captures of this address from view, at its owner's wish.

    Remedy: none of ours; the agency, or the Archive's patrons service, may know why. Other
    addresses may still be asked for.
    """


class NotThatCaptureError(FetchError):
    """The Internet Archive lists a capture, and plays back another one, or none.

    Remedy: try again in some weeks; until then that capture is known without its bytes. Never
    evidence of removal.
    """


class ArchivedErrorPageError(FetchError):
    """What was captured is an error page or a challenge, whatever its status says.

    Remedy: none; such a capture says nothing of the report.

    Attributes:
        confirmed: whether the index's digest is that of the body: then all captures of it are one.
    """

    def __init__(self, url: str, why: str, *, confirmed: bool = True) -> None:
        """Name the address and what is wrong there."""
        super().__init__(url, why)
        self.confirmed = confirmed


class CapturedStatusError(ArchivedErrorPageError):
    """What was captured, of which the index says no status, is no document: a redirect, a 404.

    Remedy: take it for what it is, and with it all captures of its digest.

    Attributes:
        status: what the agency answered.
    """

    def __init__(self, url: str, status: int) -> None:
        """Name the address, and what the agency answered there."""
        super().__init__(url, f"was captured with status {status}")
        self.status = status


class LayoutError(ScrapeError):
    """A listing page does not look as the source expects. Remedy: edit the source.

    Attributes:
        where: the page's address.
        expected: what was looked for.
        found: what stands there instead, in a few words.
    """

    def __init__(self, where: str, *, expected: str, found: str) -> None:
        """Name the page, what was expected and what was found."""
        super().__init__(f"{where}: expected {expected}, found {found}")
        self.where = where
        self.expected = expected
        self.found = found


class RefusedError(ScrapeError):
    """A document cannot be trusted, so none of its records are given. Remedy: look at the PDF.

    Attributes:
        reason: one word out of `Reason`.
        detail: one sentence for a person.
        page: the page where it stands, from 1; None where it is about the whole file.
    """

    def __init__(self, reason: Reason, detail: str, *, page: int | None = None) -> None:
        """Say why, in a word and in a sentence."""
        where = f" (page {page})" if page else ""
        super().__init__(f"{reason}: {detail}{where}")
        self.reason: Reason = reason
        self.detail = detail
        self.page = page


class UnknownSourceError(ScrapeError):
    """No module of that name stands in `scrapers/sources`. Remedy: `recordkeep sources`."""

    def __init__(self, name: str, known: list[str]) -> None:
        """Name what was asked and what there is."""
        super().__init__(f"there is no source {name!r}; there are: {', '.join(known)}")
        self.known = known


class ExtractionBugError(ScrapeError):
    """A source, or the engine, failed on a document through no fault of it. Remedy: fix the code.

    Attributes:
        source: the source's name.
        digest: the document's.
        traceback: what the reading process said, as text.
    """

    def __init__(self, source: str, digest: str, traceback: str) -> None:
        """Name the source, the document, and the last line of the traceback."""
        lines = traceback.strip().splitlines() or ["the process ended without a word"]
        super().__init__(f"{source} has a bug, met in {digest[:12]}…: {lines[-1]}")
        self.source = source
        self.digest = digest
        self.traceback = traceback
