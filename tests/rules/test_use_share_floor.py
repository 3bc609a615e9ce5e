"""Industry share by prefecture: 内政发〔2022〕9号 三（一）."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from allocator.problem import Problem
from allocator.verdict import judge
from tests.rules.common import check_golden, example, judged, rule


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


def own_funds() -> Problem:
    """The example with stream b as the prefecture's own money, of which a's share is not taken."""
    built = example()
    b = built.streams["b"].model_copy(update={"level": "prefecture"})
    return replace(built, streams={**built.streams, "b": b})


def test_money_outside_the_base_counts_on_neither_side():
    # 乙市: 4 of 10 from a; the 20 from b for industry would make it 24 of 30
    amounts = np.zeros(example().shape, dtype=np.int64)
    amounts[2, 0, 0], amounts[2, 0, 1], amounts[2, 1, 0] = 4, 6, 20
    floor = {"tag": "industry", "by": "county", "floor": Decimal("0.4")}
    for base, left, right in (
        ("central_regional", 4, 4),
        ("all", 24, 12),
        ("upper", 24, 12),
        ("central", 0, 0),
    ):
        own = rule("use_share_floor", base=base, **floor)
        rows = {row.where: row for row in judge(own_funds(), {"r": own.rows(own_funds())}, amounts).rules}
        assert (rows["100003"].left, rows["100003"].right) == (left, right)
        assert own.narrows(own_funds()) == (base in ("central_regional", "central"))
    assert not rule("use_share_floor", **floor).narrows(example())


def test_a_ratchet_by_county_on_both_sides():
    table = {(0, "a", "industry"): 2, (0, "a", "other"): 8, (1, "a", "other"): 1}
    both = {"tag": "industry", "floor": Decimal("0.3"), "not_below": "share", "ratchet": "county"}
    rows = judged("use_share_floor", table, **both)
    assert (rows["100001"].left, rows["100001"].right) == (12, 12)  # 10 committed, 0.6 of 20
    assert rows["100001"].holds
    assert not rows["100002"].holds  # nothing of 1
    assert rows["甲市"].right == Decimal("6.3")  # the floor alone, 0.3 of 21
