"""Leximin by bottlenecks gives what leximin round by round gives, with a proof."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

import solvers.quick_leximin as module
from solvers.bottlenecks import Bottlenecks, renamed
from solvers.descent import Aim, Descent
from solvers.highs import Session
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.program import LinearProgram
from solvers.quick_leximin import QuickLeximin
from solvers.solution import NotOptimal
from tests.solvers.leximin_agreement import agreeing
from tests.solvers.test_lazy import SAME, aimed, program


@pytest.fixture
def alone(monkeypatch):
    """Falling back on all the rounds is an error."""

    def no(*_args: object) -> None:
        raise AssertionError("fell back on rounds")

    monkeypatch.setattr(module, "leximin", no)


def assert_same(quick: QuickLeximin, made: LinearProgram, departures: Departures) -> bool:
    """Whether there is a point; what both ways say of it is the same, and the quick way proves it."""
    both = agreeing(quick, made, departures, SAME)
    if both is None:
        return False
    found, _ = both
    assert made.residual(found.x) <= 1e-8
    assert max(c.worst for c in found.certificates) <= 1e-8
    return True


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("block", range(4))
def test_random_programs(block):
    for seed in range(15 * block, 15 * (block + 1)):
        made, departures = program(np.random.default_rng(seed))
        assert assert_same(QuickLeximin(Session()), made, departures), seed


@pytest.mark.usefixtures("alone")
def test_infeasible_where_leximin_is():
    possible = [
        assert_same(QuickLeximin(Session()), *program(np.random.default_rng(seed), planted=False))
        for seed in range(1000, 1030)
    ]
    assert 5 <= sum(possible) <= 25


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("seed", range(6))
def test_sequences_of_changed_targets(seed):
    rng = np.random.default_rng(2000 + seed)
    made, departures = program(rng)
    quick = QuickLeximin(Session())
    quick.learn(made, departures, leximin(made, departures, Session()))
    for _ in range(10):
        targets = departures.targets * rng.lognormal(0, 0.3, len(departures.targets))
        assert assert_same(quick, made, aimed(departures, targets))


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("seed", range(6))
def test_sequences_of_changed_rows_and_coefficients(seed):
    """Numbers of rules, coefficients and bounds of columns move too, some so far that nothing is left."""
    rng = np.random.default_rng(3000 + seed)
    made, departures = program(rng)
    quick = QuickLeximin(Session())
    for _ in range(10):
        move = rng.normal(0, 0.3, made.rows) * (rng.random(made.rows) < 0.3)
        matrix = made.matrix.copy()
        matrix.data = matrix.data * rng.choice([1.0, 1.0, 1.0, 1.1, 0.9], len(matrix.data))
        upper = made.upper.copy()
        some = rng.random(len(departures.columns)) < 0.3
        upper[: len(some)][some] = 1.1 * departures.targets[some]
        moved = replace(
            made, matrix=matrix, row_lower=made.row_lower + move, row_upper=made.row_upper + move, upper=upper
        )
        assert_same(quick, replace(moved, upper=np.maximum(upper, made.lower)), departures)


def two_budgets(shares: list[float]) -> tuple[LinearProgram, Departures]:
    """x1 + x2 = 10 and x2 + x3 = 12, targets 6, 6, 6: by hand, see the tests."""
    made = LinearProgram(
        matrix=csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])),
        row_lower=np.array([10.0, 12.0]),
        row_upper=np.array([10.0, 12.0]),
        lower=np.zeros(3),
        upper=np.array(shares),
        cost=np.zeros(3),
    )
    return made, Departures(np.arange(3), np.full(3, 6.0), np.full(3, 6.0))


@pytest.mark.usefixtures("alone")
def test_by_hand():
    """x1 and x2 lack 2 together: 1 each, a sixth of 6; x3 then has 12 − 5 = 7."""
    found = QuickLeximin(Session()).solve(*two_budgets([np.inf] * 3))
    assert found.x == pytest.approx([5, 5, 7], abs=1e-12)
    assert found.freezes[0].level == pytest.approx(1 / 6, abs=1e-12)


@pytest.mark.usefixtures("alone")
def test_a_column_that_reaches_its_bound_first_leaves_more_to_the_others():
    """x3 ≤ 6.5 leaves x2 ≥ 5.5, so x1 = 4.5: a quarter of 6 below it."""
    found = QuickLeximin(Session()).solve(*two_budgets([np.inf, np.inf, 6.5]))
    assert found.x == pytest.approx([4.5, 5.5, 6.5], abs=1e-12)
    assert found.freezes[0].level == pytest.approx(0.25, abs=1e-12)
    assert 2 in found.freezes[0].columns.tolist()


def test_levels_are_lower_bounds_whatever_is_known():
    """With some of the bottlenecks only, the highest level is never above the true one."""
    for seed in range(20):
        rng = np.random.default_rng(4000 + seed)
        made, departures = program(rng)
        quick = QuickLeximin(Session())
        truth = quick.solve(made, departures)
        largest = departures.at(truth.x).max()
        every = quick._pool.prices
        some = [p for p in every if rng.random() < 0.5]
        descent = Descent(Bottlenecks(made, departures.columns, some), Aim.of(made, departures))
        assert descent.possible
        assert max((s.level for s in descent.steps[:1]), default=0.0) <= largest + 1e-9


def test_known_bottlenecks_are_not_looked_for_again(monkeypatch):
    """The same program twice: the second time one question is asked, and answered with a point."""
    made, departures = program(np.random.default_rng(7))
    quick = QuickLeximin(Session())
    quick.solve(made, departures)
    asked = []
    find = module.Box.find
    monkeypatch.setattr(module.Box, "find", lambda self, *box: asked.append(1) or find(self, *box))
    quick.solve(made, departures)
    assert len(asked) == 1
    quick.forget()
    quick.solve(made, departures)
    assert len(asked) > 2


def test_what_is_kept_is_what_is_gone_back_to():
    rng = np.random.default_rng(11)
    made, departures = program(rng)
    quick = QuickLeximin(Session())
    quick.solve(made, departures)
    quick.keep()
    others = [
        aimed(departures, departures.targets * rng.lognormal(0, 0.3, len(departures.targets)))
        for _ in range(6)
    ]
    quick.forget()
    first = quick.solve(made, others[-1]).x
    for other in others[:-1]:
        quick.solve(made, other)
    quick.forget()
    assert (quick.solve(made, others[-1]).x == first).all()


def test_prices_go_by_the_names_of_rows():
    made, departures = two_budgets([np.inf, np.inf, np.inf])
    named = replace(made, row_name=["budget.b", "budget.a"].__getitem__)
    turned = replace(
        made, matrix=made.matrix[[1, 0]], row_lower=made.row_lower[::-1], row_upper=made.row_upper[::-1]
    )
    turned = replace(turned, row_name=["budget.a", "budget.b"].__getitem__)
    quick = QuickLeximin(Session())
    quick.solve(named, departures)
    every = quick._pool.prices
    there = renamed(every, named, turned)
    assert [sorted((1 - p.rows).tolist()) for p in every] == [sorted(p.rows.tolist()) for p in there]
    assert not renamed(every, named, replace(turned, row_name="r{}".format))


def test_a_proof_that_does_not_hold_is_not_believed(monkeypatch):
    """x + y = 10 with y ≤ 3 and a target of 6 is 7 and 3; a point with another y leaves the row."""
    made = LinearProgram(
        matrix=csr_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([10.0]),
        row_upper=np.array([10.0]),
        lower=np.zeros(2),
        upper=np.array([np.inf, 3.0]),
        cost=np.zeros(2),
    )
    departures = Departures(np.array([0]), np.array([6.0]), np.array([6.0]))
    find = module.Box.find

    def off(self: module.Box, *box: np.ndarray) -> np.ndarray | None:
        point = find(self, *box)
        return None if point is None else point - 1e-6

    monkeypatch.setattr(module.Box, "find", off)
    quick = QuickLeximin(Session())
    with pytest.raises(NotOptimal, match="proved"):
        quick._solve(made, departures)
    assert quick.solve(made, departures).x == pytest.approx([7, 3], abs=1e-9)
