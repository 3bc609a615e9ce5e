"""One factor's shares in floats, and the groups that a changed column can move counties in or out of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.formula.peers import float_reached
from allocator.groups import evaluate_groups
from allocator.input.references import text_bands
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.policy import Factor, Group
from allocator.whatif.float_incentive import CANCELLED, label_codes

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


class FloatFactor:
    """A factor whose parameters are floats; `shares` are those of `allocator.formula.shares`."""

    def __init__(self, factor: Factor, counties: Counties) -> None:
        self.kind, self.name, self.scale = factor.kind, factor.factor, factor.scale
        self.groups = {group: float(p) for group, p in (factor.points or {}).items()}
        self.terms = tuple((column, float(w)) for column, w in factor.columns.items())
        self.floor = factor.floor
        self.named = _named_values(factor, counties) if text_bands(factor) else None
        bands = [] if text_bands(factor) else [(parse_number(e), v) for e, v in (factor.bands or {}).items()]
        ordered = sorted((edge or Decimal(0), value) for edge, value in bands)
        self.edges = np.array([float(edge) for edge, _ in ordered])
        self.heights = np.array([float(value) for _, value in ordered])
        self.quantiles = [edge for edge, _ in ordered]
        self.reference = _reference(factor, counties)
        self.labels = None if factor.within is None else label_codes(counties, factor.within)

    def looks_at(self, columns: frozenset[str], groups: frozenset[str]) -> bool:
        """Whether other values of the columns, or other members of the groups, can change the shares."""
        own = {column for column, _ in self.terms} | {self.scale}
        return not columns.isdisjoint(own) or not groups.isdisjoint(self.groups)

    def shares(self, columns: Mapping[str, Vector], groups: Mapping[str, Flags], rows: Rows) -> Vector:
        """Shares of the eligible counties `rows`, adding up to 1; raises ValueError."""
        raw = self._raw(columns, groups, rows)
        if np.isnan(raw).any():
            raise ValueError(f"factor {self.name!r}: a value is missing or fits no band")
        total = raw.sum()
        if not 0 < total < np.inf:
            raise ValueError(f"factor {self.name!r}: the values add up to {total}")
        shares = np.asarray(raw / total)
        return shares if self.floor is None else _floored(shares, self.floor)

    def _raw(self, columns: Mapping[str, Vector], groups: Mapping[str, Flags], rows: Rows) -> Vector:
        if self.kind == "equal":
            return np.ones(len(rows))
        if self.kind == "points":
            points = (p * groups[group][rows] for group, p in self.groups.items())
            return np.asarray(sum(points, np.zeros(len(rows))))
        if self.named is not None:
            return self.named[rows]
        values = self._values(columns, rows)
        if self.kind == "share":
            return values
        if self.kind == "bands":
            return self._bands(values)
        if self.labels is not None:
            return self._ranks(values, self.labels[rows])
        scale = np.ones(len(rows)) if self.scale is None else columns[self.scale][rows]
        if self.kind == "inverse":
            if not values.all():
                raise ValueError(f"factor {self.name!r}: a value under 'inverse' is zero")
            return np.asarray(scale / values)
        reference = self._reference(columns, values)
        gaps = reference - values
        gaps[gaps <= CANCELLED * abs(reference)] = 0.0
        return np.asarray(gaps * scale)

    def _values(self, columns: Mapping[str, Vector], rows: Rows) -> Vector:
        (first, weight), *others = self.terms
        values = columns[first][rows] * weight
        for column, w in others:
            values += columns[column][rows] * w
        return np.asarray(values)

    def _bands(self, values: Vector) -> Vector:
        # a sum that is exactly an edge may come out a rounding below it
        reached = np.searchsorted(self.edges, values * (1 + CANCELLED), side="right") - 1
        return np.where((reached < 0) | np.isnan(values), np.nan, self.heights[reached])

    def _ranks(self, values: Vector, labels: NDArray[np.intp]) -> Vector:
        reached = float_reached(self.quantiles, values, labels, CANCELLED)
        return np.where((reached < 0) | (labels < 0) | np.isnan(values), np.nan, self.heights[reached])

    def _reference(self, columns: Mapping[str, Vector], values: Vector) -> float:
        if self.reference == "mean":
            return float(values.sum() / max(1, len(values)))
        if self.reference == "max":
            return float(values.max(initial=0.0))
        if self.reference == "median":
            return float(np.median(values)) if len(values) else 0.0
        if isinstance(self.reference, int):
            return float(self._values(columns, np.array([self.reference]))[0])
        return float(self.reference)


def _reference(factor: Factor, counties: Counties) -> str | int | float:
    """A word, the position of a county, or a number; NaN where there is none."""
    ref = factor.ref or ""
    if ref in ("mean", "max", "median"):
        return ref
    for i, names in enumerate(zip(counties.codes, counties.names, strict=True)):
        if ref in names:
            return i
    number = parse_number(ref)
    return np.nan if number is None else float(number)


def _named_values(factor: Factor, counties: Counties) -> Vector:
    """(n): the value of each county's band by its name; NaN where it is none of them."""
    bands = factor.bands or {}
    cells = [cell for column in factor.columns for cell in counties.text[column]]
    return np.array([float(bands.get(cell, Decimal("NaN"))) for cell in cells], dtype=np.float64)


