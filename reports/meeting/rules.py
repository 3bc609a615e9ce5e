"""The rules sheet: every rule row as a live formula that says kept or broken, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from allocator.text import Text
from reports.meeting.calculation import Calculation
from reports.meeting.cells import MOST
from reports.meeting.checks import Check
from reports.meeting.style import (
    BAD,
    BAD_INK,
    CLOSE,
    ERROR,
    EVEN,
    EVEN_INK,
    FAIL,
    GOOD,
    GOOD_INK,
    GREY_INK,
    PASS,
    SHARE,
    VACUOUS,
    Style,
    quoted,
    range_ref,
    row_height,
)
from reports.plain_sheet import LONGEST_TEXT, money_format, print_setup

SENSES = {">=": "≥", "<=": "≤", "=": "="}
TITLE, COUNT, HEAD, FIRST = 0, 1, 3, 4
"""Rows: title, what is kept and broken, headings, first rule row."""
STATE, RULE, PLACE, ASKED, IS, SENSE, MUST, MARGIN, RATIO, CLAUSE, ID = range(11)
COLUMNS = (
    (Text("结论", "Result"), 11),
    (Text("规则", "Rule"), 21),
    (Text("对象", "Where"), 18),
    (Text("要求", "What is asked"), 37),
    (Text("实际", "Is"), 9),
    (Text("关系", "Sense"), 6),
    (Text("标准", "Must be"), 12),
    (Text("余量", "Margin"), 12),
    (Text("实际比例", "Share"), 9),
    (Text("条款", "Clause"), 24),
    (Text("规则编号", "Rule id"), 16),
)
"""Columns that a reader sees, with their widths."""
LEFT, RIGHT, TIMES, OF_RIGHT, CONSTANT, GAP, OWNER, BROKEN = range(len(COLUMNS), len(COLUMNS) + 8)
HIDDEN = (
    Text("左边合计（最小单位）", "left sum, grains"),
    Text("右边合计（最小单位）", "right sum, grains"),
    Text("左边乘数", "times left"),
    Text("右边乘数", "times right"),
    Text("常数", "constant"),
    Text("差", "gap"),
    Text("归属", "of whom"),
    Text("不通过", "broken"),
)
"""The exact comparison: gap = times left · left − times right · right − constant, 0 or more where kept."""


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """The sheet's name and how many rows it judges."""

    name: str
    count: int

    def column(self, place: int) -> str:
        """All rows of a column, for formulas of any sheet."""
        return range_ref(self.name, (FIRST, place), (FIRST + self.count - 1, place))


def write_rules(sheet: Any, rows: Sequence[Check], calc: Calculation, style: Style) -> None:
    """Writes the sheet."""
    unit = calc.layout.report.loaded.scenario.unit
    title = Text(f"规则核验（单位：{unit}）", f"Rules, row by row ({unit})")
    sheet.write_string(TITLE, 0, style.say(title), style.title())
    _count(sheet, rows, RuleSheet(sheet.get_name(), len(rows)), style)
    _headings(sheet, style)
    for k, check in enumerate(rows):
        _row(sheet, FIRST + k, check, calc, style)
    _colours(sheet, FIRST + len(rows) - 1, style)
    sheet.freeze_panes(FIRST, ASKED)
    sheet.autofilter(HEAD, 0, FIRST + len(rows) - 1, len(COLUMNS) - 1)
    print_setup(sheet, FIRST, ASKED, [float(width) for _, width in COLUMNS], style.lang)


def _headings(sheet: Any, style: Style) -> None:
    for place, (heading, width) in enumerate(COLUMNS):
        sheet.write_string(HEAD, place, style.say(heading), style.head())
        sheet.set_column(place, place, width)
    for place, text in enumerate(HIDDEN, start=len(COLUMNS)):
        sheet.write_string(HEAD, place, style.say(text), style.head())
    sheet.set_column(LEFT, BROKEN, 16, None, {"hidden": True, "level": 1})
    sheet.set_row(TITLE, 26)
    sheet.set_row(HEAD, 22)


