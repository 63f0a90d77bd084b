"""For which days of the past the Archive's index was asked, address by address. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from storage.model import Json

Days = tuple[date, date]
"""The first and the last of some days, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What one run asked the index for, of which all that it has was taken in."""

    since: date
    until: date
    """The days of captures, both included."""
    addresses: tuple[str, ...]
    """Addresses, and folders, in text order."""

    def to_json(self) -> Json:
        """Shape: the fields by name, days as ISO text."""
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {**days, "addresses": list(self.addresses)}

    @classmethod
    def from_json(cls, value: Json) -> "Searched":
        """Read what `to_json` wrote."""
        days = {name: date.fromisoformat(value[name]) for name in ("since", "until")}
        return cls(**value | days | {"addresses": tuple(value["addresses"])})


def fold(
    known: Mapping[str, tuple[Days, ...]], fresh: Iterable[Searched]
) -> dict[str, tuple[Days, ...]]:
    """Take in what further runs searched; the order does not matter."""
    found = dict(known)
    for each in fresh:
        for address in each.addresses:
            found[address] = union((*found.get(address, ()), (each.since, each.until)))
    return found


def union(spans: Iterable[Days]) -> tuple[Days, ...]:
    """Join days that overlap or follow upon each other; in order of time."""
    told: list[Days] = []
    for first, last in sorted(spans):
        if told and (first - told[-1][1]).days <= 1:
            told[-1] = (told[-1][0], max(told[-1][1], last))
        else:
            told.append((first, last))
    return tuple(told)


def covers(spans: Iterable[Days], wanted: Iterable[Days]) -> bool:
    """Whether all wanted days are among others; both as `union` gives them."""
    has = tuple(spans)
    return all(any(first <= begin and end <= last for first, last in has) for begin, end in wanted)
