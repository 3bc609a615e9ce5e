"""Rule rows on whole steps: integer coefficients, integer bounds, nothing lost and nothing gained.

A row Σ a·z ≥ b on whole numbers z, with rational a and b, holds exactly when it holds after
multiplying by the denominators, dividing by what the coefficients share, and rounding b up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd, lcm

import numpy as np

from allocator.expression import Expression, Integers, LinearRow

LARGEST = 10**9
"""Coefficients beyond this are more than a solver can hold; such rows are asked for a little more."""


@dataclass(frozen=True, slots=True)
class IntegerRow:
    """Σ coefficients · z ≥ bound over groups, then cells, less `times` · Σ shared.

    Every row is turned into this sense; an equation becomes two of them.
    """

    source: LinearRow
    groups: Integers
    cells: Integers
    coefficients: tuple[int, ...]
    """For groups, then cells."""
    times: int
    shared: Expression | None
    bound: int
    multiplier: Fraction
    """By what the row over steps was multiplied to make it whole."""


def integer_rows(linear: Sequence[LinearRow], step: Fraction) -> list[IntegerRow]:
    """Rows that whole steps must keep; rows without columns are left out, they are judged before."""
    found = []
    for row in linear:
        if not row.size:
            continue
        if row.row.sense in (">=", "="):
            found.append(_at_least(row, step, 1))
        if row.row.sense in ("<=", "="):
            found.append(_at_least(row, step, -1))
    return found


def _at_least(row: LinearRow, step: Fraction, sign: int) -> IntegerRow:
    times = row.row.times if row.shared is not None else Fraction(0)
    coefficients = [*row.group_coefficients, *row.cell_coefficients]
    denominator = lcm(*(c.denominator for c in coefficients), times.denominator)
    whole = [int(c * denominator) * sign for c in coefficients]
    multiple = int(times * denominator) * sign
    shared = gcd(*whole, multiple) or 1
    if max(map(abs, (*whole, multiple)), default=0) // shared > LARGEST:
        return _tightened(row, step, sign)
    bound = row.bound * sign * denominator / step / shared
    return IntegerRow(
        row,
        row.groups,
        row.cells,
        tuple(c // shared for c in whole),
        multiple // shared,
        row.shared,
        -((-bound.numerator) // bound.denominator),
        Fraction(denominator, shared),
    )


def _tightened(row: LinearRow, step: Fraction, sign: int) -> IntegerRow:
    """The row with coefficients cut to nine digits, so that whoever keeps it keeps the row itself.

    Amounts are not negative, so lower coefficients and a higher bound ask for no less.
    """
    times = row.row.times * sign if row.shared is not None else Fraction(0)
    coefficients = [c * sign for c in (*row.group_coefficients, *row.cell_coefficients)]
    scale = Fraction(LARGEST) / max(map(abs, (*coefficients, times)))
    return IntegerRow(
        row,
        row.groups,
        row.cells,
        tuple(floor(c * scale) for c in coefficients),
        ceil(times * scale),
        row.shared,
        ceil(row.bound * sign * scale / step),
        scale,
    )


def least_activity(
    row: IntegerRow,
    group_low: np.ndarray,
    group_high: np.ndarray,
    cell_low: np.ndarray,
    cell_high: np.ndarray,
) -> int:
    """The least that the left-hand side can be within windows of whole numbers."""
    low = np.concatenate([group_low[row.groups], cell_low[row.cells]])
    high = np.concatenate([group_high[row.groups], cell_high[row.cells]])
    pairs = zip(row.coefficients, low.tolist(), high.tolist(), strict=True)
    total = sum(c * (a if c > 0 else b) for c, a, b in pairs)
    if row.shared is not None:
        g, c = row.shared.groups, row.shared.cells
        least = int(group_low[g].sum() + cell_low[c].sum())
        most = int(group_high[g].sum() + cell_high[c].sum())
        total -= row.times * (most if row.times > 0 else least)
    return int(total)
