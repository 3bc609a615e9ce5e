"""An explanation for machines: every fact that the terminal shows, and those it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from allocator.loaded import Loaded
from allocator.text import Text
from allocator.why.explanation import Explanation, RuleAccount, members_by_group
from allocator.why.moves import Moves
from allocator.why.reach import Reach
from allocator.why.reasons import Reason
from allocator.why.rule_prices import Price
from allocator.why.statement import Part, Statement
from reports.figures import money

PLACES = 6


def explanation_json(found: Explanation) -> dict[str, Any]:
    """The explanation as plain values; amounts in the scenario's unit."""
    scenario, d = found.loaded.scenario, found.determinacy
    codes = found.loaded.counties.codes
    return {
        "scenario": scenario.name,
        "unit": scenario.unit,
        "attribution": {
            "by": "kind" if found.attribution.by_kind else "rule",
            "method": "shapley" if found.attribution.by_kind else "order",
            "names": list(found.attribution.names),
            "orders": found.attribution.orders,
            "largest_standard_error": None
            if found.attribution.errors is None
            else max((_round(e.max(initial=0.0)) for e in found.attribution.errors), default=0.0),
        },
        "statements": [
            _statement(found.loaded, statement, reason)
            for statement, reason in zip(found.statements, found.reasons, strict=True)
        ],
        "determinacy": {
            "objective": d.objective,
            "unique": d.unique,
            "proved_largest_move": d.largest_move,
            "ranges": {
                codes[s.county]: [_round(d.low[s.county]), _round(d.high[s.county])] for s in found.statements
            },
        },
        "rules": [_account(found.loaded, account) for account in found.rules],
        "reach": [_reach(found.loaded, reach) for reach in found.reaches],
    }


def text_json(text: Text) -> dict[str, str]:
    """Both languages."""
    return {"zh": text.zh, "en": text.en}


def _statement(loaded: Loaded, statement: Statement, reason: Reason | None) -> dict[str, Any]:
    i = statement.county
    return {
        "code": loaded.counties.codes[i],
        "county": loaded.counties.names[i],
        "prefecture": loaded.counties.prefectures[i],
        "amount": money(statement.payout),
        "parts": [_part(part) for part in statement.parts],
        "streams": [
            {"stream": s.stream, "amount": money(s.payout), "parts": [_part(part) for part in s.parts]}
            for s in statement.streams
        ],
        "reason": None
        if reason is None
        else {
            "rule": reason.rule,
            "move": money(reason.move),
            "direct": reason.direct,
            "where": [loaded.rows[reason.rule][k].where for k in reason.rows],
            "text": text_json(reason.text),
        },
    }


def _part(part: Part) -> dict[str, Any]:
    return {"kind": part.kind, "name": part.name, "amount": money(part.amount), "exact": _round(part.exact)}


def _account(loaded: Loaded, account: RuleAccount) -> dict[str, Any]:
    without = account.without
    return {
        "rule": account.rule,
        "used": account.used,
        "prices": [_price(loaded, price) for price in account.prices],
        "without": {
            "largest_departure": _round(without.found.largest_departure),
            **_moves(loaded, without.moves),
            "flows": _flows(loaded, without.moves),
        },
    }


def _price(loaded: Loaded, price: Price) -> dict[str, Any]:
    return {
        "parameter": price.knob.key,
        "title": text_json(price.knob.title),
        "value": price.knob.value,
        "sides": [
            {
                "side": turned.side,
                "value": turned.value,
                "feasible": turned.found is not None,
                "largest_departure": None if turned.found is None else _round(turned.found.largest_departure),
                **({} if turned.moves is None else _moves(loaded, turned.moves)),
            }
            for turned in price.sides
        ],
    }


def _moves(loaded: Loaded, moves: Moves) -> dict[str, Any]:
    noise = 1e-6 * float(loaded.problem.step)
    gain, pay = moves.ranked(noise)
    codes = loaded.counties.codes
    return {
        "moved": _round(moves.moved),
        "gain": {codes[i]: _round(moves.change[i]) for i in gain},
        "pay": {codes[i]: _round(moves.change[i]) for i in pay},
    }


def _flows(loaded: Loaded, moves: Moves) -> dict[str, Any]:
    def matrix(members: Mapping[str, np.ndarray]) -> dict[str, Any]:
        flows = moves.flows(list(members.values()))
        return {"from_to": list(members), "amounts": [[_round(v) for v in row] for row in flows]}

    return {
        "prefectures": matrix(loaded.counties.prefecture_members),
        "groups": {group: matrix(members_by_group(loaded, group)) for group in loaded.scenario.groups},
    }


def _reach(loaded: Loaded, reach: Reach) -> dict[str, Any]:
    lever = reach.lever
    return {
        "kind": lever.kind,
        "of": lever.owner,
        "key": lever.key,
        "title": text_json(lever.title),
        "value": lever.value,
        "to": reach.value,
        "gain": _round(reach.gain),
        "moves": None if reach.moves is None else _moves(loaded, reach.moves),
    }


def _round(value: float) -> float:
    return round(float(value), PLACES) + 0.0
