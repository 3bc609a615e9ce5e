"""One stage of controlled rounding as an integer program over offsets from the floor.

Columns are nodes of the tree county → payment → cell, each as an offset from its floor, so that
the numbers the solver sees are small. A node's own cost is its |change| in whole grid units; ties
go by a published perturbation: rank in code order, worth less than one grid unit in all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from solvers.program import LinearProgram, Vector, sparse_rows
from solvers.solution import Infeasible, NotOptimal, Solver

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Nodes:
    """Values of one layer of the tree in grid units: floor in steps, and what is beyond it."""

    floor: Whole
    beyond: Whole
    """0 … grid − 1 grid units above the floor."""
    grid: int
    """Grid units in a step."""

    @property
    def ceiling(self) -> Whole:
        """Least whole number of steps not below the value."""
        return self.floor + (self.beyond > 0)


def nodes(steps: NDArray[np.float64], grid: int) -> Nodes:
    """Values in steps, snapped to the grid."""
    units = np.rint(steps.ravel() * grid).astype(np.int64)
    return Nodes(units // grid, units % grid, grid)


@dataclass
class Stage:
    """Collects nodes, links and rows of one integer program, then solves it."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    _rows: list[tuple[list[int], list[float], float, float]] = field(default_factory=list)
    _parts: list[tuple[int, ...]] = field(default_factory=list)

    def column(self, low: float, high: float, cost: float = 0.0, integer: bool = False) -> int:
        """A plain column."""
        self.lower.append(low)
        self.upper.append(high)
        self.cost.append(cost)
        self.integer.append(integer)
        return len(self.lower) - 1

    def node(self, layer: Nodes, k: int, width: int, rank: int | None) -> tuple[int, ...]:
        """A node's columns: the step from floor to ceiling, then `width` more each way.

        `rank` None makes it a continuous look-ahead without cost.
        """
        fraction = int(layer.beyond[k])
        own = rank is not None
        price = float((layer.grid - 2 * fraction) * RANKS + (rank or 0)) if own else 0.0
        beyond = float(layer.grid * RANKS) if own else 0.0
        columns = [self.column(0.0, float(fraction > 0), price, own)]
        # a second step costs more than the first, so that equal counties share the burden
        room = int(layer.floor[k])  # nothing falls below zero
        for most, price in ((min(width, 1), beyond), (width - 1, 3 * beyond)):
            if most > 0:
                columns.append(self.column(0.0, float(most), price + (rank or 0), own))
                columns.append(self.column(-float(min(most, room)), 0.0, -price - (rank or 0), own))
                room -= min(most, room)
        return tuple(columns)

    def row(self, columns: list[int], values: list[float], low: float, high: float) -> None:
        """low ≤ Σ values · columns ≤ high."""
        self._rows.append((columns, values, low, high))

    def solve(self, solver: Solver) -> Whole | None:
        """Whole offsets of all columns (continuous ones rounded down), None where infeasible."""
        columns = len(self.lower)
        if not columns:
            holds = all(low <= 0 <= high for *_, low, high in self._rows)
            return np.empty(0, dtype=np.int64) if holds else None
        cost, whole = np.array(self.cost), np.array(self.integer, dtype=np.bool_)
        program = LinearProgram(
            matrix=sparse_rows([(c, v) for c, v, *_ in self._rows], columns),
            row_lower=np.array([low for *_, low, _ in self._rows], dtype=np.float64),
            row_upper=np.array([high for *_, high in self._rows], dtype=np.float64),
            lower=np.array(self.lower),
            upper=np.array(self.upper),
            cost=cost * (COST_SCALE / max(1.0, float(np.abs(cost).max(initial=0.0)))),
            integer=whole,
        )
        values = _point(program, solver)
        if values is None:
            return None
        return np.rint(np.where(whole, values, np.floor(values + 1e-6))).astype(np.int64)


def _point(program: LinearProgram, solver: Solver) -> Vector | None:
    """The optimum, or where the search ends without a point, any point; None where there is none."""
    for tried in (program, replace(program, cost=np.zeros(program.columns))):
        try:
            return solver.solve(tried).values
        except Infeasible:
            return None
        except NotOptimal:
            continue
    return None


RANKS = 4096
"""A rank in code order is worth less than 1/RANKS of a grid unit."""
COST_SCALE = 1e4
"""Largest cost the solver sees: large against its tolerance, small against double precision."""
