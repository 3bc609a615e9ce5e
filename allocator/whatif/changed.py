"""A changed scenario assembled from exact values: the slow way of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.assemble import assemble
from allocator.faults import BadInput, Fault, Place
from allocator.groups import place_of
from allocator.input.county_table import refuse
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.problem import rebudgeted
from allocator.scenario import Scenario
from allocator.text import Text
from allocator.variant import by_formula, regrouped, reweighted
from allocator.whatif.changes import Changes, parse_changes

MOST = Decimal("1.000000001")
"""Weights drawn as floats may exceed 1 by so little."""


def weights_in_effect(loaded: Loaded, changes: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """Weights of the formulas that changes turn, formula → factor → weight, adding up to 1.

    Empty where they turn none, or none that a formula could have.
    """
    own = {path: value for path, value in changes.items() if path.startswith("formulas.")}
    try:
        given = parse_changes(loaded, own).weights
    except (BadInput, ValueError):
        return {}
    if _bad_weights(given):
        return {}
    found = {}
    for formula, some in by_formula(given).items():
        factors = reweighted(loaded.scenario.formulas[formula], some)
        # where all are given and add up to less, shares are taken of what they add up to
        total = sum((factor.weight for factor in factors), Decimal(0))
        if total:
            found[formula] = {factor.factor: factor.weight / total for factor in factors}
    return found


def changed_scenario(loaded: Loaded, parsed: Changes) -> tuple[Loaded, NDArray[np.intp]]:
    """The changed scenario, and the positions of the counties that are left."""
    refuse(out_of_range(parsed))
    scenario = _scenario(loaded, parsed)
    changed = _figures(loaded, parsed)
    kept = np.array(
        [i for i, code in enumerate(loaded.counties.codes) if code not in parsed.dropped], dtype=np.intp
    )
    if parsed.dropped:
        refuse(_adjusted(loaded, parsed.dropped))
        scenario = _not_naming(scenario, frozenset(parsed.dropped))
        changed = _without(changed, kept)
    changed = assemble(scenario, changed.tree, changed.counties, changed.issued, changed.digests)
    return changed, kept


def out_of_range(parsed: Changes) -> list[Fault]:
    """Values that no file could hold."""
    numbers = {
        **{f"streams.{name}.budget": value for name, value in parsed.budgets.items()},
        **{f"columns.{column}": value for column, value in parsed.columns.items()},
        **{f"columns.{column}.{code}": value for (column, code), value in parsed.figures.items()},
    }
    faults = [
        fault(Place(path=path), f"不能为负，现为 {plain(value)}", f"must not be negative, got {plain(value)}")
        for path, value in numbers.items()
        if value < 0
    ]
    return faults + _bad_weights(parsed.weights)


def _bad_weights(weights: Mapping[tuple[str, str], Decimal]) -> list[Fault]:
    """Weights out of range, and formulas whose given weights exceed 1 together."""
    faults = []
    for formula, own in by_formula(weights).items():
        strange = {factor: weight for factor, weight in own.items() if not 0 <= weight <= MOST}
        faults += [
            fault(
                Place(path=f"formulas.{formula}.{factor}.weight"),
                f"权重须在 0 与 1 之间，现为 {plain(weight)}",
                f"a weight lies between 0 and 1, got {plain(weight)}",
            )
            for factor, weight in strange.items()
        ]
        total = sum(own.values(), Decimal(0))
        if total > MOST and not strange:
            zh, en = (
                f"所给权重之和为 {plain(total)}，超过 1",
                f"the weights given add up to {plain(total)}, more than 1",
            )
            faults.append(fault(Place(path=f"formulas.{formula}"), zh, en))
    return faults


def _scenario(loaded: Loaded, parsed: Changes) -> Scenario:
    scenario = loaded.scenario
    formulas = dict(scenario.formulas)
    for formula, given in by_formula(parsed.weights).items():
        formulas[formula] = reweighted(formulas[formula], given)
    streams = rebudgeted(scenario.streams, parsed.budgets)
    rules = dict(scenario.rule_by_id)
    for rule, key, value in parsed.turned:
        rules[rule] = rules[rule].turned(key, value, scenario.year)
    return scenario.model_copy(
        update={"formulas": formulas, "streams": streams, "rules": tuple(rules.values())}
    )


def _figures(loaded: Loaded, parsed: Changes) -> Loaded:
    counties = loaded.counties
    numbers, text = dict(counties.numbers), dict(counties.text)
    for column in {*parsed.columns, *(c for c, _ in parsed.figures)}:
        factor = parsed.columns.get(column, Decimal(1))
        values = [None if v is None else v * factor for v in numbers[column]]
        for (own, code), figure in parsed.figures.items():
            if own == column:
                values[counties.index[code]] = figure
        numbers[column] = tuple(values)
        text[column] = tuple("" if v is None else plain(v) for v in values)
    changed = replace(counties, numbers=numbers, text=text)
    if parsed.columns or parsed.figures:
        changed = regrouped(loaded, changed)
    return replace(loaded, counties=changed)


def _adjusted(loaded: Loaded, dropped: tuple[str, ...]) -> list[Fault]:
    """Adjustments by hand of counties that take no part: what the others give would go nowhere."""
    adjustments = loaded.scenario.adjustments
    return [
        Fault(
            place_of(loaded.tree, "adjustments", "items", position, "county"),
            Text(
                f"{item.county} 不参加分配，却有调整", f"{item.county} takes no part, yet has an adjustment"
            ),
            Text("请先去掉该调整", "remove the adjustment first"),
        )
        for position, item in enumerate(() if adjustments is None else adjustments.items)
        if item.county in dropped
    ]


def _not_naming(scenario: Scenario, dropped: frozenset[str]) -> Scenario:
    """The scenario with rules that no longer name counties that take no part."""
    rules = []
    for rule in scenario.rules:
        fewer = {
            key: selection.model_copy(
                update={"counties": tuple(c for c in selection.counties if c not in dropped)}
            )
            for key, selection in rule.selections().items()
            if selection.counties is not None
        }
        rules.append(rule.model_copy(update=fewer))
    return scenario.model_copy(update={"rules": tuple(rules)})


def _without(loaded: Loaded, kept: NDArray[np.intp]) -> Loaded:
    counties, keep = loaded.counties, kept.tolist()
    position = {old: new for new, old in enumerate(keep)}
    fewer = replace(
        counties,
        codes=tuple(counties.codes[i] for i in keep),
        names=tuple(counties.names[i] for i in keep),
        prefectures=tuple(counties.prefectures[i] for i in keep),
        text={c: tuple(v[i] for i in keep) for c, v in counties.text.items()},
        numbers={c: tuple(v[i] for i in keep) for c, v in counties.numbers.items()},
        groups={g: members[kept] for g, members in counties.groups.items()},
        lines=tuple(counties.lines[i] for i in keep) if counties.lines else (),
    )
    issued = {(position[i], s, u): a for (i, s, u), a in loaded.issued.items() if i in position}
    return replace(loaded, counties=fewer, issued=issued)
