"""The county statement (取数单): from what the factors brought to what is paid, in whole money.

Along the path formula, adjustment, rules, rounding every running total is rounded to a whole step
and the parts are the differences, so that they are whole and add up exactly to the payout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.why.attribution import Attribution

Kind = Literal["factor", "adjustment", "rule", "rounding"]
GRID = 10**6
"""Running totals are read to this part of a step, so that equal counties round alike."""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a county's path."""

    kind: Kind
    name: str
    """Factor, or rule (kind of rule under Shapley); empty otherwise."""
    amount: Fraction
    """Whole steps, in the unit."""
    exact: float
    """Before it was made whole, in the unit."""


@dataclass(frozen=True, slots=True)
class StreamStatement:
    """One county in one stream: its parts add up exactly to the payout."""

    stream: str
    parts: tuple[Part, ...]
    payout: Fraction


@dataclass(frozen=True, slots=True)
class Statement:
    """One county: the streams that it has an entitlement or a payout in."""

    county: int
    streams: tuple[StreamStatement, ...]

    @property
    def payout(self) -> Fraction:
        """Paid in this run, all streams."""
        return sum((s.payout for s in self.streams), Fraction(0))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Parts over all streams: factors, adjustment, rules, rounding, in the order of the path."""
        found: dict[tuple[Kind, str], Part] = {}
        for part in (part for stream in self.streams for part in stream.parts):
            key = part.kind, part.name
            old = found.get(key, Part(part.kind, part.name, Fraction(0), 0.0))
            found[key] = Part(part.kind, part.name, old.amount + part.amount, old.exact + part.exact)
        order = ("factor", "adjustment", "rule", "rounding")
        return tuple(sorted(found.values(), key=lambda part: order.index(part.kind)))


def statements(
    loaded: Loaded, steps: NDArray[np.int64], attribution: Attribution, counties: Sequence[int] | None = None
) -> tuple[Statement, ...]:
    """Statements of the counties (positions; default: all); `steps` is the whole table, (n, S, U)."""
    wanted = range(len(loaded.counties)) if counties is None else counties
    factors = {key: tuple(own) for key, own in groupby(loaded.factors, key=lambda f: (f.county, f.stream))}
    paid = steps.sum(axis=2)
    found = []
    for i in wanted:
        streams = []
        for s, name in enumerate(loaded.problem.stream_names):
            own = factors.get((i, name), ())
            if own or paid[i, s]:
                pairs = [(f.factor, Fraction(f.amount)) for f in own]
                streams.append(_stream(loaded, (i, s), pairs, int(paid[i, s]), attribution))
        found.append(Statement(i, tuple(streams)))
    return tuple(found)


def _stream(
    loaded: Loaded,
    at: tuple[int, int],
    factors: Sequence[tuple[str, Fraction]],
    paid: int,
    attribution: Attribution,
) -> StreamStatement:
    i, s = at
    problem, step = loaded.problem, loaded.problem.step
    formula, adjustment = Fraction(problem.formula[i][s]), Fraction(problem.adjustment[i][s])
    path: list[tuple[Kind, str, Fraction]] = []
    running = Fraction(0)
    for position, (name, amount) in enumerate(factors):
        running = formula if position == len(factors) - 1 else running + amount
        path.append(("factor", name, running))
    if adjustment:
        running = formula + adjustment
        path.append(("adjustment", "", running))
    for name, moves in zip(attribution.names, attribution.moves, strict=True):
        move = round(float(moves[i, s]) / float(step) * GRID)
        running += Fraction(move, GRID) * step
        path.append(("rule", name, running))
    path.append(("rounding", "", paid * step))
    return StreamStatement(problem.stream_names[s], _parts(path, step), paid * step)


def _parts(path: Sequence[tuple[Kind, str, Fraction]], step: Fraction) -> tuple[Part, ...]:
    parts = []
    before, before_whole = Fraction(0), Fraction(0)
    for kind, name, running in path:
        whole = _nearest(running, step)
        parts.append(Part(kind, name, whole - before_whole, float(running - before)))
        before, before_whole = running, whole
    return tuple(parts)


def _nearest(value: Fraction, step: Fraction) -> Fraction:
    """The nearest whole step, halves upwards."""
    grid = round(value / step * GRID)
    return (2 * grid + GRID) // (2 * GRID) * step
