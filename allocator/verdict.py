"""Judges a table of whole numbers: every rule row exactly, knowing nothing of how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.problem import Problem
from allocator.rows import Cells, Row, Sense
from allocator.text import Text

Amounts = NDArray[Any]
"""(n, S, U) whole numbers of steps (int64), or exact Fractions of a step (object) for a foreign table."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of one rule, judged: `left sense right`, all in the scenario's unit, exact."""

    rule: str
    """The rule's id, or budget, eligibility, permitted_use, sign, step."""
    where: str
    left: Fraction
    sense: Sense
    right: Fraction
    vacuous: Text | None = None

    @property
    def slack(self) -> Fraction:
        """Zero or more where the row holds; how much is missing, negated, where it does not."""
        gap = self.left - self.right
        return gap if self.sense == ">=" else -gap if self.sense == "<=" else -abs(gap)

    @property
    def holds(self) -> bool:
        """Whether the row holds, exactly; a vacuous row always does."""
        return self.vacuous is not None or self.slack >= 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every row judged: `general` (budget, eligibility, permitted use, sign, step), then `rules`.

    `rules` stands in the order of the scenario's rules and of each rule's rows, so that it
    lines up with what the solver says of the same rows.
    """

    general: tuple[Judged, ...]
    rules: tuple[Judged, ...]

    @property
    def rows(self) -> tuple[Judged, ...]:
        """All rows."""
        return self.general + self.rules

    @property
    def broken(self) -> tuple[Judged, ...]:
        """The rows that do not hold."""
        return tuple(row for row in self.rows if not row.holds)

    @property
    def holds(self) -> bool:
        """Whether every row holds."""
        return not self.broken


class _Sums:
    """Exact sums over cells, as integers of a common fraction of the unit."""

    def __init__(self, problem: Problem, amounts: Amounts) -> None:
        flat = [Fraction(v) * problem.step for v in amounts.ravel().tolist()]
        fractions = [*flat, *problem.committed.values(), problem.step]
        self.denominator = lcm(*(f.denominator for f in fractions))
        units = np.array([int(f * self.denominator) for f in flat], dtype=object)
        for cell, amount in problem.committed.items():
            units[cell] += int(amount * self.denominator)
        small = max((abs(v) for v in units), default=0) < 2**62 // max(1, len(units))
        self.units = units.astype(np.int64) if small else units
        self._shared: dict[int, tuple[Cells, Fraction]] = {}

    def over(self, cells: Cells) -> Fraction:
        """Σ (x + c) over the cells; remembered by array, since rows share their right-hand side."""
        known = self._shared.get(id(cells))
        if known is None:
            total = Fraction(int(self.units[cells].sum()), self.denominator) if len(cells) else Fraction(0)
            known = self._shared[id(cells)] = (cells, total)
        return known[1]


def judge(problem: Problem, rows: Mapping[str, Sequence[Row]], amounts: Amounts) -> Verdict:
    """The verdict on `amounts`, (n, S, U) in steps, under `rows` by rule id."""
    sums = _Sums(problem, amounts)
    judged = []
    for rule, members in rows.items():
        for row in members:
            right = row.times * sums.over(row.right) + row.plus if row.times else row.plus
            judged.append(Judged(rule, row.where, sums.over(row.left), row.sense, right, row.vacuous))
    return Verdict(tuple(_general(problem, amounts)), tuple(judged))


def _general(problem: Problem, amounts: Amounts) -> list[Judged]:
    step, zero = problem.step, Fraction(0)
    steps = np.array([Fraction(v) for v in amounts.ravel().tolist()], dtype=object).reshape(problem.shape)
    rows = [
        Judged("budget", name, Fraction(steps[:, s, :].sum()) * step, "=", problem.budgets[s])
        for s, name in enumerate(problem.stream_names)
    ]
    eligible = np.asarray(problem.open.any(axis=2))
    # what nobody may pay for counts wherever it stands, a pooled use where the county may not pool
    closed = ~np.asarray(problem.open.any(axis=0))[None] | (eligible[:, :, None] & ~problem.open)
    for s, name in enumerate(problem.stream_names):
        outside = Fraction(steps[~eligible[:, s], s, :].sum()) * step
        rows.append(Judged("eligibility", name, outside, "=", zero))
        unpermitted = Fraction(steps[:, s][closed[:, s]].sum()) * step
        rows.append(Judged("permitted_use", name, unpermitted, "=", zero))
    flat = steps.ravel()
    rows.append(Judged("sign", "", sum((v for v in flat if v < 0), zero) * step, ">=", zero))
    broken = sum((v - v.numerator // v.denominator for v in flat if v.denominator != 1), zero)
    rows.append(Judged("step", "", broken * step, "=", zero))
    return rows
