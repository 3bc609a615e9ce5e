"""counties.csv: one row a county, from the formula to the year's money and its shares."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.rules.change_limits import ChangeLimits
from allocator.rules.use_share_cap import UseShareCap
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from reports.figures import RATIO_PLACES, change, fixed, money, ratio
from reports.outcome import Outcome
from reports.table import (
    CODE,
    COUNTY,
    PREFECTURE,
    Cell,
    Column,
    Table,
    money_column,
    share_column,
    unique,
)

Cells = list[Cell]
Part = tuple[Column, Cells]
"""A column and its cells, one a county."""


def county_table(outcome: Outcome) -> Table:
    """One row a county, in order of code."""
    parts = [
        *_names(outcome),
        *_this_run(outcome),
        *_year(outcome),
        *_by_stream(outcome),
        *_by_use(outcome),
        *_tag_shares(outcome),
    ]
    rows = tuple(zip(*(cells for _, cells in parts), strict=True))
    return Table(
        "counties",
        Text("旗县", "Counties"),
        Text("各旗县的测算额、分配额与占比", "Each county's entitlement, money and shares"),
        tuple(column for column, _ in parts),
        rows,
        ("code",),
    )


def _names(outcome: Outcome) -> list[Part]:
    known = outcome.loaded.counties
    return [(CODE, [*known.codes]), (COUNTY, [*known.names]), (PREFECTURE, [*known.prefectures])]


def _this_run(outcome: Outcome) -> list[Part]:
    def six(values: tuple[Fraction, ...]) -> Cells:
        return [fixed(v, RATIO_PLACES) for v in values]

    paid = outcome.by_county.tolist()
    departures = [change(x, e) for x, e in zip(paid, outcome.entitlement, strict=True)]
    return [
        (
            money_column("formula", Text("测算额", "Formula"), Text("因素法测算额", "Formula amount")),
            six(outcome.formula),
        ),
        (
            money_column(
                "adjustment", Text("综合平衡", "Adjustment"), Text("综合平衡调整额", "Adjustment by hand")
            ),
            six(outcome.adjustment),
        ),
        (
            money_column(
                "entitlement",
                Text("应得额", "Entitlement"),
                Text("测算额加综合平衡调整额", "Formula amount plus adjustment"),
            ),
            six(outcome.entitlement),
        ),
        (
            money_column("amount", Text("分配额", "Amount"), Text("本次分配金额", "Money of this run")),
            [fixed(x, outcome.places) for x in paid],
        ),
        (
            share_column(
                "departure",
                Text("偏离", "Departure"),
                Text(
                    "分配额÷应得额−1，应得额为零则空", "amount / entitlement − 1; blank where nothing is due"
                ),
            ),
            [*departures],
        ),
    ]


def _year(outcome: Outcome) -> list[Part]:
    paid, issued = outcome.by_county.tolist(), outcome.committed.tolist()
    totals = [x + c for x, c in zip(paid, issued, strict=True)]
    whole = sum(totals, Fraction(0))
    parts: list[Part] = [
        (
            money_column(
                "committed",
                Text("已下达", "Committed"),
                Text("此前批次已下达金额", "Money issued by earlier batches"),
            ),
            [money(c, outcome.places) for c in issued],
        ),
        (
            money_column(
                "total",
                Text("全年", "Total"),
                Text("全年金额：本次与已下达之和", "The year's money: this run's and committed"),
            ),
            [money(t, outcome.places) for t in totals],
        ),
        *_last_year(outcome, totals),
        (
            share_column(
                "share_of_total",
                Text("全年占比", "Share of total"),
                Text("占全部旗县全年金额的比例", "Share of all counties' money of the year"),
            ),
            [ratio(t, whole) for t in totals],
        ),
    ]
    return parts


def _last_year(outcome: Outcome, totals: list[Fraction]) -> list[Part]:
    loaded = outcome.loaded
    rule = next((r for r in loaded.scenario.rules if isinstance(r, ChangeLimits)), None)
    name = "last_amount" if rule is None else rule.column
    last: tuple[Decimal | None, ...] | None = loaded.counties.numbers.get(name)
    if last is None:
        return []
    said = Text(f"上年金额（列“{name}”）", f"Last year's amount, column '{name}'")
    changes = [None if v is None else change(t, Fraction(v)) for t, v in zip(totals, last, strict=True)]
    return [
        (
            money_column("last_amount", Text("上年", "Last year"), said),
            [None if v is None else money(Fraction(v)) for v in last],
        ),
        (
            share_column(
                "change",
                Text("比上年", "Change"),
                Text(
                    "全年÷上年−1，上年为零或未填则空",
                    "total / last_amount − 1; blank where that is blank or zero",
                ),
            ),
            [*changes],
        ),
    ]


def _by_stream(outcome: Outcome) -> list[Part]:
    parts: list[Part] = []
    for s, (name, stream) in enumerate(outcome.loaded.problem.streams.items()):
        title = stream.title.text(name)
        said = Text(f"本次分配金额，资金：{title.zh}", f"Money of this run in stream {title.en}")
        cells: Cells = [fixed(x, outcome.places) for x in outcome.by_stream[:, s]]
        parts.append((money_column(f"stream.{name}", title, said), cells))
    return parts


def _by_use(outcome: Outcome) -> list[Part]:
    parts: list[Part] = []
    for u, (name, use) in enumerate(outcome.loaded.problem.uses.items()):
        title = use.title.text(name)
        said = Text(f"本次分配金额，用途：{title.zh}", f"Money of this run for use {title.en}")
        cells: Cells = [fixed(x, outcome.places) for x in outcome.by_use[:, u]]
        parts.append((money_column(f"use.{name}", title, said), cells))
    return parts


def _tag_shares(outcome: Outcome) -> list[Part]:
    """One column for each tag, and money that a floor or cap on its share speaks of."""
    parts: list[Part] = []
    done: set[tuple[str, bytes]] = set()
    problem = outcome.loaded.problem
    for rule in outcome.loaded.scenario.rules:
        if not isinstance(rule, UseShareFloor | UseShareCap):
            continue
        whole = problem.mask(rule.scope) & problem.base_mask(rule.base)
        if (rule.tag, whole.tobytes()) in done:
            continue
        taken = [column.name for column, _ in parts]
        plain = f"share.{rule.tag}"
        name = unique(taken, plain if plain not in taken else f"share.{rule.id}")
        done.add((rule.tag, whole.tobytes()))
        parts.append((_share_heading(name, rule.tag, rule.id), _share_cells(outcome, rule.tag, whole)))
    return parts


def _share_heading(name: str, tag: str, rule: str) -> Column:
    return share_column(
        name,
        Text(f"{tag} 占比", f"Share of {tag}"),
        Text(
            f"全年资金中带标签 {tag} 的用途所占比例，范围同规则 {rule}；无资金则空",
            f"Share of uses tagged {tag} in the year's money, scope as in rule {rule}; blank without money",
        ),
    )


def _share_cells(outcome: Outcome, tag: str, whole: NDArray[np.bool_]) -> Cells:
    tagged = whole & outcome.loaded.problem.use_mask_of_tag(tag)[np.newaxis, np.newaxis, :]
    pairs = zip(outcome.year_within(tagged), outcome.year_within(whole), strict=True)
    return [ratio(part, all_of_it) for part, all_of_it in pairs]
