"""Least and largest amounts, in money or as a share of the total."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from allocator.names import Names, percent
from allocator.policy import Name
from allocator.problem import Problem
from allocator.rows import NO_CELLS, Row, Sense
from allocator.rules.base import Rule, Turn, YearNumber, YearShare, in_year, split
from allocator.text import Text


class AmountBounds(Rule):
    """Thresholds, minimum grants, caps: κ_lo ≤ X_i + c_i ≤ κ_hi, or as a share of the total.

    Vacuous for a county with no open cell in scope.
    """

    default_title: ClassVar[Text] = Text("金额上下限", "Bounds on amounts")
    turns: ClassVar[Mapping[str, Turn]] = {
        "min": Turn(Text("最低金额", "least amount"), -1, "money"),
        "max": Turn(Text("最高金额", "largest amount"), 1, "money"),
        "min_share": Turn(Text("最低占比", "least share"), -1, "share"),
        "max_share": Turn(Text("最高占比", "largest share"), 1, "share"),
    }

    kind: Literal["amount_bounds"]
    """Kind of rule."""
    by: Name = "county"
    """county, prefecture, all, or a group."""
    min: YearNumber | None = None
    """Least amount."""
    max: YearNumber | None = None
    """Largest amount."""
    min_share: YearShare | None = None
    """Least share of everything in scope."""
    max_share: YearShare | None = None
    """Largest share of everything in scope."""

    @model_validator(mode="after")
    def _asks_something(self) -> AmountBounds:
        if all(v is None for v in self.yearly().values()):
            raise ValueError(
                "min、max、min_share、max_share 至少要有一个 / "
                "one of 'min', 'max', 'min_share' and 'max_share' is needed"
            )
        return self

    def rows(self, problem: Problem) -> list[Row]:
        """Up to four rows for each value of `by`."""
        everything = problem.cells(problem.mask(self.scope))
        opened = problem.open.ravel()
        closed = Text("范围内没有可分配的资金", "nothing in scope can be given to it")
        counted = problem.county_mask(self.scope)
        sides: list[tuple[Sense, Any, Any]] = [
            (">=", self.min, self.min_share),
            ("<=", self.max, self.max_share),
        ]
        rows = []
        for where, cells in split(problem, everything, self.by):
            if not counted[problem.counties.positions(self.by, where)].any():
                continue
            vacuous = None if opened[cells].any() else closed
            for sense, amount, share in sides:
                if amount is not None:
                    bound = in_year(amount, problem.year)
                    rows.append(Row(where, cells, sense, Fraction(0), NO_CELLS, bound, vacuous))
                if share is not None:
                    times = in_year(share, problem.year)
                    rows.append(Row(where, cells, sense, times, everything, Fraction(0), vacuous))
        return rows

    def demand(self, row: Row, names: Names) -> Text:
        """At least or at most an amount, or a share of everything."""
        who = names.place(row.where)
        least = row.sense == ">="
        if row.times:
            share = percent(row.times)
            zh, en = ("不少于" if least else "不超过"), ("at least" if least else "at most")
            return Text(f"{who.zh}{zh}总额的 {share}", f"{who.en} gets {en} {share} of the total")
        amount = names.money(row.plus)
        if least:
            return Text(f"{who.zh}不少于 {amount}", f"{who.en} gets at least {amount}")
        return Text(f"{who.zh}不超过 {amount}", f"{who.en} gets at most {amount}")

    def governing(self, row: Row, year: int) -> str:
        """One of the four bounds."""
        side, amount, share = ("min", self.min, self.min_share)
        if row.sense == "<=":
            side, amount, share = ("max", self.max, self.max_share)
        by_share = share is not None and (amount is None or len(row.right) > 0)
        return f"{side}_share" if by_share else side

    def yearly(self) -> dict[str, Any]:
        """All four bounds may be maps."""
        return {k: getattr(self, k) for k in ("min", "max", "min_share", "max_share")}
