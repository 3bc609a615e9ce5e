"""Around the sheet that a meeting edits: title, live verdict, colours, what may be typed, print setup."""

from __future__ import annotations

from collections.abc import Iterator

from xlsxwriter.utility import xl_col_to_name

from allocator.text import Text
from reports.meeting.columns import Column
from reports.meeting.layout import (
    BUDGET,
    FIRST,
    GROUPS,
    KEYS,
    LEFT_OVER,
    NAMES,
    STATUS,
    TITLE,
    TITLES,
    UNIT,
)
from reports.meeting.rules import BROKEN, PLACE, RULE
from reports.meeting.style import (
    BAD,
    BAD_INK,
    CHANGED,
    GOOD,
    GOOD_INK,
    GREY_INK,
    INPUT,
    INPUT_INK,
    quoted,
)
from reports.meeting.table import MeetingTable
from reports.plain_sheet import LONGEST_TEXT, print_setup, width_of

HEIGHTS = ((TITLE, 26), (UNIT, 17), (STATUS, 20), (GROUPS, 18), (TITLES, 30), (BUDGET, 16), (LEFT_OVER, 16))


def write_frame(table: MeetingTable) -> None:
    """Everything but the table itself."""
    sheet, last = table.sheet, table.layout.last
    right = len(NAMES) + len(table.columns) - 1
    _title(table)
    _status(table)
    for row, height in HEIGHTS:
        sheet.set_row(row, height)
    sheet.set_row(KEYS, 14)
    widths = _widths(table)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.outline_settings(symbols_below=False)
    sheet.freeze_panes(FIRST + 1, len(NAMES))
    sheet.autofilter(KEYS, 0, last, right)
    _colours(table)
    _typing(table)
    print_setup(sheet, FIRST, len(NAMES), widths, table.style.lang)
    sheet.print_area(0, 0, last, right)


def _title(table: MeetingTable) -> None:
    sheet, style, scenario = table.sheet, table.style, table.layout.report.loaded.scenario
    sheet.write_string(TITLE, 0, style.say(scenario.title.text(scenario.name)), style.title())
    unit = Text(f"单位：{scenario.unit}", f"Unit: {scenario.unit}")
    sheet.write_string(UNIT, 0, style.say(unit), style.formats())
    key = style.cell(bg_color=INPUT, font_color=INPUT_INK, align="center")
    sheet.write_string(UNIT, len(NAMES), style.say(Text("可修改", "to edit")), key)
    changed = style.cell(bg_color=CHANGED, align="center", bold=True)
    sheet.write_string(UNIT, len(NAMES) + 1, style.say(Text("已改动", "edited")), changed)
    hint = Text(
        "改动黄色单元格，合计、占比和规则核验随即更新；改后另存，用 allocator verify 精确核验。",
        "Edit a yellow cell: totals, shares and rules follow. Save a copy; allocator verify judges it.",
    )
    sheet.write_string(UNIT, len(NAMES) + 2, style.say(hint), style.formats(font_color=GREY_INK))


def _status(table: MeetingTable) -> None:
    """One line that says what the edited table breaks, first of all."""
    style, rules = table.style, table.rules
    flags = rules.column(BROKEN)
    fine = Text(f"规则核验：{rules.count} 行全部符合", f"All {rules.count} rule rows kept")
    count = (Text("规则核验：", ""), Text(" 行不通过，首先是 ", " rule rows broken, the first: "))
    first = f"MATCH(1,{flags},0)"
    named = f'INDEX({rules.column(RULE)},{first})&" · "&INDEX({rules.column(PLACE)},{first})'
    opening = f"{quoted(style.say(count[0]))}&" if style.say(count[0]) else ""
    broken = f"{opening}SUM({flags})&{quoted(style.say(count[1]))}&{named}"
    wrong = table.calc.wrong
    said = (
        Text("数据有误：", "Bad figures: "),
        Text(" 个金额单元格不是数字", " amount cell(s) hold no number"),
    )
    counted = f"{quoted(style.say(said[0]))}&{wrong}&{quoted(style.say(said[1]))}"
    formula = f"=IF({wrong}>0,{counted},IF(SUM({flags})=0,{quoted(style.say(fine))},{broken}))"
    look = style.formats(bold=True, font_size=12, align="left", valign="vcenter", border=1)
    sheet = table.sheet
    sheet.merge_range(STATUS, 0, STATUS, min(15, len(NAMES) + len(table.columns) - 1), "", look)
    value = style.say(fine)
    if table.first_broken:
        first_of_all = " · ".join(style.say(text) for text in table.first_broken)
        value = f"{style.say(count[0])}{sum(table.broken.values())}{style.say(count[1])}{first_of_all}"
    sheet.write_formula(STATUS, 0, formula, look, value[:LONGEST_TEXT])


