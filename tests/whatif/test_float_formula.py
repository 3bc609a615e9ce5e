"""The formula in floats against the exact one: bundled, random and hand-made scenarios."""

from __future__ import annotations

import random
from decimal import Decimal

import numpy as np
import pytest
from ruamel.yaml import YAML

from allocator.faults import BadInput
from allocator.load import bundled, load
from allocator.policy import FactorKind
from allocator.variant import with_budgets, with_figures, with_scenario, with_weight
from allocator.whatif.float_formula import FloatFormula
from tests.oracle.generate import generate

TABLE = """\
code,county,prefecture,people,monitored,income,ratio,flag,level,grade,score
150101,甲,一盟,100,3,10,1.1,1,1,优,95
150102,乙,一盟,250,0,20,0.9,是,2,良,80.5
150103,丙,二盟,300.5,1,40,1,0,2,良,60
150104,丁,二盟,0.1,0.2,35.25,,否,3,中,
"""
FACTORS = {
    "share": {"value": "people"},
    "structure": {"value": {"people": 1, "monitored": 2.5}},
    "inverse": {"as": "inverse", "value": "income"},
    "inverse scaled": {"as": "inverse", "value": "income", "scale": "people"},
    "gap to the largest": {"as": "gap", "value": "income", "ref": "max"},
    "gap to the mean": {"as": "gap", "value": "income", "ref": "mean", "scale": "people"},
    "gap to the median": {"as": "gap", "value": {"income": 0.1, "people": 0.7}, "ref": "median"},
    "gap to a number": {"as": "gap", "value": "income", "ref": 36},
    "gap to a code": {"as": "gap", "value": "income", "ref": 150103},
    "gap to a name": {"as": "gap", "value": "income", "ref": "丁"},
    "equal": {"as": "equal"},
    "points": {"points": {"listed": 1, "flagged": 0.5, "large": 2, "second": 0.25}},
    "bands": {
        "as": "bands",
        "value": {"people": 0.7, "monitored": 0.1},
        "bands": {"0": 1, "70": 2, "175": 3},
    },
    "ranks in prefectures": {
        "as": "bands",
        "value": {"people": 0.7, "monitored": 0.1},
        "within": "prefecture",
        "bands": {"0": 1, "0.5": 3},
    },
    "ranks among equals": {
        "as": "bands",
        "value": "income",
        "within": "grade",
        "bands": {"0": 1, "0.3": 2, "0.6": 4},
    },
    "ranks of all": {"as": "bands", "value": "people", "within": "all", "bands": {"0": 1, "0.75": 2}},
    "named bands": {"as": "bands", "value": "grade", "bands": {"优": 1.2, "良": 1, "中": 0.8}},
    "floor": {"value": "people", "floor": 0.2},
    "floor for all": {"value": "people", "floor": 0.25},
}
GROUPS = {
    "listed": {"codes": [150101, 150104]},
    "flagged": {"where": {"flag": True}},
    "large": {"where": {"people": {"min": 0.1, "max": 300}, "flag": [True, False]}},
    "second": {"where": {"level": [2, 3]}},
    "rated": {"where": {"ratio": {"min": 0.5}}},
}
SPOKEN = {"flag": (1, 0), "level": (2, 3)}
"""What stands in columns that only groups look at; the first county is always a member."""


@pytest.fixture
def make(tmp_path):
    """Writes four counties and one formula, and loads them."""

    def write(*factors, table=TABLE, issued="", **stream):
        weights = {1: [1], 2: [0.5, 0.5], 3: [0.25, 0.25, 0.5]}[len(factors)]
        named = [{"factor": f"f{k}", "weight": weights[k], **f} for k, f in enumerate(factors)]
        document = {
            "name": "four", "year": 2025, "unit": "万元", "step": 1, "groups": GROUPS,
            "formulas": {"one": named},
            "streams": {
                "s": {"budget": 1000, "formula": "one", **stream},
                "none": {"budget": 0, "formula": "one"},
            },
            "rules": [],
        }  # fmt: skip
        with (tmp_path / "scenario.yaml").open("w", encoding="utf-8") as out:
            YAML(typ="safe").dump(document, out)
        (tmp_path / "counties.csv").write_text(table, encoding="utf-8")
        if issued:
            (tmp_path / "committed.csv").write_text("code,stream,use,amount\n" + issued, encoding="utf-8")
        return load(tmp_path)

    return write


