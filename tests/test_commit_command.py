"""A year in batches through the commands: solve, commit, verify; and everything that must be refused."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.cli.main import run
from allocator.input.tables import read_table
from allocator.ledger import chained, entry_rows
from allocator.load import BUNDLED, load
from reports.ledger_file import fresh_ledger
from tests import builders

PROVINCIAL = {"provincial_1", "provincial_2", "provincial_3"}
BUDGETS = {
    "central_1": 2600,
    "provincial_1": 1900,
    "central_2": 860,
    "provincial_2": 720,
    "provincial_3": 340,
}
"""scenarios/yangquan-2024: the first two as issued, the others as budgeted."""
LAST = {"140303": 610, "140311": 1020, "140321": 2150, "140322": 2480}
"""Last year's amounts in its counties.csv."""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(BUNDLED / "yangquan-2024", tmp_path / "plan")
    return tmp_path


def call(monkeypatch, *arguments) -> int:
    """Runs a command as the shell would, so that run.json records it."""
    monkeypatch.setattr(sys, "argv", ["allocator", *arguments])
    return run([*arguments, "--lang", "en"])


@pytest.fixture
def do(monkeypatch):
    return lambda *arguments: call(monkeypatch, *arguments)


@pytest.fixture(scope="module")
def solved_year(tmp_path_factory) -> Path:
    """The plan and its solved year, to copy."""
    folder = tmp_path_factory.mktemp("year")
    shutil.copytree(BUNDLED / "yangquan-2024", folder / "plan")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call(patch, "solve", "plan", "-o", "out") == 0
    return folder


@pytest.fixture
def year(solved_year, tmp_path, monkeypatch) -> Path:
    """A solved year of one's own: plan/ and out/."""
    folder = tmp_path / "year"
    shutil.copytree(solved_year, folder)
    monkeypatch.chdir(folder)
    return folder


def ledger_rows(path) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_three_batches_end_with_the_years_rules_kept(here, do, capsys):
    for batch, stream in enumerate(("central_2", "provincial_2", "provincial_3"), 2):
        assert do("solve", "plan", "-o", stream) == 0
        assert do("commit", stream, "--stream", stream, "--date", f"2024-0{batch}-01") == 0
    assert do("verify", "plan") == 0
    assert "all 3 rules kept" in capsys.readouterr().out
    rows = ledger_rows("plan/committed.csv")
    assert [*dict.fromkeys((r["entry"], r["date"]) for r in rows)] == [
        ("1", ""), ("2", "2024-02-01"), ("3", "2024-03-01"), ("4", "2024-04-01"),
    ]  # fmt: skip

    def total(**where) -> Fraction:
        return sum(
            (Fraction(r["amount"]) for r in rows if all(r[k] in v for k, v in where.items())), Fraction(0)
        )

    # the verdict on the sum, by hand: budgets, then 二 of the notice, the year's limits, the least amount
    assert {s: total(stream={s}) for s in BUDGETS} == BUDGETS
    assert total(use={"industry"}) * 100 >= 60 * total()
    for code, last in LAST.items():
        assert 92 * last <= 100 * total(code={code}) <= 120 * last
        assert total(code={code}, stream={"central_2", "provincial_2", "provincial_3"}) >= 200
    assert {r["use"] for r in rows if r["stream"] == "provincial_3"} <= {"industry", "infrastructure"}
    assert {r["source"] for r in rows if r["stream"] in PROVINCIAL} == {"provincial"}


def test_a_batch_of_its_own(here, do, capsys):
    assert do("solve", "plan", "--batch", "2", "-o", "two") == 0
    assert {r["stream"] for r in ledger_rows("two/allocation.csv")} == {"central_2", "provincial_2"}
    # the copy of the scenario in the result decides the same part
    assert load("two").scenario.streams["provincial_3"].budget == 0
    assert do("verify", "plan", "two/allocation.csv", "--batch", "2") == 0
    assert do("verify", "plan", "two/allocation.csv") == 1
    assert do("commit", "two") == 0
    capsys.readouterr()
    assert do("solve", "plan", "--batch", "2") == 2
    said = capsys.readouterr().err
    assert "nothing is left to decide (issued already: central_2, provincial_2)" in said
    assert do("solve", "plan") == 0
    said = capsys.readouterr().err
    assert "stream central_2 stands in entry 2 of the ledger (860 万元) and is not decided again" in said


def test_a_part_that_cannot_stand_alone_says_what_to_do(here, do, capsys):
    assert do("solve", "plan", "--stream", "central_2") == 1
    assert "commit OUT --batch" in capsys.readouterr().err


