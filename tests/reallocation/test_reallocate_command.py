"""allocator reallocate, as a user runs it: files, ledger, exit codes, faults."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from allocator.cli.main import run

SCENARIO = "tutorial"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("result") / "out"
    assert run(["solve", SCENARIO, "-o", str(out), "--lang", "en"]) == 0
    return out


@pytest.fixture(scope="module")
def progress(result) -> Path:
    """Counties in turn: late with nothing spent, fast, in between."""
    issued: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of(result / "allocation.csv"):
        issued[row["code"], row["stream"]] += Decimal(row["amount"])
    codes = sorted({code for code, _ in issued})
    path = result.parent / "progress.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code", "stream", "allocated", "paid", "committed", "planned_start", "started"])
        for (code, stream), amount in sorted(issued.items()):
            rate, start = [("0.1", ""), ("0.9", "2025-02-01"), ("0.6", "2025-02-01")][codes.index(code) % 3]
            paid = amount * Decimal(rate)
            out.writerow([code, stream, amount, paid, (amount - paid) / 10, "2025-02-01", start])
    return path


def call(result, progress, *more) -> int:
    return run(["reallocate", str(result), str(progress), "--as-of", "2025-09-30", "--lang", "en", *more])


def test_ledger_and_tables_agree(result, progress, tmp_path, capsys):
    out = tmp_path / "moved"
    assert call(result, progress, "-o", str(out)) == 0
    said = capsys.readouterr().out
    assert "every stream's total is unchanged" in said.replace("\n", " ")
    ledger, counties = rows_of(out / "ledger.csv"), rows_of(out / "reallocation.csv")
    assert ledger
    sums: dict[str, Decimal] = defaultdict(Decimal)
    change: dict[str, Decimal] = defaultdict(Decimal)
    for entry in ledger:
        sums[entry["stream"]] += Decimal(entry["amount"])
        change[entry["code"]] += Decimal(entry["amount"])
        assert entry["reason"]
        assert entry["clause"] == "内政发〔2022〕9号 五（三）"
    assert set(sums.values()) == {Decimal(0)}
    assert [int(e["entry"]) for e in ledger] == list(range(1, len(ledger) + 1))
    for row in counties:
        delta = Decimal(row["after"]) - Decimal(row["before"])
        assert delta == change[row["code"]] == Decimal(row["received"]) - Decimal(row["taken_back"])
        assert row["base"] == row["before"]
        if row["paid"]:
            assert Decimal(row["after"]) >= Decimal(row["paid"]) + Decimal(row["committed"])
    for row in rows_of(out / "rules.csv"):
        assert Decimal(row["slack_after"]) >= 0
    sheets = CalamineWorkbook.from_filelike(io.BytesIO((out / "reallocation.xlsx").read_bytes())).sheet_names
    assert sheets == ["Before and after", "Ledger", "Rules"]


def test_committed_is_what_a_scenario_reads(result, progress, tmp_path, capsys):
    """With everything issued and no budget left, the year afterwards can be read and judged again."""
    out, plan = tmp_path / "moved", tmp_path / "plan"
    assert call(result, progress, "-o", str(out), "--base", "after") == 0
    for row in rows_of(out / "reallocation.csv"):
        assert row["base"] == row["after"]
    assert run(["init", str(plan), "--from", str(result), "--lang", "en"]) == 0
    shutil.copy(out / "committed.csv", plan / "committed.csv")
    streams = {row["stream"] for row in rows_of(out / "committed.csv")}
    sets = [part for name in sorted(streams) for part in ("--set", f"streams.{name}.budget=0")]
    done = tmp_path / "done.csv"
    with done.open("w", encoding="utf-8") as file:
        file.write("code,stream,paid,committed\n")
        file.writelines(
            f"{code},{stream},0,0\n"
            for code, stream in sorted({(r["code"], r["stream"]) for r in rows_of(progress)})
        )
    capsys.readouterr()
    arguments = ["reallocate", str(plan), str(done), "--as-of", "2025-09-30", "--json", *sets]
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"]["holds"] is True
    assert Decimal(found["moved"]) == 0
    before = {row["code"]: Decimal(row["after"]) for row in rows_of(out / "reallocation.csv")}
    assert {r["code"]: Decimal(r["before"]) for r in found["counties"]} == before


def test_same_input_same_bytes(result, progress, tmp_path):
    for name in ("one", "two"):
        assert call(result, progress, "-o", str(tmp_path / name)) == 0
    files = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert "counties.csv" in [path.name for path in files]
    for path in files:
        if path.name != "run.json":
            other = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert path.read_bytes() == other.read_bytes(), path.name


def test_the_day_is_the_newest_of_the_table(result, progress, tmp_path, capsys):
    assert run(["reallocate", str(result), str(progress), "--lang", "en"]) == 2
    assert "--as-of: the table has no dates" in capsys.readouterr().err
    head, *lines = progress.read_text(encoding="utf-8").splitlines()
    dated = tmp_path / "dated.csv"
    days = ["2025-09-30", "2025/9/29", *["2025-09-28"] * len(lines)]
    rows = [f"{line},{day}" for line, day in zip(lines, days, strict=False)]
    dated.write_text("\n".join([f"{head},date", *rows]), encoding="utf-8")
    assert run(["reallocate", str(result), str(dated), "--json", "--lang", "en"]) == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == "2025-09-30"
    dated.write_text("\n".join([f"{head},date", f"{lines[0]},2025-02-30"]), encoding="utf-8")
    assert run(["reallocate", str(result), str(dated), "--lang", "en"]) == 2
    assert f"{dated}:2: " in capsys.readouterr().err


def test_a_result_of_another_command_is_not_replaced(result, progress, capsys):
    assert call(result, progress, "-o", str(result)) == 2
    assert "another command's result" in capsys.readouterr().err
    assert (result / "allocation.csv").is_file()


def test_nothing_late_moves_nothing(result, progress, capsys):
    assert run(["reallocate", str(result), str(progress), "--as-of", "2025-03-01", "--lang", "en"]) == 0
    assert "No money meets the conditions" in capsys.readouterr().out


def test_wrong_options_are_said_together(result, progress, tmp_path, capsys):
    out = tmp_path / "moved"
    arguments = ["--as-of", "2025-02-30", "--slow", "50%", "--fast", "2", "-o", str(out)]
    assert run(["reallocate", str(result), str(progress), "--lang", "en", *arguments]) == 2
    said = capsys.readouterr().err
    assert "--as-of: not a valid date" in said
    assert "--slow: a decimal from 0 to 1" in said
    assert "--fast: a decimal from 0 to 1" in said
    assert not out.exists()


def test_money_that_is_not_issued_is_refused(progress, capsys):
    assert run(["reallocate", SCENARIO, str(progress), "--as-of", "2025-09-30", "--lang", "en"]) == 2
    assert "there is no table yet of these streams" in capsys.readouterr().err


def test_missing_date_column_is_said(result, progress, tmp_path, capsys):
    path = tmp_path / "plain.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["code", "stream", "paid", "committed"], extrasaction="ignore")
        out.writeheader()
        out.writerows(rows_of(progress))
    assert call(result, path, "--idle-months", "3") == 0
    said = capsys.readouterr().err
    assert "no column planned_start" in said
    assert "no column received" in said


def test_an_edited_table_that_breaks_rules_is_found_wanting(result, progress, tmp_path, capsys):
    """Everything of the first county goes to the second: rules break, and no money is late."""
    rows = rows_of(result / "allocation.csv")
    codes = sorted({row["code"] for row in rows})
    for row in rows:
        if row["code"] == codes[0]:
            row["amount"] = "0"
        elif row["code"] == codes[1]:
            row["amount"] = str(Decimal(row["amount"]) * 2)
    path, spent = tmp_path / "edited.csv", tmp_path / "spent.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    spent.write_text(f"code,stream,paid,committed\n{codes[2]},{rows[0]['stream']},0,0\n", encoding="utf-8")
    out_folder = tmp_path / "moved"
    assert call(result, spent, "--issued", str(path), "-o", str(out_folder)) == 1
    assert "rows of the rules are broken" in capsys.readouterr().out.replace("\n", " ")
    assert not out_folder.exists()
