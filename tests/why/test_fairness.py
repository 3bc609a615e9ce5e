"""Fairness properties: that they hold where they hold, and who is named where they do not."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import numpy as np
import openpyxl
import pytest

from allocator.cli.main import run
from allocator.load import load
from allocator.plan import solve
from allocator.why import fairness as module
from allocator.why.cliffs import no_cliff
from allocator.why.fairness_trial import Trial, spread
from allocator.why.growth import more_money, own_need
from allocator.why.ladders import crossings, ladders

HEAD = ["code", "county", "prefecture", "population", "score", "last_amount"]
COUNTIES = [
    ["990101", "甲县", "东市", "7000", "85", "400"],
    ["990102", "乙县", "东市", "3000", "91", "300"],
    ["990201", "丙县", "西市", "5000", "60.5", "300"],
    ["990202", "丁县", "西市", "6000", "95", "300"],
]
STREAM = "  grant: {budget: 1000, formula: main}"
POPULATION = "    - {factor: population, weight: 1, value: population, as: share}"


def write(folder, *, streams=STREAM, formula=POPULATION, groups="{}", rules="[]", rows=COUNTIES):
    folder.mkdir(exist_ok=True)
    text = (
        f"name: made\nyear: 2025\nunit: 万元\nstep: 1\ngroups: {groups}\nformulas:\n  main:\n{formula}\n"
        f"streams:\n{streams}\nrules: {rules}\n"
    )
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return str(folder)


def changed(code, column, value):
    rows = [list(row) for row in COUNTIES]
    next(row for row in rows if row[0] == code)[HEAD.index(column)] = value
    return rows


def tried(source, *arguments, capsys):
    code = run(["check", source, "--fairness", "--json", "--lang", "en", *arguments])
    found = json.loads(capsys.readouterr().out)
    return code, {one["name"]: one for one in found["fairness"]}


BANDS = """\
    - {factor: population, weight: 0.5, value: population, as: share}
    - {factor: results, title: {zh: 绩效, en: results}, weight: 0.5, value: score, as: bands,
       bands: {"90": 1.2, "80": 1, "0": 0.8}}"""


def test_tutorial_passes(capsys):
    code, found = tried("tutorial", capsys=capsys)
    assert code == 0
    assert list(found) == ["order_of_rows", "equal_counties", "more_money", "own_need", "no_cliff"]
    assert all(one["passed"] for one in found.values())
    assert found["own_need"]["facts"]["formulas"] == 6


def test_table_on_the_terminal_and_exit_codes(tmp_path, capsys):
    plan = write(tmp_path / "plan", formula=BANDS)
    assert run(["check", plan, "--fairness", "--cliff", "0.01", "--lang", "zh"]) == 1
    out = capsys.readouterr().out
    for word in ("没有错误", "不通过", "通过", "绩效", "按规则变动"):
        assert word in out
    assert run(["check", plan, "--fairness", "--cliff", "1", "--lang", "en"]) == 0
    assert "No cliff at bands" in capsys.readouterr().out
    assert run(["check", plan, "--lang", "en"]) == 0
    assert "fairness" not in capsys.readouterr().out


def test_cliff_needs_fairness(tmp_path, capsys):
    assert run(["check", write(tmp_path / "plan"), "--cliff", "0.1", "--lang", "en"]) == 2
    assert "--fairness" in capsys.readouterr().err


def test_no_allocation_is_said_as_ever(tmp_path, capsys):
    plan = write(tmp_path / "plan", rules="[{kind: amount_bounds, min: 500}]")
    assert run(["check", plan, "--fairness"]) == 1
    assert capsys.readouterr().err


# --- order of rows


def test_order_of_rows_is_really_tried(tmp_path, monkeypatch):
    seen = []

    def by_row(loaded):
        found = solve(loaded)
        seen.append(loaded.counties.lines)
        if loaded.counties.lines != (2, 3, 4, 5):
            found.steps[0] += 1
        return found

    plan = write(tmp_path / "plan")
    loaded = load(plan)
    monkeypatch.setattr(module, "solve", by_row)
    found = module.order_of_rows(plan, (), loaded, solve(loaded))
    assert not found.passed
    assert found.facts["different_counties"] == {"reversed": ["990101"], "shuffled": ["990101"]}
    assert "甲县" in found.why.zh
    assert seen[0] == (5, 4, 3, 2)
    assert len(set(seen)) == 2
    assert sorted(seen[1]) == [2, 3, 4, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_order_of_rows_of_a_csv_with_line_breaks_in_cells(tmp_path, encoding):
    folder = tmp_path / "plan"
    plan = write(folder)
    text = (folder / "counties.csv").read_text(encoding="utf-8").replace("\r\n", "\n").replace(",", ";")
    text = text.replace("last_amount\n", "last_amount;note\n").replace("400\n", '400;"a\nb"\n')
    (folder / "counties.csv").write_bytes(text.encode(encoding))
    loaded = load(plan)
    assert module.order_of_rows(plan, (), loaded, solve(loaded)).passed


def test_order_of_rows_of_workbooks_and_committed_money(tmp_path, monkeypatch):
    folder = tmp_path / "plan"
    plan = write(folder)
    (folder / "counties.csv").unlink()
    book = openpyxl.Workbook()
    for row in [HEAD, *COUNTIES]:
        book.active.append(row)
    book.save(folder / "县表.xlsx")
    book = openpyxl.Workbook()
    for row in [
        ["code", "stream", "use", "amount"],
        ["990101", "grant", "all", 5],
        ["990102", "grant", "all", 7],
    ]:
        book.active.append(row)
    book.save(folder / "issued.xlsx")
    with (folder / "scenario.yaml").open("a", encoding="utf-8") as file:
        file.write("counties: 县表.xlsx\ncommitted: issued.xlsx\n")
    seen = []
    monkeypatch.setattr(module, "solve", lambda loaded: seen.append(loaded) or solve(loaded))
    loaded = load(plan)
    assert module.order_of_rows(plan, ("year=2024",), loaded, solve(loaded)).passed
    assert seen[0].counties.lines == (5, 4, 3, 2)
    assert list(seen[0].issued.values()) == list(reversed(loaded.issued.values()))
    assert seen[0].scenario.year == 2024


# --- equal counties


def test_equal_counties_real_and_made(tmp_path):
    rows = [*COUNTIES, ["990203", "戊县", *COUNTIES[3][2:]]]
    loaded = load(write(tmp_path / "plan", rows=rows))
    found = module.equal_counties(loaded, solve(loaded))
    assert found.passed
    assert found.facts["pairs"] == "real"
    assert found.facts["compared"][0]["codes"] == ["990202", "990203"]
    loaded = load(write(tmp_path / "other"))
    found = module.equal_counties(loaded, solve(loaded))
    assert found.passed
    assert found.facts["pairs"] == "made"
    assert [c["copied_from"] for c in found.facts["compared"]] == ["990102", "990201"]


def test_unequal_twins_are_named(tmp_path, monkeypatch):
    def unequal(loaded):
        found = solve(loaded)
        found.steps[0] += 5
        return found

    loaded = load(write(tmp_path / "plan"))
    monkeypatch.setattr(module, "solve", unequal)
    found = module.equal_counties(loaded, solve(loaded))
    assert not found.passed
    assert "甲县" in found.why.zh
    assert "相差" in found.why.zh


def test_a_county_that_a_rule_names_is_no_twin(tmp_path):
    rules = "[{kind: amount_bounds, min: 300, scope: {counties: [990101, 990201]}}]"
    loaded = load(write(tmp_path / "plan", rules=rules))
    found = module.equal_counties(loaded, solve(loaded))
    assert found.passed
    assert found.facts["compared"] == []


# --- a larger budget


SHARES = """\
[{kind: change_limits, column: last_amount, upper: 0.9, scope: {counties: [990202]}},
 {kind: amount_bounds, min_share: 0.15}]"""
TWO = """\
  grant: {budget: 1000, formula: main, eligible: first}
  extra: {budget: 500, formula: main, eligible: second}"""
FIRST = '{first: {codes: ["990101", "990102", "990202"]}, second: {codes: ["990201"]}}'


def test_a_larger_budget_that_lowers_somebody_names_the_rule(tmp_path, capsys):
    code, found = tried(write(tmp_path / "plan", streams=TWO, groups=FIRST, rules=SHARES), capsys=capsys)
    one = found["more_money"]
    assert code == 1
    assert not one["passed"]
    by_stream = {s["stream"]: s for s in one["facts"]["streams"]}
    # 15 % of 5 more for 乙县, which nobody but 甲县 can give: 丁县 stands at its limit
    assert by_stream["extra"]["cause"] == "amount_bounds"
    assert by_stream["extra"]["lower"] == 1
    assert by_stream["extra"]["worst"]["code"] == "990101"
    assert by_stream["extra"]["worst"]["change"] == pytest.approx(-0.75)
    assert by_stream["grant"]["lower"] == 0
    assert "Bounds on amounts" in one["why"]["en"]


def test_a_budget_that_cannot_grow_fails_nobody(tmp_path):
    rules = "[{kind: amount_bounds, max: 250}]"
    found = more_money(Trial(load(write(tmp_path / "plan", rules=rules))))
    assert found.passed
    assert not found.facts["streams"][0]["possible"]
    assert "无法同时满足" in found.why.zh


# --- a county's own need


def test_bands_that_fall_lower_a_county(tmp_path):
    formula = BANDS.replace('"90": 1.2', '"90": 0.5')
    plan = write(tmp_path / "plan", formula=formula, rows=changed("990101", "score", "89.5"))
    found = own_need(Trial(load(plan)))
    assert not found.passed
    (fall,) = found.facts["lower"]
    assert (fall["code"], fall["column"]) == ("990101", "score")
    assert fall["cause"] == {"kind": "band", "name": "results"}
    assert "绩效" in found.why.zh
    assert "90" in found.why.zh


def test_bands_that_fall_all_the_way_count_a_smaller_figure_as_need(tmp_path):
    formula = BANDS.replace('"90": 1.2, "80": 1, "0": 0.8', '"90": 0.8, "80": 1, "0": 1.2')
    plan = write(tmp_path / "plan", formula=formula, rows=changed("990101", "score", "80.5"))
    found = own_need(Trial(load(plan)))
    assert found.passed
    score = next(c for c in found.facts["columns"] if c["column"] == "score")
    assert (score["direction"], score["formulas"]) == ("down", 1)


def test_a_threshold_that_shuts_a_county_out(tmp_path):
    groups = "{small: {title: {zh: 小县}, where: {population: {max: 7000}}}}"
    streams = "  grant: {budget: 1000, formula: main, eligible: small}"
    found = own_need(Trial(load(write(tmp_path / "plan", streams=streams, groups=groups))))
    assert not found.passed
    (fall,) = found.facts["lower"]
    assert fall["code"] == "990101"
    assert fall["cause"] == {"kind": "group", "name": "small"}
    assert "小县" in found.why.zh


def test_a_rule_that_takes_more_than_need_brings(tmp_path):
    formula = """\
    - {factor: population, weight: 0.9, value: population, as: share}
    - {factor: before, weight: 0.1, value: last_amount, as: inverse}"""
    rules = "[{kind: amount_bounds, min: 100}, {kind: change_limits, column: last_amount, upper: 1.1}]"
    rows = changed("990101", "last_amount", "200")
    found = own_need(Trial(load(write(tmp_path / "plan", formula=formula, rules=rules, rows=rows))))
    assert not found.passed
    fall = next(f for f in found.facts["lower"] if f["code"] == "990101")
    assert fall["column"] == "last_amount"
    assert fall["change"] == pytest.approx(-2.2)
    assert fall["cause"] == {"kind": "rule", "name": "change_limits"}


def test_large_tables_are_sampled_and_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setattr("allocator.why.fairness_trial.MOST_WORK", 1)
    monkeypatch.setattr("allocator.why.fairness_trial.FEWEST", 2)
    trial = Trial(load(write(tmp_path / "plan", formula=BANDS)))
    need, cliff = own_need(trial), no_cliff(trial, Decimal(1))
    assert (need.facts["sampled"], need.facts["formulas"]) == (True, 1)
    assert "抽样" in need.why.zh
    assert (cliff.facts["edges_tried"], cliff.facts["edges_left_out"]) == (2, 2)
    assert "2 处没有算" in cliff.why.zh


def test_a_column_that_counts_both_ways_is_left_out(tmp_path):
    formula = """\
    - {factor: people, weight: 0.5, value: population, as: share}
    - {factor: few, weight: 0.5, value: population, as: inverse}"""
    found = own_need(Trial(load(write(tmp_path / "plan", formula=formula))))
    assert found.passed
    assert found.facts["columns_left_out"] == ["population"]


# --- cliffs


def test_cliff_names_the_factor(tmp_path, capsys):
    plan = write(tmp_path / "plan", formula=BANDS, rows=changed("990101", "score", "84"))
    code, found = tried(plan, "--cliff", "0.01", capsys=capsys)
    one = found["no_cliff"]
    assert code == 1
    assert "bands of 'results'" in one["why"]["en"]
    edges = {e["code"]: e for e in one["facts"]["edges"]}
    across = {code: (e["now"], e["edge"], e["across"]) for code, e in edges.items()}
    # 60.5 makes a tenth the smallest unit
    assert across["990101"] == ("84", "80", "79.9")
    assert across["990102"] == ("91", "90", "89.9")
    assert across["990201"] == ("60.5", "80", "80")
    # 甲县 has 500 · (7/21 + 1/4.2), and across 500 · (7/21 + 0.8/4)
    now, then = 500 * (1 / 3 + 1 / 4.2), 500 * (1 / 3 + 0.8 / 4)
    assert edges["990101"]["entitled"] == pytest.approx(now)
    assert edges["990101"]["jump"] == pytest.approx(then - now)
    assert edges["990101"]["jump_under_rules"] == pytest.approx(then - now)
    assert tried(plan, "--cliff", "0.2", capsys=capsys)[0] == 0


def test_the_way_to_a_threshold_is_no_part_of_the_jump(tmp_path):
    formula = """\
    - {factor: population, weight: 0.8, value: population, as: share}
    - {factor: bonus, weight: 0.2, points: {large: 1, everyone: 1}}"""
    groups = (
        "{large: {title: {zh: 大县}, where: {population: {min: 5000}}}, "
        "everyone: {where: {population: {min: 1}}}}"
    )
    plan = load(write(tmp_path / "plan", formula=formula, groups=groups))
    found = no_cliff(Trial(plan), Decimal("0.05"))
    assert not found.passed
    assert "大县" in found.why.zh
    edge = next(e for e in found.facts["edges"] if e["code"] == "990101" and e["of"] == ["groups.large"])
    # at 5000 people 甲县 has 2 of 7 points, at 4999 1 of 6
    assert edge["across"] == "4999"
    assert edge["jump"] == pytest.approx(200 * (1 / 6 - 2 / 7) + 800 * (4999 / 18999 - 5000 / 19000))
    assert edge["counts"]
    far = next(e for e in found.facts["edges"] if e["code"] == "990101" and e["of"] == ["groups.everyone"])
    assert not far["counts"]


def test_thresholds_from_below_and_above(tmp_path):
    groups = (
        "{middle: {where: {population: {min: 4000, max: 6500}}}, unused: {where: {population: {min: 9}}}}"
    )
    streams = "  grant: {budget: 1000, formula: main, eligible: middle}"
    loaded = load(write(tmp_path / "plan", streams=streams, groups=groups))
    (ladder,) = ladders(loaded)
    assert ladder.names == ("groups.middle",)
    found = {c.county: (int(c.brink), int(c.across)) for c in crossings(ladder, loaded.counties)}
    assert found == {0: (6501, 6500), 1: (3999, 4000), 2: (4000, 3999), 3: (6500, 6501)}


def test_a_threshold_that_only_a_rule_looks_at_is_solved(tmp_path):
    groups = "{large: {where: {population: {min: 6500}}}}"
    rules = "[{kind: group_share_floor, group: large, floor: 0.4}]"
    found = no_cliff(Trial(load(write(tmp_path / "plan", groups=groups, rules=rules))), Decimal("0.05"))
    assert not found.passed
    edge = next(e for e in found.facts["edges"] if e["code"] == "990202")
    # one person more or less moves a fraction of a step, the rule moves far more
    assert abs(edge["jump"]) < 0.1
    assert abs(edge["jump_under_rules"]) > 10
    # without 甲县 the group would be empty
    assert (found.facts["solved"], found.facts["edges_left_out"]) == (3, 1)


def test_sums_of_columns_are_crossed_by_the_column_that_weighs_most(tmp_path):
    formula = """\
    - {factor: mixed, weight: 1, value: {score: 0.5, population: 2}, bands: {"0": 1, "10060": 2}}"""
    loaded = load(write(tmp_path / "plan", formula=formula))
    (ladder,) = ladders(loaded)
    way = next(c for c in crossings(ladder, loaded.counties) if c.county == 2)
    # 0.5 · 60.5 + 2 · 5014.9 = 10060.05 is the first in tenths that reaches the edge
    assert (way.column, way.across, way.brink) == ("population", Decimal("5014.9"), Decimal("5014.8"))


def test_spread():
    assert spread([1, 2], 3) == [1, 2]
    assert spread(list(range(11)), 3) == [0, 5, 10]
    assert np.isfinite(spread([0.0], 1)).all()
