"""Tornado and line sweeps against scenarios that are loaded and solved afresh."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.variant import with_budgets, with_weight
from allocator.whatif import tornado as module
from allocator.whatif import weight_sweep as sweeping
from allocator.whatif.batch import cell, solve_points
from allocator.whatif.engine import Engine
from allocator.whatif.frontier import frontier
from allocator.whatif.tornado import tornado, tornado_rows
from allocator.whatif.weight_sweep import line_sweep_rows, parameter_sweep, weight_sweep
from solvers.solution import Infeasible
from tests.builders import YAML, write_scenario

NAMES = ("tutorial", "yangquan-2024")
CLOSE = 1e-5
IMPOSSIBLE = YAML.replace("lower: 0.8, upper: 1.02", "lower: 1.2, upper: 1.3")


@cache
def engine(name):
    return Engine(name)


@cache
def bars(name):
    return tornado(engine(name))


def amounts(loaded):
    return LevelOne(loaded).under().payments.sum(axis=1)


def afresh(name, bar, value):
    """Amounts of the changed scenario, by the way that a planner would change it."""
    loaded = load(name)
    owner, key = bar.path.split(".")[1:3] if bar.kind != "column" else ("", "")
    if bar.kind == "weight":
        return amounts(with_weight(loaded, owner, key, value))
    if bar.kind == "budget":
        return amounts(with_budgets(loaded, {owner: value}))
    return amounts(load(name, [f"{bar.path}={value}"]))


@pytest.mark.parametrize("name", NAMES)
def test_sides_equal_scenarios_solved_afresh(name):
    base, least = amounts(load(name)), float(load(name).problem.step) / 2
    kinds = set()
    for bar in bars(name):
        for side in bar.sides if bar.kind != "column" else ():
            change = afresh(name, bar, side.value) - base
            kinds.add(bar.kind)
            assert side.status == "solved"
            assert side.moved == pytest.approx((abs(change).sum() - abs(change.sum())) / 2, abs=CLOSE)
            assert side.up == (change > least).sum()
            assert side.down == (change < -least).sum()
            assert abs(side.largest_change) == pytest.approx(abs(change).max(), abs=CLOSE)
            assert side.largest_change == pytest.approx(change[side.largest], abs=CLOSE)
            for group, average in side.averages.items():
                members = load(name).counties.groups[group]
                assert average == pytest.approx(change[members].mean(), abs=CLOSE)
    assert kinds == {"weight", "parameter", "budget"}


def test_every_lever_has_a_bar_in_order_of_reach():
    found = bars("tutorial")
    assert {bar.path: [str(side.value) for side in bar.sides] for bar in found} == {
        "rules.change_limits.lower": ["0.94", "0.96"],
        "formulas.main.population.weight": ["0.55", "0.65"],
        "formulas.main.equal.weight": ["0.35", "0.45"],
        "rules.use_share_floor.floor": ["0.49", "0.51"],
        "streams.grant.budget": ["950", "1050"],
        "columns.population": ["0.95", "1.05"],
    }
    assert [bar.reach for bar in found] == sorted((bar.reach for bar in found), reverse=True)
    shares = next(bar for bar in found if bar.kind == "column")
    assert [(side.moved, side.up, side.down) for side in shares.sides] == [(0, 0, 0), (0, 0, 0)]


def test_values_that_are_not_legal_are_left_out():
    retain = next(bar for bar in bars("yangquan-2024") if bar.path.endswith("retain"))
    assert (retain.present, retain.low.value, retain.high) == (1, Decimal("0.99"), None)


def test_titles_and_finding_in_both_languages():
    found, names = bars("yangquan-2024"), engine("yangquan-2024").loaded.names
    assert {bar.path: bar.title.zh for bar in found}[
        "formulas.factors.performance.weight"
    ] == "绩效考核结果权重"
    said = module.finding(found, names)
    assert said.zh.startswith(
        "脱贫人口及边缘易致贫人口权重降到 35%：2 个旗县增加，1 个减少，变动最大的是盂县（−16.1"
    )
    assert said.en.endswith("lowered to 35%: 2 counties up, 1 down, most of all 盂县 (−16.1 万元)")
    column = [bar for bar in found if bar.kind == "column"]
    said = module.finding(column, names)
    assert said.zh == "所列各项变动都不使资金在旗县间调剂"
    assert said.en == "No change listed here moves money between counties"


def test_a_scenario_without_an_allocation_is_told_what_makes_one_possible(tmp_path):
    own = Engine(str(write_scenario(tmp_path / "plan", yaml=IMPOSSIBLE)))
    found = tornado(own)
    assert all(not np.isfinite(side.moved) for bar in found for side in bar.sides)
    assert {side.status for bar in found for side in bar.sides} == {"infeasible"}
    said = module.finding(found, own.loaded.names)
    assert said == ("所列各项变动后都没有可行的分配", "No change listed here leaves an allocation")
    eased = Engine(str(tmp_path / "plan"), ("rules.change_limits.lower=1.105",))
    said = module.finding(tornado(eased), eased.loaded.names)
    assert said.zh.startswith("现方案没有可行的分配，")
    assert said.en.startswith("There is no allocation now; ")
    rows = tornado_rows(tornado(eased), eased.loaded)[1]
    assert {(row[7], row[10]) for row in rows} == {("infeasible", None), ("solved", None)}


def test_processes_give_the_same_numbers():
    own = engine("yangquan-2024")
    changes = [{"formulas.factors.policy.weight": w / 100} for w in range(20, 31)]
    one, two = solve_points(own, changes), solve_points(own, changes, jobs=2)
    assert [p.status for p in one] == [p.status for p in two]
    assert [p.rules for p in one] == [p.rules for p in two]
    assert all((p.counties == q.counties).all() for p, q in zip(one, two, strict=True))


def test_a_wrong_quick_answer_is_not_published(monkeypatch):
    """Points of tables and charts are all solved again cold; where the two differ the cold one stands."""
    own = Engine("tutorial")
    changes = [{"streams.grant.budget": 1000 + k} for k in (10, 20, 30)]
    right = solve_points(own, changes)
    assert all(p.agreed for p in right)
    solve = own.solve

    def wrong(change):
        point = solve(change)
        return replace(point, payments=point.payments + 1) if change == changes[1] else point

    monkeypatch.setattr(own, "solve", wrong)
    found = solve_points(own, changes)
    assert [p.agreed for p in found] == [True, False, True]
    assert all(np.abs(p.counties - q.counties).max() <= 1e-3 for p, q in zip(found, right, strict=True))
    points = frontier(own, "rules.change_limits.lower", 3).points
    assert all(p.agreed for p in points)
    monkeypatch.setattr(
        own, "solve", lambda change: replace(solve(change), status="infeasible", payments=None)
    )
    assert not any(p.agreed for p in frontier(own, "rules.change_limits.lower", 3).points)


def test_what_the_quick_formula_cannot_take_is_a_reason(tmp_path):
    yaml = YAML.replace("value: people}", "value: people, as: bands, bands: {'1': 1, '3': 2}}")
    own = Engine(str(write_scenario(tmp_path / "plan", yaml=yaml)))
    low, high = solve_points(own, [{"columns.people": Decimal("0.95")}, {"columns.people": Decimal("1.05")}])
    assert low.status == "failed"
    assert low.reason
    assert high.status == "solved"


@pytest.mark.parametrize(("name", "formula", "factor"), [("tutorial", "main", "population")])
def test_weight_sweep_equals_scenarios_solved_afresh(name, formula, factor):
    found, loaded = weight_sweep(engine(name), formula, factor, points=6), load(name)
    assert [str(value) for value in found.values] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    for k, value in enumerate(found.values):
        expected = amounts(with_weight(loaded, formula, factor, value))
        assert found.counties[k] == pytest.approx(expected, abs=CLOSE)
        sums = [expected[rows].sum() for rows in loaded.counties.prefecture_members.values()]
        assert found.prefectures[k] == pytest.approx(sums, abs=CLOSE)
    assert found.now == pytest.approx(amounts(loaded), abs=CLOSE)
    width = np.ptp(found.counties, axis=0)
    assert list(found.most_moved) == sorted(np.flatnonzero(width > 0.5), key=lambda i: -width[i])
    said = sweeping.finding(found, loaded)
    assert said.zh == "人口权重由 0% 到 100%：2 个旗县增加，2 个减少，变动最大的是丁县（181 万元 → 247 万元）"
    assert said.en.startswith("Weight of population from 0% to 100%: 2 counties up, 2 down, most of all 丁县")


def test_a_weight_runs_to_its_double():
    found = weight_sweep(engine("yangquan-2024"), "factors", "performance")
    assert (len(found.values), found.values[0], found.values[-1]) == (21, 0, Decimal("0.2"))
    assert found.values[10] == found.present
    assert found.counties[10] == pytest.approx(found.now, abs=CLOSE)


def test_parameter_sweep_runs_into_what_is_impossible():
    own = engine("tutorial")
    knob = own.loaded.scenario.rule_by_id["change_limits"].knobs(2025)[0]
    found = parameter_sweep(own, knob)
    assert (found.values[0], found.values[10], found.values[-1]) == (
        Decimal("0.85"),
        Decimal("0.95"),
        Decimal("1.05"),
    )
    for k, value in enumerate(found.values):
        try:
            expected = amounts(load("tutorial", [f"rules.change_limits.lower={value}"]))
        except Infeasible:
            expected = np.full(6, np.nan)
        assert found.counties[k] == pytest.approx(expected, abs=CLOSE, nan_ok=True)
    assert found.impossible == ((Decimal("1.04"), Decimal("1.05"), ("change_limits",)),)
    said = sweeping.finding(found, own.loaded)
    assert said.zh.endswith("；1.04 到 1.05 时没有可行的分配（不能满足“比上年增减幅度”）")
    assert said.en.endswith("; no allocation at 1.04 to 1.05 (falling short: Change on last year)")


def test_a_sweep_that_moves_nobody_and_one_without_an_allocation(tmp_path):
    own = engine("tutorial")
    knob = own.loaded.scenario.rule_by_id["use_share_floor"].knobs(2025)[0]
    found = parameter_sweep(own, knob, points=3)
    assert found.most_moved == ()
    assert sweeping.finding(found, own.loaded).zh.endswith("由 49% 到 51%，各旗县金额不变")
    bad = Engine(str(write_scenario(tmp_path / "plan", yaml=IMPOSSIBLE)))
    found = parameter_sweep(bad, bad.loaded.scenario.rule_by_id["use_share_cap"].knobs(2025)[0], points=3)
    assert not np.isfinite(found.now).any()
    assert "没有可行的分配" in sweeping.finding(found, bad.loaded).zh
    assert "No value" in sweeping.finding(found, bad.loaded).en


def test_rows_are_tidy():
    own = engine("tutorial")
    header, rows = tornado_rows(bars("tutorial"), own.loaded)
    assert header[-1] == "average_change_poor"
    assert {len(row) for row in rows} == {len(header)}
    assert len(rows) == sum(len(bar.sides) for bar in bars("tutorial"))
    header, rows = line_sweep_rows(weight_sweep(own, "main", "equal", points=3), own.loaded)
    assert header == ("path", "value", "status", "rules", "reason", "code", "county", "prefecture", "amount")
    assert len(rows) == 3 * 6
    assert sum(row[-1] for row in rows) == pytest.approx(3000)
    assert (cell(float("nan")), cell(1 / 3), cell(-0.0)) == (None, Decimal("0.333333"), 0)
