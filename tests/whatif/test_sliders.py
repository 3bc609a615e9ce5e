"""Sliders: whole scenarios in whole money, which a saved scenario gives again."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal

import numpy as np
import pytest

from allocator.flatten import flatten
from allocator.load import BUNDLED, load
from allocator.plan import solve
from allocator.whatif.engine import Engine
from allocator.whatif.sliders import sets_of, sliders, weights_of
from allocator.whatif.sweep import Files
from allocator.whatif.weight_sweep import parameter_sweep, weight_sweep
from reports.study.sliders import slider_bytes


@pytest.fixture(scope="module")
def made():
    source = BUNDLED / "tutorial"
    engine = Engine(str(source))
    loaded = engine.loaded
    formula, factors = next((f, x) for f, x in loaded.scenario.formulas.items() if len(x) > 1)
    knobs = [k for r in loaded.scenario.rules for k in r.knobs(loaded.scenario.year)]
    swept = [
        weight_sweep(engine, formula, factors[0].factor, 4),
        *(parameter_sweep(engine, k, 3) for k in knobs),
    ]
    files = Files(tuple(sorted(flatten(source).items())))
    return loaded, sliders(engine, files, swept)


def test_every_weight_parameter_and_budget_has_a_slider_through_the_present(made):
    loaded, found = made
    assert {s.kind for s in found} == {"weight", "rule", "budget"}
    assert sum(s.kind == "budget" for s in found) == sum(
        bool(s.budget) for s in loaded.scenario.streams.values()
    )
    base = solve(loaded).steps
    for slider in found:
        values = [point.value for point in slider.points]
        assert values == sorted(set(values))
        assert slider.present is not None
        here = slider.points[slider.present]
        assert here.sets == ()
        assert (here.steps == base).all()


def test_a_saved_scenario_solves_to_the_very_table(made, tmp_path):
    loaded, found = made
    shutil.copytree(BUNDLED / "tutorial", tmp_path / "scenario")
    record = json.loads(slider_bytes(loaded, found))
    assert record["codes"] == list(loaded.counties.codes)
    moved = infeasible = 0
    for number, (slider, written) in enumerate(zip(found, record["levers"], strict=True)):
        for place, point in enumerate(written["points"]):
            folder = tmp_path / f"saved-{number}-{place}"
            folder.mkdir()
            (folder / "scenario.yaml").write_text(point["yaml"], "utf-8")
            if point["status"] == "infeasible":
                infeasible += 1
                assert slider.points[place].steps is None
                assert set(point["rules"]) <= set(loaded.scenario.rule_by_id)
                continue
            steps = solve(load(folder)).steps
            assert steps.sum(axis=2).tolist() == point["streams"]
            assert steps.sum(axis=1).tolist() == point["uses"]
            moved += bool(np.any(steps != solve(loaded).steps))
    assert moved
    assert infeasible < sum(len(s.points) for s in found)


@pytest.mark.parametrize("weight", ["0", "0.123456", "0.5", "1"])
def test_weights_add_up_to_one_exactly_and_keep_their_proportions(weight):
    loaded = load("inner-mongolia-2025")
    factors = loaded.scenario.formulas["consolidation"]
    found = weights_of(loaded, "consolidation", factors[0].factor, Decimal(weight))
    assert sum(found.values()) == 1
    assert found[factors[0].factor] == Decimal(weight)
    rest = 1 - factors[0].weight
    for factor in factors[1:]:
        assert abs(found[factor.factor] - factor.weight * (1 - Decimal(weight)) / rest) <= Decimal("0.000003")


def test_a_parameter_by_year_is_set_for_this_year_alone():
    loaded = load("inner-mongolia-2025")
    assert sets_of(loaded, "rules.use_share_floor.floor", Decimal("0.66")) == (
        "rules.use_share_floor.floor.2025=0.66",
    )
