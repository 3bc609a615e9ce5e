"""Any solver that PuLP knows, behind the same protocol; nothing it says is taken on trust."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pulp

from solvers.certificate import certify
from solvers.polish import polish
from solvers.program import LinearProgram, Vector, beside, sparse_rows
from solvers.pulp_model import to_pulp
from solvers.solution import Basis, Infeasible, NotOptimal, Solution, SolverError, SolverMissing, Unbounded

ALIASES: dict[str, tuple[str, ...]] = {
    "cbc": ("COIN_CMD", "PULP_CBC_CMD"),
    "glpk": ("GLPK_CMD",),
    "scip": ("SCIP_CMD", "SCIP_PY"),
    "cplex": ("CPLEX_PY", "CPLEX_CMD"),
    "gurobi": ("GUROBI", "GUROBI_CMD"),
    "xpress": ("XPRESS_PY", "XPRESS"),
    "mosek": ("MOSEK",),
    "copt": ("COPT", "COPT_CMD"),
}
HOW_TO_GET = {
    "cbc": "apt install coinor-cbc, or brew install cbc; PuLP 3 on Python 3.11 brings one",
    "glpk": "apt install glpk-utils, or brew install glpk",
    "scip": "pip install pyscipopt, or apt install scip",
}
PRECISE = {
    "COIN_CMD": ["primalTolerance 1e-9", "dualTolerance 1e-9"],
    "PULP_CBC_CMD": ["primalTolerance 1e-9", "dualTolerance 1e-9"],
}
EXACT = {"GLPK_CMD": ["--exact"]}
"""Options for a second try where the first answer does not certify."""
NOISE = 1e-7
"""Relative accuracy of printed figures."""
STATUS: dict[int, type[SolverError] | None] = {1: None, -2: Unbounded}
"""PuLP's codes that are believed; every other is decided by an elastic program."""
FAR = 1e-6
"""Least certificate at which the duals handed over are replaced by those of the dual program."""


def installed() -> tuple[str, ...]:
    """Aliases of the solvers that PuLP finds on this machine."""
    found = set(pulp.listSolvers(onlyAvailable=True))
    return tuple(alias for alias, names in ALIASES.items() if found.intersection(names))


class PulpSolver:
    """One of PuLP's solvers. Starts cold each time."""

    def __init__(self, name: str) -> None:
        self.name = name.lower()
        self._choice = _choose(self.name)
        self.version = f"{self._choice} (PuLP {pulp.__version__})"

    def solve(self, program: LinearProgram, start: Basis | None = None) -> Solution:
        """The optimum, proved by its certificate as far as the solver's digits go."""
        found = self._once(program, PRECISE.get(self._choice))
        if self._choice in EXACT and program.integer is None and certify(program, found).worst > FAR:
            found = self._once(program, EXACT[self._choice])
        return found

    def _once(self, program: LinearProgram, options: list[str] | None) -> Solution:
        status, values, duals = self._run(program, options)
        error = STATUS.get(status, NotOptimal)
        if error is not None:
            raise self._verdict(program) if error is NotOptimal else error(f"{self.name}: unbounded")
        found = Solution(float(program.cost @ values), values, duals, NOISE)
        if program.integer is not None:
            return found
        if certify(program, found).worst > FAR:
            found = replace(found, duals=self._dual_values(program, options))
        return polish(program, found)

    def _run(self, program: LinearProgram, options: list[str] | None) -> tuple[int, Vector, Vector]:
        problem, variables = to_pulp(program)
        chosen = {"options": options} if options else {}
        with _scratch():
            solver = pulp.getSolver(self._choice, msg=False, **chosen)
            result = problem.solve(solver)
        status = int(getattr(result, "status", result))
        values = np.array([v.value() or 0.0 for v in variables], dtype=np.float64)
        rows = problem.constraints() if callable(problem.constraints) else problem.constraints.values()
        duals = np.array([row.pi or 0.0 for row in rows], dtype=np.float64)
        return status, values, duals if len(duals) == program.rows else np.zeros(program.rows)

    def _verdict(self, program: LinearProgram) -> SolverError:
        """Infeasible or not, by a program that always has an optimum: the least sum of violations."""
        unit = sparse_rows([([r], [1.0]) for r in range(program.rows)], program.rows)
        elastic = LinearProgram(
            matrix=beside(program.matrix, unit, -unit),
            row_lower=program.row_lower,
            row_upper=program.row_upper,
            lower=np.concatenate([program.lower, np.zeros(2 * program.rows)]),
            upper=np.concatenate([program.upper, np.full(2 * program.rows, np.inf)]),
            cost=np.concatenate([np.zeros(program.columns), np.ones(2 * program.rows)]),
        )
        if (program.lower > program.upper).any():
            return Infeasible(f"{self.name}: bounds cross")
        status, values, _ = self._run(elastic, PRECISE.get(self._choice))
        if status == 1 and float(elastic.cost @ values) > NOISE * (
            1.0 + float(np.abs(values).max(initial=0.0))
        ):
            return Infeasible(f"{self.name}: infeasible")
        return NotOptimal(f"{self.name}: stopped without an answer")

    def _dual_values(self, program: LinearProgram, options: list[str] | None) -> Vector:
        """Row duals from the explicit dual program, solved by the same solver."""
        m, n = program.rows, program.columns
        rows_low, rows_high = np.isfinite(program.row_lower), np.isfinite(program.row_upper)
        low, high = np.isfinite(program.lower), np.isfinite(program.upper)
        transposed = program.matrix.T.tocsr()
        eye = sparse_rows([([j], [1.0]) for j in range(n)], n)
        dual = LinearProgram(
            matrix=beside(transposed[:, rows_low], -transposed[:, rows_high], eye[:, low], -eye[:, high]),
            row_lower=program.cost,
            row_upper=program.cost,
            lower=np.zeros(int(rows_low.sum() + rows_high.sum() + low.sum() + high.sum())),
            upper=np.full(int(rows_low.sum() + rows_high.sum() + low.sum() + high.sum()), np.inf),
            cost=np.concatenate(
                [
                    -program.row_lower[rows_low],
                    program.row_upper[rows_high],
                    -program.lower[low],
                    program.upper[high],
                ]
            ),
        )
        status, values, _ = self._run(dual, options)
        if status != 1:
            raise NotOptimal(f"{self.name}: no duals")
        duals = np.zeros(m)
        first = int(rows_low.sum())
        duals[rows_low] += values[:first]
        duals[rows_high] -= values[first : first + int(rows_high.sum())]
        return duals


def _choose(name: str) -> str:
    """PuLP's own name of an installed solver."""
    known = {n.lower(): n for n in pulp.listSolvers()}
    candidates = ALIASES.get(name) or ((known[name],) if name in known else ())
    found = set(pulp.listSolvers(onlyAvailable=True))
    for candidate in candidates:
        if candidate in found:
            return candidate
    there = ", ".join(("highs", *installed()))
    if not candidates:
        raise SolverMissing(f"'{name}' is unknown; installed: {there}")
    hint = HOW_TO_GET.get(name, "see the solver's own site")
    raise SolverMissing(f"'{name}' is not installed ({hint}); installed: {there}")


@contextmanager
def _scratch() -> Iterator[None]:
    """A temporary directory for the solver's files, the working one since some write beside them."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        old = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = folder
        try:
            yield
        finally:
            os.chdir(before)
            if old is None:
                os.environ.pop("TMPDIR", None)
            else:
                os.environ["TMPDIR"] = old
