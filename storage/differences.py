"""Which records two versions of an edition differ in: added, removed, changed.

Records that say the same are set aside first, as often as they stand in both. The rest are
matched by the fields that name them, then by likeness, so that one inserted row is one line.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from storage.model import Json, canonical
from storage.records import told

_ALIKE = 0.6
"""Share of equal fields from which two records are taken for one that was changed."""
_MOST_PAIRS = 1_000_000
"""Likeness is looked for among so many pairs at most: it takes about a second. Of more that have
the same names the first is paired with the first, the second with the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record as it was and as it is."""

    before: Json
    after: Json

    @property
    def fields(self) -> dict[str, tuple[object, object]]:
        """Field -> what it was and what it is; cells by their heading, where only those differ."""
        old, new = _flat(self.before), _flat(self.after)
        names = dict.fromkeys([*old, *new])
        return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}

    def to_json(self) -> Json:
        """Shape: `before`, `after`, and `fields` as `{"state": ["Texas", "Iowa"]}`."""
        fields = {name: list(pair) for name, pair in self.fields.items()}
        return {"before": self.before, "after": self.after, "fields": fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How one table differs between two versions."""

    added: tuple[Json, ...] = ()
    removed: tuple[Json, ...] = ()
    changed: tuple[Change, ...] = ()

    def to_json(self) -> Json:
        """Shape: `{"added": […], "removed": […], "changed": […]}`."""
        changed = [change.to_json() for change in self.changed]
        return {"added": list(self.added), "removed": list(self.removed), "changed": changed}


def _flat(record: Json) -> Json:
    fields = {k: v for k, v in record.items() if k not in {"cells", "page", "boxes"}}
    return {**fields, **{f"“{name}”": text for name, text in record["cells"].items()}}


def compare(before: Sequence[Json], after: Sequence[Json], keys: Sequence[str]) -> Difference:
    """Compare the records of one table.

    Args:
        before: the older version's records, in the document's order.
        after: the newer one's.
        keys: the fields that name a record; they need not be unique.
    """
    old, new = _without_equals(before, after), _without_equals(after, before)
    changed = _matched(old, new, keys)
    if len(old) * len(new) <= _MOST_PAIRS:
        changed += _alike(old, new)
    return Difference(added=tuple(new), removed=tuple(old), changed=tuple(changed))


def _without_equals(records: Sequence[Json], others: Sequence[Json]) -> list[Json]:
    spare = Counter(canonical(told(other)) for other in others)
    left = []
    for record in records:
        said = canonical(told(record))
        if spare[said]:
            spare[said] -= 1
        else:
            left.append(record)
    return left


def _matched(old: list[Json], new: list[Json], names: Sequence[str]) -> list[Change]:
    """Take out of both lists what has the same names; of several those that are most alike."""
    named: dict[tuple[object, ...], tuple[list[int], list[int]]] = {}
    for side, records in enumerate((old, new)):
        for at, record in enumerate(records):
            named.setdefault(_named(record, names), ([], []))[side].append(at)
    named.pop((), None)
    if sum(len(was) * len(now) for was, now in named.values()) > _MOST_PAIRS:
        found = [(0.0, *pair) for both in named.values() for pair in zip(*both, strict=False)]
    else:
        found = [
            (-_likeness(old[was], new[now]), was, now)
            for both in named.values()
            for was, now in product(*both)
        ]
    return _paired(old, new, found)


def _alike(old: list[Json], new: list[Json]) -> list[Change]:
    """Take out of both lists what is alike."""
    found = [
        (-likeness, was, now)
        for was, one in enumerate(old)
        for now, other in enumerate(new)
        if (likeness := _likeness(one, other)) >= _ALIKE
    ]
    return _paired(old, new, found)


def _paired(old: list[Json], new: list[Json], found: list[tuple[float, int, int]]) -> list[Change]:
    """Take pairs out of both lists, what is most alike first.

    One after the other, each would take what is most alike of what is left: of two rows, of which
    one was removed, the first would take the other's partner.

    Args:
        old: the older version's records.
        new: the newer one's.
        found: what may be paired: their likeness below nought, and their places.
    """
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, was, now in sorted(found):
        if was not in partner and now not in taken:
            partner[was] = now
            taken.add(now)
    changed = [Change(before=old[was], after=new[now]) for was, now in sorted(partner.items())]
    old[:] = [each for at, each in enumerate(old) if at not in partner]
    new[:] = [each for at, each in enumerate(new) if at not in taken]
    return changed


def _named(record: Json, names: Sequence[str]) -> tuple[object, ...]:
    """Give what names the record; nothing where that is blank, since blanks name nothing."""
    values = tuple(record.get(name) for name in names)
    return () if all(value is None for value in values) else values


def _likeness(one: Json, other: Json) -> float:
    """Give the share of fields that are equal; of cells, where nothing in either was typed."""
    fields = [name for name in one if name not in {"cells", "page", "boxes"}]
    if all(one[name] is None and other.get(name) is None for name in fields):
        one, other = one["cells"], other["cells"]
        fields = list({**one, **other})
    equal = sum(bool(one.get(name) == other.get(name)) for name in fields)
    return equal / max(len(fields), 1)


def tables(
    before: Mapping[str, Sequence[Json]],
    after: Mapping[str, Sequence[Json]],
    keys: Mapping[str, Sequence[str]],
) -> dict[str, Difference]:
    """Compare all tables of two versions; a table that one of them lacks counts as empty there."""
    names = dict.fromkeys([*keys, *before, *after])
    return {
        name: compare(before.get(name, ()), after.get(name, ()), keys.get(name, ()))
        for name in names
    }
