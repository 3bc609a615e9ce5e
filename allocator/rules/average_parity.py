"""A group's average per county is no less than that of others."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np

from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import Row
from allocator.rules.base import Rule, split
from allocator.text import Text


class AverageParity(Rule):
    """脱贫旗县的县均投入规模不低于其他旗县的县均投入规模（内政发〔2022〕9号 六（三））.

    F is the group, R the reference: the others, or all.
    `group_average`: Σ_F (x + c) ≥ |F| / |R| · Σ_R (x + c)
    `each_county`, for i in F: X_i + c_i ≥ 1 / |R| · Σ_R (x + c)
    """

    default_title: ClassVar[Text] = Text("县均投入不低于", "Average per county no less")

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
        if self.reading == "group_average":
            return [Row(self.group, left, ">=", Fraction(group_size, reference_size), right)]
        each = dict(split(problem, left, "county"))
        codes = [problem.counties.codes[i] for i in np.flatnonzero(ours)]
        return [Row(code, each[code], ">=", Fraction(1, reference_size), right) for code in codes]

    def group_names(self) -> tuple[str, ...]:
        """The group that must not fall behind."""
        return (self.group,)
