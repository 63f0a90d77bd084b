"""What captures turn out to be when one of them is played back, other than documents and pages."""

from collections.abc import Iterable

from flows.past import Past, claim
from flows.plan import ABSENT, Found, Group, is_empty, stood
from scrapers.errors import (
    ArchivedErrorPageError,
    CapturedStatusError,
    ExcludedError,
    NotThatCaptureError,
)
from scrapers.web.verdicts import REDIRECTS
from storage.archived import captured_at
from storage.mementos import MementoEntry
from storage.runs import Observation

LASTING = (NotThatCaptureError, ExcludedError)
"""What another try would meet again, as far as can be told."""
FOLLOWED = REDIRECTS | ABSENT
"""Statuses of which something follows."""


def learn(past: Past, groups: tuple[Group, ...], why: ArchivedErrorPageError) -> None:
    """Take a body that was played back for what it is: a redirect, an absence, an error page.

    What it is, all captures of its digest are, of which the index tells no status.
    """
    entry = past.work.archive.manifest.mementos.get(groups[0].digest)
    if isinstance(why, CapturedStatusError):
        past.statuses[stood(groups[0].rows[0])] = why.status
        if is_empty(groups) or (why.status in FOLLOWED and entry is None):
            return
    # Taken for a version, as when it was not played back at first, it is none any more.
    if entry is None or not entry.is_worthless:
        pass_over(past, groups, why)


def disown(past: Past, found: Found) -> None:
    """Take back what was taken for a version, and the index tells now that it is none.

    As where a revisit was not played back, and the row that says what it repeats was not in the
    span that was loaded then.
    """
    known = past.work.archive.manifest.mementos
    for group in (*found.absences, *found.moves):
        for digest in sorted({row.digest for row in group.rows}):
            entry = known.get(digest)
            if entry and entry.digest is None and not entry.is_error:
                rows = tuple(row for row in group.rows if row.digest == digest)
                why = ArchivedErrorPageError(group.url, "was captured, and is no document")
                pass_over(past, [Group(url=group.url, digest=digest, rows=rows)], why)


def is_settled(entry: MementoEntry | None, groups: Iterable[Group]) -> bool:
    """Whether captures are known to be of an error page, and that is all there is to know.

    Where the index tells no status of them it may be a 404, or a redirect that is to be followed.
    """
    told = any(row.status for group in groups for row in group.rows)
    return entry is not None and entry.is_worthless and told


def pass_over(past: Past, groups: Iterable[Group], why: ArchivedErrorPageError) -> None:
    """Take down that captures are of an error page, so that it is not fetched again."""
    past.work.record.say(f"passed over: {why}", "passed over")
    for group in groups:
        observation = Observation(
            at=captured_at(group.ref.timestamps[0]),
            edition=claim(past, group.url) or "unknown",
            outcome="unchanged",
            evidence="error-page",
            url=group.url,
            detail=str(why),
            memento=group.ref,
        )
        past.work.record.note(observation)
