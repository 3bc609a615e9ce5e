"""Bottlenecks: inequalities pull · x ≥ bound that a program implies, and that keep departures up.

Prices y of rows, taken together, ask for A'y · x ≥ Σ y · (the bound that each row's price is at).
Where the columns that are no departures are worth their own bounds, what is left speaks of
departures alone. If all of those still free are at most t, the inequality asks for

    t ≥ (bound − Σ settled pull · x − Σ free pull · target) / Σ free |pull| · scale,

whatever the targets and scales are. So a price found for one program serves all that differ in
targets, and after a look at its rows and columns, those that differ in bounds or coefficients too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.program import Indices, LinearProgram, Vector, sparse_rows

SMALL = 1e-9
"""A price or pull this small beside the largest one of its bottleneck counts as none."""
CANCELLED = 1e-13
"""A pull this small beside the terms that it is the sum of counts as none."""
ROOM = 64
"""Bottlenecks that arrays have room for at first."""
NO_COLUMNS: Indices = np.empty(0, dtype=np.intp)
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of some rows."""

    rows: Indices
    duals: Vector


def renamed(known: list[Prices], one: LinearProgram, two: LinearProgram) -> list[Prices]:
    """Prices of one program for the rows of the same names in another, where all of them are there."""
    position = {two.row_name(r): r for r in range(two.rows)}
    rows = np.array([position.get(one.row_name(r), -1) for r in range(one.rows)], dtype=np.intp)
    return [Prices(rows[p.rows], p.duals) for p in known if (rows[p.rows] >= 0).all()]


class Bottlenecks:
    """The bottlenecks of one program, (J), as arrays that grow."""

    def __init__(self, program: LinearProgram, columns: Indices, known: list[Prices]) -> None:
        """`columns` are those of the departures; known prices that prove nothing here are left out."""
        self.program, self.columns = program, columns
        self.prices: list[Prices] = []
        """Prices behind each bottleneck, scaled as it is."""
        self.at_bounds: list[Indices] = []
        """Columns that are no departures and stay at a bound, for each bottleneck."""
        self._transposed = program.matrix.T.tocsr()
        self._other = np.ones(program.columns, dtype=np.bool_)
        self._other[columns] = False
        self._largest = float(np.abs(program.matrix.data).max(initial=0.0))
        self._pull, self._weight = np.zeros((len(columns), ROOM)), np.zeros((len(columns), ROOM))
        self._bound, self._neglected = np.zeros(ROOM), np.zeros(ROOM)
        if known:
            table = sparse_rows([(p.rows, p.duals) for p in known], program.rows) @ program.matrix
            self._take(known, table.toarray())

    @property
    def size(self) -> int:
        """Number of bottlenecks J."""
        return len(self.prices)

    @property
    def pull(self) -> Table:
        """(K, J): coefficients of the departures' columns; those of one bottleneck add up to 1 by size."""
        return self._pull[:, : self.size]

    @property
    def weight(self) -> Table:
        """(K, J): |pull|."""
        return self._weight[:, : self.size]

    @property
    def bound(self) -> Vector:
        """(J)"""
        return self._bound[: self.size]

    @property
    def neglected(self) -> Vector:
        """(J): largest coefficient that was taken for zero, as a part of the largest."""
        return self._neglected[: self.size]

    def add(self, duals: Vector) -> bool:
        """One more, from prices of rows, (m); False if they prove nothing."""
        small = np.abs(duals) <= SMALL * float(np.abs(duals).max(initial=0.0))
        rows, size = np.flatnonzero(~small), self.size
        pulls = self._transposed @ np.where(small, 0.0, duals)
        self._take([Prices(rows, duals[rows])], pulls[None, :])
        return self.size > size

    def _take(self, every: list[Prices], pulls: Table) -> None:
        """Those prices that prove something here; `pulls`, (J, n), are their products with the matrix."""
        program, count = self.program, len(every)
        owner = np.repeat(np.arange(count), [len(p.rows) for p in every])
        rows, duals = np.concatenate([p.rows for p in every]), np.concatenate([p.duals for p in every])
        asked = np.where(duals > 0, program.row_lower[rows], program.row_upper[rows])
        valid = np.bincount(owner, ~np.isfinite(asked), count) == 0
        bound = np.bincount(owner, duals * np.where(np.isfinite(asked), asked, 0.0), count)
        sizes, largest = np.abs(pulls), np.abs(pulls).max(axis=1, initial=0.0)
        terms = np.array([float(np.abs(p.duals).max(initial=0.0)) for p in every]) * self._largest
        felt = sizes > np.maximum(SMALL * largest, CANCELLED * terms)[:, None]
        left = np.where(felt, 0.0, sizes).max(axis=1, initial=0.0)
        others = felt & self._other
        priced, column = np.nonzero(others)
        value = pulls[priced, column]
        worth = np.where(value > 0, program.upper[column], program.lower[column])
        valid &= np.bincount(priced, ~np.isfinite(worth), count) == 0
        bound -= np.bincount(priced, value * np.where(np.isfinite(worth), worth, 0.0), count)
        own = np.where(felt, pulls, 0.0)[:, self.columns]
        whole = np.abs(own).sum(axis=1)
        whole = np.where(whole > 0, whole, np.bincount(owner, np.abs(duals), count))
        kept = np.flatnonzero(valid & (whole > 0))
        at = slice(self.size, self.size + len(kept))
        self._widen(at.stop)
        self._pull[:, at] = (own[kept] / whole[kept, None]).T
        self._weight[:, at] = np.abs(self._pull[:, at])
        self._bound[at] = bound[kept] / whole[kept]
        self._neglected[at] = left[kept] / np.where(felt[kept].any(axis=1), largest[kept], terms[kept])
        for j in kept.tolist():
            self.prices.append(Prices(every[j].rows, every[j].duals / whole[j]))
            self.at_bounds.append(np.flatnonzero(others[j]) if others[j].any() else NO_COLUMNS)

    def _widen(self, size: int) -> None:
        """Makes room for so many."""
        while size > len(self._bound):
            self._pull, self._weight = (np.hstack([a, np.zeros_like(a)]) for a in (self._pull, self._weight))
            self._bound = np.append(self._bound, np.zeros_like(self._bound))
            self._neglected = np.append(self._neglected, np.zeros_like(self._neglected))
