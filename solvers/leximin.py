"""Leximin: the largest departure as small as possible, then the next, and so on.

Departure k is |x[column_k] − target_k| / scale_k. Each round is one linear program over what is
still free: every connected component of rows and free columns has its own largest departure t,
and the sum of the t is minimised, which minimises each. A departure with a positive dual is tight
in every optimum and is frozen; so is a row with a non-zero dual, and a column with a non-zero
reduced cost stays at its bound. The vector of departures, sorted downwards, is then
lexicographically least, hence unique (Ogryczak and Śliwiński 2006, Theorem 2 for the idea).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solvers.certificate import certify
from solvers.levels import Levels
from solvers.leximin_guide import Guide, blocks_of, short_rows
from solvers.leximin_round import Departures, Round, State, build_round, start_basis
from solvers.leximin_settle import settle
from solvers.program import LinearProgram
from solvers.solution import Basis, Infeasible, NotOptimal, Solution, Solver

WIDENINGS = (0.0, 1e-9, 1e-8, 1e-7)
"""Bounds on rows, in program units, by which a numerically infeasible later round is widened."""
GUIDED_FROM = 2000
"""Columns from which on the short cut of `leximin_guide` pays."""
CERTIFIED = 1e-6
"""Worst certificate that is believed."""


def leximin(
    program: LinearProgram,
    departures: Departures,
    solver: Solver,
    rounds: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
    guided_from: int = GUIDED_FROM,
    feasible: bool = False,
    start: Basis | None = None,
) -> Levels:
    """The leximin-optimal point of `program` (its cost is ignored); `rounds=1` is plain min-max.

    `feasible` says that a point is known to exist, so that a first round that finds none is a
    numerical error too. `start` is the first round's basis in a program of the same shape.

    Raises Infeasible where the program has no point, NotOptimal where a round cannot be proved.
    """
    state = State(
        x=np.zeros(program.columns),
        fixed=program.lower == program.upper,
        tight=np.zeros(program.rows, dtype=np.bool_),
        frozen=np.zeros(len(departures.columns), dtype=np.bool_),
        column_status=np.zeros(program.columns, dtype=np.int8),
        row_status=np.ones(program.rows + 2 * len(departures.columns), dtype=np.int8),
    )
    state.x[state.fixed] = program.lower[state.fixed]
    state.frozen[:] = state.fixed[departures.columns]
    if not program.columns:
        if program.residual(state.x) > WIDENINGS[-1] and not feasible:
            raise Infeasible("nothing is left to decide")
        rounds = 0
    guide: Guide | None = None
    count = 0
    while rounds is None or count < rounds:
        first = count == 0 and not feasible
        if count == 0:
            state.first_start = start
        state, done = _advance(program, departures, solver, (state, guide, first))
        if done:
            break
        count += 1
        progress(float(state.frozen.mean()))
        if count == 1 and program.columns >= guided_from:
            guide = _guide(program, departures, solver, state)
    duals = np.zeros(program.rows) if state.first_duals is None else state.first_duals
    prices = np.zeros(program.columns) if state.first_prices is None else state.first_prices
    return Levels(
        state.x,
        tuple(state.freezes),
        state.fixed,
        state.tight,
        duals,
        prices,
        tuple(state.certificates),
        state.first_basis,
        state.widened,
    )


def _advance(
    program: LinearProgram,
    departures: Departures,
    solver: Solver,
    so_far: tuple[State, Guide | None, bool],
) -> tuple[State, bool]:
    """One round, taking the guide's short cut where it holds."""
    state, guide, first = so_far
    attempt = None if guide is None else guide.attempt(departures, state)
    if guide is not None and attempt is not None:
        trial, tau = attempt
        current = build_round(program, departures, trial)
        if current is not None:
            try:
                solution = _solve(current, solver, trial, first=True)
                good = bool(solution.values[len(current.columns) :].max(initial=0.0) <= tau)
            except (Infeasible, NotOptimal):
                good = False
            guide.learn(good, tau)
            if good:
                settle(program, departures, current, solution, trial)
                return trial, False
    current = build_round(program, departures, state)
    if current is None:
        return state, True
    solution = _solve(current, solver, state, first)
    settle(program, departures, current, solution, state)
    return state, False


def _guide(program: LinearProgram, departures: Departures, solver: Solver, state: State) -> Guide | None:
    found = short_rows(program, state)
    if found is None:
        return None
    keep, block = found
    relaxed, part = blocks_of(program, departures, state, keep)
    try:
        levels = leximin(relaxed, part, solver, guided_from=program.columns + 1)
    except (Infeasible, NotOptimal):
        return None
    active = np.flatnonzero(~state.frozen)
    return Guide(
        np.flatnonzero(keep),
        active,
        part.columns,
        part.scales,
        levels.x,
        part.at(levels.x),
        block[part.columns],
        levels.freezes,
    )


def _solve(current: Round, solver: Solver, state: State, first: bool) -> Solution:
    """Solve warm, then cold, then widened; each answer must prove itself."""
    starts: list[Basis | None] = [start_basis(current, state), None] if state.started else [None]
    given = None if state.started else state.first_start
    if given is not None and _fits(given, current.program):
        starts = [given, None]
    widenings = (0.0,) if first else WIDENINGS
    trouble: Exception = NotOptimal("no attempt was made")
    for width in widenings:
        program = (
            current.program
            if not width
            else replace(
                current.program,
                row_lower=current.program.row_lower - width,
                row_upper=current.program.row_upper + width,
            )
        )
        for start in starts:
            try:
                solution = solver.solve(program, start)
            except (Infeasible, NotOptimal) as error:
                if first and isinstance(error, Infeasible):
                    raise
                trouble = error
                continue
            proof = certify(program, solution)
            if proof.worst <= max(CERTIFIED, 1e3 * solution.noise):
                state.first_basis = state.first_basis or solution.basis
                state.certificates.append(proof)
                state.widened = max(state.widened, width)
                return solution
            trouble = NotOptimal(f"a round could not be proved optimal: {proof}")
    raise NotOptimal(f"a later round failed beyond the widening of {WIDENINGS[-1]}: {trouble}")


def _fits(start: Basis, program: LinearProgram) -> bool:
    return len(start.columns) == program.columns and len(start.rows) == program.rows
