"""The decision: whole-number amounts on the cube, and how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.problem import Problem


@dataclass(frozen=True, slots=True)
class RowPrice:
    """What the optimiser says of one rule row."""

    binding: bool
    """Tight in the unrounded optimum."""
    level: int | None
    """First round of level 1 in which the row has a non-zero dual, counted from 1."""
    dual: float
    """Dual of the first round: points of departure per unit of the row's constant; 0 where none."""
    dual_low: float = 0.0
    """Least dual of the first round: what lowering the constant takes off; -inf where it cannot be."""
    dual_high: float = 0.0
    """Largest dual of the first round: what raising the constant adds; inf where it cannot be."""


@dataclass(frozen=True, slots=True)
class RoundingReport:
    """What rounding to whole steps did, in the scenario's unit."""

    largest_cell: float
    """Largest change of a cell."""
    largest_county: float
    """Largest change of a county's total."""
    total: float
    """Σ |change| over cells."""
    widened: tuple[str, ...] = ()
    """Layers in which numbers had to leave their floor and ceiling: how many, how far."""


@dataclass(frozen=True)
class Allocation:
    """Whole-number amounts and the path that led there. All arrays have the cube's shape."""

    problem: Problem
    steps: NDArray[np.int64]
    """(n, S, U): amounts in whole steps."""
    optimum: NDArray[np.float64]
    """(n, S, U): the unrounded optimum, in the unit."""
    rounding: RoundingReport
    prices: Mapping[str, tuple[RowPrice, ...]]
    """By rule id, one for each of the rule's rows."""
    record: Mapping[str, Any]
    """Solver, status, levels and certificates, ready for run.json."""
