"""Breakpoints of parameters: by hand, and both sides of each against scenarios loaded and solved afresh."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest

from allocator.amounts import LevelOne
from allocator.faults import BadInput
from allocator.load import BUNDLED, load
from allocator.whatif import breakpoints as module
from allocator.whatif.breakpoints import Breakpoint, breakpoints, legal_range
from allocator.whatif.engine import Engine, Point
from allocator.whatif.floor_limits import floor_limits
from solvers.solution import Infeasible
from tests.oracle.generate import generate

WIDTH = Decimal("0.0001")
LAST = 160 + 100 + 180 + 190 + 180 + 160
EQUATION = """
  - kind: linear
    left: {uses: [industry]}
    sense: "="
    times: 0.6
    right: {}
"""
PIPELINE = """
  - kind: pipeline
    columns: {industry: pipeline}
"""


def all_of(engine: Engine) -> list[Breakpoint]:
    """The breakpoints of every parameter of every rule, each from a fresh start."""
    points = []
    for rule in engine.loaded.scenario.rules:
        for knob in rule.knobs(engine.loaded.scenario.year):
            engine.forget()
            points.append(breakpoints(engine, knob))
            assert points[-1].knob == knob
    return points


@cache
def engine(name, *sets):
    return Engine(name, sets)


def knob(loaded, rule, key, loosens=None):
    knobs = loaded.scenario.rule_by_id[rule].knobs(loaded.scenario.year)
    return next(k for k in knobs if k.key == key and loosens in (None, k.loosens))


@cache
def found(name, rule, key, *sets, loosens=None):
    own = engine(name, *sets)
    return breakpoints(own, knob(own.loaded, rule, key, loosens))


def judged(source, sets, point, value):
    """What a value does where a planner writes it into the scenario."""
    own = load(source, sets).scenario
    by_year = isinstance(getattr(own.rule_by_id[point.knob.rule], point.knob.key), dict)
    path = f"{point.path}.{own.year}" if by_year else point.path
    try:
        loaded = load(source, [*sets, f"{path}={value}"])
        amounts = LevelOne(loaded).under()
    except Infeasible:
        return "infeasible"
    except BadInput as error:
        # the reader itself refuses limits that cross
        return "infeasible" if "exceeds" in str(error) else "refused"
    rule = loaded.scenario.rule_by_id[point.knob.rule]
    x = amounts.levels.x
    shaping = [
        place
        for places in amounts.shaped
        for place in places
        if place.rule == rule.id
        # a bound that is not reached has shaped nothing
        and (place.program_row >= 0 or x[place.column] == pytest.approx(place.bound, abs=1e-7))
    ]
    if rule.kind != "linear" and len(rule.knobs(own.year)) > 1:
        rows = loaded.rows[rule.id]
        shaping = [p for p in shaping if rule.governing(rows[p.number], own.year) == point.knob.key]
    return "binds" if shaping else "free"


def confirm(source, sets, point):
    """Both sides of both breakpoints, and the width of the brackets."""
    for edge in (point.binds, point.impossible):
        if edge is not None:
            assert edge.confirmed
            scale = max(edge.low, 1) if point.knob.form == "money" else 1
            assert 0 < edge.high - edge.low <= WIDTH * scale
            assert (edge.beyond - edge.value) * point.knob.loosens < 0
    if point.binds is not None:
        assert judged(source, sets, point, point.binds.value) == "free"
        assert judged(source, sets, point, point.binds.beyond) == "binds"
    if point.impossible is not None:
        assert judged(source, sets, point, point.impossible.value) in ("free", "binds")
        assert judged(source, sets, point, point.impossible.beyond) == "infeasible"


def contains(edge, value):
    return edge.low <= value <= edge.high


def test_hold_harmless_is_lost_where_the_floors_are_the_budget():
    point = found("tutorial", "change_limits", "lower")
    assert contains(point.impossible, Fraction(1000, LAST))
    assert (point.impossible.value, point.impossible.beyond) == (Decimal("1.0309"), Decimal("1.0310"))
    assert (point.present, point.binding, point.impossibility) == ("binds", "from", "from")


def test_hold_harmless_binds_from_the_worst_ratio_of_formula_to_last_year():
    # 丙县: 60 % by its tenth of the people, 40 % in equal parts, against 180 last year
    ratio = (Fraction(1000 * 6, 100) + Fraction(400, 6)) / 180
    assert contains(found("tutorial", "change_limits", "lower").binds, ratio)


def test_a_rule_that_never_binds_and_can_always_be_kept():
    point = found("tutorial", "use_share_floor", "floor")
    assert (point.present, point.binding, point.impossibility) == ("free", "never", "never")
    assert point.binds is None
    assert point.impossible is None


def test_from_a_value_without_an_allocation():
    point = found("tutorial", "change_limits", "lower", "rules.change_limits.lower=1.05")
    assert point.present == "infeasible"
    assert contains(point.impossible, Fraction(1000, LAST))
    assert contains(point.binds, Fraction(19, 27))


def test_a_parameter_that_cannot_help():
    point = found("tutorial", "use_share_floor", "floor", "rules.change_limits.lower=1.05")
    assert (point.present, point.binding, point.impossibility) == ("infeasible", "unknown", "always")


def test_the_other_limit_of_the_same_rule_does_not_count():
    sets = ("rules.change_limits.lower=0.95",)
    assert "change_limits" in engine("yangquan-2024", *sets).base.used
    lower = found("yangquan-2024", "change_limits", "lower", *sets)
    upper = found("yangquan-2024", "change_limits", "upper", *sets)
    assert (lower.present, upper.present) == ("binds", "free")
    confirm("yangquan-2024", sets, upper)


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024"])
def test_sides_equal_scenarios_solved_afresh(name):
    points = all_of(engine(name))
    assert points
    for point in points:
        confirm(name, (), point)


@pytest.mark.parametrize(
    ("seed", "kinds"), [(4, None), (104, ["change_limits"]), (100, ["linear", "amount_bounds"])]
)
def test_sides_in_random_scenarios(tmp_path, seed, kinds):
    generate(tmp_path, seed, small=True, infeasible=False, only=kinds)
    points = all_of(Engine(str(tmp_path)))
    assert any(p.binds or p.impossible for p in points)
    for point in points:
        confirm(tmp_path, (), point)


def test_a_contradiction_is_not_resolved_by_a_rule_that_has_no_part_in_it(tmp_path):
    generate(tmp_path, 5, small=True, infeasible=True)
    for point in all_of(Engine(str(tmp_path))):
        assert point.present == "infeasible"
        assert point.binding == "unknown" or point.impossibility == "from"
        confirm(tmp_path, (), point)


@pytest.mark.parametrize("objective", ["proportional", "minimax"])
def test_other_objectives(objective):
    sets = (f"objective={objective}",)
    confirm("tutorial", sets, found("tutorial", "change_limits", "lower", *sets))


def with_rule(folder, text, pipelines=None):
    """The tutorial with one more rule, and a column of pipelines by code."""
    plan = shutil.copytree(BUNDLED / "tutorial", folder / "plan")
    (plan / "scenario.yaml").write_text(
        (plan / "scenario.yaml").read_text(encoding="utf-8") + text, encoding="utf-8"
    )
    with (plan / "counties.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with (plan / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*rows[0], "pipeline"])
        table.writeheader()
        table.writerows({**row, "pipeline": (pipelines or {}).get(row["code"], "")} for row in rows)
    return str(plan)


def test_an_equation_is_lost_in_both_directions(tmp_path):
    """The equation on the share of industry: at most all of it, at least the floor of a half."""
    plan = with_rule(tmp_path, EQUATION)
    more, less = (found(plan, "linear", "times", loosens=way) for way in (-1, 1))
    assert contains(more.impossible, 1)
    assert contains(less.impossible, Fraction(1, 2))
    assert (more.binding, less.binding) == ("never", "never")
    impossible = found(plan, "linear", "times", "rules.linear.times=1.2", loosens=-1)
    assert impossible.present == "infeasible"
    assert contains(impossible.impossible, 1)


def test_the_ends_that_are_looked_at():
    loaded = engine("yangquan-2024").loaded
    assert legal_range(loaded, knob(loaded, "change_limits", "lower")) == (0, 4 * Decimal("0.92"))
    assert legal_range(loaded, knob(loaded, "change_limits", "upper")) == (4 * Decimal("1.20"), 0)
    assert legal_range(loaded, knob(loaded, "use_share_floor", "retain")) == (0, 1)
    least = knob(loaded, "amount_bounds", "min")
    assert legal_range(loaded, least) == (0, 800)
    assert legal_range(loaded, replace(least, value=Decimal(0)))[1] == sum(loaded.problem.budgets)
    assert legal_range(loaded, replace(least, signed=True))[0] == -800


def test_a_bracket_moves_on_where_its_end_is_solved_as_lying_beyond(monkeypatch):
    own = Engine("tutorial")
    search = module._Search(own, knob(own.loaded, "change_limits", "lower"))

    def at(value):
        if value > 1:
            raise Infeasible("beyond 1")
        return own.base, own.loaded

    def quick(changes):
        # the sweep's way calls 1.0001 possible, too
        return Point(
            "infeasible" if max(changes.values()) > Decimal("1.0001") else "solved", own.base.payments
        )

    monkeypatch.setattr(search, "_at", at)
    monkeypatch.setattr(own, "solve", quick)
    good, bad = Decimal("1.0002"), Decimal("1.0003")
    sides = {"free": True, "binds": True, "infeasible": False}
    edge = search._edge(good, bad, lambda value: sides.get(search._judge(value)))
    assert (edge.low, edge.high, edge.confirmed) == (Decimal("1.0000"), Decimal("1.0001"), True)
    assert edge.agreed == (True, False)
    far = search._edge(good + 1, bad + 1, lambda value: sides.get(search._judge(value)))
    assert not far.confirmed


def kept(name, rule, number, floor):
    """Whether all the rules can be kept with another floor in one row."""
    loaded = load(name)
    rows = list(loaded.rows[rule])
    rows[number] = replace(rows[number], times=Fraction(floor))
    try:
        LevelOne(replace(loaded, rows={**loaded.rows, rule: tuple(rows)})).under()
    except Infeasible:
        return False
    return True


def test_the_largest_floor_of_a_prefecture_is_what_its_pipelines_carry(tmp_path):
    """东市 must get 95 % of last year's 440 and can spend 290 of it on industry; 西市 has no limit."""
    plan = with_rule(tmp_path, PIPELINE, {"990101": 100, "990102": 90, "990103": 100})
    east, west = floor_limits(Engine(plan), "use_share_floor")
    assert (east.where, west.where) == ("东市", "西市")
    assert east.largest == pytest.approx(290 / (0.95 * 440), abs=1e-6)
    assert west.largest == pytest.approx(1, abs=1e-6)
    assert (east.floor, east.governing) == (Fraction(1, 2), "floor")
    assert 0.5 <= east.share <= 0.6


