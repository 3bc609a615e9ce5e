"""The nearest value of one parameter, or the nearest budget, at which all the rules can be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from allocator.amount_program import linear_rows
from allocator.expression import LinearRow
from allocator.loaded import Loaded
from allocator.rules.base import Knob
from allocator.variant import with_parameters
from allocator.whatif.blocks import Block, Skeleton, stacked
from solvers.feasible import feasible_point
from solvers.nearest import Giving, nearest
from solvers.program import LinearProgram, Matrix, Vector, beside, largest_entries, sparse_rows
from solvers.solution import Infeasible, Solver

FAR = 1000
"""A multiple or amount is raised by this many times itself at most."""
PROBE = 1e-6
"""How far, relative to the value, slopes are read: nearer than any other limit that matters."""
KINK = 1e-9
"""Relative difference from which on a row does not follow its slope."""


@dataclass(frozen=True, slots=True)
class Way:
    """One parameter and where it can go: its value is knob.value + μ · unit, μ from 0 to `most`."""

    knob: Knob
    unit: Decimal
    most: float

    def value(self, mu: float) -> Decimal:
        """The value at μ."""
        if mu == self.most and self.knob.form == "share" and abs(self.unit) == 1:
            return Decimal(0) if self.unit < 0 else Decimal(1)
        return self.knob.value + self.unit * Decimal(repr(mu))


def way_of(knob: Knob) -> Way:
    """The way on which a parameter loosens: by 1 for each unit of μ."""
    unit = Decimal(knob.loosens)
    if knob.loosens < 0 and not knob.signed:
        return Way(knob, unit, float(knob.value))
    if knob.form == "share":
        return Way(knob, unit, float(1 - knob.value))
    return Way(knob, unit, float(max(abs(knob.value), Decimal(1)) * FAR))


class Nearest:
    """Finds nearest values for one scenario."""

    def __init__(self, loaded: Loaded, linear: Mapping[str, tuple[LinearRow, ...]], solver: Solver) -> None:
        self.loaded, self.linear, self.solver = loaded, linear, solver
        self.skeleton = Skeleton(loaded.problem)
        self.blocks = {rule: self.skeleton.block(rows) for rule, rows in linear.items()}

    def parameters(self, ways: Sequence[Way], others: Sequence[tuple[Knob, Decimal]] = ()) -> float | None:
        """The least μ at which the rules can be kept, all ways going together; None where none can.

        `others` are parameters that are set to other values meanwhile.
        """
        most = min(way.most for way in ways)
        if most <= 0:
            return None
        fixed = [(knob.rule, knob.key, value) for knob, value in others]
        mine = {way.knob.rule for way in ways}
        blocks = self._with(fixed)
        rest = self.skeleton.with_blocks(block for rule, block in blocks.items() if rule not in mine)
        program, giving = self._giving(ways, fixed, rest, most)
        return nearest(program, giving, most, self.solver)

    def feasible(self, values: Sequence[tuple[Knob, Decimal]] = ()) -> bool:
        """Whether all the rules can be kept with these values."""
        blocks = self._with([(knob.rule, knob.key, value) for knob, value in values])
        return feasible_point(self.skeleton.with_blocks(blocks.values()), self.solver) is not None

    def _with(self, changes: Sequence[tuple[str, str, Decimal]]) -> dict[str, Block]:
        """The rules' blocks with parameters changed."""
        if not changes:
            return dict(self.blocks)
        loaded = with_parameters(self.loaded, changes)
        changed = {rule for rule, _, _ in changes}
        return {
            rule: self.skeleton.block(linear_rows(loaded.problem, {rule: loaded.rows[rule]}))
            if rule in changed
            else block
            for rule, block in self.blocks.items()
        }

    def _giving(
        self,
        ways: Sequence[Way],
        fixed: Sequence[tuple[str, str, Decimal]],
        rest: LinearProgram,
        most: float,
    ) -> tuple[LinearProgram, Giving]:
        """The program with the ways' rules at the end, and how their rows ease.

        A row such as "no less than the year's floor or last year's share" eases only until the
        other limit holds: where a row does not follow its slope, its far end is a row of its own.
        """
        mine = list(dict.fromkeys(way.knob.rule for way in ways))
        near = min(most, PROBE * max(1.0, *(float(abs(way.knob.value)) for way in ways)))
        start, probe, end = (self._joined(mine, ways, fixed, mu) for mu in (0.0, near, most))
        sign = _signs(start.senses, ways[0].knob.loosens)
        growth, growth_bound = (probe.matrix - start.matrix) / near, (probe.bound - start.bound) / near
        off = largest_entries(start.matrix + most * growth - end.matrix)
        off += np.abs(start.bound + most * growth_bound - end.bound)
        kinked = np.flatnonzero(
            off > KINK * (1 + most) * (1 + np.abs(start.bound) + largest_entries(start.matrix))
        )
        halves = [">=" if s > 0 else "<=" for s in sign]
        oriented = Block(start.matrix, start.bound, tuple(halves))
        corner = Block(end.matrix[kinked], end.bound[kinked], tuple(halves[k] for k in kinked))
        program = stacked(rest, [oriented, corner])
        moving = np.flatnonzero((largest_entries(growth) > 0) | (growth_bound != 0))
        rows = rest.rows + moving
        return program, Giving(rows, sign[moving], growth[moving], growth_bound[moving])

    def _joined(
        self,
        rules: Sequence[str],
        ways: Sequence[Way],
        fixed: Sequence[tuple[str, str, Decimal]],
        mu: float,
    ) -> Block:
        """All rows of the ways' rules at μ, one rule after another."""
        changes = [*fixed, *((way.knob.rule, way.knob.key, way.value(mu)) for way in ways)]
        blocks = self._with(changes)
        every = stacked(_empty(self.skeleton.program), [blocks[rule] for rule in rules])
        senses = tuple(s for rule in rules for s in blocks[rule].senses)
        bound = np.where(np.isfinite(every.row_lower), every.row_lower, every.row_upper)
        return Block(every.matrix, bound, senses)

    def budget(self, stream: str, direction: int) -> float | None:
        """The least change of a stream's budget, in the unit; None where none helps."""
        problem, unit = self.loaded.problem, self.skeleton.unit
        changed = problem.rebudgeted({stream: problem.streams[stream].budget + 1})
        rows = {rule: linear_rows(changed, {rule: own}) for rule, own in self.loaded.rows.items()}
        growth = [np.zeros(self.skeleton.program.rows)]
        at = np.flatnonzero(self.skeleton.budget_rows == problem.stream_names.index(stream))
        if not len(at):
            return None
        growth[0][at] = 1.0 / unit
        growth += [self.skeleton.block(rows[rule]).bound - block.bound for rule, block in self.blocks.items()]
        column = sparse_rows([([0], [-v]) if v else ([], []) for v in np.concatenate(growth).tolist()], 1)
        program = self.skeleton.with_blocks(self.blocks.values())
        most = float(problem.budgets[problem.stream_names.index(stream)]) if direction < 0 else np.inf
        whole = replace(
            program,
            matrix=beside(program.matrix, Matrix(column * float(direction))),
            lower=np.append(program.lower, 0.0),
            upper=np.append(program.upper, most),
            cost=np.append(np.zeros(program.columns), 1.0),
        )
        try:
            return float(self.solver.solve(whole).values[-1])
        except Infeasible:
            return None


def _empty(program: LinearProgram) -> LinearProgram:
    """The program's columns without a row."""
    nothing = np.empty(0)
    return replace(program, matrix=sparse_rows([], program.columns), row_lower=nothing, row_upper=nothing)


def _signs(senses: Sequence[str], loosens: int) -> Vector:
    """1 where a row is read as ≥; an equation is the side that gives way, tight at the least μ."""
    return np.array([1.0 if s == ">=" or (s == "=" and loosens < 0) else -1.0 for s in senses])
