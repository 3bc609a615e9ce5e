"""Whether the objective leaves a choice: ranges against solves of a program written by hand."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from scipy.optimize import linprog

from allocator.amounts import LevelOne
from allocator.faults import NoAllocation
from allocator.load import load
from allocator.plan import decide
from allocator.why.determinacy import determinacy
from tests.bundles import DISTINCT
from tests.oracle.generate import generate

PEOPLE = np.array([2, 1, 1, 3, 2, 1]) / 10
TARGET = 1000 * (0.6 * PEOPLE + 0.4 / 6)
FLOOR = 0.95 * np.array([160, 100, 180, 190, 180, 160])
"""The tutorial by hand: entitlements, and 95 % of last year. Its share of a use limits no county."""


def ranges(name, *sets):
    return determinacy(LevelOne(load(name, sets)))


def best_total(cost):
    """The tutorial at the least Σ |X − e|, and among those at the least cost: columns X, then |X − e|."""
    n = len(TARGET)
    eye = np.eye(n)
    rows = np.block([[eye, -eye], [-eye, -eye]])
    ends = np.concatenate([TARGET, -TARGET])
    every = [[*np.ones(n), *np.zeros(n)]]
    bounds = [(low, None) for low in FLOOR] + [(0, None)] * n
    total = np.concatenate([np.zeros(n), np.ones(n)])
    least = linprog(total, rows, ends, every, [1000], bounds).fun
    face = np.vstack([rows, total]), np.append(ends, least + 1e-9)
    found = linprog(np.concatenate([cost, np.zeros(n)]), *face, every, [1000], bounds)
    assert found.status == 0
    return found.x[:n]


def best_largest(cost):
    """The tutorial at the least largest |X − e| / e, and among those at the least cost."""
    n = len(TARGET)
    rows = np.block([[np.eye(n), -TARGET[:, None]], [-np.eye(n), -TARGET[:, None]]])
    ends = np.concatenate([TARGET, -TARGET])
    every, bounds = [[*np.ones(n), 0]], [(low, None) for low in FLOOR]
    least = linprog([*np.zeros(n), 1], rows, ends, every, [1000], [*bounds, (0, None)]).fun
    found = linprog([*cost, 0], rows, ends, every, [1000], [*bounds, (0, least * (1 + 1e-12))])
    assert found.status == 0
    return found.x[:n]


ORACLES = {"least_moved": best_total, "minimax": best_largest}


@pytest.mark.parametrize("objective", list(ORACLES))
def test_ranges_end_where_the_hand_written_program_does(objective):
    found = ranges("tutorial", f"objective={objective}")
    n = len(TARGET)
    low = [ORACLES[objective](np.eye(n)[i])[i] for i in range(n)]
    high = [ORACLES[objective](-np.eye(n)[i])[i] for i in range(n)]
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)
    assert not found.unique
    assert found.largest_move is None


@pytest.mark.parametrize("objective", list(ORACLES))
@pytest.mark.parametrize("seed", range(10))
def test_ranges_hold_every_answer_that_is_as_good(objective, seed):
    found = ranges("tutorial", f"objective={objective}")
    answer = ORACLES[objective](np.random.default_rng(seed).normal(size=len(TARGET)))
    assert (answer >= found.low - 1e-4).all()
    assert (answer <= found.high + 1e-4).all()


@pytest.mark.parametrize("objective", [*ORACLES, "leximin", "proportional"])
@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024"])
def test_ranges_hold_the_answer_itself(objective, name):
    one = LevelOne(load(name, [f"objective={objective}"]))
    found, totals = determinacy(one), one.under().payments.sum(axis=1)
    assert (found.low <= totals + 1e-4).all()
    assert (totals <= found.high + 1e-4).all()


@pytest.mark.parametrize("name", DISTINCT)
def test_leximin_is_unique(name):
    found = ranges(name, "objective=leximin")
    assert found.unique
    assert 0 <= found.largest_move < 0.01
    assert (found.low == found.high).all()


def test_an_answer_that_others_are_better_than_is_no_leximin_optimum():
    # the least largest departure leaves those that do not reach it anywhere
    one = LevelOne(load("tutorial", ["objective=leximin"]))
    one.learn(decide(load("tutorial", ["objective=minimax"]))[1])
    found = determinacy(one)
    assert not found.unique
    assert found.largest_move > 1


def random_optima(folder, start):
    for seed in range(start, start + 20):
        loaded = load(generate(folder / str(seed), seed, small=True, infeasible=False).folder)
        one = LevelOne(loaded)
        try:
            one.learn(decide(loaded)[1])
        except NoAllocation:
            # no table in whole money near the optimum keeps its rules
            continue
        yield one


@pytest.mark.parametrize("start", range(0, 100, 20))
def test_leximin_is_unique_on_random_scenarios(start, tmp_path):
    for one in islice(random_optima(tmp_path, start), 10):
        found = determinacy(one)
        assert found.unique
        assert found.low == pytest.approx(one.under().payments.sum(axis=1))


@pytest.mark.parametrize("seed", [None, 19, 99])
def test_a_face_without_any_room_is_unique(seed, tmp_path):
    if seed is None:
        loaded = load("inner-mongolia-2025", ["rules=[]"])
    else:
        loaded = load(generate(tmp_path / "plan", seed, small=True, infeasible=False).folder)
    assert determinacy(LevelOne(loaded)).unique


def few(tmp_path, people, rule, objective):
    """Counties with 100 in all by people, and one rule."""
    folder = tmp_path / "plan"
    folder.mkdir()
    rows = [f"15010{k + 1},{k}县,东盟,{p},{int(k == 0)}" for k, p in enumerate(people)]
    table = "\n".join(["code,county,prefecture,people,first", *rows])
    (folder / "counties.csv").write_text(table, encoding="utf-8")
    (folder / "scenario.yaml").write_text(FEW.format(rule=rule, objective=objective), encoding="utf-8")
    return determinacy(LevelOne(load(folder)))


FEW = """\
name: few
title: {{en: few}}
year: 2025
unit: 万元
step: 1
objective: {objective}
groups: {{first: {{where: {{first: true}}}}}}
uses: {{all: {{}}}}
mix: {{all: 1}}
formulas: {{f: [{{factor: people, weight: 1, value: people}}]}}
streams: {{s: {{source: central, budget: 100, formula: f}}}}
rules: [{rule}]
"""
PARITY = "{kind: average_parity, group: first, against: others}"
AT_LEAST_30 = "{kind: amount_bounds, by: first, min: 30}"


@pytest.mark.parametrize("objective", ["leximin", "least_moved", "minimax", "proportional"])
def test_two_counties_and_an_average_leave_no_choice(tmp_path, objective):
    # 40 and 60 by people; the first may not be below the second: 50 each, whatever is asked for
    found = few(tmp_path, [40, 60], PARITY, objective)
    assert found.low == pytest.approx([50, 50], abs=1e-5)
    assert found.high == pytest.approx([50, 50], abs=1e-5)
    assert found.unique


@pytest.mark.parametrize(
    ("objective", "low", "high"),
    [
        # 20, 40, 40 by people; the first gets 30, so the others have 70 between them:
        ("leximin", [30, 35, 35], [30, 35, 35]),
        # none of them above 40, as that would be more to move
        ("least_moved", [30, 30, 30], [30, 40, 40]),
        # half of 40 up or down is as good as the first's half of 20
        ("minimax", [30, 20, 20], [30, 50, 50]),
    ],
)
def test_three_counties_by_hand(tmp_path, objective, low, high):
    found = few(tmp_path, [20, 40, 40], AT_LEAST_30, objective)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)
    assert found.unique == (objective == "leximin")
