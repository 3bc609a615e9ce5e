"""At most 30 % outside poverty villages: 内政发〔2022〕9号 三（一）."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("use_share_cap", tmp_path, tag="outside", cap=Decimal("0.30"))


def test_on_the_line_and_above_it():
    line = {(1, "a", "outside"): 3, (1, "a", "other"): 7}
    assert judged("use_share_cap", line, tag="outside", cap=Decimal("0.30"))["100002"].slack == 0
    above = {(1, "a", "outside"): 4, (1, "a", "other"): 9}
    assert not judged("use_share_cap", above, tag="outside", cap=Decimal("0.30"))["100002"].holds


def test_committed_money_counts_in_the_whole():
    rows = judged("use_share_cap", {(0, "a", "outside"): 4}, tag="outside", cap=Decimal("0.30"))
    assert rows["100001"].right == Decimal("4.2")
    assert rows["100001"].holds


def test_each_use_by_itself_on_both_sides():
    table = {(1, "a", "industry"): 3, (1, "a", "outside"): 3, (1, "a", "other"): 4}
    cap = {"tag": "industry", "cap": Decimal("0.30")}
    assert not judged("use_share_cap", table, **cap)["100002"].holds
    rows = judged("use_share_cap", table, counted="each", **cap)
    assert rows["100002/industry"].slack == rows["100002/outside"].slack == 0
    more = judged("use_share_cap", {**table, (1, "a", "outside"): 4}, counted="each", **cap)
    assert more["100002/industry"].holds
    assert not more["100002/outside"].holds
