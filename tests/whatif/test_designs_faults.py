"""Plans of sweeps that are wrong: every fault with its line, its column, and what to do, all at once."""

from __future__ import annotations

import sys
from functools import cache

import pytest
from pydantic import ValidationError

from allocator.faults import BadInput
from allocator.load import load
from allocator.whatif.designs import Grid, Listed, Morris, Sobol
from allocator.whatif.sweep_plan import Plan, read_plan

BUDGET = "streams.grant.budget"


@cache
def tutorial():
    return load("tutorial")


@pytest.fixture
def refused(tmp_path):
    """Messages of a refused plan, without the file's name."""
    file = tmp_path / "plan.yaml"

    def messages(text, lang="en"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput) as caught:
            read_plan(file, tutorial())
        assert caught.value.exit_code == 2
        return [fault.say(lang).removeprefix(f"{file}:") for fault in caught.value.faults]

    return messages


# the fault's place in the entry is marked by a caret
FAULTS = {
    "unknown path": (
        "grid: {^streams.grnt.budget: [1]}",
        "grid.streams.grnt.budget: the scenario has no such thing. near: streams.grant.budget",
    ),
    "unknown key of a rule": (
        "grid: {^rules.change_limits.lowr: [0.9]}",
        "grid.rules.change_limits.lowr: the scenario has no such thing. near: rules.change_limits.lower",
    ),
    "unknown other path": (
        "list: [{}, {^nam.x: 1}]",
        "list.1.nam.x: there is no path 'nam'. there are: name",
    ),
    "unknown column": (
        "noise: {points: 1, columns: {^populatio: 0.1}}",
        "noise.columns.populatio: the scenario has no such thing. near: columns.population",
    ),
    "unknown key": (
        "latin_hypercube: {^point: 3, points: 1, ranges: {streams.grant.budget: [1, 2]}}",
        "latin_hypercube.point: unknown key 'point'. allowed keys: points",
    ),
    "unknown key of steps": (
        "grid: {streams.grant.budget: {from: 1, to: 2, steps: 2, ^step: 1}}",
        "grid.streams.grant.budget.step: unknown key 'step'. allowed keys: steps",
    ),
    "unknown design": ("^girds: {a: [1]}", "girds: there is no design 'girds'. designs: grid"),
    "no design": ("^name: x", "this item names no design. designs: grid, list, one_at_a_time, latin_"),
    "two designs": (
        "grid: {streams.grant.budget: [1]}\n    ^list: [{}]",
        "list: one design each, here are 'grid' and 'list'. give list an item of its own (- list: …)",
    ),
    "misplaced key": (
        "list: [{}]\n    ^points: 3",
        "points: unknown key 'points' beside 'list'. only with and name stand beside list",
    ),
    "with inside": (
        "grid: {streams.grant.budget: [1], ^with: {name: x}}",
        "grid.with: 'with' stands beside 'grid', not under it. indent with like grid",
    ),
    "with again": (
        "grid: {streams.grant.budget: [1]}\n    with: {^streams.grant.budget: 2}",
        "with.streams.grant.budget: 'grid' already changes this; 'with' cannot fix it too. remove one",
    ),
    "with of a drawn weight": (
        "dirichlet: {points: 2, formula: main, uniform: true}\n    with: {^formulas.main.equal.weight: 0.3}",
        "with.formulas.main.equal.weight: 'dirichlet' already changes this; 'with' cannot fix it too",
    ),
    "with of a noisy figure": (
        "noise: {points: 2, columns: {population: 0.1}}\n    with: {^columns.population.990101: 5}",
        "with.columns.population.990101: 'noise' already changes this; 'with' cannot fix it too",
    ),
    "bad range": (
        "sobol: {points: 4, ranges: {^streams.grant.budget: [2, 1]}}",
        "sobol.ranges.streams.grant.budget: the lowest value 2 is not below the highest 1. such as [1, 2]",
    ),
    "equal range": (
        "morris: {trajectories: 4, ranges: {^streams.grant.budget: [2, 2]}}",
        "morris.ranges.streams.grant.budget: the lowest value 2 is not below the highest 2."
        " put a fixed value under 'with'",
    ),
    "not a range": (
        "morris: {trajectories: 4, ranges: {^streams.grant.budget: 2}}",
        "morris.ranges.streams.grant.budget: a range is [lowest, highest]. such as [0.9, 1.1]",
    ),
    "range of codes": (
        "morris: {trajectories: 4, ranges: {^counties.drop: [1, 2]}}",
        "morris.ranges.counties.drop: counties.drop takes county codes, not a range. use list or grid",
    ),
    "illegal end": (
        "sobol: {points: 4, ranges: {rules.use_share_floor.floor: [0.5, ^1.5]}}",
        "sobol.ranges.rules.use_share_floor.floor.1: least share cannot be 1.5. shares lie between 0 and 1",
    ),
    "with beside a list": (
        "list: [{name: x}]\n    with: {^name: y}",
        "with.name: 'list' already changes this; 'with' cannot fix it too",
    ),
    "with of a range": (
        "morris: {trajectories: 4, ranges: {streams.grant.budget: [1, 2]}}"
        "\n    with: {^streams.grant.budget: 2}",
        "with.streams.grant.budget: 'morris' already changes this; 'with' cannot fix it too",
    ),
    "steps of codes": (
        "one_at_a_time: {^counties.drop: {from: 1, to: 2, steps: 2}}",
        "one_at_a_time.counties.drop: counties.drop takes county codes, not a range. use list or grid",
    ),
    "bad weight": (
        "grid: {formulas.main.equal.weight: [0.5, ^40]}",
        "grid.formulas.main.equal.weight.1: a weight lies between 0 and 1, got 40. write it as a decimal",
    ),
    "negative budget": (
        "grid: {streams.grant.budget: {^from: -1, to: 5, steps: 3}}",
        "grid.streams.grant.budget.from: must not be negative, got -1. write zero or more",
    ),
    "no number": (
        "one_at_a_time: {columns.population: [^much]}",
        "one_at_a_time.columns.population.0: a number is needed here. such as 0.3 or 1200",
    ),
    "unknown county": (
        "list: [{^counties.drop: [990101, 990199]}]",
        "list.0.counties.drop: the county table has no 990199. write codes of the table's column 'code'",
    ),
    "no list": (
        "grid: {^streams.grant.budget: 5}",
        "grid.streams.grant.budget: a list is needed here, got ‘5’. such as grid: {",
    ),
    "unknown formula": (
        "dirichlet: {points: 2, ^formula: mian, concentration: 5}",
        "dirichlet.formula: the scenario has no formula 'mian'. formulas: main",
    ),
    "both or neither": (
        "^dirichlet: {points: 2, formula: main}",
        "dirichlet: 'dirichlet' needs exactly one of 'concentration' and 'uniform: true'. such as dirichlet",
    ),
    "no power of two": (
        "sobol: {^points: 100, ranges: {streams.grant.budget: [1, 2]}}",
        "sobol.points: 'points' must be a power of two, got 100. use 64 or 128",
    ),
    "odd levels": (
        "morris: {trajectories: 4, ^levels: 5, ranges: {streams.grant.budget: [1, 2]}}",
        "morris.levels: 'levels' must be even, got 5. use 6; 4 is usual",
    ),
    "no points": (
        "noise: {^points: 0, columns: {population: 0.1}}",
        "noise.points: must be at least 1, got ‘0’. such as noise: {points: 200, columns: {",
    ),
    "missing key": ("^morris: {trajectories: 4}", "morris.ranges: 'ranges' is required. add it"),
    "too many": (
        "^latin_hypercube: {points: 99999999, ranges: {streams.grant.budget: [1, 2]}}",
        "latin_hypercube: 99999999 points are too many to hold. use fewer points",
    ),
    "list for lognormal": (
        "noise: {points: 2, ^columns: [population]}",
        "noise.columns: 'columns' needs a relative standard error for each column. such as columns: {",
    ),
    "map for bootstrap": (
        "noise: {points: 2, ^columns: {population: 0.1}, kind: bootstrap}",
        "noise.columns: with 'kind: bootstrap', 'columns' is a list. such as columns: [population]",
    ),
    "empty value": (
        "list: [{^name: }]",
        "list.0.name: a number, text or a list of county codes is needed here. write one number or text",
    ),
    "design without keys": (
        "^sobol: 8",
        "sobol: 'sobol' needs keys and values. such as sobol: {points: 256, ",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_every_fault_has_its_line_and_what_to_do(case, refused):
    entry, expected = FAULTS[case]
    text = f"designs:\n  - {entry}\n"
    before = text[: text.index("^")].split("\n")
    (found,) = refused(text.replace("^", ""))
    dot = "" if expected.startswith("this") else "."
    start = f"{len(before)}:{len(before[-1]) + 1}: designs.0{dot or ': '}"
    assert found.startswith(f"{start}{expected}")
    assert refused(text.replace("^", ""), "zh") != [found]


def test_faults_are_listed_all_at_once_in_file_order(refused):
    text = """\
sed: 1
record: [counties, figures]
designs:
  - latin_hypercube:
      points: 0
      ranges: {streams.nothing.budget: [1, 2]}
    name: one
  - dirichlet: {points: 2, formula: other, concentration: 5}
    name: one
  - sobol: {points: 3, ranges: {streams.grant.budget: [1, 2]}}
    with: {rules.no_such.floor: 0.5}
  - noise: {points: x, columns: [p]}
  - list: [{columns.q: 1}, 5]
"""
    found = refused(text)
    assert [int(message.split(":")[0]) for message in found] == [1, 2, 5, 6, 8, 9, 10, 11, 12, 12, 13, 13]
    assert "unknown key 'sed'. allowed keys: seed" in found[0]
    assert "allowed: 'counties', 'payments'" in found[1]
    assert "the name 'one' is taken. choose another name" in found[5]
    assert "请用 2 或 4" in refused(text, "zh")[6]


@pytest.mark.parametrize(
    "text", ["", "5", "- grid: {}", "designs: []", "seed: 1", "designs: {}", "designs: 5"]
)
def test_files_that_are_no_plan(text, refused):
    assert len(refused(text)) == 1


def test_keys_of_the_plan_itself(refused):
    assert refused("seed: -1\nrecord: []\ndesigns: [{list: [{}]}]") == [
        "1:1: seed: must be at least 0, got ‘-1’. such as seed: 0",
        "2:1: record: must not be empty. such as record: [counties, metrics]",
    ]


def test_a_missing_file(tmp_path):
    with pytest.raises(BadInput, match="no such file"):
        read_plan(tmp_path / "plan.yaml", tutorial())


def test_salib_missing(monkeypatch, refused):
    text = "designs: [{sobol: {points: 4, ranges: {streams.grant.budget: [1, 2]}}}]"
    monkeypatch.setattr("allocator.whatif.design_spread.find_spec", lambda name: None)
    assert refused(text) == [
        "1:12: designs.0.sobol: SALib is needed here and not installed. pip install 'allocator[sensitivity]'"
    ]
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    with pytest.raises(BadInput, match="allocator\\[sensitivity\\]"):
        Morris(trajectories=1, ranges={BUDGET: (1, 2)}).matrix(99)


def test_models_made_in_code_refuse_and_check():
    with pytest.raises(ValidationError, match="power of two"):
        Sobol(points=3, ranges={BUDGET: (1, 2)})
    with pytest.raises(ValidationError, match="frozen"):
        Listed(items=({},)).name = "x"
    same = Listed(items=({},), name="x")
    with pytest.raises(BadInput) as caught:
        Plan(designs=(Grid(values={"rules.x.floor": (1,)}), same, same)).check(tutorial())
    assert [f.place.path for f in caught.value.faults] == ["designs.0.grid.rules.x.floor", "designs.2.name"]
