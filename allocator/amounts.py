"""Level 1 alone, again and again: under some of the rules, or with parameters turned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import AmountProgram, amount_program, linear_rows
from allocator.expression import LinearRow
from allocator.loaded import Loaded
from allocator.optimum import Optimum, level_one, silent
from allocator.program_builder import RowPlace
from allocator.variant import with_parameters
from solvers.choose import make_solver
from solvers.lazy import LazyLeximin
from solvers.levels import Levels
from solvers.refine import refine
from solvers.solution import Infeasible, Solver

REACHED = 1e-7
"""How near a payment must be to a bound to be at it, in program units."""


@dataclass(frozen=True)
class Amounts:
    """Who gets how much under some of the rules: the optimum of level 1."""

    payments: NDArray[np.float64]
    """(n, S), in the unit."""
    first: AmountProgram
    levels: Levels

    @cached_property
    def shaped(self) -> tuple[tuple[RowPlace, ...], ...]:
        """For each freeze, the rule rows whose prices are not zero in its round."""
        by_row: dict[int, list[RowPlace]] = {}
        by_column: dict[int, list[RowPlace]] = {}
        for place in self.first.places:
            if place.program_row >= 0:
                by_row.setdefault(place.program_row, []).append(place)
                continue
            reached = abs(place.bound - float(self.levels.x[place.column]))
            if reached <= REACHED * max(1.0, abs(place.bound)):
                by_column.setdefault(place.column, []).append(place)
        return tuple(
            tuple(
                [place for r in freeze.rows.tolist() for place in by_row.get(r, ())]
                + [place for j in freeze.columns.tolist() for place in by_column.get(j, ())]
            )
            for freeze in self.levels.freezes
        )

    @cached_property
    def tight(self) -> frozenset[tuple[str, int]]:
        """Rule rows (rule, number) that are met with nothing to spare."""
        x, program = self.levels.x, self.first.program
        activity = program.matrix @ x
        bounds = np.stack([program.row_lower, program.row_upper])
        near = np.abs(bounds - activity) <= REACHED * np.maximum(1.0, np.abs(bounds))
        reached = near.any(axis=0)
        return frozenset(
            (place.rule, place.number)
            for place in self.first.places
            if (
                reached[place.program_row]
                if place.program_row >= 0
                else abs(place.bound - x[place.column]) <= REACHED * max(1.0, abs(place.bound))
            )
        )

    @cached_property
    def used(self) -> frozenset[str]:
        """Rules without which some round could not be proved; the others change nothing."""
        return frozenset(place.rule for places in self.shaped for place in places)

    @cached_property
    def largest_departure(self) -> float:
        """Largest departure from an entitlement, as a share of it."""
        return float(self.first.departures.at(self.levels.x).max(initial=0.0))


class LevelOne:
    """Solves level 1 of one scenario under any of its rules, and remembers what it solved."""

    def __init__(
        self,
        loaded: Loaded,
        solver: Solver | None = None,
        linear: Mapping[str, tuple[LinearRow, ...]] | None = None,
    ) -> None:
        self.loaded = loaded
        self.solver = solver or make_solver("highs")
        self.linear = dict(linear or {})
        for rule, rows in loaded.rows.items():
            if rule not in self.linear:
                self.linear[rule] = linear_rows(loaded.problem, {rule: rows})
        self._known: dict[frozenset[str], Amounts] = {}
        self._shaping: set[str] = set()
        """Names of program rows that shaped an optimum."""

    @classmethod
    def of(cls, loaded: Loaded, found: Optimum) -> LevelOne:
        """Starts from an optimum under all the rules, and from the rows that it was solved with."""
        linear: dict[str, list[LinearRow]] = {rule: [] for rule in loaded.rows}
        for row in found.first.linear:
            linear[row.rule].append(row)
        one = cls(loaded, None, {rule: tuple(rows) for rule, rows in linear.items()})
        one.learn(found)
        return one

    def learn(self, found: Optimum) -> None:
        """Takes over an optimum under all the rules."""
        payments = found.first.payments(self.loaded.problem, found.first_levels.x)
        self._remember(found.first, found.first_levels)
        self._known[frozenset(self.linear)] = Amounts(payments, found.first, found.first_levels)

    def turned(self, changes: Sequence[tuple[str, str, Decimal]]) -> LevelOne:
        """The same with other values of rules' parameters."""
        changed = {rule for rule, _, _ in changes}
        kept = {rule: rows for rule, rows in self.linear.items() if rule not in changed}
        return LevelOne(with_parameters(self.loaded, changes), self.solver, kept)

    def under(self, rules: Collection[str] | None = None) -> Amounts:
        """The optimum under some of the rules (default: all); raises Infeasible.

        A rule that no proof of a known optimum uses can be left out without a new solve.
        """
        wanted = frozenset(self.linear if rules is None else rules)
        for known, amounts in self._known.items():
            if wanted <= known and amounts.used <= wanted:
                return amounts
        found = self._known[wanted] = self._solve(wanted)
        return found

    def _levels(self, first: AmountProgram, objective: str) -> Levels:
        """Level 1, with the rows first that shaped what was solved before."""
        if objective != "leximin" or not self._shaping:
            levels = level_one(first, objective, self.solver, silent)
        else:
            lazy = LazyLeximin(self.solver)
            lazy.pool = {r for r in range(first.program.rows) if first.program.row_name(r) in self._shaping}
            levels = lazy.solve(first.program, first.departures)
        self._remember(first, levels)
        return levels

    def _remember(self, first: AmountProgram, levels: Levels) -> None:
        for freeze in levels.freezes:
            self._shaping.update(first.program.row_name(r) for r in freeze.rows.tolist())

    def _solve(self, rules: frozenset[str]) -> Amounts:
        problem, objective = self.loaded.problem, self.loaded.scenario.objective
        rows = tuple(row for rule in self.linear if rule in rules for row in self.linear[rule])
        first = amount_program(problem, rows)
        if first.impossible or first.crossed:
            raise Infeasible("two bounds cross")
        levels = self._levels(first, objective)
        x = refine(first.program, first.departures, levels)
        return Amounts(first.payments(problem, x), first, levels)
