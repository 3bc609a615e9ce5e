"""Prices of rules against allocations that are loaded and solved afresh, and who pays whom."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from allocator.amounts import LevelOne
from allocator.faults import NoAllocation
from allocator.load import load
from allocator.plan import decide
from allocator.variant import with_scenario
from allocator.why.moves import Moves, moves
from allocator.why.rule_prices import rule_prices, without
from solvers.solution import Infeasible
from tests.oracle.generate import generate

RULES = [(name, rule.id) for name in ("tutorial", "yangquan-2024") for rule in load(name).scenario.rules]
LARGE = [("inner-mongolia-2025", rule) for rule in ("use_share_floor", "change_limits", "group_share_floor")]
ROUNDOFF = 1e-5
"""Of a step."""


@cache
def level_one(name):
    return LevelOne(load(name))


@cache
def afresh(name, *sets):
    """Payments of the scenario as a planner would change and solve it; None where there are none."""
    loaded = load(name, sets)
    try:
        found = decide(loaded)[1]
    except NoAllocation:
        return None
    return found.first.payments(loaded.problem, found.first_levels.x)


def setting(one, rule, key, value):
    """The `--set` that turns a parameter, or its entry for the year."""
    own = getattr(one.loaded.scenario.rule_by_id[rule], key)
    year = f".{one.loaded.scenario.year}" if isinstance(own, dict) else ""
    return f"rules.{rule}.{key}{year}={value}"


@pytest.mark.parametrize(("name", "rule"), RULES + LARGE)
def test_prices_equal_the_difference_of_separate_solves(name, rule):
    one = level_one(name)
    tolerance = ROUNDOFF * float(one.loaded.problem.step)
    prices = rule_prices(one, one.loaded.scenario.rule_by_id[rule])
    assert prices
    for price in prices:
        for turned in price.sides:
            there = afresh(name, setting(one, rule, price.knob.key, turned.value))
            change = there - afresh(name)
            assert turned.moves.by_payment == pytest.approx(change, abs=tolerance)
            assert turned.moves.change == pytest.approx(change.sum(axis=1), abs=tolerance)
            assert turned.moves.moved == pytest.approx(np.abs(change.sum(axis=1)).sum() / 2, abs=tolerance)


@pytest.mark.parametrize(("name", "rule"), RULES + LARGE)
def test_without_a_rule_equals_a_scenario_that_has_none(name, rule):
    one = level_one(name)
    rest = tuple(r for r in one.loaded.scenario.rules if r.id != rule)
    bare = with_scenario(one.loaded, one.loaded.scenario.model_copy(update={"rules": rest}))
    found = decide(bare)[1]
    change = afresh(name) - found.first.payments(bare.problem, found.first_levels.x)
    tolerance = ROUNDOFF * float(one.loaded.problem.step)
    assert without(one, rule).moves.by_payment == pytest.approx(change, abs=tolerance)


@pytest.mark.parametrize("seed", range(2000, 2006))
def test_random_prices_equal_solves_of_changed_files(seed, tmp_path):
    made = generate(tmp_path / "plan", seed, small=True, infeasible=False)
    one = LevelOne(load(made.folder))
    before = one.under().payments
    for rule in one.loaded.scenario.rules:
        for price in rule_prices(one, rule):
            for turned in price.sides:
                other = LevelOne(load(made.folder, [setting(one, rule.id, price.knob.key, turned.value)]))
                try:
                    change = other.under().payments - before
                except Infeasible:
                    assert turned.moves is None
                    continue
                assert turned.moves.by_payment == pytest.approx(
                    change, abs=1e-3 * float(other.loaded.problem.step)
                )


def test_tutorial_price_by_hand():
    # a point more of last year: 丙县 +1.8, 戊县 +1.8, 己县 +1.6, and the other three pay
    one = level_one("tutorial")
    (price,) = rule_prices(one, one.loaded.scenario.rule_by_id["change_limits"])
    tighter, looser = price.sides
    assert (price.knob.value, tighter.value, looser.value) == (
        Decimal("0.95"),
        Decimal("0.96"),
        Decimal("0.94"),
    )
    assert tighter.moves.change[[2, 4, 5]] == pytest.approx([1.8, 1.8, 1.6])
    assert (tighter.moves.change[[0, 1, 3]] < 0).all()
    assert tighter.moves.moved == pytest.approx(5.2)


@pytest.mark.parametrize(("lower", "possible"), [("1.01", True), ("1.03", False)])
def test_a_side_that_nothing_can_keep_has_no_moves(lower, possible):
    # last year's 970 may rise to 1.02 · 970 = 989.4 of the 1000, not to 1.04 · 970 = 1008.8
    one = LevelOne(load("tutorial", [f"rules.change_limits.lower={lower}"]))
    tighter, looser = rule_prices(one, one.loaded.scenario.rule_by_id["change_limits"])[0].sides
    assert (tighter.moves is not None, tighter.found is not None) == (possible, possible)
    assert (afresh("tutorial", setting(one, "change_limits", "lower", tighter.value)) is not None) == possible
    assert looser.moves is not None


@pytest.mark.parametrize(
    ("sets", "sides"),
    [
        (["rules.use_share_floor.floor=1"], ["looser"]),
        (["rules.use_share_floor.floor=0.995"], ["looser"]),
        (["rules.use_share_floor.floor=0"], ["tighter"]),
        (["rules.use_share_floor.floor=0.05"], ["tighter", "looser"]),
    ],
)
def test_values_that_no_scenario_may_have_are_left_out(sets, sides):
    one = LevelOne(load("tutorial", sets))
    (price,) = rule_prices(one, one.loaded.scenario.rule_by_id["use_share_floor"])
    assert [turned.side for turned in price.sides] == sides


def random_moves(seed):
    """Moves between ten counties in three streams; each stream's add up to nothing."""
    change = np.random.default_rng(seed).normal(size=(10, 3))
    change -= change.mean(axis=0)
    return moves(np.ones((10, 3)), 1 + change), change


