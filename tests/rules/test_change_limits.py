"""Stability against last year: 内政发〔2022〕9号 四（一）."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("change_limits", tmp_path, column="last", lower=Decimal("0.9"), upper=Decimal("1.2"))


def test_both_sides_of_both_limits():
    def holds(amount):
        rows = example_rows({(1, "a", "other"): amount})
        return all(row.holds for row in rows)

    def example_rows(table):
        lower = judged("change_limits", table, column="last", lower=Decimal("0.9"))["100002"]
        upper = judged("change_limits", table, column="last", upper=Decimal("1.2"))["100002"]
        return lower, upper

    assert [holds(v) for v in (44, 45, 60, 61)] == [False, True, True, False]


def test_zero_last_year_gives_the_lower_row_only():
    assert "100003" not in judged("change_limits", {}, column="last", upper=Decimal("1.2"))
    assert judged("change_limits", {}, column="last", lower=Decimal("0.9"))["100003"].holds


def test_relative_to_the_total():
    table = {(0, "a", "other"): 290, (1, "a", "other"): 100}
    rows = judged("change_limits", table, column="last", lower=Decimal(1), relative_to="total")
    # 400 this year against 200 last: 100 against 50 is exactly in step
    assert (rows["100002"].left, rows["100002"].right) == (100, 100)
