"""The publication as .docx, .pdf and .xlsx: what a reader of each file finds in it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile

import docx
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from allocator.faults import BadInput
from reports.publication import docx as publication_docx
from reports.publication import pdf as publication_pdf
from reports.publication import xlsx as publication_xlsx
from reports.publication.notice import notice
from reports.publication.pieces import shown
from tests.reports.published import COMPLETE, HOSTILE, report

MAKERS = {
    "publication.docx": publication_docx,
    "publication.pdf": publication_pdf,
    "publication.xlsx": publication_xlsx,
}


def document(made, lang="zh"):
    content = publication_docx.publication_files(made, lang)["publication.docx"]
    return docx.Document(io.BytesIO(content))


def pages(made, tmp_path, lang="zh"):
    """Text of the PDF as a reader would copy it, page by page."""
    tool = shutil.which("pdftotext")
    assert tool is not None, "install poppler-utils"
    path = tmp_path / "publication.pdf"
    path.write_bytes(publication_pdf.publication_files(made, lang)["publication.pdf"])
    done = subprocess.run([tool, "-layout", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8").split("\f")


def plain(text):
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("name", "lang"), [*((name, "zh") for name in MAKERS), ("publication.docx", "en")])
def test_same_input_same_bytes_and_no_clock(name, lang):
    made = report(COMPLETE, names=HOSTILE)
    content = MAKERS[name].publication_files(made, lang)
    assert list(content) == [name]
    assert MAKERS[name].publication_files(report(COMPLETE, names=HOSTILE), lang) == content
    if name != "publication.pdf":
        with zipfile.ZipFile(io.BytesIO(content[name])) as package:
            assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = package.read("docProps/core.xml").decode()
        assert set(re.findall(r">(\d{4})-", core)) == {"2000"}


@pytest.mark.parametrize("names", [None, HOSTILE])
def test_docx_tables_hold_the_notice(names):
    made = report(COMPLETE) if names is None else report(COMPLETE, names=names)
    read, expected = document(made), notice(made, "zh")
    assert len(read.tables) == len(expected.annexes)
    for table, annex in zip(read.tables, expected.annexes, strict=True):
        body = [[cell.text for cell in row.cells] for row in table.rows][2:]
        assert body == [[shown(cell, 0) for cell in row.cells] for row in annex.rows]
        repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert repeated == [True, True, *[False] * len(annex.rows)]
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert {len(row.cells) for row in table.rows} == {len(annex.heads)}
    said = [p.text for p in read.paragraphs]
    assert [line.text for line in expected.lines] == said[2 : 2 + len(expected.lines)]
    assert said[0] == expected.title


def test_docx_is_set_as_official_documents_are():
    read = document(report(COMPLETE))
    title, number = read.paragraphs[0], read.paragraphs[1]
    assert number.text == "某财农〔2025〕1号"
    assert title.runs[0].font.size.pt == 22
    assert title.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    heading = next(p for p in read.paragraphs if p.text == "一、资金来源")
    assert heading.style.name == "Heading 1"
    assert heading.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    text = next(p for p in read.paragraphs if p.text.startswith("现将"))
    assert (text.runs[0].font.size.pt, text.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))) == (
        16,
        "仿宋_GB2312",
    )
    first = read.sections[0]
    margins = [
        round(m.mm) for m in (first.top_margin, first.right_margin, first.bottom_margin, first.left_margin)
    ]
    assert margins == [37, 26, 35, 28]
    assert {(round(s.page_width.mm), round(s.page_height.mm)) for s in read.sections} == {
        (210, 297),
        (297, 210),
    }
    # the summary has eight columns of money and lies on its side
    assert [s.orientation for s in read.sections][-1] == WD_ORIENT.LANDSCAPE
    assert all("PAGE" in s.footer._element.xml for s in read.sections)
    fonts = next(p for p in read.part.package.iter_parts() if p.partname.endswith("fontTable.xml"))
    assert 'w:altName w:val="仿宋"' in fonts.blob.decode()


def test_blanks_are_marked_in_the_docx():
    marked = [
        r.text for p in document(report()).paragraphs for r in p.runs if r.font.highlight_color is not None
    ]
    assert "【待填：发布单位】" in marked
    assert all(text.startswith("【待填：") for text in marked)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pdf_shows_every_line_and_every_cell(tmp_path, lang):
    made = report({**COMPLETE, "mark": "示例", "date": None}, names=HOSTILE)
    expected = notice(made, lang)
    found = pages(made, tmp_path, lang)
    whole = plain("".join(found))
    for text in (*(line.text for line in expected.lines), *(annex.title for annex in expected.annexes)):
        assert plain(text) in whole
    rows = [line.split() for page in found for line in page.splitlines()]
    for annex in expected.annexes:
        for row in annex.rows:
            pairs = zip(row.cells, annex.heads, strict=True)
            money = [shown(c, 0) for c, head in pairs if head.kind == "money" and c is not None]
            assert any(line[k : k + len(money)] == money for line in rows for k in range(len(line)))
    # a name of 200 characters is broken over lines, and whole
    assert whole.count("长") >= 200
    assert HOSTILE[0].split()[0] in whole
    assert '<script>alert("1")</' in whole
    assert "script>&amp;#x" in whole


def test_pdf_is_tagged_and_paged(tmp_path):
    found = pages(report(COMPLETE), tmp_path)
    content = (tmp_path / "publication.pdf").read_bytes()
    assert b"/MarkInfo" in content
    assert b"/Lang" in content
    numbers = [re.search(r"—\s*(\d+)\s*—\s*$", page) for page in found[:-1]]
    assert [number and number.group(1) for number in numbers] == [str(k) for k in range(1, len(found))]


def test_a_character_without_a_glyph_is_said_plainly():
    with pytest.raises(BadInput) as caught:
        publication_pdf.publication_files(report(names=("甲\U0001bc00", "乙", "丙", "丁")), "zh")
    assert "\U0001bc00" in caught.value.say("zh")
    assert "install a font" in caught.value.say("en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_xlsx_holds_the_notice_as_numbers_and_text(lang):
    made = report(COMPLETE, names=HOSTILE)
    expected = notice(made, lang)
    content = publication_xlsx.publication_files(made, lang)["publication.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[1:] == [annex.sheet for annex in expected.annexes]
    first = [row[0].value for row in book.worksheets[0].iter_rows()]
    assert first[0] == expected.title
    assert [text.strip("\u3000") for text in first[2:]] == [line.text for line in expected.lines]
    for sheet, annex in zip(book.worksheets[1:], expected.annexes, strict=True):
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0][0] == annex.label
        assert rows[1][0] == annex.title
        assert rows[2][0] == annex.unit
        body = rows[5 : 5 + len(annex.rows)]
        assert [tuple(v for v in row) for row in body] == [
            tuple(None if c == "" else c if c is None or isinstance(c, str) else int(c) for c in row.cells)
            for row in annex.rows
        ]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert sheet.print_title_rows == "$4:$5"
        assert sheet.page_setup.paperSize == 9
