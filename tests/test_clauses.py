"""Clauses that a bundled scenario or a few lines of YAML express, as docs/coverage.md says of them."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from allocator.faults import BadInput
from allocator.load import load
from allocator.plan import solve
from allocator.verdict import judge

SCENARIOS = Path(__file__).parent.parent / "scenarios"
XINJIANG_ADDED = {"plan_quality", "asset_returns", "money_management"}


@pytest.fixture(scope="module")
def xinjiang():
    return load("xinjiang-2024")


@pytest.fixture(scope="module")
def xinjiang_decided(xinjiang):
    return solve(xinjiang)


def tutorial(tmp_path: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """A copy of the tutorial with parts of its YAML replaced and lines added at the end."""
    folder = tmp_path / "plan"
    shutil.copytree(SCENARIOS / "tutorial", folder)
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text + more, encoding="utf-8")
    return folder


def paid(loaded, steps, *, stream=None, use=None):
    """Money by county, of one stream or use where one is named."""
    streams = list(loaded.problem.streams)
    cells = steps[:, [streams.index(stream)] if stream else slice(None), :]
    cells = cells[:, :, [loaded.problem.use_names.index(use)] if use else slice(None)]
    return {
        code: int(own.sum()) * loaded.problem.step
        for code, own in zip(loaded.counties.codes, cells, strict=True)
    }


# 新财振〔2024〕1号


def test_xinjiang_keeps_every_rule_and_no_reserve(xinjiang, xinjiang_decided):
    """二（二）: nothing is kept back; every stream goes to counties to the last step."""
    assert judge(xinjiang.problem, xinjiang.rows, xinjiang_decided.steps).holds
    for name, stream in xinjiang.scenario.streams.items():
        assert sum(paid(xinjiang, xinjiang_decided.steps, stream=name).values()) == stream.budget


def test_xinjiangs_priorities_stand_in_every_county(xinjiang, xinjiang_decided):
    """一: industry before other work for incomes, and before infrastructure."""
    by_use = {
        use: paid(xinjiang, xinjiang_decided.steps, use=use)
        for use in ("industry", "income", "infrastructure")
    }
    for code, industry in by_use["industry"].items():
        assert industry >= max(by_use["income"][code], by_use["infrastructure"][code])


def test_xinjiangs_added_factors_are_the_regions_alone(xinjiang):
    """二（一）: 自治区衔接资金在原有分配因素基础上."""
    used: dict[str, set[str]] = {}
    for part in xinjiang.factors:
        used.setdefault(part.stream, set()).add(part.factor)
    assert used["regional_consolidation"] >= used["central_consolidation"] | XINJIANG_ADDED
    for stream in set(used) - {"regional_consolidation"}:
        assert not used[stream] & XINJIANG_ADDED


def test_xinjiang_rewards_and_deducts_to_zero(xinjiang):
    """四（三）: better ranks among counties of a kind never bring less, and all adds up to nothing."""
    parts = {p.county: p for p in xinjiang.factors if p.factor == "incentive"}
    assert {p.stream for p in parts.values()} == {"regional_consolidation"}
    amounts = {i: Decimal(p.amount) for i, p in parts.items()}
    assert sum(amounts.values()) == 0
    assert min(amounts.values()) < 0 < max(amounts.values())
    scores = xinjiang.counties.numbers["evaluation"]
    exited = xinjiang.counties.groups["poverty_exit"]
    for kind in (0, 1):
        ranked = sorted((scores[i], amounts[i]) for i in parts if exited[i] == kind)
        signs = [(amount > 0) - (amount < 0) for _, amount in ranked]
        assert signs == sorted(signs)
        assert len(set(signs)) == 3


def test_xinjiang_pools_until_2023_and_never_pays_for_the_negative_list(xinjiang):
    """二（二）, 二（三）."""
    income, forbidden = (xinjiang.problem.use_names.index(u) for u in ("income", "negative_list"))
    relief = list(xinjiang.problem.streams).index("central_work_relief")
    before = load("xinjiang-2024", ["year=2023"])
    assert not xinjiang.problem.open[:, relief, income].any()
    assert before.problem.open[:, relief, income].sum() == 32
    for loaded in (xinjiang, before):
        assert not loaded.problem.open[:, :, forbidden].any()


def test_xinjiangs_adjustments_are_bounded_balanced_and_reasoned(xinjiang):
    """二（一）: 可根据当年…工作重点进行适当调整."""
    adjusted = np.array(xinjiang.problem.adjustment)
    assert (adjusted.sum(axis=0) == 0).all()
    assert (adjusted != 0).sum() == 3
    limit = xinjiang.scenario.adjustments.limit
    assert (abs(adjusted) <= limit * np.array(xinjiang.problem.formula)).all()
    with pytest.raises(BadInput, match="adjustments"):
        load("xinjiang-2024", ["adjustments.limit=0.001"])


def test_xinjiangs_real_columns_are_the_published_ones(xinjiang):
    """Census of the region (published totals), 32 poverty-exit counties, 110 divisions."""
    numbers = xinjiang.counties.numbers
    assert len(xinjiang.counties.codes) == 110
    with (SCENARIOS / "xinjiang-2024" / "counties.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(int(row["population"]) for row in csv.DictReader(file)) == 25_852_345
    assert sum(numbers["rural_population"]) == 11_238_723
    assert sum(numbers["exit_population"]) == 3_089_000
    assert xinjiang.counties.groups["poverty_exit"].sum() == 32


# the other documents


def test_yangquan_divides_by_its_four_factors():
    """阳农局财字〔2024〕13号 一: people, income, policy, performance, for every stream alike."""
    scenario = load("yangquan-2024").scenario
    factors = scenario.formulas["factors"]
    assert [f.factor for f in factors] == ["population", "income", "policy", "performance"]
    assert set(factors[0].columns) == {"exit_population", "marginal_population"}
    assert {stream.formula for stream in scenario.streams.values()} == {"factors"}


def test_yangquan_never_pays_for_the_negative_list_or_duties_of_others():
    """阳农局财字〔2024〕13号 二, 三（四）: 负面清单; 地方履行的支出责任、配套资金."""
    problem = load("yangquan-2024").problem
    closed = [problem.use_names.index(use) for use in ("negative_list", "local_duties")]
    assert not problem.open[:, :, closed].any()
    assert problem.open.any()
    with pytest.raises(BadInput, match="no use is permitted"):
        load("yangquan-2024", ["streams.central_2.uses=[local_duties]"])


def test_each_departments_money_is_a_stream():
    """联动机制 二（二）3(1): 农业农村、统战（民宗）、林草 watch their own money."""
    streams = load("daxinganling-2026").scenario.streams.values()
    departments = {"农业农村": "consolidation", "统战民宗": "ethnic", "林草": "forest_farms"}
    for department, direction in departments.items():
        assert [s.direction for s in streams if department in s.title.zh] == [direction]
    assert all(stream.direction for stream in streams)


# clauses that take a few lines of YAML


def test_a_need_by_right_comes_first(tmp_path):
    """稳岗补助 (阳农局财字〔2024〕13号 二), 到户到人 (三（三）): a least amount of a use in a county."""
    rule = """
  - kind: linear
    id: by_right
    left: {uses: [other], counties: ["990102"]}
    sense: ">="
    plus: 90
