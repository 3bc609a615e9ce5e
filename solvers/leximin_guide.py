"""A short cut for large programs: many local rounds of leximin at once.

Drop the few long rows that couple everything (budgets, averages): what is left falls into small
blocks, and its leximin, solved for all blocks side by side, bounds every block from below. If a
point of the whole keeps all block departures above τ as they are and every other departure at or
below τ, then the leximin optimum of the whole agrees with the blocks above τ: sorted downwards
and cut off at τ, no block can do better, and leximin over a union follows its parts. So those
departures are settled by one program instead of one round each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solvers.leximin_round import Departures, Freeze, State, components, hold
from solvers.program import Flags, Indices, LinearProgram, Vector

SHORTEST = 12
"""Rows up to this many columns are never dropped."""
LARGEST = 0.1
"""Largest block, as a share of the free columns."""


def short_rows(program: LinearProgram, state: State) -> tuple[Flags, Indices] | None:
    """Rows that stay within small blocks, (m), and the block of each column, (n), if there are any."""
    matrix = program.matrix
    lengths, uses = np.diff(matrix.indptr), np.diff(matrix.tocsc().indptr)
    free = np.flatnonzero(~state.fixed)
    whole = components(matrix[:, free])[program.rows :]
    if not len(free) or int(np.bincount(whole).max()) <= LARGEST * len(free):
        return None  # it falls apart by itself
    limit = float(max(lengths.max(initial=0), uses.max(initial=0)))
    while limit > SHORTEST:
        limit /= 1.5
        keep = (lengths <= limit) & ((abs(matrix) @ (uses > limit).astype(np.float64)) == 0)
        labels = components(matrix[keep][:, free])[int(keep.sum()) :]
        if int(np.bincount(labels).max()) <= LARGEST * len(free):
            block = np.full(program.columns, -1, dtype=np.intp)
            block[free] = labels
            return np.asarray(keep), block
    return None


def blocks_of(
    program: LinearProgram,
    departures: Departures,
    state: State,
    keep: Flags,
) -> tuple[LinearProgram, Departures]:
    """The relaxed program without long rows, and the departures still free in it."""
    active = np.flatnonzero(~state.frozen)
    row_lower, row_upper = hold(program.row_lower[keep], program.row_upper[keep], state.tight[keep])
    relaxed = replace(
        program,
        lower=np.where(state.fixed, state.x, program.lower),
        upper=np.where(state.fixed, state.x, program.upper),
        matrix=program.matrix[keep],
        row_lower=row_lower,
        row_upper=row_upper,
    )
    return relaxed, Departures(
        departures.columns[active], departures.targets[active], departures.scales[active]
    )


@dataclass
class Guide:
    """Block levels, and how far ahead the next attempt looks."""

    rows: Indices
    """Rows of the whole that the blocks keep."""
    active: Indices
    """Departures of the whole that the blocks speak of."""
    columns: Indices
    """Their columns."""
    scales: Vector
    x: Vector
    """The blocks' leximin point, (n)."""
    levels: Vector
    """Their departures there."""
    block: Indices
    """Block of each of them."""
    freezes: tuple[Freeze, ...]
    stride: int = 4
    failed: float = 0.0
    """Largest τ that failed since a block was last moved; below it nothing is tried again."""
    moved: int = 0
    """Blocks that coupling had moved when it failed."""

    def attempt(self, departures: Departures, state: State) -> tuple[State, float] | None:
        """A copy of the state with the next `stride` block levels settled, and the τ below them."""
        frozen = state.frozen[self.active]
        # a block that coupling has moved off its own optimum bounds nothing any more
        moved = frozen & (np.abs(state.x[self.columns] - self.x[self.columns]) > 1e-9 * self.scales)
        valid = ~frozen & ~np.isin(self.block, self.block[moved]) & (self.levels > 1e-9)
        if int(moved.sum()) != self.moved:
            self.failed, self.moved = 0.0, int(moved.sum())
        open_levels = np.unique(self.levels[valid])[::-1]
        open_levels = open_levels[: int((open_levels > self.failed).sum())]
        if len(open_levels) < 2:
            return None
        tau = float(open_levels[min(self.stride, len(open_levels) - 1)]) * (1 + 1e-9)
        trial = state.copy()
        chosen = (self.levels > tau) & valid
        columns = self.columns[chosen]
        trial.x[columns], trial.fixed[columns] = self.x[columns], True
        trial.frozen |= trial.fixed[departures.columns]
        for freeze in self.freezes:
            up, down = (self.active[part] for part in (freeze.up, freeze.down))
            settled = np.append(freeze.up, freeze.down)
            if freeze.level > tau and len(settled) and chosen[settled].all():
                rows = self.rows[freeze.rows]
                trial.tight[rows] = True
                trial.freezes.append(
                    Freeze(
                        freeze.level,
                        up,
                        down,
                        rows,
                        freeze.row_duals,
                        freeze.columns,
                    )
                )
        return trial, tau

    def learn(self, success: bool, tau: float) -> None:
        """Look further ahead after a success, less far after a failure."""
        self.stride = self.stride * 2 if success else max(1, self.stride // 4)
        if not success:
            self.failed = max(self.failed, tau)
