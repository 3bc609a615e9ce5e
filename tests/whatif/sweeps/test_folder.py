"""The folder of a sweep: nobody's files are lost, an older result stands until the new one does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from allocator.cli import sweeping
from reports import sweep_store
from tests.whatif.sweeps.cases import FILES, NOISE, SIZE, assert_same, partial, rows, sweep, written
from tests.whatif.sweeps.test_resume import interrupted

ONE = "designs: [{list: [{}]}]\n"


@pytest.fixture
def one(tmp_path):
    return written(tmp_path / "one.yaml", ONE)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# files of others


@pytest.mark.parametrize("more", [(), ("--resume",)])
def test_a_file_added_to_a_result_is_not_deleted(one, tmp_path, capsys, more):
    out = tmp_path / "out"
    assert sweep(one, out) == 0
    written(out / "mynotes.txt", "keep")
    before = contents(out)
    assert sweep(one, out, *more) == 2
    assert "the folder holds a file of somebody else's: mynotes.txt" in capsys.readouterr().err
    assert contents(out) == before
    assert not partial(out).exists()


def test_a_result_that_was_edited_is_not_overwritten(one, tmp_path, capsys):
    out = tmp_path / "out"
    assert sweep(one, out) == 0
    written(out / "summary.csv", "mine")
    assert sweep(one, out) == 2
    assert "summary.csv was edited since" in capsys.readouterr().err
    assert (out / "summary.csv").read_text(encoding="utf-8") == "mine"


def test_a_file_added_while_it_runs_is_not_deleted_and_nothing_is_solved_twice(
    one, tmp_path, capsys, monkeypatch
):
    out = tmp_path / "out"
    assert sweep(one, out) == 0
    real = sweeping.solve_all

    def meanwhile(waiting, jobs, cluster):
        written(out / "mynotes.txt", "keep")
        yield from real(waiting, jobs, cluster)

    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "solve_all", meanwhile)
        assert sweep(one, out) == 2
    assert "mynotes.txt" in capsys.readouterr().err
    assert (out / "mynotes.txt").exists()
    (out / "mynotes.txt").unlink()
    left = []

    def nothing(waiting, jobs, cluster):
        left.extend(waiting)
        yield from ()

    monkeypatch.setattr(sweeping, "solve_all", nothing)
    assert sweep(one, out, "--resume") == 0
    assert left == []
    assert {path.name for path in out.iterdir()} == {*FILES, "summary.csv", "sweep.json"}


def test_a_file_added_to_an_interrupted_run_is_not_taken_for_ours(plan, tmp_path, capsys, monkeypatch):
    out = tmp_path / "out"
    interrupted(plan, out, monkeypatch)
    written(partial(out) / "notes.txt", "keep")
    assert sweep(plan, out, "--resume") == 2
    assert "somebody else's: notes.txt" in capsys.readouterr().err
    assert (partial(out) / "notes.txt").exists()


def test_an_empty_folder_can_be_given(one, tmp_path):
    (tmp_path / "out").mkdir()
    assert sweep(one, tmp_path / "out") == 0
    assert len(rows(tmp_path / "out")) == 1


# where it cannot be written


def test_a_place_that_cannot_be_written_is_said(one, capsys):
    assert sweep(one, Path("/proc/q")) == 2
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "choose another folder" in said
    assert "internal error" not in said


def test_a_full_disk_is_said_and_leaves_nothing(one, tmp_path, monkeypatch, capsys):
    def full(*arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sweep_store.pq, "write_table", full)
    assert sweep(one, tmp_path / "a" / "out") == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


# the moment of replacement


def test_the_old_result_stands_where_the_new_one_cannot_take_its_place(one, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert sweep(one, out) == 0
    before, rename = contents(out), Path.rename

    def broken(self, target):
        if self.name == "out.partial":
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", broken)
        assert sweep(written(tmp_path / "plan.yaml", NOISE.format(3)), out) == 130
    assert contents(out) == before
    assert sweep(tmp_path / "plan.yaml", out, "--resume") == 0
    assert len(rows(out)) == 3
    assert not list(tmp_path.glob(".out*"))


# damage


@pytest.mark.parametrize("text", ['{"plan": ', "[1]", "", "\udcff"])
def test_a_damaged_record_is_said(plan, tmp_path, monkeypatch, capsys, text):
    out = tmp_path / "out"
    interrupted(plan, out, monkeypatch)
    (partial(out) / "sweep.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    before = contents(partial(out))
    capsys.readouterr()
    assert sweep(plan, out, "--resume") == 2
    said = capsys.readouterr().err
    assert "sweep.json: the record of the interrupted run is damaged" in said
    assert "delete the folder and start afresh" in said
    assert contents(partial(out)) == before


def test_a_damaged_chunk_is_solved_again(plan, tmp_path, monkeypatch, whole):
    out = tmp_path / "out"
    interrupted(plan, out, monkeypatch)
    written(partial(out) / "points-000000000000.parquet", "damaged")
    assert sweep(plan, out, "--resume") == 0
    assert_same(out, whole)


# a finished one


@pytest.mark.parametrize(("lang", "word"), [("en", "complete already"), ("zh", "早已完成")])
def test_a_finished_sweep_is_not_solved_again(plan, tmp_path, monkeypatch, capsys, whole, lang, word):
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    # the plan's bytes decide, not where it lies
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.iterdir()}
    monkeypatch.setattr(sweeping, "solve_all", lambda *_: 1 / 0)
    for chunk in (10, 7):
        assert sweep(plan, out, "--resume", "--json", "--lang", lang, chunk=chunk) == 0
        said = capsys.readouterr()
        assert word in said.err
        assert json.loads(said.out)["points"] == SIZE
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.iterdir()} == before
    assert not partial(out).exists()


def test_a_finished_sweep_that_lacks_a_file_is_solved_again(one, tmp_path):
    out = tmp_path / "out"
    assert sweep(one, out) == 0
    (out / "sweep.parquet").unlink()
    assert sweep(one, out, "--resume") == 0
    assert (out / "sweep.parquet").exists()
