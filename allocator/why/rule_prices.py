"""The price of a rule, two-sided: what happens when it is a policy step tighter, looser, or left out.

A single dual misleads under degeneracy (a floor that others imply has price zero and still costs
when it is tightened), so every price is the difference of two solved allocations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from allocator.amounts import Amounts, LevelOne
from allocator.rules.base import Knob, Rule
from allocator.why.moves import Moves, moves
from solvers.solution import Infeasible

Side = Literal["tighter", "looser"]
SIDES: tuple[Side, ...] = ("tighter", "looser")


@dataclass(frozen=True)
class Turned:
    """One parameter a policy step tighter or looser."""

    side: Side
    value: Decimal
    found: Amounts | None
    """None where no allocation keeps all the rules then."""
    moves: Moves | None


@dataclass(frozen=True)
class Price:
    """One parameter of one rule, a policy step either way; a side that is not legal is left out."""

    knob: Knob
    sides: tuple[Turned, ...]


@dataclass(frozen=True)
class Without:
    """The rule left out altogether: `moves` are what the rule brings about, from without to with."""

    rule: str
    found: Amounts
    moves: Moves


def rule_prices(
    one: LevelOne, rule: Rule, progress: Callable[[float], None] = lambda share: None
) -> tuple[Price, ...]:
    """Two-sided prices of every parameter of a rule."""
    base = one.under()
    found = []
    knobs = rule.knobs(one.loaded.scenario.year)
    for done, knob in enumerate(knobs):
        sides = [turned for side in SIDES if (turned := _turned(one, base, knob, side)) is not None]
        found.append(Price(knob, tuple(sides)))
        progress((done + 1) / len(knobs))
    return tuple(found)


def without(one: LevelOne, rule: str) -> Without:
    """The allocation without one rule, and what the rule moves."""
    found = one.under([other for other in one.linear if other != rule])
    return Without(rule, found, moves(found.payments, one.under().payments))


def _turned(one: LevelOne, base: Amounts, knob: Knob, side: Side) -> Turned | None:
    direction = knob.loosens if side == "looser" else -knob.loosens
    value = knob.value + direction * knob.step
    if not knob.legal(value):
        return None
    try:
        found = one.turned([(knob.rule, knob.key, value)]).under()
    except Infeasible:
        return Turned(side, value, None, None)
    return Turned(side, value, found, moves(base.payments, found.payments))
