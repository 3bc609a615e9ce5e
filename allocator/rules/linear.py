"""The primitive itself, written out in the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

from allocator.names import Names
from allocator.policy import Number, Selection
from allocator.problem import Problem
from allocator.rows import NO_CELLS, Row, Sense
from allocator.rules.base import ByYear, Knob, Rule, in_year, split
from allocator.text import Text

DIRECTIONS: Mapping[Sense, tuple[Literal[-1, 1], ...]] = {">=": (-1,), "<=": (1,), "=": (-1, 1)}
"""In which directions the right side can move to ask for less."""


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

    def demand(self, row: Row, names: Names) -> Text:
        """The rule's title, and whom it speaks of."""
        if not row.where:
            return self.text
        who = names.place(row.where)
        return Text(f"{who.zh}：{self.text.zh}", f"{who.en}: {self.text.en}")

    def governing(self, row: Row, year: int) -> str:
        """The factor where there is one, else the constant."""
        return "times" if row.times and not row.plus else "plus"

    def governs(self, row: Row, year: int) -> tuple[str, ...]:
        """The constant, and the factor where there is one."""
        return ("times", "plus") if row.times else ("plus",)

    def knobs(self, year: int) -> tuple[Knob, ...]:
        """Factor and constant; an equation gives way in either direction."""
        directions = DIRECTIONS[self.sense]
        times = self.times[year] if isinstance(self.times, dict) else self.times
        plus = self.plus[year] if isinstance(self.plus, dict) else self.plus
        found = []
        for loosens in directions:
            if self.right is not None:
                title = Text("右边的倍数", "factor on the right side")
                found.append(Knob(self.id, "times", title, times, loosens, "multiple", True))
            found.append(Knob(self.id, "plus", Text("右边的常数", "constant"), plus, loosens, "money", True))
        return tuple(found)

    def selections(self) -> dict[str, Selection]:
        """Left, right and scope."""
        named = {"left": self.left, "right": self.right, "scope": self.scope}
        return {key: value for key, value in named.items() if value is not None}

    def yearly(self) -> dict[str, Any]:
        """`times` and `plus` may be maps."""
        return {"times": self.times, "plus": self.plus}