def bare(source):
    """A scenario without what the formula does not look at: rules, and the limit of adjustments."""
    loaded = load(source)
    scenario, own = loaded.scenario, loaded.scenario.adjustments
    free = None if own is None else own.model_copy(update={"limit": Decimal(10**9)})
    return with_scenario(loaded, scenario.model_copy(update={"rules": (), "adjustments": free}))


def agree(found, expected):
    """Whether two tables of entitlements agree to 1e-9 of each amount."""
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * max(1.0, expected.max(initial=0)))


def as_figures(values):
    """(county, column) → an exact number, from arrays."""
    return {(i, c): Decimal(repr(float(v))) for c, own in values.items() for i, v in enumerate(own)}


def check_weights(loaded, formula):
    """Each factor's weight turned on its own, exactly and in floats."""
    for name, factors in loaded.scenario.formulas.items():
        for factor in factors[: 1 if len(factors) < 2 else None]:
            exact = with_weight(loaded, name, factor.factor, Decimal("0.37"))
            weights = [float(f.weight) for f in exact.scenario.formulas[name]]
            agree(formula.entitlement(weights={name: weights}), exact.problem.entitlement)
            agree(formula.entitlement(weights={name: [3 * w for w in weights]}), exact.problem.entitlement)


def check_budgets(loaded, formula, rng):
    """Every stream's budget turned at once."""
    budgets = {name: Decimal(rng.randint(1, 10**7)) for name in loaded.problem.stream_names}
    expected = with_budgets(loaded, budgets).problem.entitlement
    agree(formula.entitlement(budgets={k: float(v) for k, v in budgets.items()}), expected)


def check_columns(loaded, formula, rng, columns):
    """The columns turned together; refused by both or by none."""
    values = {
        c: np.array([0 if v is None else round(float(v) * rng.uniform(0.7, 1.4), 3) for v in own])
        for c, own in loaded.counties.numbers.items()
        if c in columns
    }
    for column in columns - set(values):
        first, *others = SPOKEN.get(column, (1,))
        values[column] = np.array([first, *(rng.choice([first, *others]) for _ in loaded.counties.codes[1:])])
    try:
        expected = with_figures(loaded, as_figures(values)).problem.entitlement
    except BadInput:
        with pytest.raises(ValueError, match=r"factor|group|share|multiplier|year"):
            formula.entitlement(columns=values)
        return
    agree(formula.entitlement(columns=values), expected)


@pytest.mark.parametrize("name", bundled())
def test_bundled_scenarios_agree(name):
    loaded, rng = bare(name), random.Random(name)
    formula = FloatFormula(loaded)
    agree(formula.entitlement(), loaded.problem.entitlement)
    check_weights(loaded, formula)
    check_budgets(loaded, formula, rng)
    for column in loaded.counties.numbers:
        check_columns(loaded, formula, rng, {column})
    check_columns(loaded, formula, rng, set(loaded.counties.numbers))
    agree(formula.entitlement(), loaded.problem.entitlement)


@pytest.mark.parametrize("seed", range(7100, 7140))
def test_random_scenarios_agree(tmp_path, seed):
    loaded, rng = (
        bare(generate(tmp_path / "made", seed, small=seed % 6 > 0, only=["amount_bounds"]).folder),
        random.Random(seed),
    )
    formula = FloatFormula(loaded)
    agree(formula.entitlement(), loaded.problem.entitlement)
    check_weights(loaded, formula)
    check_budgets(loaded, formula, rng)
    columns = sorted({"flag", *(c for c in loaded.counties.numbers if not c.startswith("mix."))})
    for column in rng.sample(columns, min(4, len(columns))):
        check_columns(loaded, formula, rng, {column})
    check_columns(loaded, formula, rng, set(rng.sample(columns, min(3, len(columns)))))
    agree(formula.entitlement(), loaded.problem.entitlement)


@pytest.mark.parametrize("kind", FACTORS)
@pytest.mark.parametrize("eligible", ["all", "large", "rated"])
@pytest.mark.parametrize("rest", [(), ({"as": "equal"},)])
def test_every_kind_of_factor_agrees(make, kind, eligible, rest):
    try:
        loaded = make(FACTORS[kind], *rest, eligible=eligible)
    except BadInput:
        pytest.skip("the exact formula refuses it")
    formula, rng = FloatFormula(loaded), random.Random(kind)
    agree(formula.entitlement(), loaded.problem.entitlement)
    check_weights(loaded, formula)
    for column in {"people", "income", "monitored", "flag", "level", "ratio"} & set(loaded.counties.text):
        check_columns(loaded, formula, rng, {column})


