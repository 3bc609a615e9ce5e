"""A table as a worksheet: titled header, typed cells, frozen and filtered."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

from allocator.text import Language, Text
from reports.table import Cell, Column, Table

LONGEST_TEXT = 32_767
"""What a spreadsheet cell holds."""

WIDEST = 40
"""Columns stay narrower than this, in characters of the default font."""

PAGE_WIDTH = 175
"""Characters across an A4 page in landscape that can still be read."""

Formats = Callable[..., Any]
"""Properties → the workbook's format with them, each made once."""


def formats_of(workbook: Any) -> Formats:
    """Formats of a workbook, made once for each set of properties."""
    made: dict[tuple[tuple[str, object], ...], Any] = {}

    def get(**properties: object) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in made:
            made[key] = workbook.add_format({"font_name": "Microsoft YaHei", "font_size": 10, **properties})
        return made[key]

    return get


def money_format(places: int) -> str:
    """Thousands separated, negative amounts red, a dash for nothing."""
    shown = "#,##0" + ("." + "0" * places if places else "")
    return f"{shown};[Red]-{shown};\\–"


def number_format(column: Column, places: int) -> str:
    """How a spreadsheet shows a column's numbers."""
    return {
        "money": money_format(places),
        "share": "0.00%",
        "count": "0",
        "plain": "General",
        "text": "@",
    }[column.show]


def width_of(text: str) -> int:
    """Width in characters; a Chinese one counts twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def write_cell(sheet: Any, row: int, place: int, cell: Cell, style: Any) -> None:
    """One cell; text always as text, whatever it starts with."""
    if cell is None or cell == "":
        sheet.write_blank(row, place, None, style)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(row, place, float(cell), style)
    else:
        sheet.write_string(row, place, cell[:LONGEST_TEXT], style)


def print_setup(sheet: Any, header_rows: int, names: int, widths: Sequence[float], lang: Language) -> None:
    """A4 landscape, as many pages wide as stay legible; header and names on every page, numbered."""
    kept = sum(widths[:names])
    across = max(1, ceil((sum(widths) - kept) / max(30, PAGE_WIDTH - kept)))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(across, 0)
    sheet.print_across()
    sheet.repeat_rows(0, header_rows - 1)
    if across > 1:
        sheet.repeat_columns(0, names - 1)
    sheet.set_footer("&C第 &P 页，共 &N 页" if lang == "zh" else "&CPage &P of &N")


def plain_sheet(sheet: Any, table: Table, formats: Formats, places: int, lang: Language) -> None:
    """The table under titles in `lang`; row 2 holds the names of the CSV's columns."""
    header = formats(
        bold=True, bg_color="#DCE6F1", border=1, text_wrap=True, valign="vcenter", align="center"
    )
    keys = formats(font_color="#808080", font_size=8)
    yes = Text("是", "yes")
    widths = [_width(table, place, lang) for place in range(len(table.columns))]
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.title.say(lang), header)
        sheet.write_string(1, place, column.name, keys)
        look = {"indent": 1} if column.show == "text" else {}
        style = formats(num_format=number_format(column, _places(table, place, places)), **look)
        for row, cells in enumerate(table.rows, start=2):
            cell = cells[place]
            write_cell(sheet, row, place, yes.say(lang) * cell if isinstance(cell, bool) else cell, style)
        sheet.set_column(place, place, widths[place])
    sheet.set_row(0, 32)
    sheet.freeze_panes(2, min(2, len(table.columns)))
    sheet.autofilter(1, 0, max(1, len(table.rows) + 1), len(table.columns) - 1)
    print_setup(sheet, 2, 2, widths, lang)


def _places(table: Table, place: int, least: int) -> int:
    """Two places where a column of money has more than whole steps in it."""
    if table.columns[place].show != "money":
        return least
    exponents = [c.as_tuple().exponent for r in table.rows if isinstance(c := r[place], Decimal)]
    return max(least, min(2, max((-e for e in exponents if isinstance(e, int)), default=0)))


def _width(table: Table, place: int, lang: Language) -> float:
    column = table.columns[place]
    if column.kind == "number":
        whole = max((abs(c) for r in table.rows if isinstance(c := r[place], Decimal)), default=Decimal(0))
        shown = len(f"{whole:,.2f}") + 2
    else:
        shown = max((width_of(str(r[place])) for r in table.rows), default=0)
    heading = max(len(column.name) * 0.8, min(width_of(column.title.say(lang)), 16))
    return float(min(WIDEST, max(8, heading + 3, shown + 2)))
