"""After solving: money by stream, rules and how tight, the largest departures, and where the files are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allocator.cli.judgement import print_broken
from allocator.cli.screen import percent, show_table
from allocator.cli.words import line
from allocator.text import Language, Text
from reports.allocation_table import allocation_table
from reports.county_table import county_table
from reports.outcome import Outcome
from reports.run_record import rounding_record, verdict_record
from reports.summary import Departure, RuleLine, StreamLine, summary


def print_summary(outcome: Outcome, out: Path | None, lang: Language) -> None:
    """Prints the summary."""
    scenario = outcome.loaded.scenario
    found = summary(outcome)
    line(scenario.title.text(scenario.name).say(lang))
    line("")
    _streams(found.streams, scenario.unit, lang)
    _rules(found.rules, scenario.unit, lang)
    _departures(found.up + found.down[::-1], scenario.unit, lang)
    _rounding(outcome, lang)
    if not outcome.verdict.holds:
        print_broken(outcome.loaded, outcome.verdict, lang)
        return
    counts = verdict_record(outcome)
    line(
        Text(
            f"核验：{counts['rows']} 行全部符合，{counts['binding']} 行起作用",
            f"Verified: all {counts['rows']} rows hold, {counts['binding']} bind",
        ).say(lang)
    )
    if out is None:
        line(
            Text("没有写出文件；加 -o OUT 写出结果", "Nothing was written; -o OUT writes the result").say(
                lang
            )
        )
    else:
        line(
            Text(f"结果：{out / 'allocation.xlsx'} 等", f"Result: {out / 'allocation.xlsx'} and more").say(
                lang
            )
        )


def _streams(streams: tuple[StreamLine, ...], unit: str, lang: Language) -> None:
    columns = [
        Text("资金", "Stream"),
        Text("预算", "Budget"),
        Text("已分配", "Paid"),
        Text("旗县数", "Counties"),
    ]
    rows = [(s.title.say(lang), s.budget, s.paid, s.counties) for s in streams]
    show_table(Text(f"资金（{unit}）", f"Money ({unit})"), columns, rows, lang)


def _rules(rules: tuple[RuleLine, ...], unit: str, lang: Language) -> None:
    if not rules:
        return
    columns = [
        Text("规则", "Rule"),
        Text("符合", "Kept"),
        Text("起作用", "Binding"),
        Text("最小余量", "Least slack"),
        Text("在", "At"),
    ]
    rows = [
        (r.title.say(lang), f"{r.rows - r.broken}/{r.rows}", r.binding, r.slack, r.where.say(lang))
        for r in rules
    ]
    red = [k for k, r in enumerate(rules) if r.broken]
    show_table(Text(f"规则（{unit}）", f"Rules ({unit})"), columns, rows, lang, red)


def _departures(found: tuple[Departure, ...], unit: str, lang: Language) -> None:
    if not found:
        line(Text("各旗县均得其应得额", "Every county gets its entitlement").say(lang))
        return
    columns = [
        Text("旗县", "County"),
        Text("应得额", "Entitlement"),
        Text("分配额", "Amount"),
        Text("偏离", "Departure"),
        Text("起作用的规则", "Limited by"),
    ]
    passed_on = Text("预算总额", "the budget").say(lang)
    rows = [
        (d.county, d.entitlement, d.amount, percent(d.departure), ", ".join(d.rules) or passed_on)
        for d in found
    ]
    show_table(Text(f"偏离最大的旗县（{unit}）", f"Largest departures ({unit})"), columns, rows, lang)


def _rounding(outcome: Outcome, lang: Language) -> None:
    report, scenario = outcome.allocation.rounding, outcome.loaded.scenario
    line(
        Text(
            f"取整到 {scenario.step} {scenario.unit}：单格最多变动 {report.largest_cell:.6g}，"
            f"单县最多 {report.largest_county:.6g}，合计 {report.total:.6g}",
            f"Rounding to {scenario.step} {scenario.unit}: at most {report.largest_cell:.6g} in a cell, "
            f"{report.largest_county:.6g} in a county, {report.total:.6g} in all",
        ).say(lang)
    )
    for note in report.widened:
        line("  " + note)


def summary_json(outcome: Outcome, out: Path | None, second: Mapping[str, Any] | None) -> dict[str, Any]:
    """The summary, and the tables by county and by cell, for machines."""
    found, scenario = summary(outcome), outcome.loaded.scenario
    return {
        "scenario": scenario.name,
        "unit": scenario.unit,
        "step": scenario.step,
        "out": None if out is None else str(out),
        "verdict": {"holds": outcome.verdict.holds, **verdict_record(outcome)},
        "streams": [_plain(s) for s in found.streams],
        "rules": [_plain(r) for r in found.rules],
        "departures": {"up": [_plain(d) for d in found.up], "down": [_plain(d) for d in found.down]},
        "rounding": rounding_record(outcome),
        "certified": second,
        "notices": [{"zh": n.zh, "en": n.en} for n in outcome.loaded.notices],
        "counties": county_table(outcome).records(),
        "allocation": allocation_table(outcome).records(),
    }


def _plain(value: StreamLine | RuleLine | Departure) -> dict[str, Any]:
    return {
        key: {"zh": held.zh, "en": held.en} if isinstance(held := getattr(value, key), Text) else held
        for key in asdict(value)
    }
