"""What it would take to get more: each turn against the scenario changed in its files and solved afresh."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from functools import cache

import pytest

from allocator.amounts import LevelOne
from allocator.faults import BadInput, NoAllocation
from allocator.load import BUNDLED, load
from allocator.plan import decide
from allocator.whatif.levers import levers_of
from allocator.why.reach import reach

TOLERANCE = 1e-5
CASES = [("990101", 5.0), ("990103", 3.0), ("990203", 7.0), ("990203", 100.0), ("990102", 1.0)]
TUTORIAL = [("parameter", "change_limits", "lower"), ("parameter", "use_share_floor", "floor")]


@cache
def level_one():
    return LevelOne(load("tutorial"))


@cache
def reaches(code, gain):
    one = level_one()
    return reach(one, one.loaded.counties.index[code], gain)


@cache
def paid(source, sets=()):
    """What each county gets, by code; None where nothing keeps all the rules."""
    try:
        loaded = load(source, sets)
        found = decide(loaded)[1]
    except (BadInput, NoAllocation):
        return None
    totals = found.first.payments(loaded.problem, found.first_levels.x).sum(axis=1)
    return dict(zip(loaded.counties.codes, totals.tolist(), strict=True))


def turned(lever, value, folder):
    """What each county gets where a planner writes the value into the scenario."""
    if lever.kind == "parameter":
        return paid("tutorial", (f"rules.{lever.owner}.{lever.key}={value}",))
    if lever.kind == "weight":
        other = "equal" if lever.key == "population" else "population"
        weights = ((lever.key, value), (other, 1 - value))
        return paid("tutorial", tuple(f"formulas.main.{key}.weight={v}" for key, v in weights))
    plan = shutil.copytree(BUNDLED / "tutorial", folder / str(len(list(folder.iterdir()))))
    with (plan / "counties.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["code"] == lever.key:
            row[lever.owner] = f"{value:f}"
    with (plan / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return paid(plan)


def gained(lever, value, folder, code):
    now = turned(lever, value, folder)
    return float("-inf") if now is None else now[code] - paid("tutorial")[code]


def test_every_lever_of_a_county_is_there():
    one = level_one()
    levers = {(v.kind, v.owner, v.key) for v in levers_of(one.loaded, 0)}
    weights = {("weight", "main", "population"), ("weight", "main", "equal")}
    assert levers == {*TUTORIAL, *weights, ("figure", "population", "990101")}


@pytest.mark.parametrize(("code", "gain"), CASES)
def test_the_turn_that_is_found_gives_the_gain_and_half_of_it_does_not(code, gain, tmp_path):
    found = [r for r in reaches(code, gain) if r.value is not None]
    for r in found:
        lever = r.lever
        assert lever.low <= r.value <= lever.high
        assert gained(lever, r.value, tmp_path, code) == pytest.approx(r.gain, abs=TOLERANCE)
        assert r.gain >= gain
        assert len((r.value - lever.value).normalize().as_tuple().digits) <= 3
        assert gained(lever, (lever.value + r.value) / 2, tmp_path, code) < gain


@pytest.mark.parametrize(
    ("code", "gain", "kinds"),
    [
        # a lower floor frees what 甲县 gives up; weights give it no more, as 60 % people is its best
        ("990101", 5.0, {"figure", "parameter"}),
        ("990103", 3.0, {"figure", "parameter"}),
        # 1000/6 is 166.7 if all is shared equally, 152 now: 7 more are within reach, 100 are not
        ("990203", 7.0, {"weight", "figure"}),
        ("990203", 100.0, set()),
    ],
)
def test_what_is_within_reach_on_the_tutorial(code, gain, kinds):
    assert {r.lever.kind for r in reaches(code, gain) if r.value is not None} >= kinds


@pytest.mark.parametrize(("code", "gain"), CASES)
def test_what_is_out_of_reach_is(code, gain, tmp_path):
    for r in reaches(code, gain):
        if r.value is not None:
            continue
        ways = [end - r.lever.value for end in (r.lever.low, r.lever.high)]
        tried = [r.lever.value + way / 2**k for way in ways for k in range(9)]
        assert max(gained(r.lever, value, tmp_path, code) for value in tried) < gain
        assert r.gain < gain
        assert r.moves is None


@pytest.mark.parametrize("gain", [7.0, 10.0])
def test_a_turn_just_before_rules_become_impossible_is_found(gain):
    # 己县 gets lower · 160, and all floors together lower · 970 of 1000: 1.03 is possible, 1.04 is not
    (found,) = (r for r in reaches("990203", gain) if r.lever.key == "lower")
    assert gained(found.lever, Decimal("1.02"), None, "990203") == pytest.approx(0.07 * 160)
    assert found.value is not None
    assert float(found.value) == pytest.approx((152 + gain) / 160, abs=0.002)


def test_moves_are_what_all_counties_gain_and_lose(tmp_path):
    (found,) = (r for r in reaches("990101", 5.0) if r.lever.key == "lower")
    now, before = turned(found.lever, found.value, tmp_path), paid("tutorial")
    change = [now[code] - before[code] for code in level_one().loaded.counties.codes]
    assert found.moves.change == pytest.approx(change, abs=TOLERANCE)


def test_progress_ends_at_one():
    told = []
    reach(level_one(), 0, 1.0, told.append)
    assert told == sorted(told)
    assert told[-1] == 1
