"""Largest share of the money that goes to uses with a tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from allocator.names import Names, percent
from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import Row
from allocator.rules.base import Rule, Turn, YearShare, in_year, share_row, split
from allocator.text import Text


class UseShareCap(Rule):
    """不超过30%的到县资金可用于非贫困嘎查村等（内政发〔2022〕9号 三（一））.

    For each county: Σ_tag (x + c) ≤ cap · Σ (x + c)
    """

    default_title: ClassVar[Text] = Text("用途占比上限", "Largest share of a use")
    turns: ClassVar[Mapping[str, Turn]] = {"cap": Turn(Text("占比上限", "largest share"), 1, "share")}

    kind: Literal["use_share_cap"]
    """Kind of rule."""
    tag: Name
    """Tag of the uses that count."""
    by: Name = "county"
    """county, prefecture, all, or a group: for whom the share is taken."""
    cap: YearShare
    """Largest share, or one a year."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each value of `by`."""
        cells = problem.cells(problem.mask(self.scope))
        use = problem.use_mask_of_tag(self.tag)[cells % problem.shape[2]]
        wholes, parts = split(problem, cells, self.by), split(problem, cells[use], self.by)
        cap = in_year(self.cap, problem.year)
        return [
            share_row(where, part, "<=", cap, whole)
            for (where, whole), (_, part) in zip(wholes, parts, strict=True)
        ]

    def demand(self, row: Row, names: Names) -> Text:
        """At most a share of the money goes to the tagged uses."""
        who, what, share = names.place(row.where), names.tag(self.tag), percent(row.times)
        return Text(
            f"{who.zh}用于{what.zh}的资金不超过 {share}",
            f"at most {share} of the money of {who.en} goes to {what.en}",
        )

    def governing(self, row: Row, year: int) -> str:
        """The cap."""
        return "cap"

    def yearly(self) -> dict[str, Any]:
        """`cap` may be a map."""
        return {"cap": self.cap}
