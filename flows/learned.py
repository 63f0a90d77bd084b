"""What captures turn out to be when one of them is played back, other than documents and pages."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from flows.past import Past, claim
from flows.plan import ABSENT, Found, Group, candidates, is_empty, spread, stood
from scrapers.errors import (
    ArchivedErrorPageError,
    BlockedError,
    CapturedStatusError,
    ExcludedError,
    FetchError,
    NotAskedError,
    NotThatCaptureError,
)
from scrapers.wayback import Row
from scrapers.web.verdicts import REDIRECTS
from storage.archived import captured_at
from storage.mementos import MementoEntry
from storage.runs import Observation

T = TypeVar("T")
LASTING = (NotThatCaptureError, ExcludedError)
"""What another try would meet again, as far as can be told."""
FOLLOWED = REDIRECTS | ABSENT
"""Statuses of which something follows."""


def played_back(
    past: Past,
    groups: tuple[Group, ...],
    play: Callable[[Row], T],
    *,
    most: int,
    lasting: tuple[type[Exception], ...] = LASTING,
) -> tuple[T | None, Exception | None]:
    """Play one capture of a body back.

    Args:
        past: what was found so far.
        groups: its captures.
        play: plays one.
        most: how many are tried.
        lasting: of what is raised so, another one is tried.

    Returns:
        What came; or why nothing did; or neither where the body is of an error page, or was learned
        to be of a redirect or a 404. A capture for which the Archive does not answer is not asked
        for again in this run: the next call tries another one, see `has_another`.

    Raises:
        BlockedError: the Archive refuses us.
        NotAskedError: it has failed for too long.
    """
    why: Exception | None = None
    odd: list[ArchivedErrorPageError] = []
    for row in _untried(past, groups, most):
        try:
            return play(row), None
        except (BlockedError, NotAskedError):
            raise
        except ArchivedErrorPageError as error:
            if _is_final(groups, error):
                learn(past, groups, error)
                return None, None
            odd.append(error)
        except lasting as error:
            why = why or error
        except FetchError as error:
            past.unanswered.add(row)
            return None, error
    return (None, why) if why or not odd else _all_odd(past, groups, odd)


def has_another(past: Past, groups: tuple[Group, ...], why: Exception, *, most: int) -> bool:
    """Whether to ask for another capture of a body, once the others were asked for.

    One for which the Archive never answers must not hide those that it would give; but each may
    take minutes, so no more than one further is asked for in a run.
    """
    tried = sum(row in past.unanswered for group in groups for row in group.rows)
    is_passing = isinstance(why, FetchError) and not isinstance(why, LASTING)
    return is_passing and tried == 1 and bool(_untried(past, groups, most))


def _untried(past: Past, groups: tuple[Group, ...], most: int) -> list[Row]:
    rows = spread(candidates(groups), most)
    return [row for row in rows if row not in past.unanswered]


def _is_final(groups: Iterable[Group], why: ArchivedErrorPageError) -> bool:
    """Whether what one capture was played back as is what all captures of its digest are.

    An error page that has another digest than the index says may be played back in its place; so
    may a redirect or a 404, where the index tells that the digest is a document's.
    """
    if isinstance(why, CapturedStatusError):
        return not any(row.status for group in groups for row in group.rows)
    return why.confirmed


def _all_odd(
    past: Past, groups: tuple[Group, ...], odd: list[ArchivedErrorPageError]
) -> tuple[None, Exception | None]:
    """Take a body of which no capture was played back as the index has it: an error page, or not.

    Where all say so, it was stored in another coding than the index's digest tells of.
    """
    for each in odd:
        if isinstance(each, CapturedStatusError):
            says = f"is not played back: answered {each.status}"
            return None, NotThatCaptureError(each.url, says)
    learn(past, groups, odd[0])
    return None, None


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