def test_the_year_so_far(year, do, capsys):
    assert do("verify", "plan", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["issued"] == {"central_1": 2600, "provincial_1": 1900}
    assert found["waiting"] == {"central_2": 860, "provincial_2": 720, "provincial_3": 340}
    # 374 + 0 of 矿区 against 0.92 · 610 = 561.2
    (row,) = [r for r in found["broken"] if r["rule"] == "change_limits" and r["where"] == "140303"]
    assert (row["left"], row["right"]) == (374, 561.2)
    assert do("verify", "tutorial") == 2
    assert do("verify", "plan", "--batch", "2") == 2


def test_what_commit_says_and_writes(year, do, capsys):
    before = Path("plan/committed.csv").read_bytes()
    assert do("commit", "out", "--batch", "2", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["entry"], said["opening_rows"]) == (2, 24)
    assert said["streams"] == {"central_2": 860, "provincial_2": 720}
    rows = ledger_rows("plan/committed.csv")
    assert said["chain"] == rows[-1]["chain"]
    written = [r for r in ledger_rows("out/allocation.csv") if r["batch"] == "2"]
    keys = ("code", "county", "prefecture", "stream", "source", "batch", "use", "amount")
    assert [[r[k] for k in keys] for r in rows[24:]] == [[r[k] for k in keys] for r in written]
    opening = csv.DictReader(before.decode("utf-8-sig").splitlines())
    assert [[r[k] for k in ("code", "stream", "use", "amount")] for r in rows[:24]] == [
        [*r.values()] for r in opening
    ]
    assert {(r["county"], r["source"], r["batch"]) for r in rows[:3]} == {("矿区", "central", "1")}
    assert {r["date"] for r in rows} == {""}


def test_same_input_same_bytes(year, do):
    shutil.copytree("plan", "other")
    assert do("commit", "out") == 0
    assert do("commit", "out", "--ledger", "other/committed.csv") == 0
    assert Path("plan/committed.csv").read_bytes() == Path("other/committed.csv").read_bytes()


def test_a_first_ledger_is_made_beside_the_scenario(tmp_path, monkeypatch, do, capsys):
    monkeypatch.chdir(tmp_path)
    builders.write_scenario(Path("plan"))
    assert do("solve", "plan", "-o", "out") == 0
    assert do("commit", "out") == 0
    assert [r["entry"] for r in ledger_rows("plan/committed.csv")][-1] == "1"
    assert do("verify", "plan") == 0
    assert do("commit", "out", "--ledger", "elsewhere/ledger.csv") == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_line_ends_of_another_platform_stay(year, do):
    path = Path("plan/committed.csv")
    assert do("commit", "out", "--batch", "2") == 0
    unix = path.read_bytes().replace(b"\r\n", b"\n")
    path.write_bytes(unix)
    assert do("solve", "plan", "-o", "rest") == 0
    assert do("commit", "rest") == 0
    content = path.read_bytes()
    assert content.startswith(unix)
    assert b"\r" not in content
    assert do("verify", "plan") == 0


def refused(do, capsys, *arguments) -> str:
    """The message; nothing may have been written."""
    ledger = Path("plan/committed.csv")
    before = ledger.read_bytes() if ledger.exists() else None
    capsys.readouterr()
    assert do("commit", *arguments) == 2
    assert (ledger.read_bytes() if ledger.exists() else None) == before
    assert not list(ledger.parent.glob(".*.tmp"))
    return capsys.readouterr().err


def test_the_same_result_twice(year, do, capsys):
    assert do("commit", "out", "--batch", "2") == 0
    assert "this result stands in entry 2 already" in refused(do, capsys, "out", "--batch", "2")
    assert "this result stands in entry 2 already" in refused(do, capsys, "out", "--batch", "3")


def test_a_stream_twice(year, do, capsys):
    assert do("solve", "plan", "--set", "rules.amount_bounds.min=150", "-o", "rival") == 0
    assert do("commit", "out") == 0
    said = refused(do, capsys, "rival")
    assert "the stream central_2 stands in entry 2 already and is not issued twice" in said
    assert "3 faults in all" in said


def test_another_state_of_the_ledger(year, do, capsys):
    assert do("solve", "plan", "-o", "late") == 0
    assert do("commit", "out", "--batch", "2") == 0
    late = ["late", "--batch", "3"]
    # the same amounts in another folder are the same result
    assert "this result stands in entry 2 already" in refused(do, capsys, *late)
    path = Path("plan/committed.csv")
    path.write_bytes((BUNDLED / "yangquan-2024" / "committed.csv").read_bytes().replace(b",130\r", b",131\r"))
    assert "was not solved with this ledger as it stands" in refused(do, capsys, *late)
    path.unlink()
    assert "was not solved with this ledger as it stands" in refused(do, capsys, *late)


SCENARIO = Path("plan/scenario.yaml")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("budget: 860", "budget: 960", "central batch 2 860 → 960"),
        ("lower: 0.92", "lower: 0.9", "the year's money stays stable"),
        ("objective: leximin", "objective: proportional", "objective"),
    ],
)
def test_a_scenario_edited_since(year, do, capsys, old, new, what):
    text = SCENARIO.read_text(encoding="utf-8")
    assert text.count(old) == 1
    SCENARIO.write_text(text.replace(old, new), encoding="utf-8")
    said = refused(do, capsys, "out", "--batch", "2").replace("\\", "/")
    assert f"plan/scenario.yaml: the scenario is not what the result was decided from: {what}. " in said
    # a ledger that is named by hand is not the scenario's, and is entered as decided
    assert do("commit", "out", "--batch", "2", "--ledger", "elsewhere.csv") == 2
    shutil.copyfile(BUNDLED / "yangquan-2024" / "committed.csv", "elsewhere.csv")
    assert do("commit", "out", "--batch", "2", "--ledger", "elsewhere.csv") == 0


