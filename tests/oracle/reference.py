"""The model of one scenario folder, the exact judge of any table, and the two levels of leximin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse

from .formula import entitlements, mixes
from .leximin import Infeasible, System, feasible, leximin
from .reading import Cell, Scenario, number, read, read_csv
from .rows import ZERO, Book, Row

__all__ = ["Infeasible", "Model", "judge", "judge_cells", "load", "ratable", "read_table", "solve"]

Table = dict[Cell, Fraction]


@dataclass
class Model:
    """Entitlements, cells and rows of a scenario."""

    sc: Scenario

    @cached_property
    def e(self) -> dict[tuple[str, str], Fraction]:
        """Return the positive entitlements; every other cell is fixed at zero."""
        return {k: v for k, v in sorted(entitlements(self.sc).items()) if v > 0}

    @cached_property
    def cells(self) -> list[Cell]:
        """List the cells that are decided."""
        return [(i, s, u) for i, s in self.e for u in sorted(self.sc.permitted(s))]

    @cached_property
    def rows(self) -> list[Row]:
        """Return the rows of the rules."""
        return Book(self.sc, frozenset(self.e)).rows()

    @cached_property
    def mix(self) -> dict[tuple[str, str], dict[str, Fraction]]:
        """Return the preferred mixes."""
        return mixes(self.sc)

    @cached_property
    def scale(self) -> Fraction:
        """Return the mean entitlement, by which the programs are scaled."""
        return sum(self.e.values(), ZERO) / max(1, len(self.e))

    def open_rows(self) -> list[tuple[Row, dict[Cell, Fraction], Fraction]]:
        """Return each row over the decided cells alone, what is committed moved to the right."""
        opened = set(self.cells)
        out = []
        for row in self.rows:
            done = sum((k * self.sc.committed.get(c, ZERO) for c, k in row.coef.items()), ZERO)
            out.append((row, {c: k for c, k in row.coef.items() if c in opened}, row.const - done))
        return out

    @cached_property
    def system(self) -> System:
        """Return budgets and rules in floating point: amounts over the mean, each row over its largest."""
        at = {c: j for j, c in enumerate(self.cells)}
        ub: list[tuple[dict[int, float], float]] = []
        eq: list[tuple[dict[int, float], float]] = []
        for s in sorted({s for _, s in self.e}):
            budget = self.sc.budget(s) / self.scale
            eq.append(({at[c]: 1.0 for c in self.cells if c[1] == s}, float(budget)))
        for row, coef, const in self.open_rows():
            target, sign = {"<=": (ub, 1), ">=": (ub, -1), "=": (eq, 1)}[row.sense]
            size = sign * max((abs(k) for k in coef.values()), default=Fraction(1))
            line = {at[c]: float(k / size) for c, k in coef.items()}
            target.append((line, float(const / size / self.scale)))
        return System(len(self.cells), *_matrix(ub, len(self.cells)), *_matrix(eq, len(self.cells)))

    def feasible(self) -> bool:
        """Tell whether any allocation, of any fineness, keeps every rule."""
        return feasible(self.system)


def _matrix(lines: list[tuple[dict[int, float], float]], n: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    matrix = sparse.lil_matrix((len(lines), n))
    for r, (line, _) in enumerate(lines):
        for j, k in line.items():
            matrix[r, j] = k
    return matrix.tocsr(), np.array([b for _, b in lines])


def load(folder: Path | str) -> Model:
    """Return the model of a scenario folder."""
    return Model(read(folder))


@dataclass
class Solution:
    """An optimum: X by county and stream, x by cell (None where level 2 was not asked), the levels."""

    x_county: dict[tuple[str, str], float]
    cells: dict[Cell, float] | None
    levels: list[float]
    levels2: list[float]


def solve(model: Model, level2: bool = True) -> Solution:
    """Compute leximin level 1 and, where asked, level 2."""
    keys = list(model.e)
    at = {k: r for r, k in enumerate(keys)}
    e = np.array([float(v / model.scale) for v in model.e.values()])
    member = np.array([at[i, s] for i, s, _ in model.cells], dtype=int)
    count = len(model.cells)
    total = sparse.csr_matrix((np.ones(count), (member, np.arange(count))), shape=(len(keys), count))
    point, levels = leximin(model.system, sparse.diags(1 / e) @ total, np.ones(len(keys)))
    amount = total @ point
    unit = float(model.scale)
    x_county = {k: float(amount[r] * unit) for k, r in at.items()}
    if not level2:
        return Solution(x_county, None, levels, [])
    fixed = model.system.pinned(total, amount)
    have = amount[member]
    used = np.flatnonzero(have > 1e-9)
    want = np.array([float(model.mix[i, s][u]) for i, s, u in model.cells])
    form = sparse.csr_matrix((1 / have[used], (np.arange(len(used)), used)), shape=(len(used), count))
    point, levels2 = leximin(fixed, form, want[used])
    cells = {c: float(v * unit) for c, v in zip(model.cells, point, strict=True)}
    return Solution(x_county, cells, levels, levels2)


def ratable(
    e: Mapping[str, float], lower: Mapping[str, float], upper: Mapping[str, float], budget: float
) -> dict[str, float]:
    """Return clip(λ e, lower, upper) that spends the budget: one stream with boxes alone."""

    def at(lam: float) -> dict[str, float]:
        return {i: min(max(lam * v, lower.get(i, 0.0)), upper.get(i, float("inf"))) for i, v in e.items()}

    low, high = 0.0, 1.0
    while sum(at(high).values()) < budget:
        high *= 2
        if high > 1e12:
            raise Infeasible("the ceilings are below the budget")
    if sum(at(0.0).values()) > budget:
        raise Infeasible("the floors are above the budget")
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if sum(at(mid).values()) < budget else (low, mid)
    return at(high)


def read_table(path: Path) -> list[tuple[Cell, Fraction]]:
    """Read an allocation.csv."""
    return [
        ((r["code"].strip(), r["stream"].strip(), r["use"].strip()), number(r["amount"]))
        for r in read_csv(path)
    ]


def judge(folder: Path | str | Model, table: Path) -> list[str]:
    """Judge an allocation.csv exactly; return what is broken, nothing where all is kept."""
    model = folder if isinstance(folder, Model) else load(folder)
    cells = read_table(table)
    twice = len(cells) - len({c for c, _ in cells})
    return ([f"table: {twice} cells stand twice"] if twice else []) + judge_cells(model, dict(cells))


def judge_cells(model: Model, table: Table) -> list[str]:
    """Judge a table of cells: budgets, eligibility, permitted uses, sign, step and every rule."""
    sc = model.sc
    broken = [line for cell, amount in sorted(table.items()) for line in _judge_cell(sc, cell, amount)]
    for s in sc.streams:
        spent = sum((v for c, v in table.items() if c[1] == s), ZERO)
        if spent != sc.budget(s):
            broken.append(f"budget {s}: {float(spent)} of {float(sc.budget(s))}")
    year = dict(sc.committed)
    for c, v in table.items():
        year[c] = year.get(c, ZERO) + v
    for row in model.rows:
        slack = row.slack(year)
        if slack < 0:
            broken.append(f"rule {row.rule} [{row.where}]: short by {float(-slack)}")
    return broken


def _judge_cell(sc: Scenario, cell: Cell, amount: Fraction) -> list[str]:
    i, s, u = cell
    where = f"{i}/{s}/{u}: {float(amount)}"
    if i not in sc.rows or s not in sc.streams or u not in sc.uses:
        return [f"unknown cell {where}"]
    faults = {
        "eligibility": bool(amount) and i not in sc.eligible(s),
        "permitted use": bool(amount) and u not in sc.permitted(s),
        "sign": amount < 0,
        "step": (amount / sc.step).denominator != 1,
    }
    return [f"{name} {where}" for name, wrong in faults.items() if wrong]
