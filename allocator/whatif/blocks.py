"""Level 1 as a skeleton of budgets and one block of rows a rule, so that rules can be swapped cheaply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import amount_program
from allocator.expression import LinearRow, Reader
from allocator.problem import Problem
from solvers.program import LinearProgram, Matrix, Vector, above, sparse_rows


@dataclass(frozen=True)
class Block:
    """Rows of a rule over the skeleton's columns: matrix (k, n), bounds (k), senses (k)."""

    matrix: Matrix
    bound: Vector
    senses: tuple[str, ...]

    @property
    def lower(self) -> Vector:
        """(k) lower bounds."""
        return np.where([s == "<=" for s in self.senses], -np.inf, self.bound)

    @property
    def upper(self) -> Vector:
        """(k) upper bounds."""
        return np.where([s == ">=" for s in self.senses], np.inf, self.bound)


class Skeleton:
    """Payments and cells with the budgets; every open cell has a column, so that any rule fits on it."""

    def __init__(self, problem: Problem) -> None:
        first = amount_program(problem, (), keep_rows=True, every_cell=True)
        self.program, self.unit = first.program, first.unit
        n, streams, uses = problem.shape
        reader = Reader(problem)
        self._group = np.full(n * streams, -1, dtype=np.intp)
        self._group[first.groups] = np.arange(len(first.groups))
        self._cell = np.full(n * streams * uses, -1, dtype=np.intp)
        self._cell[first.cells] = len(first.groups) + np.arange(len(first.cells))
        alone = np.flatnonzero(reader.active & (self._cell < 0))
        self._cell[alone] = self._group[alone // uses]
        self.budget_rows = np.array(
            [s for s in range(streams) if (first.groups % streams == s).any()], dtype=np.intp
        )
        """Stream of each of the program's first rows."""

    def block(self, rows: Sequence[LinearRow]) -> Block:
        """The rows over the skeleton's columns, in program units."""
        parts = [self._entries(row) for row in rows]
        bound = np.array([float(row.bound) / self.unit for row in rows], dtype=np.float64)
        matrix = sparse_rows(parts, self.program.columns)
        matrix.sum_duplicates()
        return Block(matrix, bound, tuple(row.row.sense for row in rows))

    def _entries(self, row: LinearRow) -> tuple[NDArray[np.intp], Vector]:
        columns = [self._group[row.groups], self._cell[row.cells]]
        values = [float(c) for c in row.group_coefficients + row.cell_coefficients]
        if row.shared is not None:
            columns += [self._group[row.shared.groups], self._cell[row.shared.cells]]
            values += [-float(row.row.times)] * (len(row.shared.groups) + len(row.shared.cells))
        where, amounts = np.concatenate(columns), np.array(values, dtype=np.float64)
        return where[where >= 0], amounts[where >= 0]

    def with_blocks(self, blocks: Iterable[Block]) -> LinearProgram:
        """The skeleton with rows added, in order."""
        return stacked(self.program, blocks)


def stacked(program: LinearProgram, blocks: Iterable[Block]) -> LinearProgram:
    """A program with rows added at the end."""
    held = [b for b in blocks if len(b.senses)]
    if not held:
        return program
    return replace(
        program,
        matrix=above(program.matrix, *(b.matrix for b in held)),
        row_lower=np.concatenate([program.row_lower, *(b.lower for b in held)]),
        row_upper=np.concatenate([program.row_upper, *(b.upper for b in held)]),
    )
