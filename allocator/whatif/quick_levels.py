"""Level 1 of one scenario's changes, quickly: what bounds it and its neighbourhood is known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.amount_program import AmountProgram
from allocator.problem import Problem
from solvers.bottlenecks import renamed
from solvers.levels import Levels
from solvers.quick_leximin import QuickLeximin
from solvers.solution import Solver, SolverError

AROUND, SPREAD = 24, 0.05
"""Scenarios around the present one that are solved beforehand, and how far their entitlements scatter."""


class QuickLevels:
    """Solves programs of level 1 that differ a little from a scenario's own."""

    def __init__(self, own: AmountProgram, problem: Problem, present: Levels | None, solver: Solver) -> None:
        """`present` is the scenario's own optimum, if it has one."""
        self.own, self.solver = own, solver
        self._own = self._informed(problem, present)
        self._others: dict[tuple[int, int], QuickLeximin] = {}

    def of(self, first: AmountProgram) -> Levels:
        """The optimum; raises what `leximin` raises."""
        shape = first.program.rows, first.program.columns
        if shape == (self.own.program.rows, self.own.program.columns):
            return self._own.solve(first.program, first.departures)
        if shape not in self._others:
            known = renamed(self._own.kept, self.own.program, first.program)
            self._others[shape] = QuickLeximin(self.solver, known)
        return self._others[shape].solve(first.program, first.departures)

    def forget(self) -> None:
        """Forgets the changes that were solved, so that later ones do not depend on them."""
        self._others.clear()
        self._own.forget()

    def _informed(self, problem: Problem, present: Levels | None) -> QuickLeximin:
        """Knows what bounds the scenario and some around it: the same ones every time."""
        quick, own = QuickLeximin(self.solver), self.own
        if present is not None:
            quick.learn(own.program, own.departures, present)
        random, entitlement = np.random.default_rng(0), problem.entitlement
        for _ in range(AROUND):
            drawn = entitlement * np.exp(SPREAD * random.standard_normal(entitlement.shape))
            total = np.maximum(drawn.sum(axis=0), np.finfo(np.float64).tiny)
            near = problem.entitled(drawn * entitlement.sum(axis=0) / total)
            try:
                quick.solve(own.program, aimed(own, near).departures)
            except SolverError:
                break
        quick.keep()
        return quick


def aimed(first: AmountProgram, problem: Problem) -> AmountProgram:
    """The same program with departures from another entitlement."""
    targets = problem.entitlement.ravel()[first.groups] / first.unit
    return replace(first, departures=replace(first.departures, targets=targets, scales=targets))
