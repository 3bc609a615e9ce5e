"""What the optimiser says of each rule row: binding, the round that it shaped, its dual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.allocation import RowPrice
from allocator.amount_program import AmountProgram
from allocator.optimum import Optimum
from allocator.problem import Problem
from allocator.rows import Cells, Row
from solvers.levels import Levels

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
) -> dict[str, tuple[RowPrice, ...]]:
    """One price for each row of each rule, from the rounds of level 1 in `levels`."""
    first = optimum.first
    duals, rounds = _duals(first, levels)
    binding = _Binding(problem, optimum.amounts.ravel())
    return {
        rule: tuple(
            RowPrice(binding.holds(row), rounds.get((rule, number)), duals.get((rule, number), 0.0))
            for number, row in enumerate(rows)
        )
        for rule, rows in rules.items()
    }


def _duals(
    first: AmountProgram, levels: Levels
) -> tuple[dict[tuple[str, int], float], dict[tuple[str, int], int]]:
    """Dual of the first round, in points per unit of the row's constant, and first priced level."""
    number = level_numbers(levels)
    row_level: dict[int, int] = {}
    column_level: dict[int, int] = {}
    for freeze, found in zip(levels.freezes, number, strict=True):
        for r in freeze.rows.tolist():
            row_level[r] = min(found, row_level.get(r, found))
        for j in freeze.columns.tolist():
            column_level[j] = min(found, column_level.get(j, found))
    duals: dict[tuple[str, int], float] = {}
    rounds: dict[tuple[str, int], int] = {}
    program = first.program
    for place in first.places:
        value: float
        level: int | None
        key = (place.rule, place.number)
        if place.program_row >= 0:
            value, level = float(levels.first_duals[place.program_row]), row_level.get(place.program_row)
        else:
            price = float(levels.first_prices[place.column])
            bound = program.lower[place.column] if price > 0 else program.upper[place.column]
            own = abs(place.bound - bound) <= 1e-12 * max(1.0, abs(bound))
            value, level = (price, column_level.get(place.column)) if own else (0.0, None)
        if value:
            duals[key] = 100.0 * value / (place.coefficient * first.unit)
        if level is not None:
            rounds[key] = level
    return duals, rounds


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
