"""Bounds on amounts: thresholds and caps, no clause of their own."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("amount_bounds", tmp_path, min=Decimal(30), max_share=Decimal("0.5"))


def test_both_sides_of_each_bound():
    def holds(amount, **bound):
        table = {(1, "a", "other"): amount, (2, "a", "other"): 40}
        return judged("amount_bounds", table, by="county", **bound)["100002"].holds

    assert [holds(v, min=Decimal(30)) for v in (29, 30)] == [False, True]
    assert [holds(v, max=Decimal(30)) for v in (30, 31)] == [True, False]
    # everything: 10 committed, 40, and the amount
    assert [holds(v, max_share=Decimal("0.5")) for v in (50, 51)] == [True, False]
    assert [holds(v, min_share=Decimal("0.5")) for v in (49, 50)] == [False, True]


def test_a_county_with_nothing_open_in_scope_is_let_be():
    row = judged("amount_bounds", {}, by="county", min=Decimal(5), scope={"streams": "b"})["100002"]
    assert row.vacuous is not None
    assert row.holds


def test_by_group():
    rows = judged("amount_bounds", {(2, "a", "other"): 9}, by="poor", min=Decimal(20))
    assert not rows["poor"].holds  # 10 + 9
