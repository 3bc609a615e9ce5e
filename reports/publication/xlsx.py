"""publication.xlsx: the notice and its annexes as worksheets, ready to print or to paste from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from xlsxwriter import Workbook

from allocator.text import Language, Text
from reports.figures import money
from reports.plain_sheet import LONGEST_TEXT, width_of
from reports.publication.notice import file_name, notice
from reports.publication.pieces import (
    Annex,
    Cell,
    Head,
    Line,
    Notice,
    Row,
    Title,
    header_rows,
    split_gaps,
    widths,
)
from reports.report_input import Report
from reports.workbook import CREATED, OPTIONS

SONG, FANG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
INDENT = "\u3000\u3000"
A4, ACROSS, LINE = 9, 76, 24
"""Paper; width of the notice's column in characters of the default font; points of one of its lines."""
PIXELS = 7
"""Width of a character of the default font."""
TALLEST = 409
"""Points of the tallest row that a spreadsheet has."""
BLANK = {"font_color": "#B00020", "bold": True}
"""How a blank to be filled looks."""


def publication_files(report: Report, lang: Language) -> dict[str, bytes]:
    """publication.xlsx; raises BadInput where the publication does."""
    return {file_name(report, ".xlsx"): xlsx_bytes(notice(report, lang))}


def xlsx_bytes(made: Notice) -> bytes:
    """The workbook: the same bytes for the same publication."""
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties({"created": CREATED, "title": made.title[:255], "author": "allocator"})
    name = Text("公告公示", "Notice").say(made.lang)
    _notice_sheet(workbook, workbook.add_worksheet(name), made)
    for annex in made.annexes:
        _annex_sheet(workbook, workbook.add_worksheet(annex.sheet), annex, made)
    workbook.close()
    return out.getvalue()


def _page(sheet: Any, wide: bool) -> None:
    sheet.set_paper(A4)
    if wide:
        sheet.set_landscape()
    sheet.set_margins(left=0.8, right=0.8, top=1.0, bottom=0.9)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer("&C— &P —")
    sheet.hide_gridlines(2)


def _notice_sheet(workbook: Any, sheet: Any, made: Notice) -> None:
    """One paragraph a row, with the height that it needs."""
    _page(sheet, False)
    sheet.set_column(0, 0, ACROSS)
    head = [(made.title, SONG, 22, True, "#000000")]
    head += [(made.mark, FANG, 14, False, "#B00020")] * bool(made.mark)
    head += [(made.number, FANG, 16, False, "#000000")] * bool(made.number)
    row = 0
    for text, font, size, bold, colour in head:
        style = workbook.add_format(
            {
                "font_name": font,
                "font_size": size,
                "bold": bold,
                "font_color": colour,
                "align": "center",
                "valign": "vcenter",
                "text_wrap": True,
            }
        )
        sheet.write_string(row, 0, text[:LONGEST_TEXT], style)
        sheet.set_row(row, LINE * 1.2 * _lines(text, size))
        row += 1
    for line in made.lines:
        _line(workbook, sheet, row, line, made.lang)
        row += 1


def _line(workbook: Any, sheet: Any, row: int, line: Line, lang: Language) -> None:
    font = {"heading": HEI, "subheading": KAI}.get(line.style, FANG)
    look = {"font_name": font, "font_size": 16}
    side = "right" if line.style == "closing" else "left"
    style = workbook.add_format({**look, "align": side, "valign": "top", "text_wrap": True})
    lead = INDENT if lang == "zh" and line.style != "closing" else ""
    text = (lead + (INDENT + "\u3000" if line.style == "item" else "") + line.text)[:LONGEST_TEXT]
    parts = split_gaps(text)
    if len(parts) > 1:
        plain, marked = workbook.add_format(look), workbook.add_format({**look, **BLANK})
        pieces = [x for part, blank in parts for x in (marked if blank else plain, part)]
        sheet.write_rich_string(row, 0, *pieces, style)
    else:
        own = {**look, **BLANK, "align": side, "text_wrap": True} if parts and parts[0][1] else None
        sheet.write_string(row, 0, text, workbook.add_format(own) if own else style)
    sheet.set_row(row, LINE * _lines(text, 16))


