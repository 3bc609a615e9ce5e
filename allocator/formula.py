"""The factor formula (因素法): what each county is entitled to in each stream, taken apart exactly.

e_is = B_s · a_i Σ_k w_k f_k(i) / Σ_j a_j Σ_k w_k f_k(j)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import numpy as np

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.loaded import FactorShare
from allocator.numbers import plain
from allocator.policy import Factor, Stream
from allocator.shares import DIGITS, ONE, ZERO, FactorReader, Shares
from allocator.text import Text

CENT = Decimal("0.000001")
"""Amounts of the formula are shown to this precision, and their parts add up at it."""


@dataclass(frozen=True)
class StreamFormula:
    """One stream's formula amounts, (n), and their parts."""

    amounts: tuple[Decimal, ...]
    factors: tuple[FactorShare, ...]
    over_advanced: tuple[int, ...] = ()
    """Counties that already have more than the year's formula gives them."""


def stream_formula(
    name: str,
    stream: Stream,
    factors: Sequence[Factor],
    counties: Counties,
    committed: Mapping[int, Fraction],
) -> tuple[StreamFormula, list[Fault]]:
    """The formula of one stream; `committed` is what each county already has of it."""
    nothing = StreamFormula((ZERO,) * len(counties), ())
    eligible = _eligible(stream, counties)
    path = f"formulas.{stream.formula}"
    if not stream.budget:
        return nothing, []
    with localcontext() as context:
        context.prec = DIGITS
        found, faults = [], []
        for factor in factors:
            reader = FactorReader(counties, eligible, f"{path}.{factor.factor}", factor)
            shares = reader.read()
            faults += reader.faults
            if shares is not None:
                found.append(shares)
        scale = _multiplier(name, stream, counties, eligible, faults)
        if faults:
            return nothing, faults
        mixed = [
            a * sum((f.weight * s.shares[k] for f, s in zip(factors, found, strict=True)), ZERO)
            for k, a in enumerate(scale)
        ]
        total = sum(mixed, ZERO)
        if not total:
            return nothing, [
                Fault(
                    Place(path=path),
                    Text("所有旗县的份额都为 0", "every county's share is zero"),
                    Text("", ""),
                )
            ]
        own = [committed.get(i, Fraction(0)) for i in eligible]
        amounts, over = _amounts(stream, [m / total for m in mixed], [_decimal(c) for c in own])
        if amounts is None:
            return nothing, [
                Fault(
                    Place(path=f"streams.{name}"),
                    Text(
                        "所有旗县的已下达资金都超过全年测算数",
                        "every county already has more than the year gives it",
                    ),
                    Text("请改用 entitlement: batch", "use entitlement: batch"),
                )
            ]
        parts = _parts(name, counties, eligible, factors, found, amounts)
        full = [ZERO] * len(counties)
        for i, amount in zip(eligible, amounts, strict=True):
            full[i] = amount
        return StreamFormula(tuple(full), tuple(parts), tuple(eligible[k] for k in over)), []


def _eligible(stream: Stream, counties: Counties) -> list[int]:
    if stream.eligible == "all":
        return list(range(len(counties)))
    return [int(i) for i in np.flatnonzero(counties.groups[stream.eligible])]


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _multiplier(
    name: str,
    stream: Stream,
    counties: Counties,
    eligible: Sequence[int],
    faults: list[Fault],
) -> list[Decimal]:
    if stream.multiplier is None:
        return [ONE] * len(eligible)
    values = counties.numbers[stream.multiplier]
    for i in eligible:
        if values[i] is None:
            faults.append(
                Fault(
                    Place(
                        file=counties.file,
                        line=counties.lines[i] if counties.lines else None,
                        path=f"streams.{name}.multiplier",
                        county=counties.label(i),
                        column=stream.multiplier,
                    ),
                    Text("缺少系数", "the multiplier is missing"),
                    Text("不调整请填 1", "write 1 for no change"),
                )
            )
    return [values[i] or ZERO for i in eligible]


def _amounts(
    stream: Stream, shares: list[Decimal], committed: list[Decimal]
) -> tuple[list[Decimal] | None, list[int]]:
    """Amounts of this run, and positions of those over-advanced; None where nobody is left."""
    budget = stream.budget
    if stream.entitlement == "batch":
        return [budget * s for s in shares], []
    year = budget + sum(committed, ZERO)
    rest = [max(ZERO, year * s - c) for s, c in zip(shares, committed, strict=True)]
    over = [k for k, (s, c) in enumerate(zip(shares, committed, strict=True)) if year * s < c]
    total = sum(rest, ZERO)
    return ([budget * r / total for r in rest] if total else None), over


def _parts(
    name: str,
    counties: Counties,
    eligible: Sequence[int],
    factors: Sequence[Factor],
    found: Sequence[Shares],
    amounts: Sequence[Decimal],
) -> list[FactorShare]:
    rows = []
    for k, i in enumerate(eligible):
        weighted = [f.weight * s.shares[k] for f, s in zip(factors, found, strict=True)]
        shown = split_exactly(amounts[k].quantize(CENT, ROUND_HALF_EVEN), weighted)
        rows += [
            FactorShare(
                county=i,
                stream=name,
                factor=factor.factor,
                weight=plain(factor.weight),
                value=own.values[k],
                share=plain(own.shares[k].quantize(Decimal("1e-12"))),
                amount=plain(part),
            )
            for factor, own, part in zip(factors, found, shown, strict=True)
        ]
    return rows


def split_exactly(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` in proportion to `weights`, cut to the precision shown; the largest part takes the rest."""
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO] * len(weights)
    parts = [(total * w / whole).quantize(CENT, ROUND_DOWN) for w in weights]
    largest = max(range(len(parts)), key=lambda k: (parts[k], -k))
    parts[largest] += total - sum(parts, ZERO)
    return parts
