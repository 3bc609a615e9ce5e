"""A year without an allocation: the folder ends before it, says so, and lets that year be examined."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from fractions import Fraction as F
from pathlib import Path

import pytest

from allocator.cli.main import run
from tests.years.test_years import CODES, YEARS, amounts_of, by_hand, series, write_year

__all__ = ["series"]


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def poor(series) -> Path:
    """2025 has a tenth of the money: nine tenths of last year's 1,013 cannot be kept."""
    write_year(series / "p2025", 2025, budget=110)
    return series


def test_the_folder_ends_before_the_year_and_says_so(poor, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["years", str(poor), "-o", str(out), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert "2025 has no allocation" in said.err
    assert "nothing was written" not in said.err
    files = written(out)
    record = json.loads(files["run.json"])
    assert (record["of"], record["complete"], record["ended_before"]) == ("years", False, 2025)
    assert [year["year"] for year in record["years"]] == [2023, 2024]
    assert record["failed"]["year"] == 2025
    assert record["failed"]["fed"] == ["last_amount", "last_share"]
    assert record["reasons"][0]["en"].startswith("2025 has no allocation")
    note = files["unfinished.txt"].decode()
    assert note.startswith("This folder ends before 2025")
    # neither a result of the year that failed nor a table that might pass for all three years
    assert [name for name in files if name.startswith("2025/")] == [
        name for name in files if name.startswith("2025/scenario/")
    ]
    assert not {"years.csv", "shares.csv", "shares.png"} & files.keys()
    # the years before it are what a run of those two alone gives
    shutil.rmtree(poor / "p2025")
    assert run(["years", str(poor), "-o", str(tmp_path / "two"), "--lang", "en"]) == 0
    two = written(tmp_path / "two")
    assert json.loads(two["run.json"])["complete"] is True
    for name in (n for n in two if n.startswith("202") and not n.endswith("run.json")):
        assert files[name] == two[name], name


def test_the_year_can_be_examined_where_the_message_says(poor, tmp_path, monkeypatch, capsys):
    """The command of the message, as a shell would read it, diagnoses the year as it was fed."""
    monkeypatch.chdir(tmp_path)
    out = Path("my out")
    assert run(["years", str(poor), "-o", str(out), "--lang", "en"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    command = shlex.split(said[said.index("allocator diagnose ") :])[:3]
    assert command[2] == "my out/2025/scenario"
    totals, _ = by_hand(amounts_of(out / "2024" / "allocation.csv"))
    with (out / "2025/scenario/counties.csv").open(encoding="utf-8-sig", newline="") as file:
        fed = {row["code"]: row["last_amount"] for row in csv.DictReader(file)}
    assert [int(fed[code]) for code in CODES] == totals
    assert run([*command[1:], "--json", "--lang", "en"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["scenario"] == "plan-2025"
    # every county needs nine tenths of its own total of 2024; their sum is more than 110
    needed = sum(F(9, 10) * total for total in totals)
    (short,) = [check for check in found["checks"] if check["short"]]
    assert (F(str(short["have"])), F(str(short["need"]))) == (110, needed)
    assert run(["solve", command[2], "--lang", "en"]) == 1


def test_an_unfinished_folder_gives_way_to_a_whole_one(poor, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["years", str(poor), "-o", str(out), "--lang", "en"]) == 1
    write_year(poor / "p2025", 2025)
    assert run(["years", str(poor), "-o", str(out), "--lang", "en"]) == 0
    files = written(out)
    assert "unfinished.txt" not in files
    assert {f"{year}/allocation.csv" for year in YEARS} <= files.keys()
    assert json.loads(files["run.json"])["complete"] is True
    # and where something of the user's lies in it, it is left alone
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    write_year(poor / "p2025", 2025, budget=110)
    kept = written(out)
    assert run(["years", str(poor), "-o", str(out), "--lang", "en"]) == 2
    assert written(out) == kept


def test_the_first_year_may_fail(series, tmp_path, capsys):
    write_year(series / "p2023", 2023, budget=110)
    out = tmp_path / "out"
    assert run(["years", str(series), "-o", str(out), "--lang", "zh"]) == 1
    assert f"allocator diagnose {out / '2023' / 'scenario'}" in capsys.readouterr().err
    files = written(out)
    assert {name.split("/")[0] for name in files} == {"2023", "run.json", "unfinished.txt"}
    assert json.loads(files["run.json"])["years"] == []
    assert "本文件夹止于 2023 年之前" in files["unfinished.txt"].decode()
