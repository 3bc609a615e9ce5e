"""The commands from end to end: what they print where, what they write, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from allocator.cli.main import MEMBERS, run
from tests import builders


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture
def scenario(tmp_path):
    return str(builders.write_scenario(tmp_path / "plan"))


@pytest.fixture
def solved(scenario, tmp_path, capsys):
    assert run(["solve", scenario, "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def allocator(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "allocator.cli.main", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **options,
    )


def test_check(scenario, capsys):
    assert run(["check", scenario]) == 0
    out, _ = capsys.readouterr()
    assert "no faults" in out
    assert "1,100" in out


def test_check_reports_every_fault_and_exits_2(tmp_path, capsys):
    yaml = builders.YAML.replace("weight: 1,", "weight: 0.9,").replace("unit:", "unti:")
    folder = builders.write_scenario(tmp_path / "bad", yaml=yaml)
    assert run(["check", str(folder), "--json"]) == 2
    out, err = capsys.readouterr()
    assert "scenario.yaml:4:" in err
    assert json.loads(out)["exit_code"] == 2


def test_show(scenario, capsys):
    assert run(["show", scenario]) == 0
    out = capsys.readouterr().out
    for word in ("Four counties", "Central money", "people", "use_share_cap", "三（一）"):
        assert word in out
    assert run(["show", scenario, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "four-counties"


def test_list(capsys):
    assert run(["list"]) == 0
    capsys.readouterr()
    assert run(["list", "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out)["scenarios"], list)


def test_schema(capsys):
    assert run(["schema"]) == 0
    assert "properties" in json.loads(capsys.readouterr().out)


def test_init_makes_a_folder_that_checks(scenario, tmp_path, capsys):
    made = tmp_path / "made"
    assert run(["init", str(made), "--from", scenario]) == 0
    assert run(["check", str(made)]) == 0
    assert run(["init", str(made), "--from", scenario]) == 2


def test_solve_without_out_prints_a_summary_and_writes_nothing(scenario, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert run(["solve", scenario]) == 0
    out, _ = capsys.readouterr()
    for word in (
        "Four counties",
        "Central money",
        "1,000",
        "Change on last year",
        "Largest departures",
        "Rounding",
        "Nothing was written",
    ):
        assert word in out
    assert max(len(line) for line in out.splitlines()) <= 100
    assert sorted(tmp_path.rglob("*")) == before


def test_solve_writes_the_whole_folder(solved):
    assert {p.relative_to(solved).as_posix() for p in solved.rglob("*") if p.is_file()} == {
        "scenario/scenario.yaml",
        "scenario/counties.csv",
        "allocation.csv",
        "counties.csv",
        "rules.csv",
        "formula.csv",
        "allocation.xlsx",
        "datapackage.json",
        "run.json",
    }
    record = json.loads((solved / "run.json").read_bytes())
    assert record["date"]
    assert record["command"][0] == "allocator"
    assert record["verdict"]["broken"] == 0
    assert sum(int(r["amount"]) for r in read(solved / "allocation.csv")) == 1100


def test_solve_again_gives_the_same_bytes_but_for_run_json(scenario, solved, capsys):
    before = {p: p.read_bytes() for p in solved.rglob("*") if p.is_file()}
    assert run(["solve", scenario, "-o", str(solved)]) == 0
    after = {p: p.read_bytes() for p in solved.rglob("*") if p.is_file()}
    assert {p.name for p in before if before[p] != after[p]} <= {"run.json"}


def test_solve_json_is_one_object(scenario, capsys):
    assert run(["solve", scenario, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["verdict"]["holds"] is True
    assert sum(r["amount"] for r in record["allocation"]) == 1100
    assert len(record["counties"]) == 4


def test_solve_chinese(scenario, capsys):
    assert run(["solve", scenario, "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    for word in ("四旗县测算", "中央资金", "偏离最大的旗县", "核验：", "没有写出文件"):
        assert word in out


def test_gb18030(scenario, tmp_path, capsys):
    assert run(["solve", scenario, "-o", str(tmp_path / "g"), "--encoding", "gb18030"]) == 0
    assert "甲县" in (tmp_path / "g" / "counties.csv").read_text(encoding="gb18030")
    assert run(["verify", scenario, str(tmp_path / "g" / "allocation.csv")]) == 0


def test_no_allocation_exits_1_and_writes_nothing(scenario, tmp_path, capsys):
    out = tmp_path / "none"
    # 1.2 times last year's 1,000 is more than there is
    limits = ["--set", "rules.change_limits.lower=1.2", "--set", "rules.change_limits.upper=1.3"]
    assert run(["solve", scenario, "-o", str(out), *limits]) == 1
    assert capsys.readouterr().err
    assert not out.exists()


def test_explain(scenario, capsys):
    assert run(["explain", scenario, "--county", "甲县"]) == 0
    assert "statement" in capsys.readouterr().out


def test_diagnose(scenario, capsys):
    assert run(["diagnose", scenario]) == 0
    assert "all rules can be kept" in capsys.readouterr().out
    limits = ["--set", "rules.change_limits.lower=1.2", "--set", "rules.change_limits.upper=1.3"]
    assert run(["diagnose", scenario, *limits]) == 1


def test_compare(scenario, tmp_path, capsys):
    changed = str(tmp_path / "changed")
    assert run(["init", changed, "--from", scenario, "--set", "streams.regional.budget=90"]) == 0
    assert run(["compare", scenario, changed, "-o", str(tmp_path / "out")]) == 0
    assert "Budget" in capsys.readouterr().out
    rows = read(tmp_path / "out" / "compare.csv")
    assert sum(int(row["budgets"]) for row in rows) == -10
    assert (tmp_path / "out" / "compare.png").read_bytes().startswith(b"\x89PNG")


def test_sweep(scenario, tmp_path, capsys):
    plan = tmp_path / "plan.yaml"
    plan.write_text("designs: [{list: [{}, {streams.regional.budget: 90}]}]\n", encoding="utf-8")
    assert run(["sweep", scenario, "--plan", str(plan), "-o", str(tmp_path / "out")]) == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"sweep.parquet", "summary.csv"}


def test_sensitivity_refuses_a_folder_of_somebody_elses(scenario, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    assert run(["sensitivity", scenario, "-o", str(tmp_path / "out")]) == 2
    assert "mine.txt" in capsys.readouterr().err


def test_unknown_solver_exits_2(scenario, tmp_path, capsys):
    assert run(["solve", scenario, "--solver", "abacus", "-o", str(tmp_path / "none")]) == 2
    assert "abacus" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("table", ["allocation.csv", "allocation.xlsx"])
def test_verify_our_own_output(scenario, solved, capsys, table):
    assert run(["verify", scenario, str(solved / table)]) == 0
    assert "all 4 rules kept" in capsys.readouterr().out


def test_verify_a_meeting_edit(scenario, solved, capsys):
    book = openpyxl.load_workbook(solved / "allocation.xlsx")
    sheet = book["分配表"] if "分配表" in book.sheetnames else book["Allocation table"]
    row = next(c.row for c in sheet["B"] if c.value == "150102")
    column = next(c.column for c in sheet[5] if c.value == "central.industry")
    sheet.cell(row, column).value += 100
    book.save(solved / "edited.xlsx")
    assert run(["verify", scenario, str(solved / "edited.xlsx")]) == 1
    out = capsys.readouterr().out
    assert "Budget spent whole" in out
    assert "乙县" in out
    assert run(["verify", scenario, str(solved / "edited.xlsx"), "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert {"budget", "change_limits"} <= {r["rule"] for r in record["broken"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["--frobnicate"],
        ["solve"],
        ["solve", "--set"],
        ["solve", "a", "b"],
        ["verify", "x"],
        ["solve", "nowhere"],
        ["check", ""],
        ["check", "\udcff"],
        ["solve", "PLAN", "-o", "FILE"],
        ["solve", "PLAN", "-o", "FILE/below"],
        ["solve", "PLAN", "-o", "FOREIGN"],
        ["solve", "PLAN", "-o", ""],
        ["solve", "PLAN", "-o", "x" * 300],
        ["solve", "PLAN", "--encoding", "klingon"],
        ["solve", "PLAN", "--set", "nonsense"],
        ["solve", "PLAN", "--set", "rules.nothing.cap=1"],
        ["verify", "PLAN", "missing.csv"],
        ["verify", "PLAN", "FOREIGN"],
        ["verify", "PLAN", "FILE"],
        ["verify", "PLAN", "BINARY"],
        ["verify", "PLAN", ""],
        ["init", "FOREIGN"],
        ["init", "FILE"],
        ["init", "new", "--from", "nowhere"],
        ["--lang", "fr"],
        ["check", "PLAN", "--lang"],
        ["show", "nowhere"],
        ["check", "FILE"],
        ["solve", "PLAN", "--write-lp", "FOREIGN"],
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_arguments_exit_2_with_a_message(scenario, tmp_path, capsys, monkeypatch, arguments, lang):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLOCATOR_LANG", lang)
    (tmp_path / "file").write_text("x")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "mine.txt").write_text("mine")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    before = sorted(tmp_path.rglob("*"))
    names = {
        "PLAN": scenario,
        "FILE": "file",
        "FOREIGN": "foreign",
        "BINARY": "binary",
        "FILE/below": "file/below",
    }
    assert run([names.get(a, a) for a in arguments]) == 2
    out, err = capsys.readouterr()
    assert err.strip()
    assert "Traceback" not in err + out
    assert "internal error" not in err
    assert "内部错误" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_hostile_names_come_through_as_text(tmp_path, capsys):
    names = ("=cmd|' /C calc'!A0", "<script>\"x\",'y'</script>", "\u202e丙旗", "丁" * 200)
    plan = builders.write_scenario(tmp_path / "plan", names)
    code = run(["solve", str(plan), "-o", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert "\u202e" not in out + err
    if code == 2:  # names may be refused at the door, but plainly
        assert "counties.csv" in err
        return
    rows = read(tmp_path / "out" / "counties.csv")
    assert tuple(r["county"] for r in rows) == names
    assert run(["verify", str(plan), str(tmp_path / "out" / "allocation.xlsx")]) == 0


def test_an_unexpected_error_is_one_plain_line(scenario, capsys, monkeypatch):
    def broken(*_):
        raise RuntimeError("boom")

    monkeypatch.delenv("ALLOCATOR_DEBUG", raising=False)
    monkeypatch.setattr("allocator.load.load", broken)
    assert run(["check", scenario]) == 1
    err = capsys.readouterr().err
    assert "RuntimeError: boom" in err
    assert "Traceback" not in err
    monkeypatch.setenv("ALLOCATOR_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run(["check", scenario])


def test_interrupt_exits_130(scenario, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("allocator.load.load", interrupted)
    assert run(["check", scenario]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="a pipe that breaks needs one")
def test_a_reader_that_leaves_is_no_error():
    with allocator("schema") as process:
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_no_colour_where_nobody_sees_it(scenario):
    with allocator("show", scenario, env={**os.environ, "NO_COLOR": "1"}) as process:
        assert "\x1b" not in process.communicate()[0]


def test_every_command_is_run_by_some_test():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py"))
    # a command's name begins a list of arguments, or the call of a helper that runs it
    started = set(re.findall(r'[\[(]\s*"([a-z]+)"\s*[,\])]', text))
    assert sorted(set(MEMBERS) - started) == []
