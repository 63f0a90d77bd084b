"""Records for other tools (the only pyarrow)."""

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from storage.model import Json, canonical


def parquet(rows: Sequence[Json], into: BinaryIO) -> None:
    """Write records of one table as Parquet: typed fields, `page`, `cells` and `boxes` as JSON.

    A column is of integers or lists where its values are, and of text otherwise.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [_value(name, row.get(name)) for row in rows] for name in names}
    pq.write_table(pa.table(columns), into)


def _value(name: str, value: object) -> object:
    return canonical(value).decode().strip() if name in {"cells", "boxes"} else value
