"""Breakpoints of a rule's parameter: where the rule starts to bind, and where nothing is possible any more.

Allocations that keep a rule keep it at every looser value too. So the optimum under the loosest value
stays the optimum for as long as it keeps the rule, and where the rule starts to bind is found by
feasibility tests with the payments held; only the two ends of a bracket are solved.

All of this is before rounding: at the last possible value whole money may not fit any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from allocator.amounts import Amounts
from allocator.faults import BadInput
from allocator.loaded import Loaded
from allocator.rules.base import Knob
from allocator.rules.linear import Linear
from allocator.scenario import UNIQUE
from allocator.whatif.engine import Engine, Point
from allocator.whatif.nearest import Nearest, way_of
from solvers.choose import make_solver
from solvers.solution import Infeasible, SolverError

WIDTH = Decimal("0.0001")
"""Width of a bracket: absolute for shares and multiples, relative for money."""
TIMES = 4
"""A multiple or an amount is raised to this many times itself,"""
DOUBLINGS = 4
"""and where that is possible still, twice as far, this many times over."""
HELD = 1e-7
"""Relative play of payments that are held, above the rounding of an optimum and far below WIDTH."""
WALK = 3
"""Steps that a bracket moves at most where the solved ends disagree with the feasibility tests."""

Present = Literal["free", "binds", "infeasible"]
Extent = Literal["from", "never", "always", "unknown"]
"""From a value on; at no value that is looked at; at every one; not known."""
Judged = Literal["free", "binds", "infeasible", "failed"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A breakpoint between two neighbouring values, both solved."""

    low: Decimal
    high: Decimal
    loosens: Literal[-1, 1]
    """The direction in which the rule asks for less."""
    confirmed: bool
    """Whether the solved ends are on different sides, as they must be."""
    agreed: tuple[bool, bool] = (True, True)
    """Whether the ends, low and high, came out alike in a sweep; what is published was solved cold."""

    @property
    def value(self) -> Decimal:
        """The looser end: the last value before the breakpoint."""
        return self.low if self.loosens < 0 else self.high

    @property
    def beyond(self) -> Decimal:
        """The tighter end: the first value past the breakpoint."""
        return self.high if self.loosens < 0 else self.low


@dataclass(frozen=True)
class Breakpoint:
    """The breakpoints of one parameter, all other values as they are."""

    path: str
    knob: Knob
    loosest: Decimal
    tightest: Decimal
    """Ends of the values that are looked at."""
    present: Present
    """What the present value does: nothing, shape the result, or leave no allocation."""
    binding: Extent
    binds: Edge | None
    """Where the rule starts to shape the result, if `binding` is `from`.

    `binding` is `never` too where the rule shapes nothing up to the last value that is possible, and
    `unknown` where no value has an allocation, and for an equation that binds now.
    """
    impossibility: Extent
    impossible: Edge | None
    """Where the last allocation is lost, if `impossibility` is `from`."""


def breakpoints(engine: Engine, knob: Knob) -> Breakpoint:
    """Where one parameter starts to bind, and where the scenario becomes infeasible as it tightens."""
    return _Search(engine, knob).found()


def legal_range(loaded: Loaded, knob: Knob) -> tuple[Decimal, Decimal]:
    """The loosest and the tightest value that are looked at; a zero has no multiple of itself."""
    budgets = sum((s.budget for s in loaded.problem.streams.values()), Decimal(0))
    reach = abs(knob.value) * TIMES or (budgets if knob.form == "money" else Decimal(TIMES))
    low = -reach if knob.signed else Decimal(0)
    high = Decimal(1) if knob.form == "share" else reach
    return (low, high) if knob.loosens < 0 else (high, low)


