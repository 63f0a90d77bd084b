"""What the Wayback Machine's index holds of a series: which captures to play back. Pure.

Every row is evidence: one capture of each body is played back, all others of it are sightings; a
404 bounds a removal; a revisit repeats whatever its digest stood for.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from scrapers.archived.index import Row
from scrapers.web.verdicts import OK, REDIRECTS
from storage.archived import MementoRef
from storage.ledger import Manifest
from storage.model import Json

ABSENT = frozenset({404, 410})
_ITSELF = timedelta(minutes=1)
"""A crawler that is sent on to the same address, as from http to https, has its body by then."""
_UNKNOWN = "-"
"""Stands in the index for a digest that it does not know."""
_EMPTY = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
"""The digest of no bytes at all, as redirects, errors and some 404s have it: of one address it says
nothing of another, and it is no document's."""
Stood = tuple[str, str]
"""What stands for one thing wherever it stood, see `stood`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Captures of one address with one body, in order of time."""

    url: str
    digest: str
    """Their CDX digest."""
    rows: tuple[Row, ...]

    @property
    def ref(self) -> MementoRef:
        """What the ledger says of them."""
        timestamps = tuple(dict.fromkeys(row.timestamp for row in self.rows))
        return MementoRef(url=self.url, digest=self.digest, timestamps=timestamps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of searches, sorted out."""

    bodies: tuple[tuple[Group, ...], ...]
    """Each body with all addresses where it stood, in order of time."""
    absences: tuple[Group, ...]
    """The 404s and 410s of each address; their digest is empty."""
    moves: tuple[Group, ...]
    """The redirects of each address, by what was sent with them; not those to the same address.
    First those of addresses where no document was captured: these may have moved."""
    others: Mapping[str, int]
    """What says nothing of a document -> how many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much work a backfill is, as far as can be told before it."""

    searches: int
    """Requests to the Archive's index, as many as the planning took."""
    pages: int
    """Archived listing pages to play back."""
    redirects: int
    """Captures of redirects to play back, to know where these led."""
    documents: int
    """Distinct bodies to fetch, from the agency and the Archive."""
    bytes_compressed: int
    """Of those in the Archive, as its index tells their lengths: compressed."""
    minutes: float
    """At the polite rate."""
    messages: tuple[str, ...] = ()
    is_whole: bool = True
    """Whether all answered that were asked; else there is more to do than this."""

    def to_json(self) -> Json:
        """Shape: the fields by name, `minutes` to a tenth."""
        told = ("searches", "pages", "redirects", "documents", "bytes_compressed")
        shown: Json = {name: getattr(self, name) for name in told}
        shown |= {"minutes": round(self.minutes, 1), "messages": list(self.messages)}
        return shown | {"is_whole": self.is_whole}


def stood(row: Row) -> Stood:
    """Give what a capture shares its status with: its digest, or address and digest if empty."""
    return (row.urlkey if row.digest == _EMPTY else "", row.digest)


def is_empty(groups: Sequence[Group]) -> bool:
    """Whether captures are of no bytes, so that what they are only playback may tell."""
    return groups[0].digest == _EMPTY


def sorted_out(rows: Iterable[Row], learned: Mapping[Stood, int] = MappingProxyType({})) -> Found:
    """Put rows into groups; each row counts once, however many searches gave it.

    Args:
        rows: what searches gave.
        learned: the status that playback told of captures of which no row does.
    """
    distinct = {(row.original, row.timestamp, row.digest, row.status): row for row in rows}
    told = sorted(_beside(distinct.values()), key=lambda row: (row.at, row.original))
    there, anywhere = _statuses(told, _at_its_place), _statuses(told, stood)
    bodies: dict[Stood, dict[str, list[Row]]] = {}
    absences: dict[str, list[Row]] = {}
    moves: dict[tuple[str, str], list[Row]] = {}
    others: Counter[str] = Counter()
    for row in told:
        what = stood(row)
        told_status = row.status or there.get(_at_its_place(row))
        told_status = told_status or anywhere.get(what) or learned.get(what)
        status = told_status or OK
        says_nothing = row.digest == _UNKNOWN or (row.digest == _EMPTY and told_status == OK)
        if status in ABSENT:
            absences.setdefault(row.original, []).append(row)
        elif status == OK and not says_nothing:
            bodies.setdefault(what, {}).setdefault(row.original, []).append(row)
        elif status in REDIRECTS:
            moves.setdefault((row.original, row.digest), []).append(row)
        else:
            others["answers without a document"] += 1
    return Found(
        bodies=tuple(
            tuple(Group(url=url, digest=digest, rows=tuple(rows)) for url, rows in places.items())
            for (_, digest), places in bodies.items()
        ),
        absences=tuple(
            Group(url=url, digest="", rows=tuple(rows)) for url, rows in absences.items()
        ),
        moves=_moves(moves, told),
        others=others,
    )


def _beside(rows: Collection[Row]) -> Iterator[Row]:
    """Give rows with the digests of what else was captured at their place in the same second."""
    at: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.status in {None, OK}:  # not a redirect, as from http to https
            at.setdefault((row.urlkey, row.timestamp), set()).add(row.digest)
    for row in rows:
        others = at.get((row.urlkey, row.timestamp), set()) - {row.digest, _UNKNOWN}
        yield replace(row, beside=frozenset(others)) if others else row


def _moves(
    redirects: Mapping[tuple[str, str], list[Row]], told: Iterable[Row]
) -> tuple[Group, ...]:
    """Give the redirects that led away from an address: no body of it was captured just then."""
    bodies: dict[str, list[datetime]] = {}
    for row in told:
        if row.status == OK:
            bodies.setdefault(row.urlkey, []).append(row.at)
    found: list[Group] = []
    for (url, digest), rows in redirects.items():
        away = tuple(
            row
            for row in rows
            if all(abs(row.at - at) > _ITSELF for at in bodies.get(row.urlkey, ()))
        )
        found += [Group(url=url, digest=digest, rows=away)] if away else []
    return tuple(sorted(found, key=lambda group: group.rows[0].urlkey in bodies))


def _statuses(rows: Iterable[Row], by: Callable[[Row], Stood]) -> dict[Stood, int]:
    """Learn what each digest stood for, which its revisits do not say; a document before all.

    At its own place before all others: a page that says "not found" is sent with 200 elsewhere.
    """
    found: dict[Stood, int] = {}
    for row in rows:
        if row.status is not None:
            found[by(row)] = min(row.status, found.get(by(row), row.status))
    return found


def _at_its_place(row: Row) -> Stood:
    return (row.urlkey, row.digest)


def candidates(groups: Collection[Group]) -> list[Row]:
    """Give the captures of a body in the order in which to try to play one back."""
    rows = [row for group in groups for row in group.rows]
    return sorted(rows, key=lambda row: (bool(row.beside), row.is_revisit, row.at, row.original))


def new(bodies: Iterable[tuple[Group, ...]], done: Collection[Group]) -> list[tuple[Group, ...]]:
    """Give what is not done yet of each body: it may be found at further addresses later."""
    left = (tuple(group for group in groups if group not in done) for groups in bodies)
    return [groups for groups in left if groups]


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """Give all rows, or out of very many so many from the first to the last."""
    last = len(rows) - 1
    if last < most:
        return [*rows]
    return [rows[round(number * last / (most - 1))] for number in range(most)]


def size(groups: Collection[Group]) -> int:
    """Give how long a body is in the Archive, compressed, by its index."""
    return max(row.length or 0 for group in groups for row in group.rows)


def wanted(found: Found, known: Manifest) -> list[tuple[Group, ...]]:
    """Give the bodies that nobody has played back yet, not even to find an error page."""
    taken = {cdx for cdx, entry in known.mementos.items() if entry.digest or entry.is_error}
    return [groups for groups in found.bodies if groups[0].digest not in taken]
