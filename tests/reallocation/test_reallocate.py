"""What is taken back and where it goes, by hand."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from allocator.faults import NoAllocation
from allocator.reallocation.progress import read_progress
from allocator.reallocation.reallocate import reallocate
from allocator.reallocation.triggers import Terms
from tests.reallocation.reallocate_cases import DAY, LATE, MONEY, money_of, row, scenario, table, write


def by_county(found):
    return found.after.reshape(4, -1).sum(axis=1).tolist()


def test_idle_money_of_one_goes_to_the_fast_by_formula_share(tmp_path):
    """100 taken from county 0; 1 and 3 are fast and stand 3 : 1 in the formula: 75 and 25."""
    loaded = scenario(tmp_path)
    rows = table(
        row(0, 400, 250, 50, LATE), row(1, 300, 300), row(2, 200, 20, started=True), row(3, 100, 100)
    )
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    # average: 670 of 1000 paid; county 2 is slow, but no rate is stated, so that it keeps its money
    assert found.pool.assessment.average == F(67, 100)
    assert found.pool.assessment.receivers == (1, 3)
    assert by_county(found) == [300, 375, 200, 125]
    assert found.moved == 100
    # county 0 keeps its mix of 240 to 160: 180 and 120; receivers get the preferred mix
    assert found.after.reshape(4, 2)[0].tolist() == [180, 120]
    assert found.after.reshape(4, 2)[1].tolist() == [180 + 45, 120 + 30]


def test_a_rule_leaves_the_same_part_of_every_claim(tmp_path):
    """Receivers may grow by 80 in all (upper limits), claims are 200 and 100: 53 and 27 are taken."""
    limits = "rules: [{kind: change_limits, column: last, upper: 1.2}]"
    loaded = scenario(tmp_path, limits, last=(900, 300, 900, 100))
    money = [(240, 160), (198, 132), (120, 80), (42, 28)]
    rows = table(row(0, 400, 200, 0, LATE), row(1, 330, 330), row(2, 200, 100, 0, LATE), row(3, 70, 70))
    found = reallocate(loaded, money_of(loaded, money), rows, Terms(DAY))
    # 330 may grow to 360 and 70 to 120: 80 in all, so 80 of 300 are taken, in proportion 200 : 100
    taken = [400 - by_county(found)[0], 200 - by_county(found)[2]]
    # 53.33 and 26.67
    assert taken == [53, 27]
    assert by_county(found)[1::2] == [360, 120]
    assert found.limits == {(0, 0): ("change_limits",), (2, 0): ("change_limits",)}


def test_lower_limit_keeps_money_with_a_slow_county(tmp_path):
    """Last year 400 and a lower limit of 0.9: only 40 of the 150 idle may go."""
    limits = "rules: [{kind: change_limits, column: last, lower: 0.9}]"
    loaded = scenario(tmp_path, limits, last=(400, 300, 200, 100))
    rows = table(row(0, 400, 250, 0, LATE), row(1, 300, 300), row(2, 200, 200), row(3, 100, 100))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert by_county(found)[0] == 360
    assert found.limits == {(0, 0): ("change_limits",)}
    # 40 by 3 : 2 : 1 is 20, 13.33 and 6.67
    assert by_county(found)[1:] == [320, 213, 107]


def test_within_the_prefecture(tmp_path):
    """Counties 0 and 1 share a prefecture, 2 and 3 another: each keeps its own."""
    loaded = scenario(tmp_path)
    rows = table(row(0, 400, 300, 0, LATE), row(1, 300, 300), row(2, 200, 140, 0, LATE), row(3, 100, 100))
    money = money_of(loaded, MONEY)
    assert by_county(reallocate(loaded, money, rows, Terms(DAY))) == [300, 420, 140, 140]
    within = reallocate(loaded, money, rows, Terms(DAY, within="prefecture"))
    assert by_county(within) == [300, 400, 140, 160]


def test_nobody_to_receive_leaves_everything(tmp_path):
    loaded = scenario(tmp_path)
    rows = table(row(0, 400, 300, 0, LATE), row(1, 300, 0, 0, LATE))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert found.allocation is None
    assert found.moved == 0
    assert by_county(found) == [400, 300, 200, 100]


def test_a_use_keeps_what_was_paid_of_it(tmp_path):
    """Industry: 240, of which 200 paid; roads: 160, nothing paid. The late row is that of roads."""
    loaded = scenario(tmp_path)
    rows = table(
        row(0, 240, 200, 0, use=0, started=True),
        row(0, 160, 0, 30, LATE, use=1),
        row(1, 300, 300),
    )
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert found.after.reshape(4, 2)[0].tolist() == [240, 30]
    assert by_county(found)[1] == 430


def test_fractions_of_a_step_stay(tmp_path):
    """100.6 idle with a step of 1: 100 are taken."""
    loaded = scenario(tmp_path)
    rows = table(row(0, 400, F("299.4"), 0, LATE), row(1, 300, 300))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert found.moved == 100


def test_a_broken_year_that_cannot_be_mended_is_refused(tmp_path):
    """County 2 has 200 and may not exceed 100; its money is all paid."""
    loaded = scenario(tmp_path, "rules: [{kind: amount_bounds, by: county, max: 350}]")
    rows = table(row(1, 300, 200, 0, LATE), row(0, 400, 400), row(3, 100, 100))
    with pytest.raises(NoAllocation) as error:
        reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert "amount_bounds" in str(error.value)
    assert "short by 50 万元" in str(error.value)


def test_taking_money_back_can_mend_a_broken_year(tmp_path):
    loaded = scenario(tmp_path, "rules: [{kind: amount_bounds, by: county, max: 350}]")
    rows = table(row(0, 400, 300, 0, LATE), row(1, 300, 300), row(3, 100, 100))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert len(found.before_verdict.broken) == 1
    assert found.verdict.holds
    # county 1 stops at 350, county 3 takes the rest
    assert by_county(found) == [300, 350, 200, 150]


def test_a_county_at_its_lower_limit_gives_nothing(tmp_path):
    """Its column is fixed from the start; the limit is named all the same."""
    loaded = scenario(
        tmp_path, "rules: [{kind: change_limits, column: last, lower: 1}]", last=(400, 300, 200, 100)
    )
    rows = table(row(0, 400, 300, 0, LATE), row(1, 300, 300))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert found.moved == 0
    assert found.limits == {(0, 0): ("change_limits",)}


def test_an_account_that_overspent_gives_no_more_than_is_left(tmp_path):
    """400, of which 300 paid, but not on the late project of 150: 100 are idle, not 150."""
    loaded = scenario(tmp_path / "plan")
    path = write(
        tmp_path / "p.csv",
        "code,stream,project,allocated,paid,committed,planned_start,exempt,problem\n"
        "150101,grant,,400,300,60,,,\n"
        "150101,grant,b,150,0,0,2025-03-01,,\n"
        "150102,grant,,300,300,0,,,\n"
        "150201,grant,,200,0,0,2025-03-01,是,冻土期\n",
    )
    money = money_of(loaded, MONEY)
    found = reallocate(loaded, money, read_progress(path, loaded, money, DAY), Terms(DAY))
    assert by_county(found) == [300, 400, 200, 100]
    assert found.pool.assessment.exempted == ((2, "冻土期"),)
