"""Measures of inequality of money per head: Lorenz curve, Gini, Theil and its parts.

All take each county's people p and money m, arrays of the same length with every p > 0 and m ≥ 0.
P = p / Σp are shares of people, S = m / Σm shares of money.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def lorenz_order(people: Vector, amounts: Vector) -> NDArray[np.intp]:
    """Positions by money per head, least first; equals keep their order."""
    return np.argsort(amounts / people, kind="stable")


def lorenz(people: Vector, amounts: Vector) -> Vector:
    """(n + 1, 2): cumulative shares of people and of money from (0, 0) to (1, 1).

    M. O. Lorenz, Methods of measuring the concentration of wealth, 1905. Counties in order of money
    per head; money is NaN where there is none to share.
    """
    order = lorenz_order(people, amounts)
    total = amounts.sum()
    money = np.cumsum(amounts[order]) / total if total > 0 else np.full(len(order), np.nan)
    curve = np.zeros((len(order) + 1, 2))
    curve[1:, 0] = np.cumsum(people[order]) / people.sum()
    curve[1:, 1] = money
    curve[-1] = (1.0, 1.0) if total > 0 else (1.0, np.nan)
    return curve


def gini(people: Vector, amounts: Vector) -> float:
    """Twice the area between the Lorenz curve and the diagonal: 1 − Σ P_i (L_(i−1) + L_i).

    C. Gini, Variabilità e mutabilità, 1912. The same as Σ_i Σ_j P_i P_j |x_i − x_j| / 2x̄ with
    x = m / p; 0 where all get the same per head, (n − 1) / n where one of n equal counties has all.
    """
    curve = lorenz(people, amounts)
    area = (np.diff(curve[:, 0]) * (curve[:-1, 1] + curve[1:, 1])).sum()
    # roundoff must not make equal amounts come out below zero
    return float(np.maximum(1.0 - area, 0.0))


def theil(people: Vector, amounts: Vector) -> float:
    """Σ S_i ln(S_i / P_i), with 0 ln 0 = 0.

    H. Theil, Economics and Information Theory, 1967, chapter 4. 0 where all get the same per head,
    ln n where one of n equal counties has all.
    """
    total = amounts.sum()
    if not total > 0:
        return float("nan")
    return float(np.maximum(_relative_entropy(amounts / total, people / people.sum()), 0.0))


def theil_parts(people: Vector, amounts: Vector, members: Sequence[NDArray[np.intp]]) -> tuple[float, float]:
    """Theil within and between groups, which make up the whole together.

    With S_g and P_g the groups' shares of money and of people and T_g their own Theil:
    between = Σ S_g ln(S_g / P_g), within = Σ S_g T_g. H. Theil, 1967, chapter 4.
    """
    total = amounts.sum()
    if not total > 0:
        return float("nan"), float("nan")
    money = np.array([amounts[rows].sum() for rows in members]) / total
    heads = np.array([people[rows].sum() for rows in members]) / people.sum()
    own = [theil(people[rows], amounts[rows]) for rows in members]
    within = sum(s * t for s, t in zip(money, own, strict=True) if s > 0)
    return float(within), float(np.maximum(_relative_entropy(money, heads), 0.0))


def _relative_entropy(money: Vector, heads: Vector) -> float:
    some = money > 0
    return float((money[some] * np.log(money[some] / heads[some])).sum())
