"""A table as a flat worksheet: one header row, no merged cells, codes as text, amounts as numbers."""

from __future__ import annotations

import io
from decimal import Decimal

from xlsxwriter import Workbook

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text
from reports.plain_sheet import LONGEST_TEXT
from reports.table import Table, written
from reports.workbook import CREATED, OPTIONS

MOST_DIGITS = 15
"""Digits of a number that a spreadsheet keeps."""
MOST_ROWS = 1_048_575
"""Rows of a worksheet below its header."""


def xlsx_bytes(table: Table) -> bytes:
    """The workbook: the same bytes for the same table; raises BadInput where a sheet would lose something."""
    _check(table)
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties({"created": CREATED, "title": table.name, "author": "allocator"})
    sheet = workbook.add_worksheet(table.name)
    text, number = workbook.add_format({"num_format": "@"}), workbook.add_format({"num_format": "General"})
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.name)
        for row, cells in enumerate(table.rows, start=1):
            cell = cells[place]
            if isinstance(cell, int | Decimal):
                sheet.write_number(row, place, float(cell), number)
            elif cell is not None:
                sheet.write_string(row, place, cell, text)
        sheet.set_column(place, place, 14, number if column.kind in ("number", "integer") else text)
    sheet.freeze_panes(1, 0)
    workbook.close()
    return out.getvalue()


def _check(table: Table) -> None:
    """Every cell fits a spreadsheet, exactly."""
    faults = []
    if len(table.rows) > MOST_ROWS:
        what = Text(
            f"行数 {len(table.rows)} 超过工作表上限", f"{len(table.rows)} rows are more than a sheet has"
        )
        faults.append(_fault(Place("xlsx-flat"), what))
    for row, cells in enumerate(table.rows, start=2):
        for column, cell in zip(table.columns, cells, strict=True):
            if isinstance(cell, Decimal) and len(cell.normalize().as_tuple().digits) > MOST_DIGITS:
                what = Text(
                    f"{written(cell)} 超过 15 位有效数字，表格软件会丢失精度",
                    f"{written(cell)} has more than 15 digits, which a spreadsheet loses",
                )
            elif isinstance(cell, str) and len(cell) > LONGEST_TEXT:
                what = Text("文字超过单元格上限", "the text is longer than a cell holds")
            else:
                continue
            faults.append(_fault(Place("xlsx-flat", row, column=column.name), what))
    if faults:
        raise BadInput(faults)


def _fault(place: Place, what: Text) -> Fault:
    return Fault(place, what, Text("请改用 --to csv、parquet 或 sqlite", "use --to csv, parquet or sqlite"))
