"""The money of a year, cell by cell: what a run decided and what was issued before it, exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.problem import Problem
from allocator.rows import Cells
from allocator.verdict import Amounts


def year_cells(problem: Problem, steps: Amounts) -> NDArray[np.object_]:
    """Flat cube of Fractions, in the unit: `steps` (n, S, U) in steps, and committed money."""
    found = np.array([Fraction(v) * problem.step for v in steps.ravel().tolist()], dtype=object)
    for cell, amount in problem.committed.items():
        found[cell] += amount
    return found


def total(cells: NDArray[np.object_], positions: Cells) -> Fraction:
    """Σ over flat positions, exact."""
    return sum(cells[positions].tolist(), Fraction(0))
