"""workbook.xlsx: LibreOffice computes every formula to what our own tables and verdict say, edited or not."""

from __future__ import annotations

import pytest

from allocator.input.result_table import read_result
from allocator.verdict import judge
from reports.meeting.rules import FIRST as FIRST_RULE
from reports.meeting.workbook import make_plan
from tests.reports import meeting_scenario
from tests.reports.meeting_files import (
    cell_of,
    cells_of,
    edited,
    miswritten,
    recalculated,
    report_of,
    states,
    workbook_of,
)

EDITS = {
    # name: (result, {(code, column): new amount}, the rules that break, worked out by hand)
    # tutorial: 甲县 169 (101 + 68) of 160 last year, 丙县 171 (103 + 68) at its floor of 0.95 · 180
    "one too much": ("tutorial", {("990101", "grant.industry"): "102"}, {"budget"}),
    "one too little": ("tutorial", {("990101", "grant.other"): "67"}, {"budget"}),
    "moved from a county at its floor": (
        "tutorial",
        {("990103", "grant.other"): "67", ("990101", "grant.other"): "69"},
        {"change_limits"},
    ),
    "moved to it": ("tutorial", {("990103", "grant.other"): "69", ("990101", "grant.other"): "67"}, set()),
    # 东市 has 454 in all: 227 for industry is just half
    "industry at its floor": (
        "tutorial",
        {("990101", "grant.industry"): "56", ("990101", "grant.other"): "113"},
        set(),
    ),
    "industry one below": (
        "tutorial",
        {("990101", "grant.industry"): "55", ("990101", "grant.other"): "114"},
        {"use_share_floor"},
    ),
    "half a unit": (
        "tutorial",
        {("990101", "grant.industry"): "100.5", ("990101", "grant.other"): "68.5"},
        {"step"},
    ),
    "negative": (
        "tutorial",
        {("990101", "grant.industry"): "170", ("990101", "grant.other"): "-1"},
        {"sign"},
    ),
    # yangquan: industry is 3852 of 6420, exactly the 60 % of last year
    "industry one below last year": (
        "yangquan-2024",
        {("140322", "central_2.industry"): "200", ("140322", "central_2.infrastructure"): "94"},
        {"use_share_floor"},
    ),
    # 140303 has 200 of this run's money, the least that it may have
    "below the least amount": (
        "yangquan-2024",
        {("140303", "provincial_3.industry"): "23", ("140322", "provincial_3.industry"): "95"},
        {"amount_bounds"},
    ),
    # 140311 has 939 and may not fall below 938.4
    "below last year": (
        "yangquan-2024",
        {("140311", "provincial_3.industry"): "38", ("140322", "provincial_3.industry"): "95"},
        {"change_limits"},
    ),
    # 140322 has 2828 and may have 2976
    "above last year": (
        "yangquan-2024",
        {("140322", "central_2.industry"): "350"},
        {"budget", "change_limits"},
    ),
    # 140302 is not among the addressed counties
    "money for a closed county": (
        "yangquan-2024",
        {("140302", "central_2.industry"): "1", ("140322", "central_2.industry"): "200"},
        {"eligibility", "use_share_floor"},
    ),
    # every form: 990204 is outside central, roads of region are for the pilot county alone
    "a use that is not permitted": (
        "forms",
        {("990102", "region.roads"): "0.05", ("990102", "region.homes"): "17.55"},
        {"permitted_use"},
    ),
    "outside the group": (
        "forms",
        {("990204", "central.homes"): "0.05", ("990201", "central.homes"): "58.3"},
        {"eligibility"},
    ),
    "no multiple of the step": (
        "forms",
        {("990201", "central.roads"): "38.92", ("990201", "central.homes"): "58.33"},
        {"step"},
    ),
    # 990201 has 127.1 for industry and projects for 170
    "more than the pipeline": (
        "forms",
        {
            ("990201", "central.industry"): "141",
            ("990201", "central.roads"): "0",
            ("990201", "central.homes"): "53.55",
        },
        {"pipeline"},
    ),
    # 990101 has 211.345 in all, of which 0.333 may go to roads: 70.377885
    "too much for roads": (
        "forms",
        {("990101", "central.roads"): "59", ("990101", "central.homes"): "11"},
        {"use_share_cap"},
    ),
    # the poor counties have 639.745 of 1,260.195, and must have 0.5007 of it
    "less for the poor": (
        "forms",
        {("990201", "central.homes"): "48.35", ("990104", "central.homes"): "24.95"},
        {"group_share_floor"},
    ),
    # the first prefecture has 202.65 for homes, and must have 0.123 · 417.05 + 3.7 = 54.99715
    "homes left out": (
        "forms",
        {
            ("990101", "central.homes"): "0",
            ("990101", "region.homes"): "0",
            ("990101", "central.industry"): "112.05",
            ("990101", "region.industry"): "47.15",
            ("990103", "central.homes"): "0",
            ("990103", "region.homes"): "0",
            ("990103", "central.industry"): "65.95",
            ("990103", "region.industry"): "63.3",
            ("990201", "central.homes"): "16.35",
            ("990201", "central.industry"): "139.3",
        },
        {"homes"},
    ),
    "nothing for one county": (
        "forms",
        {("990104", f"{s}.{u}"): "0" for s in ("central", "region") for u in ("homes", "industry")}
        | {("990104", "central.roads"): "0"},
        {"budget", "each", "change_limits", "amount_bounds"},
    ),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    made = {
        name: report_of(name, folder / name) for name in ("tutorial", "yangquan-2024", "inner-mongolia-2025")
    }
    own = meeting_scenario.write_scenario(folder / "every-form")
    return made | {"forms": report_of(own, folder / "forms")}


@pytest.fixture(scope="module")
def books(reports):
    return {name: workbook_of(report) for name, report in reports.items()}


def edited_book(reports, books, name):
    source, changes, _ = EDITS[name]
    cells = {cell_of(reports[source], code, key): number for (code, key), number in changes.items()}
    return edited(books[source], cells)


@pytest.fixture(scope="module")
def computed(reports, books, tmp_path_factory):
    """Every workbook as LibreOffice computes it: as written, edited, and one with a wrong formula."""
    files = {**books, "english": workbook_of(reports["yangquan-2024"], "en")}
    files |= {f"edit-{k}": edited_book(reports, books, name) for k, name in enumerate(EDITS)}
    finer = {cell_of(reports["tutorial"], "990101", "grant.industry"): "101.0000000001"}
    files["finer"] = edited(books["tutorial"], finer)
    files["wrong"] = miswritten(books["tutorial"], 6, "*1000000,0)", "*1000001,0)")
    return recalculated(files, tmp_path_factory.mktemp("soffice"))


def differences(before, after):
    """Cells whose number or text is not the same; a relative billionth is."""
    found = []
    for name, rows in before.items():
        for i, row in enumerate(rows):
            computed = after[name][i] if i < len(after[name]) else []
            for j, cell in enumerate(row):
                other = computed[j] if j < len(computed) else ""
                if isinstance(cell, float) and isinstance(other, float):
                    same = abs(cell - other) <= max(2e-6, 1e-9 * abs(cell))
                else:
                    same = cell == other
                if not same:
                    found.append((name, i, j, cell, other))
    return found


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024", "inner-mongolia-2025", "forms", "english"])
def test_every_formula_computes_to_the_value_written_with_it(reports, books, computed, name):
    written = workbook_of(reports["yangquan-2024"], "en") if name == "english" else books[name]
    assert differences(cells_of(written), computed[name]) == []


def test_a_wrong_formula_is_found(books, computed):
    assert differences(cells_of(books["tutorial"]), computed["wrong"])


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024", "inner-mongolia-2025", "forms"])
def test_rule_rows_are_those_of_rules_csv(reports, computed, name):
    rows = computed[name]["规则核验"][FIRST_RULE:]
    table = reports[name].tables["rules"]
    assert len(rows) == len(table)
    for row, known in zip(rows, table, strict=True):
        assert row[10] == known["rule"]
        assert row[0] == {"true": "不适用", "false": "通过"}[known["vacuous"]]
        for place, column in ((4, "left"), (6, "right"), (7, "slack")):
            assert row[place] == pytest.approx(float(known[column]), abs=1e-6)


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024", "inner-mongolia-2025", "forms"])
def test_entitlements_are_those_of_counties_csv(reports, computed, name):
    rows = computed[name]["因素测算"]
    found = {row[1]: row for row in rows}
    for county in reports[name].tables["counties"]:
        last = [cell for cell in found[float(county["code"])] if cell != ""][-1]
        assert last == pytest.approx(float(county["entitlement"]), abs=3e-6)


@pytest.mark.parametrize("name", ["yangquan-2024", "inner-mongolia-2025", "forms"])
def test_factor_amounts_are_those_of_formula_csv(reports, computed, name):
    plan = make_plan(reports[name], "zh")
    sheet = computed[name]["因素测算"]
    index = reports[name].loaded.counties.index
    parts = {}
    for row in reports[name].tables["formula"]:
        if row["factor"] != "incentive":
            parts.setdefault(row["stream"], {}).setdefault(index[row["code"]], []).append(
                float(row["amount"])
            )
    columns = plan.factors.board.columns
    for stream, by_county in parts.items():
        title = reports[name].loaded.problem.streams[stream].title.text(stream)
        places = [3 + k for k, c in enumerate(columns) if c.group == title and c.title.zh.startswith("其中")]
        for i, amounts in by_county.items():
            # formula.csv cuts parts to six places and gives the rest to the largest
            assert [sheet[7 + i][p] for p in places] == pytest.approx(amounts, abs=1e-6 * (len(amounts) + 1))


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024", "inner-mongolia-2025", "forms"])
def test_totals_and_shares_are_those_of_counties_csv(reports, computed, name):
    plan = make_plan(reports[name], "zh")
    sheet = computed[name]["分配表"]
    place = {c.name or c.kind: 3 + k for k, c in enumerate(plan.columns)}
    shares = [3 + k for k, c in enumerate(plan.columns) if c.kind == "share"]
    for i, county in enumerate(reports[name].tables["counties"]):
        row = sheet[plan.layout.row_of[i]]
        assert row[1:3] == [float(county["code"]), county["county"]]
        assert row[place["total"]] == pytest.approx(float(county["amount"]), abs=1e-9)
        assert row[place["part"]] == pytest.approx(float(county["share_of_total"]), abs=1e-6)
        known = [v for k, v in county.items() if k.startswith("share.")]
        assert len(known) == len(shares)
        for at, value in zip(shares, known, strict=True):
            assert row[at] == (pytest.approx(float(value), abs=1e-6) if value else "")


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_turns_the_right_rules_red(reports, books, computed, tmp_path, name):
    source, _, expected = EDITS[name]
    loaded = reports[source].loaded
    file = tmp_path / "edited.xlsx"
    file.write_bytes(edited_book(reports, books, name))
    verdict = judge(loaded.problem, loaded.rows, read_result(file, loaded).amounts)
    assert {row.rule for row in verdict.broken} == expected
    sheets = computed[f"edit-{list(EDITS).index(name)}"]
    shown = states(sheets, len(verdict.rows))
    wanted = ["不适用" if r.vacuous else "通过" if r.holds else "不通过" for r in verdict.rows]
    assert shown == wanted
    margins = [row[7] for row in sheets["规则核验"][FIRST_RULE:]]
    assert margins == pytest.approx([float(row.slack) for row in verdict.rows], abs=1e-6)


def test_an_amount_finer_than_a_grain_is_no_multiple_of_the_step(reports, computed):
    rows = make_plan(reports["tutorial"], "zh").rows
    shown = states(computed["finer"], len(rows))
    assert [check.judged.rule for check, said in zip(rows, shown, strict=True) if said != "通过"] == ["step"]


def test_the_first_sheet_says_what_is_broken(computed):
    sheet = computed["edit-2"]["分配表"]
    assert sheet[2][0] == "规则核验：1 行不通过，首先是 比上年增减幅度 · 丙县"
    assert computed["edit-3"]["分配表"][2][0] == "规则核验：13 行全部符合"
    marks = {row[2]: row[7] for row in sheet if row[1] in (990101, 990103)}
    assert marks == {"甲县": 0, "丙县": 1}
    moved = {row[2]: row[6] for row in sheet if row[1] in (990101, 990103)}
    assert moved == {"甲县": 1, "丙县": -1}
    left = computed["edit-0"]["分配表"][6]
    assert (left[4], left[8]) == (-1, -1)