class _Search:
    """Looks for the breakpoints of one parameter."""

    def __init__(self, engine: Engine, knob: Knob) -> None:
        self.engine, self.knob, self.loaded = engine, knob, engine.loaded
        scenario = self.loaded.scenario
        self.rule = scenario.rule_by_id[knob.rule]
        self.path = f"rules.{knob.rule}.{knob.key}"
        self.loosest, self.tightest = legal_range(self.loaded, knob)
        # both numbers of a linear rule stand in the same row, so that its rows are not told apart
        linear = isinstance(self.rule, Linear)
        self.apart = not linear and len(self.rule.knobs(scenario.year)) > 1
        self.equation = isinstance(self.rule, Linear) and self.rule.sense == "="
        self.near = Nearest(self.loaded, engine.one.linear, make_solver("highs"))
        self._judged: dict[Decimal, Judged] = {}
        self._disagreed: set[Decimal] = set()

    def found(self) -> Breakpoint:
        """Both breakpoints."""
        present = self._present()
        impossibility, impossible = self._impossible(present)
        binding, binds = self._binds(present, impossibility, impossible)
        ends = self.loosest, self.tightest
        return Breakpoint(self.path, self.knob, *ends, present, binding, binds, impossibility, impossible)

    def _present(self) -> Present:
        try:
            return "binds" if self._shapes(self.engine.base, self.loaded) else "free"
        except Infeasible:
            return "infeasible"

    def _shapes(self, amounts: Amounts, loaded: Loaded) -> bool:
        """Whether this parameter's rows shape an optimum."""
        rule, year = loaded.scenario.rule_by_id[self.knob.rule], loaded.scenario.year
        rows, x = loaded.rows[rule.id], amounts.levels.x
        return any(
            (not self.apart or rule.governing(rows[place.number], year) == self.knob.key)
            # a column that is held at one end names the rows at both its ends
            and (place.program_row >= 0 or abs(x[place.column] - place.bound) <= HELD * max(1, place.bound))
            for places in amounts.shaped
            for place in places
            if place.rule == rule.id
        )

    def _at(self, value: Decimal) -> tuple[Amounts, Loaded]:
        one = self.engine.one.turned([(self.knob.rule, self.knob.key, value)])
        return one.under(), one.loaded

    def _judge(self, value: Decimal) -> Judged:
        """What a value does, solved."""
        if value not in self._judged:
            self._judged[value] = self._solved(value)
        return self._judged[value]

    def _solved(self, value: Decimal) -> Judged:
        """What a value does, solved cold; a sweep's way to solve it is held against that."""
        judged: Judged
        try:
            amounts, loaded = self._at(value)
            cold = Point("solved", amounts.payments)
            judged = "binds" if self._shapes(amounts, loaded) else "free"
        except Infeasible:
            cold, judged = Point("infeasible"), "infeasible"
        except (BadInput, SolverError, ValueError):
            cold, judged = Point("failed"), "failed"
        if not self.engine.agrees(self.engine.solve({self.path: value}), cold):
            self._disagreed.add(value)
        return judged

    def _feasible(self, value: Decimal) -> bool:
        return self.near.feasible([(self.knob, value)])

    def _impossible(self, present: Present) -> tuple[Extent, Edge | None]:
        good, bad = self.knob.value, self.tightest
        if present == "infeasible":
            start = self._start()
            if start is None:
                return "always", None
            good, bad = start, self.knob.value
        elif good == bad:
            return "never", None
        elif self._feasible(bad):
            further = self._further(bad)
            if further is None:
                return "never", None
            good, bad = bad, further
            self.tightest = further
        good, bad = self._bracket(good, bad, self._feasible)
        sides = {"free": True, "binds": True, "infeasible": False}
        return "from", self._edge(good, bad, lambda value: sides.get(self._judge(value)))

    def _further(self, end: Decimal) -> Decimal | None:
        """A value past the usual end that nothing can keep; None where there is none, or none was found."""
        if self.knob.form == "share" or self.knob.loosens > 0:
            return None
        further = (end * 2**k for k in range(1, DOUBLINGS + 1))
        return next((value for value in further if not self._feasible(value)), None)

    def _start(self) -> Decimal | None:
        """A value with an allocation, where the present one has none."""
        if self._feasible(self.loosest):
            return self.loosest
        # an equation can be kept somewhere between two values at which it cannot
        mu = self.near.parameters([way_of(self.knob)]) if self.equation else None
        if mu is None:
            return None
        value = way_of(self.knob).value(mu) + self.knob.loosens * self._grid(self.knob.value, self.loosest)
        return value if self._feasible(value) else None

    def _binds(
        self, present: Present, impossibility: Extent, impossible: Edge | None
    ) -> tuple[Extent, Edge | None]:
        if impossibility == "always":
            return "unknown", None
        if self.equation and present != "free":
            # it binds on both sides of the values that ask for nothing, if there are any
            return "unknown", None
        free, loaded = (self.engine.base, self.loaded) if present == "free" else self._at(self.loosest)
        if self._shapes(free, loaded):
            return "always", None
        holds = self._kept(free)
        far = self.tightest if impossible is None else impossible.value
        if holds(far):
            return "never", None
        good = self.knob.value if present == "free" else self.loosest
        bad = self.knob.value if present == "binds" and not holds(self.knob.value) else far
        good, bad = self._bracket(good, bad, holds)
        sides = {"free": True, "binds": False}
        return "from", self._edge(good, bad, lambda value: sides.get(self._judge(value)))

    def _kept(self, free: Amounts) -> Callable[[Decimal], bool]:
        """Whether the free optimum keeps the rule at a value, and so is the optimum there."""
        if self.loaded.scenario.objective not in UNIQUE:
            # where the optimum is not unique, another one may keep the rule
            return lambda value: self._judge(value) == "free"
        held = Nearest(self.loaded, self.engine.one.linear, make_solver("highs"))
        program, paid = held.skeleton.program, free.payments.ravel()[free.first.groups] / held.skeleton.unit
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[: len(paid)], upper[: len(paid)] = paid * (1 - HELD), paid * (1 + HELD)
        held.skeleton.program = replace(program, lower=lower, upper=upper)
        return lambda value: held.feasible([(self.knob, value)])

    def _grid(self, one: Decimal, two: Decimal) -> Decimal:
        """The power of ten on which brackets between two values end."""
        if self.knob.form != "money":
            return WIDTH
        step = self.loaded.problem.step
        least = max(min(abs(one), abs(two)), Decimal(step.numerator) / Decimal(step.denominator))
        return Decimal(1).scaleb((WIDTH * least).adjusted())

    def _bracket(
        self, good: Decimal, bad: Decimal, holds: Callable[[Decimal], bool]
    ) -> tuple[Decimal, Decimal]:
        """Halves the way from a value that holds to one that does not."""
        while abs(bad - good) > (grid := self._grid(good, bad)):
            middle = ((good + bad) / 2).quantize(grid)
            good, bad = (middle, bad) if holds(middle) else (good, middle)
        return good, bad

    def _edge(self, good: Decimal, bad: Decimal, solved: Callable[[Decimal], bool | None]) -> Edge:
        """The bracket, moved on where a breakpoint on its very end is solved as lying on the other side."""
        step = self._grid(good, bad) * (1 if bad > good else -1)
        for _ in range(WALK):
            if solved(good) is False:
                good, bad = good - step, good
            elif solved(bad) is True:
                good, bad = bad, bad + step
            else:
                break
        confirmed = solved(good) is True and solved(bad) is False
        ends = min(good, bad), max(good, bad)
        agreed = ends[0] not in self._disagreed, ends[1] not in self._disagreed
        return Edge(*ends, self.knob.loosens, confirmed, agreed)