def _floored(shares: Vector, floor: Decimal) -> Vector:
    """Shares below the floor are raised to it and the rest rescaled, until none is below."""
    if floor * len(shares) > 1:
        raise ValueError(f"the floor {floor} times {len(shares)} counties exceeds 1")
    least = float(floor)
    raised = np.zeros(len(shares), dtype=np.bool_)
    while True:
        rest = shares[~raised].sum()
        left = max(0.0, 1 - least * int(raised.sum()))
        scaled = shares * (left / rest) if rest else np.full_like(shares, least)
        scaled[raised] = least
        below = scaled < least
        if not below.any():
            return scaled
        raised |= below


class FloatGroups:
    """Membership of some groups under changed columns; raises ValueError for conditions it cannot read."""

    def __init__(self, loaded: Loaded, wanted: frozenset[str]) -> None:
        self._loaded = loaded
        self._where = {name: dict(loaded.scenario.groups[name].where or {}) for name in sorted(wanted)}
        self._as_read: dict[tuple[str, str], Flags] = {}

    def members(self, changed: Mapping[str, Vector]) -> dict[str, Flags]:
        """Members of the groups whose `where` looks at a changed column."""
        found = {}
        for name, where in self._where.items():
            if changed.keys().isdisjoint(where):
                continue
            flags = np.ones(len(self._loaded.counties), dtype=np.bool_)
            for column, wanted in where.items():
                own = changed.get(column)
                flags &= self._unchanged(name, column) if own is None else _matching(column, wanted, own)
            if not flags.any():
                raise ValueError(f"the group {name!r} matches no county")
            found[name] = flags
        return found

    def _unchanged(self, name: str, column: str) -> Flags:
        """Counties that meet one condition of a group as the table stands."""
        if (name, column) not in self._as_read:
            alone = {name: Group(where={column: self._where[name][column]})}
            flags, _ = evaluate_groups(alone, self._loaded.counties, self._loaded.tree)
            self._as_read[name, column] = flags[name]
        return self._as_read[name, column]


def _matching(column: str, wanted: Any, values: Vector) -> Flags:
    """Counties whose number meets a condition; a blank meets none."""
    if isinstance(wanted, dict):
        low = -np.inf if wanted.get("min") is None else float(wanted["min"])
        high = np.inf if wanted.get("max") is None else float(wanted["max"])
        return np.asarray((values >= low) & (values <= high))
    options = wanted if isinstance(wanted, list | tuple) else [wanted]
    flags = np.zeros(len(values), dtype=np.bool_)
    for option in options:
        if isinstance(option, bool) and not np.isin(values, (0.0, 1.0)).all():
            raise ValueError(f"column {column!r}: ones and zeros are needed, a group asks for true or false")
        if not isinstance(option, bool | int | Decimal):
            raise ValueError(f"column {column!r} cannot change: a group compares it with text")
        flags |= values == float(option)
    return flags
