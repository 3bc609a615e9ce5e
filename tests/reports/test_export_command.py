"""`allocator export` from end to end, and the page that documents it."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from allocator.cli import exporting
from allocator.cli.main import run
from reports.export import beside
from reports.export.delta import OPERATIONS
from reports.export.rows import HEADER, KEY
from tests import builders

PAGE = Path(__file__).parents[2] / "docs" / "export.md"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("solved")
    plan = str(
        builders.write_scenario(folder / "plan", yaml=builders.YAML + "publication: {total: 全区合计}\n")
    )
    assert run(["solve", plan, "-o", str(folder / "out")]) == 0
    assert run(["solve", plan, "--set", "streams.central.budget=990", "-o", str(folder / "less")]) == 0
    return folder


@pytest.fixture
def out(solved, tmp_path):
    """A copy of the result, to write into."""
    shutil.copytree(solved / "out", tmp_path / "out")
    return tmp_path / "out"


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_the_table_is_the_result(out, capsys):
    assert run(["export", str(out), "--to", "csv"]) == 0
    told, err = capsys.readouterr()
    assert "1,100 万元 in all" in told
    assert err == ""
    solved, exported = rows(out / "allocation.csv"), rows(out / "export-csv" / "allocation.csv")
    names = ("code", "county", "stream", "source", "batch", "use", "amount")
    assert [[r[n] for n in names] for r in exported] == [[r[n] for n in names] for r in solved]
    # the export is ours: the folder can be solved into again, and exported again
    assert run(["export", str(out), "--to", "csv"]) == 0
    assert run(["solve", str(out), "-o", str(out)]) == 0
    assert not (out / "export-csv").exists()


@pytest.mark.parametrize("kind", exporting.KINDS)
def test_json_and_delta(out, solved, tmp_path, capsys, kind):
    target = tmp_path / "handover"
    arguments = ["export", str(out), "--to", kind, "--against", str(solved / "less"), "-o", str(target)]
    assert run([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(p.name for p in target.iterdir()) == sorted(told["files"])
    assert told["total"] == 1100
    assert set(told["delta"]) == set(OPERATIONS)
    assert told["delta"]["update"] > 0
    assert run([*arguments, "--lang", "zh"]) == 2  # the folder is full now
    assert "其他文件" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_delta_is_told(out, solved, capsys, lang):
    assert run(["export", str(out), "--to", "csv", "--against", str(solved / "less"), "--lang", lang]) == 0
    told = capsys.readouterr().out
    assert {"zh": "更新", "en": "to update"}[lang] in told
    assert (out / "export-csv-delta" / "delta.csv").is_file()
    assert not (out / "export-csv").exists()


def test_bad_input_writes_nothing(out, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for arguments, said in (
        ([str(tmp_path / "empty"), "--to", "csv"], "not a result folder"),
        ([str(tmp_path / "gone"), "--to", "csv"], "no such folder"),
        ([str(out), "--to", "csv", "--against", str(tmp_path / "empty")], "not a result folder"),
        ([str(out), "--to", "dbf"], "dbf"),
        ([str(out)], "--to"),
    ):
        assert run(["export", *arguments]) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert told.out == ""
    (out / "allocation.csv").write_bytes(b"edited")
    assert run(["export", str(out), "--to", "csv"]) == 2
    assert "edited since" in capsys.readouterr().err
    assert not list(out.glob("export*"))


def test_only_files_that_it_reads_or_replaces_matter(out, capsys):
    """The meeting edits workbook.xlsx where it is, and has it open."""
    assert run(["report", str(out), "--to", "xlsx"]) == 0
    assert run(["export", str(out), "--to", "csv"]) == 0
    record = json.loads((out / "report.json").read_bytes())
    (out / "workbook.xlsx").write_bytes(b"edited")
    (out / "~$workbook.xlsx").write_bytes(b"open")
    (out / "notes.docx").write_bytes(b"mine")
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    for kind in ("csv", "xlsx-flat"):
        assert run(["export", str(out), "--to", kind]) == 0
    after = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert {name for name in after if before[name] != after[name]} == {"report.json"}
    listed = json.loads(after["report.json"])["files"]
    assert listed.items() > record["files"].items()
    assert "export-xlsx-flat/allocation.xlsx" in listed
    # what is edited stays guarded from those who would replace it
    (out / "~$workbook.xlsx").unlink()
    (out / "notes.docx").unlink()
    assert run(["solve", str(out), "-o", str(out)]) == 2
    assert "workbook.xlsx was edited since" in capsys.readouterr().err
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("allocation.csv", "edited since; it is not overwritten"),
        ("mine.txt", "a file of somebody else's"),
        ("~$allocation.csv", "a table is open"),
    ],
)
def test_an_edited_export_is_never_overwritten(out, capsys, name, said):
    assert run(["export", str(out), "--to", "csv"]) == 0
    (out / "export-csv" / name).write_bytes(b"edited")
    record = (out / "report.json").read_bytes()
    assert run(["export", str(out), "--to", "csv"]) == 2
    assert said in capsys.readouterr().err
    assert (out / "export-csv" / name).read_bytes() == b"edited"
    assert (out / "report.json").read_bytes() == record


def test_a_record_that_is_none_is_not_replaced(out, capsys):
    (out / "report.json").write_text("{}")
    assert run(["export", str(out), "--to", "csv"]) == 2
    assert "report.json: edited since" in capsys.readouterr().err
    assert not (out / "export-csv").exists()


def test_a_failure_while_writing_leaves_the_former_export(out, monkeypatch, capsys):
    assert run(["export", str(out), "--to", "csv"]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(beside.os, "replace", full)
    assert run(["export", str(out), "--to", "csv", "--encoding", "gb18030"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_parquet_without_its_package_is_said_plainly(out, monkeypatch, capsys):
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    assert run(["export", str(out), "--to", "parquet"]) == 2
    assert "pip install 'allocator[sensitivity]'" in capsys.readouterr().err


def test_the_example_of_the_page_works(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text(encoding="utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    for command in commands.strip().splitlines():
        name, *arguments = shlex.split(command)
        assert name == "allocator"
        assert run(arguments) == 0
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # the page's own code
    delta = rows(tmp_path / "handover" / "delta.csv")
    assert {row["operation"] for row in delta} <= set(OPERATIONS)
    assert names["KEY"] == KEY
    assert delta


def test_the_page_names_every_column():
    page = PAGE.read_text(encoding="utf-8")
    listed = page.partition("## Columns")[2].partition("## The delta")[0]
    assert set(HEADER) <= set(re.findall(r"`(\w+)`", listed))
    assert f"`{', '.join(KEY)}`" in page
