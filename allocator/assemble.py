"""Checked values made into the cube: formula, mix, open cells, rows of every rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.counties import Counties
from allocator.county_table import refuse
from allocator.faults import Fault, Place
from allocator.formula import StreamFormula, stream_formula
from allocator.groups import place_of
from allocator.loaded import Issued, Loaded
from allocator.mix import county_mix, stream_mix
from allocator.notices import notices
from allocator.numbers import plain
from allocator.problem import Problem
from allocator.rules.use_share_floor import UseShareFloor
from allocator.scenario import Scenario
from allocator.text import Text
from allocator.yaml_tree import Node


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
    faults += _last_shares(scenario, counties)
    adjustments, found = _adjustments(scenario, tree, counties, formulas)
    refuse(faults + found)
    permitted = np.array(
        [
            [scenario.streams[s].uses == ("all",) or u in scenario.streams[s].uses for u in uses]
            for s in streams
        ],
        dtype=np.bool_,
    ).reshape(len(streams), len(uses))
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
        open=eligible[:, :, None] & permitted[None, :, :],
        committed=cells,
        formula=tuple(tuple(formulas[s].amounts[i] for s in streams) for i in range(len(counties))),
        adjustment=adjustments,
        mix=stream_mix(mix, permitted),
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


def _last_shares(scenario: Scenario, counties: Counties) -> list[Fault]:
    """Last year's shares lie between 0 and 1 and are equal within a prefecture."""
    faults = []
    for rule in scenario.rules:
        if not isinstance(rule, UseShareFloor) or rule.not_below is None:
            continue
        values = counties.numbers[rule.not_below]
        seen: dict[str, int] = {}
        for i, value in enumerate(values):
            line = counties.lines[i] if counties.lines else None
            place = Place(
                file=counties.file,
                line=line,
                path=f"rules.{rule.id}.not_below",
                county=counties.label(i),
                column=rule.not_below,
            )
            if value is not None and value > 1:
                faults.append(
                    Fault(
                        place,
                        Text(f"占比 {plain(value)} 大于 1", f"the share {plain(value)} exceeds 1"),
                        Text("请写成小数，例如 0.685 而不是 68.5", "write a decimal, 0.685 rather than 68.5"),
                    )
                )
            first = seen.setdefault(counties.prefectures[i], i)
            if rule.by == "prefecture" and value != values[first]:
                faults.append(
                    Fault(
                        place,
                        Text(
                            f"同一盟市的占比不一致，{counties.label(first)} 为 {values[first]}",
                            f"differs within the prefecture: {counties.label(first)} has {values[first]}",
                        ),
                        Text(
                            "同一盟市各旗县应填相同的值", "all counties of a prefecture carry the same value"
                        ),
                    )
                )
    return faults


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
