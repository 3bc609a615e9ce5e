"""What a county's project pipeline can absorb, by use."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import NO_CELLS, Row
from allocator.rules.base import Rule, split
from allocator.text import Text


class Pipeline(Rule):
    """资金跟着项目走: money follows projects（内政发〔2022〕9号 五（一））.

    For each county i and use u with a column: Σ_s (x + c)_isu ≤ q_iu; a blank q is no limit.
    """

    default_title: ClassVar[Text] = Text("项目储备", "Project pipeline")

    kind: Literal["pipeline"]
    """Kind of rule."""
    columns: Annotated[dict[str, Name], Field(min_length=1)]
    """Use → column with the most that the county can absorb."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each county and use with a figure; `where` is code/use."""
        cells = problem.cells(problem.mask(self.scope))
        counted = problem.county_mask(self.scope)
        by_use = {
            use: split(problem, cells[cells % problem.shape[2] == problem.use_names.index(use)], "county")
            for use in self.columns
        }
        rows = []
        for i, code in enumerate(problem.counties.codes):
            for use in sorted(self.columns):
                limit = problem.counties.numbers[self.columns[use]][i]
                if limit is not None and counted[i]:
                    own = by_use[use][i][1]
                    rows.append(Row(f"{code}/{use}", own, "<=", Fraction(0), NO_CELLS, Fraction(limit)))
        return rows

    def county_columns(self) -> tuple[str, ...]:
        """The pipeline columns."""
        return tuple(self.columns.values())
