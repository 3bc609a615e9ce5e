"""Rule rows as a release sees them: this batch by county in its plan's mix, later money by cell.

Every row is turned so that its left side must be at least its bound; an equation becomes two rows. Each
is tightened by what rounding to whole steps can move it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.envelope.margin import Flags, Floats, later_margin, own_margins
from allocator.loaded import Loaded
from allocator.problem import Problem
from allocator.rows import Row

TINY = 1e-12
"""Coefficients below this are what is left of a difference."""


@dataclass(frozen=True)
class Release:
    """This batch as planned, and what later money may do."""

    later: Loaded
    """The scenario with this batch's budgets at zero and each later stream open."""
    planned: NDArray[np.int64]
    """(n, S, U): this batch's plan in whole steps."""
    mix: Floats
    """(n, S, U): each county's plan divided by its sum; zero where it has no plan."""
    active: Flags
    """(n, S, U): cells that later money can go to."""

    @property
    def problem(self) -> Problem:
        """The cube."""
        return self.later.problem

    @property
    def totals(self) -> NDArray[np.int64]:
        """(n): each county's plan in whole steps."""
        return np.asarray(self.planned.sum(axis=(1, 2)))


@dataclass(frozen=True)
class Tightened:
    """One direction of a rule row: sign · row ≥ bound + margins, in steps.

    `own`, (n): what one step of this batch in each county adds to the left side.
    """

    rule: str
    number: int
    sign: int
    own: Floats
    margin: float
    """Steps by which rounding later money can move it."""
    own_margins: Floats
    """(n): steps by which rounding each county's uses of this batch can move it, once it leaves its plan."""
    bounds: tuple[float, ...]
    """By corner, in steps, without the margins."""


def tightened(
    release: Release, row: Row, name: tuple[str, int], bounds: Sequence[Fraction]
) -> list[Tightened]:
    """Both or the one direction of a row; `bounds` by corner, in the unit, this batch not counted."""
    coefficients = _coefficients(release.problem, row)
    _, prefecture = np.unique(release.problem.counties.prefectures, return_inverse=True)
    margin = later_margin(coefficients, release.active, prefecture)
    mine = own_margins(coefficients, release.mix > 0)
    own = np.asarray((coefficients * release.mix).sum(axis=(1, 2)))
    own[np.abs(own) < TINY] = 0.0
    step = release.problem.step
    found = []
    for sign in (1,) if row.sense == ">=" else (-1,) if row.sense == "<=" else (1, -1):
        turned = [sign * bound / step for bound in bounds]
        parts = margin, mine
        whole = _whole(release, coefficients, row) if len(set(turned)) == 1 else None
        if whole is not None:
            # whole sums with one coefficient: nothing but the bound itself needs rounding
            turned = [_next_multiple(turned[0], sign * whole.coefficient)] * len(turned)
            parts = 0.0, whole.own_margins
        elif not own.any() and _only_falls(sign * coefficients, release.active):
            nothing_fits = any(bound + Fraction(margin) > 0 for bound in turned)
            if nothing_fits and all(bound <= 0 for bound in turned):
                # too little room for a margin: no later money goes there, and nothing is rounded
                turned, parts = [Fraction(0)] * len(turned), (0.0, mine)
        found.append(
            Tightened(*name, sign, sign * own, parts[0], parts[1], tuple(float(bound) for bound in turned))
        )
    return found


def _coefficients(problem: Problem, row: Row) -> Floats:
    """(n, S, U): left less times right."""
    flat = np.zeros(int(np.prod(problem.shape)))
    flat[row.left] += 1.0
    if row.times:
        flat[row.right] -= float(row.times)
    return flat.reshape(problem.shape)


def _only_falls(coefficients: Floats, active: Flags) -> bool:
    """Whether money can only lower the left side."""
    return bool((coefficients[active] <= 0).all())


def _next_multiple(bound: Fraction, coefficient: Fraction) -> Fraction:
    """The least multiple of the coefficient that is not below the bound."""
    size = abs(coefficient)
    return size * -((-bound / size).numerator // (bound / size).denominator)


@dataclass(frozen=True)
class _Whole:
    """A row over whole sums that all have one coefficient."""

    coefficient: Fraction
    own_margins: Floats


def _whole(release: Release, coefficients: Floats, row: Row) -> _Whole | None:
    """The row as coefficient × (sums that are rounded to whole steps); None where it is more than that.

    A county's own batch is whole; any other part of it is one sum more, which costs one step.
    """
    mine, active = release.mix > 0, release.active
    values = np.unique(coefficients[(mine | active) & (coefficients != 0)])
    if len(values) != 1:
        return None
    asked = coefficients != 0
    if not _one_sum(asked & active, active, release.problem):
        return None
    part = asked & mine
    complete = (part == mine).all(axis=(1, 2))
    parts = np.flatnonzero(part.any(axis=(1, 2)) & ~complete)
    if any(not _one_part(part[i], mine[i]) for i in parts.tolist()):
        return None
    alone = not (asked & active).any() and len(parts) == 1
    margins = np.zeros(len(mine))
    margins[parts] = 0.0 if alone else abs(float(values[0]))
    exact = min((Fraction(1), 1 - row.times, -row.times), key=lambda value: abs(float(value) - values[0]))
    return _Whole(exact, margins)


def _one_sum(cells: Flags, active: Flags, problem: Problem) -> bool:
    """Whether later cells are none, or one county, prefecture, county × stream, county × use or cell."""
    counties = np.flatnonzero(cells.any(axis=(1, 2)))
    if len(counties) == 0:
        return True
    if len(counties) == 1:
        i = int(counties[0])
        return bool((cells[i] == active[i]).all()) or _one_part(cells[i], active[i])
    if not (cells[counties] == active[counties]).all():
        return False
    names = np.array(problem.counties.prefectures)
    same = names == names[counties[0]]
    return bool(same[counties].all() and not active[same & ~cells.any(axis=(1, 2))].any())


def _one_part(cells: Flags, active: Flags) -> bool:
    """Whether one county's cells, (S, U), are one stream, one use, or one cell of the active ones."""
    streams, uses = cells.any(axis=1), cells.any(axis=0)
    if streams.sum() == 1 and uses.sum() == 1:
        return True
    if streams.sum() == 1:
        return bool((cells[streams] == active[streams]).all())
    return bool(uses.sum() == 1 and (cells[:, uses] == active[:, uses]).all())


def rule_rows(
    release: Release, bounds: Mapping[tuple[str, int], Sequence[Fraction]]
) -> tuple[Tightened, ...]:
    """Every rule row that asks for something; `bounds` by rule and number, then by corner."""
    return tuple(
        one
        for (rule, number), own in bounds.items()
        for one in tightened(release, release.later.rows[rule][number], (rule, number), own)
    )