def _count(sheet: Any, rows: Sequence[Check], own: RuleSheet, style: Style) -> None:
    """How many rows there are of each kind, live."""
    states = own.column(STATE)
    kept = sum(c.judged.vacuous is None and c.judged.holds for c in rows)
    for place, (label, value) in enumerate(
        (
            (PASS, kept),
            (FAIL, sum(not c.judged.holds for c in rows)),
            (VACUOUS, sum(c.judged.vacuous is not None for c in rows)),
        )
    ):
        said = style.say(label)
        shown = style.formats(num_format=f'"{said}"  0', bold=True, align="left")
        formula = f"=SUM({own.column(BROKEN)})" if label == FAIL else f"=COUNTIF({states},{quoted(said)})"
        sheet.write_formula(COUNT, place, formula, shown, value)
    note = Text(
        "余量为负即不通过，为零即刚好。规则按全年金额计算，含以前批次已下达的资金。",
        "A negative margin breaks the row; zero is just enough. Rules speak of the year's money, "
        "earlier batches included.",
    )
    sheet.write_string(COUNT, ASKED, style.say(note), style.formats(font_color=GREY_INK))


def _row(sheet: Any, row: int, check: Check, calc: Calculation, style: Style) -> None:
    judged, text = check.judged, style.cell(text_wrap=True)
    asked = check.demand
    if judged.vacuous is not None:
        asked = Text(f"{asked.zh}（{judged.vacuous.zh}）", f"{asked.en} ({judged.vacuous.en})")
    texts = {
        RULE: style.say(check.title),
        PLACE: style.say(check.place),
        ASKED: style.say(asked),
        CLAUSE: check.clause[:LONGEST_TEXT],
        ID: judged.rule,
    }
    for place, said in texts.items():
        sheet.write_string(row, place, said, text)
    sheet.set_row(row, row_height((said, COLUMNS[place][1]) for place, said in texts.items()))
    sheet.write_string(row, SENSE, SENSES[judged.sense], style.cell(align="center"))
    _exact(sheet, row, check, calc)
    _state(sheet, row, check, calc, style)
    _figures(sheet, row, check, calc, style)
    sheet.write_number(row, OWNER, check.owner)


def _exact(sheet: Any, row: int, check: Check, calc: Calculation) -> None:
    """The two sums, the whole numbers that they are multiplied by, and the gap."""
    whole = check.whole
    at = {place: f"{xl_col_to_name(place)}{row + 1}" for place in range(LEFT, GAP)}
    left, right = calc.sum_value(whole.left), calc.sum_value(whole.right)
    sheet.write_formula(row, LEFT, f"={_left(check, calc)}", None, left)
    sheet.write_formula(row, RIGHT, f"={calc.sum_formula(whole.right)}", None, right)
    for place, number in (
        (TIMES, whole.times_left),
        (OF_RIGHT, whole.times_right),
        (CONSTANT, whole.constant),
    ):
        sheet.write_number(row, place, number)
    gap = f"{at[TIMES]}*{at[LEFT]}-{at[OF_RIGHT]}*{at[RIGHT]}-{at[CONSTANT]}"
    formula = {">=": f"={gap}", "<=": f"=-({gap})", "=": f"=-ABS({gap})"}[check.judged.sense]
    sheet.write_formula(row, GAP, formula, None, _gap(check, calc))


def _gap(check: Check, calc: Calculation) -> int:
    whole = check.whole
    left, right = calc.sum_value(whole.left), calc.sum_value(whole.right)
    gap = whole.times_left * left - whole.times_right * right - whole.constant
    return gap if check.judged.sense == ">=" else -gap if check.judged.sense == "<=" else -abs(gap)


def _left(check: Check, calc: Calculation) -> str:
    if check.judged.rule == "sign":
        return f'SUMIF({calc.block_range(0)},"<0")*{calc.ledger.grain}'
    if check.judged.rule == "step":
        finer = calc.column_range(calc.rest + 1)
        return f"SUM({calc.column_range(calc.rest)})+SUM({finer})*{calc.ledger.grain}"
    return calc.sum_formula(check.whole.left)


