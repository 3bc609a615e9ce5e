"""The oracle itself, on cases that a reader can work by hand."""

from __future__ import annotations

import random
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.oracle import plain_pulp
from tests.oracle.formula import entitlements, floored, mixes
from tests.oracle.generate import generate
from tests.oracle.reference import Infeasible, Model, judge, judge_cells, load, ratable, solve

A, B, C = "150101", "150102", "150103"
BASE: dict[str, Any] = {
    "name": "three", "year": 2025, "unit": "万元", "step": 1, "counties": "counties.csv",
    "groups": {
        "f": {"codes": [A]}, "c": {"codes": [C]}, "g": {"where": {"flag": True}},
        "big": {"where": {"people": {"min": 200}}},
    },
    "uses": {"ind": {"tags": ["industry"]}, "road": {"tags": []}},
    "mix": {"ind": 0.5, "road": 0.5},
    "formulas": {"one": [{"factor": "people", "weight": 1, "value": "people", "as": "share"}]},
    "streams": {"s": {"source": "central", "batch": 1, "budget": 600, "formula": "one"}},
    "rules": [],
}  # fmt: skip
TABLE = (
    "code,county,prefecture,people,flag,last,pipe,grade,income\n"
    f"{A},甲,一盟,100,true,200,40,优,10\n{B},乙,一盟,200,否,,,良,20\n{C},丙,二盟,300,0,0,100,良,40\n"
)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Write a three-county scenario; entitlements 100, 200, 300."""

    def write(*rules: dict[str, Any], committed: str = "", table: str = TABLE, **keys: Any) -> Model:
        with (tmp_path / "scenario.yaml").open("w", encoding="utf-8") as out:
            YAML(typ="safe").dump({**BASE, **keys, "rules": list(rules)}, out)
        (tmp_path / "counties.csv").write_text(table, encoding="utf-8")
        if committed:
            (tmp_path / "committed.csv").write_text("code,stream,use,amount\n" + committed, encoding="utf-8")
        return load(tmp_path)

    return write


def amounts(model: Model) -> list[float]:
    """Return each county's amount."""
    found = solve(model, level2=False).x_county
    return [round(sum(v for (i, _), v in found.items() if i == c), 4) for c in (A, B, C)]


def industry(model: Model) -> list[float]:
    """Return each county's industry money."""
    cells = solve(model).cells
    assert cells is not None
    return [round(cells[c, "s", "ind"], 4) for c in (A, B, C)]


