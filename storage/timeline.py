"""When which bytes stood at an edition: sightings, folded into spans, and the answer to "as of".

A span is an unbroken succession of sightings of one thing, with nothing else sighted between.
Only its first and last time and its count are kept, so years of quiet weeks take no room.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["seen", "missing", "delisted", "gone"]
"""`missing` is a 404 or 410 that is not yet proof of a removal."""

_REMOVED = frozenset({"delisted", "gone"})
LASTING = timedelta(days=6) - timedelta(hours=1)
"""404s that stand so far apart, with nothing sighted between, are a removal; as
`flows.removals` takes them for one."""


class RefoldError(Exception):
    """A sighting falls inside a span of something else, whose inner times are not kept.

    Whoever folds answers it by folding all facts again; it never reaches a user.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look at one edition: these bytes stood there, or the agency no longer showed any."""

    at: datetime
    state: State
    digest: str | None
    """None unless `state` is `seen`."""
    archived: bool = False
    """Whether it is a capture of the Archive's, each of which the index has the time of."""

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Time, then (for ties) what was seen: the one order in which sightings are told."""
        return (self.at, self.state, self.digest or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`count` sightings of one thing, from `first` to `last`."""

    state: State
    digest: str | None
    first: datetime
    last: datetime
    count: int
    ours: tuple[datetime, datetime] | None = None
    """The first and the last of the sightings that we made ourselves; None where none is."""

    def is_of(self, sighting: Sighting) -> bool:
        """Whether the sighting is of the same thing."""
        return (self.state, self.digest) == (sighting.state, sighting.digest)

    @property
    def is_removal(self) -> bool:
        """Whether it says that the agency had taken the edition away."""
        lasting = self.state == "missing" and self.last - self.first >= LASTING
        return lasting or self.state in _REMOVED

    @property
    def start(self) -> tuple[datetime, str, str]:
        """Where the span begins in the order of sightings."""
        return (self.first, self.state, self.digest or "")

    @property
    def end(self) -> tuple[datetime, str, str]:
        """Where the span ends in the order of sightings."""
        return (self.last, self.state, self.digest or "")


def span(sighting: Sighting) -> Span:
    """Make the span of a single sighting."""
    at = sighting.at
    return Span(
        state=sighting.state,
        digest=sighting.digest,
        first=at,
        last=at,
        count=1,
        ours=None if sighting.archived else (at, at),
    )


def add(spans: tuple[Span, ...], sightings: Iterable[Sighting]) -> tuple[Span, ...]:
    """Fold sightings into spans; the result does not depend on the order of the adding.

    Raises:
        RefoldError: one falls inside a span of something else.
    """
    told = list(spans)
    for sighting in sorted(sightings, key=lambda each: each.order):
        _insert(told, sighting)
    return tuple(told)


def _insert(told: list[Span], sighting: Sighting) -> None:
    after = bisect_right(told, sighting.order, key=lambda each: each.start)
    left = told[after - 1] if after else None
    right = told[after] if after < len(told) else None
    if left and left.is_of(sighting):
        told[after - 1] = _with(left, sighting)
    elif left and sighting.order < left.end:
        raise RefoldError
    elif right and right.is_of(sighting):
        told[after] = _with(right, sighting)
    else:
        told.insert(after, span(sighting))


def _with(known: Span, sighting: Sighting) -> Span:
    """Give a span with one more sighting, of the same thing."""
    at = sighting.at
    ours = known.ours
    if not sighting.archived:
        ours = (min(ours[0], at), max(ours[1], at)) if ours else (at, at)
    first, last = min(known.first, at), max(known.last, at)
    return replace(known, first=first, last=last, count=known.count + 1, ours=ours)


def removal(spans: tuple[Span, ...]) -> State | None:
    """Give how an edition was taken away; None while it stands, see `Manifest.removal`."""
    known = [each for each in spans if each.state == "seen" or each.is_removal]
    if not known or known[-1].state == "seen":
        return None
    return "delisted" if known[-1].state == "delisted" else "gone"


def found_removed(spans: tuple[Span, ...]) -> State | None:
    """Give the same by what we saw ourselves, see `Manifest.found_removed`."""
    ours = [each.state for each in spans if each.ours]
    return ours[-1] if ours and ours[-1] in _REMOVED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stood at an edition at some time, and on which sightings that rests."""

    digest: str
    seen_at: datetime
    """The last sighting known at or before the time asked for."""
    next_seen_at: datetime | None
    """The next known sighting of anything; None if there is none. The change lies between."""
    removed_at: datetime | None
    """When it was first found removed, if that was at or before the time asked for."""
    next_digest: str | None = None
    """What was sighted next; None if that is a removal, or there is nothing."""
    missing_at: tuple[datetime, ...] = ()
    """The first and the last 404 known between this sighting and what is known next, in order of
    time: no proof of a removal."""
    aside: tuple[Span, ...] = ()
    """Bytes that are no version, seen between this sighting and what is known first after the time
    asked for: after a removal, too, since something stood there again."""


def as_of(
    spans: tuple[Span, ...], at: datetime, *, versions: Mapping[str, Collection[datetime]]
) -> Standing | None:
    """Say what stood at the time; None if nothing had been seen yet.

    After a removal it is still the version last seen, marked as removed.

    Args:
        spans: all that is known of the edition.
        at: the time.
        versions: digests of the versions, among which it chooses -> when the Archive captured each.
    """
    told = [each for each in spans if each.is_removal or each.digest in versions]
    begun = [each for each in told if each.first <= at]
    seen = [each for each in begun if each.state == "seen"]
    if not seen:
        return None
    last = seen[-1]
    digest = last.digest or ""
    gone = begun[begun.index(last) + 1 :]
    times = {last.first, last.last, *(last.ours or ()), *versions[digest]}
    within = sorted(each for each in times if last.first <= each <= last.last)
    later: list[tuple[datetime, str | None]] = []
    if last is begun[-1]:
        later += [(each, digest) for each in within if each > at]
    later += [(each.first, each.digest) for each in told if each.first > at]
    next_at, next_digest = later[0] if later else (None, None)
    seen_at = max(each for each in within if each <= at)
    removed_at = gone[0].first if gone else None
    return Standing(
        digest=digest,
        seen_at=seen_at,
        next_seen_at=next_at,
        removed_at=removed_at,
        next_digest=next_digest,
        missing_at=_missing(spans, seen_at, removed_at or next_at),
        aside=_aside(spans, seen_at, _known_next(told, at), versions),
    )


def _missing(
    spans: tuple[Span, ...], after: datetime, before: datetime | None
) -> tuple[datetime, ...]:
    """Give the first and the last 404 between two times, that are no proof of a removal."""
    known = [span for span in spans if span.state == "missing" and not span.is_removal]
    ends = {end for span in known for end in (span.first, span.last)}
    told = sorted(each for each in ends if after < each and (before is None or each < before))
    return tuple(dict.fromkeys((told[0], told[-1]))) if told else ()


def _known_next(told: list[Span], at: datetime) -> datetime | None:
    """Give when anything is known next: of a removal that lasted beyond the time, its end."""
    return min((end for each in told for end in (each.first, each.last) if end > at), default=None)


def _aside(
    spans: tuple[Span, ...],
    after: datetime,
    before: datetime | None,
    versions: Collection[str],
) -> tuple[Span, ...]:
    """Give what was seen between two times and is no version; neither time is within any of it."""
    others = [each for each in spans if each.state == "seen" and each.digest not in versions]
    return tuple(e for e in others if after < e.first and (before is None or e.first < before))
