"""Breakpoints and frontiers of rules as the data that their charts draw."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from allocator.names import number, percent
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.breakpoints import Breakpoint
from allocator.whatif.frontier import Frontier
from allocator.whatif.study import Study
from reports.charts import breakpoints, frontier
from reports.study.titles import heading

APART = 0.08
"""Knees nearer to each other, or to the present value, than this part of the curve are named once."""
PLACES = 6
"""Decimals of money and of parameters: what is less is the noise of floating point."""
LEAST = 0.5
"""Money moved, in steps, from which on something moves."""


def least(study: Study) -> float:
    """Money from which on something moves."""
    return LEAST * float(study.loaded.problem.step)


def say(knob: Knob, value: float, unit: str) -> str:
    """A parameter's value to four decimals, as breakpoints are found: fewer could name the wrong side."""
    exact = Fraction(round(value, PLACES))
    if knob.form == "share":
        return percent(exact, 2)
    return f"{number(exact, 2)} {unit}" if knob.form == "money" else number(exact, 4)


def breakpoints_data(study: Study) -> breakpoints.BreakpointsData:
    """A strip for each parameter with a breakpoint, the one with the least room first."""
    edges = sorted((e for e in study.breakpoints if e.binds or e.impossible), key=_room)
    subtitle = Text(
        "每个参数单独变动，每条用自己的刻度，余地小的在前",
        "Each parameter alone, each strip on its own scale, the least room first",
    )
    rows = tuple(_ranges(study, edge) for edge in edges)
    return breakpoints.BreakpointsData(
        heading(study, _tightest(study, edges), subtitle), study.loaded.scenario.unit, rows
    )


def _room(edge: Breakpoint) -> float:
    """How far a parameter can be tightened, as a part of itself."""
    if edge.impossible is None:
        return float("inf")
    return abs(float(edge.impossible.value - edge.knob.value)) / (abs(float(edge.knob.value)) or 1.0)


def _tightest(study: Study, edges: list[Breakpoint]) -> Text:
    """The rule that can be tightened least before nothing fits."""
    if not edges or (last := edges[0].impossible) is None:
        return Text("任何单个参数收紧到底都有解", "No single parameter, however tight, leaves nothing")
    knob, unit = edges[0].knob, study.loaded.scenario.unit
    rule = study.loaded.scenario.rule_by_id[knob.rule].text
    now, to = (say(knob, float(v), unit) for v in (knob.value, last.value))
    beyond = Text("高于", "above") if knob.loosens < 0 else Text("低于", "below")
    return Text(
        f"余地最小的是“{rule.zh}”的{knob.title.zh}：现为 {now}，{beyond.zh} {to} 就无解",
        f"Least room: {knob.title.en} of '{rule.en}', now {now}; {beyond.en} {to} nothing fits",
    )


def _ranges(study: Study, edge: Breakpoint) -> breakpoints.Parameter:
    """The strip of one parameter, from its loosest to its tightest value of interest."""
    knob, now = edge.knob, float(edge.knob.value)
    rule, share = study.loaded.scenario.rule_by_id[knob.rule].text, knob.form == "share"
    known = [float(t.value) for t in (edge.binds, edge.impossible) if t is not None] + [now]
    margin = 0.25 * (max(known) - min(known)) or 0.1 * (abs(now) or 1.0)
    low, high = min(known) - margin, max(known) + margin
    low, high = low if knob.signed else max(low, 0.0), min(high, 1.0) if share else high
    loose, tight = (high, low) if knob.loosens > 0 else (low, high)
    ends = tight if edge.impossible is None else float(edge.impossible.value)
    # A rule that never binds does nothing up to where nothing is possible any more.
    never = ends if edge.binding == "never" else loose
    binds = never if edge.binds is None else float(edge.binds.value)
    ends = max(ends, binds) if knob.loosens < 0 else min(ends, binds)
    states: list[breakpoints.State] = ["idle", "binding", "impossible"]
    parts = [
        breakpoints.Range(min(a, b), max(a, b), state)
        for (a, b), state in zip(pairwise([loose, binds, ends, tight]), states, strict=True)
        if abs(a - b) > 1e-12
    ]
    parts = parts[::-1] if knob.loosens > 0 else parts
    name = Text(f"{rule.zh}·{knob.title.zh}", f"{rule.en}: {knob.title.en}")
    money, places = knob.form == "money", {"share": 2, "multiple": 4, "money": 2}[knob.form]
    unit = study.loaded.scenario.unit if money else ""
    return breakpoints.Parameter(name, share, tuple(parts), now, places, unit)


def moves(study: Study, one: Frontier) -> bool:
    """Whether tightening the goal costs anything; a flat curve is not worth a chart."""
    costs = [point.moved for point in one.points if point.status == "solved"]
    return max(costs) - min(costs) > least(study)


def frontier_data(study: Study, one: Frontier) -> frontier.FrontierData:
    """The curve of money away from the formula, counted from the present value."""
    knob, unit = one.knob, study.loaded.scenario.unit
    rule = study.loaded.scenario.rule_by_id[knob.rule].text
    solved = [point for point in one.points if point.status == "solved"]
    base = next((p.moved for p in solved if p.present), solved[0].moved)
    points = tuple((float(p.value), p.moved - base) for p in solved)
    now, last = say(knob, float(knob.value), unit), say(knob, points[-1][0], unit)
    more = points[-1][1]
    title = Text(
        f"“{rule.zh}”的{knob.title.zh}由 {now} 收紧到 {last}："
        f"偏离公式的资金{'增加' if more >= 0 else '减少'} {_money(more)} {unit}",
        f"{knob.title.en} of '{rule.en}' from {now} to {last}: "
        f"{_money(more)} {unit} {'more' if more >= 0 else 'less'} away from the formula",
    )
    subtitle = Text(
        f"现值下偏离公式的资金为 {_money(base)} {unit}；每一点都是一个解",
        f"{_money(base)} {unit} are away from the formula now; every point is a solved allocation",
    )
    goal = Text(f"“{rule.zh}”的{knob.title.zh}", f"{knob.title.en} of '{rule.en}'")
    return frontier.FrontierData(
        heading(study, Text(title.zh, title.en[:1].upper() + title.en[1:]), subtitle),
        unit,
        frontier.Measure(goal, unit if knob.form == "money" else "", knob.form == "share"),
        frontier.Measure(
            Text("偏离公式的资金，比现值增减", "money away from the formula, change"), unit, sign=True
        ),
        points,
        _knees(study, one, base),
        frontier.Spot(float(knob.value), 0.0, Text(f"现值 {now}", f"present {now}")),
    )


def _money(value: float) -> str:
    return number(Fraction(round(abs(value), PLACES)), 0 if abs(value) >= 10 else 1)


def _knees(study: Study, one: Frontier, base: float) -> tuple[frontier.Spot, ...]:
    """Knees, the sharpest first, without those too near to another mark to be told apart."""
    values = [float(point.value) for point in one.points if point.status == "solved"]
    apart = APART * (max(values) - min(values))
    taken, spots = [float(one.knob.value)], list[frontier.Spot]()
    for k in one.knees:
        value = float(one.points[k].value)
        if all(abs(value - other) > apart for other in taken):
            shown = say(one.knob, value, study.loaded.scenario.unit)
            name = Text(f"拐点 {shown}", f"knee {shown}")
            spots.append(frontier.Spot(value, one.points[k].moved - base, name))
            taken.append(value)
    return tuple(spots)
