"""Controlled rounding, top down: county totals, then payments, then cells, every rule exact.

Each number goes to its floor or ceiling, so that streams are spent whole and every rule holds on
whole steps; among those the least Σ |change|. A stage sees the stages below it as a continuous
look-ahead wherever a rule could break; the last stage falls apart into connected components.
(Cox 1987, "A constructive procedure for unbiased controlled rounding", for the network idea.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.allocation import RoundingReport
from allocator.expression import LinearRow, Reader
from allocator.problem import Problem
from allocator.rounding.cells import CellRounding, round_cells
from allocator.rounding.integer_rows import integer_rows
from allocator.rounding.stage import Whole, nodes
from allocator.rounding.tree import Tree, Widths, solve_counties, solve_payments
from solvers.solution import Solver

FINEST_GRID = 1_000_000
"""Grid units in a step, where budgets are not so large that floats are coarser."""
ATTEMPTS = (
    Widths(0, 0, 0),
    Widths(0, 0, 1),
    Widths(0, 1, 2),
    Widths(1, 2, 3),
    Widths(3, 4, 6),
    Widths(6, 8, 12),
    Widths(12, 16, 24),
    Widths(24, 32, 48),
)
"""How far counties, payments and cells may leave their floor and ceiling, in this order."""


@dataclass(frozen=True)
class Rounded:
    """Whole steps, (n, S, U), and what the rounding did."""

    steps: NDArray[np.int64]
    report: RoundingReport


class CannotRound(Exception):
    """No whole-number table within the widest window keeps the rules; holds the tree that failed."""

    def __init__(self, tree: Tree) -> None:
        super().__init__("no whole-number table keeps the rules")
        self.tree = tree


def grid_of(problem: Problem) -> int:
    """Grid units in a step: max(1e-6 step, 1e-10 of the largest budget), as a whole number."""
    largest = float(max(problem.budgets, default=0) / problem.step)
    return int(min(FINEST_GRID, max(1.0, 1e10 / max(largest, 1.0))))


def round_to_steps(
    problem: Problem,
    linear: Sequence[LinearRow],
    amounts: NDArray[np.float64],
    solver: Solver,
    rough: Solver,
) -> Rounded:
    """Whole steps near `amounts`, (n, S, U) in the unit; raises CannotRound.

    `solver` proves the least change; `rough` may stop short of it once the windows are widened.
    """
    grid, step = grid_of(problem), float(problem.step)
    payments = amounts.sum(axis=2)
    tree = Tree(
        problem=problem,
        reader=Reader(problem),
        rows=tuple(integer_rows(linear, problem.step)),
        counties=nodes(payments.sum(axis=1) / step, grid),
        payments=nodes(payments / step, grid),
        cells=nodes(amounts / step, grid),
    )
    troubled = np.zeros(payments.size, dtype=np.bool_)
    for widths in ATTEMPTS:
        for _ in range(2):
            found = _attempt(tree, widths, troubled, rough if any(widths) else solver)
            if found.steps is not None:
                return Rounded(found.steps.reshape(problem.shape), _report(tree, amounts, found.steps))
            if not (found.troubled & ~troubled).any():
                break
            troubled |= found.troubled
    raise CannotRound(tree)


def _attempt(tree: Tree, widths: Widths, troubled: NDArray[np.bool_], solver: Solver) -> CellRounding:
    everything = np.ones_like(troubled)
    counties = solve_counties(tree, widths, troubled, solver)
    if counties is None:
        return CellRounding(None, everything)
    payments = solve_payments(tree, counties, widths, troubled, solver)
    if payments is None:
        return CellRounding(None, everything)
    return round_cells(tree, payments, widths, solver)


def _report(tree: Tree, amounts: NDArray[np.float64], steps: Whole) -> RoundingReport:
    problem = tree.problem
    cube = steps.reshape(problem.shape)
    change = cube * float(problem.step) - amounts
    layers = (
        ("county totals", tree.counties, cube.sum(axis=(1, 2))),
        ("payments", tree.payments, cube.sum(axis=2).ravel()),
        ("cells", tree.cells, steps),
    )
    notes = []
    for name, layer, value in layers:
        beyond = np.maximum(layer.floor - value, value - layer.ceiling)
        if (beyond > 0).any():
            notes.append(f"{name}: {int((beyond > 0).sum())}, up to {int(beyond.max())} steps")
    return RoundingReport(
        largest_cell=float(np.abs(change).max(initial=0.0)),
        largest_county=float(np.abs(change.sum(axis=(1, 2))).max(initial=0.0)),
        total=float(np.abs(change).sum()),
        widened=tuple(notes),
    )