"""
    loaded = load(tutorial(tmp_path, ("  - kind: use_share_floor", rule + "  - kind: use_share_floor")))
    allocation = solve(loaded)
    assert paid(loaded, allocation.steps, use="other")["990102"] >= 90
    assert paid(load("tutorial"), solve(load("tutorial")).steps, use="other")["990102"] < 90


def test_growth_of_a_group_is_a_least_amount(tmp_path):
    """总体增幅不低于…平均增幅 (财农〔2021〕22号): last year's money of the group times the growth of all."""
    group = {"990202": 180, "990203": 160}
    needed = Fraction(sum(group.values()) * 1000, 160 + 100 + 180 + 190 + 180 + 160)
    rule = f"""
  - kind: linear
    id: growth
    left: {{counties: ["990202", "990203"]}}
    sense: ">="
    plus: {float(needed):.6f}
"""
    loaded = load(tutorial(tmp_path, ("  - kind: use_share_floor", rule + "  - kind: use_share_floor")))
    before, after = (paid(one, solve(one).steps) for one in (load("tutorial"), loaded))
    assert sum(before[code] for code in group) < needed <= sum(after[code] for code in group)


def test_own_effort_is_judged_by_level(tmp_path):
    """本级衔接资金…总体稳定 (内政发〔2022〕9号 四（一）): counties' own money against last year's."""
    stream = "  own: {budget: 0, level: county, formula: main, source: county}\n"
    rule = """
  - kind: change_limits
    id: own_effort
    scope: {levels: county}
    column: own_last
    lower: 1
"""
    folder = tutorial(tmp_path, ("rules:\n", stream + "\nrules:\n"), more=rule)
    table = folder / "counties.csv"
    header, *rows = table.read_text(encoding="utf-8-sig").split()
    table.write_text("\n".join([f"{header},own_last", *(f"{row},20" for row in rows)]), encoding="utf-8")
    codes = load("tutorial").counties.codes
    for low, kept in ((20, True), (19, False)):
        own = [f"{code},own,industry,{low if code == '990103' else 20}" for code in codes]
        (folder / "committed.csv").write_text("\n".join(["code,stream,use,amount", *own]), encoding="utf-8")
        loaded = load(folder)
        verdict = judge(loaded.problem, loaded.rows, np.zeros(loaded.problem.open.shape, dtype=np.int64))
        broken = [row for row in verdict.rows if row.rule == "own_effort" and not row.holds]
        assert (not broken) == kept


