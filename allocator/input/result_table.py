"""Reads a finished table, ours or one that a meeting edited, back onto the cube.

Two layouts are read, from CSV or from a spreadsheet:

- long, the result format: columns code, stream, use, amount (others are ignored, but a
  county's name must fit its code);
- pivot, the sheet 分配表: columns code and stream.use. Rows of totals are skipped, once they add up.

A workbook of ours holds both; where they differ, the column `solved` of the long one tells
which was edited. Whether amounts are whole, or negative, is for the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from allocator.faults import BadInput, Fault, Place
from allocator.input.result_grid import Grid, read_grids
from allocator.input.result_layout import HEAD_ROWS, LONG_SHEET, PIVOT_SHEETS, SOLVED, cell_keys
from allocator.input.result_pivot import is_pivot, other_scenario, read_pivot
from allocator.input.result_reading import Reading, county_rows, said
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.verdict import Amounts


@dataclass(frozen=True)
class ResultTable:
    """A table read back."""

    amounts: Amounts
    """(n, S, U): exact Fractions, in steps."""
    notices: tuple[Text, ...]


def read_result(path: Path, loaded: Loaded) -> ResultTable:
    """Amounts of this run's money; raises BadInput with every fault of the table."""
    grids = read_grids(path, (LONG_SHEET, *PIVOT_SHEETS.values()))
    readings = [_read(path, grid, loaded) for grid in grids]
    faults = [fault for reading in readings for fault in reading.faults]
    if not faults and len(readings) > 1:
        faults = _merge(path, readings[0], readings[1], loaded)
    if faults:
        raise BadInput(faults)
    amounts = np.full(loaded.problem.shape, Fraction(0), dtype=object)
    for cell, amount in readings[0].amounts.items():
        amounts[cell] = amount / loaded.problem.step
    columns = (notice for reading in readings for notice in reading.notices)
    return ResultTable(amounts, (*columns, *_absent(readings[0].counties, loaded)))


def _read(path: Path, grid: Grid, loaded: Loaded) -> Reading:
    reading = Reading(f"{path}[{grid.sheet}]" if grid.sheet else str(path))
    headers = [_header(cells) for cells in grid.rows[:HEAD_ROWS]]
    for k, header in enumerate(headers):
        if set(header) >= LONG:
            _long(reading, grid, k, header, loaded)
            return reading
        if is_pivot(header, loaded):
            read_pivot(reading, grid, k, header, loaded)
            return reading
    strange = (other_scenario(h, reading.file, k + 1, loaded) for k, h in enumerate(headers))
    reading.faults.append(next((fault for fault in strange if fault), None) or _no_header(reading, grid))
    return reading


def _header(cells: Sequence[object]) -> list[str]:
    names = [said(cell) for cell in cells]
    return [name.lower() if name.lower() in _OURS else name for name in names]


def _no_header(reading: Reading, grid: Grid) -> Fault:
    first = next((row for row in grid.rows if any(said(c) for c in row)), ())
    missing = sorted(LONG - {said(c).lower() for c in first})
    return Fault(
        Place(reading.file, 1),
        Text(f"缺少列：{'、'.join(missing)}", f"columns are missing: {', '.join(missing)}"),
        Text(
            "表头需要 code, stream, use, amount（与 allocation.csv 相同）",
            "the header needs code, stream, use, amount, as in allocation.csv",
        ),
    )


LONG = {"code", "stream", "use", "amount"}
_OURS = LONG | {"county", "prefecture", SOLVED}


def _long(reading: Reading, grid: Grid, head: int, header: list[str], loaded: Loaded) -> None:
    streams, uses = loaded.problem.stream_names, loaded.problem.use_names
    at = {name: header.index(name) for name in _OURS if name in header}
    reading.twice(header, head, _OURS - {"prefecture"})
    for line, row, county, label in county_rows(reading, grid, head, at, loaded, [at["amount"]]):
        stream, use = said(row[at["stream"]]), said(row[at["use"]])
        amount = reading.amount(line, row[at["amount"]], label, "amount")
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
            solved = reading.amount(line, row[at[SOLVED]], label, SOLVED) if SOLVED in at else None
            if solved is not None:
                reading.solved[cell] = solved


def _merge(path: Path, long: Reading, pivot: Reading, loaded: Loaded) -> list[Fault]:
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
    # the pivot holds every county, the long sheet those with money: a row gone from it is zero
    long.counties = pivot.counties
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
