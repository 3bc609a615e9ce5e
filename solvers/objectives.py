"""Other ways to choose among feasible points: least total departure, and least squares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from solvers.certificate import certify, reduced_costs
from solvers.levels import Levels
from solvers.leximin import CERTIFIED
from solvers.leximin_round import Departures, Freeze
from solvers.program import LinearProgram
from solvers.solution import NotOptimal, Solver


def least_total(program: LinearProgram, departures: Departures, solver: Solver) -> Levels:
    """min Σ |x − target|: a vertex of a usually large optimal face, so not unique."""
    return _single(program, total_program(program, departures), departures, solver)


def total_program(program: LinearProgram, departures: Departures) -> LinearProgram:
    """min Σ |x − target|: the program's columns, then one absolute value a departure."""
    k = len(departures.columns)
    ones = csr_array((np.ones(k), (np.arange(k), departures.columns)), shape=(k, program.columns))
    eye = csr_array((np.ones(k), (np.arange(k), np.arange(k))), shape=(k, k))
    infinite = np.full(k, np.inf)
    return LinearProgram(
        matrix=vstack(
            [
                hstack([program.matrix, csr_array((program.rows, k))]),
                hstack([ones, -eye]),
                hstack([ones, eye]),
            ],
            format="csr",
        ),
        row_lower=np.concatenate([program.row_lower, -infinite, departures.targets]),
        row_upper=np.concatenate([program.row_upper, departures.targets, infinite]),
        lower=np.concatenate([program.lower, np.zeros(k)]),
        upper=np.concatenate([program.upper, infinite]),
        cost=np.concatenate([np.zeros(program.columns), np.ones(k)]),
    )


def least_squares(program: LinearProgram, departures: Departures, solver: Solver) -> Levels:
    """min Σ (x − target)² / scale: convex, so unique in the departures' columns."""
    cost, curvature = np.zeros(program.columns), np.zeros(program.columns)
    cost[departures.columns] = -2.0 * departures.targets / departures.scales
    curvature[departures.columns] = 2.0 / departures.scales
    return _single(program, replace(program, cost=cost, curvature=curvature), departures, solver)


def _single(program: LinearProgram, whole: LinearProgram, departures: Departures, solver: Solver) -> Levels:
    solution = solver.solve(whole)
    proof = certify(whole, solution)
    if proof.worst > max(CERTIFIED, 1e3 * solution.noise):
        raise NotOptimal(f"the answer could not be proved optimal: {proof}")
    x, duals = solution.values[: program.columns], solution.duals[: program.rows]
    rows = np.flatnonzero(np.abs(duals) > 1e-7)
    level = float(departures.at(x).max(initial=0.0))
    nobody = np.empty(0, dtype=np.intp)
    tight = np.zeros(program.rows, dtype=np.bool_)
    tight[rows] = True
    fixed = np.zeros(program.columns, dtype=np.bool_)
    prices = reduced_costs(whole, solution)[: program.columns]
    columns = np.flatnonzero(np.abs(prices) > 1e-7)
    freeze = Freeze(level, nobody, nobody, rows, duals[rows], columns)
    return Levels(x, (freeze,), fixed, tight, duals, prices, (proof,))
