"""A verdict on the terminal, and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocator.cli.screen import show_table
from allocator.cli.words import line
from allocator.loaded import Loaded
from allocator.text import Language, Text
from allocator.verdict import Judged, Verdict
from reports.figures import money
from reports.rules_table import place_label, rule_title

SENSES = {">=": "≥", "<=": "≤", "=": "="}
MOST = 50
"""Broken rows shown."""


def print_verdict(loaded: Loaded, verdict: Verdict, lang: Language) -> None:
    """The broken rows, or that there is none."""
    if verdict.holds:
        line(
            Text(
                f"{len(loaded.scenario.rules)} 条规则共 {len(verdict.rows)} 行全部符合",
                f"all {len(loaded.scenario.rules)} rules kept ({len(verdict.rows)} rows)",
            ).say(lang)
        )
        return
    print_broken(loaded, verdict, lang)


def print_broken(loaded: Loaded, verdict: Verdict, lang: Language) -> None:
    """The broken rows, with what is missing in each."""
    columns = [
        Text("规则", "Rule"),
        Text("对象", "Where"),
        Text("实际", "Is"),
        Text("", ""),
        Text("要求", "Must be"),
        Text("差额", "Short by"),
    ]
    shown = verdict.broken[:MOST]
    rows = [
        (
            rule_title(loaded, row.rule).say(lang),
            place_label(loaded, row).say(lang),
            money(row.left),
            SENSES[row.sense],
            money(row.right),
            money(-row.slack),
        )
        for row in shown
    ]
    unit, count, every = loaded.scenario.unit, len(verdict.broken), len(verdict.rows)
    title = Text(f"{every} 行中有 {count} 行不符（单位：{unit}）", f"{count} of {every} rows broken ({unit})")
    show_table(title, columns, rows, lang)
    if len(verdict.broken) > len(shown):
        rest = len(verdict.broken) - len(shown)
        line(Text(f"另有 {rest} 行，见 --json", f"{rest} more: see --json").say(lang))


def verdict_json(loaded: Loaded, verdict: Verdict, notices: Sequence[Text]) -> dict[str, Any]:
    """The verdict for machines."""
    return {
        "holds": verdict.holds,
        "rows": len(verdict.rows),
        "rules": len(loaded.scenario.rules),
        "unit": loaded.scenario.unit,
        "broken": [_row(loaded, row) for row in verdict.broken],
        "notices": [{"zh": n.zh, "en": n.en} for n in notices],
    }


def _row(loaded: Loaded, row: Judged) -> dict[str, Any]:
    rules = loaded.scenario.rule_by_id
    name = place_label(loaded, row)
    return {
        "rule": row.rule,
        "clause": rules[row.rule].clause if row.rule in rules else "",
        "where": row.where,
        "name": {"zh": name.zh, "en": name.en},
        "left": money(row.left),
        "sense": row.sense,
        "right": money(row.right),
        "slack": money(row.slack),
    }
