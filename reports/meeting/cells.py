"""Every rule row as sums of whole numbers that a spreadsheet adds without error.

Amounts are counted in grains of 10^-k of the unit: whole numbers, exact in a spreadsheet's floating
point as long as nothing grows beyond 10^14. A row Σ_A ≥ ρ·Σ_B + κ is multiplied out to
a·Σ_A − b·Σ_B − K ≥ 0 with whole a, b, K, so that no rounded 0.65 decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

import numpy as np

from allocator.problem import Problem
from allocator.rows import Cells, Row
from reports.figures import places_of

MOST = 10**14
"""Whole numbers below this are compared exactly: spreadsheets take 15 digits as equal beyond it."""
FINEST = 6
"""Decimal places that an edited amount may have and still be judged exactly."""

Bits = tuple[int, ...]
"""For each county its streams × uses as bits."""


@dataclass(frozen=True, slots=True)
class Column:
    """One sum a county, over the cells that `bits` names."""

    bits: Bits
    year: bool
    """Whether money of earlier batches counts."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a column over some counties."""

    column: int
    """Position among the ledger's columns; -1 for an empty sum."""
    members: str = "all"
    """all, county, prefecture or flags."""
    which: int = 0
    """The county, the prefecture, or the position among the flags."""


NOTHING = Sum(-1)


@dataclass(frozen=True, slots=True)
class Whole:
    """A row multiplied out: sense of times_left · left − times_right · right − constant."""

    left: Sum
    times_left: int
    right: Sum
    times_right: int
    constant: int
    largest: int
    """No term grows beyond this while money is moved about."""

    @property
    def exact(self) -> bool:
        """Whether a spreadsheet decides the row without rounding."""
        return self.largest <= MOST


@dataclass
class Ledger:
    """The sums that a workbook's rule rows are made of; grows while rows are added.

    `shown` are the positions (stream · U + use) whose cells can be edited.
    """

    problem: Problem
    digits: int
    shown: tuple[int, ...]
    columns: list[Column] = field(default_factory=list)
    flags: list[tuple[int, ...]] = field(default_factory=list)
    """Sets of counties that are neither one, nor all, nor a prefecture."""
    _position: dict[Column, int] = field(default_factory=dict)
    _flag: dict[tuple[int, ...], int] = field(default_factory=dict)
    _known: dict[tuple[int, bool], tuple[Cells, Sum]] = field(default_factory=dict)

    @property
    def grain(self) -> int:
        """Grains in one unit."""
        return int(10**self.digits)

    @property
    def width(self) -> int:
        """Streams × uses."""
        return self.problem.shape[1] * self.problem.shape[2]

    @cached_property
    def live(self) -> Bits:
        """Cells that a rule's sum can feel."""
        return self.bits(np.flatnonzero(self.problem.live))

    @cached_property
    def prefectures(self) -> list[tuple[int, ...]]:
        """Members of each prefecture."""
        return [tuple(rows.tolist()) for rows in self.problem.counties.prefecture_members.values()]

    @cached_property
    def mask(self) -> int:
        """The shown positions as bits."""
        return sum(1 << position for position in self.shown)

    def issued(self, column: Column) -> list[int]:
        """(n): grains of earlier batches in each county's cells of a column."""
        sums = [0] * len(column.bits)
        if column.year:
            for cell, amount in self.problem.committed.items():
                i, position = divmod(cell, self.width)
                if column.bits[i] >> position & 1:
                    sums[i] += int(amount * self.grain)
        return sums

    def sum_of(self, cells: Cells, year: bool = True, union: Bits = ()) -> Sum:
        """The sum over cells of the cube, with earlier batches' money for `year`.

        `union` are the cells of all rows of the rule: where they give the row just its own, rows share
        one column.
        """
        key = (id(cells), year)
        if key not in self._known:
            self._known[key] = (cells, self._sum(cells, year, union))
        return self._known[key][1]

    def _sum(self, cells: Cells, year: bool, union: Bits) -> Sum:
        if not len(cells):
            return NOTHING
        bits = self.bits(cells)
        pattern = 0
        for own in bits:
            pattern |= own
        widest = self.live if year else (pattern,) * len(bits)
        full = tuple(pattern & own for own in widest)
        shared = next(
            (
                column
                for column in (union, full)
                if column and all(not own or own == wide for own, wide in zip(bits, column, strict=True))
            ),
            bits,
        )
        members = tuple(i for i, own in enumerate(bits) if own)
        inside = tuple(i for i, own in enumerate(shared) if own)
        return self._over(self._place(Column(shared, year)), members, inside)

    def bits(self, cells: Cells) -> Bits:
        """Cells by county."""
        return _bits(cells, len(self.problem.counties), self.width)

    def _place(self, column: Column) -> int:
        if column not in self._position:
            self._position[column] = len(self.columns)
            self.columns.append(column)
        return self._position[column]

    def _over(self, column: int, members: tuple[int, ...], inside: tuple[int, ...]) -> Sum:
        if len(members) == 1:
            return Sum(column, "county", members[0])
        if members == inside:
            return Sum(column)
        wanted, able = set(members), set(inside)
        for p, own in enumerate(self.prefectures):
            if able & set(own) == wanted:
                return Sum(column, "prefecture", p)
        if members not in self._flag:
            self._flag[members] = len(self.flags)
            self.flags.append(members)
        return Sum(column, "flags", self._flag[members])

    def wholes(self, rows: Sequence[Row]) -> list[Whole]:
        """One rule's rows, multiplied out."""
        money = _money(self.problem)
        lefts = self._union([row.left for row in rows])
        rights = self._union([row.right for row in rows if row.times])
        found = []
        for row in rows:
            times = row.times if len(row.right) else Fraction(0)
            left = self.sum_of(row.left, union=lefts)
            right = self.sum_of(row.right, union=rights) if times else NOTHING
            found.append(Whole(left, *multiplied(times, row.plus, self.digits, right, money)))
        return found

    def _union(self, parts: Sequence[Cells]) -> Bits:
        unique = {id(cells): cells for cells in parts}.values()
        return self.bits(np.unique(np.concatenate([np.empty(0, dtype=np.intp), *unique])))


