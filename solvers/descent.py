"""Levels from known bottlenecks alone: the highest first, then the next, in closed form.

The bottleneck that asks for the highest level settles its departures there; the others then ask
for what is left. Each level is a lower bound of what leximin reaches, as long as those before it
are reached: if one point has all the levels, it is the leximin optimum and these are its proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.bottlenecks import Bottlenecks
from solvers.leximin_round import Departures
from solvers.program import Flags, Indices, LinearProgram, Vector

NOTHING = 1e-11
"""Levels up to here count as zero, and so does what a bottleneck asks for beyond a level."""
SPENT = 1e-9
"""A bottleneck with less than this part of its weight left has no free departure any more."""
RISE = 1e-10
"""What a bottleneck may lack at the level before, for want of digits."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Departures with the bounds of their columns, (K) each."""

    targets: Vector
    scales: Vector
    lower: Vector
    upper: Vector

    @classmethod
    def of(cls, program: LinearProgram, departures: Departures) -> Aim:
        """The aim of a program's departures."""
        own = departures.columns
        return cls(departures.targets, departures.scales, program.lower[own], program.upper[own])

    @property
    def least(self) -> Vector:
        """(K): departures that the columns' own bounds enforce."""
        beyond = np.maximum(self.lower - self.targets, self.targets - self.upper)
        return np.maximum(beyond / self.scales, 0.0)

    def box(self, levels: Vector) -> tuple[Vector, Vector]:
        """(K), (K): least and largest values with departures up to these levels, (K)."""
        reach = levels * self.scales
        low = np.maximum(self.lower, self.targets - reach)
        # a departure at its column's bound leaves no width, give or take the last digit
        return low, np.maximum(low, np.minimum(self.upper, self.targets + reach))


@dataclass(frozen=True, slots=True)
class Step:
    """One level, and what is settled by it."""

    level: float
    bottleneck: int
    """That asks for the level; -1: a column's own bound."""
    settled: Indices
    """Departures at the level."""
    held: Indices
    """Departures that must stay at their columns' bounds, below the level."""
    weight: float
    """Σ |pull| · scale of the departures at the level: what it was divided by."""


