"""What the optimiser says of each rule row: binding, the round that it shaped, its dual
with the range of that over all optimal duals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.allocation import RowPrice
from allocator.amount_program import AmountProgram
from allocator.optimum import Optimum
from allocator.problem import Problem
from allocator.program_builder import RowPlace
from allocator.rows import Cells, Row, Sense
from solvers.choose import make_solver
from solvers.dual_range import BoundRows, first_round_range
from solvers.levels import Levels
from solvers.program import LinearProgram, Vector
from solvers.solution import SolverError

_Key = tuple[str, int]
"""A rule, and which of its rows."""

SAME_LEVEL = 1e-9
"""Rounds whose largest departures are this near count as one."""


def level_numbers(levels: Levels) -> list[int]:
    """The number of each freeze's level, 1 for the largest departure."""
    distinct: list[float] = []
    for value in sorted((f.level for f in levels.freezes), reverse=True):
        if not distinct or distinct[-1] - value > SAME_LEVEL:
            distinct.append(value)
    return [int(np.searchsorted([-d for d in distinct], -f.level - SAME_LEVEL)) + 1 for f in levels.freezes]


def row_prices(
    problem: Problem,
    rules: Mapping[str, Sequence[Row]],
    optimum: Optimum,
    levels: Levels,
    in_rounds: bool = True,
) -> dict[str, tuple[RowPrice, ...]]:
    """One price for each row of each rule, from the rounds of level 1 in `levels`.

    `in_rounds`: the objective takes rounds; else there is one dual and no range around it.
    """
    first = optimum.first
    duals, rounds = _duals(first, rules, levels, in_rounds)
    ranges = _ranges(first, rules, levels, duals) if in_rounds else {k: (d, d) for k, d in duals.items()}
    binding = _Binding(problem, optimum.amounts.ravel())
    return {
        rule: tuple(
            RowPrice(
                binding.holds(row),
                rounds.get((rule, number)),
                duals.get((rule, number), 0.0),
                *ranges.get((rule, number), (0.0, 0.0)),
            )
            for number, row in enumerate(rows)
        )
        for rule, rows in rules.items()
    }


def _duals(
    first: AmountProgram, rules: Mapping[str, Sequence[Row]], levels: Levels, in_rounds: bool
) -> tuple[dict[_Key, float], dict[_Key, int]]:
    """Dual of the first round, in points per unit of the row's constant, and first priced level."""
    number = level_numbers(levels)
    row_level: dict[int, int] = {}
    column_level: dict[int, int] = {}
    for freeze, found in zip(levels.freezes, number, strict=True):
        for r in freeze.rows.tolist():
            row_level[r] = min(found, row_level.get(r, found))
        for j in freeze.columns.tolist():
            column_level[j] = min(found, column_level.get(j, found))
    duals: dict[_Key, float] = {}
    rounds: dict[_Key, int] = {}
    program = first.program
    prices = _prices(program, levels) if in_rounds else levels.first_prices
    for place in first.places:
        value: float
        level: int | None
        key = (place.rule, place.number)
        if place.program_row >= 0:
            value, level = float(levels.first_duals[place.program_row]), row_level.get(place.program_row)
        else:
            price = float(prices[place.column])
            bound = program.lower[place.column] if price > 0 else program.upper[place.column]
            other = "<=" if price > 0 else ">="
            own = abs(place.bound - bound) <= 1e-12 * max(1.0, abs(bound))
            own = own and _sense(rules[place.rule][place.number], place) != other
            value, level = (price, column_level.get(place.column)) if own else (0.0, None)
        if value:
            duals[key] = value * _points(first, place)
        if level is not None:
            rounds[key] = level
    return duals, rounds


def _prices(program: LinearProgram, levels: Levels) -> Vector:
    """Reduced costs of the first round; a fixed column, which no round takes in, has one too."""
    return np.where(
        program.lower == program.upper, -(program.matrix.T @ levels.first_duals), levels.first_prices
    )


def _points(first: AmountProgram, place: RowPlace) -> float:
    """Points of departure per unit of the row's constant, for a dual of one in the program."""
    return 100.0 / (place.coefficient * first.unit)


def _ranges(
    first: AmountProgram,
    rules: Mapping[str, Sequence[Row]],
    levels: Levels,
    duals: Mapping[_Key, float],
) -> dict[_Key, tuple[float, float]]:
    """Least and largest dual of each row that has a place in the program, over all optimal duals."""
    rows = [p for p in first.places if p.program_row >= 0]
    bounds = [p for p in first.places if p.program_row < 0]
    if not first.places:
        return {}
    # a price of one column may be the work of several rows: apart again, each has its own
    senses = [_sense(rules[p.rule][p.number], p) for p in bounds]
    asked = BoundRows(
        np.array([p.column for p in bounds], dtype=np.intp),
        np.array([-np.inf if sense == "<=" else p.bound for p, sense in zip(bounds, senses, strict=True)]),
        np.array([np.inf if sense == ">=" else p.bound for p, sense in zip(bounds, senses, strict=True)]),
    )
    wanted = np.array([p.program_row for p in rows], dtype=np.intp), asked
    try:
        found = first_round_range(first.program, first.departures, levels.x, wanted, make_solver("highs"))
    except SolverError:  # the point is too rough to tell what is tight: the dual stands alone
        return {key: (dual, dual) for key, dual in duals.items()}
    ranges = {}
    for place, low, high in zip(rows + bounds, found.low.tolist(), found.high.tolist(), strict=True):
        ends = sorted(_points(first, place) * end for end in (low, high))
        ranges[place.rule, place.number] = ends[0], ends[1]
    return ranges


def _sense(row: Row, place: RowPlace) -> Sense:
    """The row's sense as a bound of its column."""
    turned: dict[Sense, Sense] = {">=": "<=", "<=": ">=", "=": "="}
    return turned[row.sense] if place.coefficient < 0 else row.sense


class _Binding:
    """Whether rows are tight at the unrounded optimum."""

    def __init__(self, problem: Problem, amounts: np.ndarray) -> None:
        self.amounts = amounts.copy()
        for cell, value in problem.committed.items():
            self.amounts[cell] += float(value)
        self.tolerance = 1e-6 * float(problem.step)
        self._sums: dict[int, tuple[Cells, float]] = {}

    def _sum(self, cells: Cells) -> float:
        known = self._sums.get(id(cells))
        if known is None:
            known = self._sums[id(cells)] = (cells, float(self.amounts[cells].sum()))
        return known[1]

    def holds(self, row: Row) -> bool:
        """Tight, and asking for something."""
        if row.vacuous is not None:
            return False
        left, right = self._sum(row.left), float(row.times) * self._sum(row.right) + float(row.plus)
        return abs(left - right) <= self.tolerance + 1e-9 * max(abs(left), abs(right))
