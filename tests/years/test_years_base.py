"""What next year compares with after a reallocation: `--base`, through the ledger, into the columns."""

from __future__ import annotations

import csv
import shutil
import sys
from fractions import Fraction as F
from pathlib import Path

import pytest

from allocator.cli.main import run
from allocator.input.tables import Record, Table
from allocator.ledger import COLUMNS, chained, entries, entry_rows, ledger_faults
from allocator.load import BUNDLED
from allocator.years.base import uncounted_in
from allocator.years.series import read_series, run_years
from tests import builders
from tests.years.test_years_pages import example

DECIDED = {"990101": 169, "990102": 114, "990103": 171, "990201": 223, "990202": 171, "990203": 152}
"""The tutorial, decided by hand in its SOURCES.md."""
MOVED = {"990101": 6, "990102": -19, "990201": 7, "990202": 6}
"""docs/reallocation.md: the floor of 0.95 × 100 lets 乙县 (114) lose 19. By population and equal parts the
fast counties stand as 186.67 : 246.67 : 186.67 (SOURCES.md), so that of 19 they get 5.72, 7.56 and 5.72."""
LYING = {code: amount + MOVED.get(code, 0) for code, amount in DECIDED.items()}


def call(*arguments: str) -> int:
    """Runs a command as the shell would, so that run.json records it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["allocator", *arguments])
        return run([*arguments, "--lang", "en"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def column(path: Path, name: str) -> dict[str, int]:
    return {row["code"]: int(row[name]) for row in rows_of(path)}


@pytest.fixture(scope="module")
def decided(tmp_path_factory) -> Path:
    """plans/2024 and plans/2025 after the tutorial; 2024 is solved and entered; progress.csv."""
    folder = tmp_path_factory.mktemp("years")
    for year in ("2024", "2025"):
        own = folder / "plans" / year
        shutil.copytree(BUNDLED / "tutorial", own)
        file = own / "scenario.yaml"
        text = file.read_text(encoding="utf-8").replace("year: 2025", f"year: {year}")
        file.write_text(text.replace("name: tutorial", f"name: plan-{year}"), encoding="utf-8")
    (folder / "progress.csv").write_text(example("reallocation.md", "csv"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call("solve", "plans/2024", "-o", "out") == 0
        assert call("commit", "out") == 0
    return folder


@pytest.fixture
def plans(decided, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "here"
    shutil.copytree(decided, folder)
    monkeypatch.chdir(folder)
    return folder


def move(base: str, progress: str = "progress.csv", out: str = "moved") -> None:
    options = ["--as-of", "2025-09-30", "--base", base] if base else ["--as-of", "2025-09-30"]
    assert call("reallocate", "plans/2024", progress, *options, "-o", out) == 0


@pytest.mark.parametrize(("base", "expected"), [("", DECIDED), ("before", DECIDED), ("after", LYING)])
def test_next_year_compares_with_what_base_says(plans, base, expected, capsys):
    """The default is before: 乙县 starts from its 114, not from the 95 that it was left with."""
    move(base)
    assert column(plans / "moved/reallocation.csv", "base") == expected
    assert column(plans / "moved/reallocation.csv", "after") == LYING
    assert call("commit", "moved") == 0
    last = [row for row in rows_of(plans / "plans/2024/committed.csv") if row["entry"] == "2"]
    assert {row["result"].split(" ", 1)[1] for row in last} == {f"base={base or 'before'}"}
    capsys.readouterr()
    assert call("years", "plans", "-o", "years") == 0
    said = capsys.readouterr().err
    assert ("leave out 19 万元" in said) is (expected is DECIDED)
    assert column(plans / "years/2025/scenario/counties.csv", "last_amount") == expected
    # the year itself has issued what lies there now
    totals = {r["code"]: int(r["total"]) for r in rows_of(plans / "years/years.csv") if r["year"] == "2024"}
    assert totals == LYING


@pytest.mark.parametrize("base", ["before", "after"])
def test_shares_are_of_the_money_as_it_lies(plans, base):
    """Whatever the base: the ratchet compares with the share that the year was judged by.

    Industry before, SOURCES.md: 272 of 454 in 东市, 328 of 546 in 西市. Of 乙县's 19 the mix of 60 % takes
    11 from industry; 甲县 gets 4 of its 6, 丁县 4 of 7, 戊县 4 of 6: 265 of 441 and 336 of 559.
    """
    file = plans / "plans/2025/scenario.yaml"
    text = file.read_text(encoding="utf-8").replace("    floor: 0.5", "    floor: 0.5\n    not_below: share")
    file.write_text(text, encoding="utf-8")
    table = plans / "plans/2025/counties.csv"
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([f"{head},share", *(f"{line},0.5" for line in lines)]), encoding="utf-8")
    move(base)
    assert call("commit", "moved") == 0
    second = run_years(read_series("plans"))[1]
    assert set(second.fed["share"].values()) == {F(265, 441), F(336, 559)}
    assert second.fed["last_amount"] == (DECIDED if base == "before" else LYING)


@pytest.mark.parametrize(("first", "expected"), [("before", DECIDED), ("after", LYING)])
def test_a_second_reallocation_leaves_the_base_of_the_first(plans, first, expected):
    """丁县 has 230 after the first; in the second it is late itself, and its base stays what it was."""
    move(first)
    assert call("commit", "moved") == 0
    rows = ["code,stream,paid,committed,planned_start,started"]
    for code, amount in LYING.items():
        paid, started = (100, "") if code == "990201" else (amount, "2025-02-01")
        rows.append(f"{code},grant,{paid},0,2025-02-01,{started}")
    (plans / "second.csv").write_text("\n".join(rows), encoding="utf-8")
    for base in ("after", "before"):
        move(base, "second.csv", base)
    later = column(plans / "after/reallocation.csv", "after")
    assert later["990201"] < LYING["990201"]
    assert column(plans / "after/reallocation.csv", "base") == later
    assert column(plans / "before/reallocation.csv", "before") == LYING
    assert column(plans / "before/reallocation.csv", "base") == expected
    assert call("commit", "before") == 0
    second = run_years(read_series("plans"))[1]
    assert second.fed["last_amount"] == expected


def ledger(*parts: tuple[str, dict[str, int]], streams: tuple[str, ...] = ("central",) * 3) -> Table:
    """Entries of (what stands in `result`, amounts by county), each of one stream, all of one use."""
    rows: list[dict[str, str]] = []
    for number, (result, amounts) in enumerate(parts, 1):
        own = {"stream": streams[number - 1], "use": "roads"}
        cells = [{**own, "code": code, "amount": str(amount)} for code, amount in amounts.items()]
        common = {"year": "2025", "unit": "万元", "step": "1", "date": "", "result": result}
        rows += chained(entry_rows(cells, number, common), rows[-1]["chain"] if rows else "")
    return Table("ledger.csv", COLUMNS, tuple(Record(k, row) for k, row in enumerate(rows, 2)))


A, B = "150101", "150102"
FIRST = ("aa", {A: 40, B: 10})


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([FIRST], {}),
        # an entry without the word, as ledgers had them: before
        ([FIRST, ("bb", {A: -9, B: 9})], {A: -9, B: 9}),
        ([FIRST, ("bb base=before", {A: -9, B: 9}), ("cc base=before", {A: -1, B: 1})], {A: -10, B: 10}),
        ([FIRST, ("bb base=before", {A: -9, B: 9}), ("cc base=before", {A: 9, B: -9})], {}),
        ([FIRST, ("bb base=after", {A: -9, B: 9})], {}),
        ([FIRST, ("bb base=after", {A: -9, B: 9}), ("cc base=before", {A: -1, B: 1})], {A: -1, B: 1}),
        # all as it lies after the second
        ([FIRST, ("bb base=before", {A: -9, B: 9}), ("cc base=after", {A: -1, B: 1})], {}),
    ],
)
def test_what_the_base_leaves_out(parts, expected):
    table = ledger(*parts)
    assert ledger_faults(table, builders.scenario()) == []
    assert uncounted_in(table) == {(code, "central", "roads"): F(v) for code, v in expected.items()}


def test_a_later_batch_counts():
    parts = [FIRST, ("bb base=before", {A: -9, B: 9}), ("cc", {A: 5})]
    table = ledger(*parts, streams=("central", "central", "regional"))
    assert ledger_faults(table, builders.scenario()) == []
    assert uncounted_in(table) == {(A, "central", "roads"): -9, (B, "central", "roads"): 9}


def test_a_plain_table_does_not_tell_what_was_moved():
    row = Record(2, {"code": A, "stream": "central", "use": "roads", "amount": "5"})
    assert uncounted_in(Table("committed.csv", tuple(row.cells), (row,))) == {}


def test_an_unknown_base_is_a_fault_in_its_row():
    table = ledger(FIRST, ("bb base=never", {A: -9, B: 9}))
    (fault,) = ledger_faults(table, builders.scenario())
    assert (fault.place.line, fault.place.column) == (4, "result")
    assert "before or after" in fault.what.en


def test_the_digest_is_known_without_the_word():
    """So that the same reallocation is not entered twice."""
    last = entries(ledger(FIRST, ("bb base=after", {A: -9, B: 9})))[-1]
    assert (last.result, last.base, last.moves) == ("bb", "after", True)
