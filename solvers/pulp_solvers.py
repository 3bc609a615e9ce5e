"""Any solver that PuLP knows, behind the same protocol; nothing it says is taken on trust.

An optimum is believed for its certificate, an infeasible program for the certified optimum of its
elastic form, an unbounded one for its ray. Of what a solver calls its own answer only «optimal»
counts, and only as a reason to look at it.
"""

from __future__ import annotations

import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pulp

from solvers.certificate import certify
from solvers.companions import dual, elastic, ray, row_duals
from solvers.polish import polish
from solvers.program import LinearProgram, Vector
from solvers.pulp_model import Written, to_pulp
from solvers.solution import Basis, Infeasible, NotOptimal, Solution, SolverError, SolverMissing, Unbounded

ALIASES: dict[str, tuple[str, ...]] = {
    "cbc": ("COIN_CMD", "PULP_CBC_CMD"),
    "glpk": ("GLPK_CMD",),
    "scip": ("SCIP_PY", "SCIP_CMD"),
    "cplex": ("CPLEX_PY", "CPLEX_CMD"),
    "gurobi": ("GUROBI", "GUROBI_CMD"),
    "xpress": ("XPRESS_PY", "XPRESS"),
    "mosek": ("MOSEK",),
    "copt": ("COPT", "COPT_CMD"),
}
"""Names to be typed, and PuLP's own of the same solver, best first."""
HOW_TO_GET = {
    "cbc": "apt install coinor-cbc, brew install cbc, or pip install pulp[cbc]",
    "glpk": "apt install glpk-utils, or brew install glpk",
    "scip": "pip install pyscipopt",
    "cplex": "pip install cplex; large programs need a licence",
    "gurobi": "pip install gurobipy; large programs need a licence",
    "xpress": "pip install xpress; large programs need a licence",
    "mosek": "pip install mosek; needs a licence",
    "copt": "pip install coptpy; large programs need a licence",
}
_CBC = (("primalTolerance 1e-9", "dualTolerance 1e-9"), ("presolve off",))
ATTEMPTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "COIN_CMD": _CBC,
    "PULP_CBC_CMD": _CBC,
    "GLPK_CMD": ((), ("--nopresol",), ("--exact",)),
}
"""Options by PuLP's name, to be tried in turn until an answer certifies."""
SINGLE: dict[str, dict[str, Any]] = {
    "GUROBI": {"Threads": 1},
    "COPT": {"Threads": 1},
    **{name: {"threads": 1} for name in ("GUROBI_CMD", "CPLEX_CMD", "CPLEX_PY", "HiGHS", "HiGHS_CMD")},
}
"""Options that hold to one core a solver which would take all."""
OPTIMAL = 1
"""The one code of PuLP that says optimal, in status and, in PuLP 3, in sol_status."""
NOISE = 1e-7
"""Relative accuracy of printed figures: CBC prints eight digits."""
FAR = 1e-6
"""Certificate from which the next thing is tried: other duals, other options."""
BELIEVED = 1e-4
"""Worst certificate of an answer."""
VIOLATED = 1e-7
"""Relative violation of a row from which a program is infeasible."""
_ONE_AT_A_TIME = threading.RLock()


def installed() -> tuple[str, ...]:
    """Aliases of the solvers that PuLP finds on this machine."""
    found = _found()
    return tuple(alias for alias, names in ALIASES.items() if found.intersection(names))


