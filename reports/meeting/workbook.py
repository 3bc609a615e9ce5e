"""workbook.xlsx: amounts to edit in the meeting, with totals, entitlement and every rule as live formulas."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook

from allocator.text import Language
from reports.meeting.calculation import Calculation, write_calculation
from reports.meeting.cells import make_ledger
from reports.meeting.checks import Check, checks
from reports.meeting.columns import Column, table_columns
from reports.meeting.factor_columns import FIRST
from reports.meeting.factor_sheet import write_factors
from reports.meeting.factors import FactorSheet, factor_sheet
from reports.meeting.frame import write_frame
from reports.meeting.layout import NAMES, Layout
from reports.meeting.notes import write_notes
from reports.meeting.pictures import unstretched
from reports.meeting.rules import RuleSheet, write_rules
from reports.meeting.study import write_study
from reports.meeting.style import CALCULATION, FACTORS, NOTES, RULES, STUDY, TABLE, Style, cell_ref
from reports.meeting.table import MeetingTable, write_table
from reports.plain_sheet import formats_of
from reports.report_input import Report
from reports.workbook import CREATED, OPTIONS

NAME = "workbook.xlsx"
SHEETS = (TABLE, FACTORS, RULES, STUDY, NOTES, CALCULATION)


@dataclass(frozen=True)
class Plan:
    """Everything that follows from the report before a cell is written."""

    layout: Layout
    columns: tuple[Column, ...]
    rows: tuple[Check, ...]
    calc: Calculation
    factors: FactorSheet


def workbook_files(report: Report, lang: Language) -> dict[str, bytes]:
    """The workbook by its name; the same report gives the same bytes."""
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    scenario = report.loaded.scenario
    workbook.set_properties({"created": CREATED, "title": scenario.name, "author": "allocator"})
    workbook.set_calc_mode("auto")
    style = Style(formats_of(workbook), lang, report.places)
    plan = make_plan(report, lang)
    sheets = {name: workbook.add_worksheet(name.say(lang)) for name in SHEETS}
    _table(sheets[TABLE], plan, style)
    write_factors(sheets[FACTORS], plan.factors, report, style)
    write_rules(sheets[RULES], plan.rows, plan.calc, style)
    write_study(sheets[STUDY], report, style)
    write_notes(sheets[NOTES], report, plan.calc.ledger, style)
    write_calculation(sheets[CALCULATION], plan.calc, style)
    workbook.close()
    content = out.getvalue()
    return {NAME: content if report.study is None else unstretched(content)}


def make_plan(report: Report, lang: Language) -> Plan:
    """Columns, rule rows and the sums that they need."""
    layout = Layout(report, lang)
    rows = [row for own in report.loaded.rows.values() for row in own]
    ledger = make_ledger(report.loaded.problem, rows, layout.shown)
    found = tuple(checks(report, ledger))
    columns = tuple(table_columns(layout, ledger))
    inputs = tuple(len(NAMES) + k for k, c in enumerate(columns) if c.kind == "input")
    calc = Calculation(layout, ledger, CALCULATION.say(lang), TABLE.say(lang), inputs)
    return Plan(layout, columns, found, calc, factor_sheet(report))


def _table(sheet: Any, plan: Plan, style: Style) -> None:
    lang, factors = style.lang, plan.factors
    table = MeetingTable(
        sheet,
        style,
        plan.layout,
        plan.columns,
        plan.calc,
        RuleSheet(RULES.say(lang), len(plan.rows)),
        lambda i: cell_ref(FACTORS.say(lang), FIRST + i, factors.entitlement),
        _budgets(plan),
        Counter(check.owner for check in plan.rows if not check.judged.holds),
        _first_broken(plan.rows),
    )
    write_table(table)
    write_frame(table)


def _budgets(plan: Plan) -> Mapping[int, str]:
    """Stream → what of it is placed, as a formula in grains."""
    names = plan.layout.report.loaded.problem.stream_names
    return {
        names.index(check.judged.where): plan.calc.sum_formula(check.whole.left)
        for check in plan.rows
        if check.judged.rule == "budget"
    }


def _first_broken(rows: Sequence[Check]) -> tuple[Any, ...]:
    found = next((check for check in rows if not check.judged.holds), None)
    return () if found is None else (found.title, found.place)
