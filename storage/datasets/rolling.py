"""Records of an edition whose one document is replaced for ever: each reading once.

Such a document repeats, month after month, all that it said before. A group of records (a month)
that stands word for word in versions 3 to 9 is therefore told once, with `version` 3 and
`last_version` 9; what any version said is `version <= n <= last_version`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from storage.datasets.columns import own_name
from storage.datasets.rows import rows
from storage.ledger import Version
from storage.model import Json, iso
from storage.records import group


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Versions, one after another, in which a group of records says the same."""

    last: Version
    last_seen: str


def is_rolling(versions: Sequence[Version]) -> bool:
    """Whether an edition's versions tell their records in groups."""
    return any(each.document.table and each.document.table.groups for each in versions)


def runs(versions: Sequence[Version]) -> dict[int, dict[str, Run]]:
    """Say of each version which groups begin there, and how long each goes on.

    Args:
        versions: of one edition, those that have records, first to last.

    Returns:
        Number of a version -> group, as `checks 2019-12` -> its run.
    """
    begun: dict[int, dict[str, Run]] = {each.number: {} for each in versions}
    going: dict[str, Run] = {}
    after: Mapping[str, str] = {}
    for version in reversed(versions):
        groups = version.document.table.groups if version.document.table else {}
        going = {
            name: _longer(going[name], version)
            if after.get(name) == digest
            else Run(last=version, last_seen=iso(version.last_seen))
            for name, digest in groups.items()
        }
        begun[version.number] = going
        after = groups
    for before, version in pairwise(versions):
        known = before.document.table.groups if before.document.table else {}
        told = version.document.table.groups if version.document.table else {}
        begun[version.number] = {
            name: run
            for name, run in begun[version.number].items()
            if known.get(name) != told[name]
        }
    return begun


def _longer(run: Run, version: Version) -> Run:
    return Run(last=run.last, last_seen=max(run.last_seen, iso(version.last_seen)))


def told(
    version: Version, reading: Json, begun: Mapping[str, Run]
) -> Iterator[tuple[str, Iterator[Json]]]:
    """Give, table by table, those of a version's rows whose group begins there."""
    for table in reading["tables"]:
        yield table, _told(version, reading, table, begun)


def _told(version: Version, reading: Json, table: str, begun: Mapping[str, Run]) -> Iterator[Json]:
    keys = reading["keys"].get(table, ())
    found = rows(version, reading, table, wanted=lambda row: group(table, row, keys) in begun)
    names = [own_name(key) for key in keys]
    for row in found:
        run = begun[group(table, row, names)]
        yield {**row, "last_version": run.last.number, "last_seen": run.last_seen}
