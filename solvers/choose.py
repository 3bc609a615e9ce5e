"""Solvers by name: HiGHS directly, every other through PuLP, which is imported only then."""

from __future__ import annotations

from solvers.highs import Session
from solvers.solution import Solver


def make_solver(name: str) -> Solver:
    """The solver of this name; raises SolverMissing where it is unknown or not installed."""
    if name.lower() == "highs":
        return Session()
    from solvers.pulp_solvers import PulpSolver  # noqa: PLC0415 - PuLP is slow to import

    return PulpSolver(name)


def rounding_solvers() -> tuple[Solver, Solver]:
    """HiGHS for rounding: one that proves the least change, one that may stop short of it."""
    return Session(), Session(gap=0.02, nodes=300)


def available() -> tuple[str, ...]:
    """Names of the installed solvers, HiGHS first."""
    from solvers.pulp_solvers import installed  # noqa: PLC0415 - PuLP is slow to import

    return ("highs", *installed())
