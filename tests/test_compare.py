"""Comparisons: parts that add up exactly, each kind of change on its own, results, errors."""

from __future__ import annotations

import json
import math
import shutil
from fractions import Fraction

import numpy as np
import pytest

from allocator import comparison_stages
from allocator.cli.main import run
from allocator.comparison import compare, compare_sides
from allocator.comparison_sides import read_side
from allocator.faults import BadInput, NoAllocation, SolverTrouble

SCENARIO = "inner-mongolia-2025"
CHANGES = (
    "formulas.consolidation.population.weight=0.4",
    "formulas.consolidation.income.weight=0.2",
    "rules.amount_bounds.max_share=0.032",
    "streams.central_consolidation.budget=185000",
)
SMALL = {
    "data": (),
    "formulas": ("formulas.factors.population.weight=0.5", "formulas.factors.policy.weight=0.15"),
    "rules": ("rules.amount_bounds.min=280",),
    "budgets": ("streams.central_2.budget=900",),
}
MERGED = ["rules.change_limits.lower=1.1", "streams.grant.budget=1200"]


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture
def copy(tmp_path, capsys):
    """Makes a copy of a scenario with values set and text replaced in its files."""
    made = []

    def make(source, *sets, **replaced):
        folder = tmp_path / f"copy{len(made)}"
        made.append(folder)
        arguments = [a for s in sets for a in ("--set", s)]
        assert run(["init", str(folder), "--from", str(source), *arguments]) == 0
        for stem, pairs in replaced.items():
            file = folder / (f"{stem}.yaml" if stem == "scenario" else f"{stem}.csv")
            text = file.read_bytes().decode("utf-8-sig")
            for old, new in pairs:
                assert old in text
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8", newline="")
        capsys.readouterr()
        return str(folder)

    return make


@pytest.fixture(scope="module")
def bundled_side():
    """The bundled scenario, solved once."""
    return read_side(SCENARIO)


def column(folder, name, change):
    """Changes the numbers of one column of a folder's county table."""
    file = f"{folder}/counties.csv"
    with open(file, encoding="utf-8-sig", newline="") as opened:
        head, *rows = (line.rstrip("\r\n").split(",") for line in opened)
    k = head.index(name)
    for i, row in enumerate(rows):
        row[k] = change(i, row[k])
    with open(file, "w", encoding="utf-8", newline="") as opened:
        opened.writelines(",".join(row) + "\n" for row in (head, *rows))


def adds_up(found):
    """Every county's parts are whole steps and add up to the difference of the payouts."""
    step = min(found.first.step, found.second.step)
    for k, code in enumerate(found.codes):
        parts = [part.amounts[k] for part in found.parts]
        assert sum(parts) == found.second.paid[code] - found.first.paid[code] == found.change[k]
        assert all((p / step).denominator == 1 for p in parts)
        exact = sum(part.exact[k] for part in found.parts)
        assert exact == pytest.approx(float(found.change[k]), abs=1e-6)
    whole = found.second.total - found.first.total
    assert sum(found.change) == whole
    assert math.isclose(sum(part.net for part in found.parts), float(whole), abs_tol=1e-3)


def kinds(found):
    """Stages that differ, without rounding."""
    return [part.kinds for part in found.parts if part.changed and part.kinds != ("rounding",)]


def test_a_scenario_and_its_copy_are_the_same(copy, bundled_side):
    found = compare_sides(bundled_side, read_side(copy(SCENARIO)))
    adds_up(found)
    assert kinds(found) == []
    assert not found.ranked
    assert [part.kinds for part in found.parts] == [(k,) for k in (*comparison_stages.KINDS, "rounding")]


