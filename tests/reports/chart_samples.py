"""One sample of each chart's data, with the 103 counties' names and made-up amounts."""

from __future__ import annotations

import csv
import random
from fractions import Fraction as F
from itertools import accumulate
from pathlib import Path

from allocator.shapes import Shape
from allocator.text import Text
from reports.charts import (
    breakpoints,
    compare,
    equity,
    frontier,
    shapes,
    sobol,
    style,
    sweep,
    tiles,
    tornado,
    uncertainty,
    winners,
)

COUNTIES = Path(__file__).parents[2] / "scenarios" / "inner-mongolia-2025" / "counties.csv"


def counties():
    """Names, prefectures, populations and made-up amounts of the 103 counties."""
    rng = random.Random(7)
    with COUNTIES.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["county"],
            row["prefecture"],
            int(row["population"]),
            round(rng.lognormvariate(7.3, 0.8) * (2 if row["key_support"] else 1)),
        )
        for row in rows
    ]


HEADINGS = """
tornado|产业占比和重点县倾斜系数决定了大部分调剂，其余杠杆合计不到三成|每个杠杆单独取低值和高值，其余不变；括号内为取值
Two levers, the industry share and the key-support weight, move most; all others less than a third
Each lever alone, set low and high, all else as it is; settings in brackets
sweep|产业占比下限升到 66% 以上，十个旗县的资金明显变化；超过 74% 无解|彩色为变动最大的十个旗县
Above an industry share of 66% ten counties change markedly; above 74% there is no plan
In colour the ten counties that move most, in grey the other 93
breakpoints|产业占比下限再提高 14.3 个百分点就无解，其余参数余地较大|每个参数单独变动，每条用自己的刻度
14.3 points more of industry share and there is no plan; the other parameters have room
Each parameter alone, each strip on its own scale
frontier|产业占比提到 66% 只需调剂 700 万元，之后代价翻倍|每一点都是一个可行方案
Up to 66% for industry costs 700 moved; after that the price doubles
Every point is a feasible plan
uncertainty|人口数据误差使三十个旗县的资金可能偏离一成以上|4,096 次抽样，按区间相对宽度排序
Errors in the population data may shift thirty counties by more than a tenth
4,096 draws, widest interval first
sobol|结果的不确定性一半来自产业占比，因素之间几乎没有交互|调剂资金总额的 Sobol 指数
Half of the uncertainty comes from the industry share; factors hardly interact
Sobol indices of the money moved
equity|规则使人均资金更均等：基尼系数由 0.552 降到 0.398|按农村人口排序的洛伦兹曲线
The rules even out money per head: Gini falls from 0.552 to 0.398
Lorenz curves over rural people
winners|东部盟市多得，西部盟市少得；净变化集中在二十个旗县|与上年相比
The east gains, the west loses; twenty counties carry most of the change
Against last year
tiles|八十个旗县变动在一成以内，增幅最大的在东部|各盟市内按增幅从高到低排列
Eighty counties change by less than a tenth; the largest gains are in the east
Within a prefecture from the largest gain to the largest loss
shapes|增加的旗县集中在北部边境，减少的集中在河套|颜色为增减的百分比
Gains lie along the northern border, losses in the river bend
Changes in percent
compare|103 个旗县金额不同：增加 5,120，减少 3,346 万元，数据更新的影响最大|征求意见稿 → 定稿
103 counties differ: gains of 5,120, losses of 3,346, most by newer data
Draft → final
""".strip().splitlines()


def heading(name):
    """The title and subtitle on the line that a chart's name begins, and on the next two in English."""
    row = next(row for row, line in enumerate(HEADINGS) if line.startswith(name + "|"))
    _, zh, sub_zh = HEADINGS[row].split("|")
    en, sub_en = HEADINGS[row + 1 : row + 3]
    source = Text(
        "内蒙古自治区2025年测算方案，示例数据", "Inner Mongolia 2025 example plan, illustrative data"
    )
    return style.Heading(Text(zh, en), Text(sub_zh, sub_en), source)


LEVERS = [
    tuple(both.split("|"))
    for line in """
产业发展占比下限|industry share, at least;国家重点帮扶县倾斜系数|weight of key-support counties
单县增幅上限|yearly growth, at most;单县降幅下限|yearly fall, at most
非贫困嘎查村占比上限|other villages' share, at most;人群因素权重|weight of people
农牧民收入因素权重|weight of rural income;政策因素权重|weight of policy
绩效因素权重|weight of performance;中央资金总额|central budget
自治区资金总额|regional budget;少数民族发展资金总额|ethnic development budget
以工代赈保底额|work-relief floor;监测对象权重|weight of monitored people
一县最低分配额|least amount for a county;脱贫县户均差距上限|gap between exit counties
取整单位|rounding step;提前下达比例|share paid in advance
盟市内部差距上限|gap within a prefecture;易地搬迁后续扶持占比|resettlement support share
项目库支撑系数|pipeline factor;绩效等次差距|gap between grades
""".strip().splitlines()
    for both in line.split(";")
]


