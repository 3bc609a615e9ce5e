"""allocator diagnose from end to end: exit codes, JSON, both languages, law, --apply, whole money."""

from __future__ import annotations

import json
import re

import pytest
from ruamel.yaml import YAML as Yaml

from allocator.cli.main import run
from allocator.load import load
from allocator.plan import attempt
from tests.builders import YAML, write_scenario

HEAD = YAML.partition("rules:\n")[0] + "rules:\n"
TIGHT = "rules.change_limits.lower=1.2"
"""1.2 times 450, 300 and 250 are 1200 of 1100."""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


def plan(tmp_path, rules: str) -> str:
    return str(write_scenario(tmp_path / "plan", yaml=HEAD + rules))


@pytest.fixture
def tight(tmp_path):
    return plan(
        tmp_path,
        "  - {kind: use_share_cap, tag: capped, cap: 0.3, law: true}\n"
        "  - {kind: change_limits, column: last_amount, lower: 0.8, upper: {2024: 1.1, 2025: 1.3}}\n",
    )


def said(capsys, *arguments) -> tuple[int, str, str]:
    code = run(["diagnose", *arguments])
    return (code, *capsys.readouterr())


def as_json(capsys, *arguments) -> dict:
    return json.loads(said(capsys, *arguments, "--json")[1])


def test_exit_code_0_with_an_allocation(tight, capsys):
    code, out, _ = said(capsys, tight)
    assert code == 0
    assert "There is an allocation" in out
    assert as_json(capsys, tight) == {"scenario": "four-counties", "possible": True}


def test_exit_code_1_without_one(tight, capsys):
    code, out, _ = said(capsys, tight, "--set", TIGHT)
    assert code == 1
    assert "short by" in out.lower()
    assert "1,200" in out


def test_json_keys(tight, capsys):
    found = as_json(capsys, tight, "--set", TIGHT)
    assert list(found) == [
        "scenario", "unit", "possible", "only_whole_money_impossible", "checks", "relaxation", "conflicts",
        "repairs", "pairs", "not_alone", "written",
    ]  # fmt: skip
    assert found["possible"] is False
    assert found["written"] is None
    assert set(found["checks"][0]) == {"what", "have", "need", "short", "rules"}
    assert set(found["relaxation"]) == {"law_gives_way", "rows", "texts"}
    assert set(found["conflicts"][0]) == {"members", "texts"}
    assert set(found["repairs"][0]) == {"changes", "affected"}
    keys = {"kind", "name", "key", "title", "from", "to", "least"}
    assert set(found["repairs"][0]["changes"][0]) == keys


def test_json_figures(tight, capsys):
    """1100 / 1000 is the largest lower limit; 100 more of the one stream open to all would do too."""
    found = as_json(capsys, tight, "--set", TIGHT)
    (check,) = [c for c in found["checks"] if "floors" in c["what"]["en"]]
    assert [float(check[key]) for key in ("have", "need", "short")] == [1100, 1200, 100]
    changes = [c for repair in found["repairs"] for c in repair["changes"]]
    by_key = {(c["name"], c["key"]): c for c in changes}
    assert float(by_key["change_limits", "lower"]["least"]) == pytest.approx(1.1, abs=1e-6)
    assert 1.099 <= float(by_key["change_limits", "lower"]["to"]) <= 1.1
    assert float(by_key["central", "budget"]["least"]) == pytest.approx(1100, abs=1e-4)


