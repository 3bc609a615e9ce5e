"""allocator progress from end to end: the bundled scenario, files, chart, scores in the next scenario."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from fractions import Fraction as F
from pathlib import Path

import openpyxl
import pytest

from allocator.cli.main import run
from allocator.load import BUNDLED, load
from allocator.plan import solve
from allocator.text import Text
from reports.charts import style
from reports.charts.progress_chart import Day, ProgressData, Spent, draw_progress
from tests.reports.chart_samples import counties
from tests.reports.test_charts import check_texts

NAME = "daxinganling-2026"
TABLE = BUNDLED / NAME / "progress.csv"


def records(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("progress") / "out"
    assert (
        run(
            ["progress", NAME, "-o", str(out), "--into", str(BUNDLED / NAME / "counties.csv"), "--lang", "zh"]
        )
        == 1
    )
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_the_bundled_table_holds_the_scenarios_own_solution():
    loaded = load(NAME)
    amounts = solve(loaded).steps.sum(axis=2)
    issued = {
        (code, stream): int(amounts[i, s])
        for i, code in enumerate(loaded.counties.codes)
        for s, stream in enumerate(loaded.problem.stream_names)
    }
    last = [r for r in records(TABLE.read_bytes()) if r["date"] == "2026-06-30" and not r["project"]]
    assert {(r["code"], r["stream"]): int(r["allocated"]) for r in last} == issued


def test_files_add_up(written):
    assert sorted(written) == [
        "accounts.csv", "counties.csv", "flags.csv", "month.csv", "performance.csv", "progress.png",
        "progress.svg",
        "progress.xlsx", "projects.csv", "quarter.csv", "ranking.csv", "run.json", "streams.csv", "week.csv",
    ]  # fmt: skip
    raw = [r for r in records(TABLE.read_bytes()) if r["date"] == "2026-06-30" and not r["project"]]
    for name in ("accounts.csv", "streams.csv", "ranking.csv"):
        for column in ("allocated", "paid", "committed"):
            whole = sum(int(r[column]) for r in records(written[name]))
            assert whole == sum(int(r[column]) for r in raw), (name, column)
    assert {r["county"]: r["rank"] for r in records(written["ranking.csv"])} == {
        "呼玛县": "1",
        "漠河市": "2",
        "塔河县": "3",
    }
    # July has not begun: half of everything is due
    for r in records(written["performance.csv"]):
        assert F(r["expected"]) == F(r["allocated"]) / 2
        assert F(r["score"]) == min(F(100), F(round(F(r["paid"]) / F(r["expected"]) * 10000), 100))
    flags = records(written["flags.csv"])
    # TH-02 was planned for 20 December; TH-03 is as late, but excused by the frozen ground
    assert [r["project"] for r in flags if r["kind"] == "not_started"] == ["TH-02"]
    assert [r["project"] for r in flags if r["kind"] == "over_progress"] == ["MH-02"]
    quarter = {r["county"]: r["verdict"] for r in records(written["quarter.csv"])}
    assert quarter == {"呼玛县": "表扬", "漠河市": "批评", "塔河县": "批评"}
    watched = {r["project"]: r["watched"] for r in records(written["projects.csv"]) if r["watched"]}
    assert watched == {
        "HM-01": "地州行业主管部门每月；自治区行业主管部门每季度",
        "HM-02": "地州行业主管部门每月",
        "TH-01": "地州行业主管部门每月",
    }  # fmt: skip


def test_the_workbook_holds_every_table(written):
    book = openpyxl.load_workbook(io.BytesIO(written["progress.xlsx"]))
    assert book.sheetnames[:3] == ["周调度", "月会商", "季通报"]
    assert len(book.sheetnames) == 9
    sheet = book["排名"]
    assert [cell.value for cell in sheet[3]][:3] == [1, "232721", "呼玛县"]


def test_same_input_gives_same_bytes(written, tmp_path, capsys):
    out = tmp_path / "again"
    assert (
        run(
            ["progress", NAME, "-o", str(out), "--into", str(BUNDLED / NAME / "counties.csv"), "--lang", "zh"]
        )
        == 1
    )
    assert {path.name: path.read_bytes() for path in out.iterdir()} == written


def test_scores_reach_the_next_scenarios_formula(written, tmp_path):
    folder = tmp_path / "next"
    shutil.copytree(BUNDLED / NAME, folder)
    (folder / "counties.csv").write_bytes(written["counties.csv"])
    scores = {r["code"]: r["score"] for r in records(written["performance.csv"])}
    # bands of the scenario: from 90 1.2, from 80 1.0, below 0.8
    bands = {c: "1.2" if F(s) >= 90 else "1.0" if F(s) >= 80 else "0.8" for c, s in scores.items()}
    assert sorted(bands.values()) == ["0.8", "1.2", "1.2"]
    before, after = load(NAME), load(folder)
    share = {
        (one.counties.codes[f.county], which): F(f.share)
        for which, one in enumerate((before, after))
        for f in one.factors
        if f.factor == "performance" and f.stream == "central_consolidation"
    }
    total = sum(F(band) for band in bands.values())
    for code, band in bands.items():
        assert abs(share[code, 1] - F(band) / total) < F(1, 10**6)
    assert share["232701", 1] > share["232701", 0]


@pytest.mark.parametrize("period", ["week", "month", "quarter"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_screens(capsys, period, lang):
    assert run(["progress", NAME, "--period", period, "--lang", lang]) == 1
    out = capsys.readouterr().out
    assert "2,498" in out
    title = {
        "week": ("周调度", "Weekly report"),
        "month": ("月会商", "Monthly"),
        "quarter": ("季通报", "Quarterly"),
    }
    assert title[period][lang == "en"] in out


def test_the_week_names_the_figures_that_it_is_compared_with(written, tmp_path, capsys):
    """Recomputed from the bundled table: figures of Friday, 26 June, are the last before Monday, the 29th."""
    paid = {
        (r["county"], r["date"]): sum(
            int(q["paid"])
            for q in records(TABLE.read_bytes())
            if (q["county"], q["date"]) == (r["county"], r["date"]) and not q["project"]
        )
        for r in records(TABLE.read_bytes())
    }
    within = {c: paid[c, "2026-06-30"] - paid[c, "2026-06-26"] for c in ("漠河市", "呼玛县", "塔河县")}
    assert sum(within.values()) == 97
    week = records(written["week.csv"])
    assert {r["county"]: int(r["paid_within"]) for r in week} == within
    assert {r["since"] for r in week} == {"2026-06-26"}
    # the quarter's figures are of the day before it began
    assert {r["since"] for r in records(written["quarter.csv"])} == {"2026-03-31"}
    assert run(["progress", NAME, "--period", "week", "--lang", "en"]) == 1
    shown = capsys.readouterr()
    assert "06-26" in shown.out
    assert "what 3 counties paid within counts from the figures of 2026-06-26" in shown.err
    for options in (["--period", "quarter"], []):
        assert run(["progress", NAME, *options, "--lang", "en"]) == 1
        assert "paid within" not in capsys.readouterr().err
    page = (Path(__file__).parents[2] / "docs" / "progress-factor.md").read_text(encoding="utf-8")
    assert "97 万元 paid since the figures of Friday, 26 June" in page
    assert run(["progress", NAME, "-o", str(tmp_path / "out"), "--json", "--lang", "en"]) == 1
    assert any("2026-06-26" in n["en"] for n in json.loads(capsys.readouterr().out)["notices"])


def test_json(capsys):
    assert run(["progress", str(TABLE), "--as-of", "2026-03-31", "--period", "week", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["as_of"], found["schedule"], found["total"]["planned"]) == ("2026-03-31", "months", 0.25)
    assert "week" in found
    assert "month" not in found
    assert len(found["course"]) == 3


def test_nothing_wanting_exits_0(tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text(
        "code,county,stream,allocated,paid,received\n150101,甲县,a,100,50,2025-01-02\n150101,甲县,b,0,0,2025-01-02\n",
        encoding="utf-8",
    )
    good = ["progress", str(file), "--as-of", "2025-01-31", "--lang", "en"]
    assert run(good) == 0
    assert "Nothing to flag" in capsys.readouterr().out
    milestones = tmp_path / "nodes.csv"
    milestones.write_text("date,share\n2025-01-31,0.51\n", encoding="utf-8")
    assert run([*good, "--milestones", str(milestones)]) == 1
    assert run([*good, "--idle-days", "28"]) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--into", "x.csv"], "--into"),
        (["--column", "x"], "--column"),
        (["--unit", "元"], "--unit"),
        (["--milestones", "x.csv", "--schedule", "days"], "--schedule"),
        (["--milestones", "x.csv"], "x.csv"),
        (["--as-of", "soon"], "--as-of"),
        (["--as-of", "2025-01-01"], "2026-01-31"),
        (["--behind", "5"], "--behind: a decimal from 0 to 1 is needed"),
        (["--into", "x.csv", "-o", "out"], "x.csv"),
    ],
)
def test_wrong_input_is_told_and_nothing_written(options, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["progress", NAME, *options, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_table_without_dates_needs_the_day(tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text("code,county,stream,allocated,paid\n150101,甲县,a,100,60\n", encoding="utf-8")
    assert run(["progress", str(file), "--lang", "en"]) == 2
    assert "--as-of" in capsys.readouterr().err


def test_strange_names_and_empty_tables(tmp_path, capsys):
    file, out = tmp_path / "p.csv", tmp_path / "out"
    head = "code,county,stream,allocated,paid,received\n"
    call = ["progress", str(file), "--as-of", "2025-01-31", "-o", str(out), "--lang", "en"]
    file.write_text(head + '150101,"=cmd|x <script>\n县\u202e",a,100,5,2025-01-02\n', encoding="utf-8")
    assert run(call) == 1
    assert "\u202e" not in capsys.readouterr().out
    sheet = openpyxl.load_workbook(out / "progress.xlsx")["Ranking"]
    assert sheet["C3"].data_type == "s"
    assert sheet["C3"].value.startswith("=cmd|x <script>")
    shutil.rmtree(out)
    file.write_text(head + "150101,甲县,a,0,0,2025-01-02\n", encoding="utf-8")
    assert run(call) == 0
    assert "progress.png" not in {path.name for path in out.iterdir()}
    shutil.rmtree(out)
    file.write_text(head + "150101,𒀀县,a,100,50,2025-01-02\n", encoding="utf-8")
    assert run(call) == 2
    assert "𒀀" in capsys.readouterr().err
    assert not out.exists()


def sample(count, days):
    """Made-up rates with the names of real counties."""
    names = [name for name, _, _, _ in counties()][:count]
    spent = [
        Spent(name, F(9, 10) - F(k, 130), F(1, 2), max(F(0), F(k, 130) - F(2, 5)) * 1500)
        for k, name in enumerate(names)
    ]
    course = [Day(date(2025, m, 28), F(m, 15), F(m - 1, 12)) for m in range(1, days + 1)]
    title = Text(
        "支出 46.1%，落后序时 3.9 个百分点；42 个旗县未达序时，科尔沁左翼中旗占缺口的 9%",
        "46.1% spent, 3.9 points behind schedule; 42 counties behind, one makes 9% of the gap",
    )
    heading = style.Heading(
        title, Text("截至 2025-09-28", "As of 2025-09-28"), Text("allocator", "allocator")
    )
    return ProgressData(heading, "万元", tuple(spent), tuple(course))


@pytest.mark.parametrize("size", [style.SLIDE, style.A4], ids=["slide", "a4"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("count", "days"), [(3, 6), (103, 12), (1, 1)])
def test_texts_of_the_chart_stay_apart_and_inside(lang, size, count, days):
    check_texts(draw_progress(sample(count, days), lang, size), size)


def test_without_the_packages_that_draw_tables_are_written_and_it_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("allocator.cli.spending.can_draw", lambda: False)
    out = tmp_path / "out"
    assert run(["progress", "daxinganling-2026", "-o", str(out)]) == 1
    assert "no chart was drawn" in capsys.readouterr().err
    names = {path.name for path in out.iterdir()}
    assert "progress.xlsx" in names
    assert "progress.png" not in names
