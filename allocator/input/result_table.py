"""Reads a finished table, ours or one that a meeting edited, back onto the cube.

Two layouts are read, from CSV or from a spreadsheet:

- long, the result format: columns code, stream, use, amount (others are ignored, but a
  county's name must fit its code);
- pivot, the sheet 分配表: columns code and stream.use. Rows of totals are skipped.

A workbook of ours holds both; where they differ, the column `solved` of the long one tells
which was edited. Whether amounts are whole, or negative, is for the verdict.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from allocator.faults import BadInput, Fault, Place
from allocator.input.result_grid import Grid, read_grids
from allocator.input.result_layout import HEAD_ROWS, LONG_SHEET, PIVOT_SHEETS, SOLVED, TOTALS, cell_keys
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.text import Text
from allocator.verdict import Amounts

Cell = tuple[int, int, int]
"""(county, stream, use)."""


@dataclass(frozen=True)
class ResultTable:
    """A table read back."""

    amounts: Amounts
    """(n, S, U): exact Fractions, in steps."""
    notices: tuple[Text, ...]


@dataclass
class _Reading:
    """One sheet as it is read."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    amounts: dict[Cell, Fraction] = field(default_factory=dict)
    solved: dict[Cell, Fraction] = field(default_factory=dict)
    lines: dict[Cell, int] = field(default_factory=dict)
    counties: set[int] = field(default_factory=set)

    def fault(self, line: int, what: Text, fix: Text, county: str = "", column: str = "") -> None:
        self.faults.append(Fault(Place(self.file, line, county=county, column=column), what, fix))

    def put(self, cell: Cell, amount: Fraction, line: int, county: str, column: str = "") -> None:
        if cell in self.lines:
            self.fault(
                line,
                Text(f"与第 {self.lines[cell]} 行重复", f"repeats row {self.lines[cell]}"),
                Text("请删去其中一处", "delete one of them"),
                county,
                column,
            )
        self.lines[cell], self.amounts[cell] = line, amount


def read_result(path: Path, loaded: Loaded) -> ResultTable:
    """Amounts of this run's money; raises BadInput with every fault of the table."""
    readings = [_read(path, grid, loaded) for grid in _chosen(path, read_grids(path))]
    faults = [fault for reading in readings for fault in reading.faults]
    if not faults and len(readings) > 1:
        faults = _merge(path, readings[0], readings[1], loaded)
    if faults:
        raise BadInput(faults)
    amounts = np.full(loaded.problem.shape, Fraction(0), dtype=object)
    for cell, amount in readings[0].amounts.items():
        amounts[cell] = amount / loaded.problem.step
    return ResultTable(amounts, _absent(readings[0].counties, loaded))


def _chosen(path: Path, grids: list[Grid]) -> list[Grid]:
    """The one or two sheets that hold the table, the long one first."""
    if len(grids) == 1:
        return grids
    by_name = {grid.sheet.strip(): grid for grid in grids}
    wanted = [by_name[name] for name in (LONG_SHEET, *PIVOT_SHEETS.values()) if name in by_name]
    if not wanted:
        names = "、".join(PIVOT_SHEETS.values())
        raise BadInput(
            [
                Fault(
                    Place(str(path)),
                    Text(
                        f"没有名为 {LONG_SHEET} 或 {names} 的工作表",
                        f"no sheet named {LONG_SHEET} or {', '.join(PIVOT_SHEETS.values())}",
                    ),
                    Text("请把分配表的工作表改回这个名字", "give the sheet with the table that name"),
                )
            ]
        )
    return wanted[:2]


def _read(path: Path, grid: Grid, loaded: Loaded) -> _Reading:
    reading = _Reading(f"{path}[{grid.sheet}]" if grid.sheet else str(path))
    keys = {key: pair for pair, key in cell_keys(loaded.problem).items()}
    for k, cells in enumerate(grid.rows[:HEAD_ROWS]):
        header = [_said(cell).lower() if _said(cell).lower() in _OURS else _said(cell) for cell in cells]
        if "code" in header and {"stream", "use", "amount"} <= set(header):
            _long(reading, grid, k, header, loaded)
            return reading
        if "code" in header and any(name in keys for name in header):
            _pivot(reading, grid, k, header, loaded, keys)
            return reading
    first = next((row for row in grid.rows if any(_said(c) for c in row)), ())
    missing = sorted({"code", "stream", "use", "amount"} - {_said(c).lower() for c in first})
    reading.fault(
        1,
        Text(f"缺少列：{'、'.join(missing)}", f"columns are missing: {', '.join(missing)}"),
        Text(
            "表头需要 code, stream, use, amount（与 allocation.csv 相同）",
            "the header needs code, stream, use, amount, as in allocation.csv",
        ),
    )
    return reading


_OURS = {"code", "county", "stream", "use", "amount", SOLVED}


def _long(reading: _Reading, grid: Grid, head: int, header: list[str], loaded: Loaded) -> None:
    streams, uses = loaded.problem.stream_names, loaded.problem.use_names
    at = {name: header.index(name) for name in _OURS if name in header}
    reading.faults.extend(_twice(reading, header, head, _OURS))
    for line, row, county, label in _counties(reading, grid, head, at, loaded, [at["amount"]]):
        stream, use = _said(row[at["stream"]]), _said(row[at["use"]])
        amount = _amount(reading, line, row[at["amount"]], label, "amount")
        for name, known, column in ((stream, streams, "stream"), (use, uses, "use")):
            if name not in known:
                reading.fault(
                    line,
                    Text(f"方案中没有“{name}”", f"the scenario has no '{name}'"),
                    Text(f"可用：{'、'.join(known)}", f"there are: {', '.join(known)}"),
                    label,
                    column,
                )
        if stream in streams and use in uses and amount is not None:
            cell = (county, streams.index(stream), uses.index(use))
            reading.put(cell, amount, line, label)
            if (
                SOLVED in at
                and (solved := _amount(reading, line, row[at[SOLVED]], label, SOLVED)) is not None
            ):
                reading.solved[cell] = solved


