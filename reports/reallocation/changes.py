"""A clawback with its sums by county, and in words why each county lost, kept or received money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.names import percent
from allocator.reallocation.model import wanted
from allocator.reallocation.reallocate import Reallocation
from allocator.reallocation.triggers import Claim
from allocator.text import Language, Text
from allocator.years.base import Moved, base_cells
from reports.figures import fixed, money, places_of
from reports.rules_table import rule_title
from reports.table import Cell

Base = Literal["before", "after"]


@dataclass(frozen=True)
class Changes:
    """A clawback with its sums by county. Exact, in the unit."""

    found: Reallocation
    base: Base = "before"
    """Which amount counts as this year's when the next one looks back (AMB-18)."""
    earlier: Moved = field(default_factory=dict)
    """What earlier reallocations of the year moved and next year does not count."""

    @cached_property
    def delta(self) -> NDArray[np.object_]:
        """(n, S, U): after less before."""
        change: NDArray[np.object_] = self.found.after - self.found.before
        return change.reshape(self.found.loaded.problem.shape)

    @cached_property
    def next_base(self) -> list[Fraction]:
        """What next year compares each county's money with."""
        found, problem = self.found, self.found.loaded.problem
        stays = base_cells(problem, found.before, self.earlier)
        money = found.after if self.base == "after" else stays
        sums: list[Fraction] = money.reshape(problem.shape[0], -1).sum(axis=1).tolist()
        return sums

    @cached_property
    def claims(self) -> Mapping[tuple[int, int], Claim]:
        """Claims by county and stream."""
        return {(c.county, c.stream): c for c in self.found.pool.assessment.claims}

    @cached_property
    def placeable(self) -> frozenset[tuple[int, int]]:
        """Claims on money that somebody may receive, by county and stream."""
        return frozenset(wanted(self.found.pool))

    @cached_property
    def places(self) -> int:
        """Decimal places of amounts."""
        values = [*self.found.before.tolist(), self.found.loaded.problem.step]
        return max(places_of(v) or 0 for v in values)

    def taken(self, i: int, s: int | None = None) -> Fraction:
        """Money taken back from a county, in one stream or in all."""
        return sum((-v for v in self._cells(i, s) if v < 0), Fraction(0))

    def received(self, i: int, s: int | None = None) -> Fraction:
        """Money that a county received."""
        return sum((v for v in self._cells(i, s) if v > 0), Fraction(0))

    def due(self, i: int) -> Fraction:
        """A receiver's formula share of what was taken back; zero for others."""
        allocation = self.found.allocation
        if allocation is None or i not in self.found.pool.assessment.receivers:
            return Fraction(0)
        return sum(map(Fraction, allocation.problem.formula[i]), Fraction(0))

    def _cells(self, i: int, s: int | None) -> list[Fraction]:
        part = self.delta[i] if s is None else self.delta[i, s]
        return list(part.ravel().tolist())

    def shown(self, value: Fraction) -> Cell:
        """An amount as tables show it."""
        return fixed(value, self.places)

    def note(self, i: int, lang: Language) -> str:
        """Why money was taken back, left, or received."""
        assessment = self.found.pool.assessment
        said: list[Text] = []
        for (county, s), claim in self.claims.items():
            if county == i:
                said += [*claim.reasons, *self.rest(s, claim)]
        said += [Text(f"免予收回：{why}", f"exempt: {why}") for c, why in assessment.exempted if c == i]
        if self.received(i):
            said.append(self.fast(i))
        said += self.short(i)
        return joined(said, lang)

    def rest(self, s: int, claim: Claim) -> list[Text]:
        """Why a claim was not taken whole."""
        left = claim.takeable - self.taken(claim.county, s)
        if not left:
            return []
        rules = self.found.limits.get((claim.county, s))
        if (claim.county, s) not in self.placeable:
            return [Text("没有可接收的旗县", "nobody may receive it")]
        if not rules:
            return [Text("规则不许收回更多", "the rules let no more go")]
        titles = [
            rule_title(self.found.loaded, r) if r in self.found.loaded.scenario.rule_by_id else STAYS
            for r in rules
        ]
        unit = self.found.loaded.scenario.unit
        return [
            Text(
                f"{money(left)} {unit} 不能收回：{'、'.join(t.zh for t in titles)}",
                f"{money(left)} {unit} stay: {', '.join(t.en for t in titles)}",
            )
        ]

    def short(self, i: int) -> list[Text]:
        """Rules with a binding row on a receiver that got less than its share."""
        loaded, allocation = self.found.loaded, self.found.allocation
        if allocation is None or self.due(i) - self.received(i) < loaded.problem.step:
            return []
        width = loaded.problem.shape[1] * loaded.problem.shape[2]
        held = [
            rule_title(loaded, rule)
            for rule, rows in loaded.rows.items()
            if any(
                price.binding and row.vacuous is None and i in row.left // width
                for row, price in zip(rows, allocation.prices.get(rule, ()), strict=False)
            )
        ]
        names = "、".join(t.zh for t in held), ", ".join(t.en for t in held)
        return (
            [Text(f"少于份额，受限于：{names[0]}", f"less than its share, held by: {names[1]}")]
            if held
            else []
        )

    def fast(self, i: int) -> Text:
        """Why a county received."""
        assessment = self.found.pool.assessment
        rate = percent(assessment.rates[i] or Fraction(0))
        least = percent(assessment.fast)
        return Text(
            f"支出进度 {rate}，不低于 {least}，按因素份额调增",
            f"{rate} paid, at least {least}: by its formula share",
        )


def joined(said: Iterable[Text], lang: Language) -> str:
    """Sentences after one another, each once."""
    return Text("；", "; ").say(lang).join(dict.fromkeys(text.say(lang) for text in said))


STAYS = Text("收回的资金只在本盟市内调整", "money stays in its prefecture")
