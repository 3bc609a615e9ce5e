"""The answer of an objective: a point, what was settled when, and the proof."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.certificate import Certificate
from solvers.leximin_round import Freeze
from solvers.program import Flags, Vector
from solvers.solution import Basis


@dataclass(frozen=True)
class Levels:
    """The answer: a point, what was settled when, and the proof of each round."""

    x: Vector
    freezes: tuple[Freeze, ...]
    """By round, then component."""
    fixed: Flags
    """Columns that the optimum determines, (n)."""
    tight_rows: Flags
    """Rows that are tight in every optimum, (m)."""
    first_duals: Vector
    """Duals of all rows in the first round, (m)."""
    first_prices: Vector
    """Reduced costs of all columns in the first round, (n)."""
    certificates: tuple[Certificate, ...]
    first_basis: Basis | None = None
    """Basis of the first round, for a program of the same shape."""
    widened: float = 0.0
    """Largest bound by which a later round had to be widened."""
