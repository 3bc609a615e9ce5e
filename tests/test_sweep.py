"""allocator sweep: the same rows however it runs, what cannot be solved as a result, and the command."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from allocator import workers
from allocator.cli import sweeping
from allocator.cli.main import run
from allocator.engine import Engine
from allocator.flatten import flatten
from allocator.load import load
from allocator.sweep import Files, Task, solve_task, tasks
from allocator.sweep_plan import read_plan
from reports.sweep_store import Summary

ROOT = Path(__file__).resolve().parent.parent
FILES = ("sweep.parquet", "scenarios.parquet")
MIXED = """\
seed: 11
record: [counties, payments, prefectures, groups, metrics]
designs:
  - name: by hand
    list:
      - {}
      - {rules.change_limits.lower: 1.2}
      - {columns.population: 0}
      - {objective: kindness}
      - {objective: proportional, streams.grant.budget: 1100}
      - {counties.drop: 990203, streams.grant.budget: 900}
      - {streams.grant.budget: 800, rules.use_share_floor.floor: 0.7}
  - noise: {points: 30, columns: {population: 0.1, last_amount: 0.04}}
  - dirichlet: {points: 25, formula: main, concentration: 30}
"""
SIZE, BROKEN = 62, {1: "infeasible", 2: "failed", 3: "failed", 6: "infeasible"}
NOISE = "designs:\n  - noise: {{points: {}, columns: {{population: 0.02}}}}\n"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture
def plan(tmp_path):
    return written(tmp_path / "plan.yaml", MIXED)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The result of an unbroken run in one process."""
    folder = tmp_path_factory.mktemp("whole")
    assert sweep(written(folder / "plan.yaml", MIXED), folder / "out") == 0
    return folder / "out"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def sweep(plan: Path, out: Path, *arguments: str, scenario: str = "tutorial", chunk: int = 10) -> int:
    return run(["sweep", scenario, "--plan", str(plan), "-o", str(out), "--chunk", str(chunk), *arguments])


def rows(out: Path, name: str = "scenarios.parquet") -> list[dict]:
    return pq.read_table(out / name).to_pylist()


def value(out: Path, scenario: int, metric: str) -> float | None:
    found = [
        r["value"] for r in rows(out, "sweep.parquet") if (r["scenario"], r["metric"]) == (scenario, metric)
    ]
    assert len(found) == 1
    return found[0]


def assert_same(one: Path, two: Path) -> None:
    for name in FILES:
        assert pq.read_table(one / name).equals(pq.read_table(two / name)), name
    assert (one / "summary.csv").read_bytes() == (two / "summary.csv").read_bytes()


def partial(out: Path) -> Path:
    return out.with_name(f"{out.name}.partial")


def interrupted(plan: Path, out: Path, monkeypatch, chunks: int = 2) -> None:
    """Breaks off after some chunks."""

    def some(waiting, jobs, cluster):
        yield from islice(workers.solve_all(waiting, jobs, cluster), chunks)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "solve_all", some)
        assert sweep(plan, out) == 130
    assert len(list(partial(out).glob("values-*"))) == chunks


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
    assert ("--resume" if what == "no --resume" else "another scenario or plan") in said
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


# cluster


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_a_worker_gives_the_same_rows(plan, tmp_path, whole, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    killed = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as own,
        distributed.Client(own) as client,
    ):
        pids = client.run(os.getpid)

        def losing(waiting, jobs, cluster):
            for number, solved in enumerate(workers.solve_all(waiting, jobs, cluster)):
                yield solved
                if number == 5:
                    killed.append(next(iter(pids.values())))
                    os.kill(killed[0], signal.SIGKILL)

        monkeypatch.setattr(sweeping, "solve_all", losing)
        assert sweep(plan, tmp_path / "out", "--cluster", own.scheduler_address, chunk=3) == 0
    assert killed
    monkeypatch.undo()
    assert sweep(plan, tmp_path / "local", chunk=3) == 0
    assert_same(tmp_path / "out", tmp_path / "local")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("address", ["nonsense", "foo://nowhere:1", "tcp://127.0.0.1:1"])
