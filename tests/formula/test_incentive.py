"""Rewards and deductions by evaluation: exact, monotone, as stated, in floats and in statements."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.cli.main import run
from allocator.counties import Counties
from allocator.faults import BadInput
from allocator.formula.entitlement import stream_formula
from allocator.load import load
from allocator.policy import Factor, Incentive, Stream
from allocator.variant import with_budgets, with_figures
from allocator.whatif.float_formula import FloatFormula
from tests.policy_scenario import TABLE, document, write

BANDS = {"90": Decimal("0.1"), "80": Decimal(0), "70": Decimal("-0.02"), "0": Decimal("-0.08")}
BUDGET = Decimal(1000)


def table(people, scores, kinds=None):
    """Counties by their people and scores."""
    n = len(people)
    text = {"kind": tuple(kinds or ["甲"] * n)}
    return Counties(
        tuple(str(100001 + i) for i in range(n)),
        tuple(f"县{i}" for i in range(n)),
        ("市",) * n,
        text,
        {"people": tuple(map(Decimal, people)), "score": tuple(map(Decimal, scores))},
    )


def paid(counties, **incentive):
    """Formula amounts with the incentive, and the rows of formula.csv."""
    stream = Stream(budget=BUDGET, formula="f", incentive=Incentive(score="score", **incentive))
    factor = Factor(factor="people", weight=Decimal(1), value="people")
    found, faults = stream_formula("s", stream, [factor], counties, {})
    assert not faults, faults
    return found


def test_zero_sum_by_hand():
    """Formula 100, 200, 300, 400; rates 10 %, 0, −2 %, −8 % cut to −5 %: 6 and 20 go to the first."""
    found = paid(
        table([1, 2, 3, 4], [95, 80, 70.5, 10]), mode="reward_and_deduct", bands=BANDS, cap=Decimal("0.05")
    )
    assert found.amounts == (126, 200, 294, 380)
    rows = {(f.county, f.factor): f.amount for f in found.factors}
    assert rows[0, "people"] == "100"
    assert [rows[i, "incentive"] for i in range(4)] == ["26", "0", "-6", "-20"]
    shown = {f.county: f.value for f in found.factors if f.factor == "incentive"}
    assert shown[3] == "10 → -0.08"


@pytest.mark.parametrize("mode", ["reward_and_deduct", "multiplier"])
@pytest.mark.parametrize("budget", ["1000.01", "1e20", "1e30"])
def test_the_parts_add_up_however_large_the_money(mode, budget):
    stream = Stream(
        budget=Decimal(budget), formula="f", incentive=Incentive(score="score", mode=mode, bands=BANDS)
    )
    factor = Factor(factor="people", weight=Decimal(1), value="people")
    found, faults = stream_formula("s", stream, [factor], table([1, 2, 4], [95, 60, 60]), {})
    assert not faults
    assert sum(map(Fraction, found.amounts)) == Fraction(Decimal(budget))


def test_rewards_alone_come_from_the_pool():
    """The pool 100 is set aside: 90, 180, 270, 360; the first two earn it as 9 : 9."""
    bands = {"90": Decimal("0.1"), "80": Decimal("0.05"), "0": Decimal("-0.5")}
    found = paid(table([1, 2, 3, 4], [95, 80, 70, 10]), mode="reward", bands=bands, pool=Decimal(100))
    assert found.amounts == (140, 230, 270, 360)


def test_a_pool_takes_up_deductions_too():
    """Pool 100 and 4 % off the second, 7.2 of 180: all to the first."""
    bands = {"90": Decimal("0.1"), "0": Decimal("-0.04")}
    found = paid(table([1, 9], [95, 50]), mode="reward_and_deduct", bands=bands, pool=Decimal(100))
    assert found.amounts == (Decimal(90) + 100 + Decimal("32.4"), Decimal("777.6"))


def test_a_multiplier_rescales_to_the_budget():
    """Formula 500 each; 1.1 and 0.9 of it: 550 and 450."""
    bands = {"90": Decimal("0.1"), "0": Decimal("-0.1")}
    assert paid(table([1, 1], [95, 50]), mode="multiplier", bands=bands).amounts == (550, 450)


PEOPLE = st.lists(st.integers(1, 1000), min_size=2, max_size=12)
RATES = st.lists(st.integers(-300, 300).map(lambda k: Decimal(k) / 1000), min_size=1, max_size=4, unique=True)


@st.composite
def situations(draw):
    """Counties with scores, and an incentive whose best band is a reward."""
    people = draw(PEOPLE)
    scores = [draw(st.integers(0, 100)) for _ in people]
    kinds = [draw(st.sampled_from("甲乙")) for _ in people]
    rates = sorted(draw(RATES))
    if rates[-1] <= 0:
        rates[-1] = Decimal("0.05")
    within = draw(st.sampled_from([None, "all", "kind"]))
    unit = 1 if within is None else Decimal("0.01")
    edges = [Decimal(0), *sorted(draw(st.lists(st.integers(1, 99), min_size=len(rates) - 1,
                                               max_size=len(rates) - 1, unique=True)))]  # fmt: skip
    bands = {str(edge * unit): rate for edge, rate in zip(edges, rates, strict=True)}
    mode = draw(st.sampled_from(["reward", "reward_and_deduct", "multiplier"]))
    incentive = {"mode": mode, "bands": bands, "within": within}
    if mode == "reward" or (mode == "reward_and_deduct" and draw(st.booleans())):
        incentive["pool"] = Decimal(draw(st.integers(1, 500)))
    if mode == "reward_and_deduct" and draw(st.booleans()):
        incentive["cap"] = Decimal(draw(st.integers(0, 20))) / 100
    return people, scores, kinds, incentive


def attempt(people, scores, kinds, incentive):
    """Amounts, or None where nobody earns the reward."""
    counties = table(people, scores, kinds)
    stream = Stream(budget=BUDGET, formula="f", incentive=Incentive(score="score", **incentive))
    factor = Factor(factor="people", weight=Decimal(1), value="people")
    found, faults = stream_formula("s", stream, [factor], counties, {})
    if faults:
        assert "earns a reward" in faults[0].what.en
        return None
    return found


@given(situations())
def test_parts_add_up_and_what_is_given_is_taken(situation):
    found = attempt(*situation)
    if found is None:
        return
    people, _, _, incentive = situation
    pool = incentive.get("pool", Decimal(0))
    total = sum(people)
    base = [Fraction(BUDGET - pool) * p / total for p in people]
    gains = [Fraction(a) - b for a, b in zip(found.amounts, base, strict=True)]
    assert abs(sum(gains) - Fraction(pool)) < Fraction(1, 10**40)
    shown = {}
    for part in found.factors:
        shown.setdefault(part.county, []).append((part.factor, Decimal(part.amount)))
    for i, parts in shown.items():
        assert [name for name, _ in parts] == ["people", "incentive"]
        assert abs(sum(a for _, a in parts) - found.amounts[i]) <= Decimal("0.0000011")
    # as published, rewards and deductions add up to the pool to the last digit
    assert sum(Decimal(f.amount) for f in found.factors if f.factor == "incentive") == pool
    if incentive["mode"] == "reward":
        assert all(Decimal(f.amount) >= 0 for f in found.factors)
        assert all(gain > -Fraction(1, 10**40) for gain in gains)
    if incentive["mode"] == "reward_and_deduct":
        cap = Fraction(incentive.get("cap", 1))
        assert all(gain > -cap * b - Fraction(1, 10**40) for gain, b in zip(gains, base, strict=True))


@given(situations(), st.data())
def test_a_better_score_never_brings_less(situation, data):
    people, scores, kinds, incentive = situation
    i = data.draw(st.integers(0, len(people) - 1))
    better = [*scores]
    better[i] = data.draw(st.integers(scores[i], 110))
    before, after = attempt(people, scores, kinds, incentive), attempt(people, better, kinds, incentive)
    if before is not None and after is not None:
        assert after.amounts[i] >= before.amounts[i] - Decimal("1e-25")


@given(situations())
def test_equal_counties_gain_alike_and_better_peers_no_less(situation):
    found = attempt(*situation)
    if found is None:
        return
    people, scores, kinds, incentive = situation
    for i in range(len(people)):
        for j in range(len(people)):
            peers = incentive["within"] != "kind" or kinds[i] == kinds[j]
            if peers and scores[i] >= scores[j]:
                mine, theirs = found.amounts[i] / people[i], found.amounts[j] / people[j]
                assert mine >= theirs - Decimal("1e-25")


STREAM = {"score": "score", "bands": {"90": 0.1, "80": 0, "70": -0.02, "0": -0.08}}
RANKED = {"score": "score", "within": "kind", "bands": {"0": -0.05, "0.4": 0, "0.7": 0.1}}
MODES = [
    STREAM | {"mode": "reward", "pool": 120},
    STREAM | {"mode": "reward_and_deduct", "cap": 0.05},
    STREAM | {"mode": "reward_and_deduct", "pool": 50},
    STREAM | {"mode": "multiplier"},
    RANKED | {"mode": "reward", "pool": 120},
    RANKED | {"mode": "reward_and_deduct", "cap": 0.03},
    RANKED | {"mode": "multiplier", "within": "prefecture"},
]


def scenario(tmp_path, incentive, rules=(), **stream):
    made = document(rules=list(rules))
    made["streams"]["central"] |= {"incentive": incentive, **stream}
    return load(write(tmp_path, made))


@pytest.mark.parametrize("incentive", MODES)
@pytest.mark.parametrize("entitlement", ["batch", "year"])
def test_floats_agree_with_the_exact_formula(tmp_path, incentive, entitlement):
    loaded = scenario(tmp_path, incentive, entitlement=entitlement)
    formula = FloatFormula(loaded)
    rng = np.random.default_rng(7)
    assert np.allclose(formula.entitlement(), loaded.problem.entitlement, rtol=1e-12, atol=1e-9)
    exact = with_budgets(loaded, {"central": Decimal(777)}).problem.entitlement
    assert np.allclose(formula.entitlement(budgets={"central": 777.0}), exact, rtol=1e-12, atol=1e-9)
    for _ in range(12):
        columns = {
            "score": rng.integers(40, 101, 6).astype(float),
            "people": rng.integers(1, 300, 6).astype(float),
        }
        figures = {(i, c): Decimal(int(v)) for c, own in columns.items() for i, v in enumerate(own)}
        try:
            expected = with_figures(loaded, figures).problem.entitlement
        except BadInput:
            with pytest.raises(ValueError, match="earns a reward"):
                formula.entitlement(columns=columns)
            continue
        assert np.allclose(formula.entitlement(columns=columns), expected, rtol=1e-12, atol=1e-9)
    if "pool" in incentive:
        with pytest.raises(ValueError, match="leaves nothing"):
            formula.entitlement(budgets={"central": 50.0})
    if incentive.get("within") == "kind":
        with pytest.raises(ValueError, match="peer groups"):
            formula.entitlement(columns={"kind": np.ones(6)})


def test_statements_show_the_incentive_and_add_up(tmp_path, capsys):
    made = document(rules=[{"kind": "change_limits", "column": "last_amount", "lower": 0.98}])
    made["streams"]["central"]["incentive"] = MODES[1]
    folder = str(write(tmp_path, made))
    assert run(["explain", folder, "--county", "650202", "--json"]) == 0
    (county,) = json.loads(capsys.readouterr().out)["statements"]
    (stream,) = [s for s in county["streams"] if s["stream"] == "central"]
    assert [p["name"] for p in stream["parts"]][:2] == ["people", "incentive"]
    assert Decimal(str(stream["parts"][1]["amount"])) < 0
    assert sum(Decimal(str(p["amount"])) for p in stream["parts"]) == Decimal(str(stream["amount"]))
    assert run(["explain", folder, "--county", "650202", "--lang", "zh"]) == 0
    assert run(["solve", folder, "-o", str(tmp_path / "out"), "--lang", "zh"]) == 0
    rows = (tmp_path / "out" / "formula.csv").read_text(encoding="utf-8-sig").splitlines()
    assert sum(",incentive," in row for row in rows) == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "reward"}, "needs a 'pool'"),
        (
            {"mode": "reward", "pool": 1000},
            r"yaml:\d+:\d+: streams.central.incentive.pool: .* leaves nothing",
        ),
        ({"mode": "reward", "pool": 10, "cap": 0.1}, "takes no 'cap'"),
        ({"mode": "multiplier", "pool": 10}, "takes no 'pool'"),
        ({"mode": "multiplier", "cap": 0.1}, "takes no 'cap'"),
        ({"mode": "reward_and_deduct", "bands": {"0": 0.1, "80": 0}}, "lower rate"),
        ({"mode": "reward_and_deduct", "bands": {"0": -0.1}}, "no band brings a reward"),
        ({"mode": "reward_and_deduct", "bands": {"优": 0.1}}, "must be numbers"),
        ({"mode": "reward_and_deduct", "within": "all", "bands": {"0": 0, "90": 0.1}}, "quantiles"),
        ({"mode": "reward_and_deduct", "bands": {"75": 0.1, "90": 0.2}}, "below the lowest band"),
        ({"mode": "reward_and_deduct", "bands": {"0": -0.1, "99": 0.2}}, "earns a reward"),
        ({"mode": "reward_and_deduct", "score": "nothing"}, "no such column"),
        ({"mode": "reward_and_deduct", "within": "nothing", "bands": {"0": 0.1}}, "no column 'nothing'"),
        ({"mode": "penalty"}, "not one of the allowed"),
    ],
)
def test_incentives_that_make_no_sense_are_refused(tmp_path, change, words):
    with pytest.raises(BadInput, match=words):
        scenario(tmp_path, STREAM | change)


def test_blank_scores_and_peer_groups_are_named_with_their_row(tmp_path):
    made = document()
    made["streams"]["central"]["incentive"] = RANKED | {"mode": "multiplier"}
    text = TABLE.replace("甲县,天山地区,100,95,脱贫", "甲县,天山地区,100,,脱贫").replace("82,其他", "82,")
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, made, text))
    places = {(f.place.line, f.place.column) for f in caught.value.faults}
    assert places == {(2, "score"), (7, "kind")}
    assert "fill in that column" in caught.value.say("en")


def test_no_factor_may_bear_the_name_of_the_step(tmp_path):
    made = document(formulas={"main": [{"factor": "incentive", "weight": 1, "value": "people"}]})
    load(write(tmp_path / "without", made))
    made["streams"]["central"]["incentive"] = MODES[1]
    with pytest.raises(BadInput, match="needs another name"):
        load(write(tmp_path / "with", made))


def test_a_reward_pool_of_its_own_takes_from_nobody(tmp_path):
    """内政发〔2022〕9号 三（三）: rewards to those who did well, as a stream for a group."""
    made = document()
    before = load(write(tmp_path / "before", made)).problem
    made["groups"]["rewarded"] = {"where": {"score": {"min": 82}}}
    made["formulas"]["reward"] = [
        {"factor": "grade", "weight": 1, "value": "score", "as": "bands", "within": "kind",
         "bands": {"0": 1, "0.5": 3}}
    ]  # fmt: skip
    made["streams"]["reward"] = {"budget": 80, "formula": "reward", "eligible": "rewarded", "level": "region"}
    after = load(write(tmp_path / "after", made)).problem
    streams = [after.stream_names.index(name) for name in before.stream_names]
    assert [[row[s] for s in streams] for row in after.formula] == [list(row) for row in before.formula]
    # 脱贫 95, 82 and 其他 88, 82 take part: the better of each two has 3 of 8, the other 1
    own = [row[after.stream_names.index("reward")] for row in after.formula]
    assert own == [30, 10, 0, 30, 0, 10]
