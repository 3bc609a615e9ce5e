"""The least μ for which a program has a point, where some rows give way linearly in μ.

Row r reads  (base + μ·growth)_r · x ≥ base_bound_r + μ·growth_bound_r.  For a fixed x each row needs
its own μ; the least over x of the largest need is found by Dinkelbach's iteration on generalised
fractions (Crouzeix, Ferland and Schaible 1985): every iterate has a point, and the last ones
converge superlinearly. Where only bounds grow, the second program is already exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from solvers.feasible import feasible_point
from solvers.program import Indices, LinearProgram, Vector, beside, sparse_rows
from solvers.solution import Infeasible, Solver

HELD = 1e-9
"""Violations up to this, in program units, are rounding."""
SAME = 1e-9
"""Relative change of μ below which the iteration has converged."""
STALLED = 1e-7
"""Relative distance below the iteration's end at which it is checked that nothing is there."""
MOST = 40


@dataclass(frozen=True)
class Giving:
    """Rows of a program that give way as μ grows; each has one sense, written as ≥ by `sign`."""

    rows: Indices
    """(k) positions in the program."""
    sign: Vector
    """(k): 1 for ≥, −1 for ≤."""
    growth: csr_array
    """(k, n): change of the row's coefficients by μ."""
    growth_bound: Vector
    """(k): change of the row's bound by μ."""

    def slope(self, x: Vector) -> Vector:
        """(k): by how much each row eases, at x, as μ grows by one."""
        return np.asarray(self.sign * (self.growth @ x - self.growth_bound), dtype=np.float64)


def nearest(program: LinearProgram, giving: Giving, most: float, solver: Solver) -> float | None:
    """The least μ in [0, most] for which the program has a point; None where there is none."""
    x = feasible_point(at(program, giving, most), solver)
    if x is None:
        return None
    mu = _descended(program, giving, min(most, _needed(program, giving, x)), x, solver)
    if mu <= 0 or feasible_point(at(program, giving, mu * (1 - STALLED)), solver) is None:
        return mu
    # a row that holds at no money only has no slope there, which stops the iteration too early
    low, high = 0.0, mu
    while high - low > STALLED * mu:
        middle = (low + high) / 2
        low, high = (
            (low, middle)
            if feasible_point(at(program, giving, middle), solver) is not None
            else (middle, high)
        )
    return high


def _descended(program: LinearProgram, giving: Giving, mu: float, x: Vector, solver: Solver) -> float:
    """Dinkelbach's iteration from a point of the program at μ."""
    for _ in range(MOST):
        if mu <= 0:
            return 0.0
        lower = _step(program, giving, mu, x, solver)
        if lower is None:
            return mu
        x = lower
        better = _needed(program, giving, x)
        if better >= mu * (1 - SAME):
            return min(mu, better)
        mu = better
    return mu


def at(program: LinearProgram, giving: Giving, mu: float) -> LinearProgram:
    """The program for one value of μ."""
    if not len(giving.rows):
        return program
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[giving.rows] += mu * giving.growth_bound
    upper[giving.rows] += mu * giving.growth_bound
    return replace(
        program,
        matrix=csr_array(program.matrix + mu * _spread(program, giving)),
        row_lower=lower,
        row_upper=upper,
    )


def _spread(program: LinearProgram, giving: Giving) -> csr_array:
    """The growth as a matrix of the program's shape."""
    entries = giving.growth.tocoo()
    return csr_array(
        (entries.data, (giving.rows[entries.row], entries.col)), shape=(program.rows, program.columns)
    )


def _surplus(program: LinearProgram, giving: Giving, x: Vector) -> Vector:
    """(k): by how much each giving row holds at x for μ = 0; negative where it does not."""
    bound = np.where(giving.sign > 0, program.row_lower[giving.rows], program.row_upper[giving.rows])
    return np.asarray(giving.sign * (program.matrix[giving.rows] @ x - bound), dtype=np.float64)


def _needed(program: LinearProgram, giving: Giving, x: Vector) -> float:
    """The least μ at which all giving rows hold at x."""
    surplus, slope = _surplus(program, giving, x), giving.slope(x)
    short = surplus < -HELD
    if not short.any():
        return 0.0
    with np.errstate(divide="ignore"):
        return float((-surplus[short] / np.maximum(slope[short], 0.0)).max())


def _step(program: LinearProgram, giving: Giving, mu: float, x: Vector, solver: Solver) -> Vector | None:
    """The point at which the rows at μ have the most to spare, each by its own slope."""
    now = at(program, giving, mu)
    slope = np.maximum(giving.slope(x), 0.0) * giving.sign
    column = np.zeros(program.rows)
    column[giving.rows] = slope
    spare = sparse_rows([([0], [v]) if v else ([], []) for v in column.tolist()], 1)
    try:
        whole = replace(
            now,
            matrix=beside(now.matrix, spare),
            lower=np.append(now.lower, -mu),
            upper=np.append(now.upper, np.inf),
            cost=np.append(np.zeros(now.columns), 1.0),
        )
        return solver.solve(whole).values[: program.columns]
    except Infeasible:
        return None
