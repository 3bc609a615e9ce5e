"""The same scenario with something changed: parameters, budgets, weights or figures of counties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from allocator.assemble import assemble
from allocator.counties import Counties
from allocator.groups import evaluate_groups
from allocator.input.county_table import refuse
from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.policy import Factor
from allocator.problem import rebudgeted
from allocator.scenario import Scenario

ONE = Decimal(1)
T = TypeVar("T")


def with_scenario(loaded: Loaded, scenario: Scenario) -> Loaded:
    """Everything that follows from a changed scenario; raises BadInput where its data do not fit."""
    return assemble(scenario, loaded.tree, loaded.counties, loaded.issued, loaded.digests)


def with_budgets(loaded: Loaded, budgets: Mapping[str, Decimal]) -> Loaded:
    """Other budgets, by stream."""
    streams = rebudgeted(loaded.scenario.streams, budgets)
    return with_scenario(loaded, loaded.scenario.model_copy(update={"streams": streams}))


def with_parameters(loaded: Loaded, changes: Sequence[tuple[str, str, Decimal]]) -> Loaded:
    """Other values of rules' parameters: (rule, key, value) for the scenario's year.

    Only the changed rules' rows are made anew: nothing else can depend on them.
    """
    scenario = loaded.scenario
    rules, rows = dict(scenario.rule_by_id), dict(loaded.rows)
    for rule, key, value in changes:
        rules[rule] = rules[rule].turned(key, value, scenario.year)
        rows[rule] = tuple(rules[rule].rows(loaded.problem))
    changed = scenario.model_copy(update={"rules": tuple(rules.values())})
    return replace(loaded, scenario=changed, rows=rows)


def with_weight(loaded: Loaded, formula: str, factor: str, weight: Decimal) -> Loaded:
    """Another weight of one factor; the others keep their proportions and add up to the rest."""
    scenario = loaded.scenario
    formulas = {**scenario.formulas, formula: reweighted(scenario.formulas[formula], {factor: weight})}
    return with_scenario(loaded, scenario.model_copy(update={"formulas": formulas}))


def reweighted(factors: Sequence[Factor], given: Mapping[str, Decimal]) -> tuple[Factor, ...]:
    """The factors with some weights given; the others keep their proportions and add up to the rest."""
    others = sum((f.weight for f in factors if f.factor not in given), Decimal(0))
    share = (ONE - sum(given.values(), Decimal(0))) / others if others else Decimal(0)
    return tuple(f.model_copy(update={"weight": given.get(f.factor, f.weight * share)}) for f in factors)


def by_formula(weights: Mapping[tuple[str, str], Decimal]) -> dict[str, dict[str, Decimal]]:
    """(formula, factor) → weight as formula → factor → weight."""
    found: dict[str, dict[str, Decimal]] = {}
    for (formula, factor), weight in weights.items():
        found.setdefault(formula, {})[factor] = weight
    return found


def with_figures(loaded: Loaded, figures: Mapping[tuple[int, str], Decimal]) -> Loaded:
    """Other figures in the county table, by (county, column); groups follow where they look at them."""
    counties = loaded.counties
    numbers, text = dict(counties.numbers), dict(counties.text)
    for (i, column), value in figures.items():
        if column in numbers:
            numbers[column] = _put(numbers[column], i, value)
        if column in text:
            text[column] = _put(text[column], i, plain(value))
    changed = replace(counties, numbers=numbers, text=text)
    looked_at = {column for group in loaded.scenario.groups.values() for column in group.where or {}}
    if looked_at & {column for _, column in figures}:
        changed = regrouped(loaded, changed)
    return assemble(loaded.scenario, loaded.tree, changed, loaded.issued, loaded.digests)


def regrouped(loaded: Loaded, counties: Counties) -> Counties:
    """A changed county table with the scenario's groups read anew; raises BadInput for an empty one."""
    groups, faults = evaluate_groups(loaded.scenario.groups, counties, loaded.tree)
    refuse(faults)
    return replace(counties, groups=groups)


def _put(values: tuple[T, ...], i: int, value: T) -> tuple[T, ...]:
    return (*values[:i], value, *values[i + 1 :])
