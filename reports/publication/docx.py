"""publication.docx: the publication for Word and WPS, in the fonts and sizes of official documents.

Sizes and margins after GB/T 9704-2012: title 二号 小标宋, text 三号 仿宋, headings 黑体 and 楷体, margins of
37, 28, 26 and 35 mm. Each East Asian font names its substitute in the font table, for systems without it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape

from allocator.text import Language
from reports.publication.docx_styles import FANG, HEI, KAI, SONG, Look, prepared
from reports.publication.notice import file_name, notice
from reports.publication.pieces import Annex, Line, Notice, header_rows, shown, split_gaps, widths
from reports.report_input import Report

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TWIPS = 1440 / 25.4
"""Twentieths of a point in a millimetre."""
PAGE = (210, 297)
NOTICE_MARGINS = (37, 26, 35, 28)
"""Top, right, bottom, left, in mm."""
TALL_MARGINS, WIDE_MARGINS = (30, 22, 28, 22), (26, 20, 24, 20)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

BODY = Look(FANG, 16)
LOOKS = {
    "heading": Look(HEI, 16),
    "subheading": Look(KAI, 16),
    "text": BODY,
    "list": BODY,
    "item": BODY,
    "closing": BODY,
}
ALIGN = {"count": "center", "code": "center", "place": "center", "money": "right", "remark": "left"}


def publication_files(report: Report, lang: Language) -> dict[str, bytes]:
    """publication.docx; raises BadInput where the publication does."""
    return {file_name(report, ".docx"): docx_bytes(notice(report, lang))}


def docx_bytes(made: Notice) -> bytes:
    """The document: the same bytes for the same publication."""
    from docx.oxml import parse_xml  # noqa: PLC0415 - an extra, and only documents need it

    document, footer = prepared(made.title, made.lang)
    body = document.element.body
    body.clear_content()
    last = body.sectPr
    for xml in _content(made, footer):
        last.addprevious(parse_xml(xml))
    # the last section's properties stand at the end of the body, the others in their last paragraph
    replaced = _section(_margins(made), made.annexes[-1].wide if made.annexes else False, footer)
    body.replace(last, parse_xml(replaced.replace("<w:sectPr", f"<w:sectPr {W} {R}", 1)))
    out = io.BytesIO()
    document.save(out)
    return _dated(out.getvalue())


def _margins(made: Notice) -> tuple[int, int, int, int]:
    if not made.annexes:
        return NOTICE_MARGINS
    return WIDE_MARGINS if made.annexes[-1].wide else TALL_MARGINS


def _content(made: Notice, footer: str) -> Iterator[str]:
    """Paragraphs and tables as XML, in order; a section ends where the paper turns."""
    yield _paragraph(made.title, Look(SONG, 22, bold=True), "center", style="Title", after=12)
    if made.mark:
        yield _paragraph(made.mark, Look(KAI, 14, colour="B00020"), "center", after=12)
    if made.number:
        yield _paragraph(made.number, BODY, "center", after=12)
    for line in made.lines:
        yield _line(line, made.lang)
    margins, wide = NOTICE_MARGINS, False
    for annex in made.annexes:
        yield _break(_section(margins, wide, footer))
        margins, wide = (WIDE_MARGINS, True) if annex.wide else (TALL_MARGINS, False)
        yield _paragraph(annex.label, LOOKS["heading"], "left", style="Heading1")
        yield _paragraph(annex.title, Look(SONG, 18, bold=True), "center", after=6)
        if made.mark:
            yield _paragraph(made.mark, Look(KAI, 14, colour="B00020"), "center")
        yield _paragraph(annex.unit, Look(FANG, annex.size), "right")
        yield _table(annex, made.places, PAGE[annex.wide] - margins[1] - margins[3])
        for note in annex.notes:
            yield _paragraph(note, Look(FANG, annex.size), "left")


def _line(line: Line, lang: Language) -> str:
    look = LOOKS[line.style]
    two = 200 if lang == "zh" else 0
    indents = {"list": (two + 400, 400), "item": (two + 400, 100), "closing": (0, 0)}
    style = {"heading": "Heading1", "subheading": "Heading2"}.get(line.style, "")
    side = {"closing": "right", "text": "both"}.get(line.style, "left")
    left, hanging = indents.get(line.style, (0, -two))
    return _paragraph(line.text, look, side, style=style, indent=(left, hanging))


def _paragraph(
    text: str,
    look: Look,
    side: str,
    style: str = "",
    after: int = 0,
    indent: tuple[int, int] = (0, 0),
) -> str:
    """A paragraph; indents (left, hanging or, negative, of the first line) in hundredths of a character."""
    left, hanging = indent
    first = f'w:hangingChars="{hanging}" w:hanging="{hanging * look.size / 5:.0f}"'
    if hanging <= 0:
        first = f'w:firstLineChars="{-hanging}" w:firstLine="{-hanging * look.size / 5:.0f}"'
    right = 'w:rightChars="200" w:right="640" ' if side == "right" and look is BODY else ""
    indents = f'<w:ind w:leftChars="{left}" w:left="{left * look.size / 5:.0f}" {right}{first}/>'
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(_run(part, look, blank) for part, blank in split_gaps(text))
    spacing = f'<w:spacing w:before="0" w:after="{after * 20}"/>'
    return f'<w:p {W}><w:pPr>{named}{spacing}{indents}<w:jc w:val="{side}"/></w:pPr>{runs}</w:p>'


def _run(text: str, look: Look, blank: bool = False) -> str:
    return f'<w:r>{look.xml(blank)}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _break(section: str) -> str:
    """An empty paragraph, as small as can be, that ends a section."""
    spacing = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return f"<w:p {W} {R}><w:pPr>{spacing}{section}</w:pPr></w:p>"


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
            _cell(shown(cell, places), look[row.kind], ALIGN[head.kind], w)
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


def _cell(text: str, look: Look, side: str, width: int, merged: str = "") -> str:
    run = _run(text, look) if text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="40" w:after="40"/><w:jc w:val="{side}"/>{look.xml()}</w:pPr>'
        f"{run}</w:p></w:tc>"
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
