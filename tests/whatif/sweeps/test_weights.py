"""Points that turn weights: what is in effect, and that it is said; why points fail, in both languages."""

from __future__ import annotations

import json

import pytest

from allocator.load import load
from allocator.variant import with_weight
from tests.whatif.sweeps.cases import rows, sweep, written

POPULATION, EQUAL = "formulas.main.population.weight", "formulas.main.equal.weight"
PLAN = f"""\
designs:
  - list:
      - {{}}
      - {{{POPULATION}: 0.5}}
      - {{{POPULATION}: 0.7, {EQUAL}: 0.3}}
      - {{{POPULATION}: 0.3, {EQUAL}: 0.2}}
      - {{{POPULATION}: 0.7, {EQUAL}: 0.6}}
      - {{streams.grant.budget: 900}}
  - dirichlet: {{points: 2, formula: main, uniform: true}}
"""


@pytest.fixture
def plan(tmp_path):
    return written(tmp_path / "weights.yaml", PLAN)


def test_weights_in_effect_are_stored(plan, tmp_path):
    assert sweep(plan, tmp_path / "out") == 0
    points = rows(tmp_path / "out")
    weights = [json.loads(point["weights"] or "null") for point in points]
    assert weights[:6] == [
        None,
        {"main": {"population": 0.5, "equal": 0.5}},
        {"main": {"population": 0.7, "equal": 0.3}},
        {"main": {"population": 0.6, "equal": 0.4}},
        None,
        None,
    ]
    assert all(sum(own["main"].values()) == pytest.approx(1) for own in weights[6:])
    assert [point["renormalised"] for point in points] == [False, True, False, True, *[False] * 4]


def test_they_are_those_of_the_scenario_so_changed(tmp_path):
    name = "inner-mongolia-2025"
    loaded = load(name)
    formula, factors = next((f, own) for f, own in loaded.scenario.formulas.items() if len(own) > 2)
    changed = with_weight(loaded, formula, factors[0].factor, factors[0].weight / 2)
    wanted = {f.factor: pytest.approx(float(f.weight)) for f in changed.scenario.formulas[formula]}
    text = (
        f"designs: [{{list: [{{formulas.{formula}.{factors[0].factor}.weight: {factors[0].weight / 2}}}]}}]"
    )
    assert sweep(written(tmp_path / "plan.yaml", text), tmp_path / "out", scenario=name) == 0
    assert json.loads(rows(tmp_path / "out")[0]["weights"]) == {formula: wanted}


@pytest.mark.parametrize(("lang", "words"), [("en", "add up to 1: in 2 of the"), ("zh", "恒为 1：2 个情景")])
def test_it_is_said_on_the_screen_and_in_the_record(plan, tmp_path, capsys, lang, words):
    for more in ((), ("--resume",)):
        assert sweep(plan, tmp_path / "out", "--lang", lang, *more) == 0
        assert words in capsys.readouterr().err
    record = json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))
    assert [words in notice[lang] for notice in record["notices"]] == [True]
    assert sweep(plan, tmp_path / "json", "--lang", lang, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["renormalised"] == 2
    assert words in found["notices"][0]


def test_nothing_is_said_where_weights_are_as_given(tmp_path, capsys):
    text = f"designs: [{{list: [{{}}, {{{POPULATION}: 0.7, {EQUAL}: 0.3}}]}}]"
    assert sweep(written(tmp_path / "plan.yaml", text), tmp_path / "out") == 0
    assert "weights" not in capsys.readouterr().err
    assert json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))["notices"] == []


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        (f"{POPULATION}: 0.7, {EQUAL}: 0.6", "the weights given add up to 1.3", "所给权重之和为 1.3，超过 1"),
        ("columns.population: 0", "the values add up to zero", "各旗县的值合计为 0"),
        ("columns.population.990101: 0, columns.last_amount: 0", "", ""),
    ],
)
def test_reasons_are_in_the_language_of_the_run_and_stored_in_both(tmp_path, capsys, changes, en, zh):
    plan = written(tmp_path / "plan.yaml", f"designs: [{{list: [{{{changes}}}]}}]")
    for lang, words in (("en", en), ("zh", zh)):
        assert sweep(plan, tmp_path / lang, "--lang", lang) == 0
        said = capsys.readouterr().out
        assert words in said
        assert "between 0 and 1" not in said
        (point,) = rows(tmp_path / lang)
        assert en in point["reason"]
        assert zh in point["reason_zh"]
        assert bool(en) == (point["status"] == "failed")
    assert sweep(plan, tmp_path / "zh", "--lang", "zh", "--json") == 0
    assert all(zh in reason for reason in json.loads(capsys.readouterr().out)["reasons"])
