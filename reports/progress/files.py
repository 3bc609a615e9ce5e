"""Progress as files: tables, one workbook of them, the chart, and the next county table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import ceil
from typing import Any

from xlsxwriter import Workbook

from allocator.progress.periods import Period
from allocator.progress.score import Merged
from allocator.progress.spending import Progress
from allocator.text import Language, Text
from reports.csv_files import LINE_END, csv_bytes
from reports.plain_sheet import WIDEST, Formats, formats_of, plain_sheet, width_of, write_cell
from reports.progress.period_tables import PERIODS, period_table
from reports.progress.tables import progress_tables
from reports.table import Table
from reports.workbook import CREATED, OPTIONS

SENTENCES = ("list", "text", "reason", "clause", "watched")
"""Columns of a workbook that hold sentences."""
LINE_POINTS = 15
"""Height of a line of the workbook's type."""


def progress_files(
    made: Progress, lang: Language, period: Period | None, chart: bool = True
) -> dict[str, bytes]:
    """Every table as CSV, `progress.xlsx` with all of them, and with `chart` `progress.png` and `.svg`.

    With `period` only that period's table is among them; where no county has money there is no chart.
    """
    wanted = PERIODS if period is None else (period,)
    tables = [*(period_table(made, one, lang) for one in wanted), *progress_tables(made, lang)]
    files = {f"{table.name}.csv": csv_bytes(table) for table in tables}
    files["progress.xlsx"] = _workbook(tables, made.setting.unit, lang)
    if chart and made.ranking:
        from reports.progress.picture import drawn  # noqa: PLC0415 - matplotlib may not be installed

        pictures = drawn(made, lang)
        files |= {f"progress.{kind}": content for kind, content in pictures.items()}
    return files


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
