"""allocation.xlsx: text is text, totals are live, and verify reads it back however it was edited."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from allocator.faults import BadInput
from allocator.input.result_table import read_result
from allocator.verdict import judge
from reports.outcome import Outcome
from reports.result import result_files
from tests import builders
from tests.reports.test_reports_tables import HOSTILE, outcome_of


def workbook_of(outcome: Outcome, lang="zh", **options):
    content = result_files(outcome, lang=lang)["allocation.xlsx"]
    return openpyxl.load_workbook(io.BytesIO(content), **options)


def find(sheet, value):
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == value)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "allocation.xlsx"
    path.write_bytes(result_files(outcome_of())["allocation.xlsx"])
    return path


def amount_cell(sheet, code, key):
    """The cell of the pivot sheet in the row of a code and the column of a key."""
    return sheet.cell(find(sheet, code).row, find(sheet, key).column)


@pytest.mark.parametrize(
    ("lang", "sheets"),
    [
        ("zh", ["分配表", "旗县", "规则核验", "因素测算", "allocation"]),
        ("en", ["Allocation table", "Counties", "Rules", "Formula", "allocation"]),
    ],
)
def test_sheets(lang, sheets):
    assert workbook_of(outcome_of(), lang).sheetnames == sheets


def test_totals_are_formulas_with_cached_values():
    live, cached = workbook_of(outcome_of())["分配表"], workbook_of(outcome_of(), data_only=True)["分配表"]
    total = find(live, "合计").row
    column = find(live, "central.industry").column
    assert live.cell(total, column).value.startswith("=SUBTOTAL(9,")
    assert cached.cell(total, column).value == 715  # 300 + 200 + 155 + 60
    subtotals = [c.row for row in live.iter_rows() for c in row if c.value == "小计" and c.column == 3]
    assert [cached.cell(row, column).value for row in subtotals] == [500, 215]
    assert live.cell(find(live, "150101").row, 5).value.startswith("=SUM(")
    assert cached.cell(total, 5).value == 1100


def test_header_stays_in_sight_and_on_every_page():
    sheet = workbook_of(outcome_of())["分配表"]
    assert sheet.freeze_panes == "D6"
    assert sheet.print_title_rows == "$1:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert "万元" in sheet["A2"].value


def test_hostile_names_are_text_in_every_sheet():
    book = workbook_of(outcome_of(builders.loaded(at=builders.counties(HOSTILE))))
    for sheet in ("分配表", "旗县", "因素测算", "allocation"):
        cells = [c for row in book[sheet].iter_rows() for c in row if c.value in HOSTILE]
        assert {c.value for c in cells} == set(HOSTILE)
        assert {c.data_type for c in cells} == {"s"}


def test_same_bytes_twice_and_no_clock_inside():
    one, other = (result_files(outcome_of())["allocation.xlsx"] for _ in range(2))
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as packed:
        assert {member.date_time[0] for member in packed.infolist()} == {1980}
        assert b"2000-01-01" in packed.read("docProps/core.xml")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_read_back(tmp_path, lang):
    outcome = outcome_of()
    path = tmp_path / "a.xlsx"
    path.write_bytes(result_files(outcome, lang=lang)["allocation.xlsx"])
    result = read_result(path, outcome.loaded)
    assert (result.amounts == outcome.allocation.steps).all()
    assert result.notices == ()


@pytest.mark.parametrize("where", ["分配表", "allocation"])
def test_an_edit_in_either_sheet_is_read(file, where):
    book = openpyxl.load_workbook(file)
    if where == "allocation":
        sheet = book[where]
        cell = sheet.cell(2, find(sheet, "amount").column)
    else:
        cell = amount_cell(book[where], "150101", "central.industry")
    assert cell.value == 300
    cell.value = 301.5
    book.save(file)
    loaded = builders.loaded()
    amounts = read_result(file, loaded).amounts
    assert amounts[0, 0, 0] == 301.5
    assert {r.rule for r in judge(loaded.problem, loaded.rows, amounts).broken} == {"budget", "step"}


def test_money_for_a_cell_that_had_none_is_read(file):
    book = openpyxl.load_workbook(file)
    amount_cell(book["分配表"], "150101", "central.livelihood").value = 7
    book.save(file)
    assert read_result(file, builders.loaded()).amounts[0, 0, 1] == 7


def test_sheets_that_contradict_each_other_are_a_fault(file):
    book = openpyxl.load_workbook(file)
    amount_cell(book["分配表"], "150101", "central.industry").value = 301
    book["allocation"].cell(2, find(book["allocation"], "amount").column).value = 302
    book.save(file)
    with pytest.raises(BadInput, match=r"the two sheets differ \(302 ≠ 301\)"):
        read_result(file, builders.loaded())


def test_a_row_deleted_from_the_table_counts_as_zero_with_a_notice(file):
    book = openpyxl.load_workbook(file)
    del book["allocation"]
    sheet = book["分配表"]
    sheet.delete_rows(find(sheet, "150201").row)
    book.save(file)
    result = read_result(file, builders.loaded())
    assert not result.amounts[2].any()
    assert [n.en for n in result.notices] == ["150201 丙旗 is not in the table: taken as zero"]


@pytest.mark.parametrize("key", ["*.*", "central.*", "*.industry", "year *.*"])
def test_a_total_of_a_county_that_was_typed_over_is_a_fault(file, key):
    book = openpyxl.load_workbook(file)
    amount_cell(book["分配表"], "150101", key).value = 9999
    book.save(file)
    with pytest.raises(BadInput, match="9999"):
        read_result(file, builders.loaded())
