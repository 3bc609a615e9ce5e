"""Tilt to a group: 内政发〔2022〕9号 二（二）."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("group_share_floor", tmp_path, group="poor", floor=Decimal("0.6"))


def test_on_the_line_and_below_it():
    line = {(0, "a", "other"): 50, (1, "a", "other"): 40}
    assert judged("group_share_floor", line, group="poor", floor=Decimal("0.6"))["poor"].slack == 0
    below = {(0, "a", "other"): 49, (1, "a", "other"): 41}
    assert not judged("group_share_floor", below, group="poor", floor=Decimal("0.6"))["poor"].holds


def test_scope_cuts_the_money_looked_at():
    table = {(0, "a", "other"): 50, (1, "a", "other"): 900, (2, "b", "other"): 5}
    row = judged("group_share_floor", table, group="poor", floor=Decimal(1), scope={"streams": "b"})["poor"]
    assert (row.left, row.right) == (5, 5)
