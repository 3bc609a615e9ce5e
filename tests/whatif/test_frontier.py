"""The frontier of fidelity against a goal: points against scenarios solved afresh, knees on made curves."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from allocator.amounts import LevelOne
from allocator.faults import BadInput
from allocator.load import load
from allocator.whatif.engine import Engine
from allocator.whatif.frontier import KNEES, default_goals, frontier, knees
from tests.oracle.generate import generate

STABLE = "rules.change_limits.lower"
CEILING = "rules.change_limits.upper"
POINTS = 9
FREE, LOST = Decimal("0.7037"), Decimal("1.0309")
"""Where the tutorial's limit starts to bind, and its last value with an allocation."""


@cache
def engine(name, *sets):
    return Engine(name, sets)


@cache
def found(name, goal, *sets):
    return frontier(engine(name, *sets), goal, POINTS)


def afresh(name, goal, value):
    """Largest departure and money moved where a planner writes the value into the scenario."""
    loaded = load(name, [f"{goal}={value}"])
    paid = LevelOne(loaded).under().payments
    entitled = loaded.problem.entitlement
    there = entitled > 0
    departure = np.abs(paid - entitled)[there] / entitled[there]
    return departure.max(), np.abs((paid - entitled).sum(axis=1)).sum() / 2


def test_from_where_it_binds_to_the_last_value_with_an_allocation():
    own = found("tutorial", STABLE)
    values = [point.value for point in own.points]
    assert values[0] == FREE
    assert values[-1] == LOST
    assert values == sorted(values)
    present = [point.value for point in own.points if point.present]
    assert present == [Decimal("0.95")]
    even = [float(v) for v in values if v not in present]
    assert len(even) == POINTS
    assert np.diff(even) == pytest.approx(float(LOST - FREE) / (POINTS - 1), abs=2e-6)
    assert all(point.status == "solved" for point in own.points)


def test_money_by_hand():
    """At 95 % of last year 丙县 is raised from 126.67 to 171 and 己县 from 126.67 to 152; others pay."""
    present = next(point for point in found("tutorial", STABLE).points if point.present)
    assert present.moved == pytest.approx(171 + 152 - 2 * 380 / 3, abs=1e-5)
    assert present.largest_departure == pytest.approx(171 * 3 / 380 - 1, abs=1e-9)
    assert present.rules == ("change_limits",)
    free = found("tutorial", STABLE).points[0]
    assert (free.moved, free.rules) == (pytest.approx(0, abs=1e-5), ())


def test_the_knee_is_where_a_second_county_has_to_be_raised():
    own = frontier(engine("tutorial"), STABLE, 25)
    (knee,) = own.knees
    # 己县 is entitled to 126.67 and had 160: from a ratio of 0.7917 on its floor costs money too
    assert own.points[knee].value < Decimal(380) / 3 / 160 < own.points[knee + 1].value


@pytest.mark.parametrize(
    ("name", "goal"), [("tutorial", STABLE), ("yangquan-2024", STABLE), ("yangquan-2024", CEILING)]
)
def test_points_equal_scenarios_solved_afresh(name, goal):
    own = found(name, goal)
    for point in own.points[::3]:
        departure, moved = afresh(name, goal, point.value)
        assert point.largest_departure == pytest.approx(departure, abs=1e-7)
        assert point.moved == pytest.approx(moved, abs=1e-4)


def test_a_ceiling_tightens_downwards():
    values = [point.value for point in found("yangquan-2024", CEILING).points]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("seed", [11, 112, 120])
def test_the_largest_departure_never_falls_but_the_money_may(tmp_path, seed):
    """In seed 11 and 112 less money is moved at some tighter value: leximin looks at departures, not sums."""
    generate(tmp_path, seed, small=True, infeasible=False)
    own = Engine(str(tmp_path))
    year, rules = own.loaded.scenario.year, own.loaded.scenario.rules
    goals = [f"rules.{r.id}.{k.key}" for r in rules for k in r.knobs(year) if k.form != "money"]
    assert goals
    for goal in goals[:3]:
        largest = [point.largest_departure for point in frontier(own, goal, POINTS).points]
        assert np.isfinite(largest).all()
        assert min(np.diff(largest)) >= -1e-8


