"""Rewards and deductions by evaluation, exact: what each county's formula amount gains or loses.

Sources: 内政发〔2022〕9号 三（三）、五（三） (rewards, 正向激励); 新财振〔2024〕1号 四（三） (rewards and
deductions, 奖励资金、扣减资金).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.formula.incentive_policy import Incentive
from allocator.formula.peers import peer_labels, ranks, reached
from allocator.numbers import plain
from allocator.text import Text

ZERO, ONE = Decimal(0), Decimal(1)
GRAIN = Decimal("1e-30")
"""Incentives are whole multiples of this part of the unit, so that they add up exactly."""
HELD = 45
"""Digits of an amount that are sure to be held; where GRAIN would need more, the grain is coarser."""
NAME = "incentive"
"""Name of the step in formula.csv and in statements."""
TITLE = Text("奖励与扣减", "rewards and deductions")
"""What people call it."""

UNSCORED = Text("请更正得分或分档", "correct the score or the bands")
UNGROUPED = Text("请在该列填写类别", "fill in that column")


@dataclass(frozen=True)
class Incentives:
    """What the eligible counties gain or lose; the amounts add up to the pool exactly."""

    amounts: tuple[Decimal, ...]
    shown: tuple[str, ...]
    """Score → rate, for formula.csv."""


class IncentiveReader:
    """Reads the scores of one stream and pays the incentive; collects what is wrong."""

    def __init__(self, counties: Counties, eligible: Sequence[int], stream: str, incentive: Incentive):
        self.counties, self.eligible, self.incentive = counties, eligible, incentive
        self.path = f"streams.{stream}.incentive"
        self.faults: list[Fault] = []

    def pay(self, formula: Sequence[Decimal]) -> Incentives | None:
        """The incentive on the formula amounts of the eligible counties; None with `faults`."""
        scores = [self._score(i) for i in self.eligible]
        labels = self._labels()
        if self.faults:
            return None
        rates = self._rates(scores, labels)
        if self.faults:
            return None
        amounts = self._amounts(formula, rates)
        shown = tuple(f"{plain(s)} → {plain(r)}" for s, r in zip(scores, rates, strict=True))
        return None if amounts is None else Incentives(tuple(amounts), shown)

    def _score(self, i: int) -> Decimal:
        value = self.counties.numbers[self.incentive.score][i]
        if value is None:
            self._fault("缺少考核得分", "the score is missing", i, self.incentive.score)
        return value or ZERO

    def _labels(self) -> list[str]:
        within = self.incentive.within
        if within is None:
            return []
        labels = peer_labels(self.counties, within)
        for i in self.eligible:
            if not labels[i]:
                self._fault("没有填所属类别", "its peer group is missing", i, within, UNGROUPED)
        return [labels[i] for i in self.eligible]

    def _rates(self, scores: Sequence[Decimal], labels: Sequence[str]) -> list[Decimal]:
        edges = [edge for edge, _ in self.incentive.edges]
        if labels:
            bands = [reached(edges, below, size) for below, size in ranks(scores, labels)]
        else:
            bands = [sum(1 for edge in edges if edge <= score) - 1 for score in scores]
        for i, band, score in zip(self.eligible, bands, scores, strict=True):
            if band < 0:
                self._fault(
                    f"得分 {plain(score)} 低于最低一档 {plain(edges[0])}",
                    f"the score {plain(score)} is below the lowest band {plain(edges[0])}",
                    i,
                    self.incentive.score,
                )
        return [self.incentive.edges[band][1] for band in bands]

    def _amounts(self, formula: Sequence[Decimal], rates: Sequence[Decimal]) -> list[Decimal] | None:
        budget = sum(formula, ZERO)
        grain = max(GRAIN, ONE.scaleb((budget + self.incentive.pool).adjusted() - HELD))
        if self.incentive.mode == "multiplier":
            scaled = [m * (ONE + r) for m, r in zip(formula, rates, strict=True)]
            total = sum(scaled, ZERO)
            changes = [budget * s / total - m for s, m in zip(scaled, formula, strict=True)]
            return balanced(changes, ZERO, grain)
        deducted = self._deducted(formula, rates, grain)
        purse = self.incentive.pool + sum(deducted, ZERO)
        earned = [m * max(ZERO, r) for m, r in zip(formula, rates, strict=True)]
        total = sum(earned, ZERO)
        if not purse:
            return [ZERO] * len(rates)
        if not total:
            self._fault(
                "没有一个旗县的得分达到奖励档次，奖励资金无处可发",
                "no county's score earns a reward, so that there is nobody to pay it to",
                None,
                self.incentive.score,
            )
            return None
        rewards = [purse * e / total for e in earned]
        changes = [q - c for q, c in zip(rewards, deducted, strict=True)]
        return balanced(changes, self.incentive.pool, grain)

    def _deducted(
        self, formula: Sequence[Decimal], rates: Sequence[Decimal], grain: Decimal
    ) -> list[Decimal]:
        if self.incentive.mode != "reward_and_deduct":
            return [ZERO] * len(rates)
        cap = ONE if self.incentive.cap is None else self.incentive.cap
        parts = (min(cap, max(ZERO, -rate)) for rate in rates)
        return [_grains(m * part, grain) for m, part in zip(formula, parts, strict=True)]

    def _fault(self, zh: str, en: str, i: int | None, column: str, fix: Text = UNSCORED) -> None:
        counties = self.counties
        line = counties.lines[i] if i is not None and counties.lines else None
        file, county = ("", "") if i is None else (counties.file, counties.label(i))
        place = Place(file, line, path=self.path, county=county, column=column)
        self.faults.append(Fault(place, Text(zh, en), fix))


def balanced(amounts: Sequence[Decimal], total: Decimal, grain: Decimal) -> list[Decimal]:
    """The amounts cut to whole grains towards zero; the largest takes what is left of `total`."""
    cut = [_grains(amount, grain) for amount in amounts]
    largest = max(range(len(cut)), key=lambda k: (cut[k], -k))
    cut[largest] += total - sum(cut, ZERO)
    return cut


def _grains(amount: Decimal, grain: Decimal) -> Decimal:
    return amount.quantize(grain, ROUND_DOWN)
