"""The two upper stages of rounding: county totals, then the payments within them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocator.expression import Expression, Reader
from allocator.problem import Problem
from allocator.rounding.integer_rows import IntegerRow, least_activity
from allocator.rounding.stage import RANKS, Nodes, Stage, Whole
from solvers.solution import Solver


class Widths(NamedTuple):
    """Steps by which each layer may leave its floor and ceiling."""

    counties: int
    payments: int
    cells: int


@dataclass(frozen=True)
class Tree:
    """What is to be rounded: the three layers and the exact rows over payments and cells."""

    problem: Problem
    reader: Reader
    rows: tuple[IntegerRow, ...]
    counties: Nodes
    payments: Nodes
    cells: Nodes

    def owner(self, cells: NDArray[np.intp]) -> NDArray[np.intp]:
        """Payment that each flat cell belongs to."""
        return cells // self.problem.shape[2]

    def open_cells(self, payment: int) -> NDArray[np.intp]:
        """Flat cells of a payment that may receive money."""
        uses = self.problem.shape[2]
        low = payment * uses
        return low + np.flatnonzero(self.reader.active[low : low + uses])


class TreeStage:
    """A stage being built: payments and cells as columns or constants, and the rows over them."""

    def __init__(self, tree: Tree, settled: Whole | None) -> None:
        self.tree, self.settled = tree, settled
        self.stage = Stage()
        self.payment_columns: dict[int, tuple[int, ...]] = {}
        self.cell_columns: dict[int, tuple[int, ...]] = {}
        self._sums: dict[int, tuple[int, int]] = {}

    def payment_value(self, payment: int) -> tuple[tuple[int, ...], int]:
        """Columns and constant whose sum is the payment."""
        if self.settled is not None:
            return (), int(self.settled[payment])
        return self.payment_columns[payment], int(self.tree.payments.floor[payment])

    def cell_value(self, cell: int) -> tuple[tuple[int, ...], int]:
        """Columns and constant whose sum is the cell; a payment's only cell is the payment."""
        if cell in self.cell_columns:
            return self.cell_columns[cell], int(self.tree.cells.floor[cell])
        payment = cell // self.tree.problem.shape[2]
        if self.tree.reader.open_count[payment] == 1:
            return self.payment_value(payment)
        return (), int(self.tree.cells.floor[cell])

    def add_cells(self, payment: int, width: int, ranked: bool, integer: bool = False) -> None:
        """The cells of a payment, adding up to it."""
        cells = self.tree.open_cells(payment)
        if len(cells) < 2 or int(cells[0]) in self.cell_columns:
            return
        total, constant = self.payment_value(payment)
        columns, values = list(total), [-1.0] * len(total)
        for cell in cells.tolist():
            rank = _rank(cell, len(self.tree.cells.floor)) if ranked else None
            own = self.stage.node(self.tree.cells, cell, width, rank)
            self.cell_columns[cell] = own
            columns += own
            values += [1.0] * len(own)
            if integer:
                for j in own:
                    self.stage.integer[j] = True
        gap = float(constant - int(self.tree.cells.floor[cells].sum()))
        self.stage.row(columns, values, gap, gap)

    def add_row(self, row: IntegerRow, slack: float | None = None) -> int:
        """The row over columns; with `slack` a priced shortfall column. Returns that column or -1."""
        parts = [(self.payment_value(int(g)), c) for g, c in zip(row.groups, row.coefficients, strict=False)]
        later = row.coefficients[len(row.groups) :]
        parts += [(self.cell_value(int(j)), c) for j, c in zip(row.cells, later, strict=True)]
        if row.shared is not None:
            parts.append((self._shared(row.shared), -row.times))
        columns: list[int] = []
        values: list[float] = []
        bound = row.bound
        for (own, constant), coefficient in parts:
            columns += own
            values += [float(coefficient)] * len(own)
            bound -= coefficient * constant
        column = -1
        if slack is not None:
            column = self.stage.column(0.0, np.inf, slack)
            columns.append(column)
            values.append(1.0)
        self.stage.row(columns, values, float(bound), np.inf)
        return column

    def _shared(self, shared: Expression) -> tuple[tuple[int, ...], int]:
        known = self._sums.get(id(shared))
        if known is None:
            columns: list[int] = []
            constant = 0
            values = [self.payment_value(int(g)) for g in shared.groups]
            for own, part in values + [self.cell_value(int(c)) for c in shared.cells]:
                columns += own
                constant += part
            total = self.stage.column(-np.inf, np.inf)
            self.stage.row([*columns, total], [1.0] * len(columns) + [-1.0], 0.0, 0.0)
            known = self._sums[id(shared)] = (total, constant)
        return (known[0],), known[1]


