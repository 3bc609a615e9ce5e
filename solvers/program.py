"""A linear (or convex separable quadratic, or integer) program as arrays; always minimised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]
Matrix = csr_array
"""A sparse matrix, row by row."""


def sparse_rows(
    rows: Sequence[tuple[Sequence[int] | Indices, Sequence[float] | Vector]], columns: int
) -> csr_array:
    """A sparse matrix from its rows, each a pair of column positions and values."""
    starts = np.concatenate([[0], np.cumsum([len(index) for index, _ in rows], dtype=np.int32)])
    index = np.concatenate([np.asarray(i, dtype=np.int32) for i, _ in rows] or [np.empty(0, dtype=np.int32)])
    data = np.concatenate([np.asarray(v, dtype=np.float64) for _, v in rows] or [np.empty(0)])
    return csr_array((data, index, starts.astype(np.int32)), shape=(len(rows), columns))


def beside(*matrices: csr_array) -> csr_array:
    """Matrices of equal height, side by side."""
    return csr_array(hstack(matrices, format="csr"))


def above(*matrices: csr_array) -> csr_array:
    """Matrices of equal width, one above the other."""
    return csr_array(vstack(matrices, format="csr"))


def largest_entries(matrix: csr_array) -> Vector:
    """(m): largest entry of each row by size."""
    return np.asarray(abs(matrix).max(axis=1).toarray(), dtype=np.float64).ravel()


def connected(left: Sequence[int], right: Sequence[int], size: int) -> Indices:
    """(size): component of each of `size` points joined by the pairs."""
    graph = csr_array((np.ones(len(left)), (np.asarray(left), np.asarray(right))), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


@dataclass(frozen=True)
class LinearProgram:
    """min cost·x + ½ Σ curvature·x²  subject to  row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper.

    Shapes: matrix (m, n); row bounds (m); column arrays (n). A row has one sense: one of its
    bounds is infinite, or both are equal. Names are made only when somebody reads them.
    """

    matrix: csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    cost: Vector
    curvature: Vector | None = None
    """Diagonal of a convex quadratic term, zero or more; None for a linear program."""
    integer: Flags | None = None
    """Columns that must be whole."""
    column_name: Callable[[int], str] = "x{}".format
    row_name: Callable[[int], str] = "r{}".format

    @property
    def rows(self) -> int:
        """Number of rows m."""
        return int(self.matrix.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns n."""
        return int(self.matrix.shape[1])

    def limited(self, values: Vector, most: float) -> LinearProgram:
        """The program with one more row at the end: values · x ≤ most."""
        filled = np.flatnonzero(values)
        row = sparse_rows([(filled, values[filled])], self.columns)
        return replace(
            self,
            matrix=above(self.matrix, row),
            row_lower=np.append(self.row_lower, -np.inf),
            row_upper=np.append(self.row_upper, most),
        )

    def residual(self, x: Vector) -> float:
        """Largest violation of a row or bound at x."""
        activity = self.matrix @ x
        gaps = (self.row_lower - activity, activity - self.row_upper, self.lower - x, x - self.upper)
        return max(0.0, *(float(g.max(initial=0.0)) for g in gaps))
