"""`allocator explain` at the terminal: exit codes, messages, JSON, and words that a planner knows."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from allocator.cli.main import run
from tests import builders

HAN = re.compile(r"[\u4e00-\u9fff]")
JARGON = re.compile(
    r"dual|simplex|\bLP\b|\brow |x_|infeasible|leximin|slack|vertex|basis|optimal|epsilon|\bnan\b|\binf\b"
    r"|对偶|单纯形|不可行|松弛|基解",
    re.IGNORECASE,
)


@pytest.fixture
def plan(tmp_path):
    return str(builders.write_scenario(tmp_path / "plan"))


def explain(capsys, *arguments, lang="en", code=0):
    """What is printed on each channel."""
    assert run(["explain", *arguments, "--lang", lang]) == code
    return capsys.readouterr()


def record(capsys, *arguments):
    return json.loads(explain(capsys, *arguments, "--json").out, parse_float=Decimal)


@pytest.mark.parametrize(
    ("arguments", "lang", "words"),
    [
        ([], "en", ["Tutorial", "Formula", "Rounding", "Amount", "Tighter", "Looser", "Without", "unique"]),
        ([], "zh", ["入门示例", "公式", "取整", "分配额", "主要原因", "收紧一档", "放宽一档", "结果唯一"]),
        (["--county", "丙县"], "en", ["990103 丙县", "statement", "grant", "+44", "171", "is unique"]),
        (["--county", "990103"], "zh", ["丙县", "取数单", "人口", "均等", "+44", "171", "唯一"]),
        (["--county", "丙县", "--gain", "3"], "en", ["What would give 丙县 3 万元 more", "not reachable"]),
        (["--county", "丙县", "--gain", "3"], "zh", ["怎样才能让丙县多得 3 万元", "靠它达不到"]),
        (["--rule", "change_limits"], "en", ["3 bind", "tightened to 0.96", "gain: ", "pays \\ gains"]),
        (["--rule", "比上年增减幅度"], "zh", ["3 行起作用", "收紧到 0.96", "增加：", "让出 ＼ 得到"]),
        (["--rule", "use_share_floor"], "en", ["no change"]),
        (["--shapley"], "en", ["Change on last year", "Amount"]),
        (["--set", "rules=[]"], "en", ["No rule moves any county"]),
        (["--set", "rules=[]"], "zh", ["没有规则改变任何旗县的金额"]),
        (["--set", "objective=minimax"], "en", ["not unique", "have a range"]),
        (["--county", "甲县", "--set", "objective=minimax"], "zh", ["没有唯一答案"]),
    ],
)
def test_it_says(capsys, arguments, lang, words):
    out, err = explain(capsys, "tutorial", *arguments, lang=lang)
    assert err == ""
    assert [word for word in words if word not in out] == []


@pytest.mark.parametrize(
    ("name", "lang"), [("tutorial", "en"), ("yangquan-2024", "zh"), ("inner-mongolia-2025", "zh")]
)
def test_the_default_output_has_no_word_of_a_solver(capsys, name, lang):
    out, _ = explain(capsys, name, lang=lang)
    assert JARGON.findall(out) == []
    assert max(len(line) for line in out.splitlines()) <= 130


def test_a_table_in_english_has_only_names_in_chinese(capsys):
    out, _ = explain(capsys, "tutorial", "--rule", "change_limits")
    left = re.sub("甲县|乙县|丙县|丁县|戊县|己县|东市|西市|万元", "", out)
    assert HAN.findall(left) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--county", "丙"], ["--county 丙", "丙县"]),
        (["--county", "99010"], ["990101"]),
        (["--county", "zzzz"], ["--county zzzz"]),
        (["--rule", "change_limit"], ["--rule change_limit", "change_limits"]),
        (["--rule", "zzzz"], ["change_limits", "use_share_floor"]),
        (["--gain", "5"], ["--gain", "--county"]),
        (["--gain", "0", "--county", "丙县"], ["--gain"]),
        (["--gain", "-3", "--county", "丙县"], ["--gain"]),
        (["--gain", "much", "--county", "丙县"], ["--gain", "much"]),
        (["--set", "rules.nothing.cap=1"], ["nothing"]),
    ],
)
def test_misuse_exits_2_and_names_what_is_near(capsys, arguments, words, lang):
    out, err = explain(capsys, "tutorial", *arguments, lang=lang, code=2)
    assert out == ""
    assert [word for word in words if word not in err] == []
    assert "Traceback" not in err
    assert bool(HAN.search(re.sub("丙县?|[甲乙丁戊己]县", "", err))) == (lang == "zh")


def test_a_county_whose_name_is_not_its_alone_needs_its_code(tmp_path, capsys):
    folder = str(builders.write_scenario(tmp_path / "twice", names=("东县", "东县", "丙旗", "丁区")))
    _, err = explain(capsys, folder, "--county", "东县", code=2)
    assert "150101" in err
    assert "150102" in err
    assert "150102 东县" in explain(capsys, folder, "--county", "150102").out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_allocation_exits_1_and_says_so(capsys, lang):
    out, err = explain(capsys, "tutorial", "--set", "rules.change_limits.lower=1.2", lang=lang, code=1)
    assert out == ""
    assert {"zh": "没有", "en": "no allocation"}[lang] in err.lower()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_scenario_that_is_not_there_exits_2(capsys, lang):
    assert "nowhere" in explain(capsys, "nowhere", lang=lang, code=2).err


def test_json_of_everything(capsys, plan):
    found = record(capsys, plan)
    assert list(found) == ["scenario", "unit", "attribution", "statements", "determinacy", "rules", "reach"]
    assert found["attribution"]["method"] == "order"
    assert found["attribution"]["names"] == [r["rule"] for r in found["rules"]]
    assert [s["code"] for s in found["statements"]] == list(builders.CODES)
    assert found["reach"] == []
    for statement in found["statements"]:
        assert sum(part["amount"] for part in statement["parts"]) == statement["amount"]
        assert sum(stream["amount"] for stream in statement["streams"]) == statement["amount"]
    assert sum(statement["amount"] for statement in found["statements"]) == 1100
    for rule in found["rules"]:
        assert {"rule", "used", "prices", "without"} == set(rule)
        assert {"moved", "gain", "pay", "flows", "largest_departure"} == set(rule["without"])


def test_json_of_one_county_with_a_gain(capsys, plan):
    found = record(capsys, plan, "--county", "丙旗", "--gain", "2")
    assert [s["county"] for s in found["statements"]] == ["丙旗"]
    assert list(found["determinacy"]["ranges"]) == ["150201"]
    assert found["rules"] == []
    assert found["reach"]
    for reach in found["reach"]:
        assert {"kind", "of", "key", "title", "value", "to", "gain"} <= set(reach)
        assert (reach["to"] is not None) == (reach["moves"] is not None)


def test_json_of_a_gain_says_how_much_the_county_gains(capsys):
    found = record(capsys, "tutorial", "--county", "甲县", "--gain", "5")["reach"]
    assert [r["gain"] >= 5 for r in found] == [r["to"] is not None for r in found]


def test_json_of_one_rule(capsys, plan):
    (rule,) = record(capsys, plan, "--rule", "average_parity")["rules"]
    assert rule["rule"] == "average_parity"
    (price,) = rule["prices"]
    assert price["parameter"] == "times"
    assert {side["side"]: side["value"] for side in price["sides"]} == {
        "tighter": Decimal("1.01"),
        "looser": Decimal("0.99"),
    }


def test_json_of_shapley(capsys, plan):
    attribution = record(capsys, plan, "--shapley")["attribution"]
    assert (attribution["method"], attribution["by"], attribution["orders"]) == ("shapley", "kind", 24)
    assert attribution["largest_standard_error"] is None


def test_json_of_an_error(capsys):
    assert json.loads(explain(capsys, "tutorial", "--county", "丙", "--json", code=2).out)["exit_code"] == 2
    assert json.loads(explain(capsys, "tutorial", "--gain", "1", "--json", code=2).out)["exit_code"] == 2


def test_gains_and_losses_of_a_rule_balance(capsys, plan):
    for rule in record(capsys, plan)["rules"]:
        without = rule["without"]
        gained, paid = sum(without["gain"].values()), sum(without["pay"].values())
        assert abs(gained + paid) < Decimal("0.0001")
        assert abs(gained - without["moved"]) < Decimal("0.0001")
        flows = without["flows"]["prefectures"]
        assert len(flows["amounts"]) == len(flows["from_to"]) == 2
