"""Irreducible conflicting rows: together they have no point, without any one of them they have.

An elastic program finds a first set from its duals (Farkas); a deletion filter makes it
irreducible (Chinneck and Dravnieks 1991, "Locating minimal infeasible constraint sets").
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.program import Indices, LinearProgram, Matrix, beside
from solvers.solution import Solver

SHORT = 1e-7
"""Least total violation, in program units, that counts as one."""
PRICED = 1e-9
"""Least dual that counts as one."""


def conflict(program: LinearProgram, candidates: Indices, solver: Solver) -> Indices:
    """An irreducible subset of the candidate rows that contradicts all the other rows; empty if none.

    Rows that are no candidates always count; they must have a point among themselves.
    """
    kept: list[int] = []
    left = _support(program, candidates, candidates, solver).tolist()
    while left:
        trial, *left = left
        smaller = _support(program, candidates, np.array(kept + left, dtype=np.intp), solver).tolist()
        if smaller:
            # still a contradiction without the row tried, and perhaps without others
            kept, left = [r for r in kept if r in smaller], [r for r in smaller if r not in kept]
        else:
            kept.append(trial)
    return np.array(sorted(kept), dtype=np.intp)


def without_rows(program: LinearProgram, rows: Indices) -> LinearProgram:
    """The program with some rows asking for nothing."""
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    lower[rows], upper[rows] = -np.inf, np.inf
    return replace(program, row_lower=lower, row_upper=upper)


def elastic_rows(program: LinearProgram, rows: Indices) -> LinearProgram:
    """min Σ violation of the given rows: columns of the program, then shortage, then excess, (k) each."""
    k = len(rows)
    one = np.zeros(program.rows + 1, dtype=np.int32)
    one[np.asarray(rows) + 1] = 1
    order = np.argsort(rows, kind="stable").astype(np.int32)
    slack = Matrix((np.ones(k), order, np.cumsum(one, dtype=np.int32)), shape=(program.rows, k))
    return replace(
        program,
        matrix=beside(program.matrix, slack, -slack),
        lower=np.concatenate([program.lower, np.zeros(2 * k)]),
        upper=np.concatenate([program.upper, np.full(2 * k, np.inf)]),
        cost=np.concatenate([np.zeros(program.columns), np.ones(2 * k)]),
    )


def _support(program: LinearProgram, candidates: Indices, tried: Indices, solver: Solver) -> Indices:
    """Rows among those tried that already contradict the others; empty if all can be kept.

    Candidates that are not tried ask for nothing.
    """
    if not len(tried):
        return tried
    freed = without_rows(program, np.setdiff1d(candidates, tried))
    solution = solver.solve(elastic_rows(freed, tried))
    if solution.cost <= SHORT:
        return np.empty(0, dtype=np.intp)
    priced = tried[np.abs(solution.duals[tried]) > PRICED]
    if len(priced) < len(tried):
        alone = without_rows(program, np.setdiff1d(candidates, priced))
        if solver.solve(elastic_rows(alone, priced)).cost > SHORT:
            return priced
    return tried
