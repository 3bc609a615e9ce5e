"""allocation.xlsx: the tables as sheets, and the one that a meeting reads first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from xlsxwriter import Workbook

from allocator.input.result_layout import LONG_SHEET, PIVOT_SHEETS, SOLVED
from allocator.text import Language, Text
from reports.outcome import Outcome
from reports.pivot_sheet import pivot_sheet
from reports.plain_sheet import Formats, formats_of, plain_sheet, write_cell
from reports.rules_table import place_label, rule_title
from reports.table import Table, text_column

CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Stands in every file, so that equal input gives equal bytes."""

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def workbook_bytes(outcome: Outcome, tables: Sequence[Table], lang: Language) -> bytes:
    """The workbook. `tables` are allocation, counties, rules and formula."""
    allocation, counties, rules, formula = tables
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties(
        {"created": CREATED, "title": outcome.loaded.scenario.name, "author": "allocator"}
    )
    workbook.set_calc_mode("auto")
    formats = formats_of(workbook)
    pivot_sheet(workbook.add_worksheet(PIVOT_SHEETS[lang]), outcome, formats, lang)
    for name, table in (
        (Text("旗县", "Counties"), counties),
        (Text("规则核验", "Rules"), _readable(rules, outcome, lang)),
        (Text("因素测算", "Formula"), formula),
    ):
        plain_sheet(workbook.add_worksheet(name.say(lang)), table, formats, outcome.places, lang)
    _long_sheet(workbook.add_worksheet(LONG_SHEET), allocation, formats)
    workbook.close()
    return out.getvalue()


def _readable(rules: Table, outcome: Outcome, lang: Language) -> Table:
    """Rule rows with titles and names beside ids and codes, and why a row asks for nothing."""
    loaded, judged = outcome.loaded, outcome.verdict.rows
    title = text_column("title", Text("规则名称", "Title"), Text("规则名称", "Title of the rule"))
    place = text_column("name", Text("对象名称", "Name"), Text("对象名称", "Name of whom the row speaks of"))
    why = text_column(
        "reason", Text("不适用原因", "Reason"), Text("不适用的原因", "Why the row asks for nothing")
    )
    rows = []
    for row, cells in zip(judged, rules.rows, strict=True):
        name = rule_title(loaded, row.rule).say(lang)
        note = row.vacuous.say(lang) if row.vacuous else None
        rows.append(
            (cells[0], name, cells[1], cells[2], place_label(loaded, row).say(lang), *cells[3:], note)
        )
    first, clause, where, *rest = rules.columns
    return replace(rules, columns=(first, title, clause, where, place, *rest, why), rows=tuple(rows))


def _long_sheet(sheet: Any, table: Table, formats: Formats) -> None:
    """The result format, hidden: read by machines, and by `verify` beside the table that people edit.

    The column `solved` keeps the amount as solved, which tells which sheet was edited.
    """
    for place, name in enumerate((*table.header, SOLVED)):
        sheet.write_string(0, place, name, formats(bold=True))
    amount, style = table.header.index("amount"), formats()
    for row, cells in enumerate(table.rows, start=1):
        for place, cell in enumerate((*cells, cells[amount])):
            write_cell(sheet, row, place, cell, style)
    sheet.freeze_panes(1, 0)
    sheet.hide()