def tornado_data():
    rng = random.Random(1)
    levers = []
    for number, (zh, en) in enumerate(LEVERS):
        size = 9000 / (number + 1) ** 1.1
        low, high = round(size * rng.uniform(0.5, 1)), round(size * rng.uniform(0.3, 1))
        levers.append(
            tornado.Lever(
                Text(zh, en),
                tornado.Side(f"{50 - number}%", None if number == 3 else low),
                tornado.Side(f"{60 + number}%", None if number in (0, 8) else high),
            )
        )
    return tornado.TornadoData(heading("tornado"), "万元", tuple(levers))


def sweep_data():
    rng = random.Random(2)
    values = tuple(round(0.40 + 0.02 * k, 2) for k in range(21))
    lines = []
    for name, _, _, amount in counties():
        slope, kink = rng.gauss(0, 0.35), rng.uniform(0.45, 0.7)
        amounts = [amount * (1 + slope * max(0, value - kink) * 4) for value in values]
        lines.append(
            sweep.Line(name, tuple(None if v > 0.745 else a for v, a in zip(values, amounts, strict=True)))
        )
    return sweep.SweepData(
        heading("sweep"),
        "万元",
        Text("产业发展占比下限", "industry share, at least"),
        True,
        values,
        0.6,
        tuple(lines),
        ((0.745, 0.8),),
    )


def breakpoints_data():
    def ranges(written):
        # Edges and what lies between them, in turn.
        parts = written.split()
        return tuple(
            breakpoints.Range(F(a), F(b), state)
            for a, state, b in zip(parts[::2], parts[1::2], parts[2::2], strict=False)
        )

    rows = (
        (0, True, "0 idle 0.5237 binding 0.7432 impossible 1", "0.6"),
        (1, False, "1 idle 1.2 binding 3", "2"),
        (2, True, "0 impossible 0.0183 binding 0.25 idle 0.5", "0.2"),
        (3, True, "0 impossible 0.01 binding 0.02 idle 0.03 binding 0.3", "0.29"),
        (4, True, "0 binding 0.2 idle 1", "0.2"),
        (12, False, "0 idle 310 binding 455 impossible 800", "300"),
        (14, False, "0 idle 99 binding 412 impossible 600", "100"),
        (15, True, "0 binding 1", "1"),
    )
    found = tuple(
        breakpoints.Parameter(Text(*LEVERS[i]), percent, ranges(parts), F(now))
        for i, percent, parts, now in rows
    )
    return breakpoints.BreakpointsData(heading("breakpoints"), "万元", found)


def frontier_data():
    points = ((0.52, 0.0), (0.6, 240.0), (0.66, 700.0), (0.70, 1500.0), (0.72, 2600.0), (0.7432, 5200.0))
    knees = (
        frontier.Spot(
            0.66, 700, Text("拐点一：66%，再高每点多调 200 万元", "Knee 1: 66%, then 200 more for each point")
        ),
        frontier.Spot(0.72, 2600, Text("拐点二：72%", "Knee 2: 72%")),
    )
    return frontier.FrontierData(
        heading("frontier"),
        "万元",
        frontier.Measure(Text("产业发展占比", "industry share"), "", True),
        frontier.Measure(Text("调剂资金", "money moved"), "万元"),
        points,
        knees,
        frontier.Spot(0.6, 240, Text("现方案 60%", "Present plan, 60%")),
    )


def uncertainty_data():
    rng = random.Random(3)
    found = []
    for name, _, _, amount in counties():
        spread = abs(rng.gauss(0, 0.08)) + 0.01
        middle = amount * (1 + rng.gauss(0, 0.02))
        found.append(
            uncertainty.Interval(
                name, middle * (1 - spread * rng.uniform(0.3, 1)), middle, middle * (1 + spread), amount
            )
        )
    chances = tuple(
        uncertainty.Chance(Text(*LEVERS[i]), p)
        for i, p in ((0, 1.0), (2, 0.83), (3, 0.41), (4, 0.22), (14, 0.035), (15, 0.0))
    )
    return uncertainty.UncertaintyData(heading("uncertainty"), "万元", tuple(found), chances)


