"""The tables behind the charts, as the page shows them when one is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from allocator.text import Text
from reports.csv_files import CsvRows
from reports.page.chart_words import (
    CHANCES,
    COLUMNS,
    FLAGS,
    FRONTIER_FLAGS,
    LEFT_OUT,
    MARKED,
    MARKS,
    SETTINGS,
    YES_OR_NO,
)
from reports.page.words import amount, points
from reports.report_input import Report
from reports.study.input import StudyChart, StudyFolder

LARGE = 100
"""Numbers from here on are shown with one place, smaller ones with two, those below 1 with four."""
TENTH = Decimal("0.1")
PREFECTURES = "-prefectures"
Cell = str | list[str]
"""A text, or one in each language."""


def chart_tables(report: Report, study: StudyFolder) -> dict[str, dict[str, Any]]:
    """Name of the chart → `head` and `rows`; a chart without a table behind it has no entry."""
    read: dict[str, CsvRows] = {}
    sweeps: dict[str, list[Mapping[str, str]]] = {}
    found = {}
    for chart in study.charts:
        if chart.table not in read:
            read[chart.table] = study.rows(chart.table)
            if chart.table == "sweeps":
                for row in read[chart.table]:
                    sweeps.setdefault(row["path"], []).append(row)
        rows: Iterable[Mapping[str, str]] = read[chart.table]
        if chart.table == "sweeps":
            table = _sweep(sweeps.get(_swept(chart), ()), chart.name.endswith(PREFECTURES))
        else:
            table = _tidy(report, [row for row in rows if _belongs(row, chart)])
        if table["rows"]:
            found[chart.name] = table
    return found


def _swept(chart: StudyChart) -> str:
    """The path that a chart of a sweep draws."""
    kind, _, rest = chart.name.removesuffix(PREFECTURES).partition("-")
    return f"formulas.{rest}.weight" if kind == "weight" else f"rules.{rest}"


def _belongs(row: Mapping[str, str], chart: StudyChart) -> bool:
    first, _, rest = chart.name.partition("-")
    if first in ("winners", "map"):
        return row["against"].replace("_", "-") == rest
    return first != "frontier" or row["parameter"] == f"rules.{rest}"


def _sweep(rows: Iterable[Mapping[str, str]], by_prefecture: bool) -> dict[str, Any]:
    """Counties or prefectures down, values across; a value without a solution says so."""
    values: dict[str, None] = {}
    sums: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for row in rows:
        values.setdefault(row["value"])
        if row["code"]:
            key = (row["prefecture"],) if by_prefecture else (row["code"], row["county"], row["prefecture"])
            own = sums.setdefault(key, {})
            if row["amount"]:
                own[row["value"]] = own.get(row["value"], Decimal(0)) + Decimal(row["amount"])
    names = ("prefecture",) if by_prefecture else ("code", "county", "prefecture")
    none = list(MARKS["infeasible"])
    return {
        "head": [*(list(COLUMNS[name]) for name in names), *values],
        "rows": [
            [*key, *(_tenths(own[value]) if value in own else none for value in values)]
            for key, own in sums.items()
        ],
    }


def _tenths(value: Decimal) -> str:
    """Money before rounding, to one place."""
    return f"{value.quantize(TENTH, ROUND_HALF_UP):,f}".replace("-", "−")


def _tidy(report: Report, rows: list[Mapping[str, str]]) -> dict[str, Any]:
    """Rows as they stand, with headings and marks in words, without columns for machines."""
    if not rows:
        return {"head": [], "rows": []}
    names = [name for name in rows[0] if name not in LEFT_OUT]
    titled = "title_zh" in rows[0]
    head: list[Cell] = [list(COLUMNS["lever"])] if titled else []
    head += [_heading(report, name) for name in names]
    body = []
    for row in rows:
        lever: list[Cell] = [[row["title_zh"], row["title_en"]]] if titled else []
        body.append([*lever, *(_cell(report, name, row) for name in names)])
    return {"head": head, "rows": body}


def _heading(report: Report, name: str) -> Cell:
    average = name.removeprefix("average_change_")
    if average != name:
        group = report.loaded.names.group(average)
        return [f"{group.zh}平均变动", f"Average change, {group.en}"]
    return list(COLUMNS.get(name, Text(name, name)))


def _cell(report: Report, name: str, row: Mapping[str, str]) -> Cell:
    value = row[name]
    if "knee" in row and name in FRONTIER_FLAGS:
        return list(YES_OR_NO["1"]) if value == "1" else ""
    if name in MARKED and value in MARKS:
        return list(MARKS[value])
    if name in FLAGS and value in YES_OR_NO:
        return list(YES_OR_NO[value])
    if name == "parameter" and "rule" in row:
        return list(_parameter(report, row["rule"], value))
    if name == "name" and row.get("level") == "group":
        return list(report.loaded.names.group(value))
    if name in ("rule", "parameter", "group"):
        return list(_called(report, value))
    if name in ("code", "county", "prefecture", "name", "largest_county"):
        return value
    return _number(value, name in CHANCES, name in SETTINGS)


def _called(report: Report, path: str) -> Text:
    """Title of a rule, formula or parameter; the path itself where it is none."""
    scenario = report.loaded.scenario
    head, _, rest = path.partition(".")
    rule, _, key = rest.partition(".") if head == "rules" else (path, "", "")
    if rule in scenario.rule_by_id:
        title = scenario.rule_by_id[rule].text
        knob = _parameter(report, rule, key)
        return Text(f"{title.zh}：{knob.zh}", f"{title.en}: {knob.en}") if key else title
    if head == "formulas" and rest in scenario.formulas:
        streams = [s.title.text(name) for name, s in scenario.streams.items() if s.formula == rest]
        return Text(
            f"权重：{'、'.join(t.zh for t in streams)}", f"weights: {', '.join(t.en for t in streams)}"
        )
    return Text("各项预算", "budgets") if path == "streams" else Text(path, path)


def _parameter(report: Report, rule: str, key: str) -> Text:
    """Title of a rule's parameter; its key where the rule knows no such one."""
    scenario = report.loaded.scenario
    knobs = scenario.rule_by_id[rule].knobs(scenario.year) if rule in scenario.rule_by_id else ()
    return next((knob.title for knob in knobs if knob.key == key), Text(key, key))


def _number(value: str, chance: bool, setting: bool) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    if chance:
        return points(Fraction(number))
    # what a parameter is set to is told as finely as it was found: fewer places could name the wrong side
    places = 1 if abs(number) >= LARGE else 2 if abs(number) >= 1 and not setting else 4
    shown = amount(Fraction(number), places)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