class PulpSolver:
    """One of PuLP's solvers, single-threaded and quiet. Starts cold each time."""

    def __init__(self, name: str) -> None:
        """Raises SolverMissing where no solver of this name is installed."""
        self.name = name.lower()
        self._choice = _choose(self.name)
        self._attempts = ATTEMPTS.get(self._choice, ((),))
        self._trouble = ""
        self.version = f"{self._choice} (PuLP {pulp.__version__})"

    def solve(self, program: LinearProgram, start: Basis | None = None) -> Solution:
        """The optimum, proved by its certificate as far as the solver's digits go."""
        if (program.lower > program.upper).any():
            raise Infeasible(f"{self.name}: bounds cross")
        self._trouble = ""
        found = self._certified(program) if program.integer is None else self._whole(program)
        if found is None:
            raise self._verdict(program)
        return found

    def _certified(self, program: LinearProgram) -> Solution | None:
        """The best certified answer of all attempts; none if it cannot be believed."""
        best, worst = None, np.inf
        for options in self._attempts:
            answer = self._run(program, options)
            if answer is None:
                continue
            found = Solution(float(program.cost @ answer[0]), *answer, NOISE)
            if certify(program, found).worst > FAR:
                other = self._run(dual(program), options)
                found = found if other is None else replace(found, duals=row_duals(program, other[0]))
            found = polish(program, found)
            proof = certify(program, found).worst
            if proof < worst:
                best, worst = found, proof
            if worst <= FAR:
                break
        return best if worst <= BELIEVED else None

    def _whole(self, program: LinearProgram) -> Solution | None:
        """The optimum of an integer program: feasible by our own check, optimal by the solver's word."""
        answer = self._run(program, self._attempts[0])
        if answer is None:
            return None
        near = np.rint(answer[0])
        values = np.where(program.integer, near, answer[0]) if program.integer is not None else answer[0]
        size = 1.0 + float(np.abs(values).max(initial=0.0))
        rounded = float(np.abs(values - answer[0]).max(initial=0.0))
        if max(program.residual(values), rounded) > FAR * size:
            return None
        return Solution(float(program.cost @ values), values, np.zeros(program.rows), NOISE)

    def _verdict(self, program: LinearProgram) -> SolverError:
        """Why there is no answer, by programs that always have one."""
        softened = elastic(program)
        least = self._certified(softened) if program.integer is None else self._whole(softened)
        if least is not None:
            lacking = (softened.cost * least.values)[program.columns :]
            doubt = 0.0 if program.integer is not None else 10 * certify(softened, least).worst
            if float(lacking.max(initial=0.0)) > max(VIOLATED, doubt):
                return Infeasible(f"{self.name}: infeasible")
            direction = self._run(ray(program), self._attempts[0])
            if direction is not None and _falls(program, direction[0]):
                return Unbounded(f"{self.name}: unbounded")
        return NotOptimal(f"{self.name}: stopped without an answer that can be proved{self._trouble}")

    def _run(self, program: LinearProgram, options: tuple[str, ...]) -> tuple[Vector, Vector] | None:
        """Values and duals as PuLP hands them over; none where it does not say optimal."""
        written = to_pulp(program)
        try:
            with _scratch():
                result = written.problem.solve(_solver(self._choice, options))
        # any library may be behind PuLP, and PuLP itself stumbles over result files it did not expect
        except Exception as error:
            self._trouble = f": {error or type(error).__name__}"
            return None
        codes = {int(getattr(result, "status", result)), int(getattr(written.problem, "sol_status", OPTIMAL))}
        return _read(program, written) if codes == {OPTIMAL} else None


def _read(program: LinearProgram, written: Written) -> tuple[Vector, Vector]:
    """Values, at a bound for columns in no row, and duals, summed where a row was written twice."""
    idle = np.clip(0.0, program.lower, program.upper)
    values = [v.value() for v in written.variables]
    pairs = zip(values, idle, strict=True)
    prices = {row.name: row.pi or 0.0 for row in written.problem.constraints()}
    return (
        np.array([float(i) if v is None else float(v) for v, i in pairs]),
        np.array([sum(prices.get(name, 0.0) for name in names) for names in written.rows], dtype=np.float64),
    )


def _falls(program: LinearProgram, direction: Vector) -> bool:
    """Whether the cost falls along a direction that nothing stops."""
    size = 1.0 + float(np.abs(program.cost).max(initial=0.0))
    return ray(program).residual(direction) <= NOISE and float(program.cost @ direction) < -FAR * size


def _found() -> set[str]:
    """PuLP's own names of what is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return set(pulp.listSolvers(onlyAvailable=True))


def _solver(choice: str, options: tuple[str, ...]) -> Any:
    """PuLP's solver object, which keeps its files in the working directory."""
    chosen = SINGLE.get(choice, {}) | ({"options": list(options)} if options else {})
    with warnings.catch_warnings():
        # PuLP 3 warns that its own CBC will go; PuLP 4, where it has gone, is never asked for it
        warnings.simplefilter("ignore", DeprecationWarning)
        solver = pulp.getSolver(choice, msg=False, **chosen)
    if hasattr(solver, "tmpDir"):
        solver.tmpDir = ""
    return solver


def _choose(name: str) -> str:
    """PuLP's own name of an installed solver."""
    known = {n.lower(): n for n in pulp.listSolvers()}
    candidates = ALIASES.get(name) or ((known[name],) if name in known else ())
    found = _found()
    for candidate in candidates:
        if candidate in found:
            return candidate
    there = ", ".join(("highs", *installed()))
    if not candidates:
        could = ", ".join(alias for alias in ALIASES if alias not in installed())
        raise SolverMissing(f"'{name}' is unknown; installed: {there}; could be installed: {could}")
    hint = HOW_TO_GET.get(name, "see the solver's own site")
    raise SolverMissing(f"'{name}' is not installed ({hint}); installed: {there}")


@contextmanager
def _scratch() -> Iterator[None]:
    """A temporary working directory: PuLP leaves files there, and CBC's command line takes no blank."""
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory() as folder, chdir(folder):
        yield
