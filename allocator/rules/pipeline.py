"""What a county's project pipeline can absorb, by use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from allocator.names import Names
from allocator.policy import Name, Number
from allocator.problem import Problem
from allocator.rows import NO_CELLS, Row
from allocator.rules.base import ByYear, Rule, Turn, in_year, split
from allocator.text import Text


class Pipeline(Rule):
    """资金跟着项目走: money follows projects（内政发〔2022〕9号 五（一））.

    For each county i and use u with a column: Σ_s (x + c)_isu ≤ times · q_iu; a blank q is no limit.
    """

    default_title: ClassVar[Text] = Text("项目储备", "Project pipeline")
    turns: ClassVar[Mapping[str, Turn]] = {
        "times": Turn(Text("项目储备可用倍数", "usable multiple of the pipeline"), 1, "multiple")
    }

    kind: Literal["pipeline"]
    """Kind of rule."""
    columns: Annotated[dict[str, Name], Field(min_length=1)]
    """Use → column with the most that the county can absorb."""
    times: Annotated[Number, Field(ge=0)] | ByYear = Decimal(1)
    """Multiple of the column's figure that may be paid, above 1 where projects are still being added."""

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each county and use with a figure; `where` is code/use."""
        cells = problem.cells(problem.mask(self.scope))
        counted = problem.county_mask(self.scope)
        by_use = {
            use: split(problem, cells[cells % problem.shape[2] == problem.use_names.index(use)], "county")
            for use in self.columns
        }
        times = in_year(self.times, problem.year)
        rows = []
        for i, code in enumerate(problem.counties.codes):
            for use in sorted(self.columns):
                limit = problem.counties.numbers[self.columns[use]][i]
                if limit is not None and counted[i]:
                    own, bound = by_use[use][i][1], times * Fraction(limit)
                    rows.append(Row(f"{code}/{use}", own, "<=", Fraction(0), NO_CELLS, bound))
        return rows

    def demand(self, row: Row, names: Names) -> Text:
        """The pipeline carries no more than an amount."""
        return self.demand_of([row], names)

    def demand_of(self, rows: Sequence[Row], names: Names) -> Text:
        """What the pipelines of several rows carry together: one county, one prefecture, or more."""
        counties = names.problem.counties
        codes = list(dict.fromkeys(row.where.partition("/")[0] for row in rows))
        uses = [names.use(use) for use in sorted({row.where.partition("/")[2] for row in rows})]
        what = Text(f"“{uses[0].zh}”", f"{uses[0].en} ") if len(uses) == 1 else Text("", "")
        amount = names.money(sum((row.plus for row in rows), Fraction(0)))
        if len(codes) == 1:
            who = names.place(codes[0])
            carries = "carries" if len(rows) == 1 else "carry together"
            pipelines = "pipeline" if len(rows) == 1 else "pipelines"
            return Text(
                f"{who.zh}的{what.zh}项目储备只够 {amount}",
                f"the {what.en}{pipelines} of {who.en} {carries} only {amount}",
            )
        size = Counter(counties.prefectures[counties.index[code]] for code in codes)
        shown = [place for place, _ in size.most_common(2)]
        more = "等地" if len(size) > len(shown) else ""
        return Text(
            f"{'、'.join(shown)}{more} {len(codes)} 个旗县的{what.zh}项目储备合计只够 {amount}",
            f"the {what.en}pipelines of {len(codes)} counties in {', '.join(shown)}"
            f"{' and elsewhere' if more else ''} carry only {amount} together",
        )

    def governing(self, row: Row, year: int) -> str:
        """The multiple of the pipeline."""
        return "times"

    def yearly(self) -> dict[str, Any]:
        """`times` may be a map."""
        return {"times": self.times}

    def county_columns(self) -> tuple[str, ...]:
        """The pipeline columns."""
        return tuple(self.columns.values())