def sobol_data():
    rng = random.Random(4)
    found = []
    for number, (zh, en) in enumerate(LEVERS[:11]):
        first = 0.5 * 0.55**number
        total, wide = first * 1.2 + 0.01, rng.uniform(0.01, 0.05)
        found.append(
            sobol.Factor(
                Text(zh, en),
                sobol.Index(first, first - wide, first + wide),
                sobol.Index(total, total - wide, total + wide),
            )
        )
    return sobol.SobolData(heading("sobol"), "万元", tuple(found), 8192)


def lorenz(amounts, people):
    order = sorted(range(len(people)), key=lambda i: amounts[i] / people[i])
    heads = list(accumulate((people[i] for i in order), initial=0))
    money = list(accumulate((amounts[i] for i in order), initial=0))
    return tuple((a / heads[-1], b / money[-1]) for a, b in zip(heads, money, strict=True))


def equity_data(groups=True):
    people = [row[2] for row in counties()]
    amounts = [row[3] for row in counties()]
    after = [
        amount * 0.7 + person * sum(amounts) / sum(people) * 0.3
        for amount, person in zip(amounts, people, strict=True)
    ]
    rows = (
        equity.GroupAmounts(Text("国家重点帮扶旗县", "national key-support"), 512.3, 640.1),
        equity.GroupAmounts(Text("脱贫旗县", "poverty-exit"), 380.2, 402.9),
        equity.GroupAmounts(Text("其他旗县", "others"), 96.4, 81.7),
    )
    return equity.EquityData(
        heading("equity"),
        "元/人" if groups else "",
        equity.Lorenz(Text("规则前", "before the rules"), lorenz(amounts, people), 0.552, 0.511),
        equity.Lorenz(Text("规则后", "after the rules"), lorenz(after, people), 0.398, 0.274),
        groups=rows if groups else (),
    )


def changes():
    rng = random.Random(5)
    return tuple(
        winners.Change(name, amount, amount + round(rng.gauss(0, 0.12) * amount))
        for name, _, _, amount in counties()
    )


def winners_data():
    of = {name: prefecture for name, prefecture, _, _ in counties()}
    sums = {prefecture: [0.0, 0.0] for prefecture in of.values()}
    for one in changes():
        sums[of[one.name]][0] += one.before
        sums[of[one.name]][1] += one.after
    return winners.WinnersData(
        heading("winners"), "万元", tuple(winners.Change(n, *s) for n, s in sums.items()), changes()
    )


def compare_data():
    causes = (
        ("两方案之差", "Difference", 5120.0, 3346.0),
        ("数据更新", "Data", 2310.0, 2310.0),
        ("权重调整", "Weights", 1480.0, 1480.0),
        ("规则和预算的变化", "Rules and budgets together", 2310.0, 536.0),
        ("取整", "Rounding", 3.0, 3.0),
    )
    found = tuple(compare.Cause(Text(z, e), up, down, up - down) for z, e, up, down in causes)
    note = Text("净额可以相加，增减不能。", "Nets add up, gains and losses do not.")
    return compare.CompareData(heading("compare"), "万元", found, changes(), note)


def relative(name, number):
    """A made-up relative change; every twentieth county had nothing before."""
    return float("nan") if number % 20 == 0 else random.Random(name).gauss(0, 0.06)


def tiles_data():
    rows = {}
    for number, (name, prefecture, _, _) in enumerate(counties()):
        rows.setdefault(prefecture, []).append(tiles.Tile(name, relative(name, number)))
    return tiles.TilesData(heading("tiles"), "万元", tiles.ranked(rows))


def shapes_data():
    areas = []
    for number, (name, _, _, _) in enumerate(counties()):
        row, column = divmod(number, 14)
        x, y = 98 + column * 1.8 + row * 0.3, 52 - row * 1.6
        outer = ((x, y), (x + 1.8, y), (x + 2.1, y - 1.6), (x + 0.3, y - 1.6), (x, y))
        areas.append(shapes.Area(name, relative(name, number), Shape(((outer,),))))
    return shapes.ShapesData(heading("shapes"), "万元", tuple(areas))


SAMPLES = {
    "tornado": (tornado.draw_tornado, tornado_data()),
    "sweep": (sweep.draw_sweep, sweep_data()),
    "breakpoints": (breakpoints.draw_breakpoints, breakpoints_data()),
    "frontier": (frontier.draw_frontier, frontier_data()),
    "uncertainty": (uncertainty.draw_uncertainty, uncertainty_data()),
    "sobol": (sobol.draw_sobol, sobol_data()),
    "equity": (equity.draw_equity, equity_data()),
    "equity_alone": (equity.draw_equity, equity_data(groups=False)),
    "winners": (winners.draw_winners, winners_data()),
    "tiles": (tiles.draw_tiles, tiles_data()),
    "shapes": (shapes.draw_shapes, shapes_data()),
    "compare": (compare.draw_compare, compare_data()),
}
