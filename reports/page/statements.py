"""County statements for the page: factors, rules and rounding in whole money, with the clause of each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from allocator.amounts import LevelOne
from allocator.formula.incentive import NAME, TITLE
from allocator.loaded import FactorShare
from allocator.text import Text
from allocator.why.attribution import in_order
from allocator.why.reasons import Reason, Reasons
from allocator.why.statement import Part, Statement, statements
from reports.page.words import slim
from reports.report_input import Report

Told = tuple[Statement, ...]
Because = tuple[Reason | None, ...]


def explained(report: Report) -> tuple[Because, Told]:
    """Why each county's money moved, and its statement, in order of counties."""
    one = LevelOne(report.loaded)
    attribution = in_order(one)
    told = statements(report.loaded, report.whole, attribution)
    reasons = Reasons(one, attribution)
    return tuple(reasons.of(statement) for statement in told), told


def statements_of(report: Report, told: Told, reasons: Because) -> dict[str, Any]:
    """Everything that the statement of a county shows: texts once, then whole steps by county.

    `parts` are the steps of the path; a county's `rows` are [part, amount in each of its streams or
    null, sum], its `paid` the payouts; the rows of a column add up to its payout exactly. Where there is
    nothing to state, `nothing` says why. Streams and uses are in the scenario's order.
    """
    loaded = report.loaded
    keys: dict[tuple[str, str], int] = {}
    for part in (part for statement in told for part in statement.parts):
        keys.setdefault((part.kind, part.name), len(keys))
    order = {name: s for s, name in enumerate(loaded.scenario.streams)}
    factors = {i: list(own) for i, own in groupby(loaded.factors, key=lambda share: share.county)}
    eligible = _eligible(report)
    return {
        "streams": [_pair(loaded.names.stream(name)) for name in order],
        "uses": [_pair(loaded.names.use(name)) for name in loaded.scenario.uses],
        "parts": [_part(report, kind, name) for kind, name in keys],
        "factors": _factor_titles(report),
        "counties": [
            {
                **_path(report, statement, keys, order),
                "why": None if reason is None else _pair(reason.text),
                "notes": _notes(report, statement.county),
                "factors": _factors(factors.get(statement.county, []), order),
                **({} if statement.streams else {"nothing": _nothing(statement.county in eligible)}),
            }
            for statement, reason in zip(told, reasons, strict=True)
        ],
    }


def _eligible(report: Report) -> frozenset[int]:
    """Positions of the counties that may receive money that this run hands out."""
    problem = report.loaded.problem
    handed = [s for s, budget in enumerate(problem.budgets) if budget]
    return frozenset(np.argwhere(problem.open[:, handed, :].any(axis=(1, 2))).ravel().tolist())


def _nothing(eligible: bool) -> list[str]:
    """Why a county has nothing to state."""
    if eligible:
        return _pair(
            Text(
                "该旗县可以得到本次资金，但没有测算数，也没有分到资金。",
                "This county is eligible, but the formula gives it nothing and nothing is paid to it.",
            )
        )
    return _pair(
        Text(
            "该旗县不符合本次资金的分配条件，不参与本次分配。",
            "This county is not eligible for the money of this run.",
        )
    )


def _path(
    report: Report, statement: Statement, keys: dict[tuple[str, str], int], order: dict[str, int]
) -> dict[str, Any]:
    """The streams of a county, the steps of its path in each, and what it is paid."""
    streams = sorted(statement.streams, key=lambda own: order[own.stream])
    return {
        "streams": [order[own.stream] for own in streams],
        "rows": [
            [
                keys[part.kind, part.name],
                *(_in_stream(report, own.parts, part) for own in streams),
                _steps(report, part.amount),
            ]
            for part in statement.parts
            if part.kind != "rule" or part.amount or part.exact
        ],
        "paid": [_steps(report, own.payout) for own in streams],
    }


def _in_stream(report: Report, parts: Sequence[Part], wanted: Part) -> int | None:
    found = [part for part in parts if (part.kind, part.name) == (wanted.kind, wanted.name)]
    return _steps(report, found[0].amount) if found else None


def _steps(report: Report, amount: Fraction) -> int:
    return int(amount / report.step)


def _part(report: Report, kind: str, name: str) -> dict[str, Any]:
    """What a step of the path is called, and the clause that it stands on."""
    scenario = report.loaded.scenario
    if kind == "rule":
        rule = scenario.rule_by_id[name]
        return {"kind": kind, "title": _pair(rule.text), "clause": rule.clause}
    if kind == "factor":
        return {"kind": kind, "title": _pair(_factor_title(report, name, None)), "clause": ""}
    said = {
        "adjustment": Text("综合平衡调整", "Adjustment by hand"),
        "rounding": Text("取整", "Rounding"),
    }
    return {"kind": kind, "title": _pair(said[kind]), "clause": ""}


def _factor_title(report: Report, name: str, stream: str | None) -> Text:
    """The title of a factor, in a stream's formula or in the first that has it."""
    scenario = report.loaded.scenario
    if name == NAME:
        return TITLE
    for own, used in scenario.streams.items():
        for factor in scenario.formulas[used.formula] if stream in (None, own) else ():
            if factor.factor == name:
                return factor.title.text(name)
    return Text(name, name)


def _factor_titles(report: Report) -> dict[str, list[str]]:
    names = {share.factor for share in report.loaded.factors}
    return {name: _pair(_factor_title(report, name, None)) for name in sorted(names)}


def _percent(share: str) -> str:
    """A share as a percentage; an incentive has none."""
    return f"{slim(Fraction(share) * 100)}%" if share else ""


def _factors(own: Sequence[FactorShare], order: dict[str, int]) -> list[list[str | int]]:
    """Rows of the factor sheet: stream, factor, weight, value, share in percent, amount."""
    return [
        [
            order[share.stream],
            share.factor,
            _percent(share.weight),
            share.value,
            _percent(share.share),
            slim(Fraction(share.amount)),
        ]
        for share in sorted(own, key=lambda share: order[share.stream])
    ]


def _notes(report: Report, county: int) -> list[list[str]]:
    """Reasons of adjustments by hand."""
    loaded = report.loaded
    adjustments = loaded.scenario.adjustments
    found = []
    for item in () if adjustments is None else adjustments.items:
        if item.county == loaded.counties.codes[county]:
            stream = loaded.names.stream(item.stream)
            zh, en = f"调整原因（{stream.zh}）：{item.reason}", f"Adjusted ({stream.en}): {item.reason}"
            found.append([zh, en])
    return found


def _pair(text: Text) -> list[str]:
    return [text.zh, text.en]
