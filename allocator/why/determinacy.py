"""Whether the objective leaves any choice: each county's amount is unique, or lies in a range.

The optimal face is described by rows that every optimum satisfies and no other point does. Under
leximin these are the departures, none larger than it is at the optimum: each payment can then only
move from where it is towards its entitlement, so one linear program, the largest sum of such moves,
proves all of them unique at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from allocator.amounts import LevelOne
from solvers.highs import Session
from solvers.leximin_round import components
from solvers.objectives import total_program
from solvers.program import LinearProgram, Vector
from solvers.solution import Basis, Solver, slack_basis

PART = 0.01
"""Moves of all payments together below this part of a step are none,"""
FINEST = 1e-8
"""or below this part of all budgets, where those are so large that floats are coarser."""
NOISE = 1e-9
"""Slack given to the face, in program units, so that rounding does not empty it."""


@dataclass(frozen=True)
class Determinacy:
    """Least and largest amount of each county over all optima of level 1, (n) each, in the unit."""

    objective: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    largest_move: float | None = None
    """Under leximin: the proved bound on Σ of all moves within the optimal face, in the unit."""
    unique: bool = True


def determinacy(one: LevelOne) -> Determinacy:
    """The ranges of all counties under the scenario's objective."""
    objective = one.loaded.scenario.objective
    found = one.under()
    totals = found.payments.sum(axis=1)
    if objective == "proportional":
        return Determinacy(objective, totals, totals)
    if objective == "leximin":
        moved = _inward_moves(one)
        return Determinacy(objective, totals, totals, moved, moved <= _noise(one))
    face = _min_max_face(one) if objective == "minimax" else _least_total_face(one)
    low, high = _ranges(one, face, Session())
    return Determinacy(objective, low, high, None, float((high - low).max(initial=0.0)) <= _noise(one))


def _noise(one: LevelOne) -> float:
    problem = one.loaded.problem
    return max(PART * float(problem.step), FINEST * float(sum(problem.budgets)))


def _boxed(program: LinearProgram, columns: NDArray[np.intp], low: Vector, high: Vector) -> LinearProgram:
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[columns] = np.maximum(lower[columns], low)
    upper[columns] = np.minimum(upper[columns], high)
    return replace(program, lower=np.minimum(lower, upper), upper=upper)


def _inward_moves(one: LevelOne) -> float:
    """Largest Σ |move| of payments such that no departure grows, in the unit."""
    found = one.under()
    first, x = found.first, found.levels.x
    departures = first.departures
    size = departures.at(x) * departures.scales + NOISE * departures.scales
    face = _boxed(first.program, departures.columns, departures.targets - size, departures.targets + size)
    side = np.sign(x[departures.columns] - departures.targets)
    side[departures.at(x) <= NOISE] = 0.0
    cost = np.zeros(face.columns)
    cost[departures.columns] = side
    # presolve takes a face that is a single point for empty: a start of any kind goes without it
    solution = Session().solve(replace(_eased(face), cost=cost), slack_basis(face))
    return abs(float(cost @ (x - solution.values))) * first.unit


def _eased(program: LinearProgram) -> LinearProgram:
    return replace(program, row_lower=program.row_lower - NOISE, row_upper=program.row_upper + NOISE)


def _min_max_face(one: LevelOne) -> LinearProgram:
    """Every departure no larger than the largest of its component."""
    found = one.under()
    first = found.first
    departures, program = first.departures, first.program
    own = components(program.matrix)[program.rows :][departures.columns]
    at = departures.at(found.levels.x)
    largest = np.zeros(int(own.max(initial=0)) + 1)
    np.maximum.at(largest, own, at)
    size = largest[own] * departures.scales + NOISE
    return _eased(_boxed(program, departures.columns, departures.targets - size, departures.targets + size))


def _least_total_face(one: LevelOne) -> LinearProgram:
    """Σ |X − e| no larger than the least."""
    found = one.under()
    whole = total_program(found.first.program, found.first.departures)
    best = float(
        np.abs(found.levels.x[found.first.departures.columns] - found.first.departures.targets).sum()
    )
    return _eased(whole.limited(whole.cost, best + NOISE))


def _ranges(
    one: LevelOne, face: LinearProgram, solver: Solver
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and largest total of each county over the face."""
    problem, first = one.loaded.problem, one.under().first
    n, streams = problem.shape[:2]
    low, high = np.zeros(n), np.zeros(n)
    start: Basis | None = slack_basis(face)
    owner = first.groups // streams
    for i in range(n):
        cost = np.zeros(face.columns)
        cost[np.flatnonzero(owner == i)] = 1.0
        if not cost.any():
            continue
        for sign, into in ((1.0, low), (-1.0, high)):
            solution = solver.solve(replace(face, cost=sign * cost), start)
            start = solution.basis
            into[i] = sign * solution.cost * first.unit
    return low, high
