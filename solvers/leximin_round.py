"""One round of leximin as a linear program over the components that are still free."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
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
    first_start: Basis | None = None
    """A basis to start the first round from."""
    first_basis: Basis | None = None
    """The basis that the first round ended with."""
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
    owner: Indices
    """Component of each row that takes part; -1 likewise."""
    components: int


def build_round(program: LinearProgram, departures: Departures, state: State) -> Round | None:
    """The program over the components that still have a free departure; None where none has.

    The first round takes in every row and column, so that an infeasible rest is noticed.
    """
    first = state.first_duals is None
    active = np.flatnonzero(~state.frozen)
    if not len(active) and not first:
        return None
    matrix, free = program.matrix, ~state.fixed
    labels = _labels(matrix, free[matrix.indices])
    wanted = np.zeros(program.rows + program.columns, dtype=np.bool_)
    wanted[labels[program.rows :][departures.columns[active]]] = True
    numbers = np.where(wanted, np.cumsum(wanted) - 1, -1)[labels]
    owner, component = numbers[: program.rows], numbers[program.rows :]
    columns = np.flatnonzero(free if first else free & (component >= 0))
    rows = np.arange(program.rows) if first else np.flatnonzero(owner >= 0)
    current = Round(program, columns, rows, active, component[columns], owner[rows], int(wanted.sum()))
    return replace(current, program=_assemble(program, departures, state, current))


def components(matrix: csr_array) -> Indices:
    """(m + n): labels of rows, then columns, by connected component."""
    return _labels(matrix, np.ones(matrix.nnz, dtype=np.bool_))


def _labels(matrix: csr_array, taken: Flags) -> Indices:
    """(m + n): as above, joined by the taken entries alone; numbered by first row, then column."""
    m, n = matrix.shape
    ends = _starts(matrix, taken)
    starts = np.append(ends, np.full(n, ends[-1]))
    joined = matrix.indices[taken] + m
    graph = csr_array((np.ones(len(joined)), joined, starts), shape=(m + n, m + n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _starts(matrix: csr_array, taken: Flags) -> Indices:
    """(m + 1): where each row starts when only the taken entries are left."""
    return np.append(0, np.cumsum(taken))[matrix.indptr]


def hold(lower: Vector, upper: Vector, tight: Flags) -> tuple[Vector, Vector]:
    """Row bounds with the tight rows held at their one finite bound."""
    return np.where(tight & np.isinf(lower), upper, lower), np.where(tight & np.isinf(upper), lower, upper)


def _assemble(program: LinearProgram, departures: Departures, state: State, current: Round) -> LinearProgram:
    rows, columns, active = current.rows, current.columns, current.active
    settled = (program.matrix @ np.where(state.fixed, state.x, 0.0))[rows]
    lower, upper = program.row_lower[rows] - settled, program.row_upper[rows] - settled
    lower, upper = hold(lower, upper, state.tight[rows])
    t, targets = current.components, departures.targets[active]
    infinite = np.full(len(active), np.inf)
    return LinearProgram(
        matrix=_body(program, departures, current),
        row_lower=np.concatenate([lower, -infinite, targets]),
        row_upper=np.concatenate([upper, targets, infinite]),
        lower=np.concatenate([program.lower[columns], np.zeros(t)]),
        upper=np.concatenate([program.upper[columns], np.full(t, np.inf)]),
        cost=np.concatenate([np.zeros(len(columns)), np.ones(t)]),
    )


def _body(program: LinearProgram, departures: Departures, current: Round) -> csr_array:
    """Rows of the program, then x − scale · t for each departure, then x + scale · t."""
    matrix, n, k = program.matrix, len(current.columns), len(current.active)
    position = np.full(program.columns, -1, dtype=np.int32)
    position[current.columns] = np.arange(n, dtype=np.int32)
    # a free column's rows all belong to its component, so no entry is left in any other row
    inside = position[matrix.indices]
    taken = inside >= 0
    lengths = np.diff(_starts(matrix, taken))[current.rows]
    own = position[departures.columns[current.active]]
    pairs = np.column_stack([own, n + current.component[own]]).ravel()
    ones, scales = np.ones(k), departures.scales[current.active]
    values = [matrix.data[taken], *(np.column_stack([ones, s]).ravel() for s in (-scales, scales))]
    starts = np.concatenate([[0], np.cumsum(np.append(lengths, np.full(2 * k, 2)))])
    index = np.concatenate([inside[taken], pairs, pairs])
    return csr_array(
        (np.concatenate(values), index.astype(np.int32), starts.astype(np.int32)),
        shape=(len(starts) - 1, n + current.components),
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