def _state(sheet: Any, row: int, check: Check, calc: Calculation, style: Style) -> None:
    look, gap = style.cell(bold=True, align="center"), f"{xl_col_to_name(GAP)}{row + 1}"
    if check.judged.vacuous is not None:
        sheet.write_string(row, STATE, style.say(VACUOUS), look)
        sheet.write_number(row, BROKEN, 0)
        return
    good, bad, close, wrong = (quoted(style.say(text)) for text in (PASS, FAIL, CLOSE, ERROR))
    value = style.say(PASS if check.judged.holds else FAIL)
    least, said = 0, f"IF({gap}>=0,{good},{bad})"
    if not check.whole.exact:
        # too many digits for a spreadsheet: nearer to the edge than this, it cannot tell
        near = check.whole.largest // MOST + 1
        least, said = -near, f"IF(ABS({gap})<{near},{close},IF({gap}>0,{good},{bad}))"
        value = style.say(CLOSE) if abs(_gap(check, calc)) < near else value
    sheet.write_formula(row, STATE, f"=IF(ISNUMBER({gap}),{said},{wrong})", look, value)
    counted = f"=IF(ISNUMBER({gap}),IF({gap}>={least},0,1),1)"
    sheet.write_formula(row, BROKEN, counted, None, int(not check.judged.holds))


def _figures(sheet: Any, row: int, check: Check, calc: Calculation, style: Style) -> None:
    """What the exact comparison comes to, in the unit."""
    judged, grain = check.judged, calc.ledger.grain
    at = {place: f"{xl_col_to_name(place)}{row + 1}" for place in range(LEFT, BROKEN)}
    finer = style.cell(num_format=money_format(max(2, style.places)))
    own = style.cell(num_format=style.money)
    per = f"({at[TIMES]}*{grain})"
    must = f"=({at[OF_RIGHT]}*{at[RIGHT]}+{at[CONSTANT]})/{per}"
    sheet.write_formula(row, IS, f"={at[LEFT]}/{grain}", own, float(judged.left))
    sheet.write_formula(row, MUST, must, finer, float(judged.right))
    sheet.write_formula(row, MARGIN, f"={at[GAP]}/{per}", finer, float(judged.slack))
    if not check.share:
        sheet.write_blank(row, RATIO, None, style.cell())
        return
    whole = calc.sum_value(check.whole.right)
    value: float | str = calc.sum_value(check.whole.left) / whole if whole else ""
    formula = f'=IF({at[RIGHT]}=0,"",{at[LEFT]}/{at[RIGHT]})'
    sheet.write_formula(row, RATIO, formula, style.cell(num_format=SHARE), value)


def _colours(sheet: Any, last: int, style: Style) -> None:
    state, broken = f"${xl_col_to_name(STATE)}{FIRST + 1}", f"${xl_col_to_name(BROKEN)}{FIRST + 1}"
    margin, sense = (f"${xl_col_to_name(place)}{FIRST + 1}" for place in (MARGIN, SENSE))
    good, bad, even, grey = (
        style.formats(bg_color=back, font_color=ink)
        for back, ink in ((GOOD, GOOD_INK), (BAD, BAD_INK), (EVEN, EVEN_INK), ("#FFFFFF", GREY_INK))
    )
    for first, after, criteria, look in (
        (0, ID, f"={broken}=1", bad),
        (0, ID, f"={state}={quoted(style.say(VACUOUS))}", grey),
        (STATE, STATE, f"={state}={quoted(style.say(PASS))}", good),
        (STATE, STATE, f"={state}={quoted(style.say(CLOSE))}", even),
        (MARGIN, MARGIN, f'=AND({margin}=0,{sense}<>"=")', even),
    ):
        rule = {"type": "formula", "criteria": criteria, "format": look, "stop_if_true": True}
        sheet.conditional_format(FIRST, first, last, after, rule)