@pytest.mark.parametrize("seed", range(10))
def test_flows_add_up_to_what_is_paid_and_gained(seed):
    found, change = random_moves(seed)
    members = [np.array([0, 3, 7]), np.array([1, 2]), np.array([4, 5, 6, 8, 9])]
    flows = found.flows(members)
    paid, gained = np.maximum(-change, 0).sum(axis=1), np.maximum(change, 0).sum(axis=1)
    assert (flows >= 0).all()
    assert flows.sum(axis=1) == pytest.approx([paid[rows].sum() for rows in members])
    assert flows.sum(axis=0) == pytest.approx([gained[rows].sum() for rows in members])


@pytest.mark.parametrize("seed", range(10))
def test_flows_of_one_stream_add_up_to_the_money_moved_in_it(seed):
    found, change = random_moves(seed)
    members = [np.array([i]) for i in range(10)]
    for s in range(3):
        own = Moves(change[:, s], change[:, [s]])
        assert own.flows(members).sum() == pytest.approx(own.moved)
        assert np.diag(own.flows(members)) == pytest.approx(np.zeros(10))
    assert found.flows(members).sum() == pytest.approx(np.abs(change).sum() / 2)
    assert found.moved == pytest.approx(np.abs(change.sum(axis=1)).sum() / 2)


def test_flows_by_hand():
    # one pays 6; two and three gain 4 and 2
    change = np.array([[-6.0], [4.0], [2.0]])
    flows = Moves(change[:, 0], change).flows([np.array([0]), np.array([1]), np.array([2])])
    assert flows.tolist() == [[0, 4, 2], [0, 0, 0], [0, 0, 0]]


def test_nothing_moves_between_equal_allocations():
    same = np.ones((3, 2))
    found = moves(same, same)
    assert found.moved == 0
    assert found.ranked(0) == ([], [])
    assert not found.flows([np.arange(3)]).any()


def test_ranked_is_largest_first_and_leaves_out_noise():
    change = np.array([1.0, -5.0, 3.0, 1e-9, -0.5])
    assert Moves(change, change[:, None]).ranked(1e-6) == ([2, 0], [1, 4])
