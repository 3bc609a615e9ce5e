"""Leximin against an oracle that knows no duals, and with the short cut switched on and off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from solvers.highs import Session
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.program import LinearProgram
from solvers.refine import refine
from solvers.solution import Infeasible


def boxes(targets, lower, upper, total):
    n = len(targets)
    program = LinearProgram(
        matrix=csr_array(np.ones((1, n))),
        row_lower=np.array([total]),
        row_upper=np.array([total]),
        lower=np.asarray(lower, float),
        upper=np.asarray(upper, float),
        cost=np.zeros(n),
    )
    targets = np.asarray(targets, float)
    return program, Departures(np.arange(n), targets, targets)


def ratable(targets, lower, upper, total):
    """clip(λ·e, lower, upper) with Σ = total, by bisection."""
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * targets, lower, upper).sum() < total:
            low = middle
        else:
            high = middle
    return np.clip(high * targets, lower, upper)


def literal(program, departures):
    """Departures of the leximin optimum by definition: a departure is fixed when it cannot improve."""
    n, k = program.columns, len(departures.columns)
    a = program.matrix.toarray()
    base_a = [*a[np.isfinite(program.row_upper)], *-a[np.isfinite(program.row_lower)]]
    base_b = [
        *program.row_upper[np.isfinite(program.row_upper)],
        *-program.row_lower[np.isfinite(program.row_lower)],
    ]
    limits = np.full(k, np.nan)
    bounds = [*zip(program.lower, program.upper, strict=True), (0, None)]

    def best(objective, cap):
        rows, right = [np.append(r, 0.0) for r in base_a], list(base_b)
        for j in range(k):
            unit = np.zeros(n + 1)
            unit[departures.columns[j]] = 1.0
            scale, target = departures.scales[j], departures.targets[j]
            limit = limits[j] if not np.isnan(limits[j]) else cap
            for sign in (1.0, -1.0):
                row = sign * unit
                if limit is None or objective == j:
                    row = row - scale * np.eye(n + 1)[n]
                    rows.append(row)
                    right.append(sign * target)
                if limit is not None:
                    rows.append(sign * unit)
                    right.append(sign * target + scale * (limit * (1 + 1e-9) + 1e-10))
        for presolve in (True, False):
            # presolve can take a face that is a single point for empty
            found = linprog(
                np.eye(n + 1)[n],
                A_ub=np.array(rows),
                b_ub=np.array(right),
                bounds=bounds,
                method="highs",
                options={"presolve": presolve},
            )
            if found.status == 0:
                break
        assert found.status == 0, found.message
        return found.fun

    while np.isnan(limits).any():
        free = np.flatnonzero(np.isnan(limits))
        level = best(None, None)
        reached = [best(j, level) for j in free]
        stuck = [j for j, value in zip(free, reached, strict=True) if value >= level - 1e-7]
        if level < 1e-9:
            stuck = list(free)
        assert stuck
        limits[stuck] = level
    return limits


@st.composite
def programs(draw):
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    n = draw(st.integers(3, 8))
    targets = rng.uniform(1, 10, n)
    point = targets * rng.uniform(0.6, 1.5, n)
    rows, low, high = [np.ones(n)], [point.sum()], [point.sum()]
    for _ in range(draw(st.integers(1, 5))):
        row = np.where(rng.random(n) < 0.5, rng.integers(-2, 4, n), 0).astype(float)
        side = rng.random() < 0.5
        slack = rng.choice([0.0, 0.0, rng.uniform(0, 1)])
        rows.append(row)
        low.append(row @ point - slack if side else -np.inf)
        high.append(np.inf if side else row @ point + slack)
    lower = np.where(rng.random(n) < 0.3, np.minimum(point, targets * 0.9), 0.0)
    program = LinearProgram(
        matrix=csr_array(np.array(rows)),
        row_lower=np.array(low),
        row_upper=np.array(high),
        lower=lower,
        upper=np.full(n, np.inf),
        cost=np.zeros(n),
    )
    return program, Departures(np.arange(n), targets, targets)


@settings(max_examples=60)
@given(programs())
def test_equals_the_literal_definition(case):
    program, departures = case
    levels = leximin(program, departures, Session())
    assert program.residual(levels.x) <= 1e-7
    assert np.allclose(departures.at(levels.x), literal(program, departures), atol=2e-6)


@settings(max_examples=40)
@given(programs())
def test_refining_moves_nothing_but_noise(case):
    program, departures = case
    levels = leximin(program, departures, Session())
    refined = refine(program, departures, levels)
    assert np.abs(refined - levels.x).max() <= 1e-7
    assert program.residual(refined) <= 1e-8


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.integers(2, 40))
def test_boxes_alone_give_ratable_reduction(seed, n):
    rng = np.random.default_rng(seed)
    targets = rng.uniform(1, 10, n)
    lower, upper = targets * rng.uniform(0.3, 1.1, n), targets * rng.uniform(1.1, 2.0, n)
    total = rng.uniform(lower.sum(), upper.sum())
    levels = leximin(*boxes(targets, lower, upper, total), Session())
    assert np.allclose(levels.x, ratable(targets, lower, upper, total), rtol=1e-8, atol=1e-8)


def blocks(seed, groups=12, size=4):
    """Blocks with their own ceilings and floors, coupled by two totals."""
    rng = np.random.default_rng(seed)
    n = groups * size
    targets = rng.uniform(1, 3, n)
    point = targets * rng.uniform(0.7, 1.3, n)
    rows, low, high = [], [], []
    for g in range(groups):
        row = np.zeros(n)
        row[g * size : (g + 1) * size] = 1
        value = row @ point
        rows.append(row)
        low.append(value if g % 3 == 0 else -np.inf)
        high.append(value if g % 3 == 1 else np.inf)
    for part in (slice(0, n, 2), slice(1, n, 2)):
        row = np.zeros(n)
        row[part] = 1
        rows.append(row)
        low.append(row @ point)
        high.append(row @ point)
    program = LinearProgram(
        matrix=csr_array(np.array(rows)),
        row_lower=np.array(low),
        row_upper=np.array(high),
        lower=np.zeros(n),
        upper=np.full(n, np.inf),
        cost=np.zeros(n),
    )
    return program, Departures(np.arange(n), targets, targets)


@pytest.mark.parametrize("seed", range(12))
def test_the_short_cut_changes_nothing(seed, monkeypatch):
    monkeypatch.setattr("solvers.leximin_guide.SHORTEST", 5)
    program, departures = blocks(seed)
    plain = leximin(program, departures, Session(), guided_from=10**9)
    guided = leximin(program, departures, Session(), guided_from=0)
    assert np.allclose(departures.at(plain.x), departures.at(guided.x), atol=1e-8)


def test_infeasible_is_said():
    with pytest.raises(Infeasible):
        leximin(*boxes([1.0, 1.0], [2.0, 2.0], [3.0, 3.0], 1.0), Session())


def test_one_round_is_min_max():
    program, departures = boxes([1.0, 1.0, 2.0], [1.5, 0.0, 0.0], [9.0, 9.0, 9.0], 4.0)
    levels = leximin(program, departures, Session(), rounds=1)
    assert departures.at(levels.x).max() == pytest.approx(0.5)
    assert len(levels.certificates) == 1


def test_order_of_columns_changes_nothing():
    program, departures = blocks(3)
    order = np.random.default_rng(0).permutation(program.columns)
    inverse = np.argsort(order)
    shuffled = LinearProgram(
        matrix=program.matrix[:, order],
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        lower=program.lower[order],
        upper=program.upper[order],
        cost=program.cost,
    )
    moved = Departures(np.arange(program.columns), departures.targets[order], departures.scales[order])
    first, second = leximin(program, departures, Session()), leximin(shuffled, moved, Session())
    assert np.allclose(first.x, second.x[inverse], atol=1e-8)


def test_a_program_without_columns_has_nothing_to_decide():
    program = LinearProgram(
        matrix=csr_array((0, 0)),
        row_lower=np.empty(0),
        row_upper=np.empty(0),
        lower=np.empty(0),
        upper=np.empty(0),
        cost=np.empty(0),
    )
    nothing = Departures(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
    assert leximin(program, nothing, Session()).certificates == ()
