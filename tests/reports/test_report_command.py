"""The report command: every paper or none, beside a result that is as it was written."""

from __future__ import annotations

import hashlib
import json

import pytest

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
