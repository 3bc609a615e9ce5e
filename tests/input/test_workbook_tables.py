"""County tables and the like as workbooks: a cell without a value is a fault, never a blank."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from allocator.cli.main import run
from allocator.faults import BadInput
from allocator.input.tables import read_table
from tests.input.test_broken_input import COUNTIES, SCENARIO


def table(changes):
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in csv.reader(io.StringIO(COUNTIES)):
        made.active.append([float(c) if c.replace(".", "").isdigit() else c for c in row])
    for cell, value in changes.items():
        made.active[cell] = value
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("value", ["#DIV/0!", "=1/0", "=VLOOKUP(A3,别表!A:B,2,0)"])
@pytest.mark.parametrize(("cell", "column"), [("E3", "population"), ("C3", "prefecture"), ("J3", "factor")])
def test_a_cell_without_a_value_is_named(tmp_path, capsys, cell, column, value):
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "scenario.yaml").write_text(f"{SCENARIO}counties: counties.xlsx\n", encoding="utf-8")
    (tmp_path / "plan" / "counties.xlsx").write_bytes(table({cell: value}))
    assert run(["check", str(tmp_path / "plan"), "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"counties.xlsx:3: 100002 乙县, column '{column}'" in told.err
    assert value[:12] in told.err


def test_all_cells_at_once(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(table({"E2": "#N/A", "F4": "=1/0", "H5": "#REF!"}))
    with pytest.raises(BadInput) as error:
        read_table(tmp_path / "t.xlsx", "t.xlsx")
    places = [(f.place.line, f.place.column) for f in error.value.faults]
    assert places == [(2, "population"), (4, "income"), (5, "last")]


def test_blanks_and_empty_texts_stay_blanks(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(table({"H3": None, "H4": ""}))
    cells = [record.cells["last"] for record in read_table(tmp_path / "t.xlsx", "t.xlsx").records]
    assert cells == ["300", "", "", "200"]


def test_an_old_format_is_refused_by_name(tmp_path):
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    with pytest.raises(BadInput, match=r"t\.xls: no \.xlsx workbook"):
        read_table(tmp_path / "t.xls", "t.xls")