class Descent:
    """Levels of all departures, by the bottlenecks of a pool, for one aim."""

    def __init__(self, pool: Bottlenecks, aim: Aim) -> None:
        self.pool, self.aim = pool, aim
        self.x = aim.targets.copy()
        """(K): what settled departures are settled at; the targets of the others."""
        self.turn = np.full(len(self.x), -1, dtype=np.intp)
        """(K): step at which a departure was settled, -1 while it is free."""
        self.steps: list[Step] = []
        self.broken = False
        """Whether a level came out above the one before: settled departures leave too little."""
        self._least = aim.least
        self._forced = float(self._least.max(initial=0.0)) > NOTHING
        self._run()

    @property
    def levels(self) -> Vector:
        """(K): level that settles each; of those still free, the last one if it is broken, else zero."""
        return np.array([*(step.level for step in self.steps), self._rest])[self.turn]

    @property
    def possible(self) -> bool:
        """Whether some level satisfies every bottleneck before anything is settled."""
        return bool(self.steps) or not self.broken

    @property
    def _last(self) -> float:
        return self.steps[-1].level if self.steps else np.inf

    @property
    def _rest(self) -> float:
        return self._last if self.broken else 0.0

    def resume(self) -> bool:
        """Takes in the newest bottleneck; False if it asks for nothing more."""
        levels = np.array([*(step.level for step in self.steps), self._rest])
        newest = self.pool.size - 1
        lacking = self.lacking(np.full(len(levels), newest), np.arange(len(levels)), levels)
        beyond = np.flatnonzero(lacking > NOTHING)
        if not len(beyond):
            return False
        at = int(beyond[0])
        del self.steps[at:]
        later = self.turn >= at
        self.turn[later] = -1
        self.x[later] = self.aim.targets[later]
        self.broken = False
        self._run()
        return True

    def lacking(self, which: Indices, turns: Indices, levels: Vector) -> Vector:
        """(R): what bottlenecks lack where steps before a turn are settled and the rest is within a level."""
        aim, pull = self.aim, self.pool.pull[:, which]
        turn = np.where(self.turn < 0, len(self.steps), self.turn)
        reach = aim.scales[:, None] * levels
        high = np.minimum(aim.upper[:, None], aim.targets[:, None] + reach)
        low = np.maximum(aim.lower[:, None], aim.targets[:, None] - reach)
        most = np.where(pull > 0, high, np.where(pull < 0, low, 0.0))
        at = np.where(turn[:, None] < turns, self.x[:, None], most)
        return np.asarray(self.pool.bound[which] - (pull * at).sum(axis=0), dtype=np.float64)

    def _run(self) -> None:
        """Settles level after level from where the steps end."""
        pool, aim = self.pool, self.aim
        free = self.turn < 0
        need = pool.bound - self.x @ pool.pull
        weight = np.where(free, aim.scales, 0.0) @ pool.weight
        left = SPENT * (aim.scales @ pool.weight)
        while True:
            level, who = self._highest(need, weight, left, free)
            if level > self._last or level == np.inf:
                self.broken = True
                return
            if level <= NOTHING or not free.any():
                return
            now = self._settle(level, who, free)
            need -= (self.x[now] - aim.targets[now]) @ pool.pull[now]
            weight -= aim.scales[now] @ pool.weight[now]

    def _highest(self, need: Vector, weight: Vector, left: Vector, free: Flags) -> tuple[float, int]:
        """The highest level that is asked for, and by which bottleneck, or by which column k: −1 − k."""
        asked = _levels(need, weight, left)
        who = int(asked.argmax()) if len(asked) else -1
        level = float(asked[who]) if len(asked) else 0.0
        if self._forced:
            k = int(np.where(free, self._least, -1.0).argmax())
            if self._least[k] >= level:
                level, who = float(self._least[k]), -1 - k
        while 0.0 < level < np.inf:
            short = self._short(level, need, weight, free, True)
            worst = int(short.argmax()) if len(short) else 0
            if not len(short) or short[worst] <= NOTHING:
                break
            higher = self._raised(
                worst, level, (float(need[worst]), float(weight[worst]), float(left[worst])), free
            )
            if not higher > level:
                break
            level, who = higher, worst
        if level > self._last and not (self._short(self._last, need, weight, free) > RISE).any():
            # a little too much to ask, divided by a little weight, is no higher level
            level = self._last
        return level, who

    def _short(
        self, level: float, need: Vector, weight: Vector, free: Flags, clipped: bool = False
    ) -> Vector:
        """What bottlenecks lack at a level, (J); empty if only `clipped` ones are wanted and no column is."""
        # columns that reach their bounds before the level are worth less to a bottleneck than it assumed
        aim, pool = self.aim, self.pool
        above = np.where(free, aim.targets + level * aim.scales - aim.upper, 0.0)
        below = np.where(free, aim.lower - aim.targets + level * aim.scales, 0.0)
        over, under = np.flatnonzero(above > 0), np.flatnonzero(below > 0)
        if clipped and not (len(over) or len(under)):
            return np.empty(0)
        short = need - weight * level
        short += above[over] @ np.maximum(pool.pull[over], 0.0)
        short += below[under] @ np.maximum(-pool.pull[under], 0.0)
        return short

    def _raised(self, j: int, level: float, asks: tuple[float, float, float], free: Flags) -> float:
        """The level that a bottleneck asks for where columns reach their bounds before (Newton's method)."""
        aim, pull = self.aim, self.pool.pull[:, j]
        while True:
            held = self._held(pull, level, free)
            end = np.where(pull[held] > 0, aim.upper[held], aim.lower[held])
            need = asks[0] - float(pull[held] @ (end - aim.targets[held]))
            weight = asks[1] - float(np.abs(pull[held]) @ aim.scales[held])
            if weight <= asks[2]:
                return np.inf if need > SPENT else level
            higher = need / weight
            if not higher > level:
                return level
            level = higher

    def _held(self, pull: Vector, level: float, free: Flags) -> Indices:
        """Free departures that reach their columns' bounds before the level, where they are pulled to."""
        aim, reach = self.aim, level * self.aim.scales
        up = (pull > 0) & (aim.targets + reach > aim.upper)
        down = (pull < 0) & (aim.targets - reach < aim.lower)
        return np.flatnonzero(free & (up | down))

    def _settle(self, level: float, who: int, free: Flags) -> Indices:
        """Settles what the level settles."""
        aim = self.aim
        if who < 0:
            at, held = np.array([-1 - who]), np.empty(0, dtype=np.intp)
            self.x[at] = np.where(aim.lower[at] > aim.targets[at], aim.lower[at], aim.upper[at])
            weight = 1.0
        else:
            pull = self.pool.pull[:, who]
            held = self._held(pull, level, free)
            self.x[held] = np.where(pull[held] > 0, aim.upper[held], aim.lower[held])
            free[held] = False
            at = np.flatnonzero((pull != 0) & free)
            self.x[at] = aim.targets[at] + np.sign(pull[at]) * level * aim.scales[at]
            # without any, the bottleneck holds columns at their bounds whatever the level is
            weight = float(np.abs(pull[at]) @ aim.scales[at]) or 1.0
        free[at] = False
        both = np.append(at, held)
        self.turn[both] = len(self.steps)
        self.steps.append(Step(level, max(who, -1), at, held, weight))
        return both


def _levels(need: Vector, weight: Vector, left: Vector) -> Vector:
    """need / weight; where no weight is left: no level, or, if something is needed still, an infinite one."""
    out = np.where(need > SPENT, np.inf, -np.inf)
    return np.divide(need, weight, out=out, where=weight > left)
