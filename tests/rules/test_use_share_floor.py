"""Industry share by prefecture: 内政发〔2022〕9号 三（一）."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden(
        "use_share_floor", tmp_path, tag="industry", floor={2025: Decimal("0.70")}, not_below="share"
    )


def test_on_the_line_and_below_it():
    # 甲市: 10 committed for industry, so 70 of 100
    line = {(0, "a", "industry"): 60, (1, "a", "other"): 30, (2, "a", "industry"): 7, (2, "a", "other"): 3}
    rows = judged("use_share_floor", line, tag="industry", floor=Decimal("0.7"))
    assert (rows["甲市"].left, rows["甲市"].right) == (70, 70)
    assert rows["甲市"].holds
    assert rows["乙市"].holds
    below = {**line, (1, "a", "other"): 31}
    assert not judged("use_share_floor", below, tag="industry", floor=Decimal("0.7"))["甲市"].holds


def test_never_below_last_year():
    table = {(0, "a", "industry"): 45, (1, "a", "other"): 45, (2, "a", "industry"): 4, (2, "a", "other"): 6}
    rows = judged("use_share_floor", table, tag="industry", floor=Decimal("0.3"), not_below="share")
    assert not rows["甲市"].holds  # 55 of 100 against 0.6
    assert rows["乙市"].holds  # 4 of 10 against 0.4


def test_all_tags_of_a_use_count():
    rows = judged("use_share_floor", {(2, "b", "outside"): 5}, tag="industry", by="county", floor=Decimal(1))
    assert rows["100003"].holds
