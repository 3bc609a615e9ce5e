"""Leximin with few rows first gives what leximin gives, on single programs and on sequences of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from solvers.highs import Session
from solvers.lazy import LazyLeximin
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.program import LinearProgram
from tests.solvers.leximin_agreement import agreeing

SAME = 1e-9
"""Largest difference, as a part of the largest target."""


def program(rng: np.random.Generator, planted: bool = True) -> tuple[LinearProgram, Departures]:
    """A budget, then random rows around a planted point; further columns have no target of their own."""
    n, more, rows = int(rng.integers(3, 9)), int(rng.integers(0, 4)), int(rng.integers(2, 14))
    targets = rng.uniform(1, 10, n)
    point = np.append(targets * rng.uniform(0.6, 1.5, n), rng.uniform(0, 3, more))
    matrix = np.where(rng.random((rows, n + more)) < 0.4, rng.integers(-2, 4, (rows, n + more)), 0)
    matrix = np.vstack([np.append(np.ones(n), np.zeros(more)), matrix]).astype(float)
    at = matrix @ point
    slack = np.where(rng.random(rows) < 0.5, 0.0, rng.uniform(0, 2, rows))
    if not planted:
        slack -= 4 * (rng.random(rows) < 0.4)
    upper_side = rng.random(rows) < 0.5
    low, high = np.full(rows, -np.inf), np.full(rows, np.inf)
    high[upper_side] = (at[1:] + slack)[upper_side]
    low[~upper_side] = (at[1:] - slack)[~upper_side]
    lower = np.zeros(n + more)
    lower[:n] = np.where(rng.random(n) < 0.3, np.minimum(point[:n], 0.9 * targets), 0)
    made = LinearProgram(
        matrix=csr_array(matrix),
        row_lower=np.append(at[0], low),
        row_upper=np.append(at[0], high),
        lower=lower,
        upper=np.full(n + more, np.inf),
        cost=np.zeros(n + more),
    )
    return made, Departures(np.arange(n), targets, targets)


def aimed(departures: Departures, targets: np.ndarray) -> Departures:
    return replace(departures, targets=targets, scales=targets)


def assert_same(lazy: LazyLeximin, made: LinearProgram, departures: Departures) -> bool:
    """Whether there is a point; what both ways say of it is the same."""
    both = agreeing(lazy, made, departures, SAME)
    if both is None:
        return False
    found, whole = both
    unit = departures.targets.max()
    assert np.abs(departures.at(found.x) - departures.at(whole.x)).max() <= SAME * unit
    # the completed point keeps every row, of the pool or not
    assert made.residual(found.x) <= 1e-7
    return True


@pytest.mark.parametrize("block", range(4))
def test_random_programs(block):
    for seed in range(50 * block, 50 * (block + 1)):
        made, departures = program(np.random.default_rng(seed))
        assert assert_same(LazyLeximin(Session()), made, departures), seed


@pytest.mark.parametrize("block", range(2))
def test_infeasible_where_leximin_is(block):
    possible = [
        assert_same(LazyLeximin(Session()), *program(np.random.default_rng(seed), planted=False))
        for seed in range(1000 + 40 * block, 1040 + 40 * block)
    ]
    assert 5 <= sum(possible) <= 35


@pytest.mark.parametrize("seed", range(12))
def test_sequences_of_changed_targets(seed):
    rng = np.random.default_rng(2000 + seed)
    made, departures = program(rng)
    lazy = LazyLeximin(Session())
    lazy.learn(leximin(made, departures, Session()))
    for _ in range(12):
        targets = departures.targets * rng.lognormal(0, 0.3, len(departures.targets))
        assert assert_same(lazy, made, aimed(departures, targets))


@pytest.mark.parametrize("seed", range(12))
def test_sequences_of_changed_rows(seed):
    """Numbers of rules and of the budget move too, some so far that nothing is left."""
    rng = np.random.default_rng(3000 + seed)
    made, departures = program(rng)
    lazy = LazyLeximin(Session())
    for _ in range(12):
        move = rng.normal(0, 0.3, made.rows) * (rng.random(made.rows) < 0.3)
        moved = replace(made, row_lower=made.row_lower + move, row_upper=made.row_upper + move)
        assert_same(lazy, moved, departures)


def test_rows_that_never_mattered_are_not_solved_with():
    """Forty of forty-one limits lie far away: the pool holds the one that is reached."""
    n = 40
    far = np.full(n, 1000.0)
    far[7] = 0.5
    made = LinearProgram(
        matrix=csr_array(np.vstack([np.ones(n), np.eye(n) + 1e-3 * np.ones((n, n))])),
        row_lower=np.append(float(n), np.full(n, -np.inf)),
        row_upper=np.append(float(n), far),
        lower=np.zeros(n),
        upper=np.full(n, np.inf),
        cost=np.zeros(n),
    )
    departures = Departures(np.arange(n), np.ones(n), np.ones(n))
    lazy = LazyLeximin(Session())
    assert assert_same(lazy, made, departures)
    assert lazy.pool <= {0, 8}
    assert 8 in lazy.pool


def test_a_wrong_pool_changes_nothing():
    made, departures = program(np.random.default_rng(5))
    lazy = LazyLeximin(Session())
    lazy.pool = {made.rows - 1}
    assert assert_same(lazy, made, departures)
