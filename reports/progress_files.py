"""Progress as files: tables, one workbook of them, the chart, and the next county table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from xlsxwriter import Workbook

from allocator.faults import BadInput, Fault, Place
from allocator.names import number, percent
from allocator.progress import Progress
from allocator.progress_periods import Period
from allocator.progress_score import Merged
from allocator.text import Language, Text
from reports.charts.fonts import MissingGlyphs
from reports.charts.progress_chart import Day, ProgressData, Spent, draw_progress
from reports.charts.style import SLIDE, Heading, Size, save
from reports.csv_files import LINE_END, csv_bytes
from reports.plain_sheet import WIDEST, Formats, formats_of, plain_sheet, width_of, write_cell
from reports.progress_period_tables import PERIODS, period_table
from reports.progress_tables import progress_tables
from reports.table import Table
from reports.workbook import CREATED, OPTIONS

SENTENCES = ("list", "text", "reason", "clause", "watched")
"""Columns of a workbook that hold sentences."""
LINE_POINTS = 15
"""Height of a line of the workbook's type."""


def progress_files(
    made: Progress, lang: Language, period: Period | None, size: Size = SLIDE
) -> dict[str, bytes]:
    """Every table as CSV, `progress.xlsx` with all of them, `progress.png` and `.svg`.

    With `period` only that period's table is among them; where no county has money there is no chart.
    """
    wanted = PERIODS if period is None else (period,)
    tables = [*(period_table(made, one, lang) for one in wanted), *progress_tables(made, lang)]
    files = {f"{table.name}.csv": csv_bytes(table) for table in tables}
    files["progress.xlsx"] = _workbook(tables, made.setting.unit, lang)
    if made.ranking:
        pictures = _drawn(made, lang, size)
        files |= {f"progress.{kind}": content for kind, content in pictures.items()}
    return files


def _drawn(made: Progress, lang: Language, size: Size) -> dict[str, bytes]:
    """The chart; raises BadInput where a county's name has a character that no font can draw."""
    try:
        return save(draw_progress(chart_data(made), lang, size))
    except MissingGlyphs as error:
        what = Text(f"图中无法显示的字符：{error.characters}", f"the chart cannot show: {error.characters}")
        fix = Text("请更正旗县名称", "correct the county's name")
        raise BadInput([Fault(Place(column="county"), what, fix)]) from None


def merged_bytes(merged: Merged) -> bytes:
    """The next county table as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=LINE_END)
    writer.writerow(merged.columns)
    writer.writerows(merged.rows)
    return out.getvalue().encode("utf-8-sig")


def _workbook(tables: Sequence[Table], unit: str, lang: Language) -> bytes:
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties({"created": CREATED, "title": "progress", "author": "allocator"})
    formats = formats_of(workbook)
    for table in tables:
        name = table.title.say(lang).split("（")[0].split(" (")[0]
        sheet = workbook.add_worksheet(name[:31])
        plain_sheet(sheet, table, formats, 0, lang)
        _wrap(sheet, table, formats)
        said = Text(f"{table.title.zh}，单位：{unit}", f"{table.title.en}, {unit}").say(lang)
        sheet.set_header(f"&C{said}")
    workbook.close()
    return out.getvalue()


def _wrap(sheet: Any, table: Table, formats: Formats) -> None:
    """Sentences on several lines instead of across the page."""
    style = formats(text_wrap=True, align="left", indent=1)
    places = [place for place, column in enumerate(table.columns) if column.name in SENTENCES]
    for row, cells in enumerate(table.rows, start=2):
        for place in places:
            write_cell(sheet, row, place, cells[place], style)
        # spreadsheets other than Excel do not fit a row's height to wrapped text by themselves
        lines = max((ceil(width_of(str(cells[place])) / (WIDEST - 4)) for place in places), default=1)
        if lines > 1:
            sheet.set_row(row, LINE_POINTS * lines)


def chart_data(made: Progress) -> ProgressData:
    """The chart's data: counties in the order of their ranking."""
    counties = tuple(
        Spent(_one_line(s.county), s.sum.rate or Fraction(0), s.sum.planned or Fraction(0), s.sum.shortfall)
        for s in made.ranking
    )
    course = tuple(
        Day(p.day, p.sum.rate or Fraction(0), p.sum.planned or Fraction(0))
        for p in made.course
        if p.sum.allocated
    )
    day = made.setting.day
    subtitle = Text(
        f"截至 {day}；序时口径：{SCHEDULES[made.setting.schedule.kind].zh}",
        f"As of {day}; schedule: {SCHEDULES[made.setting.schedule.kind].en}",
    )
    heading = Heading(finding(made), subtitle, Text("allocator", "allocator"))
    stepped = made.setting.schedule.kind in ("months", "milestones")
    return ProgressData(heading, made.setting.unit, counties, course, stepped)


def _one_line(name: str) -> str:
    """A name without line breaks and marks that turn or hide it."""
    return "".join(mark if mark.isprintable() else " " for mark in name)


SCHEDULES = {
    "months": Text("满 n 个月应达 n/12", "n/12 after n months"),
    "days": Text("按天", "by the day"),
    "receipt": Text("自收到之日起至年末", "from receipt to the year's end"),
    "milestones": Text("节点表", "milestones"),
}


def finding(made: Progress) -> Text:
    """The rate against the schedule, how many are behind, and who weighs most."""
    total, gap = made.total, made.total.gap or Fraction(0)
    points = number(abs(gap) * 100, 1)
    rate, behind = percent(total.rate or Fraction(0), 1), [s for s in made.ranking if s.sum.shortfall]
    zh = f"支出 {rate}，{'超' if gap >= 0 else '落后'}序时 {points} 个百分点"
    en = f"{rate} spent, {points} points {'ahead of' if gap >= 0 else 'behind'} schedule"
    if not behind:
        return Text(
            f"{zh}，{len(made.ranking)} 个旗县全部达标", f"{en}; all {len(made.ranking)} counties on time"
        )
    worst = max(behind, key=lambda s: (s.contribution, s.code))
    part = percent(worst.contribution, 0)
    name = _one_line(worst.county)
    return Text(
        f"{zh}；{len(behind)} 个旗县未达序时，{name}占缺口的 {part}",
        f"{en}; {len(behind)} counties behind, {name} makes {part} of the gap",
    )