def test_a_goal_that_never_matters_is_flat():
    own = found("tutorial", "rules.use_share_floor.floor")
    assert (own.points[0].value, own.points[-1].value) == (0, 1)
    assert len({point.moved for point in own.points}) == 1
    assert own.knees == ()


def test_no_allocation_at_the_present_or_at_any_value():
    impossible = f"{STABLE}=1.05"
    points = found("tutorial", STABLE, impossible).points
    assert len(points) == POINTS
    assert not any(point.present for point in points)
    assert (points[0].value, points[-1].value) == (FREE, LOST)
    nothing = found("tutorial", "rules.use_share_floor.floor", impossible)
    assert (nothing.points, nothing.knees) == ((), ())


def test_goals_that_a_scenario_has():
    assert default_goals(load("tutorial")) == ("rules.use_share_floor.floor", STABLE)
    assert default_goals(load("yangquan-2024")) == (STABLE,)
    assert default_goals(load("inner-mongolia-2025")) == (
        "rules.use_share_floor.floor",
        "rules.average_parity.times",
        "rules.group_share_floor.floor",
        STABLE,
    )


@pytest.mark.parametrize(
    "goal", ["rules.amount_bounds.min", "streams.central_2.budget", "rules.nothing.at_all"]
)
def test_what_is_no_goal(goal):
    with pytest.raises(BadInput, match="rules"):
        frontier(engine("yangquan-2024"), goal)


def test_progress_ends_at_one():
    said = []
    frontier(engine("tutorial"), STABLE, 3, said.append)
    assert said[-1] == 1
    assert said == sorted(said)


GOAL = [k / 10 for k in range(11)]


def test_a_knee_is_a_corner_seen_from_below():
    assert knees(GOAL, [max(0.0, g - 0.5) for g in GOAL]) == (5,)
    # the second corner is the sharper one
    curve = [100 * (0.1 * g + 0.4 * max(0.0, g - 0.3) + 2 * max(0.0, g - 0.7)) for g in GOAL]
    assert knees(GOAL, curve) == (7, 3)


def test_curves_without_a_knee():
    assert knees(GOAL, [3 * g + 1 for g in GOAL]) == ()
    assert knees(GOAL, [g**0.5 for g in GOAL]) == ()
    assert knees(GOAL, [7.0] * 11) == ()
    # what rises by rounding only
    assert knees(GOAL, [7.0 + 1e-7 * (k > 5) for k in range(11)]) == ()
    assert knees([], []) == knees([1.0], [2.0]) == knees([1.0, 2.0], [0.0, 1.0]) == ()


def test_few_knees_and_none_above_the_hull():
    staircase = [sum(10 * max(0.0, g - at) for at in (0.2, 0.4, 0.6, 0.8)) for g in GOAL]
    assert len(knees(GOAL, staircase)) == KNEES
    bump = [g + (0.3 if k == 5 else 0.0) for k, g in enumerate(GOAL)]
    assert 5 not in knees(GOAL, bump)


def test_one_bend_over_two_points_is_named_once():
    # the slope rises at 0.6 and again at 0.65: one bend; and once more, less, at 0.2
    grid = [k / 20 for k in range(21)]
    curve = [g + 3 * max(0.0, g - 0.2) + 9 * max(0.0, g - 0.6) + 9 * max(0.0, g - 0.65) for g in grid]
    first, second = knees(grid, curve)
    assert grid[first] in (0.6, 0.65)
    assert grid[second] == 0.2


def test_the_present_value_hides_no_bend_beside_it():
    # the costs of the last points rise ever faster, and the present value lies a hair beside one of them
    own = found("inner-mongolia-2025", STABLE)
    values = [float(point.value) for point in own.points]
    moved = [point.moved for point in own.points]
    slopes = np.diff(moved) / np.diff(values)
    assert own.points[own.knees[0]].present is False
    knee = own.knees[0]
    assert slopes[knee] > 1.4 * slopes[knee - 1]
