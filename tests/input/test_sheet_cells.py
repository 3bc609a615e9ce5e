"""What the XML of a worksheet says of its cells, and how a broken or hostile file is refused."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from allocator.faults import BadInput
from allocator.input import spreadsheet
from allocator.input.sheet_cells import letters, scan_sheet
from allocator.input.spreadsheet import EmptyText, Void, read_sheets

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROWS = """
<row r="2"><c r="A2"><v>5</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c><f>A2</f><v>5</v></c></row>
<row r="3"><c r="A3"><f>SUM(A1:A2)</f></c><c r="B3"><f>A2&amp;"x"</f><v></v></c><c r="C3" s="1"/></row>
<row r="4"><c t="str"><f>""</f><v></v></c><c t="s"><v>0</v></c><c t="inlineStr"><is><t>x</t></is></c></row>
<row><c r="AA5" t="e"><v>#REF!</v></c></row>
"""


def sheet(rows=ROWS, head="", prefix=""):
    text = f'<{prefix}worksheet xmlns{":" * bool(prefix)}{prefix[:-1]}="{MAIN}"><{prefix}sheetData>{rows}'
    return f"{head}{text}</{prefix}sheetData></{prefix}worksheet>".encode()


def test_cells_are_sorted():
    found = scan_sheet(io.BytesIO(sheet()))
    assert found.errors == {(1, 1): "#DIV/0!", (4, 26): "#REF!"}
    assert found.uncomputed == {(2, 0): "=SUM(A1:A2)", (2, 1): '=A2&"x"'}
    assert found.texts == {(3, 0), (3, 1), (3, 2)}
    assert found.formulas == {(1, 1), (1, 2), (2, 0), (2, 1), (3, 0)}


def test_elements_with_a_prefix_are_the_same():
    rows = '<x:row r="1"><x:c r="B1" t="e"><x:v>#N/A</x:v></x:c></x:row>'
    assert scan_sheet(io.BytesIO(sheet(rows, prefix="x:"))).errors == {(0, 1): "#N/A"}


@pytest.mark.parametrize("cell", ["A0", "XFE1", "A1048577"])
def test_no_cell_of_a_sheet(cell):
    with pytest.raises(ValueError, match="no cell"):
        scan_sheet(io.BytesIO(sheet(f'<row><c r="{cell}" t="e"><v>#N/A</v></c></row>')))


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_letters(column, name):
    assert letters(column) == name


def book(change=None):
    """A workbook of openpyxl, its sheet's XML changed."""
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active["B2"] = 1
    made.save(out)
    if change is None:
        return out.getvalue()
    new = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in old.namelist():
            data = old.read(name)
            packed.writestr(name, change(data) if name == "xl/worksheets/sheet1.xml" else data)
    return new.getvalue()


def test_what_has_no_value_stands_in_its_cell():
    rows = ROWS.replace('<c t="s"><v>0</v></c>', "<c/>")
    (found,) = read_sheets(book(lambda _: sheet(rows)), "t.xlsx", lambda names: names)
    assert isinstance(found.rows[1][1], Void)
    assert [str(cell) for cell in found.rows[2][:2]] == ["=SUM(A1:A2)", '=A2&"x"']
    assert found.rows[1][0] == 5
    assert isinstance(found.rows[3][0], EmptyText)
    assert str(found.rows[4][26]) == "#REF!"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "change",
    [
        lambda _: sheet(head=BOMB),
        lambda _: sheet(head='<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">'),
        lambda data: data[:-20],
        lambda _: b"\x00\x01",
    ],
)
def test_a_sheet_that_is_no_plain_xml_is_refused(change):
    with pytest.raises(BadInput, match="cannot be read"):
        read_sheets(book(change), "t.xlsx", lambda names: names)


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheet, "LARGEST", 1000)
    with pytest.raises(BadInput, match="larger than"):
        read_sheets(book(), "t.xlsx", lambda names: names)


def ods():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", "<x/>")
    return out.getvalue()


@pytest.mark.parametrize("content", [ods(), b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x03\x04rubbish", b""])
def test_other_formats_are_refused_as_they_hide_errors(content):
    with pytest.raises(BadInput, match=r"save it as \.xlsx"):
        read_sheets(content, "t.xls", lambda names: names)
