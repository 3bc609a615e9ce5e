"""Differences of two scenarios, told apart exactly by cause."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from allocator.cli.main import run
from allocator.comparison import stages as comparison_stages
from allocator.comparison.sides import read_side
from allocator.comparison.sides_compared import compare, compare_sides
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
    assert sum(found.change) == whole == sum(part.flow.net for part in found.parts) == found.flow.net
    for part in found.parts[:-1]:
        # what a stage adds to the total is whole here, and its column adds up to it
        assert part.flow.net == sum(part.amounts) == round(sum(part.exact) / float(step)) * step
        assert all(abs(whole - exact) < step for whole, exact in zip(part.amounts, part.exact, strict=True))


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
            assert part.flow.gained + part.flow.lost > 2
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
    assert [part.flow.net for part in found.parts] == [0, 0, 0, 5000, 0]
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
    assert [part.flow.net for part in found.parts] == [0] * len(found.parts)
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
