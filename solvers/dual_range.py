"""How far each dual may vary: its least and largest value over all optimal duals.

A row or bound that is slack at one optimal point has dual zero in every optimal dual. What is
left, {y on tight rows: the reduced cost of each column has the sign of the bound that it is at},
is the whole optimal face of the dual (Goldman and Tucker 1956), so each end is a small program.
The two ends are the one-sided derivatives of the optimum by the row's right side (Gal 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from solvers.leximin_round import Departures, Round, State, build_round, components
from solvers.leximin_settle import TOUCHING
from solvers.program import Flags, Indices, LinearProgram, Vector, beside
from solvers.solution import Basis, Solver, Unbounded

NOTHING = 1e-9
"""Duals up to here are zero: the solver's tolerance."""
STEEP = 1e-7
"""A direction of length one along which a dual moves by less does not move it."""


@dataclass(frozen=True)
class DualRange:
    """Least and largest dual of each wanted row; infinite where the row cannot move that way."""

    low: Vector
    high: Vector


@dataclass(frozen=True)
class BoundRows:
    """Bounds of columns that are asked about as rows are: lower ≤ x[column] ≤ upper."""

    columns: Indices
    lower: Vector
    upper: Vector


def first_round_range(
    program: LinearProgram,
    departures: Departures,
    x: Vector,
    wanted: tuple[Indices, BoundRows],
    solver: Solver,
) -> DualRange:
    """The range of the duals of leximin's first round at its point `x`: of rows, then of bounds.

    Where bounds of a column are given, they are all that it has besides x ≥ 0.
    """
    rows, bounds = wanted
    current, fixed = _first_round(program, departures)
    levels = np.zeros(current.components)
    own = departures.columns[current.active]
    component = current.component[np.searchsorted(current.columns, own)]
    np.maximum.at(levels, component, departures.at(x)[current.active])
    whole = _with_bounds(program, current, fixed, bounds)
    point = np.concatenate([x[current.columns], levels, x[fixed]])
    last = np.arange(whole.rows - len(bounds.columns), whole.rows)
    return dual_range(whole, point, np.append(rows, last), solver)


def _first_round(program: LinearProgram, departures: Departures) -> tuple[Round, Indices]:
    """The first round as leximin starts it, and the columns that it leaves out as fixed."""
    fixed = program.lower == program.upper
    state = State(
        x=np.where(fixed, program.lower, 0.0),
        fixed=fixed,
        tight=np.zeros(program.rows, dtype=np.bool_),
        frozen=fixed[departures.columns],
        column_status=np.zeros(program.columns, dtype=np.int8),
        row_status=np.ones(program.rows + 2 * len(departures.columns), dtype=np.int8),
    )
    current = build_round(program, departures, state)
    assert current is not None
    return current, np.flatnonzero(fixed)


def _with_bounds(program: LinearProgram, current: Round, fixed: Indices, bounds: BoundRows) -> LinearProgram:
    """The round with `bounds` as its last rows and the columns that it left out as its last columns."""
    built, count = current.program, len(bounds.columns)
    rest, columns = built.rows - program.rows, built.columns + len(fixed)
    position = np.full(program.columns, -1, dtype=np.intp)
    position[current.columns] = np.arange(len(current.columns))
    position[fixed] = built.columns + np.arange(len(fixed))
    at = position[bounds.columns]
    left_out = vstack([program.matrix[:, fixed], csr_array((rest, len(fixed)))])
    picked = csr_array((np.ones(count), (np.arange(count), at)), shape=(count, columns))
    lower = np.concatenate([built.lower, program.lower[fixed]])
    upper = np.concatenate([built.upper, program.upper[fixed]])
    lower[at], upper[at] = 0.0, np.inf
    return LinearProgram(
        matrix=csr_array(vstack([beside(built.matrix, left_out), picked], format="csr")),
        row_lower=np.concatenate([program.row_lower, built.row_lower[program.rows :], bounds.lower]),
        row_upper=np.concatenate([program.row_upper, built.row_upper[program.rows :], bounds.upper]),
        lower=lower,
        upper=upper,
        cost=np.append(built.cost, np.zeros(len(fixed))),
    )


def dual_range(program: LinearProgram, x: Vector, wanted: Indices, solver: Solver) -> DualRange:
    """The range of each wanted row's dual, where `x` is an optimal point of `program`.

    Raises Infeasible where a wanted row is tight at `x` and no dual fits: then `x` is not optimal.
    """
    low, high = np.zeros(program.rows), np.zeros(program.rows)
    tight, face = _face(program, x)
    asked = np.isin(tight, wanted)
    if asked.any():
        endless = _endless(face, solver)
        used = _ever_used(face, endless, solver)
        for part, rows in _parts(face, used, asked):
            ends = _ends(part, np.flatnonzero(asked[rows]), endless[rows], solver)
            low[tight[rows]], high[tight[rows]] = ends.low, ends.high
    return DualRange(low[wanted], high[wanted])


