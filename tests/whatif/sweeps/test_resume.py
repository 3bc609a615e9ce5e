"""A sweep that was broken off goes on, and is mixed with no other."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from allocator.cli import sweeping
from allocator.cli.main import run
from allocator.whatif import workers
from tests.whatif.sweeps.cases import (
    FILES,
    MIXED,
    NOISE,
    ROOT,
    SIZE,
    assert_same,
    partial,
    rows,
    sweep,
    written,
)


def interrupted(plan: Path, out: Path, monkeypatch, chunks: int = 2) -> None:
    """Breaks off after some chunks."""

    def some(waiting, jobs, cluster):
        yield from islice(workers.solve_all(waiting, jobs, cluster), chunks)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "solve_all", some)
        assert sweep(plan, out) == 130
    assert len(list(partial(out).glob("values-*"))) == chunks


# interruption


def test_a_resumed_run_gives_the_same_rows(plan, tmp_path, whole, monkeypatch):
    out = tmp_path / "out"
    interrupted(plan, out, monkeypatch)
    solved = []
    monkeypatch.setattr(sweeping, "solve_all", lambda w, j, c: solved.extend(w) or workers.solve_all(w, j, c))
    assert sweep(plan, out, "--resume", "--jobs", "2") == 0
    assert len(solved) == 7 - 2
    assert_same(out, whole)
    assert not partial(out).exists()
    assert {p.name for p in out.iterdir()} == {*FILES, "summary.csv", "sweep.json"}


def test_a_killed_run_can_be_resumed(tmp_path, whole):
    plan, out = written(tmp_path / "plan.yaml", MIXED), tmp_path / "out"
    arguments = ["sweep", "tutorial", "--plan", str(plan), "-o", str(out), "--chunk", "10"]
    command = [sys.executable, "-m", "allocator.cli.main", *arguments]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while process.poll() is None and not list(partial(out).glob("values-*")):
            time.sleep(0.005)
        process.kill()
    assert sweep(plan, out, "--resume") == 0
    assert_same(out, whole)


def test_a_run_broken_off_while_merging_can_be_resumed(plan, tmp_path, whole, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
        assert sweep(plan, out) == 130
    assert sweep(plan, out, "--resume") == 0
    assert_same(out, whole)


@pytest.mark.parametrize("what", ["no --resume", "plan", "scenario", "set", "chunk"])
def test_an_interrupted_run_is_not_mixed_with_another(plan, tmp_path, monkeypatch, capsys, what):
    folder = tmp_path / "scenario"
    assert run(["init", str(folder), "--from", "tutorial"]) == 0
    out, chunk = tmp_path / "out", 10
    real = sweep
    monkeypatch.setitem(globals(), "sweep", lambda *a, **k: real(*a, **{"scenario": str(folder), **k}))
    interrupted(plan, out, monkeypatch)
    before = {p.name: p.read_bytes() for p in partial(out).iterdir()}
    more = [] if what == "no --resume" else ["--resume"]
    if what == "plan":
        written(plan, MIXED.replace("seed: 11", "seed: 12"))
    elif what == "scenario":
        counties = folder / "counties.csv"
        counties.write_bytes(counties.read_bytes().replace(b"30000", b"30001"))
    elif what == "set":
        more += ["--set", "streams.grant.budget=1001"]
    elif what == "chunk":
        chunk = 5
    capsys.readouterr()
    assert sweep(plan, out, *more, chunk=chunk) == 2
    said = capsys.readouterr().err
    words = {"no --resume": "--resume", "chunk": "10 scenarios in a chunk. use --chunk 10"}
    assert words.get(what, "another scenario or plan") in said
    assert {p.name: p.read_bytes() for p in partial(out).iterdir()} == before
    assert not out.exists()


def test_folders_of_others_are_left_alone(plan, tmp_path, capsys):
    for name, more in (("mine", ()), ("other.partial", ("--resume",))):
        (tmp_path / name).mkdir()
        written(tmp_path / name / "notes.txt", "keep")
        assert sweep(plan, tmp_path / name.removesuffix(".partial"), *more) == 2
        assert [p.name for p in (tmp_path / name).iterdir()] == ["notes.txt"]
    assert "choose another folder" in capsys.readouterr().err


def test_an_older_result_is_replaced_when_the_new_one_is_there(plan, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert sweep(written(tmp_path / "short.yaml", NOISE.format(3)), out) == 0
    before = (out / "sweep.parquet").read_bytes()
    interrupted(plan, out, monkeypatch)
    assert (out / "sweep.parquet").read_bytes() == before
    assert sweep(plan, out, "--resume") == 0
    assert len(rows(out)) == SIZE
