"""Money that moves between two allocations of the same budgets: how much, and from whom to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Moves:
    """The change from one allocation to another, by county and as flows. In the unit."""

    change: Matrix
    """(n): what each county gains."""
    by_payment: Matrix
    """(n, S): the same by stream."""

    @property
    def moved(self) -> float:
        """Money moved between counties: ½ Σ |change|."""
        return float(np.abs(self.change).sum() / 2)

    def ranked(self, noise: float) -> tuple[list[int], list[int]]:
        """Counties that gain and that pay, largest first; changes up to `noise` are none."""
        order = np.argsort(-np.abs(self.change), kind="stable").tolist()
        gain = [i for i in order if self.change[i] > noise]
        return gain, [i for i in order if self.change[i] < -noise]

    def flows(self, members: Sequence[NDArray[np.intp]]) -> Matrix:
        """(G, G): money from the group in the row to the group in the column.

        Within each stream every payer gives to every gainer in proportion to what he gains:
        only the sums by group are facts, this is the even way to pair them.
        """
        flows = np.zeros((len(members), len(members)))
        for s in range(self.by_payment.shape[1]):
            own = self.by_payment[:, s]
            pay = np.array([np.maximum(-own[rows], 0.0).sum() for rows in members])
            gain = np.array([np.maximum(own[rows], 0.0).sum() for rows in members])
            if gain.sum() > 0:
                flows += np.outer(pay, gain) / np.maximum(own, 0.0).sum()
        return flows


def moves(before: Matrix, after: Matrix) -> Moves:
    """From payments (n, S) to payments (n, S)."""
    change = after - before
    return Moves(change.sum(axis=1), change)
