"""The charts of a study: what was computed, as the data that the charts draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise

from matplotlib.figure import Figure

from allocator.breakpoints import Breakpoint
from allocator.equity import Spread
from allocator.equity import finding as equity_finding
from allocator.frontier import Frontier
from allocator.global_indices import finding as indices_finding
from allocator.names import number, percent
from allocator.rules.base import Knob
from allocator.study import Study
from allocator.text import Language, Text
from allocator.tornado import TornadoBar, TornadoSide
from allocator.tornado import finding as tornado_finding
from allocator.uncertainty import finding as uncertainty_finding
from allocator.weight_sweep import LineSweep
from allocator.weight_sweep import finding as sweep_finding
from allocator.winners import Comparison
from allocator.winners import finding as winners_finding
from reports.charts import breakpoints, equity, frontier, sobol, sweep, tornado, uncertainty, winners
from reports.charts.style import Heading, Size, save

Drawing = Callable[[], Figure]
LEAST = 0.5
"""Money moved, in steps, from which on a lever is shown."""


def study_charts(study: Study, lang: Language, size: Size) -> Iterator[tuple[str, Drawing]]:
    """Name and drawing of every chart, in the order in which a meeting asks; drawn when called."""
    yield "tornado", partial(tornado.draw_tornado, _tornado(study), lang, size)
    for kind, lines in (("weight", study.weights), ("parameter", study.parameters)):
        for line in lines:
            name = line.path.removesuffix(".weight").replace("formulas.", "").replace("rules.", "")
            yield f"{kind}-{name}", partial(sweep.draw_sweep, _sweep(study, line), lang, size)
    yield "breakpoints", partial(breakpoints.draw_breakpoints, _breakpoints(study), lang, size)
    for one in study.frontiers:
        name = one.path.removeprefix("rules.")
        yield f"frontier-{name}", partial(frontier.draw_frontier, _frontier(study, one), lang, size)
    yield "uncertainty", partial(uncertainty.draw_uncertainty, _uncertainty(study), lang, size)
    yield "sobol", partial(sobol.draw_sobol, _sobol(study), lang, size)
    yield "equity", partial(equity.draw_equity, _equity(study), lang, size)
    for comparison in study.winners.comparisons:
        name = comparison.against.replace("_", "-")
        yield f"winners-{name}", partial(winners.draw_winners, _winners(study, comparison), lang, size)


def draw(drawing: Drawing) -> dict[str, bytes]:
    """One chart as PNG and SVG."""
    return save(drawing())


def _heading(study: Study, title: Text, subtitle: Text) -> Heading:
    scenario = study.loaded.scenario
    source = scenario.title.text(scenario.name)
    return Heading(
        title,
        subtitle,
        Text(f"{source.zh}；取整前，allocator 计算", f"{source.en}; before rounding, by allocator"),
    )


def _tornado(study: Study) -> tornado.TornadoData:
    names = study.loaded.names

    def side(bar: TornadoBar, one: TornadoSide | None) -> tornado.Side:
        if one is None:
            return tornado.Side("", 0.0)
        moved = None if one.status != "solved" or math.isnan(one.moved) else one.moved
        return tornado.Side(bar.say(one.value, names), moved)

    least = LEAST * float(study.loaded.problem.step)
    shown = [bar for bar in study.tornado if any(s.status != "solved" or s.moved > least for s in bar.sides)]
    levers = tuple(tornado.Lever(bar.title, side(bar, bar.low), side(bar, bar.high)) for bar in shown)
    subtitle = Text(
        "每次只变一项：权重±5个百分点，参数一档，预算和数据列±5%",
        "One at a time: weights ±5 points, parameters a step, budgets and columns ±5 %",
    )
    heading = _heading(study, tornado_finding(study.tornado, names), subtitle)
    return tornado.TornadoData(heading, study.loaded.scenario.unit, levers)


def _sweep(study: Study, line: LineSweep) -> sweep.SweepData:
    loaded = study.loaded
    lines = tuple(
        sweep.Line(
            loaded.names.county(i),
            tuple(None if math.isnan(v) else float(v) for v in line.counties[:, i]),
        )
        for i in range(len(loaded.counties))
        if loaded.problem.entitlement[i].sum() > 0
    )
    gaps = tuple((float(low), float(high)) for low, high, _ in line.impossible)
    subtitle = Text("各旗县金额；变动最大的标出名称", "Amounts by county; those that move most are named")
    shares = line.kind == "weight" or (line.knob is not None and line.knob.form == "share")
    return sweep.SweepData(
        _heading(study, sweep_finding(line, loaded), subtitle),
        loaded.scenario.unit,
        line.title,
        shares,
        tuple(float(v) for v in line.values),
        float(line.present),
        lines,
        gaps,
    )


def _breakpoints(study: Study) -> breakpoints.BreakpointsData:
    rows = tuple(_ranges(study, edge) for edge in study.breakpoints if edge.binds or edge.impossible)
    tight = [e for e in study.breakpoints if e.impossible is not None]
    subtitle = Text("每个参数单独变动，每条用自己的刻度", "Each parameter alone, each strip on its own scale")
    return breakpoints.BreakpointsData(
        _heading(study, _tightest(study, tight), subtitle), study.loaded.scenario.unit, rows
    )


def _tightest(study: Study, edges: list[Breakpoint]) -> Text:
    """The rule that can be tightened least before nothing fits."""
    if not edges:
        return Text("任何单个参数收紧到底都有解", "No single parameter, however tight, leaves nothing")

    def room(edge: Breakpoint) -> float:
        assert edge.impossible is not None
        return abs(float(edge.impossible.value - edge.knob.value)) / (abs(float(edge.knob.value)) or 1.0)

    edge = min(edges, key=room)
    assert edge.impossible is not None
    rule, names = study.loaded.scenario.rule_by_id[edge.knob.rule].text, study.loaded.names
    now, to = (edge.knob.say(Fraction(v), names) for v in (edge.knob.value, edge.impossible.value))
    return Text(
        f"余地最小的是“{rule.zh}”：{edge.knob.title.zh}现为 {now}，收紧到 {to} 就无解",
        f"Least room: {edge.knob.title.en} of '{rule.en}', now {now}; beyond {to} nothing fits",
    )


def _ranges(study: Study, edge: Breakpoint) -> breakpoints.Parameter:
    """The strip of one parameter, from its loosest to its tightest value of interest."""
    knob, now = edge.knob, float(edge.knob.value)
    rule = study.loaded.scenario.rule_by_id[knob.rule].text
    name = Text(f"{rule.zh}·{knob.title.zh}", f"{rule.en}: {knob.title.en}")
    known = [float(t.value) for t in (edge.binds, edge.impossible) if t is not None] + [now]
    margin = 0.25 * (max(known) - min(known)) or 0.1 * (abs(now) or 1.0)
    low, high = min(known) - margin, max(known) + margin
    low = low if knob.signed else max(low, 0.0)
    high = min(high, 1.0) if knob.form == "share" else high
    loose, tight = (high, low) if knob.loosens > 0 else (low, high)
    binds = loose if edge.binds is None else float(edge.binds.value)
    ends = tight if edge.impossible is None else float(edge.impossible.value)
    ends = max(ends, binds) if knob.loosens < 0 else min(ends, binds)
    stops = [loose, binds, ends, tight]
    states: list[breakpoints.State] = ["idle", "binding", "impossible"]
    parts = [
        breakpoints.Range(min(a, b), max(a, b), state)
        for (a, b), state in zip(pairwise(stops), states, strict=False)
        if abs(a - b) > 1e-12
    ]
    if knob.loosens > 0:
        parts.reverse()
    return breakpoints.Parameter(name, knob.form == "share", tuple(parts), now)


def _measure(knob: Knob, study: Study) -> frontier.Measure:
    unit = study.loaded.scenario.unit if knob.form == "money" else ""
    return frontier.Measure(knob.title, unit, knob.form == "share")


def _frontier(study: Study, one: Frontier) -> frontier.FrontierData:
    knob, names = one.knob, study.loaded.names
    rule = study.loaded.scenario.rule_by_id[knob.rule].text
    solved = [k for k, point in enumerate(one.points) if point.status == "solved"]
    points = tuple((float(one.points[k].value), one.points[k].moved) for k in solved)

    def say(value: float) -> str:
        return knob.say(Fraction(round(value, 6)), names)

    spots = tuple(
        frontier.Spot(
            *points[solved.index(k)],
            Text(f"拐点 {say(float(one.points[k].value))}", f"knee {say(float(one.points[k].value))}"),
        )
        for k in one.knees
    )
    now = float(knob.value)
    cost_now = next((p.moved for p in one.points if p.present), points[0][1])
    present = frontier.Spot(now, cost_now, Text(f"现值 {say(now)}", f"present {say(now)}"))
    last, unit = points[-1], study.loaded.scenario.unit
    most = number(Fraction(round(last[1] - cost_now)), sign=True)
    title = Text(
        f"“{rule.zh}”从 {say(now)} 收紧到 {say(last[0])}：偏离公式的资金{most} {unit}",
        f"'{rule.en}' from {say(now)} to {say(last[0])}: {most} {unit} more away from the formula",
    )
    cost = frontier.Measure(Text("偏离公式的资金", "money away from the formula"), unit)
    heading = _heading(study, title, Text("每一点都是一个解", "Every point is a solved allocation"))
    return frontier.FrontierData(heading, unit, _measure(knob, study), cost, points, spots, present)


def _uncertainty(study: Study) -> uncertainty.UncertaintyData:
    loaded, found = study.loaded, study.uncertainty
    intervals = tuple(
        uncertainty.Interval(
            loaded.names.county(i),
            float(found.low[i]),
            float(found.median[i]),
            float(found.high[i]),
            float(base),
        )
        for i, base in enumerate(found.base.tolist())
        if base > 0 and found.solved
    )
    rules = loaded.scenario.rule_by_id
    chances = tuple(uncertainty.Chance(rules[r].text, p) for r, p in found.binding.items())
    error = percent(Fraction(round(found.doubt.error, 4)))
    subtitle = Text(
        f"{found.doubt.draws} 次抽样：数据误差 {error}，权重上下约 5 个百分点；横线为 90% 区间",
        f"{found.doubt.draws} draws: data errors {error}, weights about ±5 points; 90 % intervals",
    )
    heading = _heading(study, uncertainty_finding(found), subtitle)
    return uncertainty.UncertaintyData(heading, loaded.scenario.unit, intervals, chances)


def _sobol(study: Study) -> sobol.SobolData:
    found = study.indices
    factors = tuple(
        sobol.Factor(
            g.title,
            sobol.Index(g.first, g.first - g.first_band, g.first + g.first_band),
            sobol.Index(g.total, g.total - g.total_band, g.total + g.total_band),
        )
        for g in found.groups
    )
    subtitle = Text("旗县间移动资金的 Sobol 指数", "Sobol indices of the money moved between counties")
    return sobol.SobolData(_heading(study, indices_finding(found), subtitle), "", factors, found.samples)


def _lorenz(name: Text, spread: Spread) -> equity.Lorenz:
    points = tuple((float(x), float(y)) for x, y in spread.curve)
    return equity.Lorenz(name, points, spread.gini, spread.theil)


def _equity(study: Study) -> equity.EquityData:
    found, names = study.equity, study.loaded.names
    before = _lorenz(Text("公式", "formula"), found.entitled)
    after = _lorenz(Text("规则之后", "after the rules"), found.paid)
    groups = tuple(
        equity.GroupAmounts(names.group(g), found.entitled.group_per_head[g], found.paid.group_per_head[g])
        for g in study.loaded.scenario.groups
        if math.isfinite(found.paid.group_per_head[g])
    )
    column = found.population or ""
    subtitle = Text(f"人均按“{column}”列", f"per head of {column}")
    heading = _heading(study, equity_finding(found, names), subtitle)
    unit = study.loaded.scenario.unit
    return equity.EquityData(heading, unit, before, after, groups=groups, groups_unit=unit)


def _winners(study: Study, one: Comparison) -> winners.WinnersData:
    names = study.loaded.names
    known = [i for i in range(len(study.loaded.counties)) if i not in one.unknown]
    counties = tuple(
        winners.Change(names.county(i), float(one.before[i]), float(one.after[i])) for i in known
    )
    prefectures = tuple(winners.Change(p.name, p.before, p.after) for p in one.prefectures)
    heading = _heading(
        study,
        winners_finding(one, names),
        Text("盟市合计与变动最大的旗县", "Prefectures, and the counties that change most"),
    )
    return winners.WinnersData(heading, study.loaded.scenario.unit, prefectures, counties)
