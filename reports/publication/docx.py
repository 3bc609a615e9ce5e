"""publication.docx: the publication for Word and WPS, in the fonts and sizes of official documents.

Sizes and margins after GB/T 9704-2012: title 二号 小标宋, text 三号 仿宋, headings 黑体 and 楷体, margins of
37, 28, 26 and 35 mm. Each East Asian font names its substitute in the font table, for systems without it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from allocator.text import Language
from reports.publication.docx_charts import chart_xml
from reports.publication.docx_styles import FANG, HEI, KAI, SONG, Look, prepared
from reports.publication.docx_text import (
    BODY,
    KEEP,
    LOOKS,
    R,
    W,
    empty,
    gaps_before,
    line_xml,
    paragraph,
    run,
)
from reports.publication.notice import file_name, notice
from reports.publication.pieces import Annex, Notice, header_rows, shown, widths
from reports.report_input import Report

TWIPS = 1440 / 25.4
"""Twentieths of a point in a millimetre."""
PAGE = (210, 297)
NOTICE_MARGINS = (37, 26, 35, 28)
"""Top, right, bottom, left, in mm."""
TALL_MARGINS, WIDE_MARGINS = (30, 22, 28, 22), (26, 20, 24, 20)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

ALIGN = {"count": "center", "code": "center", "place": "center", "money": "right", "remark": "left"}


def publication_files(report: Report, lang: Language) -> dict[str, bytes]:
    """publication.docx; raises BadInput where the publication does."""
    return {file_name(report, ".docx"): docx_bytes(notice(report, lang, "png"))}


def docx_bytes(made: Notice) -> bytes:
    """The document: the same bytes for the same publication."""
    from docx.oxml import parse_xml  # noqa: PLC0415 - an extra, and only documents need it

    document, footer = prepared(made.title, made.lang)
    body = document.element.body
    body.clear_content()
    last = body.sectPr
    for xml in (*_content(made, footer), *_charts(made, footer, document.part)):
        last.addprevious(parse_xml(xml))
    # the last section's properties stand at the end of the body, the others in their last paragraph
    replaced = _section(*((TALL_MARGINS, False) if made.charts else _last(made)), footer)
    body.replace(last, parse_xml(replaced.replace("<w:sectPr", f"<w:sectPr {W} {R}", 1)))
    out = io.BytesIO()
    document.save(out)
    return _dated(out.getvalue())


def _last(made: Notice) -> tuple[tuple[int, int, int, int], bool]:
    """Margins of the notice or its last table, and whether it lies on its side."""
    if not made.annexes:
        return NOTICE_MARGINS, False
    return (WIDE_MARGINS, True) if made.annexes[-1].wide else (TALL_MARGINS, False)


def _charts(made: Notice, footer: str, part: Any) -> Iterator[str]:
    """The annex of charts, in a section of its own."""
    if made.charts is None:
        return
    yield empty(_section(*_last(made), footer))
    yield from _annex_head(made.charts.label, made.charts.title, made.mark)
    for note in made.charts.notes:
        yield paragraph(note, Look(FANG, 10.5), "left", after=6)
    for k, chart in enumerate(made.charts.charts, start=1):
        yield from chart_xml(part, k, chart)


def _annex_head(label: str, title: str, mark: str) -> Iterator[str]:
    yield paragraph(label, LOOKS["heading"], "left", style="Heading1", keep=True)
    yield paragraph(title, Look(SONG, 18, bold=True), "center", after=6, keep=True)
    if mark:
        yield paragraph(mark, Look(KAI, 14, colour="B00020"), "center", keep=True)


def _content(made: Notice, footer: str) -> Iterator[str]:
    """Paragraphs and tables as XML, in order; a section ends where the paper turns."""
    yield paragraph(made.title, Look(SONG, 22, bold=True), "center", style="Title", after=12)
    if made.mark:
        yield paragraph(made.mark, Look(KAI, 14, colour="B00020"), "center", after=12)
    if made.number:
        yield paragraph(made.number, BODY, "center", after=12)
    gaps = gaps_before(made.lines, 1 + bool(made.mark) + bool(made.number))
    for k, (line, after) in enumerate(zip(made.lines, (*made.lines[1:], None), strict=True)):
        yield from [empty()] * gaps.get(k, 0)
        # who publishes stays with the date
        yield line_xml(line, made.lang, line.style == "closing" and after is not None)
    margins, wide = NOTICE_MARGINS, False
    for annex in made.annexes:
        yield empty(_section(margins, wide, footer))
        margins, wide = (WIDE_MARGINS, True) if annex.wide else (TALL_MARGINS, False)
        yield from _annex_head(annex.label, annex.title, made.mark)
        yield paragraph(annex.unit, Look(FANG, annex.size), "right", keep=True)
        yield _table(annex, made.places, PAGE[annex.wide] - margins[1] - margins[3])
        for note in annex.notes:
            yield paragraph(note, Look(FANG, annex.size), "left")


def _section(margins: tuple[int, int, int, int], wide: bool, footer: str) -> str:
    width, height = (round(side * TWIPS) for side in (PAGE[::-1] if wide else PAGE))
    top, right, bottom, left = (round(side * TWIPS) for side in margins)
    turned = ' w:orient="landscape"' if wide else ""
    return (
        f'<w:sectPr><w:footerReference w:type="default" r:id="{footer}"/>'
        f'<w:type w:val="nextPage"/><w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        f'w:header="{round(15 * TWIPS)}" w:footer="{round(15 * TWIPS)}" w:gutter="0"/></w:sectPr>'
    )


def _table(annex: Annex, places: int, width: int) -> str:
    """The table, as wide as the text; its header stands on every page and no row is torn apart."""
    shares = widths(annex, places)
    columns = [round(share / sum(shares) * width * TWIPS) for share in shares]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in columns)
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    look = {
        "county": Look(FANG, annex.size),
        "subtotal": Look(HEI, annex.size, bold=True),
        "total": Look(HEI, annex.size, bold=True),
    }
    rows = []
    for row in annex.rows:
        cells = (
            _cell(shown(cell, places), look[row.kind], ALIGN[head.kind], w, keep=row.kind != "county")
            for cell, head, w in zip(row.cells, annex.heads, columns, strict=True)
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    return (
        f'<w:tbl {W}><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/><w:tblCaption w:val="{_quoted(annex.title)}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{_header(annex, columns)}{''.join(rows)}</w:tbl>"
    )


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _header(annex: Annex, columns: list[int]) -> str:
    """The header's rows; what stands beside a common heading is one cell over both."""
    look = Look(HEI, annex.size)
    rows = header_rows(annex.heads)
    made = []
    for y, row in enumerate(rows):
        cells = {title.column: title for title in row}
        xml, k = "", 0
        while k < len(columns):
            title = cells.get(k)
            if title is None:
                xml += _cell("", look, "center", columns[k], "<w:vMerge/>")
                k += 1
                continue
            down = '<w:vMerge w:val="restart"/>' if title.down > 1 and y == 0 else ""
            across = f'<w:gridSpan w:val="{title.across}"/>' if title.across > 1 else ""
            width = sum(columns[k : k + title.across])
            xml += _cell(title.text, look, "center", width, across + down)
            k += title.across
        made.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{xml}</w:tr>")
    return "".join(made)


def _cell(text: str, look: Look, side: str, width: int, merged: str = "", keep: bool = False) -> str:
    """A cell; a row whose cells keep stays on the page of the next row."""
    said = run(text, look) if text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr>{KEEP if keep else ""}<w:spacing w:before="40" w:after="40"/><w:jc w:val="{side}"/>'
        f"{look.xml()}</w:pPr>{said}</w:p></w:tc>"
    )


def _dated(package: bytes) -> bytes:
    """The same package with one fixed date on every part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()
