"""What a solver answers, and the ways in which it may have no answer.

SolverError
├── Infeasible     no point satisfies the rows
├── Unbounded      the cost can fall forever
├── NotOptimal     stopped or failed numerically: an answer that cannot be believed
└── SolverMissing  the solver is not installed, or cannot do what is asked
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solvers.program import LinearProgram, Vector


class SolverError(Exception):
    """Root of everything a solver may fail with."""


class Infeasible(SolverError):
    """No point satisfies the rows."""


class Unbounded(SolverError):
    """The cost can fall forever."""


class NotOptimal(SolverError):
    """The solver stopped or failed numerically."""


class SolverMissing(SolverError):
    """The solver is not installed, or cannot do what is asked."""


@dataclass(frozen=True)
class Basis:
    """Which columns (n) and rows (m) are basic (1) or at a bound (another code of HiGHS)."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


BASIC = 1
"""The code of a basic column or row."""


def slack_basis(program: LinearProgram) -> Basis:
    """Every row basic, every column at its lower bound: a start that needs nothing known."""
    return Basis(np.zeros(program.columns, dtype=np.int8), np.full(program.rows, BASIC, dtype=np.int8))


@dataclass(frozen=True)
class Solution:
    """An optimal point: cost, values (n), duals of rows (m), and the basis if the solver has one.

    Duals follow the minimising convention: a dual is zero or more where the row's lower bound
    is tight, zero or less where its upper bound is. `noise` is the relative accuracy of the
    figures as the solver hands them over.
    """

    cost: float
    values: Vector
    duals: Vector
    noise: float
    basis: Basis | None = None


class Solver(Protocol):
    """Anything that solves a program; keeps what it needs for a warm start to itself."""

    name: str
    version: str

    def solve(self, program: LinearProgram, start: Basis | None = None) -> Solution:
        """The optimum, or a SolverError."""
        ...
