"""Leximin of many programs that resemble each other, by bottlenecks that were found before.

Known bottlenecks give the levels of all departures in closed form (`solvers/descent.py`). One
linear program then asks for a point of the whole program with every departure within its level.
If there is one, it is the leximin optimum, and the bottlenecks are its proof. If there is none, the
prices that say so are a bottleneck that was missing, and the levels are found again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solvers.bottlenecks import Bottlenecks, Prices
from solvers.certificate import Certificate
from solvers.descent import Aim, Descent, Step
from solvers.highs import Box
from solvers.levels import Levels
from solvers.leximin import leximin
from solvers.leximin_round import Departures, Freeze
from solvers.program import LinearProgram, Vector
from solvers.solution import Basis, Infeasible, NotOptimal, Solver

MOST = 250
"""Bottlenecks found for one program before it is solved round by round after all."""
BELIEVED = 1e-8
"""Worst certificate, and largest violation in program units, that is believed."""
REMEMBERED = 1500
"""Bottlenecks that are kept from one program to the next."""


class QuickLeximin:
    """Solves programs of one shape (rows, columns, departures), remembering their bottlenecks."""

    def __init__(self, solver: Solver, known: Sequence[Prices] = ()) -> None:
        """`solver` is for programs that need all their rounds; `known` are prices to begin with."""
        self.solver = solver
        self._known = list(known)
        self._start: Basis | None = None
        self._pool: Bottlenecks | None = None
        self._box: Box | None = None

    def learn(self, program: LinearProgram, departures: Departures, levels: Levels) -> None:
        """Takes over the bottlenecks of an optimum."""
        pool = self._made(program, departures)
        duals = np.zeros(program.rows)
        for freeze in levels.freezes:
            duals[freeze.rows] = freeze.row_duals
            pool.add(duals)
            duals[freeze.rows] = 0.0

    @property
    def kept(self) -> list[Prices]:
        """The prices that `forget` goes back to."""
        return self._known

    def keep(self) -> None:
        """What is known now is what `forget` goes back to."""
        if self._pool is not None and self._box is not None:
            self._known, self._start = list(self._pool.prices), self._box.basis

    def forget(self) -> None:
        """Forgets what was found since `keep`."""
        self._pool = self._box = None

    def solve(self, program: LinearProgram, departures: Departures) -> Levels:
        """The leximin optimum of the program, as `leximin` gives it; raises what that raises."""
        try:
            return self._solve(program, departures)
        except NotOptimal:
            return leximin(program, departures, self.solver)

    def _made(self, program: LinearProgram, departures: Departures) -> Bottlenecks:
        """The bottlenecks of this program, from those of the one before."""
        pool, columns = self._pool, departures.columns
        same = pool is not None and np.array_equal(pool.columns, columns) and _same(pool.program, program)
        if pool is not None and same and pool.size <= REMEMBERED:
            return pool
        known, start = self._known, self._start
        if pool is not None and self._box is not None:
            known, start = pool.prices[-REMEMBERED // 2 :], self._box.basis
        self._pool = Bottlenecks(program, columns, known)
        self._box = Box(columns)
        self._box.hold(program, start)
        return self._pool

    def _solve(self, program: LinearProgram, departures: Departures) -> Levels:
        pool, aim = self._made(program, departures), Aim.of(program, departures)
        box = self._box
        assert box is not None
        descent = Descent(pool, aim)
        for _ in range(MOST):
            point = box.find(*aim.box(descent.levels))
            if point is not None:
                if descent.broken:
                    raise NotOptimal("the levels rise, yet a point has them")
                return _proved(descent, point, departures)
            if not descent.possible:
                raise Infeasible("no point satisfies the rows")
            if not pool.add(box.prices()) or not descent.resume():
                raise NotOptimal("no bottleneck explains why the levels cannot be reached")
        raise NotOptimal(f"more than {MOST} bottlenecks were missing")


def _same(one: LinearProgram, two: LinearProgram) -> bool:
    """Whether two programs have the same rows and bounds."""
    pairs = (
        (one.matrix.indptr, two.matrix.indptr),
        (one.matrix.indices, two.matrix.indices),
        (one.matrix.data, two.matrix.data),
        (one.row_lower, two.row_lower),
        (one.row_upper, two.row_upper),
        (one.lower, two.lower),
        (one.upper, two.upper),
    )
    return one is two or all(a is b or np.array_equal(a, b) for a, b in pairs)


def _proved(descent: Descent, point: Vector, departures: Departures) -> Levels:
    """The point with its proof; raises NotOptimal where the proof does not hold."""
    program, columns = descent.pool.program, departures.columns
    x = point.copy()
    x[columns] = descent.x
    certificates = _certificates(descent, x)
    worst = max((c.worst for c in certificates), default=0.0)
    if worst > BELIEVED or program.residual(x) > BELIEVED:
        raise NotOptimal(f"the levels could not be proved: {worst}")
    freezes = tuple(_freeze(descent, step) for step in descent.steps)
    left, none = np.flatnonzero(descent.turn < 0), np.empty(0, dtype=np.intp)
    if len(left):
        freezes += (Freeze(0.0, left, none, none, np.empty(0), none),)
    fixed, tight = program.lower == program.upper, np.zeros(program.rows, dtype=np.bool_)
    fixed[columns] = True
    for freeze in freezes:
        tight[freeze.rows] = True
        fixed[freeze.columns] = True
    duals, prices = np.zeros(program.rows), np.zeros(program.columns)
    if freezes:
        duals[freezes[0].rows] = freezes[0].row_duals
        held = freezes[0].columns
        prices[held] = -(program.matrix.T @ duals)[held]
    return Levels(x, freezes, fixed, tight, duals, prices, certificates)


def _freeze(descent: Descent, step: Step) -> Freeze:
    """What one level settled, in the program's rows and columns."""
    pool, none = descent.pool, np.empty(0, dtype=np.intp)
    above = descent.x[step.settled] > descent.aim.targets[step.settled]
    up, down = step.settled[above], step.settled[~above]
    if step.bottleneck < 0:
        return Freeze(step.level, up, down, none, np.empty(0), pool.columns[step.settled])
    prices, columns = pool.prices[step.bottleneck], pool.at_bounds[step.bottleneck]
    if len(step.held):
        columns = np.union1d(columns, pool.columns[step.held])
    return Freeze(step.level, up, down, prices.rows, prices.duals / step.weight, columns)


def _certificates(descent: Descent, x: Vector) -> tuple[Certificate, ...]:
    """A proof of each level: a point that has it, and the least that its bottleneck asks for."""
    pool, program = descent.pool, descent.pool.program
    finite = np.abs(np.concatenate([program.row_lower, program.row_upper, program.lower, program.upper]))
    primal = program.residual(x) / (1.0 + float(finite[np.isfinite(finite)].max(initial=0.0)))
    steps = [(turn, step) for turn, step in enumerate(descent.steps) if step.bottleneck >= 0]
    which = np.array([step.bottleneck for _, step in steps], dtype=np.intp)
    turns = np.array([turn for turn, _ in steps], dtype=np.intp)
    levels = np.array([step.level for _, step in steps])
    weights = np.array([step.weight for _, step in steps])
    gaps = np.abs(descent.lacking(which, turns, levels)) / weights
    pairs = zip(pool.neglected[which].tolist(), gaps.tolist(), strict=True)
    return (Certificate(primal, 0.0, 0.0), *(Certificate(primal, own, gap) for own, gap in pairs))
