"""The average per county: 内政发〔2022〕9号 六（三）."""

from __future__ import annotations

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("average_parity", tmp_path, group="poor")


def test_group_average_on_the_line_and_below_it():
    line = {(0, "a", "other"): 40, (2, "a", "other"): 50, (1, "a", "other"): 50}
    assert judged("average_parity", line, group="poor")["poor"].slack == 0  # (50 + 50) / 2 against 50
    below = {**line, (2, "a", "other"): 49}
    assert not judged("average_parity", below, group="poor")["poor"].holds


def test_each_county_against_all():
    table = {(0, "a", "other"): 40, (2, "a", "other"): 49, (1, "a", "other"): 51}
    rows = judged("average_parity", table, group="poor", reading="each_county", against="all")
    assert rows["100001"].holds  # 50 against 150 / 3
    assert not rows["100003"].holds


def test_a_group_of_nobody_asks_for_nothing():
    row = judged("average_parity", {}, group="nobody")["nobody"]
    assert row.holds
    assert row.vacuous is not None


def test_counties_that_can_receive_nothing_may_be_left_out():
    table = {(0, "b", "other"): 10, (2, "b", "other"): 10}
    scope = {"streams": "b"}
    everyone = judged("average_parity", table, group="poor", against="others", scope=scope)["poor"]
    assert everyone.holds
    eligible = judged("average_parity", table, group="poor", scope=scope, among="eligible")["poor"]
    assert eligible.vacuous is not None
