"""Rewards and deductions in floats, as `allocator.formula.incentive` has them; scores may change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.formula.incentive_policy import Incentive
from allocator.formula.peers import float_reached, peer_labels

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]

CANCELLED = 1e-13
"""What is left of a difference below this part of its terms is rounding."""


def label_codes(counties: Counties, within: str) -> NDArray[np.intp]:
    """(n): peer groups as numbers; -1 where there is none."""
    labels = peer_labels(counties, within)
    order = {label: k for k, label in enumerate(sorted(set(labels) - {""}))}
    return np.array([order.get(label, -1) for label in labels], dtype=np.intp)


class FloatIncentive:
    """The incentive of one stream."""

    def __init__(self, stream: str, incentive: Incentive, counties: Counties) -> None:
        self.stream, self.mode, self.score = stream, incentive.mode, incentive.score
        self.edges = [edge for edge, _ in incentive.edges]
        self.rates = np.array([float(rate) for _, rate in incentive.edges])
        self.cap = 1.0 if incentive.cap is None else float(incentive.cap)
        self.pool = float(incentive.pool)
        self.labels = None if incentive.within is None else label_codes(counties, incentive.within)

    def pay(self, columns: Mapping[str, Vector], rows: Rows, formula: Vector) -> Vector:
        """What is added to the formula amounts of the counties in `rows`; raises ValueError."""
        rates = self._rates(columns[self.score][rows], rows)
        if self.mode == "multiplier":
            scaled = formula * (1 + rates)
            return np.asarray(scaled * (formula.sum() / scaled.sum()) - formula)
        deducted = np.zeros(len(rows))
        if self.mode == "reward_and_deduct":
            deducted = formula * np.minimum(self.cap, np.maximum(0.0, -rates))
        purse = self.pool + deducted.sum()
        earned = formula * np.maximum(0.0, rates)
        if not purse:
            return np.zeros(len(rows))
        if not earned.sum() > 0:
            raise ValueError(f"no county's score earns a reward in stream {self.stream!r}")
        return np.asarray(purse * earned / earned.sum() - deducted)

    def _rates(self, scores: Vector, rows: Rows) -> Vector:
        if np.isnan(scores).any():
            raise ValueError(f"a score is missing in stream {self.stream!r}")
        if self.labels is not None:
            if (self.labels[rows] < 0).any():
                raise ValueError(f"a peer group is missing in stream {self.stream!r}")
            bands = float_reached(self.edges, scores, self.labels[rows], CANCELLED)
        else:
            edges = np.array([float(edge) for edge in self.edges])
            bands = np.searchsorted(edges, scores * (1 + CANCELLED), side="right") - 1
        if (bands < 0).any():
            raise ValueError(f"a score is below the lowest band in stream {self.stream!r}")
        return np.asarray(self.rates[bands])
