"""Whether a program has a point at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.program import LinearProgram, Vector
from solvers.solution import Infeasible, NotOptimal, Solver, slack_basis


def feasible_point(program: LinearProgram, solver: Solver) -> Vector | None:
    """A point of the program, whatever its cost; None where there is none.

    Presolve can take a program that holds a single point for empty, or give up on it, so it is asked
    again without. Raises NotOptimal where the solver cannot tell that way either.
    """
    plain = replace(program, cost=np.zeros(program.columns))
    for start in (None, slack_basis(program)):
        try:
            return solver.solve(plain, start).values
        except Infeasible:
            continue
        except NotOptimal:
            if start is not None:
                raise
    return None
