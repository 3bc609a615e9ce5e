"""Proves an answer optimal from its own primal and dual values: believe this, not the status.

For min c·x + ½ x'Qx, rows r with duals y, reduced costs z = c + Qx − A'y: x is optimal if it
violates nothing (primal residual), no dual or reduced cost points the wrong way for the bound
it belongs to (dual residual), and cost equals the dual bound (gap).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.program import LinearProgram, Vector
from solvers.solution import Solution


@dataclass(frozen=True, slots=True)
class Certificate:
    """Residuals of one solved program, each relative to the size of its data."""

    primal: float
    """Largest violation of a row or bound."""
    dual: float
    """Largest dual or reduced cost that points the wrong way."""
    gap: float
    """|cost − dual bound|."""

    @property
    def worst(self) -> float:
        """The largest of the three."""
        return max(self.primal, self.dual, self.gap)


def reduced_costs(program: LinearProgram, solution: Solution) -> Vector:
    """z = c + Qx − A'y, (n)."""
    gradient = program.cost
    if program.curvature is not None:
        gradient = gradient + program.curvature * solution.values
    matrix = program.matrix
    # a product with the transpose, without building it
    pulls = matrix.data * np.repeat(solution.duals, np.diff(matrix.indptr))
    return np.asarray(gradient - np.bincount(matrix.indices, pulls, program.columns), dtype=np.float64)


def certify(program: LinearProgram, solution: Solution) -> Certificate:
    """The certificate of a continuous program's solution."""
    x, y, z = solution.values, solution.duals, reduced_costs(program, solution)
    finite = np.abs(np.concatenate([program.row_lower, program.row_upper, program.lower, program.upper]))
    size = 1.0 + float(finite[np.isfinite(finite)].max(initial=0.0))
    wrong, bound = 0.0, 0.0
    for lower, upper, price in (
        (program.row_lower, program.row_upper, y),
        (program.lower, program.upper, z),
    ):
        at = np.where(price > 0, lower, upper)
        impossible = ~np.isfinite(at)
        wrong = max(wrong, float(np.abs(price[impossible]).max(initial=0.0)))
        bound += float((price[~impossible] * at[~impossible]).sum())
    if program.curvature is not None:
        bound -= 0.5 * float((program.curvature * x * x).sum())
    cost = float(program.cost @ x)
    if program.curvature is not None:
        cost += 0.5 * float((program.curvature * x * x).sum())
    prices = 1.0 + float(np.abs(program.cost).max(initial=0.0))
    return Certificate(program.residual(x) / size, wrong / prices, abs(cost - bound) / (1.0 + abs(cost)))
