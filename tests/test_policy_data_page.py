"""The examples of docs/policy-data.md make one scenario, which loads, solves and answers as the page says."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocator.load import load
from allocator.plan import solve
from allocator.problem import BASES
from allocator.rules import KINDS
from allocator.verdict import judge
from allocator.whatif.reading_subjects import choices

PAGE = Path(__file__).resolve().parent.parent / "docs" / "policy-data.md"
COUNTIES = """\
code,county,prefecture,people,integration,key_support,evaluation,peer,plan_quality,asset_returns,money_management
650101,甲县,天山地区,120,1,national,95,脱贫,3,2,1
650102,乙县,天山地区,200,1,,82,脱贫,1,2,3
650103,丙县,天山地区,100,0,regional,71,其他,2,2,2
650201,丁县,昆仑地区,300,0,,88,其他,1,1,1
650202,戊县,昆仑地区,180,1,national,60,脱贫,2,1,2
650203,己县,昆仑地区,100,0,,82,其他,1,3,1
"""
"""Invented figures."""


def merged() -> dict[str, Any]:
    """All YAML blocks of the page in one document."""
    document: dict[str, Any] = {"name": "page", "year": 2024, "unit": "万元", "step": 1}
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for key, value in YAML(typ="safe").load(block).items():
            document[key] = document.get(key, {}) | value if isinstance(value, dict) else value
    return document


@pytest.fixture
def folder(tmp_path):
    with (tmp_path / "scenario.yaml").open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(merged(), out)
    (tmp_path / "counties.csv").write_text(COUNTIES, encoding="utf-8")
    return tmp_path


def test_it_loads_and_solves_in_each_of_its_years(folder):
    pilots = {}
    for year in (2024, 2025):
        loaded = load(folder, [f"year={year}"])
        pilots[year] = int(loaded.counties.groups["pilot"].sum())
        assert judge(loaded.problem, loaded.rows, solve(loaded).steps).holds
    assert pilots == {2024: 3, 2025: 3}
    earlier = load(folder, ["year=2023", "rules.use_share_floor.floor=0.6"])
    assert earlier.counties.groups["pilot"].tolist() == [True, True, False, False, True, False]


def test_the_added_factors_move_regional_money_alone(folder):
    """新财振〔2024〕1号 二（一）: 项目计划质量、资产运维效益、资金使用管理, for regional money only."""
    loaded = load(folder)
    by_stream: dict[str, set[str]] = {}
    for part in loaded.factors:
        by_stream.setdefault(part.stream, set()).add(part.factor)
    added = {"plan_quality", "asset_returns", "money_management"}
    assert added < by_stream["regional"]
    assert not added & (by_stream["central_relief"] | by_stream["water"])
    # 甲: 0.7 · 120/1000 + 0.1 · (3/10 + 2/11 + 1/10), of 2000, before the incentive
    share = Decimal("0.084") + Decimal("0.04") + Decimal("0.1") * 2 / 11
    parts = [p for p in loaded.factors if p.stream == "regional" and p.county == 0]
    own = sum(Decimal(p.amount) for p in parts if p.factor != "incentive")
    assert abs(own - 2000 * share) < Decimal("0.00001")


def test_ranks_inside_peer_groups_decide_rewards(folder):
    """95 > 82 > 60 and 88 > 82 > 71: the best of three is above 0.8, the last, at 1/3, above 0.2."""
    loaded = load(folder)
    shown = {
        p.county: p.value.partition(" → ")[2]
        for p in loaded.factors
        if p.stream == "regional" and p.factor == "incentive"
    }
    assert shown == {0: "0.1", 1: "0", 2: "0", 3: "0.1", 4: "0", 5: "0"}


def test_the_table_of_readings_is_complete(folder):
    text = PAGE.read_text(encoding="utf-8")
    for kind, rule in KINDS.items():
        for question in rule.questions:
            (row,) = [
                line
                for line in text.splitlines()
                if line.startswith("|") and f"`{kind}.{question.name}`" in line
            ]
            named = re.findall(r"`(\w+)`", row.split("|")[3])
            values = [value for reading in question.readings for value in reading.values.values()]
            assert named == values
    assert set(re.findall(r"`(\w+)`", text)) >= set(BASES)
    asked = {(c.owner, c.question.name) for c in choices(load(folder).scenario)}
    assert {("streams.central_relief", "pool"), ("streams.regional", "incentive")} < asked
    assert ("rules.use_share_floor", "alternatives") in asked


def test_a_reward_pool_is_cut_out_of_its_stream(folder):
    """正向激励: nobody is below the formula on what is left, and all pay for the pool."""
    turned = [f"streams.regional.incentive.{key}" for key in ("mode=reward", "cap=null", "pool=100")]
    none, pooled = (load(folder, sets) for sets in (["streams.regional.incentive=null"], turned))
    stream = none.problem.stream_names.index("regional")
    without = [amounts[stream] for amounts in none.problem.formula]
    found = [amounts[stream] for amounts in pooled.problem.formula]
    # 甲 and 丁 are the best of their peers; the pool is a twentieth of the stream
    for i, (before, after) in enumerate(zip(without, found, strict=True)):
        left = before * Decimal("0.95")
        assert after > before if i in (0, 3) else abs(after - left) < Decimal("0.00001")
    assert abs(sum(found) - sum(without)) < Decimal("0.00001")
