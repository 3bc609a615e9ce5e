"""publication.xlsx: the notice and its annexes as worksheets, ready to print or to paste from."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from xlsxwriter import Workbook

from allocator.text import Language, Text
from reports.figures import money
from reports.plain_sheet import LONGEST_TEXT
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
from reports.publication.xlsx_lines import lines_of
from reports.report_input import Report
from reports.workbook import CREATED, OPTIONS

SONG, FANG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
INDENT = "\u3000\u3000"
ROMAN = "Times New Roman"
"""Font of a notice in English."""
A4, ACROSS = 9, 76
"""Paper; width of the notice's column in characters of the default font."""
LINE, LOW = 24, 21
"""Points of a line of text, and of one without Chinese characters, whose fonts are taller."""
DEFAULT = {"font_name": "Arial", "font_size": 9.5}
"""Font that widths of columns are counted in: known everywhere, or as wide as what stands in for it.

At this size its digits are seven pixels wide, whether a program rounds them or not.
"""
CHARACTER, INSIDE = 5.25, 5
"""Points across of a digit of it, and of a cell that hold no text."""
HELD = ACROSS * CHARACTER - INSIDE
"""Points of text that a line of the notice holds."""
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
    workbook = Workbook(out, {**OPTIONS, "default_format_properties": dict(DEFAULT)})
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
    """A row for each paragraph, with the height that it needs."""
    _page(sheet, False)
    sheet.set_column(0, 0, ACROSS)
    chinese = made.lang == "zh"
    head = [(made.title, SONG if chinese else ROMAN, 22, True, "#000000")]
    head += [(made.mark, FANG if chinese else ROMAN, 14, False, "#B00020")] * bool(made.mark)
    head += [(made.number, FANG, 16, False, "#000000")] * bool(made.number)
    for row, (text, font, size, bold, colour) in enumerate(head):
        look = {"font_name": font, "font_size": size, "bold": bold, "font_color": colour}
        middle = {"align": "center", "valign": "vcenter", "text_wrap": True}
        sheet.write_string(row, 0, text[:LONGEST_TEXT], workbook.add_format({**look, **middle}))
        sheet.set_row(row, min(TALLEST, LINE * 1.2 * lines_of(text, HELD / size, not chinese)))
    for row, lines in enumerate(_kept_together(made.lines), start=len(head)):
        _paragraphs(workbook, sheet, row, lines, made.lang)


def _kept_together(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """What shares a row: a heading with what follows, since a page may end below any row."""
    held: list[Line] = []
    for line in lines:
        held.append(line)
        if line.style not in ("heading", "subheading"):
            yield held
            held = []
    if held:
        yield held


def _paragraphs(workbook: Any, sheet: Any, row: int, lines: Sequence[Line], lang: Language) -> None:
    """One row; blanks to be filled are marked."""
    # lines spread over the height that fonts of any system may need
    whole = {"align": "right" if lines[-1].style == "closing" else "left", "valign": "vjustify"}
    pieces: list[tuple[str, dict[str, Any]]] = []
    for k, line in enumerate(lines):
        font = {"heading": HEI, "subheading": KAI}.get(line.style, FANG) if lang == "zh" else ROMAN
        lead = INDENT if lang == "zh" and line.style != "closing" else ""
        text = "\n" * bool(k) + lead + (INDENT + "\u3000" if line.style == "item" else "") + line.text
        look = {"font_name": font, "font_size": 16}
        pieces += [(part, {**look, **(BLANK if blank else {})}) for part, blank in split_gaps(text)]
    said = "".join(part for part, _ in pieces)[:LONGEST_TEXT]
    own = pieces[0][1] if pieces else {}
    style = workbook.add_format({**own, **whole, "text_wrap": True})
    if len(pieces) > 1 and len(said) < LONGEST_TEXT:
        rich = [x for part, look in pieces for x in (workbook.add_format(look), part)]
        sheet.write_rich_string(row, 0, *rich, style)
    else:
        sheet.write_string(row, 0, said, style)
    texts = [(text, LOW if lang == "en" and text.isascii() else LINE) for text in said.split("\n")]
    sheet.set_row(row, min(TALLEST, sum(high * lines_of(t, HELD / 16, lang == "en") for t, high in texts)))


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
    held = sum(columns[title.column : title.column + title.across]) * CHARACTER - INSIDE
    return lines_of(title.text, max(1.0, held / size)) * size * 1.4


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
