"""What each rule moved: in order, by Shapley, and under some of the rules only."""

from __future__ import annotations

import random
from itertools import pairwise, permutations
from math import factorial

import numpy as np
import pytest

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.variant import with_scenario
from allocator.why import attribution
from allocator.why.attribution import in_order, shapley
from tests.oracle.generate import generate

FOUR = ["change_limits", "amount_bounds", "pipeline", "group_share_floor"]
"""Kinds that move payments; with no more than these there are few sets to solve."""
ENTANGLED = [805, 808, 814, 821, 834, 835]
"""Seeds whose rules move more or less after others, so that their order matters."""


def made(folder, seed, only=FOUR):
    return load(generate(folder / "plan", seed, small=True, infeasible=False, only=only).folder)


def alone(loaded, rules):
    """Payments under some of the rules, by a solve that knows of no other."""
    return LevelOne(loaded).under(rules).payments


def by_shapley(loaded, seed=0):
    found = shapley(LevelOne(loaded), lambda share: None, seed)
    return dict(zip(found.names, found.moves, strict=True)), found


def near(loaded, share=1e-6):
    """What two solves may differ by."""
    return share * float(sum(loaded.problem.budgets))


@pytest.mark.parametrize("seed", range(700, 740))
def test_leaving_out_what_no_proof_uses_equals_a_fresh_solve(seed, tmp_path):
    loaded = made(tmp_path, seed, only=None)
    one, rng = LevelOne(loaded), random.Random(seed)
    names = sorted(one.linear)
    one.under()
    for _ in range(6):
        some = rng.sample(names, rng.randint(0, len(names)))
        assert one.under(some).payments == pytest.approx(alone(loaded, some), abs=near(loaded))


def test_a_rule_that_no_proof_uses_costs_no_solve():
    one = LevelOne(load("tutorial"))
    assert one.under().used == {"change_limits"}
    assert one.under(["change_limits"]) is one.under()
    assert one.under(["use_share_floor"]) is not one.under()


@pytest.mark.parametrize("seed", range(750, 760))
def test_in_order_is_the_difference_of_separate_solves(seed, tmp_path):
    loaded = made(tmp_path, seed, only=None)
    found = in_order(LevelOne(loaded))
    names = [rule.id for rule in loaded.scenario.rules]
    stages = [alone(loaded, names[:k]) for k in range(len(names) + 1)]
    assert list(found.names) == names
    for move, (before, after) in zip(found.moves, pairwise(stages), strict=True):
        assert move == pytest.approx(after - before, abs=near(loaded))


@pytest.mark.parametrize("seed", ENTANGLED)
def test_shapley_is_the_average_over_all_orders(seed, tmp_path):
    loaded = made(tmp_path, seed)
    moves, found = by_shapley(loaded)
    kinds = sorted(moves)
    value = {}
    total = {kind: np.zeros(loaded.problem.shape[:2]) for kind in kinds}
    for order in permutations(kinds):
        for k, kind in enumerate(order):
            for part in (frozenset(order[:k]), frozenset(order[: k + 1])):
                if part not in value:
                    value[part] = alone(loaded, [r.id for r in loaded.scenario.rules if r.kind in part])
            total[kind] += value[frozenset(order[: k + 1])] - value[frozenset(order[:k])]
    assert found.orders == factorial(len(kinds))
    for kind in kinds:
        assert moves[kind] == pytest.approx(total[kind] / factorial(len(kinds)), abs=near(loaded))


@pytest.mark.parametrize("seed", [*ENTANGLED, 815, 816, 817])
def test_shapley_adds_up_to_the_moves_in_order_and_knows_no_order(seed, tmp_path):
    loaded = made(tmp_path, seed)
    moves, _ = by_shapley(loaded)
    assert sum(moves.values()) == pytest.approx(sum(in_order(LevelOne(loaded)).moves), abs=near(loaded))
    rules = list(loaded.scenario.rules)
    random.Random(seed).shuffle(rules)
    other = with_scenario(loaded, loaded.scenario.model_copy(update={"rules": tuple(rules)}))
    again, _ = by_shapley(other)
    assert moves.keys() == again.keys()
    for kind, move in moves.items():
        assert again[kind] == pytest.approx(move, abs=near(loaded))


@pytest.mark.parametrize("seed", ENTANGLED)
def test_sampled_shapley_is_near_the_exact_one(seed, tmp_path, monkeypatch):
    loaded = made(tmp_path, seed)
    exact, _ = by_shapley(loaded)
    monkeypatch.setattr(attribution, "EXACT_UP_TO", 1)
    sampled, found = by_shapley(loaded)
    assert found.errors is not None
    assert max(errors.max() for errors in found.errors) > near(loaded)
    assert sum(sampled.values()) == pytest.approx(sum(exact.values()), abs=near(loaded))
    for kind, errors in zip(found.names, found.errors, strict=True):
        assert (np.abs(sampled[kind] - exact[kind]) <= 4 * errors + near(loaded)).all()


def test_rules_that_do_the_same_get_equal_parts():
    # 丙县 has 600 · 1/10 + 400/6 by the formula; either of two floors alone raises it to 171
    floors = (
        "{id: a, kind: change_limits, column: last_amount, lower: 0.95}",
        "{id: b, kind: linear, left: {counties: ['990103']}, sense: '>=', times: 0, right: {}, plus: 171}",
    )
    loaded = load("tutorial", [f"rules=[{', '.join(floors)}]"])
    moves, _ = by_shapley(loaded)
    own = [move[loaded.counties.index["990103"]].item() for move in moves.values()]
    assert own == pytest.approx([(171 - 60 - 400 / 6) / 2] * 2)
