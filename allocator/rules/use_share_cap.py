"""Largest share of the money that goes to uses with a tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from allocator.names import Names, percent
from allocator.policy import Name
from allocator.problem import Base, Problem
from allocator.questions import Question, reading
from allocator.rows import Row
from allocator.rules.base import Rule, Turn, YearShare, in_year, share_row, split
from allocator.text import Text

CLAUSE = "内政发〔2022〕9号 三（一）"
BASE = Question(
    "base",
    Text("三成是哪些资金的三成", "whose money the cap is a share of"),
    CLAUSE,
    "旗县（市、区）可统筹安排不超过30%的到县衔接资金",
    (
        reading("upper", "上级（中央、省级、市级）到县衔接资金", "what arrives from above", base="upper"),
        reading(
            "central_regional",
            "中央和省级（自治区）衔接资金",
            "central and provincial (regional)",
            base="central_regional",
        ),
        reading("central", "只算中央衔接资金", "central bridging money alone", base="central"),
        reading("bridging", "各级衔接资金，含旗县本级", "with the county's own", base="bridging"),
        reading("all", "全部资金，含本级和整合资金", "all money, integrated funds too", base="all"),
    ),
    Text(
        "“到县衔接资金”指从上级到达旗县的衔接资金，不含本级",
        "bridging money that arrives at the county, not its own",
    ),
)
JOINT = Question(
    "counted",
    Text("三类用途合计还是各自不超过", "the uses together, or each by itself"),
    CLAUSE,
    "用于支持非贫困嘎查村发展产业、补齐必要的基础设施短板，以及…乡村振兴规划相关项目",
    (
        reading("joint", "合计不超过", "together", counted="joint"),
        reading("each", "各自不超过", "each by itself", counted="each"),
    ),
    Text("一句话只有一个比例", "one sentence with one percentage"),
)


class UseShareCap(Rule):
    """不超过30%的到县资金可用于非贫困嘎查村等（内政发〔2022〕9号 三（一））.

    For each county: Σ_tag (x + c) ≤ cap · Σ (x + c), both over the money of the `base`. With
    `counted: each` every tagged use by itself: Σ_u (x + c) ≤ cap · Σ (x + c).
    """

    default_title: ClassVar[Text] = Text("用途占比上限", "Largest share of a use")
    turns: ClassVar[Mapping[str, Turn]] = {"cap": Turn(Text("占比上限", "largest share"), 1, "share")}

    questions: ClassVar[tuple[Question, ...]] = (BASE, JOINT)

    kind: Literal["use_share_cap"]
    """Kind of rule."""
    tag: Name
    """Tag of the uses that count."""
    by: Name = "county"
    """county, prefecture, all, or a group: for whom the share is taken."""
    cap: YearShare
    """Largest share, or one a year."""
    base: Base = "upper"
    """Money that the share is taken of, by the level or the fund of streams."""
    counted: Literal["joint", "each"] = "joint"
    """Whether the tagged uses count together or each by itself."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each value of `by`; with `counted: each` one a use too, `where` is then …/use."""
        cells = problem.cells(problem.mask(self.scope) & problem.base_mask(self.base))
        tagged, use = problem.use_mask_of_tag(self.tag), cells % problem.shape[2]
        cap, wholes = in_year(self.cap, problem.year), split(problem, cells, self.by)
        if self.counted == "joint":
            counted = {"": cells[tagged[use]]}
        else:
            counted = {f"/{problem.use_names[u]}": cells[use == u] for u in np.flatnonzero(tagged)}
        parts = {suffix: dict(split(problem, own, self.by)) for suffix, own in counted.items()}
        return [
            share_row(f"{where}{suffix}", own[where], "<=", cap, whole)
            for where, whole in wholes
            for suffix, own in parts.items()
        ]

    def demand(self, row: Row, names: Names) -> Text:
        """At most a share of the money goes to the tagged uses."""
        head, _, use = row.where.rpartition("/") if self.counted == "each" else (row.where, "", "")
        who, what, share = (
            names.place(head),
            names.use(use) if use else names.tag(self.tag),
            percent(row.times),
        )
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
