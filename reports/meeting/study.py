"""The sensitivity sheet: what the study found, its tornado as a table, and the charts to see first."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from allocator.numbers import parse_number
from allocator.text import Text
from reports.meeting.pictures import size_of
from reports.meeting.style import CLOSED, GREY_INK, Style, row_height
from reports.plain_sheet import LONGEST_TEXT, print_setup
from reports.report_input import Report
from reports.study.input import StudyChart, StudyFolder
from reports.study.key_charts import key_names

PICTURE_WIDTH = 900
"""Pixels across."""
ROW_PIXELS = 20
COLUMNS = (
    (Text("因素、参数或预算", "Weight, parameter or budget"), "title", 42, ""),
    (Text("现值", "Present"), "present", 9, "General"),
    (Text("改为", "Turned to"), "value", 9, "General"),
    (Text("结果", "Result"), "status", 8, ""),
    (Text("移动资金", "Money moved"), "money_moved", 10, "#,##0.0"),
    (Text("增加旗县", "Counties up"), "counties_up", 9, "0"),
    (Text("减少旗县", "Counties down"), "counties_down", 9, "0"),
    (Text("变动最大", "Largest change of"), "largest_county", 19, ""),
    (Text("变动额", "Largest change"), "largest_change", 11, "+#,##0.0;[Red]-#,##0.0;0"),
)
"""Columns of the tornado: heading, column of tornado.csv, width, number format of numbers."""
STATES = {"solved": Text("有解", "solved"), "infeasible": Text("无解", "impossible")}


def write_study(sheet: Any, report: Report, style: Style) -> None:
    """Writes the sheet; without a study, how to get one."""
    widths = [float(width) for _, _, width, _ in COLUMNS]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, style.say(Text("敏感性", "Sensitivity")), style.title())
    sheet.set_row(0, 26)
    print_setup(sheet, 1, 1, widths, style.lang)
    # page breaks between pictures count only where nothing is fitted
    sheet.set_print_scale(75)
    study = report.study
    if study is None:
        _absent(sheet, style)
        return
    row = _findings(sheet, study, style)
    row = _tornado(sheet, row + 1, study, report, style)
    _pictures(sheet, row + 2, study, style)


def _absent(sheet: Any, style: Style) -> None:
    lines = (
        Text(
            "还没有敏感性研究。先运行下面两行命令，再重新生成本工作簿：",
            "No study yet. Run these, then make this workbook again:",
        ),
        Text(
            "allocator sensitivity 结果文件夹 -o 结果文件夹/sensitivity",
            "allocator sensitivity RESULT -o RESULT/sensitivity",
        ),
        Text("allocator report 结果文件夹 --to xlsx", "allocator report RESULT --to xlsx"),
    )
    for k, text in enumerate(lines):
        sheet.write_string(2 + k, 0, style.say(text), style.formats())


def _findings(sheet: Any, study: StudyFolder, style: Style) -> int:
    """One sentence a chart that is shown below; the next free row."""
    sheet.write_string(
        2, 0, style.say(Text("主要结论", "Key findings")), style.formats(bold=True, font_size=12)
    )
    row = 3
    for chart in key_charts(study):
        _across(sheet, row, f"• {style.say(chart.title)}", style, text_wrap=True)
        row += 1
    return row


def _tornado(sheet: Any, row: int, study: StudyFolder, report: Report, style: Style) -> int:
    """The tornado as a table, largest movement first; the last row written."""
    rows = study.rows("tornado")
    if not rows:
        return row
    unit = report.loaded.scenario.unit
    said = Text(f"逐项变动（金额单位：{unit}）", f"One thing at a time ({unit})")
    sheet.write_string(row, 0, style.say(said), style.formats(bold=True, font_size=12))
    head = row + 1
    for place, (heading, *_) in enumerate(COLUMNS):
        sheet.write_string(head, place, style.say(heading), style.head())
    sheet.set_row(head, 30)
    for k, cells in enumerate(rows, start=head + 1):
        for place, (_, name, _, show) in enumerate(COLUMNS):
            _cell(sheet, k, place, _said(cells, name, style), show, style)
        sheet.set_row(k, row_height([(_said(cells, "title", style), COLUMNS[0][2] - 2)]))
    last = head + len(rows)
    sheet.autofilter(head, 0, last, len(COLUMNS) - 1)
    return last


def _said(cells: Mapping[str, str], name: str, style: Style) -> str:
    if name == "title":
        return cells.get(f"title_{style.lang}", cells.get("path", ""))
    if name == "status":
        state = cells.get("status", "")
        return style.say(STATES[state]) if state in STATES else state
    return cells.get(name, "")


def _cell(sheet: Any, row: int, place: int, text: str, show: str, style: Style) -> None:
    number = parse_number(text) if show else None
    if not text:
        sheet.write_blank(row, place, None, style.cell(bg_color=CLOSED) if show else style.cell())
    elif number is None:
        sheet.write_string(row, place, text[:LONGEST_TEXT], style.cell(indent=1, text_wrap=place == 0))
    else:
        sheet.write_number(row, place, float(number), style.cell(num_format=show))


def key_charts(study: StudyFolder) -> list[StudyChart]:
    """The charts that the sheet shows."""
    by_name = {chart.name: chart for chart in study.charts}
    return [by_name[name] for name in key_names(by_name)]


def _pictures(sheet: Any, row: int, study: StudyFolder, style: Style) -> None:
    """Each under its finding, one below the other."""
    charts = key_charts(study)
    drawn = [study.in_language(chart, "png", style.lang) for chart in charts]
    if None in drawn:
        said = Text("有的图只有英文。", "Some charts are drawn in Chinese alone.")
        sheet.write_string(row, 0, style.say(said), style.formats(font_color=GREY_INK))
        row += 2
    breaks = []
    for chart, own in zip(charts, drawn, strict=True):
        breaks.append(row)
        content = own or study.picture(chart, "png")
        width, height = size_of(content)
        scale = PICTURE_WIDTH / width
        _across(sheet, row, style.say(chart.title), style, bold=True, text_wrap=True)
        options = {
            "image_data": io.BytesIO(content),
            "x_scale": scale,
            "y_scale": scale,
            "object_position": 2,
            "description": f"{style.say(chart.title)} {style.say(chart.subtitle)}"[:1000],
        }
        sheet.insert_image(row + 1, 0, f"{chart.name}.png", options)
        row += 1 + int(height * scale) // ROW_PIXELS + 3
    sheet.set_h_pagebreaks(breaks)
    sheet.print_area(0, 0, row, len(COLUMNS) - 1)


def _across(sheet: Any, row: int, text: str, style: Style, **look: object) -> None:
    """A text over all columns."""
    sheet.merge_range(row, 0, row, len(COLUMNS) - 1, "", style.formats(**look))
    sheet.write_string(row, 0, text[:LONGEST_TEXT], style.formats(**look))
    width = sum(float(width) for _, _, width, _ in COLUMNS)
    sheet.set_row(row, row_height([(text, width)]))
