"""Solvers agree by cost and proof, never dual by dual, and are not taken on trust."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp
import pytest

from solvers import pulp_solvers
from solvers.highs import Session
from solvers.leximin import leximin
from solvers.pulp_solvers import PulpSolver
from solvers.solution import Infeasible, NotOptimal, Unbounded
from tests.solvers.pulp_model_cases import (
    INF,
    allocation,
    every_other_solver,
    program,
    proved,
    random_program,
)

# solvers agree by cost and proof, never dual by dual: degenerate duals are not unique


@every_other_solver
@pytest.mark.parametrize("seed", range(15))
def test_solvers_agree(name, seed):
    built = random_program(seed)
    mine, other = Session().solve(built), PulpSolver(name).solve(built)
    assert other.cost == pytest.approx(mine.cost, abs=1e-8 * (1 + abs(mine.cost)))
    assert max(proved(built, mine), proved(built, other)) <= 1e-9
    assert other.noise <= pulp_solvers.NOISE


@every_other_solver
def test_a_row_of_one_variable_has_its_dual(name):
    """CBC hands over none where presolve makes the row a bound."""
    built = program([[2, 0], [1, 1]], [4, 5], [INF, INF], [3, 2])
    solution = PulpSolver(name).solve(built)
    assert solution.values == pytest.approx([2, 3])
    assert solution.duals == pytest.approx([0.5, 2])


@every_other_solver
def test_a_row_with_two_bounds_has_one_dual(name):
    solution = PulpSolver(name).solve(program([[1, 1]], [1], [5], [-2, -1]))
    assert (solution.cost, *solution.duals) == pytest.approx((-10, -2))


@every_other_solver
def test_columns_and_rows_without_entries(name):
    built = program([[0, 1], [0, 0]], [2, -1], [INF, INF], [0, 1], lower=[3, 0])
    assert PulpSolver(name).solve(built).values == pytest.approx([3, 2])
    with pytest.raises(Infeasible):
        PulpSolver(name).solve(replace(built, row_lower=np.array([2.0, 1.0])))


@every_other_solver
def test_no_cost_is_a_question_of_feasibility(name):
    built = program([[1, 1]], [2], [2], [0, 0])
    solution = PulpSolver(name).solve(built)
    assert solution.cost == 0
    assert proved(built, solution) <= 1e-9


@every_other_solver
@pytest.mark.parametrize(
    "built",
    [
        program([[1.0]], [2], [INF], [1], upper=[1]),
        program([[1, 1], [1, 1]], [3, -INF], [INF, 2], [1, 1]),
        program([[1, 1], [1, -1], [1, 0]], [3, 0, -INF], [3, 0, 1], [-1, 0]),
        program([[1.0]], [0], [INF], [1], lower=[2], upper=[1]),
        program([[1, 1], [1, 1]], [3, -INF], [INF, 2], [-1, 0], lower=[-INF, -INF]),
        program([[2.0]], [1], [1], [1], integer=np.array([True])),
    ],
    ids=["trivially", "two rows", "equations", "bounds cross", "and unbounded", "in whole numbers"],
)
def test_infeasible_is_said(name, built):
    with pytest.raises(Infeasible, match=name):
        PulpSolver(name).solve(built)


@every_other_solver
@pytest.mark.parametrize(
    "built",
    [
        program([[1.0]], [1], [INF], [-1]),
        program([[1, -1]], [0], [0], [-1, 0]),
        program([[1, 1]], [0], [5], [1, 0], lower=[-INF, -INF]),
        program([[1, -1]], [-INF], [3], [-1, -1], integer=np.array([True, False])),
    ],
)
def test_unbounded_is_said(name, built):
    with pytest.raises(Unbounded, match=name):
        PulpSolver(name).solve(built)


@every_other_solver
def test_whole_numbers(name):
    built = program([[3, 2], [1, 0]], [-INF, -INF], [12.5, 3.7], [-4, -2.5], integer=np.array([True, True]))
    solution = PulpSolver(name).solve(built)
    assert solution.cost == Session().solve(built).cost
    assert (solution.values == np.rint(solution.values)).all()


# nothing is taken on trust


@every_other_solver
@pytest.mark.parametrize("lie", ["wrong point", "silence", "stumble"])
def test_a_solver_that_lies_is_not_believed(name, lie, monkeypatch):
    def answer(self, program, options):
        return (np.full(program.columns, 7.0), np.ones(program.rows)) if lie == "wrong point" else None

    def stumble(self, solver):
        raise RuntimeError("no licence")

    if lie == "stumble":
        monkeypatch.setattr(pulp.LpProblem, "solve", stumble)
    else:
        monkeypatch.setattr(PulpSolver, "_run", answer)
    for seed in range(3):
        with pytest.raises(NotOptimal, match="proved: no licence" if lie == "stumble" else "proved$"):
            PulpSolver(name).solve(random_program(seed))


# leximin does not depend on the solver


@every_other_solver
@pytest.mark.parametrize("seed", range(6))
def test_leximin_is_the_same(name, seed):
    built, departures = allocation(12, seed)
    mine, other = leximin(built, departures, Session()), leximin(built, departures, PulpSolver(name))
    assert len(mine.freezes) > 3
    assert np.abs(departures.at(mine.x) - departures.at(other.x)).max() <= 1e-9
    assert max(proof.worst for proof in other.certificates) <= 1e-8


@every_other_solver
def test_leximin_says_infeasible(name):
    built, departures = allocation(5)
    tight = replace(built, row_upper=np.where(np.isfinite(built.row_upper), built.row_upper * 0.3, INF))
    tight = replace(tight, row_lower=np.minimum(tight.row_lower, tight.row_upper))
    for solver in (Session(), PulpSolver(name)):
        with pytest.raises(Infeasible):
            leximin(tight, departures, solver)
