"""Programs for tests of solvers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from solvers.certificate import certify
from solvers.leximin_round import Departures
from solvers.program import LinearProgram
from solvers.pulp_solvers import installed

INF = np.inf


HERE = installed()


OTHERS = [
    pytest.param(name, marks=pytest.mark.skipif(name not in HERE, reason=f"{name} is not installed"))
    for name in ("cbc", "glpk")
]


every_other_solver = pytest.mark.parametrize("name", OTHERS)


def program(rows, row_lower, row_upper, cost, lower=None, upper=None, **more):
    matrix = np.atleast_2d(np.asarray(rows, float))
    n = matrix.shape[1]
    return LinearProgram(
        matrix=csr_array(matrix),
        row_lower=np.asarray(row_lower, float),
        row_upper=np.asarray(row_upper, float),
        lower=np.zeros(n) if lower is None else np.asarray(lower, float),
        upper=np.full(n, INF) if upper is None else np.asarray(upper, float),
        cost=np.asarray(cost, float),
        **more,
    )


def random_program(seed, n=12, m=10):
    """Feasible and bounded, with every kind of row and of column."""
    rng = np.random.default_rng(seed)
    point = np.round(rng.uniform(-3, 3, n), 1)
    rows = np.where(rng.random((m, n)) < 0.4, rng.integers(-3, 4, (m, n)), 0)
    rows[:2] = 0
    rows[0, 0], rows[1, 1] = 1, -2
    activity, kind = rows @ point, rng.integers(0, 4, m)
    slack = np.round(rng.uniform(0, 2, (2, m)), 1) * (rng.random((2, m)) < 0.6)
    low = np.where(kind == 1, -INF, activity - np.where(kind == 0, 0, slack[0]))
    high = np.where(kind == 2, INF, activity + np.where(kind == 0, 0, slack[1]))
    kind = rng.integers(0, 4, n)
    return program(
        rows,
        low,
        high,
        rows.T @ rng.integers(-2, 3, m) * 0.0 + rng.integers(-3, 4, n),
        lower=np.where(kind == 3, point, point - rng.uniform(0, 4, n)),
        upper=np.where(kind == 3, point, point + rng.uniform(0, 4, n)),
    )


def allocation(n=12, seed=0):
    """Counties × two streams × three uses: budgets, floors and caps by county, shares, parity.

    Limits are drawn around a point that keeps them all, so that the program is never infeasible.
    """
    rng = np.random.default_rng(seed)
    x = np.arange(2 * n).reshape(n, 2)
    cells = 2 * n + np.arange(6 * n).reshape(n, 2, 3)
    factor = rng.lognormal(0, 0.5, (n, 2)) * (rng.random((n, 2)) < 0.85)
    wanted = np.array([100.0, 40.0]) * n * factor / factor.sum(0)
    point = wanted * rng.lognormal(0, 0.3, (n, 2))
    point *= wanted.sum(0) / point.sum(0)
    total, exits = point.sum(1), rng.random(n) < 0.4
    rows, low, high = [], [], []

    def add(lower, upper, *terms):
        row = np.zeros(8 * n)
        for index, value in terms:
            row[index] += value
        rows.append(row)
        low.append(lower)
        high.append(upper)

    for s in range(2):
        add(wanted[:, s].sum(), wanted[:, s].sum(), (x[:, s], 1.0))
    for i in range(n):
        for s in range(2):
            add(0.0, 0.0, (x[i, s], -1.0), (cells[i, s], 1.0))
        add(total[i] * rng.uniform(0.7, 1.0), INF, (x[i], 1.0))
        add(-INF, total[i] * rng.uniform(1.0, 1.4), (x[i], 1.0))
        add(total[i] * rng.uniform(0.4, 0.7), INF, (cells[i, :, 0], 1.0), (cells[i, :, 2], 1.0))
    use = cells.reshape(-1, 3)
    add(0.0, INF, (use[:, 0], 0.38), (use[:, 1], -0.62), (use[:, 2], 0.38))
    add(-INF, 0.0, (use[:, 2], 0.75), (use[:, 0], -0.25), (use[:, 1], -0.25))
    parity = np.where(exits, 1.0 / max(exits.sum(), 1), -1.0 / max((~exits).sum(), 1))
    add(min(0.0, float(parity @ total)), INF, (x[:, 0], parity), (x[:, 1], parity))
    upper = np.full(8 * n, INF)
    upper[x[wanted == 0]] = 0.0
    paid = wanted > 0
    built = program(rows, low, high, np.zeros(8 * n), upper=upper)
    return built, Departures(x[paid], wanted[paid], wanted[paid])


def proved(built, solution):
    return certify(built, solution).worst
