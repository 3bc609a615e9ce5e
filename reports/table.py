"""A table on its way out: named, typed columns and rows of plain cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from allocator.text import Text

Cell = str | int | Decimal | bool | None
Kind = Literal["string", "integer", "number", "boolean"]
Show = Literal["text", "count", "money", "share", "plain"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the CSV and what a reader may expect in it."""

    name: str
    title: Text
    description: Text
    kind: Kind = "string"
    show: Show = "text"
    """How a spreadsheet formats it."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of this table that stand in another one."""

    fields: tuple[str, ...]
    table: str
    reference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows; every row has one cell a column."""

    name: str
    title: Text
    description: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Column names."""
        return tuple(column.name for column in self.columns)

    def records(self) -> list[dict[str, Cell]]:
        """Rows by column name."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def written(cell: Cell) -> str:
    """A cell as the CSV shows it: plain decimals, true and false, nothing for a blank."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def text_column(name: str, title: Text, description: Text, required: bool = False) -> Column:
    """A column of text."""
    return Column(name, title, description, required=required)


def money_column(name: str, title: Text, description: Text) -> Column:
    """A column of amounts in the scenario's unit."""
    return Column(name, title, description, "number", "money")


def share_column(name: str, title: Text, description: Text) -> Column:
    """A column of ratios, 0.25 for a quarter."""
    return Column(name, title, description, "number", "share")


CODE = text_column(
    "code",
    Text("区划代码", "Code"),
    Text("县级行政区划代码（GB/T 2260）", "Six-digit county code, GB/T 2260"),
    True,
)
COUNTY = text_column("county", Text("旗县", "County"), Text("旗县名称", "Name of the county"))
PREFECTURE = text_column(
    "prefecture", Text("盟市", "Prefecture"), Text("所属盟市", "Prefecture of the county")
)

BY_COUNTY = (ForeignKey(("code",), "counties", ("code",)),)


def unique(names: Sequence[str], wanted: str) -> str:
    """`wanted`, or with the first number after it that makes it new among `names`."""
    number, name = 1, wanted
    while name in names:
        number += 1
        name = f"{wanted}_{number}"
    return name
