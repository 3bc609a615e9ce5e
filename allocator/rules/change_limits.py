"""How far a county's money may fall below or rise above last year's."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from allocator.names import Names, number
from allocator.policy import Name
from allocator.problem import Problem
from allocator.questions import Question, reading
from allocator.rows import NO_CELLS, Row, Sense
from allocator.rules.base import Rule, Turn, YearNumber, in_year, split
from allocator.text import Text

STABLE = Question(
    "relative_to",
    Text("与上年金额比，还是与总额增减比", "against last year's amount, or the change of the total"),
    "内政发〔2022〕9号 四（一）",
    "保持投入力度总体稳定",
    (
        reading("amount", "与上年金额比", "last year's amount", relative_to="amount"),
        reading(
            "total", "按总额增减同比例调整后比", "scaled by the change of the total", relative_to="total"
        ),
    ),
    Text("“投入力度”指投入的金额", "the text speaks of the money put in"),
)


class ChangeLimits(Rule):
    """保持投入力度总体稳定: hold-harmless and ceiling（内政发〔2022〕9号 四（一））.

    For each county: lower · last_i ≤ X_i + c_i ≤ upper · last_i. With `relative_to: total`
    last_i is scaled by this year's total over last year's. A blank last_i gives no row, a
    zero only the lower one.
    """

    default_title: ClassVar[Text] = Text("比上年增减幅度", "Change on last year")
    turns: ClassVar[Mapping[str, Turn]] = {
        "lower": Turn(Text("降幅下限", "lower limit on change"), -1, "multiple"),
        "upper": Turn(Text("增幅上限", "upper limit on change"), 1, "multiple"),
    }

    questions: ClassVar[tuple[Question, ...]] = (STABLE,)

    kind: Literal["change_limits"]
    """Kind of rule."""
    column: Name
    """Column with last year's amount."""
    lower: YearNumber | None = None
    """Least multiple of last year's amount."""
    upper: YearNumber | None = None
    """Largest multiple of last year's amount."""
    relative_to: Literal["amount", "total"] = "amount"
    """Whether limits are on the amount itself or on its change relative to the total's."""

    @model_validator(mode="after")
    def _asks_something(self) -> ChangeLimits:
        if self.lower is None and self.upper is None:
            raise ValueError("lower、upper 至少要有一个 / one of 'lower' and 'upper' is needed")
        if isinstance(self.lower, dict) or isinstance(self.upper, dict):
            return self
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError("'lower' exceeds 'upper'")
        return self

    def rows(self, problem: Problem) -> list[Row]:
        """A lower and an upper row for each county with an amount last year."""
        everything = problem.cells(problem.mask(self.scope))
        counted = problem.county_mask(self.scope)
        last = problem.counties.numbers[self.column]
        total = sum((Fraction(v) for v, c in zip(last, counted, strict=True) if v and c), Fraction(0))
        limits: list[tuple[Sense, Any]] = [(">=", self.lower), ("<=", self.upper)]
        rows = []
        for i, (code, cells) in enumerate(split(problem, everything, "county")):
            amount = last[i]
            if amount is None or not counted[i]:
                continue
            for sense, limit in limits:
                if limit is None or (sense == "<=" and amount == 0):
                    continue
                bound = in_year(limit, problem.year) * Fraction(amount)
                if self.relative_to == "total" and total:
                    rows.append(Row(code, cells, sense, bound / total, everything))
                else:
                    rows.append(Row(code, cells, sense, Fraction(0), NO_CELLS, bound))
        return rows

    def demand(self, row: Row, names: Names) -> Text:
        """No less, or no more, than a multiple of last year's amount."""
        who, least = names.place(row.where), row.sense == ">="
        limit = self.lower if least else self.upper
        times = number(in_year(limit, names.problem.year), 4) if limit is not None else ""
        amount = (
            Text("", "") if row.times else Text(f"（{names.money(row.plus)}）", f" ({names.money(row.plus)})")
        )
        if least:
            return Text(
                f"{who.zh}不低于上年的 {times} 倍{amount.zh}",
                f"{who.en} gets at least {times} times last year's amount{amount.en}",
            )
        return Text(
            f"{who.zh}不超过上年的 {times} 倍{amount.zh}",
            f"{who.en} gets at most {times} times last year's amount{amount.en}",
        )

    def governing(self, row: Row, year: int) -> str:
        """One of the two limits."""
        return "lower" if row.sense == ">=" else "upper"

    def county_columns(self) -> tuple[str, ...]:
        """The column of last year's amount."""
        return (self.column,)

    def yearly(self) -> dict[str, Any]:
        """Both limits may be maps."""
        return {"lower": self.lower, "upper": self.upper}
