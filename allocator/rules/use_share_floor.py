"""Least share of the money that goes to uses with a tag, such as industry."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from allocator.names import Names, percent
from allocator.policy import Name, Number
from allocator.problem import Problem
from allocator.rows import Row
from allocator.rules.base import Knob, Rule, Turn, YearShare, in_year, share_row, split
from allocator.text import Text


class UseShareFloor(Rule):
    """各盟市收到的资金用于产业的比例不低于当年下限，且不低于上年占比（内政发〔2022〕9号 三（一））.

    For each group value g: Σ_{g, tag} (x + c) ≥ max(φ_year, retain · last year's share_g) · Σ_g (x + c)
    """

    default_title: ClassVar[Text] = Text("用途占比下限", "Least share of a use")
    turns: ClassVar[Mapping[str, Turn]] = {
        "floor": Turn(Text("占比下限", "least share"), -1, "share"),
        "retain": Turn(Text("上年占比的保持比例", "part of last year's share to keep"), -1, "share"),
    }

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
    retain: Annotated[Number, Field(ge=0, le=1)] = Decimal(1)
    """Part of last year's share that must be kept: 1 for not below it at all."""

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
        return max([floor, *(Fraction(self.retain) * Fraction(v) for v in last if v is not None)])

    def demand(self, row: Row, names: Names) -> Text:
        """At least a share of the money goes to the tagged uses."""
        who, what, share = names.place(row.where), names.tag(self.tag), percent(row.times)
        last = self.governing(row, names.problem.year) == "retain"
        why = Text("（不低于上年）", " (not below last year's)") if last else Text("", "")
        return Text(
            f"{who.zh}用于{what.zh}的资金不低于 {share}{why.zh}",
            f"at least {share} of the money of {who.en} goes to {what.en}{why.en}",
        )

    def governing(self, row: Row, year: int) -> str:
        """The floor of the year, or what is kept of last year's share."""
        return "floor" if self.floor is not None and row.times == in_year(self.floor, year) else "retain"

    def knobs(self, year: int) -> tuple[Knob, ...]:
        """`retain` counts only where last year's share does."""
        return tuple(k for k in super().knobs(year) if k.key != "retain" or self.not_below is not None)

    def county_columns(self) -> tuple[str, ...]:
        """The column of last year's share."""
        return () if self.not_below is None else (self.not_below,)

    def yearly(self) -> dict[str, Any]:
        """`floor` may be a map."""
        return {"floor": self.floor}
