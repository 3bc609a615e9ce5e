"""A group's average per county is no less than that of others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from allocator.names import Names, percent
from allocator.policy import Name, Number
from allocator.problem import Problem
from allocator.questions import Question, reading
from allocator.rows import Row
from allocator.rules.base import ByYear, Rule, Turn, in_year, split
from allocator.text import Text

CLAUSE = "内政发〔2022〕9号 六（三）"
QUOTE = "确保当年安排给脱贫旗县的资金县均投入规模不低于其他旗县的县均投入规模"
WHOM = Question(
    "reading",
    Text("比较平均数还是每个旗县", "averages, or each county"),
    CLAUSE,
    QUOTE,
    (
        reading("group_average", "脱贫旗县的平均数", "the group's average", reading="group_average"),
        reading("each_county", "每个脱贫旗县", "each county of the group", reading="each_county"),
    ),
    Text("两边都写“县均”", "both sides speak of averages"),
)
AGAINST = Question(
    "against",
    Text("与谁比较", "compared with whom"),
    CLAUSE,
    QUOTE,
    (
        reading("others", "其他旗县", "the other counties", against="others"),
        reading("all", "全部旗县", "all counties", against="all"),
    ),
    Text("原文为“其他旗县”", "the text says the other counties"),
)
AMONG = Question(
    "among",
    Text("得不到资金的旗县算不算", "whether counties that can receive nothing count"),
    CLAUSE,
    QUOTE,
    (
        reading("all", "全部旗县，含得不到资金的", "all counties, those without money included", among="all"),
        reading("eligible", "只算能得到资金的旗县", "counties that can receive money", among="eligible"),
    ),
    Text(
        "原文没有排除任何旗县；计入零户会放宽规则", "the text leaves none out; counting zeros eases the rule"
    ),
)


class AverageParity(Rule):
    """脱贫旗县的县均投入规模不低于其他旗县的县均投入规模（内政发〔2022〕9号 六（三））.

    F is the group, R the reference: the others, or all.
    `group_average`: Σ_F (x + c) ≥ times · |F| / |R| · Σ_R (x + c)
    `each_county`, for i in F: X_i + c_i ≥ times · 1 / |R| · Σ_R (x + c)
    """

    default_title: ClassVar[Text] = Text("县均投入不低于", "Average per county no less")
    turns: ClassVar[Mapping[str, Turn]] = {
        "times": Turn(Text("县均之比", "ratio of the averages"), -1, "multiple")
    }

    questions: ClassVar[tuple[Question, ...]] = (WHOM, AGAINST, AMONG)

    kind: Literal["average_parity"]
    """Kind of rule."""
    group: Name
    """The group F that must not fall behind."""
    reading: Literal["group_average", "each_county"] = "group_average"
    """Whether the group's average or each of its counties is compared."""
    against: Literal["others", "all"] = "others"
    """The reference: counties outside the group, or all."""
    among: Literal["all", "eligible"] = "all"
    """Whether counties that can receive nothing are counted."""
    times: Annotated[Number, Field(ge=0)] | ByYear = Decimal(1)
    """Least multiple of the reference's average."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row for the group, or one for each of its counties."""
        mask = problem.mask(self.scope)
        counted = problem.county_mask(self.scope)
        if self.among == "eligible":
            live = (mask.ravel() & problem.live).reshape(problem.shape)
            counted = np.asarray(live.any(axis=(1, 2)))
        ours = problem.counties.groups[self.group] & counted
        reference = counted if self.against == "all" else counted & ~ours
        group_size, reference_size = int(ours.sum()), int(reference.sum())
        right = problem.cells(mask & reference[:, None, None])
        left = problem.cells(mask & ours[:, None, None])
        if not group_size or not reference_size:
            nobody = Text("没有可比较的旗县", "no counties to compare")
            return [Row(self.group, left, ">=", Fraction(0), right, Fraction(0), nobody)]
        times = in_year(self.times, problem.year)
        if self.reading == "group_average":
            return [Row(self.group, left, ">=", times * Fraction(group_size, reference_size), right)]
        each = dict(split(problem, left, "county"))
        codes = [problem.counties.codes[i] for i in np.flatnonzero(ours)]
        return [Row(code, each[code], ">=", times / reference_size, right) for code in codes]

    def demand(self, row: Row, names: Names) -> Text:
        """The group, or one of its counties, gets no less than the reference's average."""
        who, times = names.place(row.where), Fraction(in_year(self.times, names.problem.year))
        rest = Text("其他旗县", "other counties") if self.against == "others" else Text("全部旗县", "all")
        part = Text("", "") if times == 1 else Text(f"的 {percent(times)}", f"{percent(times)} of ")
        return Text(
            f"{who.zh}县均不低于{rest.zh}县均{part.zh}",
            f"{who.en} get on average no less than {part.en}the average of {rest.en}",
        )

    def governing(self, row: Row, year: int) -> str:
        """The ratio."""
        return "times"

    def yearly(self) -> dict[str, Any]:
        """`times` may be a map."""
        return {"times": self.times}

    def group_names(self) -> tuple[str, ...]:
        """The group that must not fall behind."""
        return (self.group,)
