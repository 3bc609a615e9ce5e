"""How a sweep runs makes no difference to its rows; its cold sample and its memory."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from allocator.cli import sweeping
from allocator.flatten import flatten
from allocator.load import load
from allocator.whatif.engine import Engine
from allocator.whatif.sweep import Files, Task, solve_task, tasks
from allocator.whatif.sweep_plan import read_plan
from tests.whatif.sweeps.cases import NOISE, ROOT, SIZE, assert_same, partial, rows, sweep, value, written

# how it runs makes no difference


def test_two_processes_give_the_same_rows(plan, tmp_path, whole):
    assert sweep(plan, tmp_path / "out", "--jobs", "2") == 0
    assert_same(tmp_path / "out", whole)


def test_the_order_of_chunks_makes_no_difference(plan, tmp_path, whole, monkeypatch):
    def backwards(waiting, jobs, cluster):
        return (solve_task(make()) for make in reversed(waiting))

    monkeypatch.setattr(sweeping, "solve_all", backwards)
    assert sweep(plan, tmp_path / "out") == 0
    assert_same(tmp_path / "out", whole)


def test_the_size_of_chunks_makes_no_difference_to_speak_of(plan, tmp_path, whole):
    assert sweep(plan, tmp_path / "out", chunk=7) == 0
    one, two = (pq.read_table(out / "sweep.parquet").to_pydict() for out in (tmp_path / "out", whole))
    assert (one["scenario"], one["metric"]) == (two["scenario"], two["metric"])
    ones, twos = (np.array(own["value"], dtype=float) for own in (one, two))
    assert np.allclose(ones, twos, atol=2e-6, rtol=0, equal_nan=True)


def test_threads_of_one_process_do_not_disturb_each_other(plan):
    loaded = load("tutorial")
    own = read_plan(plan, loaded)
    files = Files(tuple(sorted(flatten("tutorial").items())))
    makers = tasks(files, SIZE, lambda a, b: own.points(loaded, a, b), own.record, 5)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda make: solve_task(make()), makers))
    for one, make in zip(together, makers, strict=True):
        assert np.array_equal(one.values, solve_task(make()).values, equal_nan=True)


# the cold sample


def test_a_wrong_quick_answer_is_replaced_and_reported(plan, tmp_path, whole, monkeypatch, capsys):
    real, wrong = Engine.solve, load("tutorial").counties.index["990101"]

    def solve(self, changes):
        point = real(self, changes)
        if not changes:
            shifted = point.payments.copy()
            shifted[wrong] += 0.01
            return replace(point, payments=shifted)
        return point

    monkeypatch.setattr(Engine, "solve", solve)
    assert sweep(plan, tmp_path / "out") == 0
    points = rows(tmp_path / "out")
    assert [p["scenario"] for p in points if p["checked"]] == [0, 50]
    assert [p["scenario"] for p in points if p["disagreed"]] == [0]
    assert value(tmp_path / "out", 0, "990101") == pytest.approx(value(whole, 0, "990101"), abs=1e-5)
    assert value(tmp_path / "out", 0, "990101.grant") == pytest.approx(168.666667, abs=1e-5)
    line = next(own for own in capsys.readouterr().out.splitlines() if "disagreed" in own)
    assert line.split()[-1] == "1"


# memory


def test_memory_does_not_grow_with_the_number_of_points(tmp_path):
    peaks = []
    for points in (200, 2000):
        plan = written(tmp_path / f"{points}.yaml", NOISE.format(points))
        out = tmp_path / f"out{points}"
        code = (
            "import resource, sys; from allocator.cli.main import run; "
            f"code = run(['sweep', 'tutorial', '--plan', {str(plan)!r}, '-o', {str(out)!r}, '--json']); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout.split()[-1]) / 1024)
        assert len(rows(out)) == points
    assert peaks[1] - peaks[0] < 40, peaks


def test_chunks_are_stored_as_they_come(tmp_path, monkeypatch):
    plan, out = written(tmp_path / "plan.yaml", NOISE.format(20)), tmp_path / "out"
    seen = []

    def watched(waiting, jobs, cluster):
        for make in waiting:
            seen.append(len(list(partial(out).glob("values-*"))))
            yield solve_task(make())

    monkeypatch.setattr(sweeping, "solve_all", watched)
    assert sweep(plan, out, chunk=5) == 0
    assert seen == [0, 1, 2, 3]


def test_points_are_made_only_when_they_are_asked_for():
    made = []
    makers = tasks(Files(()), 10, lambda a, b: made.append((a, b)) or [{}] * (b - a), ("counties",), 4)
    assert made == []
    assert isinstance(makers[2](), Task)
    assert made == [(8, 10)]
