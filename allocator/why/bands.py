"""Graded factors: their numeric edges, and the band that a county's figures fall in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from allocator.counties import Counties
from allocator.input.references import text_bands
from allocator.numbers import parse_number
from allocator.policy import Factor

ZERO = Decimal(0)


def numeric_bands(factor: Factor) -> list[tuple[Decimal, Decimal]]:
    """(lower edge, value) of every band in order; empty where there are no bands or they are names."""
    if factor.kind != "bands" or text_bands(factor):
        return []
    return sorted((parse_number(edge) or ZERO, value) for edge, value in (factor.bands or {}).items())


def figure(
    counties: Counties, i: int, column: str, figures: Mapping[tuple[int, str], Decimal] | None = None
) -> Decimal | None:
    """A county's figure in a column, changed or as it is; None for a blank or a word."""
    if figures is not None and (i, column) in figures:
        return figures[i, column]
    if column in counties.numbers:
        return counties.numbers[column][i]
    return parse_number(counties.text[column][i])


def band_of(
    factor: Factor, counties: Counties, i: int, figures: Mapping[tuple[int, str], Decimal] | None = None
) -> tuple[Decimal, Decimal] | None:
    """(lower edge, value) of the band that the county is in; None where it is in none."""
    value = sum((w * (figure(counties, i, c, figures) or ZERO) for c, w in factor.columns.items()), ZERO)
    reached = [band for band in numeric_bands(factor) if band[0] <= value]
    return reached[-1] if reached else None
