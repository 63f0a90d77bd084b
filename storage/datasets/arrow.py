"""Records as Arrow tables and Parquet files (the only pyarrow)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from storage.datasets.columns import Column, Kind, columns, typed
from storage.model import Json

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
    "time": pa.timestamp("us", tz="UTC"),
    "blank": pa.null(),
}
_STORED = {**_TYPES, "blank": pa.string()}
"""In a file a column keeps one type while it is blank, too."""


def table(rows: Sequence[Json], told: Sequence[Column] | None = None) -> pa.Table:
    """Make an Arrow table of records, with `told` as its columns, or those that the records have.

    A column that holds nothing has Arrow's null type, which any other can be joined to.
    """
    chosen = columns(rows) if told is None else told
    return pa.table(_arrays(rows, chosen, _TYPES), schema=_schema(chosen, _TYPES))


def parquet(rows: Sequence[Json], into: BinaryIO) -> None:
    """Write records of one table as Parquet."""
    pq.write_table(table(rows), into)


def parquet_file(batches: Iterable[Sequence[Json]], told: Sequence[Column], path: Path) -> None:
    """Write records as a Parquet file, in pieces: the same records give the same bytes."""
    schema = _schema(told, _STORED)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in batches:
            writer.write_table(pa.table(_arrays(rows, told, _STORED), schema=schema))


def _schema(told: Sequence[Column], types: Mapping[Kind, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(column.name, types[column.kind]) for column in told])


def _arrays(
    rows: Sequence[Json], told: Sequence[Column], types: Mapping[Kind, pa.DataType]
) -> list[pa.Array]:
    return [
        pa.array([_value(column, row.get(column.name)) for row in rows], type=types[column.kind])
        for column in told
    ]


def _value(column: Column, value: object) -> object:
    found = typed(column, value)
    if column.kind == "time" and isinstance(found, str):
        return datetime.fromisoformat(found)
    return found
