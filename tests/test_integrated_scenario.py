"""inner-mongolia-2025-integrated: integrated money, pilots by year, pooling, forbidden uses, farms."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from allocator.cli.main import run
from allocator.faults import BadInput
from allocator.load import load
from allocator.plan import solve
from allocator.verdict import judge

NAME = "inner-mongolia-2025-integrated"
NEGATIVE = (
    "financing_vehicles",
    "debt",
    "investment_funds",
    "unrelated_enterprises",
    "no_benefit_linkage",
)
"""七（一）: what the money must never pay for."""
POOLED = {
    "central_work_relief": {"industry", "infrastructure", "other_villages_infrastructure"},
    "central_state_farms": {"industry", "infrastructure", "supporting_infrastructure"},
    "central_forest_farms": {"industry", "infrastructure", "supporting_infrastructure"},
    "central_farmland": {"infrastructure", "other_villages_infrastructure", "supporting_infrastructure"},
    "regional_water": {"infrastructure", "other_villages_infrastructure"},
}
"""Stream that pilots may pool → what everybody else may use it for."""


@pytest.fixture(scope="module")
def plan():
    return load(NAME)


@pytest.fixture(scope="module")
def decided(plan):
    return solve(plan)


def uses_of(loaded, cells, stream, members):
    """Uses with a true cell of the stream in any of the counties."""
    found = cells[members, loaded.problem.stream_names.index(stream)].any(axis=0)
    return {name for name, own in zip(loaded.problem.use_names, found, strict=True) if own}


def permitted_to_all(loaded):
    return set(loaded.problem.use_names) - set(NEGATIVE)


def test_every_rule_is_kept_and_every_budget_handed_out(plan, decided):
    assert judge(plan.problem, plan.rows, decided.steps).holds
    for name, stream in plan.scenario.streams.items():
        assert decided.steps[:, plan.problem.stream_names.index(name)].sum() == stream.budget


@pytest.mark.parametrize(("year", "group", "size"), [(2025, "key_support", 10), (2023, "poverty_exit", 31)])
def test_pilots_of_the_year_pool_and_others_keep_to_the_direction(plan, decided, year, group, size):
    """六（一）: the 31 in the first three years, key-support counties in the last two."""
    loaded = plan if year == 2025 else load(NAME, [f"year={year}"])
    steps = decided.steps if year == 2025 else solve(loaded).steps
    pilots = loaded.counties.groups["pilot"]
    assert pilots.sum() == size
    assert (pilots == loaded.counties.groups[group]).all()
    assert (pilots == loaded.counties.groups["pilot_central"]).all()
    for stream, own in POOLED.items():
        assert uses_of(loaded, loaded.problem.open, stream, pilots) == permitted_to_all(loaded)
        assert uses_of(loaded, loaded.problem.open, stream, ~pilots) == own
        # and so it is paid: the mix spends pooled money on livelihood too
        assert "livelihood" in uses_of(loaded, steps > 0, stream, pilots)
        assert uses_of(loaded, steps > 0, stream, ~pilots) <= own
    assert judge(loaded.problem, loaded.rows, steps).holds


def test_nobody_pools_after_2025():
    loaded = load(NAME, ["year=2026", "rules.use_share_floor.floor=0.7"])
    assert not loaded.counties.groups["pilot"].any()
    everyone = np.ones(len(loaded.counties), dtype=np.bool_)
    for stream, own in POOLED.items():
        assert uses_of(loaded, loaded.problem.open, stream, everyone) == own


def test_a_pilot_outside_the_832_pools_regional_money_alone(tmp_path):
    """财农〔2021〕22号: 可利用地方各级财政资金. 赛罕区 as a regional key-support county is invented here."""
    folder = tmp_path / "plan"
    assert run(["init", str(folder), "--from", NAME]) == 0
    table = folder / "counties.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    (own,) = (row for row in rows if row["county"] == "赛罕区")
    own["key_support"] = "regional"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    loaded = load(folder)
    here = np.array([name == "赛罕区" for name in loaded.counties.names])
    assert loaded.counties.groups["pilot"].sum() == 11
    assert uses_of(loaded, loaded.problem.open, "regional_water", here) == permitted_to_all(loaded)
    assert uses_of(loaded, loaded.problem.open, "central_farmland", here) == POOLED["central_farmland"]


def test_forbidden_uses_are_refused(plan, decided):
    """七（一）: no cell is open, no stream may name one, and a table that pays for one is broken."""
    problem = plan.problem
    positions = [problem.use_names.index(use) for use in NEGATIVE]
    assert not problem.open[:, :, positions].any()
    with pytest.raises(BadInput, match="no use is permitted"):
        load(NAME, ["streams.regional_water.uses=[debt]"])
    water, roads = problem.stream_names.index("regional_water"), problem.use_names.index("infrastructure")
    pilot = int(np.flatnonzero(plan.counties.groups["pilot"])[0])
    for use in positions:
        steps = decided.steps.copy()
        steps[pilot, water, use] += 1
        steps[pilot, water, roads] -= 1
        broken = judge(problem, plan.rows, steps).broken
        assert [(row.rule, row.where) for row in broken] == [("permitted_use", "regional_water")]


def test_three_uses_share_the_cap(plan, decided):
    """三（一）: 非贫困嘎查村产业, 基础设施短板, 旗县乡村振兴规划相关项目, of bridging money."""
    tagged = {use for use, own in plan.scenario.uses.items() if "outside_poverty_villages" in own.tags}
    assert tagged == {"other_villages_industry", "other_villages_infrastructure", "revitalisation_plan"}
    uses = [plan.problem.use_names.index(use) for use in sorted(tagged)]
    bridging = [s for s, stream in enumerate(plan.problem.streams.values()) if stream.fund == "bridging"]
    money = decided.steps[:, bridging]
    assert (money[:, :, uses].sum(axis=(0, 1)) > 0).all()
    assert (10 * money[:, :, uses].sum(axis=(1, 2)) <= 3 * money.sum(axis=(1, 2))).all()


def test_seed_and_need_count_in_the_formula(plan):
    """四（二）: 造林良种使用率 for forest money, 实际需求; farms and forests where there are any."""
    used: dict[str, set[str]] = {}
    for part in plan.factors:
        used.setdefault(part.stream, set()).add(part.factor)
    assert {stream for stream, own in used.items() if "improved_seed" in own} == {"central_forest_farms"}
    assert {stream for stream, own in used.items() if "need" in own} == {
        "central_forest_farms", "central_state_farms", "central_farmland", "regional_water",
    }  # fmt: skip
    for group, counties in (("state_farms", 24), ("forest_farms", 36)):
        funded = plan.problem.open[:, plan.problem.stream_names.index(f"central_{group}")].any(axis=1)
        assert funded.sum() == counties
        assert (funded == np.array([value > 0 for value in plan.counties.numbers[group]])).all()


def test_a_copy_stands_by_itself(tmp_path, plan):
    """`init --from` writes what the scenario extends into it."""
    folder = tmp_path / "plan"
    assert run(["init", str(folder), "--from", NAME]) == 0
    copy = load(folder)
    assert copy.problem.formula == plan.problem.formula
    assert (copy.problem.open == plan.problem.open).all()
    assert [rule.id for rule in copy.scenario.rules] == [rule.id for rule in plan.scenario.rules]
