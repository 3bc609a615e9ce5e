"""A table edited in a spreadsheet, read back: what its sheet shows and what is judged are the same."""

from __future__ import annotations

from fractions import Fraction

import openpyxl
import pytest

from allocator.faults import BadInput
from allocator.input.result_layout import EVERYTHING, YEAR
from allocator.input.result_table import read_result
from tests import builders

KEYS = ("central.industry", "central.livelihood", "central.roads", "regional.livelihood")
HEAD = ("prefecture", "code", "county", EVERYTHING, *KEYS, YEAR)
AMOUNTS = ((300, 0, 110, None), (200, 90, 0, 50), (155, 0, 45, 25), (60, 40, 0, 25))
ISSUED = (40, 0, 0, 5)
TOTAL, FIRST, LAST = 3, 5, 9
"""Rows: the grand total, 150101 below its prefecture, 150202."""


def book(changes=None, head=HEAD, title="分配表"):
    """The pivot as people have it: totals as formulas, counties under their prefecture."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    sheet.append(["四旗县测算"])
    sheet.append(head)
    sheet.append(["合计", "", "", *(f"=SUBTOTAL(9,{c}4:{c}9)" for c in "DEFGHI")])
    rows = iter(zip(builders.CODES, builders.NAMES, AMOUNTS, strict=True))
    for prefecture in ("东盟", "西市"):
        k = sheet.max_row + 1
        sheet.append([prefecture, "", "小计", *(f"=SUBTOTAL(9,{c}{k + 1}:{c}{k + 2})" for c in "DEFGHI")])
        for _ in range(2):
            code, name, amounts = next(rows)
            k = sheet.max_row + 1
            sheet.append([prefecture, code, name, f"=SUM(E{k}:H{k})", *amounts, f"=D{k}+40"])
    for cell, value in (changes or {}).items():
        sheet[cell] = value
    return made


def read(tmp_path, changes=None, **options):
    path = tmp_path / "t.xlsx"
    book(changes, **options).save(path)
    return read_result(path, builders.loaded())


def faults(tmp_path, changes, **options):
    with pytest.raises(BadInput) as error:
        read(tmp_path, changes, **options)
    return error.value.faults


def test_as_written(tmp_path):
    result = read(tmp_path)
    assert result.notices == ()
    assert result.amounts.sum() == 1100
    assert result.amounts[3, 1].tolist() == [0, 25, 0]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("#DIV/0!", "the cell holds an error, #DIV/0!"),
        ("#NAME?", "the cell holds an error, #NAME?"),
        ("=1/0", "a formula without a result: =1/0"),
        ("=E5+1", "a formula without a result: =E5+1"),
        ("14", "'14' is text, which the totals of the sheet leave out"),
        (" ", "a text with nothing in it"),
        ("六十八", "'六十八' is no number"),
        (True, "'True' is no number"),
    ],
)
@pytest.mark.parametrize("cell", ["F5", "H5"])
def test_an_amount_that_is_none_is_a_fault(tmp_path, cell, value, what):
    """F5 is a zero and H5 a blank: read as nothing, both would pass."""
    (fault,) = faults(tmp_path, {cell: value})
    assert what in fault.what.en
    place = fault.place
    assert (place.file, place.line) == (f"{tmp_path / 't.xlsx'}[分配表]", 5)
    assert place.county == "150101 甲县"
    assert place.column == {"F5": "F central.livelihood", "H5": "H regional.livelihood"}[cell]
    assert fault.fix.zh
    assert fault.fix.en


def test_all_faults_at_once(tmp_path):
    found = faults(tmp_path, {"E5": "=1/0", "F6": "#N/A", "G8": "7", "E9": "x", "D6": 1})
    assert [(f.place.line, f.place.column[0]) for f in found] == [
        (5, "E"), (6, "F"), (8, "G"), (9, "E"),
    ]  # fmt: skip


def test_errors_in_other_cells_are_no_amounts(tmp_path):
    assert read(tmp_path, {"D5": "#REF!", "E4": "=1/0", "A6": "#N/A"}).amounts.sum() == 1100
    (fault,) = faults(tmp_path, {"C5": "#REF!"})
    assert "'#REF!' does not fit the code" in fault.what.en


def test_a_long_list_reads_text_as_numbers_but_no_errors(tmp_path):
    made = openpyxl.Workbook()
    rows = (("150101", "300"), ("150102", 200), ("150201", "#N/A"), ("150202", "=A1"))
    for row in (("code", "amount"), *rows):
        made.active.append([*row, "stream" if row[0] == "code" else "central"])
        made.active.cell(made.active.max_row, 4, "use" if row[0] == "code" else "industry")
    made.save(tmp_path / "t.xlsx")
    with pytest.raises(BadInput) as error:
        read_result(tmp_path / "t.xlsx", builders.loaded())
    assert [(f.place.line, f.place.column) for f in error.value.faults] == [(4, "amount"), (5, "amount")]
    made.active["B4"], made.active["B5"] = 155, 60
    made.save(tmp_path / "t.xlsx")
    assert read_result(tmp_path / "t.xlsx", builders.loaded()).amounts[:, 0, 0].tolist() == [
        300, 200, 155, 60,
    ]  # fmt: skip


def renamed(old, new):
    return tuple(new if name == old else name for name in HEAD)


@pytest.mark.parametrize("name", ["central.foo", "centrla.industry", "Central.industry", "a.b"])
def test_a_column_of_no_stream_and_use_is_a_fault(tmp_path, name):
    (fault,) = faults(tmp_path, {}, head=renamed("central.industry", name))
    assert f"no stream and use '{name}'" in fault.what.en
    assert "central.industry" in fault.fix.en
    assert (fault.place.line, fault.place.column) == (2, f"E {name}")


@pytest.mark.parametrize("name", ["备注", "No. 1", "share.industry", "2024.5", "", "note"])
def test_other_columns_are_none_of_the_readers_business(tmp_path, name):
    assert read(tmp_path, {}, head=renamed(EVERYTHING, name)).notices == ()


def test_a_column_that_is_gone_gets_a_notice(tmp_path):
    made = book()
    made.active.delete_cols(8)
    made.save(tmp_path / "t.xlsx")
    (notice,) = read_result(tmp_path / "t.xlsx", builders.loaded()).notices
    assert notice.en == "there is no column regional.livelihood in the table: taken as zero"


def test_a_county_that_is_gone_from_the_sheet_that_decides_gets_a_notice(tmp_path):
    made = book(title="分配表")
    made.active.delete_rows(LAST)
    long = made.create_sheet("allocation")
    long.append(["code", "stream", "use", "amount", "solved"])
    for code, amounts in zip(builders.CODES, AMOUNTS, strict=True):
        for key, amount in zip(KEYS, amounts, strict=True):
            if amount:
                long.append([code, *key.split("."), amount, amount])
    made.save(tmp_path / "t.xlsx")
    result = read_result(tmp_path / "t.xlsx", builders.loaded())
    assert [n.en for n in result.notices] == ["150202 丁区 is not in the table: taken as zero"]
    assert result.amounts[3].sum() == 0


def test_a_table_of_another_scenario_is_said_to_be_one(tmp_path):
    head = ("prefecture", "code", "county", "", "grant.industry", "grant.other", "work.roads", "x.y", "")
    (fault,) = faults(tmp_path, {}, head=head)
    assert "a table of another scenario" in fault.what.en
    assert "grant.industry" in fault.what.en
    assert "four-counties" in fault.what.en
    assert "central.industry" in fault.fix.en
    assert fault.place.line == 2


@pytest.mark.parametrize(
    ("cell", "label", "column", "sum_of"),
    [
        (f"D{FIRST}", "150101 甲县", "D", 410),
        (f"I{FIRST}", "150101 甲县", "I", 450),
        (f"D{LAST}", "150202 丁区", "D", 125),
        (f"D{TOTAL}", "合计", "D", 1100),
        (f"I{TOTAL}", "合计", "I", 1145),
        (f"E{TOTAL}", "合计", "E central.industry", 715),
        ("D4", "东盟 小计", "D", 750),
        ("G7", "西市 小计", "G central.roads", 45),
    ],
)
def test_a_total_that_was_typed_over_is_a_fault(tmp_path, cell, label, column, sum_of):
    (fault,) = faults(tmp_path, {cell: 999})
    assert f"it says 999, its amounts add up to {sum_of}" in fault.what.en
    assert (fault.place.county, fault.place.column) == (label, column)
    assert fault.place.line == int(cell[1:])
    # the sum itself contradicts nothing, whoever wrote it
    assert read(tmp_path, {cell: sum_of}).amounts.sum() == 1100
    assert read(tmp_path, {cell: sum_of + 1e-13}).amounts.sum() == 1100


def test_totals_typed_over_are_told_all_at_once(tmp_path):
    found = faults(tmp_path, {"D5": 1, "D3": 2, "G7": 3, "I9": 4})
    assert [(f.place.line, f.place.column[0]) for f in found] == [(5, "D"), (9, "I"), (3, "D"), (7, "G")]


def test_totals_of_cents_may_have_the_noise_of_floats(tmp_path):
    result = read(tmp_path, {"E5": 0.1, "F5": 0.2, "G5": 0, "D5": 0.1 + 0.2})
    assert result.amounts[0].sum() == Fraction(3, 10)


def test_totals_that_do_not_say_of_what_are_left_alone(tmp_path):
    assert read(tmp_path, {"A4": "", "D4": 7}).amounts.sum() == 1100
    head = tuple("盟市" if name == "prefecture" else name for name in HEAD)
    assert read(tmp_path, {"D4": 7}, head=head).amounts.sum() == 1100
    # two rows of one name, each of which may add up a part
    assert read(tmp_path, {"A4": "", "C4": "合计", "D3": 5, "D4": 7}).amounts.sum() == 1100
