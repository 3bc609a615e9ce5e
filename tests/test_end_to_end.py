"""The promises of the whole command: order, unit and solver change nothing; equals are treated alike."""

from __future__ import annotations

import csv
import random
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.cli.main import run
from allocator.faults import NoAllocation
from allocator.load import BUNDLED, load
from allocator.plan import certify, solve
from tests.bundles import DISTINCT
from tests.oracle import reference
from tests.oracle.generate import generate

FILES = ("allocation.csv", "counties.csv", "rules.csv", "formula.csv", "allocation.xlsx", "datapackage.json")


def solved(source, out, *more) -> dict[str, bytes]:
    assert run(["solve", str(source), "-o", str(out), "--lang", "en", *more]) == 0
    return {name: (out / name).read_bytes() for name in FILES}


def copy_of(name: str, to: Path) -> Path:
    return Path(shutil.copytree(BUNDLED / name, to))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(path: Path, change) -> None:
    rows = rows_of(path)
    columns = list(rows[0])
    rows = change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("name", DISTINCT)
def test_order_of_rows_changes_no_byte(name, tmp_path):
    first = solved(name, tmp_path / "first")
    shuffled = copy_of(name, tmp_path / "plan")
    for table in shuffled.glob("*.csv"):
        rewrite(table, lambda rows: random.Random(7).sample(rows, len(rows)))
    assert solved(shuffled, tmp_path / "second") == first


@pytest.mark.parametrize("name", DISTINCT)
def test_another_solver_gives_the_same_table(name):
    loaded = load(name)
    allocation = solve(loaded)
    record = certify(loaded, allocation, "cbc")
    assert record["same_table"]
    assert record["largest_difference_of_departures"] <= 1e-7


def test_yuan_instead_of_ten_thousand_yuan(tmp_path):
    wan = load("tutorial")
    plan = copy_of("tutorial", tmp_path / "plan")
    text = (plan / "scenario.yaml").read_text(encoding="utf-8")
    text = text.replace("unit: 万元\nstep: 1", "unit: 元\nstep: 10000").replace(
        "budget: 1000,", "budget: 10000000,"
    )
    (plan / "scenario.yaml").write_text(text, encoding="utf-8")
    rewrite(
        plan / "counties.csv", lambda rows: [{**r, "last_amount": f"{r['last_amount']}0000"} for r in rows]
    )
    assert (solve(load(plan)).steps == solve(wan).steps).all()


@pytest.mark.parametrize("factor", [100, 10000])
def test_scaling_the_unit_of_a_binding_scenario(factor, tmp_path):
    plan = copy_of("inner-mongolia-2025", tmp_path / "plan")
    text = (plan / "scenario.yaml").read_text(encoding="utf-8").replace("step: 1\n", f"step: {factor}\n")
    for budget in (180000, 190000, 24000, 16000):
        text = text.replace(f"budget: {budget}\n", f"budget: {budget * factor}\n")
    (plan / "scenario.yaml").write_text(
        text.replace("min: 150\n", f"min: {150 * factor}\n"), encoding="utf-8"
    )
    money = ("last_amount", "pipeline.industry", "pipeline.other_villages_industry")
    rewrite(plan / "counties.csv", lambda rows: [
        {**r, **{c: str(int(r[c]) * factor) if r[c] else "" for c in money}} for r in rows
    ])  # fmt: skip
    assert (solve(load(plan)).steps == solve(load("inner-mongolia-2025")).steps).all()


def test_equal_counties_get_equal_money(tmp_path):
    plan = copy_of("inner-mongolia-2025", tmp_path / "plan")
    text = (plan / "scenario.yaml").read_text(encoding="utf-8")
    (plan / "scenario.yaml").write_text(text.replace("divisions: gb2260-2024", ""), encoding="utf-8")

    def twins(rows):
        return rows + [{**r, "code": f"99{k:04}"} for k, r in enumerate(rows) if r["prefecture"] == "赤峰市"]

    rewrite(plan / "counties.csv", twins)
    # room for the twelve more counties
    sets = ["rules.group_share_floor.floor=0.2", "rules.change_limits.lower=0.5", "rules.average_parity=null"]
    loaded = load(plan, [s for s in sets if "null" not in s])
    totals = solve(loaded).steps.sum(axis=(1, 2))
    index = loaded.counties.index
    originals = rows_of(BUNDLED / "inner-mongolia-2025" / "counties.csv")
    for k, row in enumerate(originals):
        if row["prefecture"] == "赤峰市":
            assert abs(int(totals[index[row["code"]]]) - int(totals[index[f"99{k:04}"]])) <= 1


def test_tutorial_by_hand():
    loaded = load("tutorial")
    assert solve(loaded).steps.sum(axis=(1, 2)).tolist() == [169, 114, 171, 223, 171, 152]