def test_a_bad_address_is_refused_and_leaves_nothing(plan, tmp_path, capsys, monkeypatch, address):
    pytest.importorskip("distributed")
    assert workers.WAIT <= 10
    monkeypatch.setattr(workers, "WAIT", 1)
    started = time.monotonic()
    assert sweep(plan, tmp_path / "out", "--cluster", address) == 2
    assert time.monotonic() - started < 8
    assert "cannot reach the cluster" in capsys.readouterr().err
    assert not partial(tmp_path / "out").exists()


# what cannot be solved


def test_points_without_an_allocation_are_results(whole):
    points = rows(whole)
    assert [p["scenario"] for p in points] == list(range(SIZE))
    assert {p["scenario"]: p["status"] for p in points if p["scenario"] in BROKEN} == BROKEN
    for point in points:
        assert bool(point["reason"]) == (point["status"] == "failed")
        if point["status"] == "infeasible":
            assert "change_limits" in point["rules"].split(";")
    assert "population" in points[2]["reason"]
    assert "kindness" in points[3]["reason"]


def test_their_values_are_null_and_no_others(whole):
    statuses = {p["scenario"]: p["status"] for p in rows(whole)}
    table = pq.read_table(whole / "sweep.parquet").to_pylist()
    assert all((r["value"] is None) == (statuses[r["scenario"]] != "solved") for r in table)
    # six counties twice, two prefectures, one group, three metrics
    assert len(table) == SIZE * (12 + 2 + 1 + 3)


def test_they_are_counted(plan, tmp_path, capsys, whole):
    assert sweep(plan, tmp_path / "out", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    statuses = [p["status"] for p in rows(whole)]
    assert found["points"] == SIZE
    assert [found[s] for s in ("solved", "infeasible", "failed")] == [
        statuses.count(s) for s in ("solved", "infeasible", "failed")
    ]
    assert found["short"]["change_limits"] == found["infeasible"]
    assert sum(found["reasons"].values()) == found["failed"] == 2
    with (whole / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {int(row["solved"]) for row in csv.DictReader(file)} == {found["solved"]}


def test_a_sweep_where_nothing_can_be_solved(tmp_path, capsys):
    text = "designs: [{one_at_a_time: {rules.change_limits.lower: [1.2, 1.3]}}]\n"
    assert sweep(written(tmp_path / "plan.yaml", text), tmp_path / "out") == 0
    line = next(own for own in capsys.readouterr().out.splitlines() if own.startswith("no allocation"))
    assert line.split()[-1] == "2"
    assert all(r["value"] is None for r in rows(tmp_path / "out", "sweep.parquet"))


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


# figures


def test_figures_are_those_of_the_engine(whole):
    engine = Engine("tutorial")
    point = engine.cold({"streams.grant.budget": 1100, "objective": "proportional"})
    paid = point.payments[:, 0]
    codes = engine.loaded.counties.codes
    assert [value(whole, 4, code) for code in codes] == pytest.approx(list(paid), abs=1e-5)
    assert value(whole, 4, "东市") == pytest.approx(paid[:3].sum(), abs=1e-5)
    poor = engine.loaded.counties.groups["poor"]
    assert value(whole, 4, "average.poor") == pytest.approx(paid[poor].mean(), abs=1e-5)
    assert value(whole, 4, "largest_departure") == pytest.approx(point.largest_departure, abs=1e-5)
    base = engine.base.payments[:, 0]
    moved = min(np.maximum(paid - base, 0).sum(), np.maximum(base - paid, 0).sum())
    assert value(whole, 4, "money_moved") == pytest.approx(moved, abs=1e-5)
    away = np.maximum(paid - point.entitlement[:, 0], 0).sum()
    assert value(whole, 4, "departure_from_formula") == pytest.approx(away, abs=1e-5)
    assert value(whole, 5, "990203") == 0


def test_the_summary_is_of_the_rows(whole):
    table = rows(whole, "sweep.parquet")
    with (whole / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        summary = {row["metric"]: row for row in csv.DictReader(file)}
    for metric in ("990101", "money_moved", "average.poor"):
        own = np.array([r["value"] for r in table if r["metric"] == metric and r["value"] is not None])
        wanted = [
            own.mean(),
            own.std(),
            own.min(),
            own.max(),
            *np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95]),
        ]
        shown = [
            float(summary[metric][c]) for c in ("mean", "sd", "min", "max", "p05", "p25", "p50", "p75", "p95")
        ]
        assert shown == pytest.approx(wanted, abs=2e-6)


def test_spreads_of_large_amounts_keep_their_digits():
    """A metric that no point has must not cost the others theirs; chunks may be cut anywhere."""
    values = np.column_stack([1e10 + np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, np.nan)])
    values[0, 0] = np.nan
    for cuts in ([0, 4], [0, 1, 4], [0, 1, 2, 3, 4]):
        summary = Summary(["amount", "nothing"], 1)
        for start, stop in pairwise(cuts):
            summary.add(start, values[start:stop])
        amount, nothing = summary.rows()
        assert amount[1:4] == [3, pytest.approx(1e10 + 11 / 3), pytest.approx(np.std([2, 3, 6]), abs=1e-6)]
        assert nothing[1] == 0
        assert nothing[2] is None