def _pivot(
    reading: _Reading,
    grid: Grid,
    head: int,
    header: list[str],
    loaded: Loaded,
    keys: Mapping[str, tuple[int, int]],
) -> None:
    at: dict[str, int] = {name: header.index(name) for name in ("code", "county") if name in header}
    columns = {place: name for place, name in enumerate(header) if name in keys}
    reading.faults.extend(_twice(reading, header, head, {*keys, "code"}))
    for line, row, county, label in _counties(reading, grid, head, at, loaded, list(columns)):
        for place, name in columns.items():
            amount = _amount(reading, line, row[place], label, name)
            if amount is not None:
                reading.put((county, *keys[name]), amount, line, label, name)


def _twice(reading: _Reading, header: list[str], head: int, names: set[str]) -> Iterator[Fault]:
    for name in sorted(n for n in names if header.count(n) > 1):
        yield Fault(
            Place(reading.file, head + 1, column=name),
            Text("列重复", "the column stands twice"),
            Text("请删去其中一列", "delete one"),
        )


def _counties(
    reading: _Reading, grid: Grid, head: int, at: Mapping[str, int], loaded: Loaded, money: list[int]
) -> Iterator[tuple[int, list[object], int, str]]:
    """Rows of a county the scenario knows, with line, position and label; the rest is a fault or a total."""
    known = loaded.counties
    for k, cells in enumerate(grid.rows[head + 1 :], start=head + 2):
        row = [*cells, *[""] * (max([*at.values(), *money]) + 1 - len(cells))]
        code = _said(row[at["code"]])
        total = any(_said(c).lower() in TOTALS for c in row) and code not in known.index
        if total or (not code and not any(_said(row[m]) for m in money)):
            continue
        if not code:
            reading.fault(
                k,
                Text("有金额但没有区划代码", "an amount without a county code"),
                Text(
                    "请补上代码；合计行请写明“合计”或“小计”",
                    "add the code; mark rows of totals as total or subtotal",
                ),
                column="code",
            )
            continue
        if code not in known.index:
            reading.fault(
                k,
                Text(f"方案中没有代码 {code}", f"the scenario has no code {code}"),
                Text("请核对代码", "check the code"),
                column="code",
            )
            continue
        county = known.index[code]
        name = _said(row[at["county"]]) if "county" in at else ""
        if name and name != _said(known.names[county]):
            reading.fault(
                k,
                Text(
                    f"名称“{name}”与代码不符，方案中是“{known.names[county]}”",
                    f"'{name}' does not fit the code, which is '{known.names[county]}'",
                ),
                Text("请核对是否错行", "check whether rows were shifted"),
                known.label(county),
                "county",
            )
            continue
        reading.counties.add(county)
        yield k, row, county, known.label(county)


def _said(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()


def _amount(reading: _Reading, line: int, cell: object, county: str, column: str) -> Fraction | None:
    """An exact amount; a spreadsheet's float as the 15 digits that it shows; a blank is zero."""
    if isinstance(cell, float) and math.isfinite(cell):
        return Fraction(Decimal(f"{cell:.15g}"))
    text = _said(cell)
    if not text:
        return Fraction(0)
    if (number := parse_number(text)) is not None:
        return Fraction(number)
    reading.fault(
        line,
        Text(f"“{text[:40]}”不是数字", f"'{text[:40]}' is no number"),
        Text("请填写数字", "enter a number"),
        county,
        column,
    )
    return None


def _merge(path: Path, long: _Reading, pivot: _Reading, loaded: Loaded) -> list[Fault]:
    """Takes each cell from the sheet that was edited, into `long`; faults where that cannot be told."""
    faults = []
    keys = cell_keys(loaded.problem)
    for cell in sorted(long.amounts.keys() | pivot.amounts.keys()):
        one, other = long.amounts.get(cell, Fraction(0)), pivot.amounts.get(cell, Fraction(0))
        solved = long.solved.get(cell, Fraction(0)) if long.solved else None
        if other in (one, solved):
            continue
        if one == solved:
            long.amounts[cell] = other
            continue
        shown = f"{float(one):.15g} ≠ {float(other):.15g}"
        faults.append(
            Fault(
                Place(str(path), county=loaded.counties.label(cell[0]), column=keys[cell[1], cell[2]]),
                Text(f"两张工作表的金额不同（{shown}）", f"the two sheets differ ({shown})"),
                Text("请删去其中一张工作表，或改成一致", "delete one of the sheets, or make them agree"),
            )
        )
    long.counties |= pivot.counties
    return faults


def _absent(present: set[int], loaded: Loaded) -> tuple[Text, ...]:
    """Notices of counties that are due money and stand nowhere in the table."""
    problem = loaded.problem
    due = (problem.open.any(axis=2) & (problem.entitlement > 0)).any(axis=1)
    missing = [i for i in np.flatnonzero(due).tolist() if i not in present]
    return tuple(
        Text(
            f"表中没有 {loaded.counties.label(i)}，按零计",
            f"{loaded.counties.label(i)} is not in the table: taken as zero",
        )
        for i in missing
    )
