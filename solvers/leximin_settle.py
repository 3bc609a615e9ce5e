"""What a round's duals prove: which departures, rows and columns no later round may move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.certificate import reduced_costs
from solvers.leximin_round import Departures, Freeze, Round, State, remember
from solvers.program import Flags, LinearProgram, Vector
from solvers.solution import NotOptimal, Solution

SURE = 1e-8
"""A dual or reduced cost counts from here on: ten times the solver's dual tolerance."""
TOUCHING = 1e-7
"""How near, in program units, a value must be to the bound that its dual says it is at."""


@dataclass(frozen=True)
class _Proof:
    """What is tight in every optimum of the round, by its departures, rows and columns."""

    up: Flags
    down: Flags
    rows: Flags
    row_duals: Vector
    columns: Flags
    prices: Vector
    at: Vector
    """Bound of each column that its reduced cost points to."""


def settle(
    program: LinearProgram,
    departures: Departures,
    current: Round,
    solution: Solution,
    state: State,
) -> None:
    """Take over the round's point and freeze, hold and record what its duals prove."""
    n = len(current.columns)
    values, levels = solution.values[:n], np.maximum(solution.values[n:], 0.0)
    state.x[current.columns] = values
    own = departures.columns[current.active]
    position = np.full(program.columns, -1, dtype=np.intp)
    position[current.columns] = np.arange(n)
    component = current.component[position[own]]
    level = levels[component]
    proof = _prove(program, departures, current, solution, level)
    scales, targets = departures.scales[current.active], departures.targets[current.active]
    floor = max(1e-11, 10 * solution.noise)
    zero = level <= floor
    up, down = proof.up & ~zero, proof.down & ~zero & ~proof.up
    for flags, value in ((up, targets + level * scales), (down, targets - level * scales), (zero, targets)):
        state.x[own[flags]] = value[flags]
    settled = up | down | zero
    if not settled.any() and len(current.active):
        raise NotOptimal("a round froze nothing")
    state.fixed[own[settled]] = True
    held = current.columns[proof.columns & ~state.fixed[current.columns]]
    state.x[held] = proof.at[position[held]]
    state.fixed[held] = True
    state.frozen |= state.fixed[departures.columns]
    state.tight[current.rows[proof.rows]] = True
    if state.first_duals is None:
        state.first_duals = np.zeros(program.rows)
        state.first_duals[current.rows] = proof.row_duals
        state.first_prices = np.zeros(program.columns)
        state.first_prices[current.columns] = np.where(proof.columns, proof.prices, 0.0)
    _record(current, (component, up | zero, down), np.where(levels <= floor, 0.0, levels), proof, state)
    if solution.basis is not None:
        remember(current, solution.basis, state)


def _prove(
    program: LinearProgram,
    departures: Departures,
    current: Round,
    solution: Solution,
    level: Vector,
) -> _Proof:
    n, m, k = len(current.columns), len(current.rows), len(current.active)
    x, duals, matrix = solution.values, solution.duals, current.program.matrix
    noise = 100 * solution.noise
    scales, targets = departures.scales[current.active], departures.targets[current.active]
    gap = x[:n][np.searchsorted(current.columns, departures.columns[current.active])] - targets
    above, below = -duals[m : m + k] * scales, duals[m + k :] * scales
    weight = max(SURE, noise)
    near = TOUCHING * np.maximum(scales, 1.0) + noise
    up = (above > weight) & (np.abs(gap - level * scales) <= near)
    down = (below > weight) & (np.abs(gap + level * scales) <= near)
    row_duals = duals[:m]
    activity = (matrix @ x)[:m]
    bound = np.where(row_duals > 0, current.program.row_lower[:m], current.program.row_upper[:m])
    largest = float(np.abs(row_duals).max(initial=0.0))
    rows = (np.abs(row_duals) > max(SURE, noise * largest)) & (np.abs(activity - bound) <= TOUCHING + noise)
    prices = reduced_costs(current.program, solution)[:n]
    pull = np.abs(matrix.data) * np.repeat(np.abs(duals), np.diff(matrix.indptr))
    reach = np.bincount(matrix.indices, pull, minlength=matrix.shape[1])[:n]
    at = np.where(prices > 0, program.lower[current.columns], program.upper[current.columns])
    columns = (np.abs(prices) > np.maximum(noise * reach, SURE)) & (np.abs(x[:n] - at) <= TOUCHING + noise)
    return _Proof(up, down, rows, row_duals, columns, prices, at)


def _record(
    current: Round,
    frozen: tuple[np.ndarray, Flags, Flags],
    levels: Vector,
    proof: _Proof,
    state: State,
) -> None:
    component, up, down = frozen
    for c in range(current.components):
        mine, rows = component == c, proof.rows & (current.owner == c)
        state.freezes.append(
            Freeze(
                level=float(levels[c]),
                up=current.active[up & mine],
                down=current.active[down & mine],
                rows=current.rows[rows],
                row_duals=proof.row_duals[rows],
                columns=current.columns[proof.columns & (current.component == c)],
            )
        )