def _lines(text: str, size: float) -> int:
    """Lines that a text takes in the notice's column; a half-width character is half a point size wide."""
    held = int(ACROSS * PIXELS / (size * 96 / 72 / 2)) - 2
    return max(1, -(-width_of(text) // held))


def _annex_sheet(workbook: Any, sheet: Any, annex: Annex, made: Notice) -> None:
    """Label, title, unit, the table, its notes; printed with the header on every page."""
    _page(sheet, annex.wide)
    across = len(annex.heads) - 1
    look = {"font_name": FANG, "font_size": annex.size}
    for k, width in enumerate(widths(annex, made.places)):
        sheet.set_column(k, k, width)
    sheet.write_string(0, 0, annex.label, workbook.add_format({"font_name": HEI, "font_size": 16}))
    title = {"font_name": SONG, "font_size": 18, "bold": True, "align": "center", "valign": "vcenter"}
    top = [(annex.title, {**title, "text_wrap": True}, 44)]
    if made.mark:
        top.append((made.mark, {**look, "align": "center", "font_color": "#B00020"}, 18))
    top.append((annex.unit, {**look, "align": "right"}, 18))
    for row, (text, properties, height) in enumerate(top, start=1):
        sheet.merge_range(row, 0, row, across, "", workbook.add_format(properties))
        sheet.write_string(row, 0, text, workbook.add_format(properties))
        sheet.set_row(row, height)
    first = len(top) + 1
    last = _header(workbook, sheet, annex, made.places, first)
    _body(workbook, sheet, annex, made.places, last + 1)
    sheet.repeat_rows(first, last)
    sheet.freeze_panes(last + 1, 3 if annex.heads[1].kind == "code" else 2)
    end = last + 1 + len(annex.rows)
    for k, note in enumerate(annex.notes):
        sheet.write_string(end + k, 0, note, workbook.add_format(look))


def _header(workbook: Any, sheet: Any, annex: Annex, places: int, top: int) -> int:
    """Writes the header from row `top` and says where it ends."""
    style = workbook.add_format(
        {
            "font_name": HEI,
            "font_size": annex.size,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
        }
    )
    rows, columns = header_rows(annex.heads), widths(annex, places)
    for y, titles in enumerate(rows, start=top):
        for title in titles:
            if title.across > 1 or title.down > 1:
                end = (y + title.down - 1, title.column + title.across - 1)
                sheet.merge_range(y, title.column, *end, "", style)
            sheet.write_string(y, title.column, title.text, style)
        sheet.set_row(y, 6 + max((_needed(t, columns, annex.size) for t in titles if t.down == 1), default=0))
    return top + len(rows) - 1


def _needed(title: Title, columns: Sequence[float], size: float) -> float:
    """Points that a heading needs in its columns."""
    held = sum(columns[title.column : title.column + title.across]) - 2
    return -(-width_of(title.text) // max(2, int(held))) * size * 1.4


def _body(workbook: Any, sheet: Any, annex: Annex, places: int, top: int) -> None:
    formats: dict[tuple[str, str, int], Any] = {}

    def style(row: Row, head: Head, cell: Cell) -> Any:
        shown = _places(cell, places)
        key = (row.kind, head.kind, shown)
        if key not in formats:
            formats[key] = workbook.add_format(
                {
                    "font_name": FANG if row.kind == "county" else HEI,
                    "font_size": annex.size,
                    "bold": row.kind != "county",
                    "border": 1,
                    "valign": "vcenter",
                    "align": {"money": "right", "remark": "left"}.get(head.kind, "center"),
                    "text_wrap": head.kind in ("place", "remark"),
                    "num_format": _format(head, shown),
                }
            )
        return formats[key]

    columns = widths(annex, places)
    for y, row in enumerate(annex.rows, start=top):
        texts = (Title(cell, x) for x, cell in enumerate(row.cells) if isinstance(cell, str))
        tallest = max((_needed(text, columns, annex.size) for text in texts), default=0)
        sheet.set_row(y, min(TALLEST, 5 + tallest))
        for x, (head, cell) in enumerate(zip(annex.heads, row.cells, strict=True)):
            own = style(row, head, cell)
            if cell is None or cell == "":
                sheet.write_blank(y, x, None, own)
            elif isinstance(cell, str):
                sheet.write_string(y, x, cell[:LONGEST_TEXT], own)
            else:
                sheet.write_number(y, x, float(cell), own)


def _places(cell: Cell, places: int) -> int:
    """As many places as the amount needs, and no fewer than the others have."""
    exponent = money(cell, places).as_tuple().exponent if isinstance(cell, Fraction) else 0
    return -exponent if isinstance(exponent, int) else places


def _format(head: Head, places: int) -> str:
    if head.kind == "money":
        return "#,##0" + ("." + "0" * places if places else "") + ";-#,##0;\\–"
    return "0" if head.kind == "count" else "@"
