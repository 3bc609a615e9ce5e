"""What a meeting can turn: a weight, one county's figure, or a rule's parameter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from allocator.amounts import LevelOne
from allocator.input.references import text_bands
from allocator.loaded import Loaded
from allocator.names import number, percent
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.variant import with_figures, with_weight

MOST_TIMES = 4
"""A figure or a multiple is raised to this many times itself at most."""


@dataclass(frozen=True, slots=True)
class Lever:
    """One number that can be turned between `low` and `high`."""

    kind: Literal["weight", "figure", "parameter"]
    owner: str
    """Formula, column, or rule."""
    key: str
    """Factor, county code, or parameter."""
    title: Text
    value: Decimal
    low: Decimal
    high: Decimal
    knob: Knob | None = None

    def turn(self, one: LevelOne, value: Decimal) -> LevelOne:
        """Level 1 of the scenario with this number changed; raises BadInput where data do not fit."""
        if self.kind == "parameter":
            return one.turned([(self.owner, self.key, value)])
        if self.kind == "weight":
            changed = with_weight(one.loaded, self.owner, self.key, value)
        else:
            changed = with_figures(one.loaded, {(one.loaded.counties.index[self.key], self.owner): value})
        return LevelOne(changed, one.solver)

    def say(self, loaded: Loaded, value: Decimal) -> str:
        """A value of this number for reading."""
        if self.knob is not None:
            return self.knob.say(Fraction(value), loaded.names)
        return percent(Fraction(value)) if self.kind == "weight" else number(Fraction(value), 4)


def levers_of(loaded: Loaded, county: int) -> tuple[Lever, ...]:
    """Every weight, every figure of the county that a formula reads, every parameter."""
    return (*_weights(loaded), *_figures(loaded, county), *parameters(loaded))


def _weights(loaded: Loaded) -> list[Lever]:
    scenario = loaded.scenario
    running = {s.formula for s in scenario.streams.values() if s.budget}
    found = []
    for name, factors in scenario.formulas.items():
        for factor in factors if name in running and len(factors) > 1 else ():
            own = factor.title.text(factor.factor)
            title = Text(f"公式 {name} 中“{own.zh}”的权重", f"weight of {own.en} in formula {name}")
            found.append(Lever("weight", name, factor.factor, title, factor.weight, Decimal(0), Decimal(1)))
    return found


def _figures(loaded: Loaded, county: int) -> list[Lever]:
    scenario, counties = loaded.scenario, loaded.counties
    columns = dict.fromkeys(
        column
        for stream in scenario.streams.values()
        if stream.budget
        for factor in scenario.formulas[stream.formula]
        if not text_bands(factor)
        for column in factor.columns
    )
    found = []
    for column in columns:
        value = counties.numbers[column][county]
        if value:
            title = Text(f"{counties.names[county]}的“{column}”", f"{column} of {counties.names[county]}")
            code = counties.codes[county]
            found.append(Lever("figure", column, code, title, value, value / MOST_TIMES, value * MOST_TIMES))
    return found


def parameters(loaded: Loaded) -> list[Lever]:
    """Every parameter of every rule; one that gives way in both directions stands once."""
    found: dict[tuple[str, str], Lever] = {}
    for rule in loaded.scenario.rules:
        for knob in rule.knobs(loaded.scenario.year):
            title = Text(f"“{rule.text.zh}”的{knob.title.zh}", f"{knob.title.en} of '{rule.text.en}'")
            low, high = _range(knob)
            lever = Lever("parameter", rule.id, knob.key, title, knob.value, low, high, knob)
            found.setdefault((rule.id, knob.key), lever)
    return list(found.values())


def _range(knob: Knob) -> tuple[Decimal, Decimal]:
    if knob.form == "share":
        return Decimal(0), Decimal(1)
    reach = abs(knob.value) * MOST_TIMES or Decimal(100)
    return (-reach if knob.signed else Decimal(0)), reach
