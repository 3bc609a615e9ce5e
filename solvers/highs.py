"""HiGHS: the fast path. One live object a session, warm from the last basis."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from solvers.program import Indices, LinearProgram, Vector
from solvers.solution import BASIC, Basis, Infeasible, NotOptimal, Solution, SolverError, Unbounded

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
_CODES = np.array([highspy.HighsBasisStatus(code) for code in range(5)], dtype=object)
_FORM = int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize)
_LOWER, _UPPER, _FREE = 0, 2, 3
"""HiGHS's codes for where a column or row is that is not basic."""


_UNTOLD = (highspy.HighsModelStatus.kUnboundedOrInfeasible, highspy.HighsModelStatus.kUnknown)


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
            self._start(start)
        return self._run(program)

    def _start(self, start: Basis) -> None:
        basis = highspy.HighsBasis()
        basis.valid = basis.alien = True
        basis.col_status = _CODES[start.columns].tolist()
        basis.row_status = _CODES[start.rows].tolist()
        self._highs.setBasis(basis)

    def _run(self, program: LinearProgram) -> Solution:
        highs = self._highs
        highs.run()
        status = highs.getModelStatus()
        for option, value in (("presolve", "off"), ("solver", "ipm")):
            # neither found nor refuted: ask without presolve, then another algorithm
            if status not in _UNTOLD or (option == "solver" and program.curvature is not None):
                break
            self.set_option(option, value)
            highs.clearSolver()
            highs.run()
            status = highs.getModelStatus()
        whole = program.integer is not None and status != highspy.HighsModelStatus.kInfeasible
        found_whole = whole and highs.getInfo().primal_solution_status == FEASIBLE
        if status != highspy.HighsModelStatus.kOptimal and not found_whole:
            raise _STATUS.get(status, NotOptimal)(f"HiGHS: {highs.modelStatusToString(status)}")
        found = highs.getSolution()
        values = np.array(found.col_value, dtype=np.float64)
        continuous = program.integer is None and program.curvature is None
        return Solution(
            cost=float(highs.getInfo().objective_function_value),
            values=values,
            duals=np.array(found.row_dual, dtype=np.float64),
            noise=NOISE,
            basis=self._basis(program, values) if continuous else None,
        )

    def _basis(self, program: LinearProgram, values: Vector) -> Basis | None:
        """The last basis, read off its list of basic variables: faster than HiGHS's own object."""
        status, basic = self._highs.getBasicVariables()
        if status != highspy.HighsStatus.kOk:
            return None
        columns = _sides(values, program.lower, program.upper)
        rows = _sides(program.matrix @ values, program.row_lower, program.row_upper)
        columns[basic[basic >= 0]] = BASIC
        rows[-1 - basic[basic < 0]] = BASIC
        return Basis(columns, rows)

    def _pass(self, program: LinearProgram) -> None:
        matrix, whole = program.matrix, program.integer
        kinds = np.zeros(program.columns, dtype=np.int32) if whole is None else whole.astype(np.int32)
        # arrays go over in one copy each; the fields of a HighsLp would be filled number by number
        sizes = program.columns, program.rows, matrix.nnz
        bounds = program.lower, program.upper, program.row_lower, program.row_upper
        entries = matrix.indptr, matrix.indices, matrix.data
        status = self._highs.passModel(*sizes, *_FORM, 0.0, program.cost, *bounds, *entries, kinds)
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refuses the program")
        if program.curvature is not None:
            self._highs.passHessian(_diagonal(program.curvature))


class Box:
    """A live program without cost: has it a point with some columns in a box, and if not, why not.

    Only bounds change from one question to the next, so that HiGHS keeps its factors.
    """

    def __init__(self, columns: Indices) -> None:
        """`columns` are those that every question gives bounds for."""
        self.columns = columns.astype(np.int32)
        self._session = Session()
        for option, value in {
            "primal_feasibility_tolerance": TOLERANCE / 10,
            "presolve": "off",
            "simplex_strategy": 1,
        }.items():
            self._session.set_option(option, value)

    def hold(self, program: LinearProgram, start: Basis | None = None) -> None:
        """Takes another program, and a basis to start from if it has the same shape."""
        self._session._pass(program)
        if start is not None:
            self._session._start(start)

    def find(self, lower: Vector, upper: Vector) -> Vector | None:
        """A point, (n), with the columns within these bounds; None if there is none."""
        highs = self._session._highs
        highs.changeColsBounds(len(self.columns), self.columns, lower, upper)
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise NotOptimal(f"HiGHS: {highs.modelStatusToString(status)}")
        return np.array(highs.getSolution().col_value, dtype=np.float64)

    def prices(self) -> Vector:
        """(m): prices of rows that prove that there is no point, after `find` found none."""
        status, found, ray = self._session._highs.getDualRay()
        if status != highspy.HighsStatus.kOk or not found:
            raise NotOptimal("HiGHS: no proof of infeasibility")
        return np.array(ray, dtype=np.float64)

    @property
    def basis(self) -> Basis | None:
        """The present basis."""
        found = self._session._highs.getBasis()
        if not found.valid:
            return None
        columns, rows = ([int(code) for code in codes] for codes in (found.col_status, found.row_status))
        return Basis(np.array(columns, dtype=np.int8), np.array(rows, dtype=np.int8))


def _sides(values: Vector, lower: Vector, upper: Vector) -> NDArray[np.int8]:
    """The bound that each value is at, as far as it is at one."""
    sides = np.where(values - lower <= upper - values, _LOWER, _UPPER).astype(np.int8)
    sides[np.isinf(lower) & np.isinf(upper)] = _FREE
    return sides


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
