"""The last stage of rounding: cells within their payments, one connected component at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.rounding.integer_rows import IntegerRow
from allocator.rounding.stage import Whole
from allocator.rounding.tree import Tree, TreeStage, Widths, risky_rows
from solvers.program import connected
from solvers.solution import Solver


@dataclass(frozen=True)
class CellRounding:
    """Whole cells in steps, flat, or None with the payments that made it impossible."""

    steps: Whole | None
    troubled: NDArray[np.bool_]


def round_cells(tree: Tree, payments: Whole, widths: Widths, solver: Solver) -> CellRounding:
    """Cells that add up to `payments` and keep every row."""
    steps = np.zeros(len(tree.cells.floor), dtype=np.int64)
    troubled = np.zeros(len(payments), dtype=np.bool_)
    rows = risky_rows(tree, widths, payments)
    if any(not _owners(tree, row) for row in rows):
        return CellRounding(None, np.ones_like(troubled))
    coupled: set[int] = set()
    for members, own_rows in _components(tree, rows):
        coupled.update(members)
        if not _solve(tree, payments, widths, (members, own_rows), steps, solver):
            troubled[members] = True
    for payment in np.flatnonzero(tree.reader.paid.ravel()).tolist():
        if payment not in coupled and not _largest_remainders(tree, payments, payment, steps):
            members = [payment]
            if not _solve(tree, payments, widths, (members, []), steps, solver):
                troubled[members] = True
    return CellRounding(None if troubled.any() else steps, troubled)


def _owners(tree: Tree, row: IntegerRow) -> set[int]:
    cells = row.cells if row.shared is None else np.concatenate([row.cells, row.shared.cells])
    owners = set(tree.owner(cells).tolist())
    return {g for g in owners if tree.reader.open_count[g] > 1}


def _components(tree: Tree, rows: list[IntegerRow]) -> list[tuple[list[int], list[IntegerRow]]]:
    """Payments that rows hold together, with those rows."""
    owners = [sorted(_owners(tree, row)) for row in rows]
    involved = sorted({g for own in owners for g in own})
    if not involved:
        return []
    position = {g: k for k, g in enumerate(involved)}
    left = [position[own[0]] for own in owners for _ in own]
    right = [position[g] for own in owners for g in own]
    labels = connected(left, right, len(involved)).tolist()
    members: list[tuple[list[int], list[IntegerRow]]] = [([], []) for _ in range(max(labels) + 1)]
    for g, label in zip(involved, labels, strict=True):
        members[label][0].append(g)
    for row, own in zip(rows, owners, strict=True):
        members[labels[position[own[0]]]][1].append(row)
    return members


def _solve(
    tree: Tree,
    payments: Whole,
    widths: Widths,
    component: tuple[list[int], list[IntegerRow]],
    steps: Whole,
    solver: Solver,
) -> bool:
    members, rows = component
    built = TreeStage(tree, payments)
    for g in members:
        built.add_cells(g, widths.cells, ranked=True)
    for row in rows:
        built.add_row(row)
    offsets = built.stage.solve(solver)
    if offsets is None:
        return False
    for cell, own in built.cell_columns.items():
        steps[cell] = int(tree.cells.floor[cell]) + sum(int(offsets[j]) for j in own)
    return True


def _largest_remainders(tree: Tree, payments: Whole, payment: int, steps: Whole) -> bool:
    """A payment that no row couples: the largest remainders go up, ties in the order of uses."""
    cells = tree.open_cells(payment)
    if len(cells) == 1:
        steps[cells[0]] = payments[payment]
        return True
    floor, beyond = tree.cells.floor[cells], tree.cells.beyond[cells]
    extra = int(payments[payment] - floor.sum())
    if not 0 <= extra <= int((beyond > 0).sum()):
        return False
    order = np.lexsort((np.arange(len(cells)), -beyond))
    steps[cells] = floor
    steps[cells[order[:extra]]] += 1
    return True
