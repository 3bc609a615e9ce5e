"""The charts of a study: what was computed, as the data that the charts draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from matplotlib.figure import Figure

from allocator.names import number, percent
from allocator.text import Language, Text
from allocator.whatif.equity import Spread
from allocator.whatif.equity import finding as equity_finding
from allocator.whatif.global_indices import finding as indices_finding
from allocator.whatif.study import Study
from allocator.whatif.tornado import TornadoBar, TornadoSide
from allocator.whatif.uncertainty import finding as uncertainty_finding
from allocator.whatif.winners import Comparison
from allocator.whatif.winners import finding as winners_finding
from reports.charts import (
    breakpoints,
    equity,
    frontier,
    shapes,
    sobol,
    sweep,
    tiles,
    tornado,
    uncertainty,
    winners,
)
from reports.charts.style import Size, save
from reports.study.edges import PLACES, breakpoints_data, frontier_data, least, moves
from reports.study.sweeps import moved, sweep_data
from reports.study.titles import column_title, heading

Drawing = Callable[[], Figure]


def study_charts(study: Study, lang: Language, size: Size) -> Iterator[tuple[str, Drawing]]:
    """Name and drawing of every chart, in the order in which a meeting asks; drawn when called."""
    yield "tornado", partial(tornado.draw_tornado, _tornado(study), lang, size)
    for line in filter(moved, (*study.weights, *study.parameters)):
        name = line.path.removesuffix(".weight").replace("formulas.", "").replace("rules.", "")
        yield f"{line.kind}-{name}", partial(sweep.draw_sweep, sweep_data(study, line), lang, size)
        if line.kind == "weight" and len(study.loaded.counties.prefecture_members) > 1:
            data = sweep_data(study, line, prefectures=True)
            yield f"{line.kind}-{name}-prefectures", partial(sweep.draw_sweep, data, lang, size)
    if (edges := breakpoints_data(study)).parameters:
        yield "breakpoints", partial(breakpoints.draw_breakpoints, edges, lang, size)
    for one in study.frontiers:
        if moves(study, one):
            name = one.path.removeprefix("rules.")
            yield f"frontier-{name}", partial(frontier.draw_frontier, frontier_data(study, one), lang, size)
    yield "uncertainty", partial(uncertainty.draw_uncertainty, _uncertainty(study), lang, size)
    yield "sobol", partial(sobol.draw_sobol, _sobol(study), lang, size)
    yield "equity", partial(equity.draw_equity, _equity(study), lang, size)
    for comparison in study.winners.comparisons:
        name = comparison.against.replace("_", "-")
        yield f"winners-{name}", partial(winners.draw_winners, _winners(study, comparison), lang, size)
        yield f"map-{name}", _map(study, comparison, lang, size)


def _map(study: Study, one: Comparison, lang: Language, size: Size) -> Drawing:
    """The comparison on the scenario's own shapes, or as tiles where it names none."""
    loaded = study.loaded
    known, unit = loaded.counties, loaded.scenario.unit

    def change(i: int) -> float:
        before, after = float(one.before[i]), float(one.after[i])
        return after / before - 1 if before > 0 and i not in one.unknown else math.nan

    title = winners_finding(one, loaded.names)
    if loaded.shapes:
        subtitle = Text(
            "颜色为增减的百分比，变动最大的旗县标有名称", "Changes in percent; the largest are named"
        )
        areas = tuple(
            shapes.Area(loaded.names.county(i), change(i), loaded.shapes[code])
            for i, code in enumerate(known.codes)
        )
        data = shapes.ShapesData(heading(study, title, subtitle), unit, areas)
        return partial(shapes.draw_shapes, data, lang, size)
    rows = {
        name: [tiles.Tile(loaded.names.county(i), change(i)) for i in members.tolist()]
        for name, members in known.prefecture_members.items()
    }
    grid = tiles.TilesData(heading(study, title, tiles.NOTE), unit, tiles.ranked(rows))
    return partial(tiles.draw_tiles, grid, lang, size)


def draw(drawing: Drawing) -> dict[str, bytes]:
    """One chart as PNG and SVG."""
    return save(drawing())


def draw_svg(drawing: Drawing) -> bytes:
    """One chart as SVG."""
    return save(drawing(), ("svg",))["svg"]


def undrawn(study: Study) -> Text | None:
    """The sweeps and frontiers that move nothing and so have no chart; None where there are none."""
    titles = [line.title for line in (*study.weights, *study.parameters) if not moved(line)]
    rules = study.loaded.scenario.rule_by_id
    for one in study.frontiers:
        if not moves(study, one):
            rule, knob = rules[one.knob.rule].text, one.knob.title
            titles.append(Text(f"“{rule.zh}”的{knob.zh}（前沿）", f"{knob.en} of '{rule.en}' (frontier)"))
    if not titles:
        return None
    return Text(
        f"单独变动时不移动资金，因而不作图：{'、'.join(t.zh for t in titles)}",
        f"Moves no money by itself and has no chart: {', '.join(t.en for t in titles)}",
    )


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
        "每次只变一项：权重 ±5 个百分点，参数一档，预算和数据 ±5%；括号内为所取的值",
        "One at a time: weights ±5 points, parameters a step, budgets and data ±5%; settings in brackets",
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
        heading(study, title, _heads(study)),
        loaded.scenario.unit,
        before,
        after,
        groups=groups,
        groups_unit=unit,
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


def _winners(study: Study, one: Comparison) -> winners.WinnersData:
    names = study.loaded.names
    known = [i for i in range(len(study.loaded.counties)) if i not in one.unknown]

    def change(name: str, before: float, after: float) -> winners.Change:
        return winners.Change(name, round(float(before), PLACES), round(float(after), PLACES))

    counties = tuple(change(names.county(i), one.before[i], one.after[i]) for i in known)
    prefectures = tuple(change(p.name, p.before, p.after) for p in one.prefectures if p.counties)
    subtitle = Text("盟市合计与变动最大的旗县", "Prefectures, and the counties that change most")
    if len(prefectures) < 2:
        # One prefecture is the whole, which the title speaks of.
        prefectures, subtitle = (), Text("变动最大的旗县", "Counties that change most")
    head = heading(study, winners_finding(one, names), subtitle)
    return winners.WinnersData(head, study.loaded.scenario.unit, prefectures, counties)
