"""Shares as decimals of a table, so that no judgement changes.

A share is a fraction, a column holds decimals. The decimal written is the share rounded down at
the first place at which no share of next year's whole money lies between the two: different
fractions a/t and r·p/q are at least 1/(t·q·d) apart, d being the denominator of r, so that a place
finer than that changes no judgement. The ratchet is then neither stricter nor laxer than the
share itself (内政发〔2022〕9号 三（一）：不得低于上年占比). Where that takes more than MOST_PLACES,
since solvers take no such coefficients, the share is rounded up there, and a notice says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

from allocator.loaded import Loaded
from allocator.rules.use_share_floor import UseShareFloor

MOST_PLACES = 13
"""Decimals of a share: rules on whole steps multiply them away, and solvers refuse factors from 1e15."""


def places_for(following: Loaded, column: str, values: Iterable[Fraction]) -> int:
    """Decimal places from which on rounding down changes no judgement of next year's whole money."""
    problem = following.problem
    amounts = [problem.step, *problem.committed.values()]
    scale = lcm(*(a.denominator for a in amounts))
    grain = gcd(*(int(a * scale) for a in amounts))
    money = sum(problem.budgets, Fraction(0)) + sum(problem.committed.values(), Fraction(0))
    turned = [
        Fraction(rule.retain).denominator
        for rule in following.scenario.rules
        if isinstance(rule, UseShareFloor) and rule.not_below == column
    ]
    finest = max((v.denominator for v in values), default=1)
    return len(str(int(money * scale) // grain * finest * lcm(1, *turned)))


def decimal(value: Fraction, places: int) -> Decimal:
    """The value rounded down at a place that changes no judgement, else up at the last one allowed."""
    if places <= MOST_PLACES:
        return round_down(value, places)
    cut = round_down(value, MOST_PLACES)
    return cut if Fraction(cut) == value else cut + Decimal(1).scaleb(-MOST_PLACES)


def round_down(value: Fraction, places: int) -> Decimal:
    """Exactly `value` where it is a decimal of that many places, else the next one below; value ≥ 0."""
    whole = value.numerator * 10**places // value.denominator
    digits = str(whole).rjust(places + 1, "0")
    shown = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown)


def plain_digits(value: Decimal) -> str:
    """Every digit, whatever the context's precision, without an exponent."""
    return format(value, "f")
