"""Rule rows multiplied out: on whole grains they say what the verdict says, for any rows and any amounts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.rows import NO_CELLS, Row
from allocator.verdict import judge
from reports.meeting.cells import MOST, NOTHING, make_ledger, multiplied
from tests import small

COMMITTED = {(0, "a", "industry"): Fraction("1.25"), (2, "b", "other"): Fraction("3.5")}


@pytest.fixture(scope="module")
def problem():
    return small.problem(
        {"a": [10, 20, None, 5], "b": [4, None, 8, 6]},
        prefectures=["甲市", "乙市", "甲市", "乙市"],
        committed=COMMITTED,
        step="0.05",
    )


ratios = st.fractions(min_value=0, max_value=3, max_denominator=200)
constants = st.decimals(min_value=-50, max_value=50, places=3).map(Fraction)


@st.composite
def rows(draw):
    """Rows over any live cells: single counties, prefectures, and sets with no shape at all."""
    cells = st.lists(st.integers(0, 23), unique=True, max_size=24)
    found = []
    for k in range(draw(st.integers(1, 4))):
        left, right = (np.array(sorted(draw(cells)), dtype=np.intp) for _ in range(2))
        sense = draw(st.sampled_from([">=", "<=", "="]))
        times = draw(ratios)
        found.append(Row(str(k), left, sense, times, right if times else NO_CELLS, draw(constants)))
    return found


def value(ledger, of, amounts):
    """A sum read off the ledger as the sheet would add it up."""
    if of == NOTHING:
        return 0
    column, flat = ledger.columns[of.column], amounts.reshape(len(amounts), -1)
    issued = ledger.issued(column)
    step = int(ledger.problem.step * ledger.grain)
    by_county = [
        issued[i] + sum(int(flat[i, p]) * step for p in range(ledger.width) if bits >> p & 1)
        for i, bits in enumerate(column.bits)
    ]
    members = {
        "all": range(len(by_county)),
        "county": [of.which],
        "prefecture": ledger.prefectures[of.which] if of.members == "prefecture" else (),
        "flags": ledger.flags[of.which] if of.members == "flags" else (),
    }[of.members]
    return sum(by_county[i] for i in members)


@settings(max_examples=60)
@given(rows(), st.integers(0, 2**32 - 1))
def test_multiplied_out_rows_say_what_the_verdict_says(problem, drawn, seed):
    live = np.flatnonzero(problem.live)
    drawn = [
        Row(r.where, np.intersect1d(r.left, live), r.sense, r.times, np.intersect1d(r.right, live), r.plus)
        for r in drawn
    ]
    # near the edge too: amounts small and few
    amounts = np.random.default_rng(seed).integers(-3, 60, problem.shape) * problem.open
    ledger = make_ledger(problem, drawn, tuple(range(6)))
    judged = judge(problem, {"r": drawn}, amounts).rules
    for row, whole in zip(judged, ledger.wholes(drawn), strict=True):
        left, right = value(ledger, whole.left, amounts), value(ledger, whole.right, amounts)
        gap = whole.times_left * left - whole.times_right * right - whole.constant
        assert Fraction(gap, whole.times_left * ledger.grain) == row.left - row.right
        assert max(abs(whole.times_left * left), abs(whole.times_right * right)) <= whole.largest


def test_rows_of_one_rule_share_a_column(problem):
    live = np.flatnonzero(problem.live)
    width = problem.shape[1] * problem.shape[2]
    by_county = [Row(str(i), live[live // width == i], ">=", plus=Fraction(1)) for i in range(4)]
    by_prefecture = [Row("p", live[np.isin(live // width, own)], ">=") for own in ((0, 2), (1, 3))]
    ledger = make_ledger(problem, [*by_county, *by_prefecture], tuple(range(6)))
    sums = [whole.left for own in (by_county, by_prefecture) for whole in ledger.wholes(own)]
    assert len(ledger.columns) == 1
    assert [(s.members, s.which) for s in sums] == [
        *(("county", i) for i in range(4)),
        ("prefecture", 0),
        ("prefecture", 1),
    ]


def test_grains_are_as_fine_as_fits_and_never_coarser_than_the_data(problem):
    fine = make_ledger(problem, [Row("x", np.array([0]), ">=", Fraction(7, 10), np.array([0, 1]))], (0,))
    assert fine.digits == 6
    odd = Row("x", np.array([0]), ">=", Fraction(1, 999_983), np.array([0, 1]))
    coarse = make_ledger(problem, [odd], (0,))
    # 10 · (53 + 4.75) units · 999,983 leave room for five places, and the data need two
    assert coarse.digits == 5
    assert coarse.wholes([odd])[0].exact
    wild = Row("x", np.array([0]), ">=", Fraction(1, 10**12 + 39), np.array([0, 1]))
    rough = make_ledger(problem, [wild], (0,))
    assert rough.digits == 2
    assert not rough.wholes([wild])[0].exact


def test_multiplied_out_to_the_smallest_whole_numbers():
    # 0.65 · Σ: 20 · left − 13 · right
    assert multiplied(Fraction("0.65"), Fraction(0), 0, NOTHING, Fraction(100))[0] == 20
    assert multiplied(Fraction("0.65"), Fraction(0), 0, NOTHING, Fraction(100))[2:4] == (13, 0)
    # 0.5 · Σ + 0.25 in grains of 0.01: 2 · left − right − 50
    left, _, right, constant, largest = multiplied(Fraction(1, 2), Fraction("0.25"), 2, NOTHING, Fraction(9))
    assert (left, right, constant) == (2, 1, 50)
    assert largest <= MOST
