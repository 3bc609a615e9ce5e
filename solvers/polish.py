"""Full precision from a few digits: the active set names the equations, one solve gives the rest.

Command-line solvers print some eight digits. Which rows and columns are at their bounds is clear
from those; the primal and the dual values then follow from linear equations.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from solvers.certificate import certify, reduced_costs
from solvers.program import LinearProgram
from solvers.refine import least_norm
from solvers.solution import Solution

NEAR = 1e-6
"""How near a bound counts as at it, and how small a price as none, in relative terms."""
DIGITS = 1e-7
"""How near its bound a row without a price counts as tight, as a share of its terms; and how small
a reduced cost counts as none."""
POLISHED = 1e-10
"""Noise of a solution whose certificate is as small."""


def polish(program: LinearProgram, solution: Solution) -> Solution:
    """The better certified of the solution and its polished form."""
    forms = [solution, *(_primal(program, _dual(program, solution, d), d) for d in (0.0, DIGITS))]
    worst = [certify(program, form).worst for form in forms]
    best = int(np.argmin(np.nan_to_num(worst, nan=np.inf)))
    return replace(forms[best], noise=POLISHED) if worst[best] <= POLISHED else forms[best]


def _dual(program: LinearProgram, solution: Solution, digits: float) -> Solution:
    """Duals of tight rows from the columns that are between their bounds, or nearly without a price."""
    x, y = solution.values, solution.duals
    size = 1.0 + np.abs(x)
    between = (x - program.lower > NEAR * size) & (program.upper - x > NEAR * size)
    reach = np.abs(program.cost) + abs(program.matrix).T @ np.abs(y)
    between |= np.abs(reduced_costs(program, solution)) <= digits * reach
    priced = np.abs(y) > NEAR * max(1e-9, float(np.abs(y).max(initial=0.0)))
    if not between.any() or not priced.any():
        return solution
    duals = np.where(priced, y, 0.0)
    block = csr_array(program.matrix[priced][:, between].T)
    residual = program.cost[between] - block @ duals[priced]
    duals[priced] += least_norm(block, residual)
    return replace(solution, duals=duals)


def _primal(program: LinearProgram, solution: Solution, digits: float) -> Solution:
    """Values of free columns from the rows that their duals prove tight, or that nearly are."""
    x, y = solution.values.copy(), solution.duals
    z = reduced_costs(program, solution)
    reach = np.abs(program.cost) + abs(program.matrix).T @ np.abs(y)
    size = 1.0 + np.abs(x)
    for side, bound in ((1.0, program.lower), (-1.0, program.upper)):
        distance = np.abs(x - bound)
        at = (distance <= NEAR * size) | ((side * z > NEAR * reach) & (distance <= 1e-4 * size))
        x[at] = bound[at]
    free = (x > program.lower) & (x < program.upper)
    equal = program.row_lower == program.row_upper
    activity, terms = program.matrix @ x, abs(program.matrix) @ np.abs(x)
    low, high = activity - program.row_lower <= digits * terms, program.row_upper - activity <= digits * terms
    held = equal | (np.abs(y) > 0) | low | high
    bound = np.where((y > 0) | equal | ((y == 0) & low), program.row_lower, program.row_upper)
    held &= np.isfinite(bound)
    if not free.any() or not held.any():
        return replace(solution, values=x)
    block = csr_array(program.matrix[held][:, free])
    residual = bound[held] - program.matrix[held] @ x
    x[free] += least_norm(block, residual)
    x = np.clip(x, program.lower, program.upper)
    return replace(solution, values=x, cost=float(program.cost @ x))