def test_no_rule_gives_the_formula(make: Any) -> None:
    model = make()
    assert amounts(model) == [100, 200, 300]
    assert industry(model) == [50, 100, 150]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # A is raised to 160; the 60 come from B and C in proportion: 500 - 60 = 440 at 0.88
        ({"kind": "amount_bounds", "by": "f", "min": 160}, [160, 176, 264]),
        ({"kind": "amount_bounds", "by": "county", "max": 250}, [350 / 3, 700 / 3, 250]),
        ({"kind": "amount_bounds", "by": "county", "max_share": {2024: 1, 2025: 0.4}}, [120, 240, 240]),
        ({"kind": "amount_bounds", "by": "prefecture", "min": 320, "scope": {"group": "c"}},
         [280 / 3, 560 / 3, 320]),
        # last: A 200, B blank (no row), C 0 (only the lower one)
        ({"kind": "change_limits", "column": "last", "lower": 0.85, "upper": 1.3}, [170, 172, 258]),
        # relative to the total: A was 200 of 200 and may not fall below 0.25 of that share: 150
        ({"kind": "change_limits", "column": "last", "lower": 0.25, "upper": 1.3, "relative_to": "total"},
         [150, 180, 270]),
        ({"kind": "group_share_floor", "group": "f", "floor": 0.25}, [150, 180, 270]),
        # A ≥ mean of B and C: A = 200, the rest at 0.8
        ({"kind": "average_parity", "group": "f", "reading": "group_average", "against": "others"},
         [200, 160, 240]),
        ({"kind": "average_parity", "group": "f", "reading": "each_county", "against": "all"},
         [200, 160, 240]),
        # `big` is B and C: B ≥ mean of A alone holds already
        ({"kind": "average_parity", "group": "big", "reading": "each_county", "against": "others"},
         [100, 200, 300]),
        # against all the mean is 200, which B just reaches
        ({"kind": "average_parity", "group": "big", "reading": "each_county", "against": "all"},
         [100, 200, 300]),
        # C ≤ A + 50: 300 (1 - t) = 100 (1 + t) + 50 gives t = 0.375, and what is left for B is 1.375 too
        ({"kind": "linear", "left": {"counties": [C]}, "sense": "<=", "times": 1, "right": {"counties": [A]},
          "plus": 50}, [137.5, 275, 187.5]),
        ({"kind": "linear", "left": {"group": "g"}, "sense": "=", "times": 0, "right": {}, "plus": 130,
          "for_each": None}, [130, 188, 282]),
        # the whole of each prefecture ≥ half of everything outside industry: holds, changes nothing
        ({"kind": "linear", "left": {}, "sense": ">=", "times": 1, "right": {"tag": "industry"}, "plus": 0,
          "for_each": "prefecture"}, [100, 200, 300]),
    ],
)  # fmt: skip
def test_level_1_by_hand(make: Any, rule: dict[str, Any], expected: list[float]) -> None:
    assert amounts(make(rule)) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # 一盟 (A, B): 300 of money, 70 % industry = 210: both rise by 20 points
        ({"kind": "use_share_floor", "tag": "industry", "by": "prefecture", "floor": {2025: 0.7}},
         [70, 140, 210]),
        ({"kind": "use_share_floor", "tag": "industry", "by": "county", "floor": 0.6,
          "scope": {"group": "f"}}, [60, 100, 150]),
        ({"kind": "use_share_cap", "tag": "industry", "by": "county", "cap": 0.3}, [30, 60, 90]),
        # industry at most 40 in A, 100 in C; blank in B
        ({"kind": "pipeline", "columns": {"ind": "pipe"}}, [40, 100, 100]),
        ({"kind": "pipeline", "columns": {"ind": "pipe"}, "scope": {"group": "f"}}, [40, 100, 150]),
    ],
)  # fmt: skip
def test_level_2_by_hand(make: Any, rule: dict[str, Any], expected: list[float]) -> None:
    model = make(rule)
    assert amounts(model) == [100, 200, 300]
    assert industry(model) == pytest.approx(expected, abs=2e-4)


def test_last_years_share_is_a_floor(make: Any) -> None:
    table = TABLE.replace("income\n", "income,was\n").replace(",10\n", ",10,0.8\n")
    table = table.replace(",20\n", ",20,0.8\n").replace(",40\n", ",40,0.1\n")
    rule = {
        "kind": "use_share_floor",
        "tag": "industry",
        "by": "prefecture",
        "floor": 0.6,
        "not_below": "was",
    }
    assert industry(make(rule, table=table)) == pytest.approx([80, 160, 180], abs=2e-4)


def test_committed_counts_in_the_rules(make: Any) -> None:
    rule = {"kind": "amount_bounds", "by": "county", "max": 310}
    model = make(rule, committed=f"{C},s,ind,100\n")
    assert amounts(model) == [130, 260, 210]
    assert not judge_cells(model, {(A, "s", "ind"): F(130), (B, "s", "ind"): F(260), (C, "s", "ind"): F(210)})


