"""Reading a finished table back: what is a fault, what is for the verdict."""

from __future__ import annotations

from fractions import Fraction

import openpyxl
import pytest

from allocator.faults import BadInput
from allocator.input.result_table import read_result
from tests import builders

HEAD = "code,county,prefecture,stream,source,batch,use,amount\n"
ROWS = [
    "150101,甲县,东盟,central,central,1,industry,300",
    "150102,乙县,东盟,central,central,1,industry,200",
    "150201,丙旗,西市,central,central,1,industry,155",
    "150202,丁区,西市,central,central,1,industry,60",
]


def read(tmp_path, *rows, head=HEAD, encoding="utf-8", name="t.csv"):
    path = tmp_path / name
    path.write_bytes((head + "\n".join(rows) + "\n").encode(encoding))
    return read_result(path, builders.loaded())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(tmp_path, encoding):
    result = read(tmp_path, *ROWS, encoding=encoding)
    assert result.amounts[:, 0, 0].tolist() == [300, 200, 155, 60]
    assert result.notices == ()


def test_separators_full_width_digits_and_semicolons(tmp_path):
    assert read(tmp_path, '150101,,,central,,,industry,"1,300.50"', *ROWS[1:]).amounts[0, 0, 0] == Fraction(
        2601, 2
    )
    assert read(tmp_path, "１５０１０１,,,central,,,industry,３００", *ROWS[1:]).amounts[0, 0, 0] == 300
    head = HEAD.replace(",", ";")
    assert read(tmp_path, ROWS[0].replace(",", ";"), head=head).amounts[0, 0, 0] == 300


def test_fractions_negatives_and_blanks_are_no_faults(tmp_path):
    rows = ["150101,甲县,东盟,central,,,industry,-0.5", "150102,乙县,东盟,central,,,industry,"]
    amounts = read(tmp_path, *rows).amounts
    assert amounts[0, 0, 0] == Fraction(-1, 2)
    assert amounts[1, 0, 0] == 0


def test_columns_in_any_order_and_no_more_than_needed(tmp_path):
    result = read(tmp_path, "300,industry,central,150101", head="amount,use,stream,code\n")
    assert result.amounts[0, 0, 0] == 300


def test_totals_are_skipped(tmp_path):
    rows = [*ROWS, ",小计,,,,,,715", "合计,,,,,,,715", ",,,,,,,", "注：讨论稿,,,,,,,"][:-1]
    assert read(tmp_path, *rows).amounts.sum() == 715


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("159999,甲县,东盟,central,,,industry,1", "no code 159999"),
        ("150102,甲县,东盟,central,,,industry,1", "'甲县' does not fit the code"),
        ("150101,甲县,东盟,centrla,,,industry,1", "no 'centrla'"),
        ("150101,甲县,东盟,central,,,industri,1", "no 'industri'"),
        ("150101,甲县,东盟,central,,,industry,一百", "'一百' is no number"),
        ("150101,甲县,东盟,central,,,industry,NaN", "'NaN' is no number"),
        (",甲县,东盟,central,,,industry,5", "without a county code"),
        (ROWS[1], "repeats row 3"),
    ],
)
def test_faults_name_their_row(tmp_path, row, words):
    with pytest.raises(BadInput) as error:
        read(tmp_path, ROWS[0], ROWS[1], row)
    assert words in str(error.value)
    assert "t.csv:4:" in str(error.value)


def test_all_faults_at_once(tmp_path):
    with pytest.raises(BadInput) as error:
        read(tmp_path, "1,,,central,,,industry,1", "150101,,,x,,,y,z")
    assert len(error.value.faults) == 4


def test_missing_columns(tmp_path):
    with pytest.raises(BadInput, match="columns are missing: amount, use"):
        read(tmp_path, "150101,central", head="code,stream\n")


def test_a_column_that_stands_twice(tmp_path):
    with pytest.raises(BadInput, match="the column stands twice"):
        read(tmp_path, "150101,central,industry,1,2", head="code,stream,use,amount,amount\n")


def test_an_absent_county_gets_a_notice(tmp_path):
    result = read(tmp_path, *ROWS[1:])
    assert [n.en for n in result.notices] == ["150101 甲县 is not in the table: taken as zero"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0x", b"\xff\xfe1"]
)
def test_no_table_at_all(tmp_path, content):
    path = tmp_path / "allocation.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_result(path, builders.loaded())


def test_missing_file_and_folder(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(BadInput):
            read_result(path, builders.loaded())


def test_a_workbook_of_other_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code", "stream", "use", "amount"])
    book.active.append([150101, "central", "industry", 300])
    book.save(tmp_path / "one.xlsx")
    assert read_result(tmp_path / "one.xlsx", builders.loaded()).amounts[0, 0, 0] == 300
    book.create_sheet("more")
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(BadInput, match="no sheet named"):
        read_result(tmp_path / "two.xlsx", builders.loaded())


def test_a_float_is_read_as_the_digits_a_spreadsheet_shows(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code", "stream", "use", "amount"])
    book.active.append(["150101", "central", "industry", 0.1 + 0.2])
    book.save(tmp_path / "one.xlsx")
    assert read_result(tmp_path / "one.xlsx", builders.loaded()).amounts[0, 0, 0] == Fraction(3, 10)
