"""Writes the factor sheet."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from allocator.text import Text
from reports.meeting.entitlement import MONEY
from reports.meeting.factor_columns import (
    FACTORS,
    FIRST,
    GROUPS,
    HEAD,
    NAMES,
    NOTE,
    SET,
    SUMS,
    TITLE,
    FactorColumn,
)
from reports.meeting.factors import FactorSheet
from reports.meeting.style import CLOSED, GREY_INK, INPUT, INPUT_INK, SUBTOTAL, Style
from reports.plain_sheet import LONGEST_TEXT, print_setup, width_of
from reports.report_input import Report

WIDTH = 12.0


def write_factors(sheet: Any, made: FactorSheet, report: Report, style: Style) -> None:
    """Writes the sheet."""
    unit = report.loaded.scenario.unit
    title = Text(f"因素测算（金额单位：{unit}）", f"The formula, factor by factor ({unit})")
    sheet.write_string(TITLE, 0, style.say(title), style.title())
    sheet.write_string(NOTE, 0, style.say(_note(made)), style.formats(font_color=GREY_INK))
    _names(sheet, report, style)
    _headings(sheet, made, style)
    for place, column in enumerate(made.board.columns, start=len(NAMES)):
        _column(sheet, made, place, column, style)
    widths = [float(width) for _, width in NAMES] + [_width(c, style) for c in made.board.columns]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    for row, height in ((TITLE, 26), (FACTORS, 18), (HEAD, 44)):
        sheet.set_row(row, height)
    sheet.freeze_panes(FIRST, len(NAMES))
    sheet.autofilter(HEAD, 0, made.board.last, len(widths) - 1)
    print_setup(sheet, FIRST, len(NAMES), widths, style.lang)


def _note(made: FactorSheet) -> Text:
    zh = "由原始数据按公式重算；权重、预算（黄色）和原始数据可改，应得额随即更新，分配额不会重新求解。"
    en = (
        "Computed from the raw columns. Weights, budgets (yellow) and raw figures may be edited: "
        "the entitlement follows; amounts are not solved anew."
    )
    if made.given:
        zh += f"以数值列出、不随之更新：{'、'.join(text.zh for text in made.given)}。"
        en += f" Given as values, which do not follow: {', '.join(text.en for text in made.given)}."
    return Text(zh, en)


def _names(sheet: Any, report: Report, style: Style) -> None:
    known = report.loaded.counties
    for place, (name, _) in enumerate(NAMES):
        sheet.merge_range(GROUPS, place, FACTORS, place, "", style.head())
        sheet.write_string(HEAD, place, style.say(name), style.head())
    look = style.head(align="left", bg_color=SUBTOTAL)
    for row, text in (
        (SET, Text("权重、预算、参照值", "Weights, budgets, references")),
        (SUMS, Text("合计", "Total")),
    ):
        sheet.merge_range(row, 0, row, len(NAMES) - 1, style.say(text), look)
    for i, names in enumerate(zip(known.prefectures, known.codes, known.names, strict=True)):
        for place, said in enumerate(names):
            own = {"font_color": GREY_INK} if place < 2 else {}
            sheet.write_string(FIRST + i, place, said[:LONGEST_TEXT], style.cell(**own))


def _headings(sheet: Any, made: FactorSheet, style: Style) -> None:
    pairs = list(enumerate(made.board.columns, start=len(NAMES)))
    for group, run in groupby(pairs, key=lambda pair: pair[1].group):
        _merged(sheet, GROUPS, [place for place, _ in run], style.say(group), style)
    for (_, factor), own in groupby(pairs, key=lambda pair: (pair[1].group, pair[1].factor)):
        _merged(sheet, FACTORS, [place for place, _ in own], style.say(factor), style)


def _merged(sheet: Any, row: int, places: list[int], text: str, style: Style) -> None:
    if len(places) > 1:
        sheet.merge_range(row, places[0], row, places[-1], "", style.head())
    sheet.write_string(row, places[0], text, style.head())


def _column(sheet: Any, made: FactorSheet, place: int, column: FactorColumn, style: Style) -> None:
    sheet.write_string(HEAD, place, style.say(column.title), style.head())
    _setting(sheet, place, column, style)
    numbers = [v for v in column.values if isinstance(v, float)]
    sums = style.cell(num_format=column.show, bg_color=SUBTOTAL, bold=True)
    if column.adds:
        sheet.write_formula(SUMS, place, f"=SUM({made.board.all_of(place)})", sums, sum(numbers))
    else:
        sheet.write_blank(SUMS, place, None, sums)
    own = {} if column.formula is not None else {"font_color": INPUT_INK}
    shown, text = style.cell(num_format=column.show, **own), style.cell(**own)
    blank = style.cell(bg_color=CLOSED)
    for i, value in enumerate(column.values):
        row = FIRST + i
        if value is None:
            sheet.write_blank(row, place, None, blank if column.formula is not None else shown)
        elif column.formula is not None:
            sheet.write_formula(row, place, column.formula(row), shown, value)
        elif isinstance(value, float):
            sheet.write_number(row, place, value, shown)
        else:
            sheet.write_string(row, place, value[:LONGEST_TEXT], text)


def _setting(sheet: Any, place: int, column: FactorColumn, style: Style) -> None:
    value = column.setting
    if value is None:
        sheet.write_blank(SET, place, None, style.cell(bg_color=SUBTOTAL))
    elif isinstance(value, tuple):
        formula, number = value
        shown = style.cell(num_format=column.show, bg_color=SUBTOTAL, bold=True)
        sheet.write_formula(SET, place, formula, shown, number)
    else:
        look = {"bg_color": INPUT, "font_color": INPUT_INK, "bold": True}
        share = "%" in column.show
        number_format = "0.0#%" if share else column.show
        sheet.write_number(SET, place, float(value), style.cell(num_format=number_format, **look))


def _width(column: FactorColumn, style: Style) -> float:
    """Wide enough for the sum above and for the longest word of the heading."""
    numbers = [abs(v) for v in column.values if isinstance(v, float)]
    total = sum(numbers) if column.adds else max(numbers, default=0.0)
    decimals = 3 if column.show == MONEY else 7 if any(v != int(v) for v in numbers) else 0
    shown = 9 if "%" in column.show else len(f"{int(total):,}") + decimals
    words = max((width_of(v) for v in column.values if isinstance(v, str)), default=0)
    heading = style.say(column.title)
    longest = max(width_of(word) for word in heading.replace("；", " ").split() or [""])
    wrapped = width_of(heading) / 2 if longest > WIDTH and not heading.isascii() else longest
    return float(min(26, max(9, shown + 2, words + 2, wrapped + 2)))
