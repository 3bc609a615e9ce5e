"""What every fairness property works with: one scenario, changed copies of it, and what is to blame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from allocator.amounts import LevelOne
from allocator.faults import BadInput
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.variant import with_figures, with_scenario
from solvers.solution import Infeasible, NotOptimal

Change = NDArray[np.float64]
Figures = Mapping[tuple[int, str], Decimal]
T = TypeVar("T")

NOISE = Fraction(1, 1000)
"""Part of a step up to which a change of an unrounded amount is none."""
MOST_WORK = 150_000
"""Formulas times counties that one property computes; in larger tables it takes a spread sample."""
FEWEST = 20
"""Formulas that are computed in the largest table, too."""
SEVERAL, FORMULA = "several", "formula"
UNLIMITED = Decimal(10) ** 12


@dataclass(frozen=True)
class Property:
    """One property of fairness, tried on the scenario's own data."""

    name: str
    title: Text
    passed: bool
    why: Text
    """What was tried, or who it fails for and because of what."""
    facts: Mapping[str, Any]
    """The same in numbers, ready for JSON."""


class Trial:
    """One scenario and its unrounded amounts; makes and solves changed copies."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = _untied(loaded)
        self.one = LevelOne(self.loaded)
        self.noise = float(NOISE * loaded.problem.step)

    @cached_property
    def paid(self) -> Change:
        """(n): unrounded amounts under all the rules."""
        return np.asarray(self.one.under().payments.sum(axis=1))

    @cached_property
    def entitled(self) -> Change:
        """(n): what the formula alone gives, over all streams."""
        return entitled(self._bare)

    @cached_property
    def _bare(self) -> Loaded:
        """The scenario without rules and adjustments: quicker where only the formula is asked for."""
        bare = self.loaded.scenario.model_copy(update={"rules": (), "adjustments": None})
        return with_scenario(self.loaded, bare)

    @property
    def formulas(self) -> int:
        """How many changed formulas one property may compute."""
        return max(FEWEST, MOST_WORK // max(1, len(self.loaded.counties)))

    def formula_with(self, figures: Figures) -> Loaded | None:
        """The formula with other figures; None where a formula or group cannot take them."""
        try:
            return with_figures(self._bare, figures)
        except BadInput:
            return None

    def with_figures(self, figures: Figures) -> LevelOne | None:
        """Level 1 with other figures; None where they do not fit or the rules cannot be kept then."""
        try:
            return self.solved(with_figures(self.loaded, figures))
        except BadInput:
            return None

    def solved(self, changed: Loaded) -> LevelOne | None:
        """Level 1 of a changed copy; None where the rules cannot be kept."""
        one = LevelOne(changed, self.one.solver)
        try:
            one.under()
        except (Infeasible, NotOptimal):
            return None
        return one

    def change(self, after: LevelOne, without: str | None = None) -> Change:
        """(n): what each county gains, with one rule left out on both sides where it is named."""
        sides = [
            one.under([rule for rule in one.linear if rule != without]).payments.sum(axis=1)
            for one in (self.one, after)
        ]
        return np.asarray(sides[1] - sides[0])

    def cause(self, after: LevelOne, fails: Callable[[Change], bool]) -> str:
        """The first rule without which it does not fail; else the formula, else several rules together."""
        used = self.one.under().used | after.under().used
        for rule in self.loaded.scenario.rules:
            if rule.id in used and not fails(self.change(after, rule.id)):
                return str(rule.id)
        return FORMULA if fails(entitled(after.loaded) - entitled(self.loaded)) else SEVERAL

    def cause_text(self, cause: str) -> Text:
        """A cause as a planner would say it."""
        if cause == SEVERAL:
            return Text("几条规则合起来所致", "brought about by several rules together")
        if cause == FORMULA:
            return Text("公式本身所致", "brought about by the formula itself")
        rule = self.loaded.scenario.rule_by_id[cause].text
        return Text(f"因为规则“{rule.zh}”", f"because of the rule '{rule.en}'")

    def county(self, i: int) -> dict[str, str]:
        """A county as JSON names it."""
        return {"code": self.loaded.counties.codes[i], "county": self.loaded.counties.names[i]}

    def money(self, value: float, sign: bool = False) -> str:
        """An unrounded amount for reading; a small one keeps what makes it other than zero."""
        places = 1 if abs(value) >= 10 else 2
        return self.loaded.names.money(Fraction(round(value, places)), sign)


def entitled(loaded: Loaded) -> Change:
    """(n): entitlements over all streams."""
    return np.asarray(loaded.problem.entitlement.sum(axis=1))


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly spread from the first to the last."""
    if len(items) <= most:
        return list(items)
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, most).round()]


def joined(texts: Sequence[Text], most: int = 3) -> Text:
    """Sentences in one, the first few of them."""
    more = len(texts) - most
    zh, en = "；".join(t.zh for t in texts[:most]), "; ".join(t.en for t in texts[:most])
    return Text(f"{zh}；另有 {more} 处", f"{en}; and {more} more") if more > 0 else Text(zh, en)


def _untied(loaded: Loaded) -> Loaded:
    """The same without a limit on adjustments: another county's change must not make them a fault."""
    adjustments = loaded.scenario.adjustments
    if adjustments is None:
        return loaded
    free = adjustments.model_copy(update={"limit": UNLIMITED})
    return replace(loaded, scenario=loaded.scenario.model_copy(update={"adjustments": free}))