def _face(program: LinearProgram, x: Vector) -> tuple[Indices, LinearProgram]:
    """The tight rows, and the program over their duals that every optimal dual satisfies."""
    activity = program.matrix @ x
    low, high = activity - program.row_lower <= TOUCHING, program.row_upper - activity <= TOUCHING
    tight = np.flatnonzero(low | high)
    at_lower, at_upper = x - program.lower <= TOUCHING, program.upper - x <= TOUCHING
    return tight, LinearProgram(
        matrix=csr_array(program.matrix[tight].T),
        row_lower=np.where(at_lower, -np.inf, program.cost),
        row_upper=np.where(at_upper, np.inf, program.cost),
        lower=np.where(high[tight], -np.inf, 0.0),
        upper=np.where(low[tight], np.inf, 0.0),
        cost=np.zeros(len(tight)),
    )


def _signs(face: LinearProgram) -> Vector:
    """1 or -1 for duals of one sign, 0 for those of any."""
    return np.where(face.lower == 0.0, 1.0, 0.0) - np.where(face.upper == 0.0, 1.0, 0.0)


def _endless(face: LinearProgram, solver: Solver) -> Flags:
    """Duals of one sign that may grow forever: those that a direction of the face moves."""
    directions = replace(
        face,
        row_lower=np.where(np.isfinite(face.row_lower), 0.0, face.row_lower),
        row_upper=np.where(np.isfinite(face.row_upper), 0.0, face.row_upper),
        lower=np.maximum(face.lower, -1.0),
        upper=np.minimum(face.upper, 1.0),
    )
    return _reached(directions, _signs(face), STEEP, solver)


def _ever_used(face: LinearProgram, endless: Flags, solver: Solver) -> Flags:
    """Duals that some optimal dual has away from zero; those of any sign count as such."""
    signs = _signs(face)
    finite = np.where(endless, 0.0, signs)
    return np.asarray(signs == 0.0) | endless | _reached(face, finite, NOTHING, solver)


def _reached(face: LinearProgram, signs: Vector, least: float, solver: Solver) -> Flags:
    """Which of the duals with a sign get beyond `least`: all that can get there at once, then the rest."""
    found = np.zeros(face.columns, dtype=np.bool_)
    start: Basis | None = None
    while True:
        solution = solver.solve(replace(face, cost=np.where(found, 0.0, -signs)), start)
        more = (signs * solution.values > least) & ~found
        if not more.any():
            return found
        found |= more
        start = solution.basis


def _parts(face: LinearProgram, used: Flags, asked: Flags) -> Sequence[tuple[LinearProgram, Indices]]:
    """The face by connected component, without unused duals; only where something is asked."""
    kept = np.flatnonzero(used)
    matrix = face.matrix[:, kept]
    labels = components(matrix)
    of_rows, of_duals = labels[: face.rows], labels[face.rows :]
    found = []
    for label in np.unique(of_duals[asked[kept]]):
        rows, duals = np.flatnonzero(of_rows == label), np.flatnonzero(of_duals == label)
        mine = kept[duals]
        part = LinearProgram(
            matrix=csr_array(matrix[rows][:, duals]),
            row_lower=face.row_lower[rows],
            row_upper=face.row_upper[rows],
            lower=face.lower[mine],
            upper=face.upper[mine],
            cost=np.zeros(len(mine)),
        )
        found.append((part, mine))
    return found


def _ends(part: LinearProgram, asked: Indices, endless: Flags, solver: Solver) -> DualRange:
    """Both ends of the duals asked for; a zero already met needs no program."""
    signs = _signs(part)
    low, high = np.zeros(part.columns), np.zeros(part.columns)
    solution = solver.solve(part)
    least, start = np.abs(solution.values), solution.basis
    for which in asked.tolist():
        ends = {-1.0: 0.0, 1.0: 0.0}
        for side in (1.0, -1.0):
            if side == -signs[which] and least[which] <= NOTHING:
                continue
            if side == signs[which] and endless[which]:
                ends[side] = side * np.inf
                continue
            cost = np.zeros(part.columns)
            cost[which] = -side
            try:
                solution = solver.solve(replace(part, cost=cost), start)
            except Unbounded:
                ends[side] = side * np.inf
                continue
            start, least = solution.basis, np.minimum(least, np.abs(solution.values))
            end = float(solution.values[which])
            ends[side] = end if abs(end) > NOTHING else 0.0
        low[which], high[which] = ends[-1.0], ends[1.0]
    return DualRange(low, high)
