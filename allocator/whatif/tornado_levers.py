"""The levers of a tornado: weights, rule parameters, budgets and factor columns, each low and high."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from allocator.input.references import text_bands
from allocator.loaded import Loaded
from allocator.policy import Factor
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.levers import parameters

POINTS = Decimal("0.05")
"""How far a weight is turned."""
PART = Decimal("0.05")
"""By what part of itself a budget or a column is turned."""
Kind = Literal["weight", "parameter", "budget", "column"]


@dataclass(frozen=True)
class TornadoLever:
    """One number with the values that it is turned to; None where that is not legal."""

    path: str
    kind: Kind
    title: Text
    present: Decimal
    low: Decimal | None
    high: Decimal | None
    knob: Knob | None = None


def tornado_levers(loaded: Loaded) -> tuple[TornadoLever, ...]:
    """Every lever, in the order of the scenario."""
    return (*_weights(loaded), *_parameters(loaded), *_budgets(loaded), *_columns(loaded))


def _running(loaded: Loaded) -> list[tuple[str, Factor]]:
    """Factors of the formulas that distribute money, with their formula's name."""
    scenario = loaded.scenario
    used = {stream.formula for stream in scenario.streams.values() if stream.budget}
    return [(name, f) for name, factors in scenario.formulas.items() if name in used for f in factors]


def weight_title(loaded: Loaded, formula: str, factor: Factor) -> Text:
    """What the weight of a factor is called; with its formula where other formulas name it too."""
    own = factor.title.text(factor.factor)
    title = Text(f"{own.zh}权重", f"weight of {own.en}")
    others = [f for name, f in _running(loaded) if name != formula]
    if all(own != f.title.text(f.factor) for f in others):
        return title
    return Text(f"{title.zh}（公式 {formula}）", f"{title.en} (formula {formula})")


def _weights(loaded: Loaded) -> Iterator[TornadoLever]:
    for formula, factor in _running(loaded):
        # the only factor of a formula has the whole money at any weight
        if len(loaded.scenario.formulas[formula]) > 1:
            own = factor.weight
            low, high = max(Decimal(0), own - POINTS), min(Decimal(1), own + POINTS)
            yield TornadoLever(
                f"formulas.{formula}.{factor.factor}.weight",
                "weight",
                weight_title(loaded, formula, factor),
                own,
                low if low < own else None,
                high if high > own else None,
            )


def _parameters(loaded: Loaded) -> Iterator[TornadoLever]:
    for lever in parameters(loaded):
        if (knob := lever.knob) is not None:
            low, high = (value if knob.legal(value) else None for value in _either(knob.value, knob.step))
            path = f"rules.{knob.rule}.{knob.key}"
            yield TornadoLever(path, "parameter", lever.title, knob.value, low, high, knob)


def _budgets(loaded: Loaded) -> Iterator[TornadoLever]:
    step = loaded.scenario.step
    for name, stream in loaded.scenario.streams.items():
        if stream.budget:
            steps = (stream.budget * PART / step).to_integral_value(ROUND_HALF_UP)
            low, high = _either(stream.budget, max(steps, Decimal(1)) * step)
            title = loaded.names.stream(name)
            own = Text(f"{title.zh}预算", f"budget of {title.en}")
            yield TornadoLever(f"streams.{name}.budget", "budget", own, stream.budget, low, high)


def _columns(loaded: Loaded) -> Iterator[TornadoLever]:
    streams = [stream for stream in loaded.scenario.streams.values() if stream.budget]
    found = [c for _, f in _running(loaded) if not text_bands(f) for c in (*f.columns, f.scale) if c]
    found += [stream.multiplier for stream in streams if stream.multiplier]
    for column in dict.fromkeys(found):
        title = Text(f"各旗县的“{column}”", f"{column} of every county")
        low, high = _either(Decimal(1), PART)
        yield TornadoLever(f"columns.{column}", "column", title, Decimal(1), low, high)


def _either(value: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    return value - step, value + step
