"""The whole-money table nearest to an optimum, by one integer program: what rounding could have done."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from .reading import Cell
from .reference import Model, judge_cells


@dataclass
class Nearest:
    """A table that keeps every rule exactly, its largest |X_is - optimum| in steps, and a bound below it."""

    table: dict[Cell, Fraction] | None
    distance: float | None
    bound: float | None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the solver's own prints away."""
    sys.stdout.flush()
    kept = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(null)


def nearest(model: Model, best: Mapping[tuple[str, str], float], seconds: float = 30) -> Nearest:
    """Minimise the largest |X_is - best_is| over whole multiples of the step that keep every rule."""
    step = model.sc.step
    at = {c: j for j, c in enumerate(model.cells)}
    n = len(at)
    lines: list[tuple[dict[int, float], float, float]] = []
    for s in sorted({s for _, s in model.e}):
        budget = float(model.sc.budget(s) / step)
        lines.append(({at[c]: 1.0 for c in at if c[1] == s}, budget, budget))
    for row, coef, const in model.open_rows():
        if coef:
            size = max(abs(k) for k in coef.values())
            right = float(const / step / size)
            low = -np.inf if row.sense == "<=" else right
            high = np.inf if row.sense == ">=" else right
            lines.append(({at[c]: float(k / size) for c, k in coef.items()}, low, high))
    for (i, s), amount in best.items():
        line = {at[i, s, u]: 1.0 for u in model.sc.permitted(s)}
        value = amount / float(step)
        lines.append(({**line, n: -1.0}, -np.inf, value))
        lines.append(({**line, n: 1.0}, value, np.inf))
    matrix = sparse.lil_matrix((len(lines), n + 1))
    for r, (line, _, _) in enumerate(lines):
        for j, k in line.items():
            matrix[r, j] = k
    limits = LinearConstraint(matrix.tocsr(), [low for _, low, _ in lines], [high for _, _, high in lines])
    with _quiet():
        res = milp(
            np.eye(n + 1)[n], constraints=limits, integrality=np.r_[np.ones(n), 0], bounds=Bounds(0, np.inf),
            options={"time_limit": seconds, "mip_rel_gap": 0.02},
        )  # fmt: skip
    if res.x is None:
        return Nearest(None, None, res.mip_dual_bound)
    table = {c: step * round(res.x[j]) for c, j in at.items()}
    if judge_cells(model, table):  # within the solver's tolerance, not exactly
        return Nearest(None, None, res.mip_dual_bound)
    return Nearest(table, float(res.x[-1]), res.mip_dual_bound)
