"""The sheet that a meeting edits: amounts by county, stream and use; everything else follows by formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from allocator.text import Text
from reports.meeting.calculation import Calculation
from reports.meeting.columns import COMMITTED, ENTITLEMENT, LAST, TOTAL, YEAR, Column
from reports.meeting.layout import (
    BUDGET,
    CODE,
    FIRST,
    GROUPS,
    KEYS,
    LEFT_OVER,
    NAMES,
    TITLES,
    Layout,
    Line,
)
from reports.meeting.rules import BROKEN, RuleSheet
from reports.meeting.style import (
    CLOSED,
    ERROR,
    GREY_INK,
    HEAD,
    INPUT,
    INPUT_INK,
    SHARE,
    SHARE_PLACES,
    SUBTOTAL,
    Style,
    quoted,
)
from reports.plain_sheet import LONGEST_TEXT
from reports.sheet_sums import sum_formula

LOOKS = {"total": HEAD, "subtotal": SUBTOTAL, "county": ""}


@dataclass(frozen=True)
class MeetingTable:
    """What the writing functions share."""

    sheet: Any
    style: Style
    layout: Layout
    columns: tuple[Column, ...]
    calc: Calculation
    rules: RuleSheet
    due: Callable[[int], str]
    """County → the cell that holds its entitlement."""
    budgets: Mapping[int, str]
    """Stream → what of it is placed, in grains, as a formula."""
    broken: Mapping[int, int]
    """Rows broken as solved, by whom they speak of."""
    first_broken: tuple[Text, ...]
    """Title and place of the first of them; empty where all are kept."""

    def at(self, name: str) -> int:
        """Column of the sheet of a named column; -1 where there is none."""
        found = (k for k, c in enumerate(self.columns) if c.name == name)
        return next((len(NAMES) + k for k in found), -1)

    def values(self, name: str) -> tuple[Fraction | None, ...]:
        """Figures of a named column."""
        return tuple(next(c.values for c in self.columns if c.name == name))


def write_table(table: MeetingTable) -> None:
    """Writes the body and the rows of names, keys and budgets."""
    _names(table)
    for place, column in enumerate(table.columns, start=len(NAMES)):
        _head(table, place, column)
    _groups(table)
    for k, line in enumerate(table.layout.lines):
        _line(table, FIRST + k, line)


def _names(table: MeetingTable) -> None:
    sheet, style = table.sheet, table.style
    for place, (name, key, _) in enumerate(NAMES):
        sheet.merge_range(GROUPS, place, TITLES, place, style.say(name), style.head())
        sheet.write_string(KEYS, place, key, style.formats(num_format=";;;", font_size=6))
    look = style.head(align="left", bg_color=SUBTOTAL)
    for row, text in (
        (BUDGET, Text("预算", "Budget")),
        (LEFT_OVER, Text("未分配", "Left to place")),
    ):
        sheet.merge_range(row, 0, row, len(NAMES) - 1, style.say(text), look)


def _head(table: MeetingTable, place: int, column: Column) -> None:
    sheet, style, report = table.sheet, table.style, table.layout.report
    sheet.write_string(TITLES, place, style.say(column.title), style.head())
    key = column.name if column.kind == "input" else column.key
    sheet.write_string(KEYS, place, key, style.formats(num_format=";;;", font_size=6))
    money = style.cell(num_format=style.money, bg_color=SUBTOTAL, bold=True)
    budgets = report.loaded.problem.budgets
    if column.stream < 0 and column.name != TOTAL:
        for row in (BUDGET, LEFT_OVER):
            sheet.write_blank(row, place, None, style.cell(bg_color=SUBTOTAL))
        return
    budget = sum(budgets, Fraction(0)) if column.name == TOTAL else budgets[column.stream]
    paid = sum((v for v in column.values if v is not None), Fraction(0))
    sheet.write_number(BUDGET, place, float(budget), money)
    cell = xl_rowcol_to_cell(BUDGET, place)
    sums = [table.budgets[s] for s in ([column.stream] if column.stream >= 0 else table.budgets)]
    # from the hidden sheet: the totals below follow the filter
    wrong = quoted(style.say(ERROR))
    formula = f"=IFERROR({cell}-({'+'.join(sums)})/{table.calc.ledger.grain},{wrong})"
    sheet.write_formula(LEFT_OVER, place, formula, money, float(budget - paid))


def _groups(table: MeetingTable) -> None:
    pairs = enumerate(table.columns, start=len(NAMES))
    runs = [list(run) for _, run in groupby(pairs, key=lambda pair: pair[1].group)]
    edges = [run[0][0] for run in runs] + [len(NAMES) + len(table.columns)]
    for run, (first, after) in zip(runs, pairwise(edges), strict=True):
        if after - first > 1:
            table.sheet.merge_range(GROUPS, first, GROUPS, after - 1, "", table.style.head())
        table.sheet.write_string(GROUPS, first, table.style.say(run[0][1].group), table.style.head())


def _line(table: MeetingTable, row: int, line: Line) -> None:
    sheet, style = table.sheet, table.style
    look: dict[str, object] = {} if line.level == "county" else {"bold": True, "bg_color": LOOKS[line.level]}
    for place, name in enumerate(line.names):
        own = look | ({"font_color": GREY_INK} if line.level == "county" and place < 2 else {})
        sheet.write_string(row, place, name[:LONGEST_TEXT], style.cell(**own))
    for place, column in enumerate(table.columns, start=len(NAMES)):
        if column.money:
            _money(table, row, place, column, line, look)
        else:
            _figure(table, row, place, column, line, look)
    if line.level == "county":
        sheet.set_row(row, None, None, {"level": 1})


def _money(
    table: MeetingTable, row: int, place: int, column: Column, line: Line, look: dict[str, object]
) -> None:
    sheet, style = table.sheet, table.style
    shown = style.cell(**look, num_format=style.money)
    total = sum((v for i in line.members if (v := column.values[i]) is not None), Fraction(0))
    if line.level != "county":
        letter = xl_col_to_name(place)
        formula = f"=SUBTOTAL(9,{letter}{line.first + 1}:{letter}{line.last + 1})"
        sheet.write_formula(row, place, formula, shown, float(total))
        return
    (i,) = line.members
    if column.kind == "input":
        _input(table, row, place, column, i)
    elif column.kind == "given":
        value = column.values[i]
        if value is None:
            sheet.write_blank(row, place, None, shown)
        else:
            sheet.write_number(row, place, float(value), shown)
    else:
        sheet.write_formula(row, place, _formula(table, row, column, i), shown, float(total))


def _input(table: MeetingTable, row: int, place: int, column: Column, i: int) -> None:
    style, problem = table.style, table.layout.report.loaded.problem
    s, u = divmod(column.position, problem.shape[2])
    value = column.values[i]
    if problem.open[i, s, u] or value:
        shown = style.cell(num_format=style.money, bg_color=INPUT, font_color=INPUT_INK)
        table.sheet.write_number(row, place, float(value or 0), shown)
    else:
        shown = style.cell(num_format=style.money, bg_color=CLOSED, pattern=1)
        table.sheet.write_blank(row, place, None, shown)


def _formula(table: MeetingTable, row: int, column: Column, i: int) -> str:
    if column.kind == "due":
        return f"={table.due(i)}"
    if column.kind == "moved":
        solved = table.calc.at(table.calc.first + i, table.calc.moved)
        return f"={xl_rowcol_to_cell(row, table.at(TOTAL))}-{solved}"
    return sum_formula(row, map(table.at, column.adds))


def _figure(
    table: MeetingTable, row: int, place: int, column: Column, line: Line, look: dict[str, object]
) -> None:
    """Counts and ratios."""
    sheet, style = table.sheet, table.style
    if column.kind == "broken":
        good, bad = (Text("通过", "kept"), Text("条不通过", "broken"))
        shown = f'[=0]"{style.say(good)}";[Red]0" {style.say(bad)}"'
        owners, flags = table.rules.column(BROKEN - 1), table.rules.column(BROKEN)
        formula = f"=SUM({flags})" if line.level == "total" else f"=SUMIF({owners},{line.owner},{flags})"
        value = sum(table.broken.values()) if line.level == "total" else table.broken.get(line.owner, 0)
        sheet.write_formula(row, place, formula, style.cell(**look, num_format=shown, align="center"), value)
        return
    if column.kind in ("departure", "change"):
        formula, ratio_of = _against(table, row, column, line)
    else:
        formula, ratio_of = _part(table, column, line)
    value_shown: float | str = "" if ratio_of is None else float(ratio_of)
    sheet.write_formula(row, place, formula, style.cell(**look, num_format=SHARE), value_shown)


def _against(table: MeetingTable, row: int, column: Column, line: Line) -> tuple[str, Fraction | None]:
    """Total over entitlement, or the year over last year, less 1; over the counties that have both."""
    now, before = (TOTAL, ENTITLEMENT) if column.kind == "departure" else (_year_name(table), LAST)
    above, below = table.values(now), table.values(before)
    cells = [xl_rowcol_to_cell(row, table.at(name)) for name in (now, before)]
    top = sum((above[i] or Fraction(0) for i in line.members if below[i] is not None), Fraction(0))
    base = sum((below[i] or Fraction(0) for i in line.members), Fraction(0))
    if line.level != "county" and column.kind == "change":
        money, last, codes = (
            f"{xl_col_to_name(place)}{line.first + 1}:{xl_col_to_name(place)}{line.last + 1}"
            for place in (table.at(now), table.at(before), CODE)
        )
        cells[0] = f'SUMPRODUCT(({codes}<>"")*ISNUMBER({last})*{money})'
    # rounded to what is shown: a trace below zero would be a red -0.00%
    found = round(top / base - 1, SHARE_PLACES) if base else None
    return f'=IF({cells[1]}=0,"",ROUND({cells[0]}/{cells[1]}-1,{SHARE_PLACES}))', found


def _year_name(table: MeetingTable) -> str:
    return YEAR if table.at(COMMITTED) >= 0 else TOTAL


def _part(table: MeetingTable, column: Column, line: Line) -> tuple[str, Fraction | None]:
    """One sum of the hidden sheet over another."""
    calc = table.calc
    left, right = (calc.place(k) for k in column.of)
    part = sum(calc.values[column.of[0]][i] for i in line.members)
    if line.level == "county":
        (i,) = line.members
        above, below = calc.at(calc.first + i, left), calc.at(calc.first + i, right)
    elif line.level == "total":
        above, below = calc.at(calc.total, left), calc.at(calc.total, right)
    else:
        of = f"SUMIF({calc.column_range(2)},{-line.owner},"
        above, below = (f"{of}{calc.column_range(k)})" for k in (left, right))
    whole = sum(calc.values[column.of[1]][i] for i in line.members)
    if column.kind == "part":
        below, whole = calc.at(calc.total, right), sum(calc.values[column.of[1]])
    return f'=IF({below}=0,"",{above}/{below})', Fraction(part, whole) if whole else None
