"""Cells of the workbook that hold no amount: its live verdict and `verify` both say that the data are bad."""

from __future__ import annotations

import pytest

from allocator.cli.main import run
from tests.reports.meeting_files import (
    cell_of,
    cells_of,
    converted,
    recalculated,
    report_of,
    states,
    stored,
    workbook_of,
)

BAD = {
    "text": 't="inlineStr"><is><t>68</t></is>',
    "words": 't="inlineStr"><is><t>六十八</t></is>',
    "blank": 't="inlineStr"><is><t xml:space="preserve"> </t></is>',
    "empty": 't="str"><f>""</f><v></v>',
    "error": 't="e"><f>1/0</f><v>#DIV/0!</v>',
    "name": 't="e"><f>foo(1)</f><v>#NAME?</v>',
    "yes": 't="b"><v>1</v>',
}
"""What is stored where 68 stood: the sums on the sheet skip it, or are errors."""


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    return report_of("tutorial", tmp_path_factory.mktemp("tutorial") / "out")


@pytest.fixture(scope="module")
def books(tutorial):
    cell = cell_of(tutorial, "990103", "grant.other")
    return {name: stored(workbook_of(tutorial), {cell: inside}) for name, inside in BAD.items()}


@pytest.fixture(scope="module")
def computed(tutorial, books, tmp_path_factory):
    english = stored(workbook_of(tutorial, "en"), {cell_of(tutorial, "990103", "grant.other"): BAD["text"]})
    return recalculated({**books, "english": english}, tmp_path_factory.mktemp("soffice"))


@pytest.mark.parametrize("name", [name for name in BAD if name != "yes"])
def test_the_live_verdict_says_that_the_data_are_bad(computed, name):
    # LibreOffice takes a yes for 1 in every sum, so that its sheet agrees with itself
    sheet = computed[name]["分配表"]
    assert sheet[2][0] == "数据有误：1 个金额单元格不是数字"
    assert (sheet[6][4], sheet[6][8]) == ("数据有误", "数据有误")
    said = states(computed[name], 13)
    assert said[0] == "数据有误"
    wrong = {
        row[2] for row, state in zip(computed[name]["规则核验"][4:], said, strict=False) if "误" in state
    }
    assert "丙县" in wrong
    marks = {row[2]: row[7] for row in sheet if row[1] in (990101, 990103)}
    assert marks["丙县"] > 0
    assert marks["甲县"] == 0


def test_in_english_too(computed):
    assert computed["english"]["Allocation table"][2][0] == "Bad figures: 1 amount cell(s) hold no number"
    assert computed["english"]["Allocation table"][6][4] == "bad figure"


@pytest.mark.parametrize("name", BAD)
def test_verify_refuses_it_by_sheet_row_county_and_column(tutorial, books, tmp_path, capsys, name):
    path = tmp_path / "edited.xlsx"
    path.write_bytes(books[name])
    cell = cell_of(tutorial, "990103", "grant.other")
    for lang, named in (
        ("zh", "990103 丙县，列“K grant.other”"),
        ("en", "990103 丙县, column 'K grant.other'"),
    ):
        assert run(["verify", "tutorial", str(path), "--lang", lang]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert f"{path}[分配表]:{cell[1:]}: {named}: " in told.err


def test_a_zero_amount_with_an_error_is_not_kept(tutorial, tmp_path, capsys):
    """A column that holds zeros alone: read as a blank, the error would break no rule."""
    path, content = tmp_path / "edited.xlsx", workbook_of(tutorial)
    zeros = {cell_of(tutorial, c, "grant.other"): "><v>0</v>" for c in ("990101", "990103")}
    path.write_bytes(stored(content, zeros | {cell_of(tutorial, "990101", "grant.other"): BAD["error"]}))
    assert run(["verify", "tutorial", str(path), "--lang", "en"]) == 2
    assert "the cell holds an error, #DIV/0!" in capsys.readouterr().err


def test_a_formula_that_nobody_computed_is_a_fault_and_one_computed_an_amount(tutorial, tmp_path, capsys):
    path, content = tmp_path / "edited.xlsx", workbook_of(tutorial)
    cell = cell_of(tutorial, "990103", "grant.other")
    path.write_bytes(stored(content, {cell: "><f>60+8</f>"}))
    assert run(["verify", "tutorial", str(path), "--lang", "en"]) == 2
    assert "a formula without a result: =60+8" in capsys.readouterr().err
    saved = converted({"saved": path.read_bytes()}, tmp_path / "soffice", "xlsx") / "saved.xlsx"
    assert run(["verify", "tutorial", str(saved)]) == 0


@pytest.mark.parametrize(
    ("row", "place", "column"),
    [(10, 4, "E"), (10, 8, "I"), (8, 4, "E"), (8, 9, "J grant.industry"), (9, 8, "I")],
)
def test_a_total_that_was_typed_over_is_refused(tutorial, tmp_path, capsys, row, place, column):
    path, content = tmp_path / "edited.xlsx", workbook_of(tutorial)
    total = cells_of(content)["分配表"][row][place]
    cell = f"{'ABCDEFGHIJK'[place]}{row + 1}"
    path.write_bytes(stored(content, {cell: "><v>999</v>"}))
    assert run(["verify", "tutorial", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert f"[分配表]:{row + 1}:" in told
    assert (
        f"column '{column}': a total was typed over: it says 999, its amounts add up to {total:.0f}" in told
    )
    path.write_bytes(stored(content, {cell: f"><v>{total}</v>"}))
    assert run(["verify", "tutorial", str(path)]) == 0


def test_no_trace_of_a_departure_is_a_red_zero(tutorial, computed):
    """A division has an end: the total that fits the formula departs from it by its last digits."""
    cached, sheet = cells_of(workbook_of(tutorial))["分配表"], computed["yes"]["分配表"]
    assert str(cached[8][5]) == "0.0"
    for rows in (cached, sheet):
        ratios = [row[place] for row in rows[8:] for place in (5, 12) if row[place] != ""]
        assert len(ratios) > 10
        assert ratios == pytest.approx([round(ratio, 4) for ratio in ratios], abs=1e-12)
