"""Numbers on their way out: exact where they can be, and never across zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import change, fixed, money, places_of, ratio, rounded


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Fraction(1, 3), 6, "0.333333"),
        (Fraction(2, 3), 6, "0.666667"),
        (Fraction(1, 2), 0, "1"),
        (Fraction(-1, 2), 0, "-1"),
        (Fraction(-1, 10), 0, "0"),
        (Fraction(1005, 1000), 2, "1.01"),
        (Fraction(12), 2, "12.00"),
    ],
)
def test_fixed_rounds_half_away_from_zero(value, places, shown):
    assert format(fixed(value, places), "f") == shown


@pytest.mark.parametrize(
    ("value", "places"), [(Fraction(1, 8), 3), (Fraction(7), 0), (Fraction(1, 50), 2), (Fraction(1, 3), None)]
)
def test_places_of(value, places):
    assert places_of(value) == places


@given(st.fractions(max_denominator=10**9))
def test_money_keeps_sign_and_never_hides_a_difference(value):
    shown = Fraction(money(value))
    assert (shown > 0) == (value > 0)
    assert (shown < 0) == (value < 0)
    if places_of(value) is not None:
        assert shown == value


def test_a_hair_of_slack_is_still_slack():
    assert money(Fraction(1, 3 * 10**9)) > 0
    assert money(Fraction(-1, 3 * 10**9)) < 0


def test_ratio_and_change_are_blank_without_a_denominator():
    assert ratio(Fraction(1), Fraction(0)) is None
    assert change(Fraction(1), Fraction(0)) is None
    assert change(Fraction(110), Fraction(100)) == Decimal("0.100000")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (-0.0, "0"), (1e-7, "0.0000001"), (123456789.0, "123457000"), (0.25, "0.25")],
)
def test_rounded_floats_are_plain_decimals(value, shown):
    assert format(rounded(value), "f") == shown