SOLVER_WORDS = re.compile(
    r"\b(infeasible|IIS|dual|elastic|farkas|slack|row \d+|column \d+|highs|epsilon|μ)\b", re.I
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_solver_terms(tight, capsys, lang):
    _, out, err = said(capsys, tight, "--set", TIGHT, "--lang", lang)
    assert not SOLVER_WORDS.search(out + err)
    assert not re.search(r"\d{7,}", out)


def test_both_languages_say_the_same_numbers(tight, capsys):
    texts = {lang: said(capsys, tight, "--set", TIGHT, "--lang", lang)[1] for lang in ("zh", "en")}
    assert "没有满足全部规则的分配方案" in texts["zh"]
    assert "no allocation keeps all the rules" in texts["en"]
    for number in ("1,200", "1,100", "1.2"):
        assert all(number in text for text in texts.values())


def test_law_is_never_offered(tight, capsys):
    law = ["--set", "rules.change_limits.law=true", "--set", TIGHT]
    found = as_json(capsys, tight, *law)
    names = {c["name"] for repair in found["repairs"] for c in repair["changes"]}
    assert names == {"central", "regional"}
    assert "rules" not in {one["kind"] for one in found["not_alone"]}
    assert "Law, never offered" in said(capsys, tight, *law)[1]


def test_only_law_conflicts(tmp_path, capsys):
    """All money is not all money and a tenth, whatever the budgets."""
    source = plan(
        tmp_path,
        "  - {kind: group_share_floor, id: one, group: exit, floor: 0.7, law: true}\n"
        "  - {kind: amount_bounds, id: two, by: exit, max_share: 0.6, law: true}\n"
        "  - {kind: use_share_cap, tag: capped, cap: 0.3}\n",
    )
    code, out, _ = said(capsys, source)
    assert code == 1
    assert "No one or two parameters or budgets that are not law" in out
    assert "law has to give way too" in out
    assert "改任何一项或两项非法定的参数、预算都不行" in said(capsys, source, "--lang", "zh")[1]
    found = as_json(capsys, source)
    assert found["repairs"] == []
    assert found["relaxation"]["law_gives_way"]
    assert {m["rule"] for m in found["conflicts"][0]["members"]} == {"one", "two"}


def test_apply_writes_a_scenario_that_solves(tight, tmp_path, capsys):
    """It keeps what --set changed, and names only what differs."""
    sets = ["--set", TIGHT, "--set", "rules.use_share_cap.cap=0.29"]
    assert said(capsys, tight, *sets, "--apply", "1")[0] == 0
    made = tmp_path / "plan-repair-1"
    text = (made / "scenario.yaml").read_text(encoding="utf-8")
    document = Yaml(typ="safe").load(text)
    assert document["extends"] == "../plan"
    assert document["rules"]["use_share_cap"] == {"cap": 0.29}
    assert run(["solve", str(made), "-o", str(tmp_path / "out")]) == 0
    rule = load(str(made)).scenario.rule_by_id["use_share_cap"]
    assert str(rule.cap) == "0.29"


@pytest.mark.parametrize("year", [False, True])
def test_apply_keeps_the_other_years(tmp_path, capsys, year):
    """甲 and 乙 alone get the 1000: 1.3333 times last year's 750. 2024 stays what it was."""
    upper = "{2024: 1.1, 2025: 1.2}"
    source = plan(tmp_path, f"  - {{kind: change_limits, column: last_amount, upper: {upper}}}\n")
    sets = ["--set", "streams.central.eligible=exit"]
    sets += ["--set", "rules.change_limits.upper.2025=1.1"] if year else []
    found = as_json(capsys, source, *sets)
    number = [[c["key"] for c in repair["changes"]] for repair in found["repairs"]].index(["upper"]) + 1
    out = str(tmp_path / "next")
    assert said(capsys, source, *sets, "--apply", str(number), "-o", out)[0] == 0
    limits = load(out).scenario.rule_by_id["change_limits"].upper
    assert str(limits[2024]) == "1.1"
    assert 1.3333 <= float(limits[2025]) <= 1.336


def test_apply_reports_where_in_json(tight, tmp_path, capsys):
    found = as_json(capsys, tight, "--set", TIGHT, "--apply", "1")
    assert found["written"] == str(tmp_path / "plan-repair-1")


@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_a_number_that_does_not_exist(tight, tmp_path, capsys, number):
    assert said(capsys, tight, "--set", TIGHT, "--apply", number)[0] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["plan"]


def test_nothing_to_apply_where_all_is_well(tight, tmp_path, capsys):
    assert said(capsys, tight, "--apply", "1")[0] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["plan"]


def test_a_bundled_scenario_is_not_repaired_in_place(capsys):
    code, _, err = said(capsys, "tutorial", "--set", "rules.change_limits.lower=1.5", "--apply", "1")
    assert code == 2
    assert "allocator init my-plan --from tutorial" in err


def test_the_repair_must_lie_beside(tight, tmp_path, capsys):
    out = tmp_path / "far" / "away" / "plan-2"
    code, _, err = said(capsys, tight, "--set", TIGHT, "--apply", "1", "-o", str(out))
    assert code == 2
    assert "beside" in err
    assert not out.parent.exists()


def test_an_existing_folder_is_not_overwritten(tight, tmp_path, capsys):
    (tmp_path / "plan-repair-1").mkdir()
    (tmp_path / "plan-repair-1" / "mine.txt").write_text("mine", encoding="utf-8")
    assert said(capsys, tight, "--set", TIGHT, "--apply", "1")[0] == 2
    assert [p.name for p in (tmp_path / "plan-repair-1").iterdir()] == ["mine.txt"]


def test_solve_says_it_in_short_and_writes_nothing(tight, tmp_path, capsys):
    assert run(["solve", tight, "--set", TIGHT, "-o", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for words in (
        "nothing was written",
        "have 1,100",
        "need 1,200",
        "smallest relaxation",
        "allocator diagnose",
    ):
        assert words in err
    assert not (tmp_path / "out").exists()


WHOLE = """\
name: halves
title: {zh: 对半, en: Halves}
year: 2025
unit: 万元
step: 10
uses: {works: {title: {zh: 工程, en: Works}}}
formulas: {main: [{factor: people, weight: 1, value: people}]}
streams: {grant: {source: central, budget: %s, formula: main}}
rules:
  - {kind: amount_bounds, by: county, min: %s%s}
"""
TABLE = "code,county,prefecture,people\n150101,甲县,东盟,1\n150102,乙县,东盟,1\n"


def halves(tmp_path, budget: int, least: str, more: str = "") -> str:
    folder = tmp_path / "halves"
    folder.mkdir()
    (folder / "scenario.yaml").write_text(WHOLE % (budget, least, more), encoding="utf-8")
    (folder / "counties.csv").write_text(TABLE, encoding="utf-8")
    return str(folder)


def test_whole_money_alone_is_in_the_way(tmp_path, capsys):
    """5 each of 10 in steps of 10."""
    source = halves(tmp_path, 10, "5")
    code, out, _ = said(capsys, source)
    assert code == 1
    assert "none in whole multiples of 10 万元" in out
    assert "凑不成 10 万元 的整数倍" in said(capsys, source, "--lang", "zh")[1]
    found = as_json(capsys, source)
    assert found["only_whole_money_impossible"]
    assert found["conflicts"] == []
    assert found["relaxation"]["rows"] == []


def test_a_small_loosening_helps_whole_money(tmp_path, capsys):
    """100.05 each of 210 need 110 each; 100 is 0.05 % less."""
    source = halves(tmp_path, 210, "100.05")
    found = as_json(capsys, source)
    assert found["only_whole_money_impossible"]
    (repair,) = [r for r in found["repairs"] if r["changes"][0]["name"] == "amount_bounds"]
    new = float(repair["changes"][0]["to"])
    assert 100.05 * 0.99 <= new <= 100
    assert attempt(load(source, [f"rules.amount_bounds.min={new}"])) is not None


def test_law_is_not_loosened_for_whole_money(tmp_path, capsys):
    found = as_json(capsys, halves(tmp_path, 210, "100.05", ", law: true"))
    assert {c["kind"] for r in found["repairs"] for c in r["changes"]} <= {"streams"}
