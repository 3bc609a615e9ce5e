"""The report command: every paper or none, beside a result that is as it was written."""

from __future__ import annotations

import hashlib
import json

import pytest
from openpyxl import load_workbook

from allocator.cli.main import run

PAPERS = {"report.html", "workbook.xlsx", "publication.xlsx", "publication.docx", "publication.pdf"}


@pytest.fixture
def result(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    assert run(["solve", "tutorial", "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_all_papers_stand_beside_the_result_and_are_listed(result, capsys):
    before = contents(result)
    assert run(["report", str(result), "--to", "all"]) == 0
    assert "to be filled" in capsys.readouterr().err
    after = contents(result)
    assert set(after) - set(before) == PAPERS | {"report.json"}
    assert {name: after[name] for name in before} == before
    listed = json.loads(after["report.json"])["files"]
    assert {name: entry["sha256"] for name, entry in listed.items()} == {
        name: hashlib.sha256(after[name]).hexdigest() for name in PAPERS
    }
    # again over its own files, and the whole folder by a new solve
    assert run(["report", str(result), "--to", "html"]) == 0
    again = contents(result)
    assert {name for name in after if again[name] != after[name]} <= {"report.json"}
    assert run(["solve", "tutorial", "-o", str(result)]) == 0
    assert set(contents(result)) == set(before)


def test_an_edited_result_is_refused_and_nothing_is_written(result, capsys):
    table = result / "allocation.csv"
    table.write_bytes(table.read_bytes().replace(b"industry,101", b"industry,91"))
    (result / "rules.csv").unlink()
    before = contents(result)
    assert run(["report", str(result), "--to", "xlsx"]) == 2
    said = capsys.readouterr().err
    assert "allocation.csv: edited since it was written. solve again" in said
    assert "rules.csv: the file is gone. solve again" in said
    assert contents(result) == before


def test_what_is_no_result_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    (tmp_path / "notes").mkdir()
    assert run(["report", str(tmp_path / "notes")]) == 2
    assert "not a result folder of solve" in capsys.readouterr().err
    assert run(["report", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert list((tmp_path / "notes").iterdir()) == []


@pytest.fixture
def year(tmp_path, capsys, monkeypatch):
    """The solved year of three batches that are still to come."""
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    assert run(["solve", "yangquan-2024", "-o", str(tmp_path / "year")]) == 0
    capsys.readouterr()
    return tmp_path / "year"


def test_a_part_of_the_plan_is_published_alone(year, capsys):
    assert run(["report", str(year), "--to", "xlsx", "--to", "docx", "--batch", "2", "--batch", "3"]) == 0
    assert run(["report", str(year), "--to", "xlsx", "--stream", "provincial_3"]) == 0
    wanted = {f"publication-central_2-provincial_2-provincial_3.{kind}" for kind in ("xlsx", "docx")}
    made = {path.name for path in year.glob("publication*")}
    assert made == wanted | {"publication-provincial_3.xlsx"}
    assert not (year / "workbook.xlsx").exists()
    book = load_workbook(year / "publication-provincial_3.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    said = "\n".join(map(str, cells))
    # 340 of the 1,920 of the plan; 4,500 were issued before (scenarios/yangquan-2024)
    assert "340万元 are divided this time" in said.replace(" 万元", "万元")
    assert "by the plan of the year, all of them were verified to hold" in said
    assert 4840 in cells
    assert not {860, 720, 1920} & set(cells)


def test_a_part_without_money_and_a_page_of_a_part_are_refused(year, capsys):
    before = contents(year)
    for arguments, said in (
        (["--to", "pdf", "--stream", "central_1"], "the result has no money of that. it has: central_2"),
        (["--to", "pdf", "--stream", "centrl_2"], "the scenario has no such stream"),
        (["--to", "all", "--batch", "2"], "the page is of the whole result"),
    ):
        assert run(["report", str(year), *arguments]) == 2
        assert said in capsys.readouterr().err
    assert contents(year) == before
