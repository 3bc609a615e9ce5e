"""The factor formula against values worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.counties import Counties
from allocator.formula.entitlement import split_exactly, stream_formula
from allocator.policy import Factor, Stream

NUMBERS = {
    "people": (10, 30, 60),
    "monitored": (5, 0, 10),
    "income": (100, 200, 400),
    "area": (1, 1, 98),
    "score": (95, 80, 60),
    "factor": (2, 1, 1),
}


def counties(**columns) -> Counties:
    numbers = {c: tuple(None if v is None else Decimal(str(v)) for v in vs)
               for c, vs in {**NUMBERS, **columns}.items()}  # fmt: skip
    groups = {"poor": np.array([True, False, False]), "border": np.array([True, True, False])}
    return Counties(
        ("100001", "100002", "100003"), ("甲", "乙", "丙"), ("P", "P", "P"), {"grade": ("优", "良", "良")},
        numbers, groups, lines=(2, 3, 4),
    )  # fmt: skip


def amounts(*factors, budget=100, committed=None, table=None, **stream):
    made = [Factor.model_validate({"factor": f"f{k}", **f}) for k, f in enumerate(factors)]
    whole = Stream.model_validate({"budget": Decimal(str(budget)), "formula": "main", **stream})
    found, faults = stream_formula("s", whole, made, table or counties(), committed or {})
    assert not faults, [f.say("en") for f in faults]
    return [round(float(a), 9) for a in found.amounts]


def one(**factor):
    return {"weight": Decimal(1), **factor}


CASES = {
    "share": (one(value="people"), [10, 30, 60]),
    "structure": (one(value={"people": Decimal(1), "monitored": Decimal(2)}), [20 / 1.3, 30 / 1.3, 80 / 1.3]),
    "inverse": (one(value="income", **{"as": "inverse"}), [400 / 7, 200 / 7, 100 / 7]),
    "inverse scaled": (one(value="income", scale="people", **{"as": "inverse"}), [25, 37.5, 37.5]),
    "gap to the largest": (one(value="income", ref="max", **{"as": "gap"}), [60, 40, 0]),
    "gap to a number, scaled": (
        one(value="income", ref="250", scale="people", **{"as": "gap"}), [50, 50, 0],
    ),
    "gap to the mean": (one(value="income", ref="mean", **{"as": "gap"}), [400 / 5, 100 / 5, 0]),
    "gap to the median": (one(value="income", ref="median", **{"as": "gap"}), [100, 0, 0]),
    "gap to a county": (one(value="income", ref="100003", **{"as": "gap"}), [60, 40, 0]),
    "gap to a county by name": (one(value="income", ref="丙", **{"as": "gap"}), [60, 40, 0]),
    "equal": (one(**{"as": "equal"}), [100 / 3] * 3),
    "points": (one(points={"poor": Decimal(2), "border": Decimal(1)}), [75, 25, 0]),
    "bands": (
        one(value="score", bands={"90": Decimal("1.5"), "80": Decimal(1), "0": Decimal("0.5")}),
        [50, 100 / 3, 50 / 3],
    ),
    "text bands": (one(value="grade", bands={"优": Decimal(2), "良": Decimal(1)}), [50, 25, 25]),
    "floor": (one(value="area", floor=Decimal("0.05")), [5, 5, 90]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name):
    factor, expected = CASES[name]
    assert amounts(factor) == pytest.approx(expected)


def test_weights_mix_shares():
    half = Decimal("0.5")
    both = amounts({"weight": half, "value": "people"}, {"weight": half, "as": "equal"})
    assert both == pytest.approx([5 + 50 / 3, 15 + 50 / 3, 30 + 50 / 3])


def test_multiplier_scales_before_division():
    assert amounts(one(value="people"), multiplier="factor") == pytest.approx(
        [2000 / 110, 3000 / 110, 6000 / 110]
    )


def test_only_eligible_counties_count():
    table = counties(people=(10, 30, None))
    assert amounts(one(value="people"), table=table, eligible="border") == pytest.approx([25, 75, 0])


def test_a_yardstick_outside_the_stream_keeps_its_own_value():
    found = amounts(one(value="income", ref="100003", **{"as": "gap"}), eligible="border")
    assert found == pytest.approx([60, 40, 0])


def test_year_takes_off_what_is_committed():
    # 100 + 60 for the year: 16, 48, 96 less 40, 20, 0 → 0, 28, 96 → 100
    found = amounts(one(value="people"), entitlement="year", committed={0: Fraction(40), 1: Fraction(20)})
    assert found == pytest.approx([0, 2800 / 124, 9600 / 124])


@settings(max_examples=60)
@given(
    st.lists(st.decimals(1, 10**6, places=2), min_size=3, max_size=3),
    st.integers(0, 2),
    st.decimals(1, 1000, places=2),
)
def test_own_need_up_never_lowers_a_county(values, k, more):
    raised = [v + more if i == k else v for i, v in enumerate(values)]
    before = amounts(one(value="people"), table=counties(people=values))
    after = amounts(one(value="people"), table=counties(people=raised))
    assert after[k] >= before[k]


@given(
    st.decimals(0, 10**9, places=6),
    st.lists(st.decimals(0, 1, places=9), min_size=1, max_size=8).filter(lambda w: sum(w) > 0),
)
def test_parts_add_up_exactly(total, weights):
    assert sum(split_exactly(total, weights)) == total
