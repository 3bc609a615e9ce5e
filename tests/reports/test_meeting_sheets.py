"""workbook.xlsx as a file: sheets, what is text, input or formula, print setup, what verify reads."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from dataclasses import replace

import openpyxl
import pytest

from allocator.cli.main import run
from allocator.input.result_table import read_result
from allocator.text import Text
from reports.study.input import StudyChart, StudyFolder
from reports.study.key_charts import KEY_CHARTS
from tests.reports import meeting_scenario
from tests.reports.meeting_files import cell_of, edited, report_of, workbook_of


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    return report_of("tutorial", tmp_path_factory.mktemp("tutorial") / "out")


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    return report_of(meeting_scenario.write_scenario(folder / "every-form"), folder / "out")


def book_of(content, **options):
    return openpyxl.load_workbook(io.BytesIO(content), **options)


@pytest.mark.parametrize(
    ("lang", "sheets"),
    [
        ("zh", ["分配表", "因素测算", "规则核验", "敏感性", "说明", "计算"]),
        ("en", ["Allocation table", "Factors", "Rules", "Sensitivity", "Notes", "Calculation"]),
    ],
)
def test_sheets(tutorial, lang, sheets):
    book = book_of(workbook_of(tutorial, lang))
    assert book.sheetnames == sheets
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 5 + ["hidden"]


def test_same_bytes_twice_and_no_clock_inside(tutorial, forms):
    for report in (tutorial, forms):
        one, other = workbook_of(report), workbook_of(replace(report))
        assert one == other
        with zipfile.ZipFile(io.BytesIO(one)) as packed:
            assert {member.date_time[0] for member in packed.infolist()} == {1980}
            assert b"2000-01-01" in packed.read("docProps/core.xml")


def test_inputs_are_numbers_and_everything_that_follows_is_a_formula(tutorial):
    sheet = book_of(workbook_of(tutorial))["分配表"]
    row = next(r for r in range(1, 30) if sheet.cell(r, 2).value == "990101")
    kinds = {sheet.cell(6 - 2, c).value: sheet.cell(row, c) for c in range(4, sheet.max_column + 1)}
    titles = [sheet.cell(5, c).value for c in range(4, sheet.max_column + 1)]
    cells = dict(zip(titles, (sheet.cell(row, c) for c in range(4, sheet.max_column + 1)), strict=True))
    assert kinds
    assert {t for t, c in cells.items() if c.data_type == "n"} == {"产业发展", "其他", "上年"}
    assert cells["产业发展"].fill.fgColor.rgb == "FFFFF9DB"
    assert cells["分配额"].data_type == "f"


def test_every_rule_row_is_a_formula(tutorial):
    sheet = book_of(workbook_of(tutorial))["规则核验"]
    rows = [row for row in sheet.iter_rows(min_row=5, max_col=19) if row[0].value]
    assert len(rows) == len(tutorial.verdict.rows)
    for row in rows:
        assert [row[k].data_type for k in (0, 4, 6, 7, 11, 16, 18)] == ["f"] * 7


def test_closed_cells_are_empty_and_grey(forms):
    content = workbook_of(forms)
    sheet = book_of(content)["分配表"]
    for code, key in (("990204", "central.homes"), ("990102", "region.roads")):
        cell = sheet[cell_of(forms, code, key)]
        assert cell.value is None
        assert cell.fill.fgColor.rgb == "FFE7E6E6"
    assert sheet[cell_of(forms, "990101", "region.roads")].fill.fgColor.rgb == "FFFFF9DB"


def test_hostile_names_are_text_everywhere(forms):
    book = book_of(workbook_of(forms))
    for name in ("分配表", "因素测算", "计算"):
        cells = [c for row in book[name].iter_rows() for c in row if c.value in meeting_scenario.HOSTILE]
        assert {c.value for c in cells} == set(meeting_scenario.HOSTILE)
        assert {c.data_type for c in cells} == {"s"}
    texts = [c for row in book["规则核验"].iter_rows() for c in row if str(c.value).startswith("=")]
    ours = ("=IF(", "=SUM(", "=COUNTIF(", "='计算'!", "=SUMPRODUCT(", "=SUMIF(", "=0", "=-", "=(")
    for cell in texts:
        figures = re.fullmatch(r"=[A-S]\d+[*/].*", cell.value) or cell.value.startswith(ours)
        assert (cell.data_type == "f") == bool(figures), cell.value


def test_formulas_are_short_and_of_functions_that_every_spreadsheet_has(forms, tutorial):
    known = {"ABS", "AVERAGE", "COUNTIF", "EXACT", "IF", "IFERROR", "INDEX", "INT", "ISNUMBER", "LOOKUP"}
    known |= {"MATCH", "MAX", "MEDIAN", "ROUND", "SUBTOTAL", "SUM", "SUMIF", "SUMPRODUCT", "AND"}
    known |= {"ISERROR", "ISLOGICAL", "ISTEXT"}
    for report in (forms, tutorial):
        for sheet in book_of(workbook_of(report)):
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        assert len(cell.value) < 600
                        without = re.sub(r'"[^"]*"', "", cell.value)
                        assert set(re.findall(r"([A-Z.]+)\(", without)) <= known


def test_headers_stay_in_sight_and_on_every_page(tutorial):
    book = book_of(workbook_of(tutorial))
    frozen = {"分配表": ("D10", "$1:$8"), "因素测算": ("D8", "$1:$7"), "规则核验": ("D5", "$1:$4")}
    for name, (pane, titles) in frozen.items():
        sheet = book[name]
        assert (sheet.freeze_panes, sheet.print_title_rows) == (pane, titles)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.auto_filter.ref


def test_values_are_cached_for_readers_that_do_not_compute(tutorial):
    cached = book_of(workbook_of(tutorial), data_only=True)
    sheet = cached["分配表"]
    assert sheet["A3"].value == "规则核验：13 行全部符合"
    row = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "990101")
    # entitlement 600 · 0.2 + 400 / 6 and amount 169, from the tutorial's SOURCES.md
    assert row[3] == pytest.approx(186.6666667)
    assert row[4] == 169


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_verify_reads_the_workbook_back(forms, tmp_path, lang):
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(workbook_of(forms, lang))
    result = read_result(path, forms.loaded)
    assert (result.amounts == forms.steps).all()
    assert result.notices == ()


def test_verify_judges_an_edited_workbook(tutorial, tmp_path, capsys):
    path = tmp_path / "edited.xlsx"
    path.write_bytes(workbook_of(tutorial))
    assert run(["verify", "tutorial", str(path)]) == 0
    changes = {
        cell_of(tutorial, "990103", "grant.other"): "67",
        cell_of(tutorial, "990101", "grant.other"): "69",
    }
    path.write_bytes(edited(workbook_of(tutorial), changes))
    capsys.readouterr()
    assert run(["verify", "tutorial", str(path), "--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)["broken"]
    assert (row["rule"], row["where"], row["slack"]) == ("change_limits", "990103", -1)


def test_an_entry_that_is_no_number_is_named_by_row_and_column(tutorial, tmp_path, capsys):
    path = tmp_path / "edited.xlsx"
    book = book_of(workbook_of(tutorial))
    book["分配表"][cell_of(tutorial, "990103", "grant.other")] = "六十八"
    book.save(path)
    assert run(["verify", "tutorial", str(path)]) == 2
    said = capsys.readouterr().err
    assert "六十八" in said
    assert "grant.other" in said
    assert "分配表" in said


def test_without_a_study_the_sheet_says_how_to_get_one(tutorial):
    cells = [c.value for row in book_of(workbook_of(tutorial))["敏感性"].iter_rows() for c in row if c.value]
    assert any("allocator sensitivity" in str(cell) for cell in cells)


def png(width, height):
    """A white picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"pHYs", struct.pack(">IIB", 3937, 3937, 1))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_a_study_is_shown_with_its_findings_tornado_and_pictures(tutorial, tmp_path):
    names = ["tornado", *(f"weight-{k}" for k in range(20)), *KEY_CHARTS[1:-1], "frontier-x", "frontier-y"]
    charts = []
    for name in names:
        (tmp_path / f"{name}.png").write_bytes(png(128, 72))
        charts.append(
            StudyChart(name, Text(f"=结论 {name}", f"finding {name}"), Text("注", "note"), "tornado")
        )
    (tmp_path / "tornado.csv").write_text(
        "path,title_zh,title_en,present,value,status,money_moved,counties_up,counties_down,largest_county,"
        "largest_change\nstreams.grant.budget,=预算,budget,1000,1050,solved,50.5,6,0,丁县,11.25\n"
        "rules.x,参数,knob,0.5,0.9,infeasible,,,,,\n",
        encoding="utf-8-sig",
    )
    study = StudyFolder(tmp_path, {}, tuple(charts), "zh")
    content = workbook_of(replace(tutorial, study=study))
    assert content == workbook_of(replace(tutorial, study=study))
    book = book_of(content)
    sheet = book["敏感性"]
    cells = {c.value: c for row in sheet.iter_rows() for c in row if c.value is not None}
    assert len(sheet._images) == len(KEY_CHARTS) <= 10
    assert cells["• =结论 frontier-x"].data_type == "s"
    assert cells["=预算"].data_type == "s"
    assert (cells[50.5].data_type, cells["无解"].data_type) == ("n", "s")


def test_what_no_formula_says_is_named(forms, tutorial):
    assert "自治区：奖励与扣减" in book_of(workbook_of(forms))["因素测算"]["A2"].value
    assert "数值" not in book_of(workbook_of(tutorial))["因素测算"]["A2"].value


def test_notes_name_rules_clauses_and_files(forms):
    text = [str(c.value) for row in book_of(workbook_of(forms))["说明"].iter_rows() for c in row if c.value]
    assert "=县均" in text
    assert "=1+1" in text
    for name, entry in forms.run["inputs"].items():
        assert name in text
        assert f"SHA-256 {entry['sha256']}" in text