# the command


def test_both_languages_and_where_the_result_is(tmp_path, capsys):
    text = "designs: [{list: [{}, {rules.change_limits.lower: 1.2}, {columns.population: 0}]}]\n"
    plan = written(tmp_path / "plan.yaml", text)
    said = {}
    for lang in ("en", "zh"):
        assert sweep(plan, tmp_path / lang, "--lang", lang) == 0
        said[lang] = capsys.readouterr().out
    assert "fell short: Change on last year (1)" in said["en"]
    assert "the values add up to" in said["en"]
    for word in (
        "全部",
        "有解",
        "无解",
        "数据不合",
        "无解时不能满足",
        str(tmp_path / "zh" / "sweep.parquet"),
    ):
        assert word in said["zh"]


def test_tidy_schemas(whole):
    values, points = (pq.read_schema(whole / name) for name in FILES)
    assert values.names == ["scenario", "metric", "value"]
    assert [str(values.field(n).type) for n in ("scenario", "value")] == ["int64", "double"]
    assert {"scenario", "design", "status", "rules", "reason", "changes", "checked", "disagreed"} <= set(
        points.names
    )
    found = rows(whole)
    assert [p["design"] for p in found] == ["by hand"] * 7 + ["noise"] * 30 + ["dirichlet"] * 25
    assert json.loads(found[5]["changes"]) == {"counties.drop": ["990203"], "streams.grant.budget": "900"}
    keys = [(r["scenario"], r["metric"]) for r in rows(whole, "sweep.parquet")]
    assert len(keys) == len(set(keys))


def test_json_is_one_object_and_set_applies(tmp_path, capsys):
    plan = written(tmp_path / "plan.yaml", "designs: [{list: [{}]}]\n")
    more = ("--json", "--set", "rules.change_limits.lower=0", "--set", "streams.grant.budget=1200")
    assert sweep(plan, tmp_path / "out", *more) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["points"], found["solved"], found["disagreed"]) == (1, 1, [])
    assert value(tmp_path / "out", 0, "990101") == pytest.approx(224)


def test_faults_of_a_plan_are_told_with_their_lines(tmp_path, capsys):
    text = (
        "designs:\n  - one_at_a_time: {streams.grand.budget: [900]}\n"
        "  - noise: {points: 3, columns: {people: 0.1}}\n"
    )
    plan = written(tmp_path / "plan.yaml", text)
    assert sweep(plan, tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert f"{plan}:2:" in said
    assert f"{plan}:3:" in said
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["tutorial", "-o", "out"],
        ["tutorial", "--plan", "no-such.yaml", "-o", "out"],
        ["no-such", "--plan", "plan.yaml", "-o", "out"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--jobs", "0"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--chunk", "0"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--set", "nothing.here=1"],
    ],
)
def test_bad_usage_is_exit_2_and_writes_nothing(plan, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    assert run(["sweep", *arguments]) == 2
    assert capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))
