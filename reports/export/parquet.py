"""A table as Parquet: money as exact decimals, codes as text, descriptions in the schema."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reports.table import Cell, Column, Table

DIGITS, MOST_DIGITS = 38, 76
"""Digits of a 128-bit and of a 256-bit decimal."""


def parquet_bytes(table: Table) -> bytes:
    """The file: the same bytes for the same table and pyarrow."""
    import pyarrow  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    fields, arrays = [], []
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        kind = _kind(pyarrow, column, cells)
        about = {"title": column.title.zh, "description": column.description.zh}
        nullable = not column.required
        fields.append(pyarrow.field(column.name, kind, nullable=nullable, metadata=about))
        arrays.append(pyarrow.array(cells, type=kind))
    schema = pyarrow.schema(fields, metadata={"table": table.name, "key": ",".join(table.primary_key)})
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _kind(pyarrow: Any, column: Column, cells: Sequence[Cell]) -> Any:
    if column.kind == "integer":
        return pyarrow.int32()
    if column.kind == "string":
        return pyarrow.string()
    amounts = [cell for cell in cells if isinstance(cell, Decimal)]
    places = max((_places(amount) for amount in amounts), default=0)
    digits = max((len(str(abs(int(amount)))) for amount in amounts), default=1) + places
    wide = pyarrow.decimal128 if digits <= DIGITS else pyarrow.decimal256
    return wide(DIGITS if digits <= DIGITS else MOST_DIGITS, places)


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
