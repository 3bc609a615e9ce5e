"""The engine of every what-if: solves changed scenarios quickly, and slowly as a check.

The quick way keeps everything that a change cannot touch: shares of factors, linear rows, the
program, and which rows mattered. The slow way assembles the changed scenario from its files' values
and solves it cold, with nothing remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import AmountProgram, amount_program, linear_rows
from allocator.amounts import Amounts, LevelOne
from allocator.expression import LinearRow, Parts
from allocator.faults import AllocatorError, BadInput, Place
from allocator.input.county_table import refuse
from allocator.input.references import peer_columns
from allocator.input.yaml_tree import fault
from allocator.load import load
from allocator.loaded import Loaded
from allocator.optimum import level_one, silent
from allocator.problem import Problem
from allocator.row_map import row_map
from allocator.text import Text
from allocator.variant import by_formula, reweighted
from allocator.whatif.budget_slopes import BudgetSlopes
from allocator.whatif.changed import changed_scenario, out_of_range
from allocator.whatif.changes import Changes, parse_changes
from allocator.whatif.float_formula import FloatFormula
from allocator.whatif.quick_levels import QuickLevels, aimed
from solvers.choose import make_solver
from solvers.conflict import elastic_rows
from solvers.solution import Infeasible, NotOptimal, SolverError

Status = Literal["solved", "infeasible", "failed"]
AGREEMENT = 1e-6
"""Largest difference of a payment between the quick and the slow way, as a part of all budgets."""
NOTHING = Text("", "")
STREAMS = Text("改动不能增减资金", "a change must not add or remove a stream")


@dataclass(frozen=True)
class Point:
    """One scenario of a sweep, solved, or the reason why not."""

    status: Status
    payments: NDArray[np.float64] | None = None
    """(n, S), in the unit; dropped counties have 0."""
    entitlement: NDArray[np.float64] | None = None
    """(n, S)"""
    largest_departure: float = float("nan")
    rules: tuple[str, ...] = ()
    """Rules that shape the result; where infeasible, those that fall short at the least."""
    why: Text = NOTHING
    """What went wrong where the status is `failed`."""

    @property
    def reason(self) -> str:
        """What went wrong, in English."""
        return self.why.en


class Engine:
    """Solves changes of one scenario; keep one for each process."""

    def __init__(self, source: str, sets: tuple[str, ...] = ()) -> None:
        self.source, self.sets = source, sets
        self.loaded = load(source, sets)
        self.one = LevelOne(self.loaded)
        self._parts: dict[bytes, Parts] = {}
        self._solver = make_solver("highs")
        self._budgets = BudgetSlopes(self.loaded, self.one.linear)

    @cached_property
    def base(self) -> Amounts:
        """The scenario as it is; raises Infeasible."""
        return self.one.under()

    @cached_property
    def present(self) -> Amounts | None:
        """The scenario as it is; None where it has no allocation."""
        try:
            return self.base
        except Infeasible:
            return None

    @cached_property
    def _formula(self) -> FloatFormula:
        return FloatFormula(self.loaded)

    @cached_property
    def _first(self) -> AmountProgram:
        """The scenario's own program."""
        return amount_program(self.loaded.problem, _flat(self.one.linear))

    @cached_property
    def _levels(self) -> QuickLevels:
        present = None if self.present is None else self.present.levels
        return QuickLevels(self._first, self.loaded.problem, present, self._solver)

    @cached_property
    def _threshold_columns(self) -> frozenset[str]:
        """Columns that decide who is in a group, or whose peer."""
        scenario = self.loaded.scenario
        return frozenset(c for g in scenario.groups.values() for c in g.where or {}) | peer_columns(scenario)

    def forget(self) -> None:
        """Starts afresh, so that what follows does not depend on what was solved before."""
        if "_levels" in self.__dict__:
            self._levels.forget()

    def solve(self, changes: Mapping[str, Any]) -> Point:
        """One point, quickly; an infeasible one says which rules fall short."""
        try:
            parsed = parse_changes(self.loaded, changes)
            refuse(out_of_range(parsed))
            return self._slow(parsed) if self._needs_files(parsed) else self._quick(parsed)
        except (BadInput, SolverError) as error:
            return Point("failed", why=_why(error))
        except ValueError:
            # floats do not fit: exact values say why, in both languages
            return self.cold(changes)

    def cold(self, changes: Mapping[str, Any]) -> Point:
        """The same point from the files' values, with nothing remembered."""
        try:
            return self._slow(parse_changes(self.loaded, changes))
        except (BadInput, SolverError, ValueError) as error:
            return Point("failed", why=_why(error))

    def checked(self, changes: Mapping[str, Any]) -> tuple[Point, bool]:
        """The point solved both ways: the quick one, or the cold one and False where they disagree."""
        point, cold = self.solve(changes), self.cold(changes)
        return (point, True) if self.agrees(point, cold) else (cold, False)

    def agrees(self, one: Point, two: Point) -> bool:
        """Whether two ways give the same point."""
        if one.status != two.status or one.payments is None or two.payments is None:
            return one.status == two.status
        total = float(sum(self.loaded.problem.budgets)) or 1.0
        return float(np.abs(one.payments - two.payments).max(initial=0.0)) <= AGREEMENT * total

    def _needs_files(self, parsed: Changes) -> bool:
        """Whether a change reaches what only files are judged by: groups, mix, shares, adjustments."""
        scenario = self.loaded.scenario
        if parsed.dropped or parsed.other or scenario.objective != "leximin":
            return True
        if scenario.adjustments is not None and scenario.adjustments.items:
            return True
        touched = {*parsed.columns, *(column for column, _ in parsed.figures)}
        checked = {getattr(rule, "not_below", None) for rule in scenario.rules}
        return bool(touched & (self._threshold_columns | checked)) or any(
            c.startswith("mix.") for c in touched
        )

    def _slow(self, parsed: Changes) -> Point:
        loaded = load(self.source, [*self.sets, *parsed.other]) if parsed.other else self.loaded
        changed, kept = changed_scenario(loaded, parsed)
        one = LevelOne(changed)
        try:
            found = one.under()
        except Infeasible:
            return Point("infeasible", rules=falling_short(changed, one.linear))
        shape = self.loaded.problem.shape[:2]
        if changed.problem.shape[1] != shape[1]:
            raise BadInput([fault(Place(path="streams"), *STREAMS)])
        payments, entitlement = np.zeros(shape), np.zeros(shape)
        payments[kept], entitlement[kept] = found.payments, changed.problem.entitlement
        return Point("solved", payments, entitlement, found.largest_departure, tuple(sorted(found.used)))

    def quick_program(self, changes: Mapping[str, Any]) -> AmountProgram:
        """The program of level 1 that the quick way solves."""
        return self._program(parse_changes(self.loaded, changes))[0]

    def _program(self, parsed: Changes) -> tuple[AmountProgram, Problem, Mapping[str, tuple[LinearRow, ...]]]:
        problem, columns = self._problem(parsed)
        linear, same = self._linear(parsed, problem, columns)
        paid = problem.entitlement > 0
        if same and bool((paid == (self.loaded.problem.entitlement > 0)).all()):
            return aimed(self._first, problem), problem, linear
        return amount_program(problem, _flat(linear)), problem, linear

    def _quick(self, parsed: Changes) -> Point:
        first, problem, linear = self._program(parsed)
        if first.impossible or first.crossed:
            return self._infeasible(problem, linear)
        try:
            levels = self._levels.of(first)
        except Infeasible:
            return self._infeasible(problem, linear)
        except NotOptimal:
            levels = level_one(first, "leximin", self._solver, silent)
        found = Amounts(first.payments(problem, levels.x), first, levels)
        return Point(
            "solved",
            found.payments,
            problem.entitlement,
            found.largest_departure,
            tuple(sorted(found.used)),
        )

    def _infeasible(self, problem: Problem, linear: Mapping[str, tuple[LinearRow, ...]]) -> Point:
        return Point("infeasible", rules=falling_short(replace(self.loaded, problem=problem), linear))

    def _problem(self, parsed: Changes) -> tuple[Problem, frozenset[str]]:
        """The problem with new budgets, figures and entitlement, and the columns that changed."""
        loaded = self.loaded
        index = loaded.counties.index
        columns: dict[str, NDArray[np.float64]] = {}
        numbers = dict(loaded.counties.numbers)
        figures: dict[str, list[tuple[int, Decimal]]] = {column: [] for column in parsed.columns}
        for (column, code), figure in parsed.figures.items():
            figures.setdefault(column, []).append((index[code], figure))
        for column, own in figures.items():
            factor = parsed.columns.get(column, Decimal(1))
            values = [None if v is None else v * factor for v in numbers[column]]
            for i, figure in own:
                values[i] = figure
            numbers[column] = tuple(values)
            columns[column] = np.array([np.nan if v is None else float(v) for v in values])
        weights = None
        if parsed.weights:
            weights = _renormalised(self.loaded, parsed.weights)
        budgets = {name: float(value) for name, value in parsed.budgets.items()} or None
        entitlement = self._formula.entitlement(weights, budgets, columns or None)
        problem = loaded.problem
        if parsed.budgets:
            problem = problem.rebudgeted(parsed.budgets)
        if columns:
            problem = replace(problem, counties=replace(problem.counties, numbers=numbers))
        return problem.entitled(entitlement), frozenset(columns)

    def _linear(
        self, parsed: Changes, problem: Problem, columns: frozenset[str]
    ) -> tuple[Mapping[str, tuple[LinearRow, ...]], bool]:
        """The rules' linear rows, and whether they are the scenario's own."""
        turned = {rule for rule, _ in parsed.parameters}
        rules = self.loaded.scenario.rule_by_id
        reading = {r.id for r in rules.values() if columns & set(r.county_columns())}
        groups_move = bool(((problem.entitlement > 0) != (self.loaded.problem.entitlement > 0)).any())
        if not (turned or reading or parsed.budgets or groups_move):
            return self.one.linear, True
        linear = dict(self.one.linear)
        for name, rule in rules.items():
            if name in turned:
                for (own, key), value in parsed.parameters.items():
                    rule = rule.turned(key, value, problem.year) if own == name else rule  # noqa: PLW2901
            if name in turned or name in reading:
                parts = None if groups_move else self._parts
                linear[name] = linear_rows(problem, {name: rule.rows(problem)}, parts)
            elif groups_move:
                linear[name] = linear_rows(problem, {name: self.loaded.rows[name]})
            elif parsed.budgets:
                linear[name] = self._budgets.shifted(name, parsed.budgets)
        return linear, False