@pytest.mark.parametrize("kind", SMALL)
def test_each_kind_of_change_alone_is_that_part_alone(copy, kind):
    folder = copy("yangquan-2024", *SMALL[kind])
    if kind == "data":
        column(folder, "rural_income", lambda i, v: str(int(v) * (10 + i) // 10))
    (found,) = compare(["yangquan-2024", folder])
    adds_up(found)
    assert kinds(found) == [(kind,)]
    for part in found.parts:
        if part.kinds == (kind,):
            assert part.moved > 1
            assert part.differs
        elif part.kinds != ("rounding",):
            assert not any(part.amounts)
            assert not any(part.exact)


def test_all_kinds_together(copy, bundled_side):
    folder = copy(SCENARIO, *CHANGES)
    column(folder, "performance", lambda i, v: "75" if i % 4 == 0 else v)
    found = compare_sides(bundled_side, read_side(folder))
    adds_up(found)
    assert kinds(found) == [("data",), ("formulas",), ("rules",), ("budgets",)]
    assert [round(part.net) for part in found.parts] == [0, 0, 0, 5000, 0]
    said = [[text.en for text in part.differs] for part in found.parts]
    assert said[0][0].startswith("performance (")
    assert said[1] == ["formula consolidation"]
    assert said[2] == ["bounds on a county"]
    assert said[3] == ["central consolidation 180,000 → 185,000"]
    back = compare_sides(found.second, found.first)
    adds_up(back)
    assert back.change == tuple(-c for c in found.change)


@pytest.mark.parametrize(
    ("sets", "replaced", "expected"),
    [
        (["streams.grant.multiplier=last_amount"], {}, ("formulas",)),
        (["groups.poor.where.poverty_exit=false", "streams.grant.eligible=poor"],
         {"scenario": [("lower: 0.95", "lower: 0")]}, ("formulas", "rules")),
        (["mix.industry=0.7", "mix.other=0.3"], {}, ("formulas",)),
        (["objective=least_moved"], {}, ("rules",)),
        ([], {"scenario": [("rules:", "adjustments:\n  limit: 0.1\n  items:\n"
          "  - {county: '990101', stream: grant, amount: 5, reason: a}\n"
          "  - {county: '990102', stream: grant, amount: -5, reason: b}\nrules:")]}, ("formulas",)),
        ([], {"counties": [("丙县,东市,0,10000,180", "丙县,东市,0,10000,")]}, ("data",)),
    ],
)  # fmt: skip
def test_other_changes_fall_into_their_stage(copy, sets, replaced, expected):
    first, second = copy("tutorial"), copy("tutorial", *sets, **replaced)
    (found,) = compare([first, second])
    adds_up(found)
    assert kinds(found) == [expected]


def test_a_stage_without_an_allocation_is_merged_with_the_next(copy, capsys):
    folder = copy("tutorial", *MERGED)
    (found,) = compare(["tutorial", folder])
    adds_up(found)
    assert kinds(found) == [("rules", "budgets")]
    (merged,) = (part for part in found.parts if len(part.kinds) > 1)
    assert merged.why == comparison_stages.IMPOSSIBLE
    assert len(merged.differs) == 2
    assert run(["compare", "tutorial", folder]) == 0
    assert (
        "Rules and budget cannot be told apart: there is no allocation in between" in capsys.readouterr().out
    )
    assert run(["compare", "tutorial", folder, "--lang", "zh"]) == 0
    assert "规则和预算无法分开：中间状态没有可行的分配" in capsys.readouterr().out


def test_a_stage_that_does_not_fit_is_merged_with_the_next(copy):
    # the first one's rule reads a column that the second one's table has not
    renamed = [("last_amount", "was")]
    folder = copy("tutorial", counties=renamed, scenario=[*renamed, ("lower: 0.95", "lower: 0.9")])
    (found,) = compare(["tutorial", folder])
    adds_up(found)
    assert kinds(found) == [("data", "rules")]
    assert found.parts[0].why == comparison_stages.UNFIT
    # formulas that differ too are in between
    folder = copy(folder, "formulas.main.population.weight=0.5", "formulas.main.equal.weight=0.5")
    (found,) = compare(["tutorial", folder])
    adds_up(found)
    assert kinds(found) == [("data", "formulas", "rules")]


def test_a_new_stream_with_its_formula_and_committed_money(copy):
    new = (
        "formulas:\n  flat:\n    - {factor: equal, weight: 1, as: equal}\n",
        "streams:\n  extra: {budget: 60, formula: flat, eligible: rich, entitlement: year}\n",
        "groups:\n  rich: {where: {poverty_exit: false}}\n",
    )
    folder = copy("tutorial", scenario=[(text.split("\n", 1)[0] + "\n", text) for text in new])
    with open(f"{folder}/committed.csv", "w", encoding="utf-8") as file:
        file.write("code,stream,use,amount\n990102,extra,other,7\n990203,grant,other,5\n")
    (found,) = compare(["tutorial", folder])
    adds_up(found)
    assert kinds(found) == [("data",), ("formulas",), ("budgets",)]
    assert found.streams == ("extra", "grant")
    assert [text.en for text in found.parts[3].differs] == ["extra (new)"]
    (back,) = compare([folder, "tutorial"])
    adds_up(back)
    assert [text.en for text in back.parts[3].differs] == ["extra (gone)"]


def test_the_last_stage_must_be_the_second_scenario(copy):
    one, other = read_side("tutorial"), read_side(copy("tutorial", "streams.grant.budget=1100"))
    after = other.payments + np.eye(1, len(other.payments))[0]
    with pytest.raises(SolverTrouble, match="internal error"):
        comparison_stages.stages(one.loaded, other.loaded, one.payments, after)


def test_equal_counties_have_equal_parts(copy):
    table = [("丙县,东市,0,10000,180", "丙县,东市,0,10000,100")]
    one = copy("tutorial", counties=table)
    other = copy("tutorial", "streams.grant.budget=1100", "rules.change_limits.lower=1", counties=table)
    (found,) = compare([one, other])
    adds_up(found)
    for part in found.parts:
        if part.kinds != ("rounding",):
            assert part.amounts[1] == part.amounts[2]


def test_other_steps(copy):
    folder = copy("tutorial", scenario=[("step: 1\n", "step: 2.5\n"), ("lower: 0.95", "lower: 0.9")])
    (found,) = compare(["tutorial", folder])
    assert found.second.step == Fraction(5, 2)
    for k in range(len(found.codes)):
        parts = [part.amounts[k] for part in found.parts]
        assert sum(parts) == found.change[k]
        assert all((p * 2).denominator == 1 for p in parts)
    assert kinds(found) == [("rules",)]


def test_other_counties_are_said_and_the_common_ones_compared(copy, capsys):
    folder = copy("tutorial", counties=[("990102,乙县", "990109,新县")])
    (found,) = compare(["tutorial", folder])
    assert found.only == (("990102",), ("990109",))
    assert found.parts == ()
    assert len(found.codes) == len(found.change) == 5
    assert run(["compare", "tutorial", folder]) == 0
    out = capsys.readouterr().out
    assert "different counties" in out
    assert "Counties that only the first has (1, 114 万元): 乙县" in out
    assert "Counties that only the second has (1, 114 万元): 新县" in out
    assert run(["compare", "tutorial", folder, "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert record["only_second"] == [{"code": "990109", "county": "新县", "amount": 114}]
    assert record["unexplained"]["zh"]


def test_another_unit_exits_2(copy, capsys):
    folder = copy("tutorial", scenario=[("unit: 万元", "unit: 元")])
    assert run(["compare", "tutorial", folder]) == 2
    assert "the unit is 元, that of tutorial is 万元" in capsys.readouterr().err
    with pytest.raises(BadInput):
        compare(["tutorial", folder])


def test_no_allocation_names_the_scenario_and_exits_1(copy, capsys):
    folder = copy("tutorial", "rules.change_limits.lower=1.2")
    assert run(["compare", "tutorial", folder]) == 1
    assert capsys.readouterr().err.startswith(f"{folder}: no allocation")
    with pytest.raises(NoAllocation):
        compare([folder, "tutorial"])


@pytest.fixture
def solved(tmp_path, capsys):
    assert run(["solve", "tutorial", "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def test_result_folders(solved, copy, tmp_path, capsys):
    (same,) = compare(["tutorial", str(solved)])
    assert same.first.paid == same.second.paid
    assert not same.ranked
    edited = tmp_path / "edited"
    shutil.copytree(solved, edited)
    table = (
        (edited / "allocation.csv").read_text(encoding="utf-8-sig").replace("industry,101", "industry,91.5")
    )
    (edited / "allocation.csv").write_text(table, encoding="utf-8")
    (found,) = compare([str(solved), str(edited)])
    assert dict(zip(found.codes, found.change, strict=True))["990101"] == Fraction(-19, 2)
    assert [found.codes[k] for k in found.ranked] == ["990101"]
    assert found.parts == ()
    assert run(["compare", str(edited), "tutorial", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert [record[side]["kind"] for side in ("first", "second")] == ["result", "scenario"]
    assert record["counties"][0]["difference"] == 9.5
    assert record["parts"] == []
    assert run(["compare", str(solved), str(edited)]) == 0
    out = capsys.readouterr().out
    assert "without the scenario that gave it" in out
    assert "-9.5" in out


def test_a_result_is_taken_as_the_scenario_in_it(tmp_path):
    for name, lower in (("one", "0.95"), ("two", "0.97")):
        change = f"rules.change_limits.lower={lower}"
        assert run(["solve", "tutorial", "-o", str(tmp_path / name), "--set", change]) == 0
    (found,) = compare([str(tmp_path / "one"), str(tmp_path / "two")])
    assert any(found.change)
    total = [sum(parts) for parts in zip(*(part.amounts for part in found.parts), strict=True)]
    assert total == list(found.change)


def test_counties_without_money_are_in_a_result_too(copy, tmp_path):
    plan = copy(
        "tutorial", "streams.grant.eligible=poor", scenario=[("lower: 0.95", "lower: 0.01"), ("0.01", "0")]
    )
    assert run(["solve", plan, "-o", str(tmp_path / "some")]) == 0
    (found,) = compare(["tutorial", str(tmp_path / "some")])
    assert len(found.codes) == 6
    assert found.only == ((), ())
    (tmp_path / "some" / "counties.csv").unlink()
    (found,) = compare(["tutorial", str(tmp_path / "some")])
    assert len(found.codes) + len(found.only[0]) == 6


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("run.json", "{", "no record of a result"),
        ("run.json", '{"kind": "other"}', "no record of a result"),
        ("run.json", '{"kind": "allocator-result", "scenario": {"title": 3}}', "no record of a result"),
        ("run.json", "[]", "no record of a result"),
        ("allocation.csv", "code,amount\n1,2\n", "this column is missing"),
        (
            "allocation.csv",
            "code,county,prefecture,stream,amount\n990101,甲县,东市,grant,viel\n",
            "not a number",
        ),
        ("allocation.csv", None, "no such file"),
    ],
)
def test_broken_result_folders_exit_2(solved, capsys, file, content, words):
    if content is None:
        (solved / file).unlink()
    else:
        (solved / file).write_text(content, encoding="utf-8")
    assert run(["compare", "tutorial", str(solved)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["tutorial"], ["tutorial", "nowhere"], ["tutorial", ""]])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_arguments_exit_2(capsys, arguments, lang):
    assert run(["compare", *arguments, "--lang", lang]) == 2
    assert capsys.readouterr().err.strip()


def test_the_screen_in_both_languages(copy, capsys):
    folder = copy("tutorial", "streams.grant.budget=1100", "formulas.main.population.weight=1",
                  "formulas.main.equal.weight=0")  # fmt: skip
    assert run(["compare", "tutorial", folder]) == 0
    out = capsys.readouterr().out
    for word in ("First: ", "Where the difference comes from", "grant 1,000 → 1,100", "Prefectures",
                 "Counties that differ most", "东市", "+100", "Formula", "Budget", "nothing"):  # fmt: skip
        assert word in out
    assert run(["compare", "tutorial", folder, "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    for word in (
        "甲：",
        "差额从何而来",
        "补助资金 1,000 → 1,100",
        "差额最大的旗县",
        "各盟市",
        "相同",
        "取整",
    ):
        assert word in out
    assert max(len(row) for row in out.splitlines()[2:]) <= 80  # paths stand above
    assert run(["compare", "tutorial", "tutorial", "--lang", "zh"]) == 0
    assert "各旗县金额完全相同" in capsys.readouterr().out


def test_json_holds_everything_and_more_than_two_go_against_the_first(copy, capsys):
    folder = copy("tutorial", "streams.grant.budget=1100")
    assert run(["compare", "tutorial", folder, "tutorial", "--json"]) == 0
    one, same = json.loads(capsys.readouterr().out)["comparisons"]
    assert (one["first"]["source"], one["second"]["source"], same["second"]["source"]) == (
        "tutorial", folder, "tutorial",
    )  # fmt: skip
    assert [part["stages"] for part in one["parts"]] == [[k] for k in (*comparison_stages.KINDS, "rounding")]
    for county in one["counties"]:
        assert sum(county["parts"]) == county["difference"] == county["second"] - county["first"]
        assert county["streams"]["grant"] == [county["first"], county["second"]]
    for area in one["prefectures"]:
        own = [c for c in one["counties"] if c["prefecture"] == area["prefecture"]]
        assert area["difference"] == sum(c["difference"] for c in own) == sum(area["parts"])
    assert one["second"]["total"] == 1100
    assert same["moved"] == 0
