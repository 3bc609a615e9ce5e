"""Level 2 as a program: for what. With the payments fixed, each stays near its preferred mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import runs
from allocator.expression import LinearRow, Reader
from allocator.problem import Problem
from allocator.program_builder import ProgramBuilder
from solvers.leximin_round import Departures
from solvers.program import LinearProgram

NOTHING = 1e-9
"""Payments below this many program units are nothing at all."""


@dataclass(frozen=True)
class UseProgram:
    """The program of level 2 and the way back to cells."""

    program: LinearProgram
    departures: Departures
    unit: float
    cells: NDArray[np.intp]
    """Flat cell of column k."""
    settled: NDArray[np.float64]
    """Flat cube: what needs no decision, since the payment has one use only."""

    def amounts(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Flat cube of amounts, in the scenario's unit, at a point of the program."""
        found = self.settled.copy()
        found[self.cells] = np.maximum(x[: len(self.cells)], 0.0) * self.unit
        return found


def use_program(
    problem: Problem,
    linear: tuple[LinearRow, ...],
    payments: NDArray[np.float64],
    unit: float,
) -> UseProgram:
    """The program of level 2 for payments X, (n, S), that satisfy the rules."""
    n, streams, uses = problem.shape
    reader = Reader(problem)
    paid = np.where(payments.ravel() > NOTHING * unit, payments.ravel(), 0.0)
    active = np.flatnonzero(reader.active)
    owner = active // uses
    choice = (reader.open_count[owner] > 1) & (paid[owner] > 0)
    cells = active[choice]
    settled = np.zeros(n * streams * uses)
    alone = active[reader.open_count[owner] == 1]
    settled[alone] = paid[alone // uses]
    cell_column = np.full(len(settled), -1, dtype=np.intp)
    cell_column[cells] = np.arange(len(cells))
    builder = ProgramBuilder(unit, np.full(n * streams, -1, dtype=np.intp), cell_column, len(cells))
    owners = cells // uses
    for low, high in runs(owners):
        total = float(paid[owners[low]]) / unit
        builder.add(np.arange(low, high), np.ones(high - low), "=", total)
    sums: dict[int, float] = {}
    for row in linear:
        builder.add_rule_row(row, _settled(row, paid, settled, sums))
    builder.close_bounds()
    program = builder.build("r{}".format, "x{}".format)
    scales = paid[owners] / unit
    departures = Departures(np.arange(len(cells)), problem.mix.ravel()[cells] * scales, scales)
    return UseProgram(program, departures, unit, cells, settled)


def _settled(
    row: LinearRow,
    paid: NDArray[np.float64],
    settled: NDArray[np.float64],
    sums: dict[int, float],
) -> float:
    """What payments and one-use cells contribute to the row's left-hand side."""
    values = np.array([float(c) for c in row.group_coefficients + row.cell_coefficients])
    known = np.concatenate([paid[row.groups], settled[row.cells]])
    total = float(values @ known) if len(values) else 0.0
    if row.shared is not None:
        key = id(row.shared)
        if key not in sums:
            sums[key] = float(paid[row.shared.groups].sum() + settled[row.shared.cells].sum())
        total -= float(row.row.times) * sums[key]
    return total
