"""Least share of the money that goes to uses with a tag, such as industry."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import Row
from allocator.rules.base import Rule, YearShare, in_year, share_row, split
from allocator.text import Text


class UseShareFloor(Rule):
    """各盟市收到的资金用于产业的比例不低于当年下限，且不低于上年占比（内政发〔2022〕9号 三（一））.

    For each group value g: Σ_{g, tag} (x + c) ≥ max(φ_year, last year's share_g) · Σ_g (x + c)
    """

    default_title: ClassVar[Text] = Text("用途占比下限", "Least share of a use")

    kind: Literal["use_share_floor"]
    """Kind of rule."""
    tag: Name
    """Tag of the uses that count."""
    by: Name = "prefecture"
    """prefecture, county, all, or a group: for whom the share is taken."""
    floor: YearShare | None = None
    """Least share, or one a year."""
    not_below: Name | None = None
    """Column with last year's share, equal in all counties of one prefecture; blank: none."""

    @model_validator(mode="after")
    def _asks_something(self) -> UseShareFloor:
        if self.floor is None and self.not_below is None:
            raise ValueError("one of 'floor' and 'not_below' is needed")
        return self

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each value of `by`."""
        cells = problem.cells(problem.mask(self.scope))
        use = problem.use_mask_of_tag(self.tag)[cells % problem.shape[2]]
        wholes, parts = split(problem, cells, self.by), split(problem, cells[use], self.by)
        return [
            share_row(where, part, ">=", self._floor(problem, where), whole)
            for (where, whole), (_, part) in zip(wholes, parts, strict=True)
        ]

    def _floor(self, problem: Problem, where: str) -> Fraction:
        floor = Fraction(0) if self.floor is None else in_year(self.floor, problem.year)
        if self.not_below is None:
            return floor
        values = problem.counties.numbers[self.not_below]
        last = (values[i] for i in problem.counties.positions(self.by, where))
        return max([floor, *(Fraction(v) for v in last if v is not None)])

    def county_columns(self) -> tuple[str, ...]:
        """The column of last year's share."""
        return () if self.not_below is None else (self.not_below,)

    def yearly(self) -> dict[str, Any]:
        """`floor` may be a map."""
        return {"floor": self.floor}
