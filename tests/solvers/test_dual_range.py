"""The range of duals: by hand on degenerate programs, and against moving the right sides a little."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from allocator.amount_program import amount_program, linear_rows
from allocator.load import load
from allocator.optimum import optimum
from allocator.plan import solve
from allocator.prices import row_prices
from allocator.verdict import judge
from reports.outcome import Outcome
from reports.rules_table import rules_table
from solvers.dual_range import BoundRows, first_round_range
from solvers.highs import Session
from solvers.leximin import leximin
from solvers.leximin_program import first_round
from solvers.leximin_round import Departures
from solvers.program import LinearProgram, sparse_rows
from solvers.solution import Infeasible
from tests import builders
from tests.oracle.generate import generate

NONE = BoundRows(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
LITTLE = 1e-6
"""By how much right sides are moved, in units of the program."""


def two_payments(*rows):
    """x0 + x1 = 2 with targets 1 and 1, and rows (coefficient of x0, lower, upper)."""
    program = LinearProgram(
        matrix=sparse_rows([([0, 1], [1.0, 1.0]), *(([0], [a]) for a, _, _ in rows)], 2),
        row_lower=np.array([2.0, *(low for _, low, _ in rows)]),
        row_upper=np.array([2.0, *(high for _, _, high in rows)]),
        lower=np.zeros(2),
        upper=np.full(2, np.inf),
        cost=np.zeros(2),
    )
    return program, Departures(np.arange(2), np.ones(2), np.ones(2))


def ranges(program, departures, bounds=NONE, x=None):
    point = leximin(program, departures, Session()).x if x is None else x
    wanted = np.arange(1, program.rows), bounds
    found = first_round_range(program, departures, point, wanted, Session())
    return [pytest.approx(pair, abs=1e-9) for pair in zip(found.low, found.high, strict=True)]


def test_rows_that_imply_each_other_share_one_dual_in_any_way():
    case = two_payments((1.0, 1.5, np.inf), (2.0, 3.0, np.inf))
    assert (leximin(*case, Session()).first_duals[1:] == 0).sum() == 1  # one dual tells half the story
    assert ranges(*case) == [(0, 1), (0, 0.5)]


def test_a_row_alone_has_one_dual_and_a_slack_row_none():
    assert ranges(*two_payments((1.0, 1.5, np.inf), (1.0, 1.4, np.inf))) == [(1, 1), (0, 0)]
    assert ranges(*two_payments((1.0, -np.inf, 0.5))) == [(-1, -1)]


def test_a_row_just_met_at_the_targets_costs_only_one_way():
    assert ranges(*two_payments((1.0, 1.0, np.inf))) == [(0, 1)]
    assert ranges(*two_payments((1.0, 1.0, 1.0))) == [(-1, 1)]


def test_opposed_rows_cannot_be_tightened():
    case = two_payments((1.0, 1.5, np.inf), (1.0, -np.inf, 1.5))
    assert ranges(*case) == [(1, math.inf), (-math.inf, 0)]


def test_bounds_count_like_rows():
    program, departures = two_payments()
    program = replace(program, lower=np.array([1.5, 0.0]))
    one = BoundRows(np.zeros(1, dtype=np.intp), np.array([1.5]), np.array([np.inf]))
    both = BoundRows(np.zeros(2, dtype=np.intp), np.array([1.5, 1.5]), np.array([np.inf, np.inf]))
    assert ranges(program, departures, one) == [(1, 1)]
    assert ranges(program, departures, both) == [(0, 1), (0, 1)]


def test_a_fixed_payment_has_a_dual_though_no_round_takes_it_in():
    program, departures = two_payments()
    program = replace(program, lower=np.array([1.5, 0.0]), upper=np.array([1.5, np.inf]))
    equal = BoundRows(np.zeros(1, dtype=np.intp), np.array([1.5]), np.array([1.5]))
    assert ranges(program, departures, equal) == [(1, 1)]


def test_a_point_that_is_not_optimal_is_refused():
    with pytest.raises(Infeasible):
        ranges(*two_payments((1.0, -np.inf, 1.7)), x=np.array([1.7, 0.3]))


def first_optimum(loaded, rows):
    """The first round's largest departure; infinite where the rules leave no solution."""
    first = amount_program(loaded.problem, linear_rows(loaded.problem, rows), keep_rows=True)
    try:
        return Session().solve(first_round(first.program, first.departures)).cost
    except Infeasible:
        return math.inf


@pytest.mark.parametrize("seed", [6, 17, 27, 40, 52])
def test_ends_are_what_moving_the_constant_a_little_does(seed, tmp_path):
    made = generate(tmp_path / "scenario", seed, small=True, infeasible=False)
    loaded = load(made.folder)
    found = optimum(loaded, Session())
    prices = row_prices(loaded.problem, loaded.rows, found, found.first_levels)
    move = Fraction(LITTLE) * Fraction(found.first.unit)
    before, checked = first_optimum(loaded, loaded.rows), 0
    for rule, rows in loaded.rows.items():
        for number, price in enumerate(prices[rule]):
            if not price.binding or rows[number].vacuous is not None:
                assert (price.dual_low, price.dual_high) == (0, 0)
                continue
            for side, expected in ((1, price.dual_high), (-1, price.dual_low)):
                moved = list(rows)
                moved[number] = replace(rows[number], plus=rows[number].plus + side * move)
                after = first_optimum(loaded, {**loaded.rows, rule: moved})
                change = 100 * side * (after - before) / float(move)
                assert change == pytest.approx(expected, rel=1e-3, abs=1e-2 / found.first.unit)
            assert price.dual_low - 1e-9 <= price.dual <= price.dual_high + 1e-9
            checked += 1
    assert checked


def test_objectives_without_rounds_have_one_dual(tmp_path):
    folder = builders.write_scenario(tmp_path / "scenario")
    for objective in ("proportional", "least_moved"):
        allocation = solve(load(folder, [f"objective={objective}"]))
        prices = [price for rows in allocation.prices.values() for price in rows]
        assert all(price.dual_low == price.dual == price.dual_high for price in prices)
        assert any(price.dual for price in prices)


def test_an_end_without_limit_is_blank_in_the_table():
    loaded = builders.loaded()
    decided = builders.allocation(loaded)
    rule = next(iter(loaded.rows))
    first, *others = decided.prices[rule]
    endless = replace(first, dual_low=-math.inf, dual_high=0.5)
    decided = replace(decided, prices={**decided.prices, rule: (endless, *others)})
    table = rules_table(Outcome(loaded, decided, judge(loaded.problem, loaded.rows, decided.steps)))
    record = next(r for r in table.records() if r["rule"] == rule)
    assert (record["dual_low"], record["dual_high"]) == (None, record["dual"] * 2)
    assert table.header[-3:] == ("dual", "dual_low", "dual_high")
