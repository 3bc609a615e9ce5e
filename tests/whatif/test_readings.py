"""Readings of ambiguous clauses: each solved in the place of the one in force."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import numpy as np
import pytest

from allocator.cli.main import run
from allocator.faults import BadInput
from allocator.load import bundled, load
from allocator.plan import solve
from allocator.rules import KINDS
from allocator.variant import with_scenario
from allocator.verdict import judge
from allocator.whatif.reading_subjects import Unfit, choices
from allocator.whatif.readings import readings
from tests.bundles import EARLIER
from tests.policy_scenario import document, write

RULES = [
    {
        "kind": "use_share_floor",
        "tag": "industry",
        "floor": 0.4,
        "not_below": "last_share",
        "own_share": "own_last",
        "alternatives": {
            "sixty": {"title": {"zh": "六成", "en": "sixty"}, "clause": "示例", "set": {"floor": 0.6}},
            "no_pool": {"set": {"scope": {"streams": "central"}}},
        },
    },
    {"kind": "average_parity", "group": "exit"},
    {"kind": "change_limits", "column": "last_amount", "lower": 0.9, "upper": 1.1},
]


def of(found, owner, question):
    """Effects of one question by reading."""
    return {
        e.choice.name: e
        for e in found.effects
        if e.choice.owner == owner and e.choice.question.name == question
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = document(rules=RULES)
    made["streams"]["central"]["incentive"] = {
        "score": "score",
        "mode": "reward_and_deduct",
        "bands": {"90": 0.1, "70": 0, "0": -0.04},
    }
    return write(tmp_path_factory.mktemp("readings") / "made", made)


@pytest.fixture(scope="module")
def found(folder):
    return readings(load(folder), lambda what, share: None)


def test_every_reading_equals_the_scenario_written_that_way(folder, found):
    """Each reading against a scenario whose file says it, loaded and solved by itself."""
    written = {
        ("rules.use_share_floor", "base"): "rules.use_share_floor.base={}",
        ("rules.use_share_floor", "ratchet"): "rules.use_share_floor.ratchet={}",
        ("rules.average_parity", "reading"): "rules.average_parity.reading={}",
        ("rules.average_parity", "against"): "rules.average_parity.against={}",
        ("rules.change_limits", "relative_to"): "rules.change_limits.relative_to={}",
    }
    base = solve(load(folder))
    compared = 0
    for (owner, question), path in written.items():
        for name, effect in of(found, owner, question).items():
            if effect.status not in ("solved", "same"):
                continue
            other = load(folder, [path.format(name)])
            after = solve(other)
            change = (after.steps - base.steps).sum(axis=(1, 2))
            assert effect.moved == Fraction(int(np.abs(change).sum()), 2)
            assert effect.moved_uses == Fraction(int(np.abs(after.steps - base.steps).sum()), 2)
            if effect.largest is not None:
                assert abs(effect.largest[1]) == np.abs(change).max()
            assert effect.broken == len(judge(other.problem, other.rows, base.steps).broken)
            compared += 1
    assert compared == 7


def test_bases_tell_streams_by_level_and_fund(folder):
    """Central 1000 and relief 500 are central bridging money, water 300 is regional and integrated."""
    loaded = load(folder)
    expected = {
        "central_regional": 1500, "upper": 1500, "bridging": 1500, "central": 1500, "region": 0,
        "received": 1800, "all": 1800,
    }  # fmt: skip
    budgets = [int(b) for b in loaded.problem.budgets]
    for base, money in expected.items():
        mask = loaded.problem.base_mask(base)[0, :, 0]
        assert sum(b for b, own in zip(budgets, mask, strict=True) if own) == money
    county = load(folder, ["streams.relief.level=county"])
    sums = {
        base: sum(
            int(b)
            for b, own in zip(county.problem.budgets, county.problem.base_mask(base)[0, :, 0], strict=True)
            if own
        )
        for base in ("central_regional", "upper", "bridging", "all")
    }
    assert sums == {"central_regional": 1000, "upper": 1000, "bridging": 1500, "all": 1800}
    prefecture = load(folder, ["streams.relief.level=prefecture"]).problem
    assert prefecture.base_mask("upper")[0, 1].all()
    assert not prefecture.base_mask("central_regional")[0, 1].any()


def test_states_of_readings(found):
    base = of(found, "rules.use_share_floor", "base")
    assert base["central_regional"].status == "in_force"
    assert base["region"].status == "unavailable"
    assert "region" in base["region"].why.en
    assert base["received"].status == "solved"
    assert base["bridging"].status == "same"
    others = of(found, "rules.use_share_floor", "alternatives")
    assert sorted(others) == ["as_written", "no_pool", "sixty"]
    assert others["sixty"].choice.title.zh == "六成"
    assert others["sixty"].choice.clause == "示例"
    modes = of(found, "streams.central", "incentive")
    assert modes["reward"].status == "unavailable"
    assert modes["multiplier"].status == modes["none"].status == "solved"
    assert modes["none"].moved > 0
    pools = of(found, "streams.relief", "pool")
    assert pools["strict"].broken > 0  # the present table uses what only pilots may


def test_the_margin_is_the_least_slack_of_the_rule(folder, found):
    loaded = load(folder)
    verdict = judge(loaded.problem, loaded.rows, found.allocation.steps)
    least = min(r.slack for r in verdict.rules if r.rule == "average_parity")
    assert of(found, "rules.average_parity", "reading")["group_average"].tightest.slack == least


def test_a_ratchet_by_county_binds_each_county_with_a_figure(folder):
    """甲 0.5, 乙 0.62, 丙 0.4, 丁 0.3, 戊 0.5 of their own bridging money; 己 has no figure."""
    loaded = load(folder, ["rules.use_share_floor.ratchet=county", "rules.use_share_floor.retain=0.5"])
    rows = loaded.rows["use_share_floor"]
    assert [row.where for row in rows[:2]] == ["天山地区", "昆仑地区"]
    assert {row.times for row in rows[:2]} == {Fraction(2, 5)}
    assert [(row.where, float(row.times)) for row in rows[2:]] == [
        ("650101", 0.25), ("650102", 0.31), ("650103", 0.2), ("650201", 0.15), ("650202", 0.25),
    ]  # fmt: skip
    rule = loaded.scenario.rule_by_id["use_share_floor"]
    assert rule.governing(rows[3], 2023) == "retain"
    assert "不低于上年" in rule.demand(rows[3], loaded.names).zh
    # without a column of their own the counties keep their prefecture's share
    common = load(folder, ["rules.use_share_floor.ratchet=county", "rules.use_share_floor.own_share=null"])
    assert {float(row.times) for row in common.rows["use_share_floor"][2:]} == {0.5, 0.45}


def test_each_use_by_itself(tmp_path):
    cap = {"kind": "use_share_cap", "tag": "side", "cap": 0.3}
    made = document(rules=[cap])
    made["uses"]["roads"]["tags"] = made["uses"]["relocation"]["tags"] = ["side"]
    made["streams"]["central"]["forbidden"] = ["relocation"]
    folder = write(tmp_path, made)
    joint, each = load(folder), load(folder, ["rules.use_share_cap.counted=each"])
    assert [row.where for row in joint.rows["use_share_cap"]][:2] == ["650101", "650102"]
    rows = each.rows["use_share_cap"]
    assert [row.where for row in rows][:3] == ["650101/relocation", "650101/roads", "650102/relocation"]
    rule = each.scenario.rule_by_id["use_share_cap"]
    assert "道路" in rule.demand(rows[1], each.names).zh
    by_use = {
        u: np.concatenate([row.left for row in rows if row.where.endswith(u)])
        for u in ("roads", "relocation")
    }
    both = np.concatenate([row.left for row in joint.rows["use_share_cap"]])
    assert sorted(both.tolist()) == sorted(np.concatenate(list(by_use.values())).tolist())


NOT_AVAILABLE = {
    # rules.use_share_floor: prefectures' own shares are not the region's, and counties' own are not known
    "inner-mongolia-2025": {("by", "region"), ("ratchet", "county")},
    "inner-mongolia-2025-integrated": {("by", "region")},
    "yangquan-2024": {("ratchet", "county")},
    # its one stream says no level
    "tutorial": {("base", "central"), ("base", "region")},
    # streams.regional_consolidation: no pool to pay rewards from
    "xinjiang-2024": {("incentive", "reward")},
}
OTHERS = {
    "inner-mongolia-2025": {
        "use_share_floor": [
            "strict_industry", "consolidation_alone", "without_work_relief", "whole_region",
            "after_2025_last_share", "after_2025_central_60",
        ],
        "use_share_cap": ["by_prefecture", "poverty_exit_alone", "regional_money"],
        "average_parity": [
            "key_support", "central_consolidation", "regional_consolidation", "central_ethnic",
            "central_work_relief",
        ],
        "change_limits": ["never_less", "within_2", "within_5"],
        "group_share_floor": ["formula_alone", "central_alone"],
    },
    "yangquan-2024": {
        "use_share_floor": ["within_2", "within_5", "this_notice"],
        "change_limits": ["never_less", "within_5"],
    },
    "xinjiang-2024": {
        "industry_first": ["half", "by_prefecture"],
        "infrastructure_last": ["after_income", "by_prefecture"],
        "average_parity": ["central_money", "regional_money"],
        "change_limits": ["never_less", "within_5"],
    },
    "daxinganling-2026": {
        "use_share_floor": ["consolidation_alone"],
        "change_limits": ["never_less", "within_5"],
    },
}  # fmt: skip
OTHERS["inner-mongolia-2025-integrated"] = {
    **OTHERS["inner-mongolia-2025"],
    "average_parity_integrated": ["central_farmland", "regional_water", "both_funds"],
}
"""Rule → readings that the scenario lists itself."""


@pytest.mark.parametrize("name", [name for name in bundled() if name not in EARLIER])
def test_bundled_readings(name):
    """Every reading can be tried but those that need figures nobody has; those in force change nothing."""
    loaded = load(name)
    missing, listed = set(), {}
    for choice in choices(loaded.scenario):
        question = choice.question.name
        assert choice.title.zh != choice.name
        assert choice.title.en
        if question == "alternatives" and not choice.in_force:
            listed.setdefault(choice.rule, []).append(choice.name)
        try:
            again = with_scenario(loaded, choice.scenario())
        except (Unfit, BadInput):
            missing.add((question, choice.name))
            continue
        if choice.in_force:
            assert again.problem.formula == loaded.problem.formula
            for rule, rows in loaded.rows.items():
                assert [(r.where, r.times, r.plus, r.left.tolist()) for r in again.rows[rule]] == [
                    (r.where, r.times, r.plus, r.left.tolist()) for r in rows
                ]
    assert missing == NOT_AVAILABLE.get(name, set())
    assert listed == OTHERS.get(name, {})


@pytest.mark.parametrize("kind", KINDS)
def test_every_question_has_a_first_reading_and_words(kind):
    for question in KINDS[kind].questions:
        assert len(question.readings) >= 2
        assert question.quote
        assert question.clause
        assert question.grounds.zh
        assert question.grounds.en
        # the default of the parameter is the reading that the text supports
        fields = KINDS[kind].model_fields
        assert all(fields[key].default == value for key, value in question.readings[0].values.items())


def test_the_command(folder, tmp_path, capsys):
    assert run(["readings", str(folder), "-o", str(tmp_path / "out"), "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "内政发〔2022〕9号 六（三）“确保当年" in shown
    assert "●" in shown
    text = (tmp_path / "out" / "readings.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert run(["readings", str(folder), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["feasible"]
    assert [r["reading"] for r in record["readings"]] == [r["reading"] for r in rows]
    keys = [(r["owner"], r["question"], r["reading"]) for r in rows]
    assert len(set(keys)) == len(keys)
    groups = {(r["owner"], r["question"]) for r in rows}
    in_force = [(r["owner"], r["question"]) for r in rows if r["in_force"] == "true"]
    assert sorted(in_force) == sorted(groups)
    before = (tmp_path / "out" / "readings.csv").read_bytes()
    assert run(["readings", str(folder), "-o", str(tmp_path / "again"), "--lang", "en"]) == 0
    assert (tmp_path / "again" / "readings.csv").read_bytes() == before


def test_without_an_allocation_the_rules_are_named(folder, capsys):
    argv = [
        "readings",
        str(folder),
        "--set",
        "rules.change_limits.lower=1.2",
        "--set",
        "rules.change_limits.upper=1.3",
    ]
    assert run([*argv, "--lang", "zh"]) == 1
    assert "现行口径下没有可行的分配" in capsys.readouterr().out
    assert run([*argv, "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert "change_limits" in record["short"]
    solved = [r for r in record["readings"] if r["status"] == "solved"]
    assert all(r["moved"] is None for r in solved)


def test_shares_that_the_table_does_not_have_are_no_readings(tmp_path):
    """The prefectures' shares are neither the region's nor each county's own."""
    rule = {k: v for k, v in RULES[0].items() if k not in ("own_share", "alternatives")}
    loaded = load(write(tmp_path / "made", document(rules=[rule])))
    effects = readings(loaded, lambda what, share: None)
    region = of(effects, "rules.use_share_floor", "by")["region"]
    assert region.status == "unavailable"
    assert "differs within the region" in region.why.en
    county = of(effects, "rules.use_share_floor", "ratchet")["county"]
    assert county.status == "unavailable"
    assert "own_share" in county.why.zh
