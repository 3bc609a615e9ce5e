"""A comparison for machines: every county, every part."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from allocator.cli.explain_json import text_json
from allocator.comparison.flow import Flow
from allocator.comparison.sides import Side
from allocator.comparison.sides_compared import Comparison
from reports.figures import money

PLACES = 6


def comparison_json(one: Comparison) -> dict[str, Any]:
    """The comparison as plain values; amounts in the unit."""
    only = [_only_json(side, codes) for side, codes in zip((one.first, one.second), one.only, strict=True)]
    return {
        "first": _side_json(one.first),
        "second": _side_json(one.second),
        "unit": one.first.unit,
        **_flow_json(one.flow),
        "unexplained": None if one.unexplained is None else text_json(one.unexplained),
        "parts": [
            {
                "stages": list(part.kinds),
                "changed": part.changed,
                **_flow_json(part.flow),
                "differs": [text_json(text) for text in part.differs],
                "why_together": None if part.why is None else text_json(part.why),
            }
            for part in one.parts
        ],
        "counties": [_county_json(one, k) for k in range(len(one.codes))],
        "prefectures": [
            {"prefecture": name, **_sums_json(one, members)} for name, members in one.prefectures.items()
        ],
        "only_first": only[0],
        "only_second": only[1],
    }


def _flow_json(flow: Flow) -> dict[str, Any]:
    """Gains, losses and what remains of them; `moved` where the total stays the same."""
    return {
        "moved": None if flow.moved is None else money(flow.moved),
        "gained": money(flow.gained),
        "lost": money(flow.lost),
        "net": money(flow.net),
        "counties_up": flow.up,
        "counties_down": flow.down,
    }


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "source": side.source,
        "kind": "result" if side.loaded is None else "scenario",
        "title": text_json(side.title),
        "step": money(side.step),
        "total": money(side.total),
        "streams": {s: money(sum(own.values(), Fraction(0))) for s, own in side.by_stream.items()},
    }


def _county_json(one: Comparison, k: int) -> dict[str, Any]:
    code = one.codes[k]
    streams = {
        name: [money(side.by_stream.get(name, {}).get(code, Fraction(0))) for side in (one.first, one.second)]
        for name in one.streams
    }
    name, prefecture = one.second.counties[code]
    return {
        "code": code,
        "county": name,
        "prefecture": prefecture,
        **_sums_json(one, [k]),
        "exact": [_float(part.exact[k]) for part in one.parts],
        "streams": streams,
    }


def _sums_json(one: Comparison, members: Sequence[int]) -> dict[str, Any]:
    first, second = (
        sum((s.paid[one.codes[k]] for k in members), Fraction(0)) for s in (one.first, one.second)
    )
    return {
        "first": money(first),
        "second": money(second),
        "difference": money(second - first),
        "parts": [money(sum((part.amounts[k] for k in members), Fraction(0))) for part in one.parts],
    }


def _only_json(side: Side, codes: Sequence[str]) -> list[dict[str, Any]]:
    return [{"code": c, "county": side.counties[c][0], "amount": money(side.paid[c])} for c in codes]


def _float(value: float) -> float:
    return round(value, PLACES) + 0.0