def test_a_county_table_edited_since(year, do, capsys):
    table = Path("plan/counties.csv")
    table.write_bytes(table.read_bytes().replace(b"2480", b"2490"))
    assert "decided from: last_amount (1 cells)" in refused(do, capsys, "out")
    names = table.read_bytes().replace("盂县".encode(), "孟县".encode())
    table.write_bytes(names)
    assert do("commit", "out") == 2


def test_a_result_under_other_rules_than_the_scenarios(year, do, capsys):
    loose = ["--set", "rules.amount_bounds.min=0", "--set", "rules.change_limits.lower=0.5"]
    assert do("solve", "plan", *loose, "-o", "loose") == 0
    said = refused(do, capsys, "loose")
    assert "decided from: the year's money stays stable, least amount of a county. write into" in said


def test_words_may_change_after_the_decision(year, do):
    text = SCENARIO.read_text(encoding="utf-8")
    more = text.replace("publication:", "publication:\n  issuer: 某市农业农村局")
    more = more.replace("zh: 中央第二批,", "zh: 中央资金第二批,")
    assert more != text
    SCENARIO.write_text(more, encoding="utf-8")
    assert do("commit", "out", "--batch", "2") == 0


def test_a_result_edited_since(year, do, capsys):
    for name in ("allocation.csv", "scenario/counties.csv"):
        path = Path("out", name)
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert f"out/{name}: edited since it was written" in refused(do, capsys, "out").replace("\\", "/")
        path.write_bytes(content)
    Path("out/rules.csv").unlink()
    assert "out/rules.csv: the file is gone" in refused(do, capsys, "out").replace("\\", "/")
    assert "not a result folder" in refused(do, capsys, "plan")


def test_a_broken_chain(year, do, capsys):
    assert do("commit", "out", "--batch", "2") == 0
    assert do("solve", "plan", "-o", "rest") == 0
    path = Path("plan/committed.csv")
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b"industry,130,", b"industry,131,", 1))
    assert "committed.csv:2: 140303, column 'chain': the chain breaks" in refused(do, capsys, "rest")
    assert do("solve", "plan") == 2
    path.write_bytes(b"".join(sound.splitlines(keepends=True)[:-1]))
    assert "column 'rows': entry 2 says ‘24’ rows and has 23" in refused(do, capsys, "rest")
    path.write_bytes(sound)
    assert do("commit", "rest") == 0


@pytest.mark.parametrize(
    ("key", "other", "what"),
    [
        ("year", "2023", "the ledger says ‘2023’, the scenario 2024"),
        ("unit", "元", "the ledger says ‘元’, the scenario 万元"),
        ("step", "0.5", "the ledger's step is 0.5, the result's 1"),
    ],
)
def test_a_ledger_of_another_year_unit_or_step(year, do, capsys, key, other, what):
    own = {"year": "2024", "unit": "万元", "step": "1", "result": "ab" * 32}
    row = {"code": "140303", "stream": "central_1", "use": "industry", "amount": "130"}
    content = fresh_ledger(chained(entry_rows([row], 1, {**own, key: other}), ""))
    Path("other.csv").write_bytes(content)
    assert what in refused(do, capsys, "out", "--ledger", "other.csv")
    assert Path("other.csv").read_bytes() == content


def test_no_ledger_to_be_found(year, do, capsys):
    shutil.move("plan", "moved")
    assert "plan: no such folder, file or bundled scenario. name the ledger with --ledger" in refused(
        do, capsys, "out"
    )
    builders.write_scenario(Path("plan"))
    assert "the scenario there is not yangquan-2024" in refused(do, capsys, "out")
    assert do("commit", "out", "--ledger", "moved/committed.csv") == 0


def test_bundled_scenarios_and_workbooks_keep_no_ledger(year, do, capsys):
    assert do("solve", "yangquan-2024", "-o", "bundled") == 0
    assert "a bundled scenario keeps no ledger. copy it" in refused(do, capsys, "bundled")
    shutil.copy("out/allocation.xlsx", "ledger.xlsx")
    assert "a workbook cannot be a ledger" in refused(do, capsys, "out", "--ledger", "ledger.xlsx")
    assert "the result has no money of that" in refused(do, capsys, "out", "--batch", "1")
    assert "there is no" not in refused(do, capsys, "out", "--date", "18.6.2024")


def test_a_scenario_names_its_ledger(here, do):
    text = Path("plan/scenario.yaml").read_text(encoding="utf-8")
    Path("plan/scenario.yaml").write_text(f"{text}\ncommitted: 台账.csv\n", encoding="utf-8")
    Path("plan/committed.csv").rename("plan/台账.csv")
    assert do("solve", "plan", "-o", "out") == 0
    assert do("commit", "out") == 0
    table = read_table(Path("plan/台账.csv"), "台账.csv")
    assert table.records[-1].cells["entry"] == "2"
    assert do("verify", "plan") == 0