def test_entitlement_of_the_year(make: Any) -> None:
    stream = {**BASE["streams"]["s"], "entitlement": "year"}
    assert amounts(make(committed=f"{C},s,ind,120\n", streams={"s": stream})) == [120, 240, 240]
    # 600 + 1200 = 1800: C's 900 less 1200 is nothing; A 300 and B 600 are rescaled to 600
    assert amounts(make(committed=f"{C},s,ind,1200\n", streams={"s": stream})) == [200, 400, 0]


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        ({"as": "inverse", "value": "income"}, [F(4, 7), F(2, 7), F(1, 7)]),
        ({"as": "inverse", "value": "income", "scale": "people"}, [F(20, 55), F(20, 55), F(15, 55)]),
        ({"as": "gap", "value": "income", "ref": "max"}, [F(3, 5), F(2, 5), F(0)]),
        ({"as": "gap", "value": "income", "ref": "median"}, [F(1), F(0), F(0)]),
        ({"as": "gap", "value": "income", "ref": "mean", "scale": "people"}, [F(4, 6), F(2, 6), F(0)]),
        ({"as": "gap", "value": "income", "ref": 50}, [F(4, 8), F(3, 8), F(1, 8)]),
        ({"as": "gap", "value": "income", "ref": B}, [F(1), F(0), F(0)]),
        ({"as": "equal"}, [F(1, 3)] * 3),
        ({"points": {"f": 1, "big": 0.5}}, [F(1, 2), F(1, 4), F(1, 4)]),
        ({"as": "bands", "value": "income", "bands": {"20": 2, "0": 1}}, [F(1, 5), F(2, 5), F(2, 5)]),
        ({"as": "bands", "value": "grade", "bands": {"优": 1.2, "良": 0.9}}, [F(4, 10), F(3, 10), F(3, 10)]),
        ({"as": "share", "value": {"people": 1, "income": 10}}, [F(2, 13), F(4, 13), F(7, 13)]),
        ({"as": "share", "value": "people", "floor": 0.25}, [F(1, 4), F(3, 10), F(9, 20)]),
    ],
)  # fmt: skip
def test_factors_by_hand(make: Any, factor: dict[str, Any], expected: list[F]) -> None:
    model = make(formulas={"one": [{"factor": "k", "weight": 1, **factor}]})
    assert [v / 600 for v in entitlements(model.sc).values()] == expected


def test_floor_is_repeated_until_none_is_below() -> None:
    # 0.1 is raised to 0.25; the rest fall to 0.24 and 0.51, so the second is raised too
    tenth = {"a": F(1, 10), "b": F(288, 1000), "c": F(612, 1000)}
    assert floored(tenth, F(1, 4)) == {"a": F(1, 4), "b": F(1, 4), "c": F(1, 2)}


def test_multiplier_and_adjustments(make: Any) -> None:
    stream = {**BASE["streams"]["s"], "multiplier": "income"}
    assert list(entitlements(make(streams={"s": stream}).sc).values()) == [
        F(600, 17),
        F(2400, 17),
        F(7200, 17),
    ]
    items = [{"county": A, "stream": "s", "amount": 1.5}, {"county": B, "stream": "s", "amount": -1.5}]
    assert amounts(make(adjustments={"limit": 0.03, "items": items})) == [101.5, 198.5, 300]


def test_mix_is_restricted_and_rescaled(make: Any) -> None:
    streams = {"s": BASE["streams"]["s"], "t": {**BASE["streams"]["s"], "uses": ["road"]}}
    table = TABLE.replace("income\n", "income,mix.ind,mix.road\n").replace(",10\n", ",10,0.9,0.1\n")
    table = table.replace(",20\n", ",20,,\n").replace(",40\n", ",40,1,0\n")
    mix = mixes(make(streams=streams, table=table).sc)
    assert mix[A, "s"] == {"ind": F(9, 10), "road": F(1, 10)}
    assert mix[B, "s"] == {"ind": F(1, 2), "road": F(1, 2)}
    assert mix[A, "t"] == {"road": F(1)}
    assert mix[C, "t"] == {"road": F(1)}


