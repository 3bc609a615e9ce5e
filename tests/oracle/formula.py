"""Entitlements and preferred mixes, in exact fractions, as the model states them."""

from __future__ import annotations

from fractions import Fraction
from statistics import median
from typing import Any

from .reading import Scenario, number

Shares = dict[str, Fraction]


def _normal(raw: Shares) -> Shares:
    total = sum(raw.values(), Fraction(0))
    return {i: v / total for i, v in raw.items()}


def _value(sc: Scenario, code: str, value: Any) -> Fraction:
    if isinstance(value, dict):
        return sum((number(w) * _need(sc, code, column) for column, w in value.items()), Fraction(0))
    return _need(sc, code, value)


def _need(sc: Scenario, code: str, column: str) -> Fraction:
    cell = sc.cell(code, column)
    if cell is None:
        raise ValueError(f"blank {column} in {code}")
    return cell


def _reference(sc: Scenario, ref: Any, values: Shares, value: Any) -> Fraction:
    if ref == "mean":
        return sum(values.values(), Fraction(0)) / len(values)
    if ref == "median":
        return median(values.values())
    if ref == "max":
        return max(values.values())
    if str(ref) in sc.rows:
        return _value(sc, str(ref), value)
    return number(ref)


def _band(text: str, bands: dict[Any, Any]) -> Fraction:
    """Return the value of the band: numeric keys are lower ends, text keys match exactly."""
    try:
        ends = {number(k): number(v) for k, v in bands.items()}
    except ValueError:
        return number({str(k): v for k, v in bands.items()}[text.strip()])
    return ends[max(end for end in ends if end <= number(text))]


def _raw(sc: Scenario, factor: dict[str, Any], codes: list[str]) -> Shares:
    kind = factor.get("as") or ("points" if "points" in factor else "share")
    value = factor.get("value")
    if kind == "equal":
        return {i: Fraction(1) for i in codes}
    if kind == "points":
        pts = factor["points"].items()
        return {i: sum((number(p) for g, p in pts if i in sc.groups[g]), Fraction(0)) for i in codes}
    if kind == "bands":
        return {i: _band(sc.rows[i][value], factor["bands"]) for i in codes}
    values = {i: _value(sc, i, value) for i in codes}
    if kind == "share":
        return values
    size = {i: _need(sc, i, factor["scale"]) if factor.get("scale") else Fraction(1) for i in codes}
    if kind == "inverse":
        return {i: size[i] / values[i] for i in codes}
    assert kind == "gap", kind
    ref = _reference(sc, factor["ref"], values, value)
    return {i: max(Fraction(0), ref - values[i]) * size[i] for i in codes}


def floored(shares: Shares, floor: Fraction) -> Shares:
    """Raise the shares below the floor to it and rescale the rest, until none is below."""
    raised: set[str] = set()
    while True:
        rest = sum((v for i, v in shares.items() if i not in raised), Fraction(0))
        left = 1 - floor * len(raised)
        now = {i: floor if i in raised else v * left / rest for i, v in shares.items()}
        below = {i for i, v in now.items() if v < floor}
        if not below:
            return now
        raised |= below


def stream_shares(sc: Scenario, stream: str) -> Shares:
    """Return each eligible county's share of a stream by its formula."""
    spec = sc.streams[stream]
    codes = sorted(sc.eligible(stream))
    total = {i: Fraction(0) for i in codes}
    for factor in sc.doc["formulas"][spec["formula"]]:
        shares = _normal(_raw(sc, factor, codes))
        if factor.get("floor") is not None:
            shares = floored(shares, number(factor["floor"]))
        for i in codes:
            total[i] += number(factor["weight"]) * shares[i]
    if spec.get("multiplier"):
        total = {i: v * _need(sc, i, spec["multiplier"]) for i, v in total.items()}
    return _normal(total)


def formula_amounts(sc: Scenario, stream: str) -> Shares:
    """Return the amounts by formula, before adjustments."""
    budget, shares = sc.budget(stream), stream_shares(sc, stream)
    if sc.streams[stream].get("entitlement", "batch") != "year" or budget == 0:
        return {i: budget * v for i, v in shares.items()}
    done = {i: Fraction(0) for i in shares}
    for (i, s, _), amount in sc.committed.items():
        if s == stream:
            done[i] += amount
    year = budget + sum(done.values(), Fraction(0))
    left = _normal({i: max(Fraction(0), year * v - done[i]) for i, v in shares.items()})
    return {i: budget * v for i, v in left.items()}


def entitlements(sc: Scenario) -> dict[tuple[str, str], Fraction]:
    """Return e_is for every eligible county of every stream, adjustments included."""
    e = {(i, s): v for s in sc.streams for i, v in formula_amounts(sc, s).items()}
    for item in (sc.doc.get("adjustments") or {}).get("items") or []:
        e[str(item["county"]), item["stream"]] += number(item["amount"])
    return e


def mixes(sc: Scenario) -> dict[tuple[str, str], Shares]:
    """Return m_isu per county and stream: restricted to U_s and rescaled to 1."""
    out = {}
    for i in sc.codes:
        own = {u: number((sc.doc.get("mix") or {}).get(u, 0)) for u in sc.uses}
        for u in sc.uses:
            cell = sc.cell(i, f"mix.{u}") if f"mix.{u}" in sc.rows[i] else None
            own[u] = own[u] if cell is None else cell
        for s in sc.streams:
            part = {u: own[u] for u in sorted(sc.permitted(s))}
            if not any(part.values()):
                part = {u: Fraction(1) for u in part}
            out[i, s] = _normal(part)
    return out