def test_every_kind_is_listed():
    kinds = {f.get("as", "points" if "points" in f else "share") for f in FACTORS.values()}
    assert kinds == set(FactorKind.__args__)


def test_multiplier_year_and_adjustments(make):
    loaded = make(
        FACTORS["share"], FACTORS["equal"], eligible="rated", multiplier="ratio", entitlement="year",
        issued="150101,s,all,700\n150103,s,all,10.5\n",
    )  # fmt: skip
    formula = FloatFormula(loaded)
    assert loaded.problem.entitlement[0, 1] == 0  # over-advanced
    agree(formula.entitlement(), loaded.problem.entitlement)
    rng = random.Random(1)
    check_weights(loaded, formula)
    check_columns(loaded, formula, rng, {"ratio"})
    check_columns(loaded, formula, rng, {"ratio", "people"})
    exact = with_budgets(loaded, {"s": Decimal(123), "none": Decimal(45)})
    agree(formula.entitlement(budgets={"s": 123, "none": 45}), exact.problem.entitlement)


def test_everything_at_once(make):
    loaded = make(FACTORS["points"], FACTORS["inverse scaled"], FACTORS["share"], eligible="large")
    values = {"people": np.array([0.05, 200, 300, 7]), "flag": np.array([1, 0, 1, 0])}
    exact = with_weight(with_figures(loaded, as_figures(values)), "one", "f1", Decimal("0.5"))
    exact = with_budgets(exact, {"s": Decimal(77)})
    weights = [float(f.weight) for f in exact.scenario.formulas["one"]]
    found = FloatFormula(loaded).entitlement({"one": weights}, {"s": 77.0}, values)
    agree(found, exact.problem.entitlement)
    assert [bool(v) for v in found[:, 1]] == [False, True, True, True]


def test_a_county_may_join_who_had_no_figure(make):
    loaded = make(FACTORS["share"], eligible="rated", multiplier="ratio")
    formula = FloatFormula(loaded)
    assert formula.entitlement()[3, 1] == 0
    ratio = np.array([1.1, 0.9, 1, 0.6])
    agree(formula.entitlement(columns={"ratio": ratio}),
          with_figures(loaded, as_figures({"ratio": ratio})).problem.entitlement)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": {"two": [1]}}, "two"),
        ({"weights": {"one": [1]}}, "one for each"),
        ({"weights": {"one": [1, np.nan, 0]}}, "at least zero"),
        ({"weights": {"one": [0, 0, 0]}}, "share is zero"),
        ({"budgets": {"t": 1}}, "'t'"),
        ({"budgets": {"s": -1}}, "-1"),
        ({"columns": {"nothing": [1, 1, 1, 1]}}, "no column"),
        ({"columns": {"grade": [1, 1, 1, 1]}}, "names of bands"),
        ({"columns": {"people": [1, 1, 1, -1]}}, "negative"),
        ({"columns": {"people": [1, 1, 1]}}, "4 numbers"),
        ({"columns": {"income": [1, 1, 1, np.nan]}}, "missing"),
        ({"columns": {"income": [0, 0, 0, 0]}}, "add up to 0"),
        ({"columns": {"people": [301, 301, 301, 301]}}, "matches no county"),
        ({"columns": {"flag": [1, 1, 1, 2]}}, "ones and zeros"),
        ({"columns": {"flag": [0, 0, 0, 0]}}, "matches no county"),
    ],
)
def test_what_is_not_supported_is_refused(make, change, words):
    formula = FloatFormula(make({"value": {"income": 1}}, FACTORS["named bands"], FACTORS["points"]))
    with pytest.raises(ValueError, match=words):
        formula.entitlement(**change)


def test_words_in_a_condition_cannot_change(tmp_path):
    loaded = load("inner-mongolia-2025")
    with pytest.raises(ValueError, match="compares it with text"):
        FloatFormula(loaded).entitlement(columns={"key_support": np.ones(len(loaded.counties))})
