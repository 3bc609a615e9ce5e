"""The factor formula in floats: entitlements of thousands of what-if draws.

The same figures as `allocator.formula.entitlement`, without its exactness: weights, budgets and columns of
the county table may change from draw to draw; shares that depend on none of it are computed once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allocator.input.references import peer_columns, text_bands
from allocator.loaded import Loaded
from allocator.policy import Stream
from allocator.whatif.float_factor import Flags, FloatFactor, FloatGroups, Rows, Vector
from allocator.whatif.float_incentive import CANCELLED, FloatIncentive

Key = tuple[str, str]
"""Formula and eligible group: streams that agree in both have the same shares."""


@dataclass(frozen=True)
class _Figures:
    """The county table as it stands in one draw, and what is not as it was."""

    columns: Mapping[str, Vector]
    groups: Mapping[str, Flags]
    changed: frozenset[str]
    """Columns."""
    moved: frozenset[str]
    """Groups that have other members."""


class FloatFormula:
    """Entitlements of one scenario under changed weights, budgets and columns.

    A changed column is an array of n numbers, one for each county in order; NaN is a blank cell. It
    may be any column of the county table but those of peer groups and those that `bands` with names
    (优, 良) look at. Members of a group are read anew where its `where` looks at a changed column:
    supported are {min, max}, numbers, and true/false on a column of ones and zeros. Points and
    eligibility follow.

    ValueError is raised for what is not supported, for names that the scenario has not, and where the
    exact formula would refuse the figures: blank, negative or infinite cells, a sum of zero, a value
    below the lowest band, a group without members. Rules and their columns are not looked at, nor is the
    limit of the adjustments, which stay the written amounts.
    """

    def __init__(self, loaded: Loaded) -> None:
        scenario, problem, counties = loaded.scenario, loaded.problem, loaded.counties
        self._n, self._streams = len(counties), problem.streams
        self._columns = {name: _floats(cells) for name, cells in counties.numbers.items()}
        self._known = frozenset(counties.text) | frozenset(counties.numbers)
        self._factors = {
            name: tuple(FloatFactor(factor, counties) for factor in factors)
            for name, factors in scenario.formulas.items()
        }
        self._weights = {
            name: np.array([float(f.weight) for f in factors]) for name, factors in scenario.formulas.items()
        }
        self._named_bands = frozenset(
            c for factors in scenario.formulas.values() for f in factors if text_bands(f) for c in f.columns
        )
        self._incentives = {
            name: FloatIncentive(name, stream.incentive, counties)
            for name, stream in self._streams.items()
            if stream.incentive is not None
        }
        self._peers = frozenset(peer_columns(scenario))
        everyone = np.ones(self._n, dtype=np.bool_)
        self._groups = FloatGroups(loaded, self._looked_at_groups())
        self._base = _Figures(self._columns, {**counties.groups, "all": everyone}, frozenset(), frozenset())
        self._adjustment = np.array([[float(d) for d in own] for own in problem.adjustment])
        self._adjustment = self._adjustment.reshape(problem.shape[:2])
        self._committed = {name: np.zeros(self._n) for name in problem.stream_names}
        for (i, name, _), amount in loaded.issued.items():
            self._committed[name][i] += float(amount)
        self._shares: dict[tuple[Key, int], Vector] = {}
        self._matrices: dict[Key, NDArray[np.float64]] = {}
        self._eligible: dict[str, Rows] = {}

    def entitlement(
        self,
        weights: Mapping[str, Sequence[float]] | None = None,
        budgets: Mapping[str, float] | None = None,
        columns: Mapping[str, NDArray[np.float64]] | None = None,
    ) -> NDArray[np.float64]:
        """(n, S): formula plus adjustment, as `Problem.entitlement`.

        `weights` by formula, in the formula's order; what counts is their proportion. `budgets` by
        stream. `columns` by name, (n) each. What is left out stays as the scenario has it.
        """
        mixes = self._mixes(weights or {})
        money = self._money(budgets or {})
        figures = self._changed(columns) if columns else self._base
        found = self._adjustment.copy()
        for s, (name, stream) in enumerate(self._streams.items()):
            if money[name]:
                rows = self._rows(stream.eligible, figures)
                shares = self._share(stream, mixes[stream.formula], rows, figures)
                own = self._amounts(name, stream, money[name], shares, rows)
                if name in self._incentives:
                    own = own + self._incentives[name].pay(figures.columns, rows, own)
                found[rows, s] += own
        return found

    def _looked_at_groups(self) -> frozenset[str]:
        """Groups that the formula can feel."""
        eligible = {s.eligible for s in self._streams.values()} - {"all"}
        used = {s.formula for s in self._streams.values()}
        points = {g for name in used for factor in self._factors[name] for g in factor.groups}
        return frozenset(eligible | points)

    def _mixes(self, weights: Mapping[str, Sequence[float]]) -> dict[str, Vector]:
        mixes = dict(self._weights)
        for name, given in weights.items():
            mix = np.asarray(given, dtype=np.float64)
            if name not in mixes or mix.shape != mixes[name].shape:
                raise ValueError(f"weights of formula {name!r}: one for each of its factors is needed")
            if not np.isfinite(mix).all() or (mix < 0).any():
                raise ValueError(f"weights of formula {name!r}: numbers of at least zero are needed")
            mixes[name] = mix
        return mixes

    def _money(self, budgets: Mapping[str, float]) -> dict[str, float]:
        money = {name: float(stream.budget) for name, stream in self._streams.items()}
        for name, budget in budgets.items():
            if name not in money or not 0 <= budget < np.inf:
                raise ValueError(f"budget of stream {name!r}: {budget}")
            money[name] = float(budget)
        return money

    def _changed(self, columns: Mapping[str, NDArray[np.float64]]) -> _Figures:
        fresh: dict[str, Vector] = {}
        for name, given in columns.items():
            if name not in self._known:
                raise ValueError(f"the county table has no column {name!r}")
            if name in self._named_bands:
                raise ValueError(f"column {name!r} holds names of bands, not numbers")
            if name in self._peers:
                raise ValueError(f"column {name!r} holds peer groups")
            values = np.asarray(given, dtype=np.float64)
            if values.shape != (self._n,):
                raise ValueError(f"column {name!r}: {self._n} numbers are needed")
            if (values < 0).any() or np.isinf(values).any():
                raise ValueError(f"column {name!r}: negative or infinite")
            fresh[name] = values
        groups = self._groups.members(fresh)
        moved = frozenset(g for g, own in groups.items() if (own != self._base.groups[g]).any())
        return _Figures({**self._columns, **fresh}, {**self._base.groups, **groups}, frozenset(fresh), moved)

    def _rows(self, eligible: str, figures: _Figures) -> Rows:
        """Positions of the eligible counties."""
        if eligible in figures.moved:
            return np.flatnonzero(figures.groups[eligible])
        if eligible not in self._eligible:
            self._eligible[eligible] = np.flatnonzero(figures.groups[eligible])
        return self._eligible[eligible]

    def _share(self, stream: Stream, mix: Vector, rows: Rows, figures: _Figures) -> Vector:
        """Each eligible county's share of the stream, adding up to 1."""
        mixed = self._matrix((stream.formula, stream.eligible), rows, figures) @ mix
        if stream.multiplier is not None:
            scale = figures.columns[stream.multiplier][rows]
            if np.isnan(scale).any():
                raise ValueError(f"the multiplier {stream.multiplier!r} is missing")
            mixed = mixed * scale
        total = mixed.sum()
        if not total > 0:
            raise ValueError(f"every county's share is zero in formula {stream.formula!r}")
        return np.asarray(mixed / total)

    def _matrix(self, key: Key, rows: Rows, figures: _Figures) -> NDArray[np.float64]:
        """(eligible, factors): shares of every factor, from before where nothing that they need changed."""
        formula, eligible = key
        factors = self._factors[formula]
        fresh = [eligible in figures.moved or f.looks_at(figures.changed, figures.moved) for f in factors]
        if not any(fresh) and key in self._matrices:
            return self._matrices[key]
        own = []
        for k, factor in enumerate(factors):
            known = None if fresh[k] else self._shares.get((key, k))
            if known is None:
                known = factor.shares(figures.columns, figures.groups, rows)
                if not fresh[k]:
                    self._shares[key, k] = known
            own.append(known)
        matrix = np.stack(own, axis=1)
        if not any(fresh):
            self._matrices[key] = matrix
        return matrix

    def _amounts(self, name: str, stream: Stream, budget: float, shares: Vector, rows: Rows) -> Vector:
        if name in self._incentives:
            budget -= self._incentives[name].pool
            if not budget > 0:
                raise ValueError(f"the pool of stream {name!r} leaves nothing of its budget")
        if stream.entitlement == "batch":
            return budget * shares
        committed = self._committed[name][rows]
        year = (budget + committed.sum()) * shares
        rest = year - committed
        rest[rest <= CANCELLED * year] = 0.0
        total = rest.sum()
        if not total > 0:
            raise ValueError(f"every county already has more of {name!r} than the year gives it")
        return np.asarray(budget * rest / total)


def _floats(cells: Sequence[Decimal | None]) -> Vector:
    return np.array([np.nan if c is None else float(c) for c in cells], dtype=np.float64)
