"""Programs that settle what another program is: its dual, its elastic form, its ray."""

from __future__ import annotations

import numpy as np
from scipy.sparse import diags_array

from solvers.program import LinearProgram, Vector, beside


def elastic(program: LinearProgram) -> LinearProgram:
    """min Σ violation of row r / (1 + |its bounds|): always has a point; above zero if infeasible.

    Columns of the program, then what each row lacks, then what it has too much.
    """
    m, n = program.rows, program.columns
    unit = diags_array(np.ones(m)).tocsr()
    size = 1.0 + np.maximum(
        *(np.where(np.isfinite(b), np.abs(b), 0.0) for b in (program.row_lower, program.row_upper))
    )
    whole = None if program.integer is None else np.append(program.integer, np.zeros(2 * m, dtype=np.bool_))
    return LinearProgram(
        matrix=beside(program.matrix, unit, -unit),
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        lower=np.concatenate([program.lower, np.zeros(2 * m)]),
        upper=np.concatenate([program.upper, np.full(2 * m, np.inf)]),
        cost=np.concatenate([np.zeros(n), 1.0 / size, 1.0 / size]),
        integer=whole,
    )


def ray(program: LinearProgram) -> LinearProgram:
    """The steepest direction, of length one at most, that no row and no bound ever stops."""
    rows, columns = (
        (np.where(np.isfinite(low), 0.0, -length), np.where(np.isfinite(high), 0.0, length))
        for low, high, length in (
            (program.row_lower, program.row_upper, np.inf),
            (program.lower, program.upper, 1.0),
        )
    )
    return LinearProgram(program.matrix, *rows, *columns, cost=program.cost)


def dual(program: LinearProgram) -> LinearProgram:
    """min −(dual bound) over prices of rows, then of columns, lower bounds before upper ones.

    An equation has one price of any sign, an inequality one of its own sign; a row or a fixed
    column counts among the lower bounds.
    """
    blocks, lower, cost = [], [], []
    columns = diags_array(np.ones(program.columns)).tocsr()
    for side, low, high in (
        (program.matrix.T.tocsr(), program.row_lower, program.row_upper),
        (columns, program.lower, program.upper),
    ):
        below, above = _priced(low, high)
        blocks += [side[:, below], -side[:, above]]
        lower += [np.where(low == high, -np.inf, 0.0)[below], np.zeros(int(above.sum()))]
        cost += [-low[below], high[above]]
    floor = np.concatenate(lower)
    return LinearProgram(
        matrix=beside(*blocks),
        row_lower=program.cost,
        row_upper=program.cost,
        lower=floor,
        upper=np.full(len(floor), np.inf),
        cost=np.concatenate(cost),
    )


def row_duals(program: LinearProgram, prices: Vector) -> Vector:
    """The duals of the program's rows, (m), from a point of its dual."""
    below, above = _priced(program.row_lower, program.row_upper)
    duals = np.zeros(program.rows)
    first, second = int(below.sum()), int(above.sum())
    duals[below] += prices[:first]
    duals[above] -= prices[first : first + second]
    return duals


def _priced(low: Vector, high: Vector) -> tuple[np.ndarray, np.ndarray]:
    return np.isfinite(low), np.isfinite(high) & (low != high)
