"""One round of leximin as a linear program over the components that are still free."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from solvers.certificate import Certificate
from solvers.program import Flags, Indices, LinearProgram, Vector
from solvers.solution import BASIC, Basis


@dataclass(frozen=True)
class Departures:
    """What is to be kept small: |x[columns] − targets| / scales, all (K), scales > 0."""

    columns: Indices
    targets: Vector
    scales: Vector

    def at(self, x: Vector) -> Vector:
        """Departures at a point, (K)."""
        return np.asarray(np.abs(x[self.columns] - self.targets) / self.scales, dtype=np.float64)


@dataclass(frozen=True)
class Freeze:
    """What one component settled in one round."""

    level: float
    """The component's largest departure t."""
    up: Indices
    """Departures frozen at target + t · scale."""
    down: Indices
    """Departures frozen at target − t · scale."""
    rows: Indices
    """Rows that are tight in every optimum."""
    row_duals: Vector
    """Their duals: change of t per unit of the row's constant."""
    columns: Indices
    """Columns that stay at a bound in every optimum."""


@dataclass
class State:
    """What is settled so far; grows round by round."""

    x: Vector
    fixed: Flags
    """Columns that are settled, (n)."""
    tight: Flags
    """Rows that are tight in every optimum, (m)."""
    frozen: Flags
    """Departures that are settled, (K)."""
    column_status: NDArray[np.int8]
    row_status: NDArray[np.int8]
    """Last basis: rows of the program, then the upper, then the lower row of each departure."""
    started: bool = False
    freezes: list[Freeze] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    first_duals: Vector | None = None
    first_prices: Vector | None = None
    widened: float = 0.0

    def copy(self) -> State:
        """A state of its own, for an attempt that may be dropped."""
        return replace(
            self,
            x=self.x.copy(),
            fixed=self.fixed.copy(),
            tight=self.tight.copy(),
            frozen=self.frozen.copy(),
            column_status=self.column_status.copy(),
            row_status=self.row_status.copy(),
            freezes=list(self.freezes),
            certificates=list(self.certificates),
        )


@dataclass(frozen=True)
class Round:
    """One round's program and how it maps back to the whole."""

    program: LinearProgram
    columns: Indices
    """Columns of the whole that take part."""
    rows: Indices
    """Rows of the whole that take part."""
    active: Indices
    """Departures that are still free."""
    component: Indices
    """Component of each column that takes part; -1 where it has no free departure."""
    components: int


def build_round(program: LinearProgram, departures: Departures, state: State) -> Round | None:
    """The program over the components that still have a free departure; None where none has.

    The first round takes in every row and column, so that an infeasible rest is noticed.
    """
    first = state.first_duals is None
    active = np.flatnonzero(~state.frozen)
    if not len(active) and not first:
        return None
    free = np.flatnonzero(~state.fixed)
    matrix = program.matrix[:, free]
    rows = np.flatnonzero(np.diff(matrix.indptr)) if not first else np.arange(program.rows)
    matrix = matrix[rows]
    labels = components(matrix)[matrix.shape[0] :] if len(free) else np.empty(0, dtype=np.intp)
    position = np.full(program.columns, -1, dtype=np.intp)
    position[free] = np.arange(len(free))
    wanted = np.unique(labels[position[departures.columns[active]]])
    number = np.full(int(labels.max(initial=-1)) + 1, -1, dtype=np.intp)
    number[wanted] = np.arange(len(wanted))
    if not first:
        keep = number[labels] >= 0
        free, labels, matrix = free[keep], labels[keep], matrix[:, keep]
        used = np.diff(matrix.indptr) > 0
        rows, matrix = rows[used], matrix[used]
        position[:] = -1
        position[free] = np.arange(len(free))
    component = number[labels] if len(labels) else labels
    built = _assemble(program, departures, state, matrix, rows, free, active, component, position)
    return Round(built, free, rows, active, component, len(wanted))


def components(matrix: csr_array) -> Indices:
    """(m + n): labels of rows, then columns, by connected component."""
    m, n = matrix.shape
    corner = csr_array((m, m))
    graph = vstack([hstack([corner, matrix]), csr_array((n, m + n))], format="csr")
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def hold(lower: Vector, upper: Vector, tight: Flags) -> tuple[Vector, Vector]:
    """Row bounds with the tight rows held at their one finite bound."""
    return np.where(tight & np.isinf(lower), upper, lower), np.where(tight & np.isinf(upper), lower, upper)


def _assemble(
    program: LinearProgram,
    departures: Departures,
    state: State,
    matrix: csr_array,
    rows: Indices,
    free: Indices,
    active: Indices,
    component: Indices,
    position: Indices,
) -> LinearProgram:
    settled = program.matrix[rows] @ np.where(state.fixed, state.x, 0.0)
    lower, upper = program.row_lower[rows] - settled, program.row_upper[rows] - settled
    lower, upper = hold(lower, upper, state.tight[rows])
    own = position[departures.columns[active]]
    k, t = len(active), int(component.max(initial=-1)) + 1
    scales, targets = departures.scales[active], departures.targets[active]
    index = np.arange(k)
    ones = csr_array((np.ones(k), (index, own)), shape=(k, len(free)))
    spread = csr_array((scales, (index, component[own])), shape=(k, t))
    body = vstack(
        [
            hstack([matrix, csr_array((len(rows), t))]),
            hstack([ones, -spread]),
            hstack([ones, spread]),
        ],
        format="csr",
    )
    infinite = np.full(k, np.inf)
    return LinearProgram(
        matrix=body,
        row_lower=np.concatenate([lower, -infinite, targets]),
        row_upper=np.concatenate([upper, targets, infinite]),
        lower=np.concatenate([program.lower[free], np.zeros(t)]),
        upper=np.concatenate([program.upper[free], np.full(t, np.inf)]),
        cost=np.concatenate([np.zeros(len(free)), np.ones(t)]),
    )


def start_basis(current: Round, state: State) -> Basis:
    """The last round's basis, cut down to this round's columns and rows."""
    k, m = len(state.frozen), len(state.tight)
    levels = np.full(current.components, BASIC, dtype=np.int8)
    columns = np.append(state.column_status[current.columns], levels)
    rows = np.concatenate([current.rows, m + current.active, m + k + current.active])
    return Basis(columns.astype(np.int8), state.row_status[rows])


def remember(current: Round, basis: Basis, state: State) -> None:
    """Keep a round's basis for the next one."""
    k, m = len(state.frozen), len(state.tight)
    state.column_status[current.columns] = basis.columns[: len(current.columns)]
    rows = np.concatenate([current.rows, m + current.active, m + k + current.active])
    state.row_status[rows] = basis.rows
    state.started = True
