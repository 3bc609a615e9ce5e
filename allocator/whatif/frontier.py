"""The frontier of fidelity to the formula against one goal: what each step of a floor or limit costs.

The goal is one parameter of a rule; all other rules stay as they are. From where the rule starts to
bind, or from the loosest legal value, to the last value with an allocation, each point is the optimum
under that value: its largest departure, and the money that it moves away from the formula. The largest
departure never falls as the goal tightens; the money moved can fall where the objective is leximin,
which makes the worst departures small before it looks at sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from allocator.faults import BadInput, Fault, Place
from allocator.loaded import Loaded
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.breakpoints import Breakpoint, breakpoints
from allocator.whatif.changes import target_of
from allocator.whatif.engine import Engine, Point, Status

POINTS = 25
"""Values from end to end where nothing else is asked for."""
PLACES = 6
"""Decimal places of the values in between, and of money."""
KNEES = 2
"""Knees that are named at most."""
SHARP = 0.005
"""Least distance of a knee from the chord of its neighbours, where both axes run from 0 to 1."""
APART = 0.08
"""Least way between two knees, where the axis runs from 0 to 1."""
FLAT = 1e-6
"""A curve that rises by no more than this part of itself is flat and has no knee."""
GOALS = (
    ("use_share_floor", "floor"),
    ("average_parity", "times"),
    ("group_share_floor", "floor"),
    ("change_limits", "lower"),
)
"""Parameters that are goals of their own, by kind of rule."""


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """The optimum under one value of the goal."""

    value: Decimal
    status: Status
    largest_departure: float
    """Largest departure from an entitlement, as a share of it; NaN where there is no allocation."""
    moved: float
    """½ Σ |amount − formula| over counties, in the unit; NaN where there is no allocation."""
    rules: tuple[str, ...]
    """Rules that shape the result."""
    present: bool = False
    """Whether this is the present value."""
    agreed: bool = True
    """Whether the point came out alike when it was solved again cold."""


@dataclass(frozen=True)
class Frontier:
    """Points from the loosest to the tightest value of a goal."""

    path: str
    knob: Knob
    points: tuple[FrontierPoint, ...]
    """Empty where no value of the goal has an allocation."""
    knees: tuple[int, ...]
    """Positions of the points from which on more of the goal costs much more; the sharpest first."""


def default_goals(loaded: Loaded) -> tuple[str, ...]:
    """Paths of the goals that the scenario has: the first rule of each kind that sets the parameter."""
    found = []
    for kind, key in GOALS:
        paths = [
            f"rules.{rule.id}.{key}"
            for rule in loaded.scenario.rules
            if rule.kind == kind and any(knob.key == key for knob in rule.knobs(loaded.scenario.year))
        ]
        found += paths[:1]
    return tuple(found)


def frontier(
    engine: Engine,
    goal: str,
    points: int = POINTS,
    progress: Callable[[float], None] = lambda share: None,
    known: Breakpoint | None = None,
) -> Frontier:
    """Solves values of one goal from loose to tight; raises BadInput where it is no share or multiple.

    `known` are the goal's breakpoints, where they have been found before.
    """
    knob = knob_of(engine.loaded, goal)
    engine.forget()
    edges = known or breakpoints(engine, knob)
    values = _values(edges, points)
    found = []
    for done, value in enumerate(values):
        found.append(_point(*engine.checked({goal: value}), value, value == knob.value))
        progress((done + 1) / len(values))
    sign = -knob.loosens
    solved = [k for k, point in enumerate(found) if point.status == "solved"]
    # the present value need not lie on the grid; beside a point of it, it would hide a bend
    even = [k for k in solved if not found[k].present or k in (solved[0], solved[-1])]
    sharp = knees([sign * float(found[k].value) for k in even], [found[k].moved for k in even])
    return Frontier(goal, knob, tuple(found), tuple(even[k] for k in sharp))


def knob_of(loaded: Loaded, goal: str) -> Knob:
    """The parameter that a path points to; raises BadInput where it is no share or multiple of a rule."""
    target = target_of(loaded, goal)
    rule = loaded.scenario.rule_by_id.get(target.owner) if target.kind == "parameter" else None
    for knob in rule.knobs(loaded.scenario.year) if rule is not None else ():
        if knob.key == target.key and knob.form != "money":
            return knob
    raise BadInput([_no_goal(loaded, goal)])


def _no_goal(loaded: Loaded, goal: str) -> Fault:
    year = loaded.scenario.year
    knobs = [knob for rule in loaded.scenario.rules for knob in rule.knobs(year) if knob.form != "money"]
    paths = list(dict.fromkeys(f"rules.{knob.rule}.{knob.key}" for knob in knobs))
    return Fault(
        Place(goal),
        Text("不是规则的比例或倍数", "no share or multiple of a rule"),
        Text(f"可选：{'、'.join(paths)}", f"one of: {', '.join(paths)}"),
    )


def _values(edges: Breakpoint, points: int) -> tuple[Decimal, ...]:
    """Evenly spaced values with both ends and the present one, from loose to tight."""
    if edges.impossibility == "always":
        return ()
    start = edges.loosest if edges.binds is None else edges.binds.value
    end = edges.tightest if edges.impossible is None else edges.impossible.value
    steps = max(points, 2) - 1
    between = (round(start + (end - start) * k / steps, PLACES) for k in range(1, steps))
    present = () if edges.present == "infeasible" else (edges.knob.value,)
    every = {start, *between, end, *present}
    return tuple(sorted(every, reverse=edges.knob.loosens > 0))


def _point(point: Point, agreed: bool, value: Decimal, present: bool) -> FrontierPoint:
    moved = float("nan")
    if point.payments is not None and point.entitlement is not None:
        away = point.payments.sum(axis=1) - point.entitlement.sum(axis=1)
        moved = round(float(np.abs(away).sum()) / 2, PLACES)
    departure = point.largest_departure
    return FrontierPoint(value, point.status, departure, moved, point.rules, present, agreed)


def knees(goal: Sequence[float], moved: Sequence[float]) -> tuple[int, ...]:
    """Positions of the knees of a curve, the sharpest first; `goal` ascends as it tightens.

    Both axes are scaled to run from 0 to 1. Knees are the points of the convex lower hull that lie
    farthest from the chord between their neighbours on the hull, at most KNEES, none nearer than SHARP;
    of points less than APART from each other, which are one bend, the sharpest.
    """
    x, y = _scaled(goal), _scaled(moved)
    hull = _lower_hull(x, y)
    distances = [
        (_distance(x, y, before, k, after), k)
        for before, k, after in zip(hull, hull[1:], hull[2:], strict=False)
    ]
    sharpest = sorted(distances, key=lambda pair: (-pair[0], pair[1]))
    taken: list[int] = []
    for distance, k in sharpest:
        if distance >= SHARP and all(abs(x[k] - x[other]) >= APART for other in taken):
            taken.append(k)
    return tuple(taken[:KNEES])


def _scaled(values: Sequence[float]) -> list[float]:
    least, most = min(values, default=0.0), max(values, default=0.0)
    rises = most - least > FLAT * abs(most)
    return [(v - least) / (most - least) if rises else 0.0 for v in values]


def _lower_hull(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """Positions of the hull's corners seen from below, from left to right."""
    hull: list[int] = []
    for k in range(len(x)):
        while len(hull) >= 2 and _turn(x, y, hull[-2], hull[-1], k) <= 0:
            hull.pop()
        hull.append(k)
    return hull


def _turn(x: Sequence[float], y: Sequence[float], one: int, two: int, three: int) -> float:
    """Twice the area of a triangle, positive where the way turns upwards."""
    across = (x[two] - x[one]) * (y[three] - y[one])
    return across - (y[two] - y[one]) * (x[three] - x[one])


def _distance(x: Sequence[float], y: Sequence[float], before: int, k: int, after: int) -> float:
    """How far a point lies below the chord between two others."""
    length = float(np.hypot(x[after] - x[before], y[after] - y[before]))
    return _turn(x, y, before, k, after) / length if length > 0 else 0.0
