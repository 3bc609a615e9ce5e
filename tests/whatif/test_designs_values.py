"""Values that the scenario does not take, plans too large, and messages that say what is meant."""

from __future__ import annotations

import tracemalloc
from functools import cache

import pytest

from allocator.faults import BadInput
from allocator.load import load
from allocator.whatif.design_trial import MOST_TRIED, Trial
from allocator.whatif.designs import KINDS, Grid, Listed, Noise, Steps
from allocator.whatif.engine import Engine
from allocator.whatif.sweep import Files, Tasks
from allocator.whatif.sweep_plan import MOST_POINTS, Plan, read_plan

try:
    from tests.builders import write_scenario
except ModuleNotFoundError:
    from builders import write_scenario


@cache
def tutorial():
    return load("tutorial")


@pytest.fixture
def faults(tmp_path):
    """Faults of a plan, without the file's name; none where it is accepted."""
    file = tmp_path / "plan.yaml"

    def messages(text, lang="en", loaded=None):
        file.write_text(text, encoding="utf-8")
        try:
            read_plan(file, loaded or tutorial())
        except BadInput as error:
            return [fault.say(lang).removeprefix(f"{file}:") for fault in error.faults]
        return []

    return messages


# ---- values


REFUSED = {
    "objective": (
        "list: [{}, {^objective: foo}]",
        "list.1.objective: ‘foo’ is not one of the allowed values. allowed: 'leximin', 'proportional'",
    ),
    "figure": (
        "list: [{^columns.population.990101: -5}]",
        "list.0.columns.population.990101: must not be negative, got -5. write zero or more",
    ),
    "range of a figure": (
        "morris: {trajectories: 2, ranges: {columns.population.990101: [^-5, 5]}}",
        "morris.ranges.columns.population.990101.0: must not be negative, got -5",
    ),
    "year": (
        "grid: {year: [2030, ^2030.5]}",
        "grid.year.1: a whole number is needed here, got ‘2030.5’. write",
    ),
    "unit": (
        "one_at_a_time: {unit: [万元, ^3]}",
        "one_at_a_time.unit.1: text is needed here, got ‘3’. write",
    ),
    "formula": (
        "list: [{^streams.grant.formula: nope}]",
        "list.0.streams.grant.formula: there is no formula 'nope'. there are: main",
    ),
    "with": (
        "noise: {points: 2, columns: {population: 0.1}}\n    with: {^objective: foo}",
        "with.objective: ‘foo’ is not one of the allowed values",
    ),
    "elsewhere": (
        "list: [{^step: 3}]",
        "list.0.step: streams.grant.budget: the budget 1000 is no multiple of step 3. correct the budget",
    ),
    "between the ends": (
        "latin_hypercube: {points: 3, ranges: {^year: [2024, 2026]}}",
        "latin_hypercube.ranges.year: a whole number is needed here, got ‘2025.236’",
    ),
    "between the steps": (
        "grid: {^year: {from: 2024, to: 2026, steps: 5}}",
        "grid.year: a whole number is needed here, got ‘2024.5’",
    ),
    "column": (
        "list: [{^streams.grant.multiplier: gdp}]",
        "list.0.streams.grant.multiplier: the county table has no column 'gdp'. name a column",
    ),
    "large": (
        "list: [{^streams.grant.budget: 1e400}]",
        "list.0.streams.grant.budget: the number is too large",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_the_scenario_does_not_take_are_refused(case, faults):
    entry, expected = REFUSED[case]
    text = f"designs:\n  - {entry}\n"
    before = text[: text.index("^")].split("\n")
    (found,) = faults(text.replace("^", ""))
    assert found.startswith(f"{len(before)}:{len(before[-1]) + 1}: designs.0.{expected}")
    (chinese,) = faults(text.replace("^", ""), "zh")
    assert chinese != found


def test_all_of_them_are_told_at_once(faults):
    items = "{objective: foo}, {year: 2030.5, unit: 3}, {objective: foo}"
    assert [found.split(":")[1] for found in faults(f"designs: [{{list: [{items}]}}]")] == [
        str(1 + "designs: [{list: [{objective".index("objective")),
        str(1 + f"designs: [{{list: [{items}".index("year")),
        str(1 + f"designs: [{{list: [{items}".index("unit")),
        str(1 + f"designs: [{{list: [{items}".rindex("objective")),
    ]


def test_values_that_the_scenario_takes_are_accepted(faults):
    entries = (
        "one_at_a_time: {objective: [minimax, least_moved], rules.change_limits.law: [true]}",
        "grid: {year: {from: 2024, to: 2026, steps: 3}, title.en: [x]}",
        "list: [{streams.grant.eligible: poor}]",
    )
    for entry in entries:
        assert faults(f"designs: [{{{entry}}}]") == []


REWARD = "streams.grant.incentive={mode: multiplier, score: last_amount, bands: {'0': 1, '150': 1.1}}"
MODE, POOL = "streams.grant.incentive.mode", "streams.grant.incentive.pool"


def test_values_that_stand_only_together_are_accepted(faults):
    """`mode: reward` needs a pool, and a pool needs `mode: reward`."""
    loaded = load("tutorial", [REWARD])
    for entry in (
        f"list: [{{{MODE}: reward, {POOL}: 10}}]",
        f"list: [{{{MODE}: reward}}], with: {{{POOL}: 10}}",
        f"grid: {{{MODE}: [reward], {POOL}: [10, 20]}}",
        f"latin_hypercube: {{points: 2, ranges: {{{POOL}: [10, 20]}}}}, with: {{{MODE}: reward}}",
    ):
        assert faults(f"designs: [{{{entry}}}]", loaded=loaded) == []
    for entry in (f"list: [{{{MODE}: reward}}, {{}}]", f"one_at_a_time: {{{POOL}: [10]}}"):
        assert len(faults(f"designs: [{{{entry}}}]", loaded=loaded)) == 1


def test_a_value_is_tried_once(monkeypatch):
    tried = []
    real = Trial.faults
    monkeypatch.setattr(
        "allocator.whatif.design_trial._faults", lambda loaded, sets: tried.append(sets) or ()
    )
    trial = Trial(tutorial())
    for number in range(3):
        real(trial, ["year=2025"])
        real(trial, [f"year={2026 + number}"])
    assert len(tried) == 4
    for number in range(MOST_TRIED + 5):
        real(trial, [f"step={number}"])
    assert len(tried) == MOST_TRIED


def test_the_same_is_refused_in_code():
    with pytest.raises(BadInput, match="‘foo’ is not one"):
        Plan(designs=(Listed(items=({"objective": "foo"},)),)).check(tutorial())


# ---- how many


HUGE = "{grid: {streams.grant.budget: {from: 0, to: 1e9, steps: 100000000000}}}"


def test_too_many_points_are_refused(faults):
    assert faults(f"designs: [{HUGE}]") == [
        "1:12: designs.0.grid: 100000000000 points up to and with this design, 10000000 at most. "
        "use fewer points or values, or several plans"
    ]
    assert "超过上限 10000000" in faults(f"designs: [{HUGE}]", "zh")[0]
    assert len(faults(f"designs: [{HUGE.replace('steps: 1', f'steps: {10**30}')}]")) == 1


def test_they_are_counted_over_all_designs(faults):
    half = f"{{noise: {{points: {MOST_POINTS // 2}, columns: {{population: 0.1}}}}}}"
    assert faults(f"designs: [{half}, {half}]") == []
    (found,) = faults(f"designs: [{half}, {half}, {{list: [{{}}]}}]")
    assert "designs.2.list: 10000001 points" in found
    noise = Noise(points=MOST_POINTS // 2, columns={"population": 0.1})
    plan = Plan(designs=(noise, noise, Listed(items=({},))))
    with pytest.raises(BadInput, match="10000001 points"):
        plan.check(tutorial())


def test_a_large_plan_takes_no_memory_before_it_runs():
    plan = Plan(designs=(Grid(values={"streams.grant.budget": Steps(from_=0, to=1, steps=10**12)}),))
    tracemalloc.start()
    own = Tasks(Files(()), plan.size(tutorial()), lambda a, b: [{}] * (b - a), ("counties",), 100)
    assert len(own) == 10**10
    assert own[-1]().start == 10**12 - 100
    assert [make().start for make in own[5:7]] == [500, 600]
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()
    left = Tasks(Files(()), 10, lambda a, b: [{}] * (b - a), (), 4, done=frozenset({4}))
    assert [make().start for make in left] == [0, 8]


# ---- messages


def test_an_unknown_design_shows_all_that_there_are(faults):
    for key in ("foo", "girds"):
        (found,) = faults(f"designs: [{{{key}: 1}}]")
        assert found.endswith(f"there is no design '{key}'. designs: {', '.join(KINDS)}")


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        ("noise: {points: 2, columns: {gdp: 0.1}}", "noise.columns.gdp"),
        ("noise: {points: 2, kind: bootstrap, columns: [gdp]}", "noise.columns.0"),
        ("list: [{columns.gdp: 1.1}]", "list.0.columns.gdp"),
        ("list: [{columns.gdp.150101: 5}]", "list.0.columns.gdp.150101"),
    ],
)
def test_a_column_that_nothing_uses_is_called_that(tmp_path, faults, entry, at):
    folder = write_scenario(tmp_path / "plan")
    table = folder / "counties.csv"
    first, *lines = table.read_text(encoding="utf-8-sig").splitlines()
    table.write_text("\n".join([f"{first},gdp", *(f"{line},7" for line in lines)]), encoding="utf-8")
    (found,) = faults(f"designs: [{{{entry}}}]", loaded=load(folder))
    assert f"{at}: nothing in the scenario uses the figures of column 'gdp'. columns that it uses: " in found


@pytest.mark.parametrize("seed", ["1.5", "x", "[1]"])
def test_a_whole_number_is_asked_for(seed, faults):
    (found,) = faults(f"seed: {seed}\ndesigns: [{{list: [{{}}]}}]")
    assert found.startswith("1:1: seed: a whole number is needed here, got ‘")
    assert "需要整数" in faults(f"seed: {seed}\ndesigns: [{{list: [{{}}]}}]", "zh")[0]


# ---- why a point fails


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        (
            {"formulas.main.population.weight": "0.7", "formulas.main.equal.weight": "0.6"},
            "formulas.main: the weights given add up to 1.3, more than 1",
            "formulas.main: 所给权重之和为 1.3，超过 1",
        ),
        (
            {"formulas.main.population.weight": "1.5"},
            "formulas.main.population.weight: a weight lies between 0 and 1, got 1.5",
            "formulas.main.population.weight: 权重须在 0 与 1 之间，现为 1.5",
        ),
        (
            {"columns.population.990101": -3},
            "columns.population.990101: must not be negative, got -3",
            "columns.population.990101: 不能为负，现为 -3",
        ),
    ],
)
def test_reasons_are_right_and_in_both_languages(changes, en, zh):
    engine = Engine("tutorial")
    for point in (engine.solve(changes), engine.cold(changes)):
        assert (point.status, point.why, point.reason) == ("failed", (zh, en), en)


def test_every_reason_has_chinese():
    engine = Engine("tutorial")
    for changes in (
        {"columns.population": 0},
        {"streams.grant.budget": "much"},
        {"streams.grand.budget": 900},
        {"objective": "kindness"},
        {"counties.drop": "999999"},
    ):
        point = engine.solve(changes)
        assert point.status == "failed"
        assert any("一" <= letter <= "鿿" for letter in point.why.zh), point.why