def multiplied(
    times: Fraction, plus: Fraction, digits: int, right: Sum, money: Fraction
) -> tuple[int, Sum, int, int, int]:
    """Factor on the left, right-hand sum, its factor, the constant, and the largest term."""
    constant = plus * 10**digits
    left = lcm(times.denominator, constant.denominator)
    own, alone = int(times * left), int(constant * left)
    shared = gcd(left, own, alone)
    left, own, alone = left // shared, own // shared, alone // shared
    grains = int(money * 10**digits) + 1
    return left, right, own, alone, max(left, abs(own)) * grains + abs(alone)


def make_ledger(problem: Problem, rows: Iterable[Row], shown: tuple[int, ...]) -> Ledger:
    """A ledger with the finest grain at which every row stays exact; at least that of the data."""
    values = [problem.step, *problem.committed.values(), *problem.budgets]
    # all of them are decimals in the files
    least = max(places_of(value) or 0 for value in values)
    money = _money(problem)
    digits = max(least, FINEST)
    shares = {(row.times if len(row.right) else Fraction(0), row.plus) for row in rows}
    while digits > least and any(multiplied(t, p, digits, NOTHING, money)[4] > MOST for t, p in shares):
        digits -= 1
    return Ledger(problem, digits, shown)


def _money(problem: Problem) -> Fraction:
    """Ten times the year's money: what an edit may reasonably add up to on the way."""
    return 10 * (sum(problem.budgets, Fraction(0)) + sum(problem.committed.values(), Fraction(0)))


def _bits(cells: Cells, counties: int, width: int) -> Bits:
    found = [0] * counties
    for cell in cells.tolist():
        i, position = divmod(cell, width)
        found[i] |= 1 << position
    return tuple(found)


def positions(bits: int) -> Iterator[int]:
    """Positions of the bits that are set."""
    position = 0
    while bits:
        if bits & 1:
            yield position
        bits, position = bits >> 1, position + 1
