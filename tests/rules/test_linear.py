"""The primitive, written out: whatever clause comes next."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden(
        "linear",
        tmp_path,
        left={"streams": "b", "tag": "industry"},
        sense=">=",
        times=Decimal("0.5"),
        right={"streams": "b"},
        plus=Decimal(3),
    )


def test_both_sides_of_the_line():
    def row(industry, other):
        table = {(0, "b", "industry"): industry, (2, "b", "other"): other}
        return judged(
            "linear", table, left={"streams": "b", "tag": "industry"}, sense=">=",
            times=Decimal("0.5"), right={"streams": "b"}, plus=Decimal(3),
        )[""]  # fmt: skip

    assert row(13, 7).slack == 0
    assert not row(12, 8).holds


def test_for_each_prefecture_cuts_both_sides():
    rows = judged(
        "linear", {(0, "a", "other"): 5, (2, "a", "other"): 5}, left={"uses": "other"}, sense="=",
        times=Decimal("0.5"), right={}, for_each="prefecture",
    )  # fmt: skip
    assert not rows["甲市"].holds  # 5 against 7.5
    assert not rows["乙市"].holds  # 5 against 2.5
    assert rows["甲市"].right == Decimal("7.5")
