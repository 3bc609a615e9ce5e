"""A box around the plan that is safe as a whole: every county anywhere in its range, all at once.

The later money of each corner is one answer for the whole box, so that every row must hold for the worst
amounts in it: its left side loses own · width on the side that lowers it. This is the static answer of
robust optimisation (Ben-Tal and Nemirovski 1999): safe, and smaller than what an answer that follows the
amounts would allow. Widths are relative to the plan, at most all of it each way, and leximin: the narrowest
as wide as can be, then the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.envelope.program import SafetyProgram
from solvers.choose import make_solver
from solvers.conflict import elastic_rows
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.program import Flags, Indices, LinearProgram, Matrix, Vector, above, beside, sparse_rows

SHORT = 1e-7
"""Least violation, in program units, that counts as one."""


@dataclass(frozen=True)
class Box:
    """(P) each: how far below and above its plan a county may go, in program units."""

    below: Vector
    above: Vector


def safe_box(safety: SafetyProgram) -> Box:
    """The widest safe box; the plan itself must be safe."""
    pinned = _pinned(safety)
    program = _program(safety, pinned)
    count = len(safety.counties)
    plan = np.tile(safety.plan, 2)
    free = np.flatnonzero(program.upper[: 2 * count] > 0)
    if not len(free):
        return Box(np.zeros(count), np.zeros(count))
    departures = Departures(free, plan[free], plan[free])
    x = leximin(program, departures, make_solver("highs"), feasible=True).x[: 2 * count]
    widths = np.clip(x, 0.0, program.upper[: 2 * count])
    return Box(widths[:count], widths[count:])


def _pinned(safety: SafetyProgram) -> Flags:
    """(P) counties that stay at their plan, since rows have no room for rounding their uses otherwise."""
    pinned = np.zeros(len(safety.counties), dtype=np.bool_)
    solver = make_solver("highs")
    while not pinned.all():
        program = _program(safety, pinned)
        upper = program.upper.copy()
        upper[: 2 * len(pinned)] = 0.0
        rows = _rule_rows(safety)
        slack = solver.solve(elastic_rows(replace(program, upper=upper), rows)).values[program.columns :]
        short = np.flatnonzero(slack.reshape(2, -1).sum(axis=0) > SHORT) % len(safety.rows)
        asked = (safety.own_margins[short] > 0).any(axis=0) & ~pinned
        if not asked.any():
            break
        pinned |= asked
    return pinned


def _rule_rows(safety: SafetyProgram) -> Indices:
    """Positions of the rules' rows: they come after all skeletons."""
    first = sum(base.rows for base in safety.skeleton)
    return np.arange(first, first + len(safety.skeleton) * len(safety.rows))


def _program(safety: SafetyProgram, pinned: Flags) -> LinearProgram:
    """Columns: widths below, widths above, then later money of each corner; skeletons, then rules' rows."""
    count, corners = len(safety.counties), range(len(safety.skeleton))
    own, size = safety.own, safety.skeleton[0].columns
    worst = -np.maximum(own, 0.0), np.minimum(own, 0.0)
    widths = np.hstack(worst)
    plain = sparse_rows([(np.flatnonzero(row), row[row != 0]) for row in widths], 2 * count)
    margins = safety.own_margins @ (~pinned).astype(np.float64)
    blocks, lower, upper = [], [], []
    for k in corners:
        base = safety.skeleton[k]
        blocks.append(_beside(base.matrix, sparse_rows([((), ())] * base.rows, 2 * count), k, len(corners)))
        lower.append(base.row_lower)
        upper.append(base.row_upper)
    for k in corners:
        blocks.append(_beside(safety.later, plain, k, len(corners)))
        lower.append(safety.least(k) + margins - own @ safety.plan)
        upper.append(np.full(len(safety.rows), np.inf))
    most = np.tile(np.where(pinned, 0.0, safety.plan), 2)
    return LinearProgram(
        matrix=above(*blocks),
        row_lower=np.concatenate(lower),
        row_upper=np.concatenate(upper),
        lower=np.concatenate([np.zeros(2 * count), *(base.lower for base in safety.skeleton)]),
        upper=np.concatenate([most, *(base.upper for base in safety.skeleton)]),
        cost=np.zeros(2 * count + size * len(corners)),
    )


def _beside(later: Matrix, widths: Matrix, k: int, corners: int) -> Matrix:
    """One corner's rows among the columns of all."""
    empty = sparse_rows([((), ())] * later.shape[0], later.shape[1])
    return beside(widths, *(later if j == k else empty for j in range(corners)))
