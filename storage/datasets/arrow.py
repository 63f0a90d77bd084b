"""Records as Arrow tables and Parquet files (the only pyarrow)."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from storage.datasets.columns import Column, Kind, columns, values
from storage.model import SCHEMA, Json

Records: TypeAlias = pa.Table
"""What the library gives."""

_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
    "time": pa.timestamp("us", tz="UTC"),
    "blank": pa.null(),
}
_STORED = {**_TYPES, "blank": pa.string()}
"""In a file a column that holds nothing yet is of text."""
_GROUP = 5_000
"""Rows in one row group of a Parquet file: what is compressed, and may be read, by itself."""


def table(rows: Sequence[Json]) -> Records:
    """Make an Arrow table of records, with the columns that they have.

    A column that holds nothing has Arrow's null type, which any other can be joined to.
    """
    told = columns(rows)
    made: Records = pa.table(_arrays(rows, told, _TYPES), schema=_schema(told, _TYPES))
    return made


def parquet(rows: Sequence[Json], into: BinaryIO) -> None:
    """Write records of one table as Parquet."""
    told = columns(rows)
    pq.write_table(pa.table(_arrays(rows, told, _STORED), schema=_schema(told, _STORED)), into)


@contextmanager
def parquet_file(path: Path, told: Sequence[Column]) -> Generator[Callable[[Sequence[Json]], None]]:
    """Make a Parquet file, to be written in pieces: the same rows give the same bytes.

    Pieces should be small: as Arrow's columns rows take a tenth of the memory that they take as
    values of Python, and are gathered into row groups as such.
    """
    schema = _schema(told, _STORED)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting = schema.empty_table()

        def write(rows: Sequence[Json]) -> None:
            nonlocal waiting
            piece = pa.table(_arrays(rows, told, _STORED), schema=schema)
            waiting = pa.concat_tables([waiting, piece])
            while waiting.num_rows >= _GROUP:
                writer.write_table(waiting.slice(0, _GROUP).combine_chunks())
                waiting = waiting.slice(_GROUP)

        yield write
        if waiting.num_rows:
            writer.write_table(waiting.combine_chunks())


def release() -> None:
    """Give memory back that is kept for the next time."""
    pa.default_memory_pool().release_unused()


def _schema(told: Sequence[Column], types: Mapping[Kind, pa.DataType]) -> pa.Schema:
    fields = [pa.field(column.name, types[column.kind]) for column in told]
    return pa.schema(fields, metadata={"recordkeep_schema": str(SCHEMA)})


def _arrays(
    rows: Sequence[Json], told: Sequence[Column], types: Mapping[Kind, pa.DataType]
) -> list[pa.Array]:
    return [pa.array(_values(column, rows), type=types[column.kind]) for column in told]


def _values(column: Column, rows: Sequence[Json]) -> list[Any]:
    found = values(column, rows)
    if column.kind != "time":
        return found
    read = {text: datetime.fromisoformat(text) for text in set(found) if text}
    return [read.get(text) for text in found]
