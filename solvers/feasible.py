"""Whether a program has a point at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.program import LinearProgram, Vector
from solvers.solution import Infeasible, Solver, slack_basis


def feasible_point(program: LinearProgram, solver: Solver) -> Vector | None:
    """A point of the program, whatever its cost; None where there is none.

    Presolve can take a program that holds a single point for empty, so an empty one is asked again
    without it.
    """
    plain = replace(program, cost=np.zeros(program.columns))
    for start in (None, slack_basis(program)):
        try:
            return solver.solve(plain, start).values
        except Infeasible:
            continue
    return None
