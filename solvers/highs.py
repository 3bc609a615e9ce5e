"""HiGHS: the fast path. One live object a session, warm from the last basis."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy.sparse import csr_array

from solvers.program import LinearProgram, Vector
from solvers.solution import Basis, Infeasible, NotOptimal, Solution, SolverError, Unbounded

_STATUS: dict[Any, type[SolverError]] = {
    highspy.HighsModelStatus.kInfeasible: Infeasible,
    highspy.HighsModelStatus.kUnbounded: Unbounded,
}
TOLERANCE = 1e-9
NOISE = 1e-11
FEASIBLE = 2
"""HiGHS's code for a primal solution that satisfies everything."""
INTERIOR_FROM = 2500
"""Columns from which on a cold start runs the interior point method (with crossover), where
long rows couple them."""
_CODES = [highspy.HighsBasisStatus(code) for code in range(5)]


class Session:
    """A live HiGHS object: pass a program, solve it, start the next from its basis.

    Single-threaded and with a fixed seed, so that equal input gives equal output.
    """

    name = "highs"

    def __init__(self, gap: float = 0.0, nodes: int = 3000) -> None:
        """`gap` and `nodes` bound the search of integer programs; counts, so that runs repeat."""
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.silent()
        self.version = str(self._highs.version())
        for option, value in {
            "threads": 1,
            "random_seed": 0,
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "mip_rel_gap": gap,
            "mip_abs_gap": 0.0,
            "mip_max_nodes": nodes,
            "mip_feasibility_tolerance": 1e-9,
            "qp_regularization_value": 0.0,
        }.items():
            self.set_option(option, value)

    def set_option(self, option: str, value: object) -> None:
        """Set an option, loudly where HiGHS does not know it."""
        if self._highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise SolverError(f"HiGHS {self.version} refuses {option} = {value}")

    def solve(self, program: LinearProgram, start: Basis | None = None) -> Solution:
        """The optimum from `start` if given, cold otherwise."""
        self._pass(program)
        # the last point stays feasible while departures freeze, so a warm start is a primal one
        self.set_option("simplex_strategy", 1 if start is None else 4)
        self.set_option("presolve", "choose" if start is None else "off")
        self.set_option("solver", "ipm" if start is None and _coupled(program) else "choose")
        if start is not None:
            basis = highspy.HighsBasis()
            basis.valid = basis.alien = True
            basis.col_status = [_CODES[code] for code in start.columns]
            basis.row_status = [_CODES[code] for code in start.rows]
            self._highs.setBasis(basis)
        return self._run(program)

    def _run(self, program: LinearProgram) -> Solution:
        highs = self._highs
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            self.set_option("presolve", "off")
            highs.clearSolver()
            highs.run()
            status = highs.getModelStatus()
        whole = program.integer is not None and status != highspy.HighsModelStatus.kInfeasible
        found_whole = whole and highs.getInfo().primal_solution_status == FEASIBLE
        if status != highspy.HighsModelStatus.kOptimal and not found_whole:
            raise _STATUS.get(status, NotOptimal)(f"HiGHS: {highs.modelStatusToString(status)}")
        found = highs.getSolution()
        basis = None
        if program.integer is None and program.curvature is None:
            last = highs.getBasis()
            basis = Basis(
                np.fromiter(map(int, last.col_status), dtype=np.int8),
                np.fromiter(map(int, last.row_status), dtype=np.int8),
            )
        return Solution(
            cost=float(highs.getInfo().objective_function_value),
            values=np.array(found.col_value, dtype=np.float64),
            duals=np.array(found.row_dual, dtype=np.float64),
            noise=NOISE,
            basis=basis,
        )

    def _pass(self, program: LinearProgram) -> None:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = program.columns, program.rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
        lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
        matrix = csr_array(program.matrix)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = program.columns, program.rows
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        if program.integer is not None:
            kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
            lp.integrality_ = [kinds[flag] for flag in program.integer.astype(int)]
        if self._highs.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refuses the program")
        if program.curvature is not None:
            self._highs.passHessian(_diagonal(program.curvature))


def _coupled(program: LinearProgram) -> bool:
    """Whether a continuous program is large and held together by long rows."""
    if program.columns <= INTERIOR_FROM or program.integer is not None or program.curvature is not None:
        return False
    return int(np.diff(program.matrix.indptr).max(initial=0)) * 20 > program.columns


def _diagonal(curvature: Vector) -> Any:
    hessian = highspy.HighsHessian()
    filled = np.flatnonzero(curvature)
    hessian.dim_ = len(curvature)
    hessian.format_ = highspy.HessianFormat.kTriangular
    hessian.start_ = np.searchsorted(filled, np.arange(len(curvature) + 1)).astype(np.int32)
    hessian.index_, hessian.value_ = filled.astype(np.int32), curvature[filled]
    return hessian
