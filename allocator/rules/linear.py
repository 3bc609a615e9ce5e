"""The primitive itself, written out in the scenario."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

from allocator.policy import Number, Selection
from allocator.problem import Problem
from allocator.rows import NO_CELLS, Row, Sense
from allocator.rules.base import ByYear, Rule, in_year, split
from allocator.text import Text


class Linear(Rule):
    """Whatever comes next: Σ_left (x + c) ≥ | ≤ | = times · Σ_right (x + c) + plus.

    With `for_each` one row a county or prefecture, both selections cut down to it.
    """

    default_title: ClassVar[Text] = Text("线性规则", "Linear rule")

    kind: Literal["linear"]
    """Kind of rule."""
    left: Selection
    """Money on the left."""
    sense: Sense
    """How the sides compare."""
    times: Number | ByYear = Decimal(1)
    """Factor on the right-hand selection."""
    right: Selection | None = None
    """Money on the right; left out: none."""
    plus: Number | ByYear = Decimal(0)
    """Constant on the right."""
    for_each: Literal["county", "prefecture"] | None = None
    """One row for each county or prefecture."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row, or one for each value of `for_each`."""
        by = self.for_each or "all"
        times, plus = in_year(self.times, problem.year), in_year(self.plus, problem.year)
        lefts = split(problem, problem.cells(problem.mask(self.scope, self.left)), by)
        right = NO_CELLS if self.right is None else problem.cells(problem.mask(self.scope, self.right))
        return [
            self._row(where, left, times, whole, plus)
            for (where, left), (_, whole) in zip(lefts, split(problem, right, by), strict=True)
        ]

    def _row(self, where: str, left: Any, times: Fraction, right: Any, plus: Fraction) -> Row:
        sense: Sense = self.sense
        empty = not len(left) and not len(right)
        nothing = Text("没有可计入的资金", "no money can count here") if empty else None
        return Row(where, left, sense, times if len(right) else Fraction(0), right, plus, nothing)

    def selections(self) -> dict[str, Selection]:
        """Left, right and scope."""
        named = {"left": self.left, "right": self.right, "scope": self.scope}
        return {key: value for key, value in named.items() if value is not None}

    def yearly(self) -> dict[str, Any]:
        """`times` and `plus` may be maps."""
        return {"times": self.times, "plus": self.plus}
