"""The legend of an .lp file: which names stand for which counties, streams, uses and rules."""

from __future__ import annotations

from allocator.amount_program import AmountProgram
from allocator.loaded import Loaded


def legend(loaded: Loaded, first: AmountProgram) -> list[str]:
    """Lines for the head of the file."""
    problem, scenario = loaded.problem, loaded.scenario
    unit = f"{first.unit:g} {scenario.unit}"
    lines = [
        f"{scenario.name}: {scenario.title.text().zh} / {scenario.title.text().en}",
        f"Amounts are in {unit}. First round of leximin: t is the largest departure from the formula.",
        "X.CODE.STREAM: payment to a county; x.CODE.STREAM.USE: part of it for a use.",
        "up.*, down.*: |X - entitlement| <= t * entitlement. RULE.N: row N of a rule, from 0.",
    ]
    lines += [f"stream {name}: {s.title.text(name).zh}" for name, s in problem.streams.items()]
    lines += [f"use {name}: {u.title.text(name).zh}" for name, u in problem.uses.items()]
    lines += [f"rule {rule.id}: {rule.text.zh} {rule.clause}".rstrip() for rule in scenario.rules]
    lines += [
        f"row {place.rule}.{place.number}: {loaded.rows[place.rule][place.number].where or '-'}"
        for place in first.places
        if place.program_row >= 0
    ]
    counties = loaded.counties
    lines += [f"county {counties.label(i)} ({counties.prefectures[i]})" for i in range(len(counties))]
    return lines
