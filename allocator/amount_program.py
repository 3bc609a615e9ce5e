"""Level 1 as a program: who gets how much.

Columns are the payments X_is and those cells that a rule tells apart within a payment; the rest
of a payment is its slack. Rows are the budgets, the payments' parts, and the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from allocator.expression import LinearRow, Parts, Reader
from allocator.problem import Problem
from allocator.program_builder import Impossible, ProgramBuilder, RowPlace
from allocator.rows import Row
from solvers.leximin_round import Departures
from solvers.program import LinearProgram


@dataclass(frozen=True)
class AmountProgram:
    """The program of level 1, its departures, and the way back to groups, cells and rules."""

    program: LinearProgram
    departures: Departures
    unit: float
    """Amounts in the program are amounts divided by this (a power of two)."""
    groups: NDArray[np.intp]
    """Group (county × stream, flat) of departure k and of column k."""
    cells: NDArray[np.intp]
    """Flat cells that have a column of their own: columns K, K+1, …"""
    linear: tuple[LinearRow, ...]
    """All rule rows that ask for something."""
    places: tuple[RowPlace, ...]
    impossible: tuple[Impossible, ...]
    crossed: tuple[int, ...]
    """Columns whose bounds cross."""
    wide: tuple[str, ...]
    """Rules with coefficients too far apart for floats."""

    def payments(self, problem: Problem, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, S): X in the scenario's unit at a point of the program."""
        paid = np.zeros(problem.shape[0] * problem.shape[1])
        paid[self.groups] = np.maximum(x[: len(self.groups)], 0.0) * self.unit
        return paid.reshape(problem.shape[:2])


def linear_rows(
    problem: Problem, rules: Mapping[str, Sequence[Row]], parts: dict[bytes, Parts] | None = None
) -> tuple[LinearRow, ...]:
    """Every row that is not vacuous, over groups and cells; `parts` as a `Reader` takes them."""
    reader = Reader(problem, parts)
    found = []
    for rule, rows in rules.items():
        uses: dict[int, int] = {}
        for row in rows:
            uses[id(row.right)] = uses.get(id(row.right), 0) + 1
        for number, row in enumerate(rows):
            if row.vacuous is None:
                found.append(reader.linear(rule, number, row, share=uses[id(row.right)] > 1))
    return tuple(found)


def amount_program(
    problem: Problem, linear: tuple[LinearRow, ...], keep_rows: bool = False, every_cell: bool = False
) -> AmountProgram:
    """The program of level 1; `keep_rows` leaves rows of one column as rows instead of bounds.

    `every_cell` gives every open cell a column, whether a row names it or not.
    """
    n, streams, uses = problem.shape
    reader = Reader(problem)
    entitlement = problem.entitlement.ravel()
    groups = np.flatnonzero(reader.paid.ravel())
    unit = _power_of_two(float(entitlement[groups].mean()) if len(groups) else 1.0)
    group_column = np.full(n * streams, -1, dtype=np.intp)
    group_column[groups] = np.arange(len(groups))
    named = np.flatnonzero(reader.active) if every_cell else _told_apart(linear, reader)
    cell_column = np.full(n * streams * uses, -1, dtype=np.intp)
    single = reader.open_count[named // uses] == 1
    cell_column[named[single]] = group_column[named[single] // uses]
    cells = named[~single]
    cell_column[cells] = len(groups) + np.arange(len(cells))
    builder = ProgramBuilder(unit, group_column, cell_column, len(groups) + len(cells), keep_rows)
    names = _add_budgets(problem, builder, groups) + _add_parts(problem, reader, builder, cells)
    for row in linear:
        builder.add_rule_row(row)
    crossed = builder.close_bounds()
    labels = {p.program_row: f"{p.rule}.{p.number}" for p in builder.places if p.program_row >= 0}
    column_groups = np.concatenate([groups, cells // uses])
    program = builder.build(
        lambda r: names[r] if r < len(names) else labels.get(r, f"sum.{r}"),
        lambda j: _column_name(problem, j, column_groups, groups, cells),
    )
    targets = entitlement[groups] / unit
    departures = Departures(np.arange(len(groups)), targets, targets)
    return AmountProgram(
        program,
        departures,
        unit,
        groups,
        cells,
        linear,
        tuple(builder.places),
        tuple(builder.impossible),
        tuple(crossed),
        tuple(dict.fromkeys(builder.wide)),
    )


def _power_of_two(value: float) -> float:
    return float(2.0 ** np.round(np.log2(value)))


def _told_apart(linear: tuple[LinearRow, ...], reader: Reader) -> NDArray[np.intp]:
    """Cells that some row names by themselves, ascending."""
    flags = np.zeros(len(reader.active), dtype=np.bool_)
    seen: set[int] = set()
    for row in linear:
        flags[row.cells] = True
        if row.shared is not None and id(row.shared) not in seen:
            seen.add(id(row.shared))
            flags[row.shared.cells] = True
    return np.flatnonzero(flags)


def _add_budgets(problem: Problem, builder: ProgramBuilder, groups: NDArray[np.intp]) -> list[str]:
    streams = problem.shape[1]
    names = []
    for s, name in enumerate(problem.stream_names):
        columns = np.flatnonzero(groups % streams == s)
        if len(columns):
            builder.add(columns, np.ones(len(columns)), "=", float(problem.budgets[s]) / builder.unit)
            names.append(f"budget.{name}")
    return names


def _add_parts(
    problem: Problem,
    reader: Reader,
    builder: ProgramBuilder,
    cells: NDArray[np.intp],
) -> list[str]:
    """Σ of a payment's named cells ≤ X, or = X where every open cell is named."""
    owners = cells // problem.shape[2]
    names = []
    for low, high in runs(owners):
        group = int(owners[low])
        columns = np.append(builder.cell_column[cells[low:high]], builder.group_column[group])
        values = np.append(np.ones(high - low), -1.0)
        complete = high - low == reader.open_count[group]
        builder.add(columns, values, "=" if complete else "<=", 0.0)
        names.append(f"parts.{group_name(problem, group)}")
    return names


def runs(owners: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Start and end of each run of equal values."""
    edges = np.append(np.flatnonzero(np.diff(owners, prepend=-1)), len(owners)).tolist()
    return list(pairwise(edges))


def group_name(problem: Problem, group: int) -> str:
    """code.stream"""
    i, s = divmod(group, problem.shape[1])
    return f"{problem.counties.codes[i]}.{problem.stream_names[s]}"


def _column_name(
    problem: Problem,
    j: int,
    column_groups: NDArray[np.intp],
    groups: NDArray[np.intp],
    cells: NDArray[np.intp],
) -> str:
    if j >= len(column_groups):
        return f"sum.{j - len(column_groups) + 1}"
    name = group_name(problem, int(column_groups[j]))
    use = cells[j - len(groups)] % problem.shape[2] if j >= len(groups) else None
    return f"X.{name}" if use is None else f"x.{name}.{problem.use_names[int(use)]}"