def _widths(table: MeetingTable) -> list[float]:
    """Width of every column, wide enough for its grand total."""
    found: list[float] = [width for _, _, width in NAMES]
    lang, places = table.style.lang, table.style.places
    for column in table.columns:
        figure = 9
        if column.money:
            total = sum(v for v in column.values if v is not None)
            figure = len(f"{int(total):,}") + (places + 1 if places else 0)
        alone = sum(c.group == column.group for c in table.columns) == 1
        group = width_of(column.group.say(lang)) if alone else 0
        heading = max(width_of(column.title.say(lang)), group)
        found.append(float(max(figure + 2, min(heading + 2, 12))))
    return found


def _colours(table: MeetingTable) -> None:
    sheet, style, last = table.sheet, table.style, table.layout.last
    good = style.formats(bg_color=GOOD, font_color=GOOD_INK)
    bad = style.formats(bg_color=BAD, font_color=BAD_INK)
    changed = style.formats(bg_color=CHANGED, bold=True)
    broken = f"SUM({table.rules.column(BROKEN)})"
    for criteria, look in ((f"={broken}=0", good), (f"={broken}>0", bad)):
        sheet.conditional_format(
            STATUS, 0, STATUS, 0, {"type": "formula", "criteria": criteria, "format": look}
        )
    for place, column in enumerate(table.columns, start=len(NAMES)):
        letter = xl_col_to_name(place)
        if column.kind == "broken":
            rule = {"type": "cell", "criteria": ">", "value": 0, "format": bad}
            sheet.conditional_format(FIRST, place, last, place, rule)
        if column.kind == "input":
            cell = f"{letter}{FIRST + 1}"
            wrong = f"=OR(ISTEXT({cell}),ISLOGICAL({cell}),ISERROR({cell}))"
            rule = {"type": "formula", "criteria": wrong, "format": bad, "stop_if_true": True}
            sheet.conditional_format(FIRST, place, last, place, rule)
            for first, after in _closed(table, column):
                rule = {"type": "cell", "criteria": "!=", "value": 0, "format": bad, "stop_if_true": True}
                sheet.conditional_format(first, place, after, place, rule)
            rule = {"type": "formula", "criteria": _edited(table, letter, column), "format": changed}
            sheet.conditional_format(FIRST, place, last, place, rule)
        if column.stream >= 0 or column.name == "total":
            rule = {"type": "cell", "criteria": "!=", "value": 0, "format": bad}
            sheet.conditional_format(LEFT_OVER, place, LEFT_OVER, place, rule)


def _closed(table: MeetingTable, column: Column) -> Iterator[tuple[int, int]]:
    """Runs of rows whose cells must stay empty: first and last."""
    problem = table.layout.report.loaded.problem
    s, u = divmod(column.position, problem.shape[2])
    closed = (i for i in range(len(problem.counties)) if not problem.open[i, s, u])
    rows = sorted(table.layout.row_of[i] for i in closed)
    starts = [row for k, row in enumerate(rows) if not k or rows[k - 1] != row - 1]
    ends = [row for k, row in enumerate(rows) if k == len(rows) - 1 or rows[k + 1] != row + 1]
    yield from zip(starts, ends, strict=True)


def _edited(table: MeetingTable, letter: str, column: Column) -> str:
    """Whether an input is no longer as solved."""
    calc = table.calc
    solved = calc.block(2) + calc.ledger.shown.index(column.position)
    row = f"MATCH($B{FIRST + 1},{calc.column_range(0)},0)"
    return f"=IFERROR({letter}{FIRST + 1}<>INDEX({calc.column_range(solved)},{row}),FALSE)"


def _typing(table: MeetingTable) -> None:
    """Numbers alone may be typed into the inputs."""
    said = Text("请填写数字", "enter a number")
    rule = {
        "validate": "decimal",
        "criteria": "between",
        "minimum": -1e12,
        "maximum": 1e12,
        "error_title": table.style.say(Text("不是数字", "No number")),
        "error_message": table.style.say(said),
    }
    for place, column in enumerate(table.columns, start=len(NAMES)):
        if column.kind == "input":
            table.sheet.data_validation(FIRST, place, table.layout.last, place, rule)
