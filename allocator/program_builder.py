"""Assembles linear rows into a program: one-column rows become bounds, shared sums columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.expression import Expression, LinearRow
from solvers.program import LinearProgram, sparse_rows

MAX_RANGE = 1e7
"""Largest ratio of coefficients in one row; beyond it floats cannot be trusted."""


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a rule's row went: a row of the program, or a bound of one column."""

    rule: str
    number: int
    program_row: int = -1
    column: int = -1
    coefficient: float = 1.0
    """By which the row was divided on the way in."""
    bound: float = 0.0
    """The bound that it put on its column, where it is no row."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """A row that no money can satisfy: nothing in it is left to decide."""

    rule: str
    number: int


@dataclass
class ProgramBuilder:
    """Collects columns, bounds and rows; amounts are divided by `unit` on the way in."""

    unit: float
    group_column: NDArray[np.intp]
    """Column of each group, -1 where it has none."""
    cell_column: NDArray[np.intp]
    """Column of each flat cell, -1 where it has none."""
    columns: int
    keep_rows: bool = False
    """Whether rows of one column stay rows, as an elastic program needs them."""
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    places: list[RowPlace] = field(default_factory=list)
    impossible: list[Impossible] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    _rows: list[tuple[NDArray[np.intp], NDArray[np.float64], str, float]] = field(default_factory=list)
    _shared: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lower = [0.0] * self.columns
        self.upper = [np.inf] * self.columns

    def add(self, columns: NDArray[np.intp], values: NDArray[np.float64], sense: str, bound: float) -> int:
        """A plain row; returns its number."""
        self._rows.append((columns, values, sense, bound))
        return len(self._rows) - 1

    def add_rule_row(self, linear: LinearRow, settled: float | None = None) -> None:
        """A rule's row; `settled` is what its parts without a column contribute, where any are known."""
        in_groups, in_cells = self.group_column[linear.groups], self.cell_column[linear.cells]
        values = _floats(linear.group_coefficients + linear.cell_coefficients)
        columns = np.concatenate([in_groups, in_cells])
        known = columns >= 0
        columns, values = columns[known], values[known]
        if linear.shared is not None:
            columns = np.append(columns, self._sum_column(linear.shared))
            values = np.append(values, -float(linear.row.times))
        bound = (float(linear.bound) - (settled or 0.0)) / self.unit
        if not len(columns):
            if settled is None and not _holds(linear.row.sense, linear.bound):
                self.impossible.append(Impossible(linear.rule, linear.number))
            return
        largest, least = float(np.abs(values).max()), float(np.abs(values).min())
        if largest > MAX_RANGE * least:
            self.wide.append(linear.rule)
        if len(columns) == 1 and not self.keep_rows:
            self._bound(linear, int(columns[0]), float(values[0]), bound)
            return
        number = self.add(columns, values / largest, linear.row.sense, bound / largest)
        self.places.append(RowPlace(linear.rule, linear.number, number, -1, largest))

    def _bound(self, linear: LinearRow, column: int, coefficient: float, bound: float) -> None:
        at, sense = bound / coefficient, linear.row.sense
        if coefficient < 0:
            sense = {">=": "<=", "<=": ">=", "=": "="}[sense]  # type: ignore[assignment]
        if sense in (">=", "="):
            self.lower[column] = max(self.lower[column], at)
        if sense in ("<=", "="):
            self.upper[column] = min(self.upper[column], at)
        self.places.append(RowPlace(linear.rule, linear.number, -1, column, coefficient, at))

    def _sum_column(self, shared: Expression) -> int:
        """The column that stands for a shared sum, made at first use."""
        column = self._shared.get(id(shared))
        if column is None:
            column = self._shared[id(shared)] = self.columns
            self.columns += 1
            self.lower.append(0.0)
            self.upper.append(np.inf)
            parts = np.concatenate([self.group_column[shared.groups], self.cell_column[shared.cells]])
            parts = parts[parts >= 0]
            self.add(np.append(parts, column), np.append(np.ones(len(parts)), -1.0), "=", 0.0)
        return column

    def close_bounds(self) -> list[int]:
        """Columns whose bounds cross by more than rounding; the others are made to meet."""
        crossed = []
        for j, (low, high) in enumerate(zip(self.lower, self.upper, strict=True)):
            if low > high:
                if low - high > 1e-12 * max(1.0, abs(low)):
                    crossed.append(j)
                self.upper[j] = low
        return crossed

    def build(self, row_name: Callable[[int], str], column_name: Callable[[int], str]) -> LinearProgram:
        """The program, with zero cost."""
        bounds = np.array([bound for *_, bound in self._rows], dtype=np.float64)
        senses = np.array([sense for *_, sense, _ in self._rows], dtype=object)
        return LinearProgram(
            matrix=sparse_rows([(c, v) for c, v, *_ in self._rows], self.columns),
            row_lower=np.where(senses == "<=", -np.inf, bounds),
            row_upper=np.where(senses == ">=", np.inf, bounds),
            lower=np.array(self.lower),
            upper=np.array(self.upper),
            cost=np.zeros(self.columns),
            row_name=row_name,
            column_name=column_name,
        )


def _floats(coefficients: tuple[Fraction, ...]) -> NDArray[np.float64]:
    """The coefficients as floats; the few different ones of a row are turned once each."""
    known: dict[int, float] = {}
    for c in coefficients:
        if id(c) not in known:
            known[id(c)] = float(c)
    return np.array([known[id(c)] for c in coefficients])


def _holds(sense: Sequence[str] | str, bound: Fraction) -> bool:
    """Whether `0 sense bound`."""
    return bound <= 0 if sense == ">=" else bound >= 0 if sense == "<=" else bound == 0
