"""The exact values at which a rule starts to bind, and at which nothing fits any more.

Both are nearest values on the way back from a parameter that is too tight: to the first one that
any allocation keeps, and to the first one that the allocation without the rule keeps. Each is then
solved on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.amount_program import linear_rows
from allocator.blocks import stacked
from allocator.engine import Engine
from allocator.nearest import Nearest, way_of
from allocator.rules.base import Knob
from allocator.rules.use_share_floor import UseShareFloor
from solvers.choose import make_solver
from solvers.nearest import Giving, nearest

WIDTH = 1e-4
"""Distance to either side at which a value is solved; relative where it is money."""
STEP = Fraction(1, 1024)
"""Part of the way at which the slope of a floor is read."""
MOST_TIMES = 4
"""A multiple or amount is tightened upwards to this many times itself at most."""


@dataclass(frozen=True)
class Threshold:
    """A value, and whether solving on both sides of it bore it out."""

    value: Decimal
    confirmed: bool


@dataclass(frozen=True)
class Breakpoint:
    """One parameter; None where there is no such value within its range."""

    knob: Knob
    loosest: Decimal
    tightest: Decimal
    binds: Threshold | None
    """Tighter than this the rule changes the result."""
    impossible: Threshold | None
    """Tighter than this no allocation keeps all the rules."""
    binding_now: bool


@dataclass(frozen=True)
class FloorLimit:
    """The largest floor that one prefecture can carry, the others as they are."""

    rule: str
    where: str
    floor: float
    largest: float


def breakpoints(
    engine: Engine, progress: Callable[[float], None] = lambda share: None
) -> tuple[Breakpoint, ...]:
    """Every parameter of every rule; the scenario itself must have an allocation."""
    knobs = {
        (rule.id, knob.key): knob
        for rule in engine.loaded.scenario.rules
        for knob in rule.knobs(engine.loaded.scenario.year)
    }
    found = []
    for done, knob in enumerate(knobs.values()):
        found.append(_breakpoint(engine, knob))
        progress((done + 1) / len(knobs))
    return tuple(found)


def _breakpoint(engine: Engine, knob: Knob) -> Breakpoint:
    loose, tight = _ends(knob)
    free = engine.one.turned([(knob.rule, knob.key, loose)]).under()
    too_tight = engine.one.turned([(knob.rule, knob.key, tight)])
    near = Nearest(too_tight.loaded, too_tight.linear, make_solver("highs"))
    knob_there = replace(knob, value=tight)
    impossible = _edge(near, knob_there)
    held = near.holding(free.payments)
    binds = _edge(held, knob_there)
    now = engine.base.payments
    still = 1e-8 * float(sum(engine.loaded.problem.budgets) or 1)
    binding_now = bool(np.abs(now - free.payments).max(initial=0.0) > still)

    def same(value: Decimal) -> bool:
        point = engine.solve({f"rules.{knob.rule}.{knob.key}": value})
        return point.payments is not None and bool(
            np.abs(point.payments - free.payments).max(initial=0.0) <= still
        )

    def possible(value: Decimal) -> bool:
        return engine.solve({f"rules.{knob.rule}.{knob.key}": value}).status == "solved"

    return Breakpoint(
        knob,
        loose,
        tight,
        None if binds is None else Threshold(binds, _confirmed(knob, binds, same)),
        None if impossible is None else Threshold(impossible, _confirmed(knob, impossible, possible)),
        binding_now,
    )


def _ends(knob: Knob) -> tuple[Decimal, Decimal]:
    """The loosest and the tightest value that are looked at."""
    reach = abs(knob.value) * MOST_TIMES or Decimal(100)
    low = -reach if knob.signed else Decimal(0)
    high = Decimal(1) if knob.form == "share" else reach
    if knob.loosens > 0:
        return (high if knob.form == "share" else high * 1000), low
    return low, high


def _edge(near: Nearest, knob: Knob) -> Decimal | None:
    """The nearest value on the way back from a too tight one; None where that is not too tight."""
    mu = near.parameters([way_of(knob)])
    if not mu:
        return None
    return Decimal(repr(round(float(knob.value + knob.loosens * Decimal(repr(mu))), 9)))


def _confirmed(knob: Knob, value: Decimal, holds: Callable[[Decimal], bool]) -> bool:
    """Whether something holds a little looser than the value and no longer a little tighter."""
    width = Decimal(repr(WIDTH)) * (max(abs(value), Decimal(1)) if knob.form == "money" else 1)
    looser, tighter = value + knob.loosens * width, value - knob.loosens * width
    return (not knob.legal(looser) or holds(looser)) and (not knob.legal(tighter) or not holds(tighter))


def floor_limits(engine: Engine, rule_id: str) -> tuple[FloorLimit, ...]:
    """For each row of a share floor the largest floor that it alone can be given."""
    loaded = engine.loaded
    rule = loaded.scenario.rule_by_id[rule_id]
    if not isinstance(rule, UseShareFloor):
        return ()
    solver = make_solver("highs")
    near = Nearest(loaded, engine.one.linear, solver)
    whole = near.skeleton.with_blocks(near.blocks.values())
    found = []
    for row in loaded.rows[rule_id]:
        if row.vacuous is not None:
            continue
        full, less = (
            near.skeleton.block(linear_rows(loaded.problem, {rule_id: [replace(row, times=times)]}))
            for times in (Fraction(1), 1 - STEP)
        )
        giving = Giving(
            np.array([whole.rows], dtype=np.intp),
            np.ones(1),
            (less.matrix - full.matrix) / float(STEP),
            (less.bound - full.bound) / float(STEP),
        )
        mu = nearest(stacked(whole, [full]), giving, 1.0, solver)
        found.append(FloorLimit(rule_id, row.where, float(row.times), 1.0 if mu is None else 1.0 - mu))
    return tuple(found)
