"""What a slider of the meeting's page stands on: whole scenarios, each decided in whole money.

Every point is the scenario with `--set` changes, solved as `allocator solve` solves it, so that a
scenario saved from the page gives the same table again. Nothing lies between the points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.load import load
from allocator.loaded import Loaded
from allocator.names import number
from allocator.numbers import plain
from allocator.plan import attempt
from allocator.text import Text
from allocator.whatif.engine import Engine
from allocator.whatif.sweep import Files, engine_of
from allocator.whatif.weight_sweep import LineSweep
from allocator.whatif.workers import in_parallel

Kind = Literal["weight", "rule", "budget"]
SPAN = tuple(Decimal(k) / 100 for k in (-20, -15, -10, -5, 0, 5, 10, 15, 20))
"""Budgets are tried this much below and above what they are."""
PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class SliderPoint:
    """One scenario on a slider."""

    value: Decimal
    shown: Text
    sets: tuple[str, ...]
    """The changes, as `--set` takes them; none at the present value."""
    steps: NDArray[np.int64] | None
    """(n, S, U): whole steps; None where there is no allocation."""
    rules: tuple[str, ...] = ()
    """Where there is none: the rules that fall short at the least."""


@dataclass(frozen=True)
class Slider:
    """One number with the points that were solved, values rising."""

    path: str
    kind: Kind
    title: Text
    present: int | None
    """Position of the present value; None where it is no point."""
    points: tuple[SliderPoint, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    path: str
    kind: Kind
    title: Text
    present: Decimal
    values: tuple[tuple[Decimal, Text], ...]


def sliders(engine: Engine, files: Files, swept: Sequence[LineSweep], jobs: int = 1) -> tuple[Slider, ...]:
    """One for each number that was swept, and one for each budget.

    `files` are the scenario of the engine, for the processes that share the work.
    """
    lines = [*_swept(engine.loaded, swept), *_budgets(engine.loaded)]
    asked = [(line, value, shown) for line in lines for value, shown in line.values]
    found = iter(in_parallel(partial(_point, files), asked, jobs))
    made = []
    for line in lines:
        points = tuple(next(found) for _ in line.values)
        values = [value for value, _ in line.values]
        present = values.index(line.present) if line.present in values else None
        made.append(Slider(line.path, line.kind, line.title, present, points))
    return tuple(made)


def _swept(loaded: Loaded, swept: Sequence[LineSweep]) -> Iterator[_Line]:
    for line in swept:
        values = sorted({*line.values, line.present})
        shown = []
        for value in values:
            said = line.say(value, loaded.names)
            shown.append((value, Text(said, said)))
        yield _Line(
            line.path, "weight" if line.kind == "weight" else "rule", line.title, line.present, tuple(shown)
        )


def _budgets(loaded: Loaded) -> Iterator[_Line]:
    step, unit = Decimal(loaded.scenario.step), loaded.scenario.unit
    for name, stream in loaded.scenario.streams.items():
        if not stream.budget:
            continue
        values = sorted({(stream.budget * (1 + part) / step).to_integral_value() * step for part in SPAN})
        shown = tuple((v, Text(*[f"{number(Fraction(v))} {unit}"] * 2)) for v in values)
        called = stream.title.text(name)
        title = Text(f"{called.zh}的预算", f"budget of {called.en}")
        yield _Line(f"streams.{name}.budget", "budget", title, stream.budget, shown)


def _point(files: Files, asked: tuple[_Line, Decimal, Text]) -> SliderPoint:
    line, value, shown = asked
    engine = engine_of(files)
    sets = () if value == line.present else sets_of(engine.loaded, line.path, value)
    allocation = attempt(load(engine.source, sets))
    if allocation is not None:
        return SliderPoint(value, shown, sets, allocation.steps)
    return SliderPoint(value, shown, sets, None, engine.cold({line.path: value}).rules)


def sets_of(loaded: Loaded, path: str, value: Decimal) -> tuple[str, ...]:
    """One change of a sweep as `--set` takes it: this year's value, all the weights of a formula."""
    head, _, rest = path.partition(".")
    if head == "rules":
        rule = next(r for r in loaded.scenario.rules if rest.startswith(f"{r.id}."))
        by_year = isinstance(getattr(rule, rest[len(rule.id) + 1 :], None), dict)
        return (f"{path}.{loaded.scenario.year}={plain(value)}" if by_year else f"{path}={plain(value)}",)
    if head != "formulas":
        return (f"{path}={plain(value)}",)
    formula, factor = next(
        (name, f.factor)
        for name, factors in loaded.scenario.formulas.items()
        for f in factors
        if path == f"formulas.{name}.{f.factor}.weight"
    )
    weights = weights_of(loaded, formula, factor, value)
    return tuple(f"formulas.{formula}.{name}.weight={plain(w)}" for name, w in weights.items())


def weights_of(loaded: Loaded, formula: str, factor: str, weight: Decimal) -> dict[str, Decimal]:
    """One weight as given, the others in proportion to six places; they add up to 1 exactly."""
    factors = loaded.scenario.formulas[formula]
    others = [f for f in factors if f.factor != factor]
    whole = sum((f.weight for f in others), Decimal(0))
    rest = 1 - weight
    found = {f.factor: (f.weight * rest / whole if whole else Decimal(0)).quantize(PLACES) for f in others}
    if others:
        # what rounding leaves over goes to the largest, first in order
        largest = max(others, key=lambda f: f.weight).factor
        found[largest] += rest - sum(found.values(), Decimal(0))
    return {f.factor: found.get(f.factor, weight) for f in factors}
