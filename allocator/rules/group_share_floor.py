"""Least share of the money that goes to a group of counties."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar, Literal

from allocator.names import Names, percent
from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import Row
from allocator.rules.base import Rule, Turn, YearShare, in_year, share_row, split
from allocator.text import Text


class GroupShareFloor(Rule):
    """适当向国家和自治区乡村振兴重点帮扶旗县倾斜（内政发〔2022〕9号 二（二））.

    Σ_{i ∈ G} (x + c) ≥ ρ · Σ (x + c)
    """

    default_title: ClassVar[Text] = Text("重点地区占比下限", "Least share of a group")
    turns: ClassVar[Mapping[str, Turn]] = {"floor": Turn(Text("占比下限", "least share"), -1, "share")}

    kind: Literal["group_share_floor"]
    """Kind of rule."""
    group: Name
    """The group."""
    floor: YearShare
    """Least share, or one a year."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row."""
        everything = problem.cells(problem.mask(self.scope))
        ((where, part),) = split(problem, everything, self.group)
        if not problem.counties.groups[self.group].any():
            nobody = Text("该分组当年没有旗县", "the group has no counties this year")
            return [Row(where, part, ">=", Fraction(0), everything, Fraction(0), nobody)]
        return [share_row(where, part, ">=", in_year(self.floor, problem.year), everything)]

    def demand(self, row: Row, names: Names) -> Text:
        """The group gets at least a share of the total."""
        who, share = names.place(row.where), percent(row.times)
        return Text(f"{who.zh}合计不低于总额的 {share}", f"{who.en} get at least {share} of the total")

    def governing(self, row: Row, year: int) -> str:
        """The floor."""
        return "floor"

    def group_names(self) -> tuple[str, ...]:
        """The group."""
        return (self.group,)

    def yearly(self) -> dict[str, Any]:
        """`floor` may be a map."""
        return {"floor": self.floor}