def _rank(position: int, count: int) -> int:
    return position * (RANKS // 2) // max(1, count)


def risky_rows(tree: Tree, widths: Widths, settled: Whole | None = None) -> list[IntegerRow]:
    """Rows that some choice within the windows would break."""
    payments, cells = tree.payments, tree.cells
    low = np.maximum(0, payments.floor - widths.payments) if settled is None else settled
    high = payments.ceiling + widths.payments if settled is None else settled
    cell_low, cell_high = np.maximum(0, cells.floor - widths.cells), cells.ceiling + widths.cells
    single = np.flatnonzero(tree.reader.open_count == 1)
    alone = np.array([tree.open_cells(int(g))[0] for g in single], dtype=np.intp)
    cell_low[alone], cell_high[alone] = low[single], high[single]
    return [r for r in tree.rows if least_activity(r, low, high, cell_low, cell_high) < r.bound]


def touched_payments(tree: Tree, rows: Sequence[IntegerRow]) -> set[int]:
    """Payments whose cells some of the rows tell apart."""
    found: set[int] = set()
    seen: set[int] = set()
    for row in rows:
        found.update(tree.owner(row.cells).tolist())
        if row.shared is not None and id(row.shared) not in seen:
            seen.add(id(row.shared))
            found.update(tree.owner(row.shared.cells).tolist())
    return found


def tree_stage(
    tree: Tree,
    widths: Widths,
    troubled: NDArray[np.bool_],
    counties: Whole | None,
    elastic: bool = False,
) -> tuple[TreeStage, list[tuple[int, ...]], list[tuple[IntegerRow, int]]]:
    """County totals where `counties` is None, payments otherwise; returns slack columns if elastic."""
    n, streams, _ = tree.problem.shape
    built = TreeStage(tree, None)
    stage, floor = built.stage, tree.payments.floor
    paid = tree.reader.paid
    groups = np.flatnonzero(paid.ravel()).tolist()
    ranked = counties is not None
    for g in groups:
        rank = _rank(g, n * streams) if ranked else None
        built.payment_columns[g] = stage.node(tree.payments, g, widths.payments, rank)
    county_columns: list[tuple[int, ...]] = []
    for i in range(n):
        own = [i * streams + s for s in np.flatnonzero(paid[i]).tolist()]
        total = () if ranked else stage.node(tree.counties, i, widths.counties, _rank(i, n))
        county_columns.append(total)
        columns = [j for g in own for j in built.payment_columns[g]] + list(total)
        start = int(tree.counties.floor[i]) if counties is None else int(counties[i])
        gap = float(start - int(floor[own].sum()))
        values = [1.0] * (len(columns) - len(total)) + [-1.0] * len(total)
        if columns:
            stage.row(columns, values, gap, gap)
    for s, budget in enumerate(tree.problem.budgets):
        own = [i * streams + s for i in np.flatnonzero(paid[:, s]).tolist()]
        gap = float(int(budget / tree.problem.step) - int(floor[own].sum()))
        columns = [j for g in own for j in built.payment_columns[g]]
        if columns:
            stage.row(columns, [1.0] * len(columns), gap, gap)
    rows = list(tree.rows) if elastic else risky_rows(tree, widths)
    for g in sorted(touched_payments(tree, rows)):
        built.add_cells(g, widths.cells, ranked=False, integer=bool(troubled[g]))
    for g in np.flatnonzero(troubled).tolist():
        for j in built.payment_columns.get(g, ()):
            stage.integer[j] = True
    slacks = [(row, built.add_row(row, float(1 / row.multiplier) if elastic else None)) for row in rows]
    return built, county_columns, slacks


def solve_counties(tree: Tree, widths: Widths, troubled: NDArray[np.bool_], solver: Solver) -> Whole | None:
    """Whole county totals in steps, (n); None where none can be completed."""
    built, columns, _ = tree_stage(tree, widths, troubled, None)
    offsets = built.stage.solve(solver)
    if offsets is None:
        return None
    return np.array(
        [
            int(floor) + sum(int(offsets[j]) for j in own)
            for floor, own in zip(tree.counties.floor, columns, strict=True)
        ],
        dtype=np.int64,
    )


def solve_payments(
    tree: Tree, counties: Whole, widths: Widths, troubled: NDArray[np.bool_], solver: Solver
) -> Whole | None:
    """Whole payments in steps, (n · S), within the county totals; None where none can be completed."""
    built, _, _ = tree_stage(tree, widths, troubled, counties)
    offsets = built.stage.solve(solver)
    if offsets is None:
        return None
    payments = np.zeros(len(tree.payments.floor), dtype=np.int64)
    for g, own in built.payment_columns.items():
        payments[g] = int(tree.payments.floor[g]) + sum(int(offsets[j]) for j in own)
    return payments
