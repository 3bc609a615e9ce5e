"""What a run came to, and its sums: county × stream × use, this run's money and the year's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.allocation import Allocation
from allocator.loaded import Loaded
from allocator.verdict import Verdict
from reports.figures import places_of


class Money(ABC):
    """Sums of a table of whole steps; exact, in the unit. Holders give `loaded` and `steps`."""

    loaded: Loaded

    @property
    @abstractmethod
    def steps(self) -> NDArray[np.int64]:
        """(n, S, U): this run's money in whole steps."""

    @property
    def step(self) -> Fraction:
        """Payouts are whole multiples of this."""
        return self.loaded.problem.step

    @cached_property
    def places(self) -> int:
        """Decimal places of every amount of this run."""
        return places_of(self.step) or 0

    @cached_property
    def amounts(self) -> NDArray[np.object_]:
        """(n, S, U): this run's money."""
        return _in_units(self.steps, self.step)

    @cached_property
    def by_stream(self) -> NDArray[np.object_]:
        """(n, S): this run's money."""
        return _in_units(self.steps.sum(axis=2), self.step)

    @cached_property
    def by_use(self) -> NDArray[np.object_]:
        """(n, U): this run's money."""
        return _in_units(self.steps.sum(axis=1), self.step)

    @cached_property
    def by_county(self) -> NDArray[np.object_]:
        """(n): this run's money."""
        return _in_units(self.steps.sum(axis=(1, 2)), self.step)

    @cached_property
    def committed(self) -> NDArray[np.object_]:
        """(n): money that earlier batches issued."""
        problem = self.loaded.problem
        sums = np.full(len(problem.counties), Fraction(0), dtype=object)
        width = problem.shape[1] * problem.shape[2]
        for cell, amount in problem.committed.items():
            sums[cell // width] += amount
        return sums

    @cached_property
    def formula(self) -> tuple[Fraction, ...]:
        """(n): the formula amount over all streams."""
        return tuple(sum(map(Fraction, row), Fraction(0)) for row in self.loaded.problem.formula)

    @cached_property
    def adjustment(self) -> tuple[Fraction, ...]:
        """(n): δ by hand over all streams."""
        return tuple(sum(map(Fraction, row), Fraction(0)) for row in self.loaded.problem.adjustment)

    @cached_property
    def entitlement(self) -> tuple[Fraction, ...]:
        """(n): formula plus adjustment."""
        return tuple(f + d for f, d in zip(self.formula, self.adjustment, strict=True))

    def year_within(self, mask: NDArray[np.bool_]) -> NDArray[np.object_]:
        """(n): the year's money, this run's and earlier batches', within a mask of the cube."""
        problem = self.loaded.problem
        sums = _in_units(np.where(mask, self.steps, 0).sum(axis=(1, 2)), self.step)
        inside = mask.ravel()
        width = problem.shape[1] * problem.shape[2]
        for cell, amount in problem.committed.items():
            if inside[cell]:
                sums[cell // width] += amount
        return sums


@dataclass(frozen=True)
class Outcome(Money):
    """The scenario as read, the decision, and the verdict on it."""

    loaded: Loaded
    allocation: Allocation
    verdict: Verdict

    @property
    def steps(self) -> NDArray[np.int64]:
        """(n, S, U): this run's money in whole steps."""
        return self.allocation.steps


def _in_units(steps: NDArray[np.int64], step: Fraction) -> NDArray[np.object_]:
    known: dict[int, Fraction] = {}
    flat = steps.ravel().tolist()
    values = np.empty(len(flat), dtype=object)
    for i, count in enumerate(flat):
        if count not in known:
            known[count] = count * step
        values[i] = known[count]
    return values.reshape(steps.shape)
