"""What money may be taken back, and from when on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest

from allocator.reallocation.reallocate import reallocate
from allocator.reallocation.triggers import Terms, reasons
from tests.reallocation.reallocate_cases import DAY, LATE, MONEY, money_of, row, scenario, table


@pytest.mark.parametrize(
    ("start", "as_of", "late"),
    [
        (date(2025, 3, 30), date(2025, 9, 30), True),  # six months to the day are enough
        (date(2025, 3, 31), date(2025, 9, 30), True),  # September has no 31st: its last day
        (date(2025, 4, 1), date(2025, 9, 30), False),
        (date(2024, 8, 31), date(2025, 2, 28), True),
        (date(2023, 8, 31), date(2024, 2, 28), False),  # 2024 has a 29th
    ],
)
def test_six_months(start, as_of, late):
    assert bool(reasons(row(0, 10, 0, 0, start), F(0), Terms(as_of))) is late


def test_started_later_than_the_day_counts_as_not_started():
    terms = Terms(DAY)
    assert reasons(row(0, 10, 0, 0, LATE, started=date(2025, 10, 1)), F(0), terms)
    assert not reasons(row(0, 10, 0, 0, LATE, started=DAY), F(0), terms)
    assert not reasons(row(0, 10, 0, 0, LATE, started=True), F(0), terms)


def test_clock_may_start_when_money_was_received():
    one = row(0, 10, 0, 0, LATE, received=date(2025, 5, 1))
    assert reasons(one, F(0), Terms(DAY))
    assert not reasons(one, F(0), Terms(DAY, clock="received"))


def test_slow_and_idle_apply_only_where_stated():
    one = row(0, 100, 0, 0, received=date(2025, 1, 31), started=True)
    assert not reasons(one, F(0), Terms(DAY))
    assert reasons(one, F(4, 10), Terms(DAY, slow=Decimal("0.5")))
    assert not reasons(one, F(1, 2), Terms(DAY, slow=Decimal("0.5")))
    assert reasons(one, F(0), Terms(DAY, idle_months=8))
    assert not reasons(one, F(0), Terms(DAY, idle_months=9))
    assert not reasons(replace(one, committed=F(1)), F(0), Terms(DAY, idle_months=8))


def test_a_written_reason_exempts(tmp_path):
    loaded = scenario(tmp_path)
    rows = table(row(0, 400, 300, 0, LATE, exempt="高寒地区"), row(1, 300, 300))
    found = reallocate(loaded, money_of(loaded, MONEY), rows, Terms(DAY))
    assert found.moved == 0
    assert found.pool.assessment.exempted == ((0, "高寒地区"),)
