"""Checked values made into the cube: formula, mix, open cells, rows of every rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.counties import Counties
from allocator.faults import Fault
from allocator.formula.entitlement import StreamFormula, stream_formula
from allocator.formula.last_shares import last_share_faults
from allocator.formula.mix import county_mix, stream_mix
from allocator.groups import place_of
from allocator.input.county_table import refuse
from allocator.input.yaml_tree import Node
from allocator.loaded import Issued, Loaded
from allocator.notices import notices
from allocator.numbers import plain
from allocator.permitted import permitted
from allocator.problem import Problem
from allocator.scenario import Scenario
from allocator.text import Text


def assemble(
    scenario: Scenario,
    tree: Node,
    counties: Counties,
    issued: Issued,
    digests: Mapping[str, str],
) -> Loaded:
    """Everything that follows from the files; raises BadInput for faults of data and formulas."""
    streams, uses = sorted(scenario.streams), sorted(scenario.uses)
    mix, faults, said = county_mix(scenario, counties)
    formulas: dict[str, StreamFormula] = {}
    for name in streams:
        stream = scenario.streams[name]
        own: dict[int, Fraction] = {}
        for (i, s, _), amount in issued.items():
            if s == name:
                own[i] = own.get(i, Fraction(0)) + amount
        formulas[name], found = stream_formula(name, stream, scenario.formulas[stream.formula], counties, own)
        faults += found
    faults += last_share_faults(scenario, counties)
    adjustments, found = _adjustments(scenario, tree, counties, formulas)
    refuse(faults + found)
    usable = permitted(scenario, counties)
    eligible = np.array(
        [
            np.ones(len(counties), dtype=np.bool_)
            if scenario.streams[s].eligible == "all"
            else counties.groups[scenario.streams[s].eligible]
            for s in streams
        ]
    ).T.reshape(len(counties), len(streams))
    cells = {
        (i * len(streams) + streams.index(s)) * len(uses) + uses.index(u): amount
        for (i, s, u), amount in issued.items()
    }
    problem = Problem(
        year=scenario.year,
        step=Fraction(scenario.step),
        counties=counties,
        streams={s: scenario.streams[s] for s in streams},
        uses={u: scenario.uses[u] for u in uses},
        open=eligible[:, :, None] & usable,
        committed=cells,
        formula=tuple(tuple(formulas[s].amounts[i] for s in streams) for i in range(len(counties))),
        adjustment=adjustments,
        mix=stream_mix(mix, usable),
    )
    rows = {rule.id: tuple(rule.rows(problem)) for rule in scenario.rules}
    factors = sorted(
        (part for s in streams for part in formulas[s].factors), key=lambda f: (f.county, f.stream)
    )
    said += notices(scenario, problem, {s: formulas[s].over_advanced for s in streams})
    return Loaded(
        scenario,
        counties,
        problem,
        rows,
        tuple(factors),
        tuple(said),
        _totals(scenario, counties, issued),
        dict(digests),
        tree,
        issued,
    )


def _adjustments(
    scenario: Scenario,
    tree: Node,
    counties: Counties,
    formulas: Mapping[str, StreamFormula],
) -> tuple[tuple[tuple[Decimal, ...], ...], list[Fault]]:
    """δ by county and stream, each within its limit."""
    streams = sorted(scenario.streams)
    table = [[Decimal(0)] * len(streams) for _ in range(len(counties))]
    faults = []
    items = () if scenario.adjustments is None else scenario.adjustments.items
    for position, item in enumerate(items):
        i, s = counties.index[item.county], streams.index(item.stream)
        amount = formulas[item.stream].amounts[i]
        limit = scenario.adjustments.limit * amount if scenario.adjustments is not None else Decimal(0)
        if abs(item.amount) > limit:
            faults.append(
                Fault(
                    place_of(tree, "adjustments", "items", position, "amount"),
                    Text(
                        f"{counties.label(i)} 的调整 {plain(item.amount)} 超过上限 {limit:.2f}",
                        f"the adjustment {plain(item.amount)} of {counties.label(i)} "
                        f"exceeds its limit {limit:.2f}",
                    ),
                    Text("请减小调整或提高 adjustments.limit", "lower it, or raise adjustments.limit"),
                )
            )
        table[i][s] += item.amount
    return tuple(tuple(row) for row in table), faults


def _totals(scenario: Scenario, counties: Counties, issued: Issued) -> dict[str, object]:
    """Control totals, exact, as text."""

    def text(value: Fraction | Decimal) -> str:
        return plain(
            Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
        )

    by_stream = {
        s: text(sum((a for (_, name, _), a in issued.items() if name == s), Fraction(0)))
        for s in scenario.streams
    }
    columns = {
        c: text(sum((v for v in values if v is not None), Decimal(0)))
        for c, values in counties.numbers.items()
    }
    return {
        "counties": len(counties),
        "budget": {s: text(stream.budget) for s, stream in scenario.streams.items()},
        "budget_total": text(sum((s.budget for s in scenario.streams.values()), Decimal(0))),
        "committed": by_stream,
        "committed_total": text(sum(issued.values(), Fraction(0))),
        "columns": columns,
    }
