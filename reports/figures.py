"""Exact numbers made printable: Fractions in, Decimals with a fixed number of places out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

RATIO_PLACES = 6
"""Places of every ratio and of every amount that is no finite decimal."""


def places_of(value: Fraction) -> int | None:
    """Decimal places that `value` needs; None where no number of places is enough."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def fixed(value: Fraction, places: int) -> Decimal:
    """`value` rounded half up, away from zero, to exactly `places` places."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(f"{'-' if value < 0 and whole else ''}{whole}E-{places}")


def money(value: Fraction, least_places: int = 0) -> Decimal:
    """`value` exactly where it is a finite decimal; else rounded, but never to zero or across it."""
    needed = places_of(value)
    if needed is not None:
        return fixed(value, max(needed, least_places))
    places = RATIO_PLACES
    while not (shown := fixed(value, places)):
        places += RATIO_PLACES
    return shown


def ratio(part: Fraction, whole: Fraction) -> Decimal | None:
    """part / whole to six places; None where the whole is zero."""
    return fixed(part / whole, RATIO_PLACES) if whole else None


def change(now: Fraction, before: Fraction) -> Decimal | None:
    """now / before − 1 to six places; None where there was nothing before."""
    return fixed(now / before - 1, RATIO_PLACES) if before else None


def rounded(value: float, digits: int = 6) -> Decimal:
    """A solver's float to `digits` significant digits, as a plain decimal."""
    shown = Decimal(f"{value:.{digits}g}")
    return Decimal(format(shown.normalize() if shown else Decimal(0), "f"))
