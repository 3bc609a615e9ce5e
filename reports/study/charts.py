"""The charts of a study: what was computed, as the data that the charts draw."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from allocator.names import number, percent
from allocator.text import Language, Text
from allocator.whatif.equity import Spread
from allocator.whatif.equity import finding as equity_finding
from allocator.whatif.global_indices import finding as indices_finding
from allocator.whatif.study import Study
from allocator.whatif.tornado import TornadoBar, TornadoSide
from allocator.whatif.uncertainty import finding as uncertainty_finding
from reports.charts import breakpoints, equity, frontier, sobol, sweep, tornado, uncertainty, winners
from reports.charts.style import Size, save
from reports.study.comparisons import changed, map_drawing, unchanged, winners_data
from reports.study.edges import PLACES, breakpoints_data, frontier_data, least, moves
from reports.study.sweeps import moved, sweep_data
from reports.study.titles import Drawing, column_title, heading


def study_charts(study: Study, lang: Language, size: Size) -> Iterator[tuple[str, Drawing]]:
    """Name and drawing of every chart, in the order in which a meeting asks; drawn when called."""
    if (levers := _tornado(study)).levers:
        yield "tornado", partial(tornado.draw_tornado, levers, lang, size)
    for line in filter(moved, (*study.weights, *study.parameters)):
        name = line.path.removesuffix(".weight").replace("formulas.", "").replace("rules.", "")
        yield f"{line.kind}-{name}", partial(sweep.draw_sweep, sweep_data(study, line), lang, size)
        if line.kind == "weight" and len(study.loaded.counties.prefecture_members) > 1:
            data = sweep_data(study, line, prefectures=True)
            yield f"{line.kind}-{name}-prefectures", partial(sweep.draw_sweep, data, lang, size)
    if (edges := _breakpoints(study)).parameters:
        yield "breakpoints", partial(breakpoints.draw_breakpoints, edges, lang, size)
    for one in study.frontiers:
        if moves(study, one):
            name = one.path.removeprefix("rules.")
            yield f"frontier-{name}", partial(frontier.draw_frontier, frontier_data(study, one), lang, size)
    if (doubt := _uncertainty(study)).counties:
        yield "uncertainty", partial(uncertainty.draw_uncertainty, doubt, lang, size)
    if _indexed(study):
        yield "sobol", partial(sobol.draw_sobol, _sobol(study), lang, size)
    yield "equity", partial(equity.draw_equity, _equity(study), lang, size)
    for comparison in filter(changed, study.winners.comparisons):
        name = comparison.against.replace("_", "-")
        yield f"winners-{name}", partial(winners.draw_winners, winners_data(study, comparison), lang, size)
        yield f"map-{name}", map_drawing(study, comparison, lang, size)


def draw(drawing: Drawing) -> dict[str, bytes]:
    """One chart as PNG and SVG."""
    return save(drawing())


def draw_svg(drawing: Drawing) -> bytes:
    """One chart as SVG."""
    return save(drawing(), ("svg",))["svg"]


def undrawn(study: Study) -> Text | None:
    """What has no chart because nothing would be seen on it; None where there is no such thing."""
    said = []
    for why, own in ((_FLAT, _flat(study)), (_SAME, unchanged(study)), (_EMPTY, _empty(study))):
        if own:
            zh, en = "、".join(t.zh for t in own), ", ".join(t.en for t in own)
            said.append(Text(f"{why.zh}，因而不作图：{zh}", f"{why.en}: {en}"))
    return Text("；".join(t.zh for t in said), "; ".join(t.en for t in said)) if said else None


_FLAT = Text("单独变动时不移动资金", "Moves no money by itself and has no chart")
_SAME = Text("没有旗县增减", "No county gains or loses, hence no chart")
_EMPTY = Text("没有可画的内容", "Nothing to draw, hence no chart")


def _flat(study: Study) -> list[Text]:
    """Sweeps and frontiers that move nothing."""
    titles = [line.title for line in (*study.weights, *study.parameters) if not moved(line)]
    rules = study.loaded.scenario.rule_by_id
    for one in study.frontiers:
        if not moves(study, one):
            rule, knob = rules[one.knob.rule].text, one.knob.title
            titles.append(Text(f"“{rule.zh}”的{knob.zh}（前沿）", f"{knob.en} of '{rule.en}' (frontier)"))
    return titles


def _empty(study: Study) -> list[Text]:
    """Charts that would be empty, where the study has something that they could show."""
    known = (
        (Text("单项变动", "single changes"), bool(study.tornado) and not _tornado(study).levers),
        (Text("临界值", "breakpoints"), bool(study.breakpoints) and not breakpoints_data(study).parameters),
        (Text("不确定性", "uncertainty"), not _uncertainty(study).counties),
        (Text("全局指数", "global indices"), bool(study.indices.groups) and not _indexed(study)),
    )
    return [title for title, empty in known if empty]


def _breakpoints(study: Study) -> breakpoints.BreakpointsData:
    """The strips; parameters without a breakpoint are counted, and a unit is named where one has it."""
    data = breakpoints_data(study)
    unit = data.unit if any(one.unit for one in data.parameters) else ""
    return replace(data, unit=unit, absent=len(study.breakpoints) - len(data.parameters))


def _tornado(study: Study) -> tornado.TornadoData:
    names, threshold = study.loaded.names, least(study)

    def side(bar: TornadoBar, one: TornadoSide | None) -> tornado.Side:
        if one is None or one.status == "failed":
            return tornado.Side("", 0.0)
        return tornado.Side(bar.say(one.value, names), one.moved if one.status == "solved" else None)

    shown = [
        bar for bar in study.tornado if any(s.status != "solved" or s.moved > threshold for s in bar.sides)
    ]
    levers = tuple(tornado.Lever(bar.title, side(bar, bar.low), side(bar, bar.high)) for bar in shown)
    subtitle = Text(
        "每次只变一项：权重 ±5 个百分点（其余按比例调整），参数一档，预算和数据 ±5%；括号内为所取的值",
        "One at a time: weights ±5 points (the others in proportion), parameters a step, budgets and data "
        "±5%; settings in brackets",
    )
    unit = study.loaded.scenario.unit
    return tornado.TornadoData(heading(study, largest_effect(study), subtitle), unit, levers)


def largest_effect(study: Study) -> Text:
    """The lever that moves most money, in one sentence."""
    names = study.loaded.names
    bar = max(study.tornado, key=lambda one: one.reach, default=None)
    if bar is None or bar.reach <= least(study):
        return Text("单独变动任何一项都不在旗县间移动资金", "No single change moves money between counties")
    known = [(s, s.value > bar.present) for s in bar.sides if s.status == "solved"]
    side, up = max(known, key=lambda pair: pair[0].moved)
    value = bar.say(side.value, names)
    money = number(Fraction(round(side.moved, PLACES)), 0 if side.moved >= 100 else 1)
    of = Text("现值的 ", " of what it is") if bar.kind == "column" else Text(" ", "")
    en = bar.title.en
    return Text(
        f"影响最大的是{bar.title.zh}：{'升' if up else '降'}到{of.zh}{value}，"
        f"就有 {money} {names.unit}在旗县间调剂",
        f"{en[:1].upper()}{en[1:]} matters most: {'raised' if up else 'lowered'} to {value}{of.en}, "
        f"it moves {money} {names.unit} between counties",
    )


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
    draws = number(Fraction(found.doubt.draws))
    subtitle = Text(
        f"{draws} 次抽样：数据误差 {error}，权重上下约 5 个百分点；变动最大的旗县在前",
        f"{draws} draws: data errors {error}, weights about ±5 points; the most uncertain first",
    )
    title = uncertainty_finding(found)
    return uncertainty.UncertaintyData(
        heading(study, title, subtitle), loaded.scenario.unit, intervals, chances
    )


def _indexed(study: Study) -> bool:
    """Whether there are indices to draw: where too few samples have an allocation, all are zero."""
    return any(group.first or group.total for group in study.indices.groups)


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
    return sobol.SobolData(heading(study, indices_finding(found), subtitle), "", factors, found.used)


def _lorenz(name: Text, spread: Spread) -> equity.Lorenz:
    points = tuple((float(x), float(y)) for x, y in spread.curve)
    return equity.Lorenz(name, points, spread.gini, spread.theil)


def _equity(study: Study) -> equity.EquityData:
    found, loaded = study.equity, study.loaded
    before = _lorenz(Text("公式", "formula"), found.entitled)
    after = _lorenz(Text("规则之后", "after the rules"), found.paid)
    entitled, paid = found.entitled.group_per_head, found.paid.group_per_head
    known = [g for g in loaded.scenario.groups if math.isfinite(paid[g])]
    times, unit = _per_head(max((paid[g] for g in known), default=1.0), loaded.scenario.unit)
    groups = tuple(
        equity.GroupAmounts(loaded.names.group(g), entitled[g] * times, paid[g] * times) for g in known
    )
    title = equity_finding(replace(found, left_out=()), loaded.names)
    return equity.EquityData(
        heading(study, title, _heads(study)), unit if groups else "", before, after, groups=groups
    )


def _heads(study: Study) -> Text:
    """Whose heads are counted, and who is left out."""
    found, names = study.equity, study.loaded.names
    if found.population is None:
        said = Text("每个旗县按一人计", "Every county counts as one head")
    else:
        own = column_title(study.loaded, found.population)
        said = Text(f"人均按{own.zh}计", f"Heads: {own.en}")
    if not found.left_out:
        return said
    few = [names.county(i) for i in found.left_out[:3]]
    count = len(found.left_out)
    return Text(
        f"{said.zh}；未计没有人口数的 {count} 个旗县（{'、'.join(few)}{'等' if count > 3 else ''}）",
        f"{said.en}; {count} without people left out ({', '.join(few)}{', …' if count > 3 else ''})",
    )


def _per_head(largest: float, unit: str) -> tuple[float, str]:
    """A factor and a unit in which money per head is no small fraction."""
    if largest >= 1 or largest <= 0:
        return 1.0, unit
    if unit == "万元":
        return 10_000.0, "元"
    times = 1000 ** math.ceil(-math.log(largest, 1000))
    return float(times), f"{unit} / {times:,}"
