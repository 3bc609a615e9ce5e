"""The factor formula (因素法): what each county is entitled to in each stream, taken apart exactly.

e_is = B_s · a_i Σ_k w_k f_k(i) / Σ_j a_j Σ_k w_k f_k(j)

Where a stream has an incentive, its pool is taken off B_s first and rewards and deductions are added:
they are part of the formula amount, and a row of their own where it is taken apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import numpy as np

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.formula.incentive import NAME, IncentiveReader, Incentives, balanced
from allocator.formula.shares import DIGITS, ONE, ZERO, FactorReader, Shares
from allocator.input.references import NOBODY, no_money_left
from allocator.loaded import FactorShare
from allocator.numbers import plain
from allocator.policy import Factor, Stream
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
    if not stream.budget:
        return nothing, []
    eligible = _eligible(stream, counties)
    pool = ZERO if stream.incentive is None else stream.incentive.pool
    if not eligible or pool >= stream.budget:
        key, said = (
            ("incentive.pool", no_money_left(pool, stream.budget)) if eligible else ("eligible", NOBODY)
        )
        return nothing, [Fault(Place(path=f"streams.{name}.{key}"), *said)]
    with localcontext() as context:
        context.prec = DIGITS
        faults: list[Fault] = []
        found = _read(f"formulas.{stream.formula}", factors, counties, eligible, faults)
        scale = _multiplier(name, stream, counties, eligible, faults)
        if faults:
            return nothing, faults
        mixed = _mixed(factors, found, scale)
        if mixed is None:
            return nothing, [_no_share(f"formulas.{stream.formula}")]
        own = [_decimal(committed.get(i, Fraction(0))) for i in eligible]
        amounts, over = _amounts(stream, stream.budget - pool, mixed, own)
        if amounts is None:
            return nothing, [_all_advanced(name)]
        paid, faults = _incentives(name, stream, counties, eligible, amounts)
        if faults:
            return nothing, faults
        parts = _parts(name, eligible, factors, found, amounts, paid)
        full = [ZERO] * len(counties)
        for k, i in enumerate(eligible):
            full[i] = amounts[k] if paid is None else amounts[k] + paid.amounts[k]
        return StreamFormula(tuple(full), tuple(parts), tuple(eligible[k] for k in over)), []


def _mixed(
    factors: Sequence[Factor], found: Sequence[Shares], scale: Sequence[Decimal]
) -> list[Decimal] | None:
    """Each county's share of the money, adding up to 1; None where every one is zero."""
    parts = [
        a * sum((f.weight * s.shares[k] for f, s in zip(factors, found, strict=True)), ZERO)
        for k, a in enumerate(scale)
    ]
    total = sum(parts, ZERO)
    return [part / total for part in parts] if total else None


def _read(
    path: str, factors: Sequence[Factor], counties: Counties, eligible: Sequence[int], faults: list[Fault]
) -> list[Shares]:
    """Shares of every factor; notes the faults."""
    found = []
    for factor in factors:
        reader = FactorReader(counties, eligible, f"{path}.{factor.factor}", factor)
        shares = reader.read()
        faults += reader.faults
        if shares is not None:
            found.append(shares)
    return found


def _incentives(
    name: str, stream: Stream, counties: Counties, eligible: Sequence[int], amounts: Sequence[Decimal]
) -> tuple[Incentives | None, list[Fault]]:
    """Rewards and deductions on the formula amounts; None where the stream has none."""
    if stream.incentive is None:
        return None, []
    reader = IncentiveReader(counties, eligible, name, stream.incentive)
    return reader.pay(amounts), reader.faults


def _no_share(path: str) -> Fault:
    return Fault(Place(path=path), Text("所有旗县的份额都为 0", "every county's share is zero"), Text("", ""))


def _all_advanced(name: str) -> Fault:
    return Fault(
        Place(path=f"streams.{name}"),
        Text(
            "所有旗县的已下达资金都超过全年测算数",
            "every county already has more than the year gives it",
        ),
        Text("请改用 entitlement: batch", "use entitlement: batch"),
    )


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
    stream: Stream, budget: Decimal, shares: list[Decimal], committed: list[Decimal]
) -> tuple[list[Decimal] | None, list[int]]:
    """Amounts of this run, and positions of those over-advanced; None where nobody is left."""
    if stream.entitlement == "batch":
        return [budget * s for s in shares], []
    year = budget + sum(committed, ZERO)
    rest = [max(ZERO, year * s - c) for s, c in zip(shares, committed, strict=True)]
    over = [k for k, (s, c) in enumerate(zip(shares, committed, strict=True)) if year * s < c]
    total = sum(rest, ZERO)
    return ([budget * r / total for r in rest] if total else None), over


def _parts(
    name: str,
    eligible: Sequence[int],
    factors: Sequence[Factor],
    found: Sequence[Shares],
    amounts: Sequence[Decimal],
    paid: Incentives | None,
) -> list[FactorShare]:
    """Rows of formula.csv; those of a county add up to its amount with the incentive, as shown."""
    gained = [ZERO] * len(eligible)
    if paid is not None:
        gained = balanced(paid.amounts, sum(paid.amounts, ZERO), CENT)
    rows = []
    for k, i in enumerate(eligible):
        weighted = [f.weight * s.shares[k] for f, s in zip(factors, found, strict=True)]
        whole = amounts[k] if paid is None else amounts[k] + paid.amounts[k]
        shown = split_exactly(whole.quantize(CENT, ROUND_HALF_EVEN) - gained[k], weighted)
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
        if paid is not None:
            rows.append(FactorShare(i, name, NAME, "", paid.shown[k], "", plain(gained[k])))
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