def _why(error: Exception) -> Text:
    """What went wrong, in both languages as far as the error knows them."""
    if isinstance(error, AllocatorError):
        return Text(error.say("zh"), error.say("en"))
    if isinstance(error, SolverError):
        return Text(f"求解失败：{error}", str(error))
    return Text(f"数值不合：{error}", str(error))


def _flat(linear: Mapping[str, tuple[LinearRow, ...]]) -> tuple[LinearRow, ...]:
    return tuple(row for rows in linear.values() for row in rows)


def _renormalised(loaded: Loaded, weights: Mapping[tuple[str, str], Decimal]) -> dict[str, list[float]]:
    """Weights of the touched formulas: the named ones as given, the others in proportion."""
    formulas = loaded.scenario.formulas
    return {
        name: [float(factor.weight) for factor in reweighted(formulas[name], own)]
        for name, own in by_formula(weights).items()
    }


def falling_short(loaded: Loaded, linear: Mapping[str, tuple[LinearRow, ...]]) -> tuple[str, ...]:
    """Rules that fall short where the total shortfall is least."""
    rows = row_map(loaded, linear)
    solution = make_solver("highs").solve(elastic_rows(rows.first.program, rows.rows))
    slack = solution.values[rows.first.program.columns :].reshape(2, -1).sum(axis=0)
    short = {rows.rule_row[r][0] for r in rows.rows[slack > 1e-7].tolist()}
    return tuple(sorted(short | {rule for rule, _ in rows.impossible}))
