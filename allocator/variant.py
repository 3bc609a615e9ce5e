"""The same scenario with something changed: parameters, budgets, weights or figures of counties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from allocator.assemble import assemble
from allocator.county_table import refuse
from allocator.groups import evaluate_groups
from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.scenario import Scenario

ONE = Decimal(1)
T = TypeVar("T")


def with_scenario(loaded: Loaded, scenario: Scenario) -> Loaded:
    """Everything that follows from a changed scenario; raises BadInput where its data do not fit."""
    return assemble(scenario, loaded.tree, loaded.counties, loaded.issued, loaded.digests)


def with_budgets(loaded: Loaded, budgets: Mapping[str, Decimal]) -> Loaded:
    """Other budgets, by stream."""
    scenario = loaded.scenario
    streams = {
        name: stream.model_copy(update={"budget": budgets[name]}) if name in budgets else stream
        for name, stream in scenario.streams.items()
    }
    return with_scenario(loaded, scenario.model_copy(update={"streams": streams}))


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
    factors = scenario.formulas[formula]
    others = sum((f.weight for f in factors if f.factor != factor), Decimal(0))
    share = (ONE - weight) / others if others else Decimal(0)
    turned = tuple(
        f.model_copy(update={"weight": weight if f.factor == factor else f.weight * share}) for f in factors
    )
    formulas = {**scenario.formulas, formula: turned}
    return with_scenario(loaded, scenario.model_copy(update={"formulas": formulas}))


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
        groups, faults = evaluate_groups(loaded.scenario.groups, changed, loaded.tree)
        refuse(faults)
        changed = replace(changed, groups=groups)
    return assemble(loaded.scenario, loaded.tree, changed, loaded.issued, loaded.digests)


def _put(values: tuple[T, ...], i: int, value: T) -> tuple[T, ...]:
    return (*values[:i], value, *values[i + 1 :])
