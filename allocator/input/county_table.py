"""The county table: codes, names, prefectures, and the columns that the scenario names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import NoReturn

from allocator.counties import Counties
from allocator.faults import BadInput, Fault, Place
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table
from allocator.input.yaml_tree import fault
from allocator.numbers import parse_number
from allocator.text import Text

REQUIRED = ("code", "county", "prefecture")
_CODE = re.compile(r"[0-9]{6}")


def county_label(record: Record) -> str:
    """Code and name, as messages show a county."""
    return f"{record.cells.get('code', '')} {record.cells.get('county', '')}".strip()


def check_identity(table: Table) -> list[Fault]:
    """Faults of codes, names and prefectures."""
    faults = []
    first: dict[str, int] = {}
    for record in table.records:
        code, label = record.cells["code"], county_label(record)
        if not _CODE.fullmatch(code):
            faults.append(
                Fault(
                    table.place(record, "code", label),
                    Text(
                        f"代码必须是六位数字，现为 {shorten(code)}",
                        f"a code is six digits, got {shorten(code)}",
                    ),
                    Text(
                        "按 GB/T 2260 填写；Excel 中请把该列设为文本",
                        "use GB/T 2260 codes; format the column as text in Excel",
                    ),
                )
            )
        elif code in first:
            faults.append(
                Fault(
                    table.place(record, "code", label),
                    Text(
                        f"代码重复，前一个在第 {first[code]} 行",
                        f"duplicate code, first in row {first[code]}",
                    ),
                    Text("请删除或更正其中一行", "remove or correct one of the rows"),
                )
            )
        first.setdefault(code, record.row)
        faults += [
            fault(table.place(record, column, label), "不能为空", "must not be empty", "请填写", "fill it in")
            for column in ("county", "prefecture")
            if not record.cells[column]
        ]
    return faults


def read_numbers(
    table: Table, wanted: Mapping[str, str]
) -> tuple[dict[str, dict[str, Decimal | None]], list[Fault]]:
    """Number of each county by column and code; `wanted` gives, by column, who asks for it."""
    found: dict[str, dict[str, Decimal | None]] = {}
    faults = []
    for column, asker in wanted.items():
        if column not in table.columns:
            faults.append(_no_column(table, column, asker))
            continue
        values: dict[str, Decimal | None] = {}
        for record in table.records:
            text = record.cells[column]
            number = parse_number(text) if text else None
            if text and number is None:
                faults.append(_no_number(table, record, column, text))
            elif number is not None and number < 0:
                faults.append(
                    Fault(
                        table.place(record, column, county_label(record)),
                        Text(
                            f"不能为负数，现为 {shorten(text)}", f"must not be negative, got {shorten(text)}"
                        ),
                        Text("请更正", "correct it"),
                    )
                )
            values[record.cells["code"]] = number
        found[column] = values
    return found, faults


def _no_column(table: Table, column: str, asker: str) -> Fault:
    near = get_close_matches(column, table.columns, 3, 0.5) or list(table.columns)[:12]
    return Fault(
        Place(table.shown, column=column),
        Text(f"没有这一列，而 {asker} 要用它", f"there is no such column, but {asker} needs it"),
        Text(f"现有的列：{'、'.join(near)}", f"columns found: {', '.join(near)}"),
    )


def _no_number(table: Table, record: Record, column: str, text: str) -> Fault:
    percent = text.rstrip().endswith(("%", "％"))
    return Fault(
        table.place(record, column, county_label(record)),
        Text(f"不是数字：{shorten(text)}", f"not a number: {shorten(text)}"),
        Text("百分比请写成小数，如 0.65", "write percentages as decimals, such as 0.65")
        if percent
        else Text("请填写数字，或留空", "write a number, or leave it blank"),
    )


def counties_of(table: Table, numbers: Mapping[str, Mapping[str, Decimal | None]]) -> Counties:
    """The checked table, sorted by code."""
    records = sorted(table.records, key=lambda r: r.cells["code"])
    codes = tuple(r.cells["code"] for r in records)
    return Counties(
        codes=codes,
        names=tuple(r.cells["county"] for r in records),
        prefectures=tuple(r.cells["prefecture"] for r in records),
        text={c: tuple(r.cells[c] for r in records) for c in table.columns},
        numbers={c: tuple(values[code] for code in codes) for c, values in numbers.items()},
        file=table.shown,
        lines=tuple(r.row for r in records),
    )


def refuse(faults: list[Fault]) -> None:
    """Raises BadInput with the faults in file order, if there are any."""
    if faults:
        stop(faults)


def stop(faults: list[Fault]) -> NoReturn:
    """Raises BadInput with the faults, each once, in file order."""
    unique = dict.fromkeys(faults)
    raise BadInput(sorted(unique, key=lambda f: (f.place.file, f.place.line or 0, f.place.character or 0)))
