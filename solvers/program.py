"""A linear (or convex separable quadratic, or integer) program as arrays; always minimised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


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

    def residual(self, x: Vector) -> float:
        """Largest violation of a row or bound at x."""
        activity = self.matrix @ x
        gaps = (self.row_lower - activity, activity - self.row_upper, self.lower - x, x - self.upper)
        return max(0.0, *(float(g.max(initial=0.0)) for g in gaps))
