"""From the shares of a stream's factors to its formula amounts, as formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from allocator.formula.incentive import NAME as INCENTIVE
from allocator.loaded import FactorShare
from allocator.policy import Factor
from allocator.text import Text
from reports.meeting.factor_columns import Board, FactorColumn, Formula, Value, at
from reports.meeting.scores import Raw
from reports.report_input import Report

MONEY = "#,##0.00;[Red]-#,##0.00;\\–"
FINE_SHARE = "0.0000%"
NONE = Text("", "")
REWARDS = Text("奖励与扣减", "Rewards and deductions")
Placed = tuple[int, list[float]]
"""A column of the sheet, and its figures for the eligible counties."""


@dataclass(frozen=True)
class StreamMoney:
    """One stream, being written.

    amount = budget · a Σ w f / Σ a Σ w f; with `entitlement: year` what earlier batches issued is taken off.
    """

    report: Report
    board: Board
    raw: Raw
    name: str
    eligible: Sequence[int]
    shares: Sequence[tuple[Factor, int]]
    """Each factor with the column of its shares."""
    parts: Mapping[tuple[str, str], Mapping[int, FactorShare]]
    """(stream, factor) → county → its row of formula.csv."""

    def place(self) -> int:
        """Adds the columns; the place of the formula amounts."""
        stream = self.report.loaded.problem.streams[self.name]
        mixed = base = self._mixed()
        if stream.multiplier is not None:
            base = self._scaled(base, stream.multiplier)
        if stream.entitlement == "year":
            base = self._rest(base)
        incentive = self.parts.get((self.name, INCENTIVE), {})
        paid = {i: Decimal(part.amount) for i, part in incentive.items()}
        amount = self._amount(base, paid)
        for factor, shares in self.shares:
            self._part(factor, shares, mixed, amount)
        return self._with(amount, paid) if paid else amount

    def _mixed(self) -> Placed:
        """Σ w f."""
        values = [
            sum(float(f.weight) * (self._float(place, i) or 0.0) for f, place in self.shares)
            for i in self.eligible
        ]
        terms = [(self.board.setting(place), place) for _, place in self.shares]
        title = Text("综合占比", "Mixed share")
        return self._add(
            title, values, FINE_SHARE, lambda row: "=" + "+".join(f"{w}*{at(row, p)}" for w, p in terms)
        ), values

    def _scaled(self, base: Placed, multiplier: str) -> Placed:
        """a Σ w f."""
        place, values = base
        scale = self.raw.numbers[multiplier]
        scaled = [v * (self._float(scale, i) or 0.0) for v, i in zip(values, self.eligible, strict=True)]
        title = Text("乘以系数后", "Times the multiplier")
        return self._add(title, scaled, FINE_SHARE, lambda row: f"={at(row, place)}*{at(row, scale)}"), scaled

    def _rest(self, base: Placed) -> Placed:
        """The year's formula amount less what is issued, never below zero."""
        place, values = base
        own = self._issued()
        issued = self._add(Text("已下达", "Committed"), own, MONEY, None)
        budget, whole = float(self._net), sum(values)
        rest = [max(0.0, (budget + sum(own)) * v / whole - c) for v, c in zip(values, own, strict=True)]
        # the budget stands over the column of amounts, the next one
        above, bases = self.board.setting(issued + 2), self.board.all_of(place)
        year = f"({above}+SUM({self.board.all_of(issued)}))"
        title = Text("扣减已下达后", "Less what is issued")
        return self._add(
            title, rest, MONEY, lambda row: f"=MAX(0,{year}*{at(row, place)}/SUM({bases})-{at(row, issued)})"
        ), rest

    def _issued(self) -> list[float]:
        problem = self.report.loaded.problem
        sums = [Fraction(0)] * len(problem.counties)
        s = problem.stream_names.index(self.name)
        for cell, amount in problem.committed.items():
            i, rest = divmod(cell, problem.shape[1] * problem.shape[2])
            if rest // problem.shape[2] == s:
                sums[i] += amount
        return [float(sums[i]) for i in self.eligible]

    @property
    def _net(self) -> Decimal:
        """The budget less the pool of rewards."""
        stream = self.report.loaded.problem.streams[self.name]
        return stream.budget - (Decimal(0) if stream.incentive is None else stream.incentive.pool)

    def _amount(self, base: Placed, paid: Mapping[int, Decimal]) -> int:
        problem = self.report.loaded.problem
        s = problem.stream_names.index(self.name)
        values = [float(problem.formula[i][s] - paid.get(i, Decimal(0))) for i in self.eligible]
        title = Text("测算额；上为预算", "Formula; budget above")
        if paid:
            title = Text("因素分配额；上为扣除奖励的预算", "By factors; budget less rewards above")
        above, whole = self.board.setting(base[0] + 1), self.board.all_of(base[0])
        return self._add(
            title, values, MONEY, lambda row: f"={above}*{at(row, base[0])}/SUM({whole})", self._net
        )

    def _part(self, factor: Factor, shares: int, mixed: Placed, amount: int) -> None:
        """What one factor brings."""
        weight, title = self.board.setting(shares), factor.title.text(factor.factor)
        part = [float(factor.weight) * (self._float(shares, i) or 0.0) for i in self.eligible]
        whole = [self._float(amount, i) or 0.0 for i in self.eligible]
        own = zip(part, whole, mixed[1], strict=True)
        place = mixed[0]
        self._add(
            Text(f"其中：{title.zh}", f"of it: {title.en}"),
            [p * x / m if m else 0.0 for p, x, m in own],
            MONEY,
            lambda row: (
                f"=IF({at(row, place)}=0,0,{at(row, amount)}*{weight}*{at(row, shares)}/{at(row, place)})"
            ),
        )

    def _with(self, amount: int, paid: Mapping[int, Decimal]) -> int:
        """The formula amount with rewards and deductions, which are given."""
        values = [float(paid[i]) for i in self.eligible]
        gained = self._add(REWARDS, values, MONEY, None)
        whole = [(self._float(amount, i) or 0.0) + float(paid[i]) for i in self.eligible]
        return self._add(
            Text("测算额", "Formula"), whole, MONEY, lambda row: f"={at(row, amount)}+{at(row, gained)}"
        )

    def _add(
        self,
        title: Text,
        values: Sequence[float],
        show: str,
        formula: Formula | None,
        setting: Decimal | None = None,
    ) -> int:
        group = self.report.loaded.problem.streams[self.name].title.text(self.name)
        spread: list[Value] = [None] * len(self.report.loaded.counties)
        for i, value in zip(self.eligible, values, strict=True):
            spread[i] = value
        column = FactorColumn(group, NONE, title, spread, show, formula, setting=setting)
        return self.board.add(column)

    def _float(self, place: int, i: int) -> float | None:
        value = self.board.values(place)[i]
        return value if isinstance(value, float) else None
