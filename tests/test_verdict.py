"""The verdict is exact: one step over the line is broken, on the line is kept."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.rules import KINDS
from allocator.verdict import judge
from tests.small import problem


def amounts(*rows):
    return np.array(rows, dtype=np.int64)[:, None, :]


def judged(built, table, kind, **parameters):
    own = KINDS[kind](kind=kind, id=kind, **parameters)
    return judge(built, {kind: own.rows(built)}, table)


@given(st.integers(1, 10**12))
def test_a_share_on_the_line_is_kept_and_one_step_below_is_not(tens):
    built = problem({"a": [1.0]}, uses={"industry": ("industry",), "other": ()})
    line = amounts([7 * tens, 3 * tens])
    below = amounts([7 * tens - 1, 3 * tens + 1])
    verdicts = [
        judged(built, t, "use_share_floor", tag="industry", floor=Decimal("0.70")).rules[0]
        for t in (line, below)
    ]
    assert verdicts[0].slack == 0
    assert verdicts[0].holds
    assert not verdicts[1].holds
    assert verdicts[1].slack == -1


def test_general_rows_name_what_is_wrong():
    built = problem({"a": [4.0, None], "b": [1.0, 1.0]}, uses={"x": (), "y": ()})
    table = np.zeros((2, 2, 2), dtype=np.int64)
    table[0, 0, 0], table[1, 0, 0], table[1, 1, 1] = 4, -1, 2
    broken = {(row.rule, row.where) for row in judge(built, {}, table).broken}
    assert broken == {("budget", "a"), ("eligibility", "a"), ("sign", "")}


def test_fractions_of_a_step_break_the_step_row():
    built = problem({"a": [2.0]}, uses={"x": ()}, step="0.5")
    table = np.array([[[Fraction(7, 2)]]], dtype=object)
    assert [row.rule for row in judge(built, {}, table).broken] == ["budget", "step"]


def test_committed_money_counts_in_rules_but_not_in_budgets():
    built = problem(
        {"a": [10.0]}, uses={"industry": ("industry",), "other": ()}, committed={(0, "a", "other"): 10}
    )
    verdict = judged(built, amounts([10, 0]), "use_share_floor", tag="industry", floor=Decimal("0.5"))
    row = verdict.rules[0]
    assert (row.left, row.right) == (10, 10)
    assert verdict.holds


def test_vacuous_rows_hold_and_say_why():
    built = problem({"a": [1.0, None]}, groups={"nobody": []}, uses={"industry": ("industry",)})
    row = judged(built, amounts([1], [0]), "average_parity", group="nobody").rules[0]
    assert row.holds
    assert row.vacuous is not None


@pytest.mark.parametrize(
    ("sense", "bound", "holds"),
    [(">=", 5, True), (">=", 6, False), ("<=", 5, True), ("<=", 4, False), ("=", 5, True), ("=", 4, False)],
)
def test_all_senses(sense, bound, holds):
    built = problem({"a": [5.0]}, uses={"x": ()})
    verdict = judged(built, amounts([5]), "linear", left={}, sense=sense, plus=Decimal(bound))
    assert verdict.rules[0].holds is holds
