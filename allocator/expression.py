"""A rule row as a sum over columns: whole streams become constants, whole payments one column.

A group is a county × stream pair with a positive entitlement; its payment X is the sum of its
open cells. A selection that takes in every open cell of a group speaks of X itself, and one that
takes in every group of a stream speaks of the stream's budget, which is a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.problem import Problem
from allocator.rows import Cells, Row

Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Expression:
    """constant + Σ payments[groups] + Σ amounts[cells]; groups and cells ascend."""

    constant: Fraction
    groups: Integers
    cells: Integers


@dataclass(frozen=True, slots=True)
class LinearRow:
    """Σ group_coefficients · X + Σ cell_coefficients · x  sense  bound, exact."""

    rule: str
    number: int
    """Which of the rule's rows this is, from 0."""
    row: Row
    groups: Integers
    group_coefficients: tuple[Fraction, ...]
    cells: Integers
    cell_coefficients: tuple[Fraction, ...]
    bound: Fraction
    shared: Expression | None = None
    """A large right-hand sum that several rows share, taken `-row.times` times."""

    @property
    def size(self) -> int:
        """Number of columns, a shared sum counting as one."""
        return len(self.groups) + len(self.cells) + (self.shared is not None)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a selection comes to whatever the budgets are."""

    committed: Fraction
    streams: tuple[int, ...]
    """Streams that it takes in whole: their budgets."""
    groups: Integers
    cells: Integers


class Reader:
    """Turns selections of a problem into expressions; remembers those that rows share."""

    def __init__(self, problem: Problem, parts: dict[bytes, Parts] | None = None) -> None:
        """`parts` are those of selections read before, where the same groups can receive money; it grows."""
        self._parts = {} if parts is None else parts
        n, streams, uses = problem.shape
        self.problem, self.uses = problem, uses
        self.paid = (problem.entitlement > 0) & problem.open.any(axis=2)
        """(n, S): the groups."""
        self.active = (problem.open & self.paid[:, :, None]).ravel()
        """Flat cells that can receive money."""
        self.open_count = self.active.reshape(n * streams, uses).sum(axis=1)
        self.stream_size = self.paid.sum(axis=0)
        self._known: dict[int, tuple[Cells, Expression]] = {}

    def expression(self, cells: Cells) -> Expression:
        """Σ (x + c) over the cells."""
        known = self._known.get(id(cells))
        if known is None:
            known = self._known[id(cells)] = (cells, self._expression(cells))
        return known[1]

    def _expression(self, cells: Cells) -> Expression:
        content = cells.tobytes()
        parts = self._parts.get(content)
        if parts is None:
            parts = self._parts[content] = self._read(cells)
        budgets = (self.problem.budgets[s] for s in parts.streams)
        return Expression(sum(budgets, parts.committed), parts.groups, parts.cells)

    def _read(self, cells: Cells) -> Parts:
        problem, streams = self.problem, self.problem.shape[1]
        committed = cells[problem.committed_flat[cells]].tolist()
        mine = cells[self.active[cells]]
        owner = mine // self.uses
        counts = np.bincount(owner, minlength=len(self.open_count))
        full = (counts > 0) & (counts == self.open_count)
        whole = np.flatnonzero(full)
        by_stream = np.bincount(whole % streams, minlength=streams)
        complete = (by_stream == self.stream_size) & (self.stream_size > 0)
        return Parts(
            sum((problem.committed[c] for c in committed), Fraction(0)),
            tuple(np.flatnonzero(complete).tolist()),
            whole[~complete[whole % streams]],
            mine[~full[owner]],
        )

    def linear(self, rule: str, number: int, row: Row, share: bool) -> LinearRow:
        """The row over groups and cells; `share` keeps a large right-hand sum apart."""
        left = self.expression(row.left)
        right = self.expression(row.right) if row.times else Expression(Fraction(0), _NONE, _NONE)
        bound = row.plus + row.times * right.constant - left.constant
        apart = share and len(right.groups) + len(right.cells) > _LARGE
        inline = Expression(Fraction(0), _NONE, _NONE) if apart else right
        groups, group_coefficients = _combine(left.groups, inline.groups, row.times)
        cells, cell_coefficients = _combine(left.cells, inline.cells, row.times)
        return LinearRow(
            rule,
            number,
            row,
            groups,
            group_coefficients,
            cells,
            cell_coefficients,
            bound,
            right if apart else None,
        )


_NONE: Integers = np.empty(0, dtype=np.intp)
_LARGE = 40
"""Columns from which on a shared right-hand sum gets a column of its own."""


def _combine(left: Integers, right: Integers, times: Fraction) -> tuple[Integers, tuple[Fraction, ...]]:
    """Positions and coefficients of Σ left − times · Σ right, zeros left out."""
    if not len(right):
        return left, (Fraction(1),) * len(left)
    only, both = -times, 1 - times
    coefficients = dict.fromkeys(left.tolist(), Fraction(1))
    for position in right.tolist():
        coefficients[position] = both if position in coefficients else only
    kept = sorted(position for position, value in coefficients.items() if value)
    return np.array(kept, dtype=np.intp), tuple(coefficients[position] for position in kept)
