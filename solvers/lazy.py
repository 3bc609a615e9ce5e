"""Leximin with few rows: those that shaped neighbouring programs first, others when they are broken.

An optimum of fewer rows that can be completed to a point of all of them is the optimum of all: the
rows left out only take choices away. What the few rows decide is checked against the whole program
by one elastic linear program, whose prices name the rows that were missing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.conflict import elastic_rows
from solvers.levels import Levels
from solvers.leximin import leximin
from solvers.leximin_round import Departures, Freeze
from solvers.program import Flags, Indices, LinearProgram, Vector
from solvers.solution import Basis, Infeasible, NotOptimal, Solver

BROKEN = 1e-8
"""Total violation, in program units, up to which a completion counts as a point."""
PRICED = 1e-9
MOST = 12
"""Times that rows are added before the whole program is solved after all."""


class LazyLeximin:
    """Solves programs of one shape (rows and columns), remembering which rows mattered."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.pool: set[int] = set()
        self._basis: Basis | None = None
        self._first: Basis | None = None

    def learn(self, levels: Levels) -> None:
        """Takes over the rows that shaped an optimum."""
        for freeze in levels.freezes:
            self.pool.update(freeze.rows.tolist())

    def solve(self, program: LinearProgram, departures: Departures) -> Levels:
        """The leximin optimum of the program, as `leximin` gives it; raises what that raises."""
        always = np.flatnonzero(program.row_lower == program.row_upper)
        for _ in range(MOST):
            kept = np.union1d(always, np.array(sorted(self.pool), dtype=np.intp))
            part, columns, position = _restricted(program, departures, kept)
            try:
                own = replace(departures, columns=position[departures.columns])
                found = leximin(part, own, self.solver, start=self._first)
            except Infeasible:
                raise
            except NotOptimal:
                break
            self._first = found.first_basis
            try:
                x, missing = self._completed(program, departures, found, columns)
            except NotOptimal:
                break
            if not len(missing):
                levels = _widened(found, x, kept, columns, program)
                self.learn(levels)
                return levels
            self.pool.update(missing.tolist())
        levels = leximin(program, departures, self.solver)
        self.learn(levels)
        return levels

    def _completed(
        self, program: LinearProgram, departures: Departures, found: Levels, columns: Indices
    ) -> tuple[Vector, Indices]:
        """The whole point with the departures' columns as found, and rows that forbid it."""
        lower, upper = program.lower.copy(), program.upper.copy()
        own = departures.columns
        value = np.full(program.columns, np.nan)
        value[columns] = found.x
        lower[own] = upper[own] = value[own]
        rows = np.arange(program.rows)
        whole = elastic_rows(replace(program, lower=lower, upper=upper), rows)
        solution = self.solver.solve(whole, self._basis)
        self._basis = solution.basis
        if solution.cost <= BROKEN:
            return solution.values[: program.columns], np.empty(0, dtype=np.intp)
        missing = np.flatnonzero(np.abs(solution.duals) > PRICED)
        fresh = np.setdiff1d(missing, np.array(sorted(self.pool), dtype=np.intp))
        if not len(fresh):
            raise NotOptimal("no row explains why the point cannot be completed")
        return solution.values[: program.columns], fresh


def _restricted(
    program: LinearProgram, departures: Departures, kept: Indices
) -> tuple[LinearProgram, Indices, Indices]:
    """The program with some rows and the columns that they or departures name."""
    matrix = program.matrix[kept]
    used = np.zeros(program.columns, dtype=np.bool_)
    used[matrix.indices] = True
    used[departures.columns] = True
    columns = np.flatnonzero(used)
    position = np.full(program.columns, -1, dtype=np.intp)
    position[columns] = np.arange(len(columns))
    part = LinearProgram(
        matrix=matrix[:, columns],
        row_lower=program.row_lower[kept],
        row_upper=program.row_upper[kept],
        lower=program.lower[columns],
        upper=program.upper[columns],
        cost=np.zeros(len(columns)),
    )
    return part, columns, position


def _widened(found: Levels, x: Vector, kept: Indices, columns: Indices, program: LinearProgram) -> Levels:
    """The levels in the whole program's rows and columns."""

    def flags(own: Flags, at: Indices, size: int) -> Flags:
        every = np.zeros(size, dtype=np.bool_)
        every[at] = own
        return every

    def vector(own: Vector, at: Indices, size: int) -> Vector:
        every = np.zeros(size)
        every[at] = own
        return every

    freezes = tuple(
        Freeze(f.level, f.up, f.down, kept[f.rows], f.row_duals, columns[f.columns]) for f in found.freezes
    )
    return Levels(
        x,
        freezes,
        flags(found.fixed, columns, program.columns) | (program.lower == program.upper),
        flags(found.tight_rows, kept, program.rows),
        vector(found.first_duals, kept, program.rows),
        vector(found.first_prices, columns, program.columns),
        found.certificates,
        widened=found.widened,
    )
