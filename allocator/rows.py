"""The one primitive that every rule is made of: Σ_A (x + c) ≥ | ≤ | = ρ · Σ_B (x + c) + κ."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.text import Text

Sense = Literal[">=", "<=", "="]
Cells = NDArray[np.intp]
"""Positions in the flattened cube county × stream × use."""

NO_CELLS: Cells = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Row:
    """One linear row of a rule, exact.

    `left` and `right` are cells of the whole cube, open or not: committed money counts in
    both. Rows of one rule that share a right-hand selection share the array itself.
    """

    where: str
    """Whom it speaks of: a county's code, a prefecture, a group, or empty for everyone."""
    left: Cells
    sense: Sense
    times: Fraction = Fraction(0)
    right: Cells = field(default_factory=lambda: NO_CELLS)
    plus: Fraction = Fraction(0)
    vacuous: Text | None = None
    """Why the row asks for nothing; such a row binds nobody and is only reported."""