def test_parity_among_the_eligible(make: Any) -> None:
    stream = {**BASE["streams"]["s"], "eligible": "pair"}
    groups = {**BASE["groups"], "pair": {"codes": [A, C]}}
    rule = {"kind": "average_parity", "group": "f", "reading": "each_county", "against": "others"}
    keys: dict[str, Any] = {"streams": {"s": stream}, "groups": groups}
    assert amounts(make({**rule, "among": "eligible"}, **keys)) == [300, 0, 300]
    assert amounts(make({**rule, "among": "all"}, **keys)) == [200, 0, 400]  # B's nothing eases the mean


def test_infeasible(make: Any) -> None:
    model = make({"kind": "amount_bounds", "by": "county", "min": 201})
    assert not model.feasible()
    with pytest.raises(Infeasible):
        solve(model)
    with pytest.raises(Infeasible):
        plain_pulp.solve(model)


def test_the_judge_names_what_is_broken(make: Any, tmp_path: Path) -> None:
    stream = {**BASE["streams"]["s"], "eligible": "big", "uses": ["road"]}
    model = make({"kind": "amount_bounds", "by": "county", "min": 200}, streams={"s": stream})
    table = tmp_path / "allocation.csv"
    table.write_text(
        f'code,stream,use,amount\n{A},s,road,1\n{B},s,ind,-1\n{C},s,road,"1,999.5"\n', encoding="utf-8-sig"
    )
    said = "\n".join(judge(model, table))
    for word in ("eligibility", "permitted", "sign", "step", "budget s: 1999.5 of 600", "[150102 min]"):
        assert word in said
    assert "[150101 min]" not in said  # no open cell: vacuous
    table.write_text(f"code,stream,use,amount\n{B},s,road,200\n{C},s,road,400\n", encoding="utf-8")
    assert judge(tmp_path, table) == []


@pytest.mark.parametrize("seed", range(20))
def test_leximin_with_boxes_is_ratable_reduction(make: Any, seed: int) -> None:
    rng = random.Random(seed)
    lower = [rng.uniform(0, 170) for _ in range(3)]
    upper = [v + rng.uniform(20, 250) for v in lower]
    rules = [
        {
            "kind": "linear",
            "left": {"counties": [c]},
            "sense": sense,
            "times": 0,
            "right": {},
            "plus": limit[k],
        }
        for k, c in enumerate((A, B, C))
        for sense, limit in ((">=", lower), ("<=", upper))
    ]
    model = make(*rules)
    e = {A: 100.0, B: 200.0, C: 300.0}
    try:
        expected = ratable(e, dict(zip(e, lower, strict=True)), dict(zip(e, upper, strict=True)), 600)
    except Infeasible:
        assert not model.feasible()
        return
    assert amounts(model) == pytest.approx(list(expected.values()), abs=1e-3)


@pytest.mark.parametrize("seed", range(3000, 3012))
def test_two_independent_computations_agree(tmp_path: Path, seed: int) -> None:
    """One proves what cannot improve and reads no dual; the other is plain PuLP with CBC's duals."""
    made = generate(tmp_path / "scenario", seed, small=True, infeasible=False)
    model = load(made.folder)
    assert judge_cells(model, made.allocation) == []
    one, two = solve(model), plain_pulp.solve(model)
    step = float(model.sc.step)
    assert one.cells is not None
    assert two.cells is not None
    assert max(abs(v - two.x_county[k]) for k, v in one.x_county.items()) < 0.1 * step
    assert max(abs(v - two.cells[k]) for k, v in one.cells.items()) < 0.1 * step


@pytest.mark.parametrize("seed", range(4000, 4030))
def test_what_is_planted_is_what_is_feasible(tmp_path: Path, seed: int) -> None:
    made = generate(tmp_path / "scenario", seed, small=seed % 2 == 0, infeasible=seed % 3 == 0)
    model = load(made.folder)
    assert model.feasible() == made.planted
    if made.planted:
        cell, amount = next(iter(made.allocation.items()))
        spoilt = {**made.allocation, cell: amount + model.sc.step}
        assert any(line.startswith("budget") for line in judge_cells(model, spoilt))
