"""Records with where they came from: one flat row each, as all formats have it."""

from collections.abc import Callable, Iterator, Sequence

from storage.chosen import Chosen
from storage.datasets.columns import as_json, own_name
from storage.errors import NotHeldError
from storage.ledger import Version
from storage.model import Json, iso

PLACES = frozenset({"cells", "page", "boxes"})


def rows(
    version: Version,
    reading: Json,
    table: str,
    *,
    wanted: Callable[[Json], bool] = lambda _record: True,
) -> Iterator[Json]:
    """Give the records of one table of one version, those that are wanted.

    Yields:
        Edition, version, digest and sightings; `row`, the record's number in that table from 1,
        as `recordkeep explain --row` takes it; its fields; page, parser, raw cells and boxes.
    """
    origin = {
        "edition": version.document.edition,
        "version": version.number,
        "digest": version.document.digest,
        "first_seen": iso(version.first_seen),
        "last_seen": iso(version.last_seen),
    }
    for number, record in enumerate(reading["tables"].get(table, ()), start=1):
        if not wanted(record):
            continue
        fields = {own_name(name): value for name, value in record.items() if name not in PLACES}
        place = {"page": record["page"], "parser": reading["parser"]}
        raw = {name: as_json(record[name]) for name in ("cells", "boxes")}
        yield {**origin, "row": number, **fields, **place, **raw}


def pick(chosen: Sequence[Chosen], table: str | None) -> str:
    """Give the table that is meant, of those that some of the versions have.

    Raises:
        NotHeldError: none has it, or none was named where there are several.
    """
    readings = [each.document.table for each in chosen if each.document.table]
    names = list(dict.fromkeys(name for reading in readings for name in reading.counts))
    if table is None and len(names) == 1:
        return names[0]
    if table is None or table not in names:
        raise NotHeldError(f"table {table}" if table else "one table alone", names)
    return table
