"""What changed from an earlier result: rows to delete, update and insert, in the order to apply them.

Every operation sets a row to what it is now, so that applying a delta twice is as applying it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from allocator.text import Text
from reports.export.rows import HEADER, KEY, Records, records
from reports.table import Cell, Column, Table, money_column, text_column

OPERATIONS = ("delete", "update", "insert")
"""In the order in which they are applied."""
OPERATION = text_column(
    "operation",
    Text("操作", "Operation"),
    Text("delete 删除、update 改为本行、insert 新增本行", "delete, update (set to this row) or insert"),
    True,
)
BEFORE = money_column(
    "amount_before",
    Text("原金额", "Amount before"),
    Text("原结果中的金额；新增的为空", "Amount in the earlier result; blank where the row is new"),
)
AMOUNT = HEADER.index("amount")


def delta_table(former: Table, now: Table) -> Table:
    """The rows that differ; a deleted row stands as it was, without an amount.

    A row is updated where any of its columns differs, and is the same row where its key is the same.
    """
    old, new = records(former), records(now)
    columns = (OPERATION, *(_optional(column) for column in now.columns), BEFORE)
    return Table(
        "delta",
        Text("变动", "Delta"),
        Text(
            "与此前结果的差异，按 删除、更新、新增 的顺序应用",
            "What differs from the earlier result, in the order to apply it: delete, update, insert",
        ),
        columns,
        (*_deleted(old, new), *_updated(old, new), *_inserted(old, new)),
        KEY,
    )


def _optional(column: Column) -> Column:
    """Only a deleted row has no amount."""
    return replace(column, required=False) if column.name == "amount" else column


def _deleted(old: Records, new: Records) -> Iterator[tuple[Cell, ...]]:
    blank = (AMOUNT, HEADER.index("amount_yuan"))
    for key in sorted(old.keys() - new.keys()):
        cells = (None if place in blank else cell for place, cell in enumerate(old[key]))
        yield ("delete", *cells, old[key][AMOUNT])


def _updated(old: Records, new: Records) -> Iterator[tuple[Cell, ...]]:
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield ("update", *new[key], old[key][AMOUNT])


def _inserted(old: Records, new: Records) -> Iterator[tuple[Cell, ...]]:
    for key in sorted(new.keys() - old.keys()):
        yield ("insert", *new[key], None)


def counts(delta: Table) -> dict[str, int]:
    """How many rows each operation has."""
    found = Counter(str(row[0]) for row in delta.rows)
    return {operation: found[operation] for operation in OPERATIONS}
