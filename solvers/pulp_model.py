"""The same program written out as a named PuLP problem: to read, and for any solver PuLP knows.

Works unchanged on PuLP 3.3 and 4.x; always minimises.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pulp

from solvers.program import LinearProgram
from solvers.solution import SolverMissing


def safe_names(count: int, name: Callable[[int], str]) -> list[str]:
    """Names of letters, digits, `_` and `.`, all different; PuLP would rewrite any other character."""
    taken: dict[str, int] = {}
    found = []
    for k in range(count):
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", name(k)) or "n"
        if not plain[0].isalpha() or re.match(r"[eE][0-9.]*$", plain):
            plain = f"n_{plain}"
        repeat = taken.get(plain, 0)
        taken[plain] = repeat + 1
        own = plain if not repeat else f"{plain}__{repeat}"
        taken.setdefault(own, 1)
        found.append(own)
    return found


def to_pulp(program: LinearProgram, name: str = "allocator") -> tuple[pulp.LpProblem, list[Any]]:
    """The problem, and its variables in column order."""
    if program.curvature is not None:
        raise SolverMissing("PuLP has no quadratic objective; the solver that can: highs")
    problem = pulp.LpProblem(name, pulp.LpMinimize)
    whole = np.zeros(program.columns, dtype=np.bool_) if program.integer is None else program.integer
    variables = [
        _variable(problem, own, _finite(low), _finite(high), bool(integer))
        for own, low, high, integer in zip(
            safe_names(program.columns, program.column_name), program.lower, program.upper, whole, strict=True
        )
    ]
    priced = np.flatnonzero(program.cost)
    problem += pulp.lpSum(float(program.cost[j]) * variables[j] for j in priced)
    matrix = program.matrix
    for r, own in enumerate(safe_names(program.rows, program.row_name)):
        span = slice(matrix.indptr[r], matrix.indptr[r + 1])
        left = pulp.lpSum(
            float(v) * variables[j] for j, v in zip(matrix.indices[span], matrix.data[span], strict=True)
        )
        low, high = program.row_lower[r], program.row_upper[r]
        row = (
            left == float(low)
            if low == high
            else left >= float(low)
            if np.isfinite(low)
            else left <= float(high)
        )
        problem += row, own
    return problem, variables


def _variable(
    problem: pulp.LpProblem, name: str, low: float | None, high: float | None, integer: bool
) -> Any:
    category = pulp.LpInteger if integer else pulp.LpContinuous
    return problem.add_variable(name, low, high, category)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def write_lp(program: LinearProgram, path: Path, legend: Sequence[str] = ()) -> None:
    """An .lp file with the legend as comments at its head."""
    problem, _ = to_pulp(program)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "model.lp"
        problem.writeLP(str(draft))
        body = draft.read_text(encoding="utf-8")
    head = "".join(f"\\ {line}\n" for line in legend)
    path.write_text(head + body, encoding="utf-8", newline="\n")