def test_a_share_may_speak_of_one_direction(tmp_path):
    """项目管理费 within 1 % of one direction's money: a cap with a scope."""
    rule = """
  - kind: use_share_cap
    id: fee
    tag: fee
    by: county
    cap: 0.01
    scope: {directions: [consolidation]}
"""
    folder = tutorial(
        tmp_path,
        ("tags: []}", "tags: [fee]}"),
        (
            "budget: 1000, formula: main}",
            "budget: 900, formula: main, direction: consolidation}\n"
            "  relief: {budget: 100, formula: main, direction: work_relief}",
        ),
        more=rule,
    )
    loaded = load(folder)
    allocation = solve(loaded)
    streams = list(loaded.problem.streams)
    other = loaded.problem.use_names.index("other")
    grant, relief = (allocation.steps[:, streams.index(name), :] for name in ("grant", "relief"))
    assert (100 * grant[:, other] <= grant.sum(axis=1)).all()
    assert (100 * relief[:, other] > relief.sum(axis=1)).all()


def test_a_cap_may_bind_a_group_and_an_average_one_fund(tmp_path):
    """内政发〔2022〕9号 三（一）, 六（三）: which counties, which money."""
    rules = """
  - kind: use_share_cap
    tag: industry
    cap: 0.9
    scope: {group: poor}
  - kind: average_parity
    group: poor
    scope: {funds: integrated}
"""
    pooled = "  water: {budget: 300, formula: main, fund: integrated}\n"
    loaded = load(tutorial(tmp_path, ("rules:\n", pooled + "\nrules:\n"), more=rules))
    allocation = solve(loaded)
    verdict = judge(loaded.problem, loaded.rows, allocation.steps)
    assert verdict.holds
    assert sum(row.rule == "use_share_cap" and row.right > 0 for row in verdict.rows) == 2
    (average,) = (row for row in verdict.rows if row.rule == "average_parity")
    water = paid(loaded, allocation.steps, stream="water")
    poor = [water["990101"], water["990201"]]
    # two counties against four: Σ_poor no less than half of Σ_others
    assert (average.left, average.right) == (sum(poor), Fraction(sum(water.values()) - sum(poor), 2))


def test_a_floor_after_2025_has_to_be_named():
    """内政发〔2022〕9号 三（一）stops at 2025: no silent guess for 2026."""
    with pytest.raises(BadInput, match="2026"):
        load("inner-mongolia-2025", ["year=2026"])
    held = load("inner-mongolia-2025", ["year=2026", "rules.use_share_floor.floor=0.70"])
    assert held.scenario.rule_by_id["use_share_floor"].floor == Decimal("0.70")


def test_income_over_three_years_is_a_sum_of_columns(tmp_path):
    """三年平均收入: weights of a sum of columns; their scale does not matter to an inverse."""
    formula = "    - {factor: income, weight: 0.4, value: {one: 1, two: 1, three: 1}, as: inverse}\n"
    equal = "    - {factor: equal, title: {zh: 均等, en: equal part}, weight: 0.4, as: equal}\n"
    folder = tutorial(tmp_path, (equal, formula))
    table = folder / "counties.csv"
    header, *rows = table.read_text(encoding="utf-8-sig").split()
    years = [(100 + i, 110, 120 + 2 * i) for i in range(len(rows))]
    lines = [f"{row},{','.join(map(str, own))}" for row, own in zip(rows, years, strict=True)]
    table.write_text("\n".join([f"{header},one,two,three", *lines]), encoding="utf-8")
    inverse = [Fraction(3, sum(own)) for own in years]
    found = [Decimal(p.amount) for p in load(folder).factors if p.factor == "income"]
    for amount, own in zip(found, inverse, strict=True):
        assert abs(Fraction(amount) - 400 * own / sum(inverse)) < Fraction(1, 100_000)


def test_known_totals_of_the_region_are_recorded():
    """内蒙古自治区财政厅 2021: money of 2016–2020, which the size of budgets is compared with."""
    sources = (SCENARIOS / "inner-mongolia-2025" / "SOURCES.md").read_text(encoding="utf-8")
    assert "12 billion yuan" in sources
    assert "19.15 billion" in sources
    integrated = SCENARIOS / "inner-mongolia-2025-integrated" / "SOURCES.md"
    assert "73.98 亿元" in integrated.read_text(encoding="utf-8")