@pytest.mark.parametrize("objective", ["proportional", "minimax", "least_moved"])
def test_every_objective_keeps_the_rules(objective):
    loaded = load("inner-mongolia-2025", [f"objective={objective}"])
    allocation = solve(loaded)  # verified inside, or it raises
    assert allocation.record["objective"] == objective


def test_proportional_scales_everyone_alike_until_a_bound():
    loaded = load("tutorial", ["objective=proportional"])
    assert solve(loaded).steps.sum(axis=(1, 2)).tolist() == [169, 114, 171, 223, 171, 152]


@pytest.mark.parametrize("seed", range(40, 52))
def test_random_scenarios_against_the_oracle(seed, tmp_path):
    folder = tmp_path / "plan"
    folder.mkdir()
    made = generate(folder, seed, small=True)
    model = reference.load(folder)
    loaded = load(folder)
    try:
        allocation = solve(loaded)
    except NoAllocation:
        assert not made.planted
        return
    problem = loaded.problem
    table: dict[tuple[str, str, str], Fraction] = {}
    for (i, s, u), steps in zip(
        ((i, s, u) for i in problem.counties.codes for s in problem.streams for u in problem.uses),
        allocation.steps.ravel().tolist(),
        strict=True,
    ):
        if steps:
            table[i, s, u] = steps * problem.step
    assert reference.judge_cells(model, table) == []
    best = reference.solve(model, level2=False)
    position = {name: s for s, name in enumerate(problem.streams)}
    payments = allocation.optimum.sum(axis=2)
    for (code, stream), value in best.x_county.items():
        own = payments[problem.counties.index[code], position[stream]]
        assert abs(own - value) <= 0.5 * float(problem.step)


def test_formula_parts_add_up_in_the_result(tmp_path):
    solved("inner-mongolia-2025", tmp_path / "out")
    parts: dict[str, Decimal] = {}
    for row in rows_of(tmp_path / "out" / "formula.csv"):
        parts[row["code"]] = parts.get(row["code"], Decimal(0)) + Decimal(row["amount"])
    for row in rows_of(tmp_path / "out" / "counties.csv"):
        shown = parts.get(row["code"], Decimal(0))
        assert abs(shown - Decimal(row["formula"])) <= Decimal("0.000002")


def test_write_lp_names_what_it_says(tmp_path):
    lp = tmp_path / "model.lp"
    assert run(["solve", "tutorial", "--write-lp", str(lp), "--lang", "en"]) == 0
    text = lp.read_text(encoding="utf-8")
    assert "甲县" in text
    assert "X.990101.grant" in text
    assert "budget.grant:" in text
    assert "change_limits.0:" in text


SMALL = """\
name: small
year: 2025
unit: 万元
step: 1
uses: {{u: {{tags: [i]}}, v: {{}}}}
formulas:
  f: [{{factor: p, weight: 1, value: pop}}]
streams:
  s: {{budget: {budget}, formula: f{more}}}
rules: {rules}
"""
COUNTIES = "code,county,prefecture,pop,last\n100001,a,P,10,5\n100002,b,P,20,\n100003,c,Q,5,0\n"


def small(tmp_path, budget, rules="[]", more="", committed=None):
    text = SMALL.format(budget=budget, rules=rules, more=more)
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "counties.csv").write_text(COUNTIES, encoding="utf-8")
    if committed:
        (tmp_path / "committed.csv").write_text(f"code,stream,use,amount\n{committed}\n", encoding="utf-8")
    return load(tmp_path)


def test_a_year_that_is_wholly_issued(tmp_path):
    floor = "[{kind: use_share_floor, tag: i, by: all, floor: 0.5}]"
    assert not solve(small(tmp_path, 0, floor, committed="100001,s,u,3.5")).steps.any()


def test_committed_money_alone_can_break_a_rule(tmp_path):
    floor = "[{kind: use_share_floor, tag: i, by: all, floor: 0.5}]"
    with pytest.raises(NoAllocation):
        solve(small(tmp_path, 0, floor, committed="100001,s,v,3.5"))


def test_one_step_for_three_counties(tmp_path):
    assert solve(small(tmp_path, 1)).steps.sum(axis=(1, 2)).tolist() == [0, 1, 0]


def test_what_was_advanced_is_taken_off_the_year(tmp_path):
    loaded = small(tmp_path, 10, more=", entitlement: year", committed="100001,s,u,30")
    assert solve(loaded).steps.sum(axis=(1, 2)).tolist() == [0, 8, 2]
    assert any("100001" in notice.en for notice in loaded.notices)


def test_half_a_step_that_a_rule_asks_for_is_refused_by_name(tmp_path):
    exact = "[{kind: linear, left: {counties: '100001'}, sense: '=', plus: 2.5}]"
    with pytest.raises(NoAllocation, match="linear"):
        solve(small(tmp_path, 10, exact))


def test_certify_says_who_agreed(capsys):
    assert run(["solve", "tutorial", "--certify", "--lang", "en"]) == 0
    assert "Second opinion: cbc gives the same table" in capsys.readouterr().out