@pytest.mark.parametrize("seed", [100, 102, 107])
def test_largest_floors_against_scenarios_solved_afresh(tmp_path, seed):
    generate(tmp_path, seed, small=True, infeasible=False, only=["use_share_floor", "pipeline"])
    own = Engine(str(tmp_path))
    rules = [r.id for r in own.loaded.scenario.rules if r.kind == "use_share_floor"]
    assert rules
    for rule in rules:
        numbers = [k for k, row in enumerate(own.loaded.rows[rule]) if row.vacuous is None]
        limits = floor_limits(own, rule)
        assert len(limits) == len(numbers)
        for number, limit in zip(numbers, limits, strict=True):
            assert limit.largest >= max(float(limit.floor), limit.share or 0) - 1e-6
            assert kept(str(tmp_path), rule, number, max(limit.largest - 1e-5, 0))
            assert limit.largest == pytest.approx(1) or not kept(
                str(tmp_path), rule, number, limit.largest + 1e-5
            )


def test_floors_where_there_is_no_allocation_and_of_another_rule():
    own = engine("tutorial", "rules.change_limits.lower=1.05")
    assert [(limit.largest, limit.share) for limit in floor_limits(own, "use_share_floor")] == [
        (None, None)
    ] * 2
    with pytest.raises(ValueError, match="change_limits"):
        floor_limits(own, "change_limits")


def test_a_multiple_is_raised_further_where_its_usual_end_can_be_kept():
    # poverty-exit counties may get four times as much as the others on average, not six times
    edge = found("inner-mongolia-2025", "average_parity", "times")
    assert legal_range(engine("inner-mongolia-2025").loaded, edge.knob)[1] == 4
    assert (edge.impossibility, edge.tightest) == ("from", 8)
    assert 5 < edge.impossible.value < edge.impossible.beyond < 6
    assert edge.impossible.confirmed
    assert judged("inner-mongolia-2025", [], edge, edge.impossible.value) != "infeasible"
    assert judged("inner-mongolia-2025", [], edge, edge.impossible.beyond) == "infeasible"
