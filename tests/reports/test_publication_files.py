"""The publication as .docx, .pdf and .xlsx: what a reader of each file finds in it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from fractions import Fraction

import docx
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from allocator.faults import BadInput
from reports.publication import docx as publication_docx
from reports.publication import pdf as publication_pdf
from reports.publication import xlsx as publication_xlsx
from reports.publication.docx_text import gaps_before
from reports.publication.notice import notice
from reports.publication.pdf import joints
from reports.publication.pieces import Annex, Head, Line, Row, shown
from reports.publication.xlsx_lines import lines_of
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


def test_in_the_docx_headings_and_sums_stay_with_what_follows():
    read, expected = document(report(COMPLETE)), notice(report(COMPLETE), "zh")
    kept = [p.text for p in read.paragraphs if p._p.pPr.find(qn("w:keepNext")) is not None]
    headings = [line.text for line in expected.lines if line.style in ("heading", "subheading")]
    assert [text for text in kept if text in headings] == headings
    assert "某财政局" in kept
    for table, annex in zip(read.tables, expected.annexes, strict=True):
        rows = [
            {p._p.pPr.find(qn("w:keepNext")) is not None for cell in row.cells for p in cell.paragraphs}
            for row in table.rows[2:]
        ]
        assert rows == [{row.kind != "county"} for row in annex.rows]


def test_no_heading_stands_where_libreoffice_first_ends_a_page():
    """It puts twenty paragraphs on a page, and leaves a heading that is the last of them behind."""

    def lines(kinds):
        return [Line({"t": "text", "h": "heading", "s": "subheading"}[kind], kind) for kind in kinds]

    assert gaps_before(lines("t" * 17 + "ht"), 2) == {17: 1}
    assert gaps_before(lines("t" * 16 + "hst"), 2) == {16: 2}
    assert gaps_before(lines("t" * 17 + "hst"), 2) == {17: 1}
    assert gaps_before(lines("t" * 16 + "hthtt"), 2) == {}
    made = replace(notice(report(COMPLETE), "zh"), lines=tuple(lines("t" * 17 + "ht")))
    said = [p.text for p in docx.Document(io.BytesIO(publication_docx.docx_bytes(made))).paragraphs]
    assert said[18:22] == ["t", "", "h", "t"]


def test_in_the_pdf_no_page_ends_with_a_row_of_sums(tmp_path):
    made = report(COMPLETE)
    sums = [Row("total", (None, "合计", Fraction(1), None))]
    for k in range(40):
        sums.append(Row("subtotal", (None, f"盟{k}小计", Fraction(1), None)))
        # of three to six counties, so that pages end anywhere
        sums += [Row("county", (k, f"县{k}-{i}", Fraction(1), None)) for i in range(3 + k % 4)]
    heads = (
        Head("序号", kind="count"),
        Head("地区", kind="place"),
        Head("合计"),
        Head("备注", kind="remark"),
    )
    annex = Annex("附件", "表", "表", "单位：万元", heads, tuple(sums))
    path = tmp_path / "long.pdf"
    path.write_bytes(publication_pdf.pdf_bytes(replace(notice(made, "zh"), annexes=(annex,)), made))
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    found = [page.split() for page in done.stdout.decode("utf-8").split("\f")]
    names = [[word for word in page if re.match("县|盟", word)] for page in found]
    whole = [name for page in names for name in page]
    assert whole == [row.cells[1] for row in sums[1:]]
    tables = [page for page in names if page]
    assert len(tables) > 4
    assert not any(page[-1].endswith("小计") for page in tables)


def test_sums_and_the_county_below_are_joined():
    def rows(kinds):
        return [Row({"t": "total", "s": "subtotal", "c": "county"}[kind], ()) for kind in kinds]

    assert joints(rows("tsccsc")) == [3, 0, 0, 1, 2, 0]
    assert joints(rows("cct")) == [1, 1, 1]
    assert joints([]) == []


@pytest.mark.parametrize(
    ("text", "held", "roman", "lines"),
    [
        ("", 10, False, 1),
        ("一二三四五六七八九十", 10, False, 1),
        ("一二三四五六七八九十一", 10, False, 2),
        # no line begins with a closing mark: it takes the character before it along
        ("一二三四五六七八九十。" + "一" * 9, 10, False, 3),
        ("标题\n一二三四五六七八九十一", 10, False, 3),
        ("aaaa bbbb cccc", 5, False, 2),
        # 36 letters, of 0.278 each; in a Chinese font of 0.55
        ("i" * 35, 10, True, 1),
        ("i" * 35, 10, False, 2),
        ("a" * 100, 10, False, 6),
    ],
)
def test_lines_of_a_text(text, held, roman, lines):
    assert lines_of(text, held, roman) == lines


def test_rows_of_the_xlsx_are_as_high_as_their_lines():
    content = publication_xlsx.publication_files(report(COMPLETE), "zh")["publication.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    high = {
        sheet.cell(k, 1).value.strip("\u3000"): sheet.row_dimensions[k].height
        for k in range(3, sheet.max_row + 1)
    }
    assert high["监督电话：12317、0471-0000000"] == 24
    assert high["4．比上年增减幅度：各旗县全年金额不低于上年的0.8倍、不超过1.3倍。"] == 48


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
    said = [text.strip("\u3000") for cell in first[2:] for text in cell.split("\n")]
    assert said == [line.text for line in expected.lines]
    # a page may end below any row: a heading stands in that of what follows
    headings = {line.text for line in expected.lines if line.style in ("heading", "subheading")}
    assert not headings & {cell.split("\n")[-1].strip("\u3000") for cell in first[2:]}
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
