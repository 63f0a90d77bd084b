"""What a person can do about each thing that goes wrong: sections of deploy/RUNBOOK.md."""

from dataclasses import dataclass
from typing import Final

from flows.errors import EndedError, NotStartedError, ServerError
from scrapers.errors import (
    ArchivedErrorPageError,
    BlockedError,
    DisallowedError,
    ExcludedError,
    ExtractionBugError,
    FetchError,
    LayoutError,
    NotThatCaptureError,
    NotThereError,
    SoftNotFoundError,
    TooLargeError,
    UnsafeAddressError,
)
from storage.errors import FixityError, MissingError, ParserNotRaisedError, StorageError
from storage.model import Outcome

BLOCKED: Final = "The site refuses us"
ROBOTS: Final = "robots.txt asks us not to"
UNANSWERED: Final = "The site does not answer"
ARCHIVE: Final = "The Internet Archive refuses us, or does not answer"
EXCLUDED: Final = "The Internet Archive keeps something from view"
NOT_PLAYED: Final = "The Internet Archive does not give a capture back"
LAYOUT: Final = "The listing page has changed"
FEW_LINKS: Final = "Most links are missing"
NOT_THERE: Final = "A link leads nowhere"
UNSAFE: Final = "A link leads where we do not go"
TOO_LARGE: Final = "A document is larger than allowed"
QUARANTINE: Final = "A report is in quarantine"
WRONG_LINK: Final = "A link leads to another report than it says"
BUG: Final = "The reader has a bug"
FIXITY: Final = "Stored bytes are not as recorded"
STORE: Final = "The store does not answer"
OVERDUE: Final = "A report is overdue"
NO_RUN: Final = "Nothing has looked"
PUBLISHING: Final = "Datasets and web pages are behind"

REMEDIES = {
    BLOCKED: "open the page in a browser, then write to the agency; never work round it",
    ROBOTS: "write to the agency; the file stands under pages/",
    UNANSWERED: "wait a week; if it lasts, see whether the address has moved",
    ARCHIVE: "wait some hours, then run the backfill again; it asks politely and goes on",
    EXCLUDED: "nothing; other addresses are loaded all the same",
    NOT_PLAYED: "nothing now; run the backfill again in some weeks",
    LAYOUT: "open the page and compare it with the one kept before; edit the source's file",
    FEW_LINKS: "open the page: is it broken, moved, or emptied?",
    NOT_THERE: "wait: the next run at least 6 days later settles it",
    UNSAFE: "look at the link; if the host is the agency's, name it in the source's file",
    TOO_LARGE: "if it is the report, raise RECORDKEEP_MAX_DOCUMENT_MIB",
    QUARANTINE: "recordkeep quarantine, look at the PDF, then mend the reader or release it",
    WRONG_LINK: "compare the link with the PDF, and tell the agency",
    BUG: "mend the source's reader; the bytes are kept and are read by the next run",
    FIXITY: "stop the schedule; recordkeep verify --repair, with --from a mirror",
    STORE: "free space or mend the connection, then run again",
    OVERDUE: "see whether the agency said why on its page; recordkeep versions shows its notices",
    NO_RUN: "see whether the schedule is running, and what its last run said",
    PUBLISHING: "recordkeep site; what it says is in the way has a section of its own",
}
"""Section -> what to do, in a line."""

_SECTIONS: tuple[tuple[type[Exception], str], ...] = (
    (DisallowedError, ROBOTS),
    (BlockedError, BLOCKED),
    (NotThereError, NOT_THERE),
    (SoftNotFoundError, NOT_THERE),
    (UnsafeAddressError, UNSAFE),
    (ExcludedError, EXCLUDED),
    (NotThatCaptureError, NOT_PLAYED),
    (ArchivedErrorPageError, NOT_PLAYED),
    (TooLargeError, TOO_LARGE),
    (FetchError, UNANSWERED),
    (LayoutError, LAYOUT),
    (ExtractionBugError, BUG),
    (ParserNotRaisedError, BUG),
    (FixityError, FIXITY),
    (MissingError, FIXITY),
    (StorageError, STORE),
    (EndedError, NO_RUN),
    (ServerError, NO_RUN),
    (NotStartedError, NO_RUN),
)
"""The narrower class before the wider one."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What kept a held document from being read, and no other from anything."""

    says: str
    section: str
    """Of the RUNBOOK, on what a person can do."""


IN_THE_WAY = (ExtractionBugError, ParserNotRaisedError, FixityError, MissingError)
"""What may befall one document's reading: a bug of ours, or bytes that are not as recorded."""


def trouble(error: Exception) -> Trouble:
    """Say what one of `IN_THE_WAY` did to a document."""
    kept = "; its bytes are kept" if section(error) == BUG else ""
    return Trouble(says=f"{error}{kept}", section=section(error))


def section(error: Exception) -> str:
    """Name the RUNBOOK's section for an error that we raise on purpose."""
    return next(name for kind, name in _SECTIONS if isinstance(error, kind))


def of_document(word: Outcome, trouble: Trouble | None) -> str | None:
    """Name the section for what came of a document that was seen; None where nothing is wrong."""
    if trouble:
        return trouble.section
    return QUARANTINE if word == "quarantined" else None


def of_archive(error: Exception) -> str:
    """Name the section for what befell a question to the Internet Archive, which is no agency."""
    found = section(error)
    return ARCHIVE if found in {BLOCKED, UNANSWERED} else found


def of_page(error: Exception) -> str:
    """Name the section for what befell a listing page: where it is not there, it has moved."""
    found = section(error)
    return LAYOUT if found == NOT_THERE else found


def is_ours(error: BaseException) -> bool:
    """Whether we raise it on purpose: then its text is a sentence for a person, without secrets."""
    return isinstance(error, tuple(kind for kind, _ in _SECTIONS))


def ending(error: BaseException) -> str:
    """Name the RUNBOOK's section for what ended a run."""
    return section(error) if isinstance(error, Exception) and is_ours(error) else NO_RUN
