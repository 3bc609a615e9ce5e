"""Fidelity to the formula against a goal: what each step of a rule costs (ε-constraint).

The goal is a rule's own parameter, moved from where it starts to bind to where nothing fits; at
each value the allocation is solved. A knee is where the cost per step changes most: the point of
the curve farthest below the chord of its ends, then of the two parts that it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from allocator.batch import Rows, cell, solve_points
from allocator.engine import Engine
from allocator.loaded import Loaded
from allocator.rules.base import Knob
from allocator.thresholds import Breakpoint

GOALS = (("use_share_floor", "floor"), ("average_parity", "times"), ("change_limits", "lower"))
"""Industry share, the poverty-exit counties' average, stability."""
INSIDE = 1e-4
"""How far from the edge of what is possible the last point lies."""
FLAT = 1e-5
"""Part of all budgets below which a cost that changes is flat."""
KNEE = 0.05
"""Least distance from the chord, with both axes scaled to 1, that makes a knee."""


@dataclass(frozen=True)
class Frontier:
    """Money moved away from the formula at each value of a goal."""

    knob: Knob
    values: tuple[Decimal, ...]
    cost: tuple[float, ...]
    """½ Σ |amount − entitlement| over counties, in the unit."""
    knees: tuple[int, ...]
    """Positions."""
    present: float
    """Cost of the present value."""


def goals(loaded: Loaded) -> tuple[Knob, ...]:
    """The goals that the scenario's rules have."""
    return tuple(
        knob
        for rule in loaded.scenario.rules
        for knob in rule.knobs(loaded.scenario.year)
        if (rule.kind, knob.key) in GOALS
    )


def frontier(engine: Engine, edge: Breakpoint, points: int = 15, jobs: int = 1) -> Frontier | None:
    """The frontier of one goal between its thresholds; None where it has no length."""
    knob = edge.knob
    start = knob.value if edge.binds is None else edge.binds.value
    end = edge.tightest if edge.impossible is None else edge.impossible.value
    inside = Decimal(repr(INSIDE)) * knob.loosens
    end = end + inside if edge.impossible is not None else end
    if (end - start) * knob.loosens >= 0:
        return None
    every = {start + (end - start) * k / (points - 1) for k in range(points)} | {knob.value}
    values = sorted(round(v, 6) for v in every if knob.legal(v))
    path = f"rules.{knob.rule}.{knob.key}"
    solved = solve_points(engine, [{path: value} for value in values], jobs)
    due = engine.loaded.problem.entitlement.sum(axis=1)
    pairs = [
        (value, float(np.abs(point.counties - due).sum() / 2))
        for value, point in zip(values, solved, strict=True)
        if point.status == "solved"
    ]
    total = float(sum(engine.loaded.problem.budgets))
    if len(pairs) < 3 or max(c for _, c in pairs) - min(c for _, c in pairs) <= FLAT * total:
        return None
    known = [value for value, _ in pairs]
    cost = [c for _, c in pairs]
    present = float(np.abs(engine.base.payments.sum(axis=1) - due).sum() / 2)
    return Frontier(knob, tuple(known), tuple(cost), knees([float(v) for v in known], cost), present)


def knees(x: list[float], y: list[float]) -> tuple[int, ...]:
    """Up to two positions that lie farthest from the chords, both axes scaled to 1."""
    across = (np.array(x) - x[0]) / ((x[-1] - x[0]) or 1.0)
    height = max(y) - min(y)
    up = (np.array(y) - min(y)) / (height or 1.0)
    first = _farthest(across, up, 0, len(x) - 1)
    if first is None:
        return ()
    parts = [_farthest(across, up, 0, first), _farthest(across, up, first, len(x) - 1)]
    second = max((p for p in parts if p is not None), key=lambda p: _gap(across, up, p, first), default=None)
    return tuple(sorted({first, *(() if second is None else (second,))}))


def _farthest(x: np.ndarray, y: np.ndarray, a: int, b: int) -> int | None:
    if b - a < 2:
        return None
    inner = np.arange(a + 1, b)
    chord = y[a] + (y[b] - y[a]) * (x[inner] - x[a]) / ((x[b] - x[a]) or 1.0)
    gap = np.abs(chord - y[inner])
    return int(inner[gap.argmax()]) if gap.max() >= KNEE else None


def _gap(x: np.ndarray, y: np.ndarray, position: int, first: int) -> float:
    a, b = (0, first) if position < first else (first, len(x) - 1)
    chord = y[a] + (y[b] - y[a]) * (x[position] - x[a]) / ((x[b] - x[a]) or 1.0)
    return float(abs(chord - y[position]))


def frontier_rows(found: Mapping[str, Frontier]) -> Rows:
    """Header and rows of a tidy table of several frontiers."""
    rows = [
        (path, value, cell(cost), int(k in one.knees))
        for path, one in found.items()
        for k, (value, cost) in enumerate(zip(one.values, one.cost, strict=True))
    ]
    return ("parameter", "value", "moved_from_formula", "knee"), list(rows)
