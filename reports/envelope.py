"""A release envelope as a table, as JSON, and as the files of a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from allocator.envelope.release import CountyRange, Envelope
from allocator.text import Text
from reports.csv_files import csv_bytes
from reports.figures import fixed, money, places_of
from reports.run_record import plain
from reports.table import CODE, COUNTY, PREFECTURE, Cell, Table, money_column, text_column

COLUMNS = (
    CODE,
    COUNTY,
    PREFECTURE,
    money_column("plan", Text("计划", "Plan"), Text("本批计划金额", "What is planned of this batch")),
    money_column(
        "smallest",
        Text("单独最小", "Smallest"),
        Text("其他旗县按计划时的最小安全金额", "Least safe amount, the others as planned"),
    ),
    money_column(
        "largest",
        Text("单独最大", "Largest"),
        Text("其他旗县按计划时的最大安全金额", "Largest safe amount, the others as planned"),
    ),
    money_column(
        "box_low",
        Text("整体下限", "Box, low"),
        Text(
            "各旗县同时在各自上下限之内都安全：下限", "Low end of a box that is safe for all counties at once"
        ),
    ),
    money_column(
        "box_high",
        Text("整体上限", "Box, high"),
        Text(
            "各旗县同时在各自上下限之内都安全：上限",
            "High end of a box that is safe for all counties at once",
        ),
    ),
    text_column(
        "limits_smallest",
        Text("最小受限于", "Smallest limited by"),
        Text("规则:对象，分号隔开；0 时空白", "rule:where, separated by semicolons; blank at 0"),
    ),
    text_column(
        "limits_largest",
        Text("最大受限于", "Largest limited by"),
        Text(
            "规则:对象，分号隔开；等于本批总额时空白",
            "rule:where, separated by semicolons; blank at all of the batch's money",
        ),
    ),
    text_column(
        "corner_smallest",
        Text("最小时后续预算", "Later budgets at the smallest"),
        Text("资金=预算，分号隔开", "stream=budget, separated by semicolons"),
    ),
    text_column(
        "corner_largest",
        Text("最大时后续预算", "Later budgets at the largest"),
        Text("资金=预算，分号隔开", "stream=budget, separated by semicolons"),
    ),
)


def envelope_table(found: Envelope) -> Table:
    """One row for each county with a plan, in order of code."""
    known, places = found.plan.counties, places_of(found.plan.problem.step) or 0
    rows: list[tuple[Cell, ...]] = []
    for c in found.counties:
        i = c.county
        amounts = (c.plan, c.smallest, c.largest, c.box_low, c.box_high)
        rows.append(
            (
                known.codes[i],
                known.names[i],
                known.prefectures[i],
                *(fixed(amount, places) for amount in amounts),
                _rows(found, c.stops_low),
                _rows(found, c.stops_high),
                _budgets(c.corner_low) if c.stops_low else "",
                _budgets(c.corner_high) if c.stops_high else "",
            )
        )
    return Table(
        "envelope",
        Text("下达安全范围", "Release envelope"),
        Text("本批各旗县可放心下达的金额", "What this batch may safely give each county"),
        COLUMNS,
        tuple(rows),
        ("code",),
    )


def _rows(found: Envelope, keys: Sequence[tuple[str, int]]) -> str:
    places = (f"{rule}:{found.release.later.rows[rule][number].where}".rstrip(":") for rule, number in keys)
    return "; ".join(places)


def _budgets(corner: Any) -> str:
    return "; ".join(f"{stream}={format(budget, 'f')}" for stream, budget in corner.items())


def limits(found: Envelope, county: CountyRange) -> Text:
    """Titles of the rules that stop a county at its largest amount, each once; the batch's own total."""
    if not county.stops_high:
        return Text("本批总额", "the batch's total")
    rules = found.plan.scenario.rule_by_id
    titles = [rules[rule].text for rule in dict.fromkeys(rule for rule, _ in county.stops_high)]
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def envelope_json(found: Envelope) -> dict[str, Any]:
    """The envelope for machines."""
    return {
        "scenario": found.plan.scenario.name,
        "unit": found.plan.scenario.unit,
        "step": found.plan.scenario.step,
        "streams": list(found.streams),
        "later": {r.stream: {"low": r.low, "high": r.high} for r in found.ranges},
        "corners": [dict(corner) for corner in found.corners],
        "margin": money(found.margin),
        "counties": envelope_table(found).records(),
    }


def envelope_files(found: Envelope) -> dict[str, bytes]:
    """`envelope.csv` and `envelope.json`."""
    text = json.dumps(envelope_json(found), ensure_ascii=False, indent=2, default=plain)
    return {"envelope.csv": csv_bytes(envelope_table(found)), "envelope.json": f"{text}\n".encode()}
