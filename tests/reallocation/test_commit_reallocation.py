"""The year goes on after a clawback: it is entered in the ledger, and every command reads the year so."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.cli.main import run
from allocator.committed import read_committed
from allocator.input.tables import read_table
from allocator.ledger import chained, decided, entries, entry_rows
from allocator.load import BUNDLED, load
from reports.ledger_file import fresh_ledger
from tests import builders

PAID = {
    "140303": Fraction(1, 5),
    "140311": Fraction(9, 10),
    "140321": Fraction(2, 5),
    "140322": Fraction(4, 5),
}
"""Code → share of its money that is paid; 140303 and 140321 have not started."""


def call(*arguments) -> int:
    """Runs a command as the shell would, so that run.json records it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["allocator", *arguments])
        return run([*arguments, "--lang", "en"])


def sums(plan: Path) -> dict[str, Fraction]:
    """Stream → money issued, as commands read it."""
    found: dict[str, Fraction] = {}
    for (_, stream, _), amount in load(plan).issued.items():
        found[stream] = found.get(stream, Fraction(0)) + amount
    return found


def progress_table(plan: Path, path: Path) -> None:
    loaded = load(plan)
    held: dict[tuple[int, str], Fraction] = {}
    for (i, stream, _), amount in loaded.issued.items():
        held[i, stream] = held.get((i, stream), Fraction(0)) + amount
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code", "stream", "date", "allocated", "paid", "committed", "planned_start", "started"])
        for (i, stream), amount in sorted(held.items()):
            code = loaded.counties.codes[i]
            start = "" if code in ("140303", "140321") else "2024-03-10"
            paid = int(amount * PAID[code])
            out.writerow([code, stream, "2024-09-30", amount, paid, 0, "2024-03-01", start])


@pytest.fixture(scope="module")
def solved(tmp_path_factory) -> Path:
    """plan/ with the whole year in its ledger, out/ as it was solved, progress.csv, moved/."""
    folder = tmp_path_factory.mktemp("year")
    shutil.copytree(BUNDLED / "yangquan-2024", folder / "plan")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call("solve", "plan", "-o", "out") == 0
        assert call("commit", "out") == 0
        progress_table(folder / "plan", folder / "progress.csv")
        assert call("reallocate", "plan", "progress.csv", "-o", "moved") == 0
    return folder


@pytest.fixture
def year(solved, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "year"
    shutil.copytree(solved, folder)
    monkeypatch.chdir(folder)
    return folder


def test_a_reallocation_is_entered(year, capsys):
    before, ledger = sums(year / "plan"), (year / "plan/committed.csv").read_bytes()
    capsys.readouterr()
    assert call("commit", "moved", "--date", "2024年10月8日", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    with (year / "moved/ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        moves = list(csv.DictReader(file))
    received = sum(Fraction(r["amount"]) for r in moves if Fraction(r["amount"]) > 0)
    assert received > 0
    assert sum(said["streams"].values()) == received
    assert (year / "plan/committed.csv").read_bytes().startswith(ledger)
    last = entries(read_table(year / "plan/committed.csv", "committed.csv"))[-1]
    assert last.number == said["entry"] == 3
    assert last.moves
    assert {r.cells["date"] for r in last.records} == {"2024-10-08"}
    # no stream's money changed, and none is decided again
    assert sums(year / "plan") == before
    assert call("solve", "plan", "--json") == 0
    assert not any(stream.budget for stream in load(year / "plan").scenario.streams.values())
    assert call("verify", "plan") == 0
    # what reallocate called issued afterwards is what the ledger holds
    plain, faults = read_committed(
        read_table(year / "moved/committed.csv", "c"),
        load(year / "plan").scenario,
        load(year / "plan").counties,
    )
    assert faults == []
    assert plain == load(year / "plan").issued


def test_refused_reallocations(year, capsys):
    assert call("commit", "moved", "--stream", "central_2") == 2
    assert "entered as a whole" in capsys.readouterr().err
    # from the result folder, whose copy of the scenario does not hold the result itself
    assert call("reallocate", "out", "progress.csv", "-o", "early") == 0
    assert call("commit", "early", "--ledger", "plan/committed.csv") == 2
    assert "the ledger does not hold" in capsys.readouterr().err
    assert call("commit", "moved") == 0
    now = (year / "plan/committed.csv").read_bytes()
    assert call("commit", "moved") == 2
    assert "stands in entry 3 already" in capsys.readouterr().err
    assert (year / "plan/committed.csv").read_bytes() == now


def test_a_results_copy_keeps_no_ledger(year, capsys):
    shutil.copytree(BUNDLED / "yangquan-2024", year / "other")
    assert call("solve", "other", "-o", "first") == 0
    assert call("solve", "first", "-o", "second") == 0
    held = (year / "first/scenario/committed.csv").read_bytes()
    assert call("commit", "second") == 2
    assert "a result's copy" in capsys.readouterr().err
    assert (year / "first/scenario/committed.csv").read_bytes() == held


def test_why_money_stays_is_said_of_every_claim(year, capsys):
    """Fast counties may receive every stream, so that only rules keep money where it lies."""
    capsys.readouterr()
    assert call("reallocate", "plan", "progress.csv", "--json") == 0
    notes = [row["note"] for row in json.loads(capsys.readouterr().out)["counties"]]
    assert any("万元 stay: " in note for note in notes)
    assert not any("nobody may receive it" in note for note in notes)


COMMON = {"year": "2025", "unit": "万元", "step": "1", "date": ""}


@pytest.mark.parametrize(
    ("amounts", "fault"),
    [
        ([("150101", 40), ("150101", -30), ("150102", 30)], None),
        ([("150101", 40), ("150101", -41), ("150102", 41)], "more is taken back than was entered before"),
        ([("150101", 40), ("150101", -30), ("150102", 31)], "a number of at least 0 is needed, got ‘-30’"),
    ],
)
def test_what_may_be_taken_back(tmp_path, amounts, fault):
    """The first row is what was issued; the other two are an entry that takes it elsewhere."""
    cells = [{"code": code, "stream": "central", "use": "industry", "amount": str(v)} for code, v in amounts]
    first = chained(entry_rows(cells[:1], 1, {**COMMON, "result": "aa"}), "")
    rows = [*first, *chained(entry_rows(cells[1:], 2, {**COMMON, "result": "bb"}), first[-1]["chain"])]
    path = tmp_path / "committed.csv"
    path.write_bytes(fresh_ledger(rows))
    table = read_table(path, "committed.csv")
    found, faults = read_committed(table, builders.scenario(), builders.counties())
    said = [f.what.en for f in faults]
    if fault is None:
        assert said == []
        assert found == {(0, "central", "industry"): 10, (1, "central", "industry"): 30}
        assert decided(table)["central"].number == 1
    else:
        assert fault in said
