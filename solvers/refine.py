"""One linear solve that recomputes a leximin point from what was frozen, whatever the solver.

The frozen departures, tight rows and columns at bounds are equations that hold in every optimum
and that determine it; solved together, with iterative refinement, they give the point to near
machine precision even where a solver handed over eight digits.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array, hstack, vstack
from scipy.sparse.linalg import splu

from solvers.levels import Levels
from solvers.leximin_round import Departures
from solvers.program import LinearProgram, Vector

FARTHEST = 1e-4
"""Largest correction, in program units, that is still a refinement."""
REGULARISATION = 1e-11
STEPS = 4


def refine(program: LinearProgram, departures: Departures, levels: Levels) -> Vector:
    """The point of `levels`, recomputed; unchanged where the equations do not improve it."""
    x = levels.x
    moving = np.zeros(program.columns, dtype=np.bool_)
    for freeze in levels.freezes:
        moving[departures.columns[np.append(freeze.up, freeze.down)]] = True
    known = levels.fixed & (~moving | (program.lower == program.upper))
    equations = _equations(program, departures, levels, known)
    if equations is None:
        return x
    matrix, target = equations
    start = np.concatenate([x[~known], [f.level for f in levels.freezes]])
    correction = least_norm(matrix, target - matrix @ start)
    found = x.copy()
    found[~known] += correction[: int((~known).sum())]
    before, after = (np.abs(target - matrix @ z).max() for z in (start, start + correction))
    small = float(np.abs(correction).max(initial=0.0)) <= FARTHEST
    valid = program.residual(found) <= max(1e-9, program.residual(x))
    return found if small and valid and after <= before else x


def _equations(
    program: LinearProgram,
    departures: Departures,
    levels: Levels,
    known: np.ndarray,
) -> tuple[csr_array, Vector] | None:
    """Rows over the unknown columns, then one unknown level a freeze."""
    free = np.flatnonzero(~known)
    position = np.full(program.columns, -1, dtype=np.intp)
    position[free] = np.arange(len(free))
    count = len(levels.freezes)
    held = np.flatnonzero(levels.tight_rows | (program.row_lower == program.row_upper))
    bound = np.where(np.isfinite(program.row_lower[held]), program.row_lower[held], program.row_upper[held])
    part = program.matrix[held]
    target = bound - part @ np.where(known, levels.x, 0.0)
    blocks, targets = [hstack([part[:, free], csr_array((len(held), count))])], [target]
    for e, freeze in enumerate(levels.freezes):
        for frozen, sign in ((freeze.up, -1.0), (freeze.down, 1.0)):
            which = frozen[position[departures.columns[frozen]] >= 0]
            columns = position[departures.columns[which]]
            if len(which):
                index = np.tile(np.arange(len(which)), 2)
                places = np.concatenate([columns, np.full(len(which), len(free) + e)])
                values = np.concatenate([np.ones(len(which)), sign * departures.scales[which]])
                if freeze.level == 0.0:
                    values[len(which) :] = 0.0
                shape = (len(which), len(free) + count)
                blocks.append(csr_array((values, (index, places)), shape=shape))
                targets.append(departures.targets[which])
    matrix = vstack(blocks, format="csr")
    filled = np.diff(matrix.indptr) > 0
    return (matrix[filled], np.concatenate(targets)[filled]) if filled.any() else None


def least_norm(matrix: csr_array, residual: Vector) -> Vector:
    """The smallest z with matrix · z = residual, by a regularised saddle point and refinement."""
    m, n = matrix.shape
    eye = diags_array(np.ones(n))
    corner = diags_array(np.full(m, -REGULARISATION))
    factor = splu(csc_array(vstack([hstack([eye, matrix.T]), hstack([matrix, corner])], format="csc")))
    z = np.zeros(n)
    for _ in range(STEPS):
        left = residual - matrix @ z
        if not float(np.abs(left).max(initial=0.0)):
            break
        z += factor.solve(np.concatenate([np.zeros(n), left]))[:n]
    return z
