"""The linear program of a release: this batch by county, and later money that keeps the year's rules.

What is safe: amounts y of this batch are, if for every later budget within its bounds the later money can be
placed so that every rule of the year holds. Rules are linear in y, later money z and its budgets B; so
points (z, B) that fit one y form a convex set, and any B within bounds is a mean of corners, whose means of
z fit it. It suffices that every corner has a z (Bemporad, Borrelli and Morari 2003, for this argument on
multiparametric programs). Whole money is had by the margins of `envelope_margin`.

A row that later money cannot touch has no room but its own. Of the ways to round a county's uses one
never lowers a given row, since the rounding program has whole vertices: so each county rounds in favour
of one such row, the tightest, and that row needs no margin for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import AmountProgram, amount_program, linear_rows
from allocator.envelope.bounds import Range, corners
from allocator.envelope.rows import Release, Tightened, rule_rows
from allocator.infeasible import too_wide
from allocator.problem import Problem
from solvers.program import Flags, Indices, LinearProgram, Matrix, Vector, above, beside, sparse_rows


@dataclass(frozen=True)
class SafetyProgram:
    """Rows over columns z (later money), then y (this batch by county).

    One matrix serves every corner: budgets are in the bounds alone.
    """

    release: Release
    corners: tuple[dict[str, Decimal], ...]
    counties: NDArray[np.intp]
    """(P) counties with a plan: the columns y."""
    later: Matrix
    """Rules' rows over z: (r, Z)."""
    scale: float
    """Steps in a program unit: columns, rows and bounds are in program units."""
    rows: tuple[Tightened, ...]
    favoured: NDArray[np.intp]
    """(P): the row in whose favour each county's uses of this batch are rounded; -1 where it is all one."""
    skeleton: tuple[LinearProgram, ...]
    """By corner: budgets, parts and sums of later money alone."""

    @property
    def plan(self) -> Vector:
        """(P) what is planned."""
        return np.asarray(self.release.totals[self.counties] / self.scale)

    @property
    def own(self) -> Vector:
        """(r, P): what one unit of this batch adds to each rule row."""
        return np.array([row.own[self.counties] for row in self.rows]).reshape(-1, len(self.counties))

    @property
    def own_margins(self) -> Vector:
        """(r, P): margins for counties that leave their plan."""
        found = [row.own_margins[self.counties] / self.scale for row in self.rows]
        return np.array(found).reshape(-1, len(self.counties))

    def least(self, corner: int, margin: bool = True) -> Vector:
        """(r) least activity of the rules' rows at a corner; `margin` leaves room for rounding."""
        found = [row.bounds[corner] + (row.margin if margin else 0.0) for row in self.rows]
        return np.array(found) / self.scale

    def at(self, corner: int, margin: bool = True) -> LinearProgram:
        """The program of one corner with this batch as planned."""
        base = self.skeleton[corner]
        count = len(self.counties)
        empty = sparse_rows([((), ())] * base.rows, count)
        own = self.own
        dense = sparse_rows([(np.flatnonzero(row), row[row != 0]) for row in own], count)
        least = self.least(corner, margin)
        return LinearProgram(
            matrix=above(beside(base.matrix, empty), beside(self.later, dense)),
            row_lower=np.concatenate([base.row_lower, least]),
            row_upper=np.concatenate([base.row_upper, np.full(len(least), np.inf)]),
            lower=np.concatenate([base.lower, self.plan]),
            upper=np.concatenate([base.upper, self.plan]),
            cost=np.zeros(base.columns + count),
        )


def safety_program(release: Release, ranges: tuple[Range, ...]) -> SafetyProgram:
    """The program, from the release and the bounds of later budgets."""
    problem, every = release.problem, corners(ranges)
    first: AmountProgram | None = None
    bounds: dict[tuple[str, int], list[Fraction]] = {}
    for corner in every:
        # who can be paid stays as it is at the lower bounds: entitlements are not made anew
        linear = linear_rows(problem.rebudgeted(corner), release.later.rows)
        for row in linear:
            bounds.setdefault((row.rule, row.number), []).append(row.bound)
        first = first or amount_program(problem.rebudgeted(corner), linear, keep_rows=True)
    assert first is not None
    too_wide(first)
    scale = first.unit / float(problem.step)
    rows = rule_rows(release, bounds)
    later, counties = _over_later(first, rows), np.flatnonzero(release.totals > 0)
    rows, favoured = _favour(release, rows, np.diff(later.indptr) == 0)
    return SafetyProgram(
        release,
        every,
        counties,
        later,
        scale,
        rows,
        favoured[counties],
        tuple(_skeleton(first, problem, corner, scale) for corner in every),
    )


def _favour(
    release: Release, rows: tuple[Tightened, ...], alone: Flags
) -> tuple[tuple[Tightened, ...], NDArray[np.intp]]:
    """The rows with no margin for counties that round in their favour, and each county's row, (n)."""
    totals = release.totals
    favoured = np.full(len(totals), -1, dtype=np.intp)
    changed = list(rows)
    slack = {r: float(rows[r].own @ totals) - max(rows[r].bounds) for r in np.flatnonzero(alone).tolist()}
    for r in sorted(slack, key=lambda r: (slack[r], r)):
        mine = (rows[r].own_margins > 0) & (favoured < 0)
        favoured[mine] = r
        changed[r] = replace(rows[r], own_margins=np.where(mine, 0.0, rows[r].own_margins))
    return tuple(changed), favoured


def _over_later(first: AmountProgram, rows: Sequence[Tightened]) -> Matrix:
    """(r, Z): the rules' rows over later money; empty where they speak of this batch alone."""
    places = {(p.rule, p.number): p for p in first.places}
    parts: list[tuple[Indices, Vector]] = []
    nothing = np.empty(0, dtype=np.intp), np.empty(0)
    for row in rows:
        place = places.get((row.rule, row.number))
        if place is None:
            parts.append(nothing)
            continue
        low, high = first.program.matrix.indptr[place.program_row : place.program_row + 2]
        values = first.program.matrix.data[low:high] * (row.sign * place.coefficient)
        parts.append((first.program.matrix.indices[low:high].astype(np.intp), values))
    return sparse_rows(parts, first.program.columns)


def _skeleton(
    first: AmountProgram, problem: Problem, corner: Mapping[str, Decimal], scale: float
) -> LinearProgram:
    """Budgets, parts and sums of later money, with the budgets of one corner, which are the first rows."""
    program = first.program
    kept = np.setdiff1d(np.arange(program.rows), [p.program_row for p in first.places])
    paid = np.unique(first.groups % problem.shape[1])
    budgets = [float(Fraction(corner[problem.stream_names[s]]) / problem.step) / scale for s in paid.tolist()]
    lower, upper = program.row_lower[kept], program.row_upper[kept]
    lower[: len(paid)] = upper[: len(paid)] = budgets
    return replace(program, matrix=program.matrix[kept], row_lower=lower, row_upper=upper)
