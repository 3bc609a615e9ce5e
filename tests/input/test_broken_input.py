"""Broken input of many kinds: exit code 2, the place named, no traceback, nothing written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from allocator.cli.main import run as command

SCENARIO = """\
name: small
year: 2025
unit: 万元
step: 1
groups:
  poor: {where: {poor: true}}
  near: {codes: ["100001", "100002"]}
uses:
  industry: {tags: [industry]}
  other: {}
mix: {industry: 0.6, other: 0.4}
formulas:
  main:
    - {factor: population, weight: 0.6, value: population, as: share}
    - {factor: income, weight: 0.3, value: income, as: inverse, scale: population}
    - {factor: score, weight: 0.1, value: score, as: bands, bands: {"80": 1.0, "60": 0.8}}
streams:
  grant: {budget: 1000, formula: main, source: central}
  extra: {budget: 100, formula: main, eligible: poor, uses: [industry], multiplier: factor}
rules:
  - {kind: use_share_floor, tag: industry, by: prefecture, floor: {2025: 0.5}, not_below: last_share}
  - {kind: change_limits, column: last, lower: 0.5, upper: 2.0}
  - {kind: average_parity, group: poor}
"""
COUNTIES = """\
code,county,prefecture,poor,population,income,score,last,last_share,factor
100001,甲县,东市,1,1000,9000,85,300,0.4,1
100002,乙县,东市,0,2000,12000,75,350,0.4,1
100003,丙县,西市,1,1500,8000,90,320,0.3,1.1
100004,丁县,西市,0,1200,15000,65,200,0.3,1
"""
COMMITTED = "code,stream,use,amount\n100001,grant,industry,10\n"


def folder(tmp_path: Path, scenario=SCENARIO, counties=COUNTIES, committed=None) -> Path:
    made = tmp_path / "plan"
    made.mkdir(exist_ok=True)
    for name, text in (("scenario.yaml", scenario), ("counties.csv", counties), ("committed.csv", committed)):
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode("utf-8")
            (made / name).write_bytes(data)
    return made


def run(tmp_path, capsys, source, *more):
    out = tmp_path / "out"
    code = command(["solve", str(source), "-o", str(out), "--lang", "en", *more])
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    return code, said.err, out


def refused(tmp_path, capsys, source, *words, more=()):
    code, said, out = run(tmp_path, capsys, source, *more)
    assert code == 2, said
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"
    assert not out.exists()


def test_the_unbroken_scenario_is_solved(tmp_path, capsys):
    code, said, out = run(tmp_path, capsys, folder(tmp_path, committed=COMMITTED))
    assert code == 0, said
    assert (out / "run.json").exists()


SCENARIOS = {
    "unknown key": ("step: 1", "step: 1\nstepp: 2", ["scenario.yaml:5:1", "stepp"]),
    "unknown key in a stream": (
        "budget: 1000,",
        "budget: 1000, colour: red,",
        ["scenario.yaml:18", "colour"],
    ),
    "unknown key in a rule": ("lower: 0.5,", "lower: 0.5, lowest: 1,", ["rules.change_limits", "lowest"]),
    "unknown key in a factor": ("as: share}", "as: share, wait: 1}", ["formulas.main.population", "wait"]),
    "missing unit": ("unit: 万元\n", "", ["unit", "required"]),
    "missing budget": ("budget: 1000, ", "", ["streams.grant.budget", "required"]),
    "weights sum to 0.99": ("weight: 0.1,", "weight: 0.09,", ["formulas.main", "0.99"]),
    "weight no number": ("weight: 0.1,", "weight: ten,", ["formulas.main.score.weight", "ten"]),
    "negative weight": ("weight: 0.1,", "weight: -0.1,", ["formulas.main.score.weight"]),
    "text for a budget": ("budget: 1000,", "budget: 一百,", ["streams.grant.budget", "一百"]),
    "negative budget": ("budget: 1000,", "budget: -5,", ["streams.grant.budget", "-5"]),
    "budget no multiple of step": ("budget: 1000,", "budget: 1000.5,", ["streams.grant.budget", "1000.5"]),
    "infinite budget": ("budget: 1000,", "budget: .inf,", ["streams.grant.budget"]),
    "nan budget": ("budget: 1000,", "budget: .nan,", ["streams.grant.budget"]),
    "step zero": ("step: 1\n", "step: 0\n", ["scenario.yaml:4", "step"]),
    "duplicate key": ("unit: 万元\n", "unit: 万元\nunit: 元\n", ["scenario.yaml:4:1", "duplicate", "line 3"]),
    "bad indentation": ("  other: {}", " other: {}", ["scenario.yaml:10"]),
    "unclosed bracket": ("{tags: [industry]}", "{tags: [industry}", ["scenario.yaml:9"]),
    "two documents": ("rules:\n", "---\nrules:\n", ["scenario.yaml"]),
    "custom tag": ("name: small", "name: !!python/object:os.system small", ["scenario.yaml:1"]),
    "a year missing": ("floor: {2025: 0.5}", "floor: {2024: 0.5}", ["rules.use_share_floor.floor", "2025"]),
    "floor above one": ("floor: {2025: 0.5}", "floor: {2025: 65}", ["rules.use_share_floor", "65"]),
    "unknown kind": ("kind: average_parity", "kind: average_party", ["average_party", "average_parity"]),
    "kind missing": ("{kind: average_parity, ", "{", ["kind"]),
    "unknown group": ("group: poor}", "group: pour}", ["rules.average_parity.group", "pour", "poor"]),
    "unknown eligible": ("eligible: poor,", "eligible: rich,", ["streams.extra.eligible", "rich"]),
    "unknown formula": ("formula: main, source", "formula: mein, source", ["streams.grant.formula", "main"]),
    "unknown use": ("uses: [industry]", "uses: [industri]", ["streams.extra.uses", "industri"]),
    "unknown tag": ("tag: industry, by", "tag: industrie, by", ["rules.use_share_floor.tag", "industry"]),
    "unknown by": ("by: prefecture", "by: prefekture", ["rules.use_share_floor.by", "prefekture"]),
    "group matches nobody": ("{where: {poor: true}}", "{where: {population: {min: 99999}}}", ["groups.poor"]),
    "group column unknown": ("{where: {poor: true}}", "{where: {pooor: true}}", ["groups.poor", "pooor"]),
    "group of unknown codes": ('"100002"]', '"100009"]', ["groups.near.codes", "100009"]),
    "group called county": (
        "  poor: {where",
        "  county: {codes: ['100001']}\n  poor: {where",
        ["groups.county"],
    ),
    "group with both": ("{where: {poor: true}}", "{where: {poor: true}, codes: ['100001']}", ["groups.poor"]),
    "mix of an unknown use": ("mix: {industry: 0.6,", "mix: {industria: 0.6,", ["mix.industria"]),
    "mix sums to 0.9": ("other: 0.4}", "other: 0.3}", ["mix", "0.9"]),
    "factor column unknown": ("value: population,", "value: populations,", ["populations", "population"]),
    "rule column unknown": ("column: last,", "column: lasst,", ["lasst", "rules.change_limits"]),
    "multiplier unknown": (
        "multiplier: factor",
        "multiplier: faktor",
        ["faktor", "streams.extra.multiplier"],
    ),
    "duplicate rule id": (
        "{kind: average_parity,",
        "{kind: average_parity, id: change_limits,",
        ["change_limits", "twice"],
    ),
    "duplicate factor": ("factor: income", "factor: population", ["formulas.main", "twice"]),
    "factor lacks value": (
        "value: population, as: share",
        "as: share",
        ["formulas.main.population", "value"],
    ),
    "lower above upper": ("lower: 0.5, upper: 2.0", "lower: 2.5, upper: 2.0", ["rules.change_limits"]),
    "below the lowest band": ('"60": 0.8', '"70": 0.8', ["formulas.main.score", "100004"]),
    "objective unknown": ("rules:\n", "objective: lexmin\nrules:\n", ["objective", "lexmin"]),
    "adjustments do not balance": (
        "rules:\n",
        "adjustments: {limit: 0.5, items: [{county: 100001, stream: grant, amount: 5, reason: x}]}\nrules:\n",
        ["adjustments", "add up to 5"],
    ),
    "adjustment of an unknown county": (
        "rules:\n",
        "adjustments: {limit: 0.5, items: [{county: 100009, stream: grant, amount: 0, reason: x}]}\nrules:\n",
        ["adjustments.items", "100009"],
    ),
    "adjustment over its limit": (
        "rules:\n",
        "adjustments: {limit: 0.01, items: [{county: 100001, stream: grant, amount: 90, reason: x},"
        " {county: 100002, stream: grant, amount: -90, reason: x}]}\nrules:\n",
        ["adjustments.items", "limit"],
    ),
    "adjustment without reason": (
        "rules:\n",
        "adjustments: {limit: 0.5, items: [{county: 100001, stream: grant, amount: 0}]}\nrules:\n",
        ["adjustments.items", "reason"],
    ),
    "extends nothing": ("name: small", "name: small\nextends: ../nowhere", ["scenario.yaml:2", "nowhere"]),
    "extends out of reach": ("name: small", "name: small\nextends: ../../../etc", ["scenario.yaml:2"]),
    "extends itself": ("name: small", "name: small\nextends: scenario.yaml", ["scenario.yaml:2", "circle"]),
    "counties elsewhere": ("name: small", "name: small\ncounties: ../../x.csv", ["scenario.yaml:2"]),
    "counties missing": ("name: small", "name: small\ncounties: none.csv", ["none.csv"]),
    "scope with an unknown stream": (
        "group: poor}",
        "group: poor, scope: {streams: grand}}",
        ["grand", "grant"],
    ),
    "coefficients too far apart": (
        "  - {kind: average_parity, group: poor}",
        "  - {kind: linear, left: {uses: industry, group: near}, sense: '>=', times: 0.00000001,"
        " right: {uses: other, group: poor}}",
        ["rules.linear"],
    ),
    "divisions unknown": ("name: small", "name: small\ndivisions: gb2260-1999", ["divisions"]),
    "codes not in the list": ("name: small", "name: small\ndivisions: gb2260-2024", ["100001", "code"]),
    "a list at the top": (SCENARIO, "- 1\n- 2\n", ["scenario.yaml"]),
    "an empty file": (SCENARIO, "", ["scenario.yaml"]),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_broken_scenario(name, tmp_path, capsys):
    old, new, words = SCENARIOS[name]
    assert old in SCENARIO
    refused(tmp_path, capsys, folder(tmp_path, SCENARIO.replace(old, new, 1)), *words)


TABLES = {
    "missing column": ("population,", "people,", ["counties.csv", "population"]),
    "missing code column": ("code,county", "id,county", ["counties.csv:1", "code"]),
    "duplicate code": ("100002,乙县", "100001,乙县", ["counties.csv:3", "100001", "row 2"]),
    "five digits": ("100002,乙县", "10002,乙县", ["counties.csv:3", "10002"]),
    "missing code": ("100002,乙县", ",乙县", ["counties.csv:3", "code"]),
    "missing prefecture": ("乙县,东市", "乙县,", ["counties.csv:3", "prefecture"]),
    "text in a number": ("1,1000,", "1,many,", ["counties.csv:2", "100001 甲县", "population", "many"]),
    "nan": ("1,1000,", "1,NaN,", ["counties.csv:2", "population", "NaN"]),
    "infinity": ("1,1000,", "1,inf,", ["counties.csv:2", "population"]),
    "huge": ("1,1000,", "1,1e400,", ["counties.csv:2", "population"]),
    "negative": ("1,1000,", "1,-1000,", ["counties.csv:2", "population", "-1000"]),
    "percentage": (",0.3,1.1", ",30%,1.1", ["counties.csv:4", "last_share", "30%"]),
    "blank factor value": ("1,1000,", "1,,", ["counties.csv:2", "population", "missing"]),
    "zero under inverse": (",9000,", ",0,", ["counties.csv:2", "income", "zero"]),
    "blank multiplier": (",0.3,1.1", ",0.3,", ["counties.csv:4", "factor"]),
    "share above one": (",0.3,1.1", ",30,1.1", ["counties.csv:4", "last_share"]),
    "shares differ within a prefecture": (",0.3,1.1", ",0.35,1.1", ["counties.csv", "last_share"]),
    "blank yes or no": ("东市,1,1000", "东市,,1000", ["counties.csv:2", "poor"]),
    "a cell too many": (",0.4,1\n100002", ",0.4,1,7\n100002", ["counties.csv:2"]),
    "a column twice": ("score,last,", "last,last,", ["counties.csv:1", "last"]),
    "a column without a name": ("score,last,", "score,,", ["counties.csv:1"]),
    "mix of no use": ("last_share,factor", "last_share,mix.road", ["mix.road"]),
    "unclosed quote": ("100002,乙县", '100002,"乙县', ["counties.csv"]),
    "only a header": (COUNTIES, COUNTIES.splitlines()[0] + "\n", ["counties.csv"]),
    "empty": (COUNTIES, "", ["counties.csv"]),
    "binary": (COUNTIES, b"\x00\x01\x02\xff", ["counties.csv"]),
    "utf-16": (COUNTIES, COUNTIES.encode("utf-16"), ["counties.csv", "UTF-16"]),
    "a broken workbook": (COUNTIES, b"PK\x03\x04broken", ["counties.csv"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_broken_table(name, tmp_path, capsys):
    old, new, words = TABLES[name]
    assert old in COUNTIES
    text = new if isinstance(new, bytes) else COUNTIES.replace(old, new, 1)
    refused(tmp_path, capsys, folder(tmp_path, counties=text), *words)


COMMITS = {
    "unknown code": ("100001,grant", "100009,grant", ["committed.csv:2", "100009"]),
    "unknown stream": ("grant,", "grand,", ["committed.csv:2", "grand", "grant"]),
    "unknown use": (",industry,", ",industri,", ["committed.csv:2", "industry"]),
    "text": (",10", ",ten", ["committed.csv:2", "amount", "ten"]),
    "negative": (",10", ",-10", ["committed.csv:2", "amount"]),
    "blank": (",10", ",", ["committed.csv:2", "amount"]),
    "unknown column": ("use,amount", "use,money", ["committed.csv", "amount"]),
    "one more column": (
        COMMITTED, "code,stream,use,amount,note\n100001,grant,industry,10,x\n", ["committed.csv", "note"],
    ),
    "twice": (COMMITTED, COMMITTED + "100001,grant,industry,5\n", ["committed.csv:3", "row 2"]),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMITS)
def test_broken_committed(name, tmp_path, capsys):
    old, new, words = COMMITS[name]
    refused(tmp_path, capsys, folder(tmp_path, committed=COMMITTED.replace(old, new, 1)), *words)


def test_all_faults_at_once(tmp_path, capsys):
    scenario = SCENARIO.replace("weight: 0.1,", "weight: 0.09,").replace("group: poor}", "group: pour}")
    counties = COUNTIES.replace("1,1000,", "1,many,").replace("100002,乙县", "10002,乙县")
    refused(tmp_path, capsys, folder(tmp_path, scenario, counties), "0.99", "pour", "many", "10002")


def test_faults_of_the_table_come_with_those_of_the_scenario(tmp_path, capsys):
    scenario = SCENARIO.replace("step: 1", "stepp: 1")
    counties = COUNTIES.replace("100002,乙县", "100001,乙县")
    made = folder(tmp_path, scenario, counties, "code,stream,use,money\n100001,grant,industry,1\n")
    refused(tmp_path, capsys, made, "stepp", "duplicate code", "committed.csv:1")


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ("rules.use_share_cap.cap=0.2", ["--set", "use_share_cap"]),
        ("streams.grand.budget=1", ["--set", "grand", "grant"]),
        ("streams.grant.budget", ["--set", "path=value"]),
        ("streams.grant.budget=x", ["--set", "streams.grant.budget"]),
        ("formulas.main.income.weight=0.2", ["formulas.main", "0.9"]),
        ("streams.grant.budgett=5", ["budgett"]),
        ("rules.change_limits.lower=[", ["--set"]),
    ],
)
def test_broken_set(sets, words, tmp_path, capsys):
    refused(tmp_path, capsys, folder(tmp_path), *words, more=["--set", sets])


def test_cycle_in_extends(tmp_path, capsys):
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).mkdir()
        (tmp_path / one / "scenario.yaml").write_text(f"name: {one}\nextends: ../{other}\n", encoding="utf-8")
    refused(tmp_path, capsys, tmp_path / "a", "circle")


def test_alias_bomb(tmp_path, capsys):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 9)]
    refused(tmp_path, capsys, folder(tmp_path, "\n".join(lines)), "scenario.yaml", "aliases")


def test_alias_of_itself(tmp_path, capsys):
    refused(tmp_path, capsys, folder(tmp_path, "a: &a [*a]\n"), "scenario.yaml")


def test_deep_nesting(tmp_path, capsys):
    refused(tmp_path, capsys, folder(tmp_path, "a: " + "[" * 5000), "scenario.yaml")


def test_a_very_large_file(tmp_path, capsys):
    made = folder(tmp_path)
    with (made / "scenario.yaml").open("r+b") as file:
        file.truncate(300 << 20)
    refused(tmp_path, capsys, made, "scenario.yaml", "larger")


@pytest.mark.parametrize("name", ["scenario.yaml", "counties.csv", "committed.csv"])
def test_a_folder_for_a_file(name, tmp_path, capsys):
    made = folder(tmp_path)
    (made / name).unlink(missing_ok=True)
    (made / name).mkdir()
    refused(tmp_path, capsys, made, "scenario.yaml" if name == "scenario.yaml" else name)


@pytest.mark.parametrize("data", [b"\x00\x01", b"\xff\xfe\x00", b"name: \xff\xff\n", b"\x89PNG\r\n"])
def test_binary_scenario(data, tmp_path, capsys):
    refused(tmp_path, capsys, folder(tmp_path, data), "scenario.yaml")


def test_nowhere(tmp_path, capsys):
    refused(tmp_path, capsys, tmp_path / "nowhere", "nowhere", "inner-mongolia-2025")


def test_folder_without_scenario(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    refused(tmp_path, capsys, tmp_path / "empty", "scenario.yaml")


def test_error_cell_in_a_workbook(tmp_path, capsys):
    made = folder(tmp_path, SCENARIO + "counties: counties.xlsx\n")
    book = Workbook()
    for row in COUNTIES.splitlines():
        book.active.append(row.split(","))
    book.active["E3"] = "#DIV/0!"
    stored = io.BytesIO()
    book.save(stored)
    (made / "counties.xlsx").write_bytes(stored.getvalue())
    refused(tmp_path, capsys, made, "counties.xlsx:3", "population")


def test_messages_come_in_chinese_too(tmp_path, capsys):
    made = folder(tmp_path, SCENARIO.replace("weight: 0.1,", "weight: 0.09,"))
    assert command(["check", str(made), "--lang", "zh"]) == 2
    assert "权重之和为 0.99" in capsys.readouterr().err
