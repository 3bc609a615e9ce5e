"""How far rounding to whole steps can move a rule's row, so that rows can be tightened by it.

Whole steps exist that take each of these sums to its floor or its ceiling, all at once, and leave
streams as they are: cells, county × stream, county × use, counties, prefectures. The first two lie
within streams, the others within each other, so that two nested families cover every row of the
rounding program; its matrix is that of a network, and a point with floors and ceilings as bounds
has whole vertices (Edmonds 1970 for two laminar families; Cox 1987 for controlled rounding). A row's
coefficients are written as a sum of such families' members, cheaply: each member moves by less
than one step, and so the row by less than Σ |coefficient| steps. A stream, and for this batch a county,
is whole from the start and costs nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def later_margin(coefficients: Floats, active: Flags, prefecture: NDArray[np.intp]) -> float:
    """Steps by which rounding later money can move a row, at most.

    `coefficients` and `active`, (n, S, U): the row over the cube, and the cells that money can go to;
    `prefecture`, (n): number of each county's prefecture.
    """
    if not active.any():
        return 0.0
    best = np.inf
    for base in (np.zeros(active.shape[1]), _commonest(coefficients, active)):
        rest = np.where(active, coefficients - base[None, :, None], 0.0)
        best = min(best, _nested(rest, active, prefecture))
        if not best:
            break
    return float(best)


def own_margins(coefficients: Floats, active: Flags) -> Floats:
    """(n) steps by which rounding this batch's uses, its county totals being whole, can move a row."""
    values = _values(coefficients, active)
    rests = [_residual(np.where(active, coefficients - a, 0.0), active, values - a) for a in values]
    return np.asarray(np.min(rests, axis=0)) if rests else np.zeros(len(active))


def _nested(rest: Floats, active: Flags, prefecture: NDArray[np.intp]) -> float:
    """The cheapest of: counties by themselves; a share that all counties of a prefecture have in common."""
    values = np.union1d(_values(rest, active), [0.0])
    holds = active.any(axis=(1, 2))
    residuals = [_residual(np.where(active, rest - a, 0.0), active, values - a) for a in values]
    alone = np.min([abs(a) * holds + r for a, r in zip(values, residuals, strict=True)], axis=0)
    count = int(prefecture.max()) + 1
    together = [abs(a) + np.bincount(prefecture, r, count) for a, r in zip(values, residuals, strict=True)]
    return float(np.minimum(np.bincount(prefecture, alone, count), np.min(together, axis=0)).sum())


def _residual(rest: Floats, active: Flags, values: Floats) -> Floats:
    """(n) cost of each county's coefficients by use where streams do not differ, else by stream."""
    levels = np.union1d(values, [0.0])
    by_stream = np.min(
        [abs(b) * active.any(axis=2) + np.where(active, np.abs(rest - b), 0.0).sum(axis=2) for b in levels],
        axis=0,
    ).sum(axis=1)
    high = np.where(active, rest, -np.inf).max(axis=1)
    low = np.where(active, rest, np.inf).min(axis=1)
    open_use = active.any(axis=1)
    same = np.where(open_use, high == low, True).all(axis=1)
    by_use = np.where(open_use, np.abs(np.where(open_use, high, 0.0)), 0.0).sum(axis=1)
    return np.asarray(np.where(same, np.minimum(by_stream, by_use), by_stream))


def _values(coefficients: Floats, active: Flags) -> Floats:
    return np.unique(coefficients[active])


def _commonest(coefficients: Floats, active: Flags) -> Floats:
    """(S) each stream's most frequent coefficient; zero where it has no cell."""
    found = np.zeros(active.shape[1])
    for s in range(active.shape[1]):
        values, counts = np.unique(coefficients[:, s][active[:, s]], return_counts=True)
        if len(values):
            found[s] = values[np.argmax(counts)]
    return found
