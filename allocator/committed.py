"""committed.csv: money already issued this year, as a plain table or as a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction

from allocator.counties import Counties
from allocator.faults import Fault
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table
from allocator.input.yaml_tree import fault
from allocator.ledger import COLUMNS as LEDGER
from allocator.ledger import RESTORE, is_ledger, ledger_faults, moving_rows
from allocator.numbers import parse_number
from allocator.scenario import Scenario
from allocator.text import Text

COLUMNS = ("code", "stream", "use", "amount")
OPTIONAL = ("county", "prefecture")


def read_committed(
    table: Table, scenario: Scenario, counties: Counties
) -> tuple[dict[tuple[int, str, str], Fraction], list[Fault]]:
    """Amount by county position, stream and use; every row must match something.

    In a plain table a county, stream and use stands once; rows of a ledger add up, and its chain must be
    sound; reallocations in it take money back, but no more than is there.
    """
    ledger = is_ledger(table)
    faults = _unknown_columns(table, LEDGER if ledger else COLUMNS + OPTIONAL)
    if ledger:
        faults += ledger_faults(table, scenario)
    moving = moving_rows(table) if set(LEDGER) <= set(table.columns) else frozenset()
    found: dict[tuple[int, str, str], Fraction] = {}
    rows: dict[tuple[str, str, str], int] = {}
    for record in table.records:
        cells = record.cells
        own = _names(table, record, scenario, counties)
        number = parse_number(cells["amount"])
        if number is None or (number < 0 and record.row not in moving):
            own.append(_no_amount(table, record))
        key = (cells["code"], cells["stream"], cells["use"])
        if key in rows and not ledger:
            own.append(_twice(table, record, rows[key]))
        rows.setdefault(key, record.row)
        if own or number is None:
            faults += own
        elif number:
            cell = counties.index[key[0]], key[1], key[2]
            found[cell] = found.get(cell, Fraction(0)) + Fraction(number)
            if found[cell] < 0:
                faults.append(_too_much(table, record))
    return {cell: amount for cell, amount in found.items() if amount}, faults


def _unknown_columns(table: Table, allowed: Sequence[str]) -> list[Fault]:
    return [
        fault(
            table.place(column=c),
            "未知的列",
            "unknown column",
            f"可用的列：{'、'.join(allowed)}",
            f"columns: {', '.join(allowed)}",
        )
        for c in table.columns
        if c not in allowed
    ]


def _no_amount(table: Table, record: Record) -> Fault:
    said = shorten(record.cells["amount"])
    return Fault(
        table.place(record, "amount", record.cells["code"]),
        Text(f"需要不小于 0 的数，现为 {said}", f"a number of at least 0 is needed, got {said}"),
        Text("请更正", "correct it"),
    )


def _too_much(table: Table, record: Record) -> Fault:
    return Fault(
        table.place(record, "amount", record.cells["code"]),
        Text("收回的钱比此前记入的多", "more is taken back than was entered before"),
        RESTORE,
    )


def _twice(table: Table, record: Record, first: int) -> Fault:
    return Fault(
        table.place(record, county=record.cells["code"]),
        Text(
            f"该旗县、资金、用途重复，前一个在第 {first} 行",
            f"this county, stream and use stand twice, first in row {first}",
        ),
        Text("请合并为一行", "merge them into one row"),
    )


def _names(table: Table, record: Record, scenario: Scenario, counties: Counties) -> list[Fault]:
    faults = []
    known: Mapping[str, tuple[list[str], str]] = {
        "code": (list(counties.codes), "县表中没有这个代码"),
        "stream": (list(scenario.streams), "方案中没有这个资金"),
        "use": (list(scenario.uses), "方案中没有这个用途"),
    }
    for column, (names, zh) in known.items():
        value = record.cells[column]
        if value not in names:
            near = get_close_matches(value, names, 3, 0.6)
            faults.append(
                Fault(
                    table.place(record, column, record.cells["code"] if column != "code" else ""),
                    Text(f"{zh}：{shorten(value)}", f"the scenario has no such {column}: {shorten(value)}"),
                    Text(f"相近的有：{'、'.join(near)}", f"close to: {', '.join(near)}")
                    if near
                    else Text("请更正", "correct it"),
                )
            )
    i = counties.index.get(record.cells["code"])
    name = record.cells.get("county", "")
    if i is not None and name and name != counties.names[i]:
        faults.append(
            Fault(
                table.place(record, "county", record.cells["code"]),
                Text(
                    f"名称与县表不符：{shorten(name)}，县表为 {counties.names[i]}",
                    f"the name differs from the county table: {shorten(name)}, there {counties.names[i]}",
                ),
                Text("请检查代码是否写错", "check whether the code is wrong"),
            )
        )
    return faults
