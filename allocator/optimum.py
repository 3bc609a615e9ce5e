"""The unrounded optimum: level 1 by the scenario's objective, then level 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import AmountProgram, amount_program, linear_rows
from allocator.faults import SolverTrouble
from allocator.infeasible import too_wide
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.use_program import UseProgram, use_program
from solvers.levels import Levels
from solvers.leximin import leximin
from solvers.objectives import least_squares, least_total
from solvers.solution import Infeasible, Solver, SolverError, SolverMissing

Progress = Callable[[Text, float], None]
"""Told of the stage and of its share that is done."""


@dataclass(frozen=True)
class Optimum:
    """Both levels solved: the programs, their answers, and the amounts in the unit."""

    first: AmountProgram
    first_levels: Levels
    second: UseProgram
    second_levels: Levels
    payments: NDArray[np.float64]
    """(n, S)"""
    amounts: NDArray[np.float64]
    """(n, S, U)"""


def silent(stage: Text, share: float) -> None:
    """No progress is shown."""


def optimum(loaded: Loaded, solver: Solver, progress: Progress = silent) -> Optimum:
    """Both levels; raises Infeasible where the rules cannot all be kept."""
    problem, objective = loaded.problem, loaded.scenario.objective
    linear = linear_rows(problem, loaded.rows)
    first = amount_program(problem, linear)
    too_wide(first)
    if first.impossible or first.crossed:
        raise Infeasible("two bounds cross, or a row has nothing to decide")
    try:
        first_levels = level_one(first, objective, solver, progress)
        payments = first.payments(problem, first_levels.x)
        second = use_program(problem, linear, payments, first.unit)
        stage = Text("第二层：各用途金额", "level 2: amounts by use")
        second_levels = leximin(
            second.program,
            second.departures,
            solver,
            progress=lambda share: progress(stage, share),
            feasible=True,
        )
    except Infeasible:
        raise
    except SolverMissing as error:
        raise SolverTrouble(missing(str(error)), exit_code=2) from None
    except SolverError as error:
        raise SolverTrouble(_failed(str(error))) from None
    amounts = second.amounts(second_levels.x).reshape(problem.shape)
    return Optimum(first, first_levels, second, second_levels, payments, amounts)


def level_one(first: AmountProgram, objective: str, solver: Solver, progress: Progress) -> Levels:
    """Level 1 by the objective; raises what the solver raises."""
    if objective == "least_moved":
        return least_total(first.program, first.departures, solver)
    if objective == "proportional":
        return least_squares(first.program, first.departures, solver)
    stage = Text("第一层：各旗县金额", "level 1: amounts by county")
    rounds = 1 if objective == "minimax" else None
    return leximin(first.program, first.departures, solver, rounds, lambda share: progress(stage, share))


def missing(what: str) -> Text:
    """A solver is missing, in both languages."""
    return Text(f"求解器不可用：{what}", f"the solver is not available: {what}")


def _failed(what: str) -> Text:
    return Text(
        f"求解失败（数值问题），没有写出任何结果：{what}",
        f"the solver failed numerically, nothing was written: {what}",
    )
