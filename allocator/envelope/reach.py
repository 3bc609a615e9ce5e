"""How far one county's amount of this batch may go, the others getting what is planned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocator.envelope.program import SafetyProgram
from solvers.choose import make_solver
from solvers.conflict import elastic_rows
from solvers.program import LinearProgram, Vector
from solvers.solution import Basis, Infeasible, Solution, Solver

PRICED = 1e-9
"""Least dual that counts as one."""
NEAR = 1e-7
"""Program units by which a bound may miss the plan and still take it in."""

Rows = tuple[int, ...]
"""Positions of rules' rows in the program."""


@dataclass(frozen=True)
class Reach:
    """By county with a plan: bounds in program units, and the rules' rows that stop it there."""

    low: Vector
    high: Vector
    low_rows: tuple[Rows, ...]
    high_rows: tuple[Rows, ...]
    low_corner: NDArray[np.intp]
    high_corner: NDArray[np.intp]


def reach(safety: SafetyProgram) -> Reach:
    """Least and largest safe amount of each county; raises Infeasible where the plan itself is not safe.

    At every corner one program a side, started from the last basis: a county's bound is the tightest of all
    corners. A county leaves its plan only with the margin for rounding its own uses; where that leaves
    the plan no room, the plan is its only safe amount.
    """
    count = len(safety.counties)
    solver = make_solver("highs")
    low, high = np.zeros(count), np.full(count, np.inf)
    low_rows: list[Rows] = [()] * count
    high_rows: list[Rows] = [()] * count
    low_corner, high_corner = np.zeros(count, dtype=np.intp), np.zeros(count, dtype=np.intp)
    for k in range(len(safety.corners)):
        base = safety.at(k)
        basis = _solved(base, solver).basis
        for p in range(count):
            for sign in (-1, 1):
                value, rows = _end(safety, base, p, sign, (solver, basis))
                if sign > 0 and value < high[p]:
                    high[p], high_rows[p], high_corner[p] = value, rows, k
                elif sign < 0 and value > low[p]:
                    low[p], low_rows[p], low_corner[p] = value, rows, k
    pinned = (low > safety.plan + NEAR) | (high < safety.plan - NEAR)
    low[pinned] = high[pinned] = safety.plan[pinned]
    for p in np.flatnonzero(pinned).tolist():
        low_rows[p] = high_rows[p] = _in_the_way(safety, p, solver)
    return Reach(low, high, tuple(low_rows), tuple(high_rows), low_corner, high_corner)


def _end(
    safety: SafetyProgram, base: LinearProgram, p: int, sign: int, by: tuple[Solver, Basis | None]
) -> tuple[float, Rows]:
    """The least (sign −1) or largest amount of county p at one corner, and the rules' rows that stop it."""
    y = base.columns - len(safety.counties) + p
    first = base.rows - len(safety.rows)
    cost, lower, upper = base.cost.copy(), base.lower.copy(), base.upper.copy()
    cost[y], lower[y], upper[y] = -sign, 0.0, float(safety.plan.sum())
    least = base.row_lower.copy()
    least[first:] += safety.own_margins[:, p]
    try:
        found = _solved(replace(base, cost=cost, lower=lower, upper=upper, row_lower=least), *by)
    except Infeasible:
        return -sign * np.inf, ()
    rows = np.flatnonzero(np.abs(found.duals[first:]) > PRICED)
    return float(found.values[y]), tuple(rows.tolist())


def _in_the_way(safety: SafetyProgram, p: int, solver: Solver) -> Rows:
    """Rules' rows that have no room for rounding the county's uses."""
    found: set[int] = set()
    for k in range(len(safety.corners)):
        base = safety.at(k)
        first = base.rows - len(safety.rows)
        least = base.row_lower.copy()
        least[first:] += safety.own_margins[:, p]
        elastic = elastic_rows(replace(base, row_lower=least), np.arange(first, base.rows))
        slack = solver.solve(elastic).values[base.columns :].reshape(2, -1).sum(axis=0)
        found.update(np.flatnonzero(slack > NEAR).tolist())
    return tuple(sorted(found))


def _solved(program: LinearProgram, solver: Solver, start: Basis | None = None) -> Solution:
    """The optimum; an empty answer of a warm start is asked again cold."""
    if start is not None:
        try:
            return solver.solve(program, start)
        except Infeasible:
            pass
    return solver.solve(program)
