"""The parts of `benchmarks.speed` that measure what-ifs: sweeps, a whole study, memory, a cluster."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from allocator.amount_program import AmountProgram
from allocator.flatten import flatten
from allocator.load import load
from allocator.whatif.engine import Engine
from allocator.whatif.sweep import Files, tasks
from allocator.whatif.uncertainty import Doubt, draw
from allocator.whatif.workers import solve_all
from benchmarks.make_china import make
from solvers.highs import Box, Session
from solvers.lazy import LazyLeximin
from solvers.program import LinearProgram, Vector
from solvers.solution import Basis, Solution


def sweep(work: Path) -> None:
    """A weight sweep against plain PuLP with CBC, against bare warm rounds, and against one process."""
    from tests.oracle import plain_pulp, reference  # noqa: PLC0415

    make(work / "s103", 103, 1)
    source = str(work / "s103")
    engine = Engine(source)
    formula, factors = next(iter(engine.loaded.scenario.formulas.items()))
    path = f"formulas.{formula}.{factors[0].factor}.weight"
    changes = [{path: round(0.1 + 0.3 * k / 200, 6)} for k in range(200)]
    own = [engine.quick_program(change) for change in changes]
    bare, asked = _bare_rounds(engine, own[:20]), _bare_questions(engine, changes)
    alone = _seconds(lambda: _quickly(engine, changes)) / len(changes)
    one, two = (_swept(source, changes, jobs) for jobs in (1, 2))
    start = time.perf_counter()
    plain_pulp.solve(reference.load(work / "s103"))
    theirs = time.perf_counter() - start
    print(
        f"sweep    {1000 * one:.1f} ms a scenario, {theirs / one:.0f} times faster than plain PuLP with CBC"
    )
    print(f"sweep    {alone / bare:.2f} times a bare loop of warm highspy rounds ({1000 * bare:.1f} ms)")
    print(f"sweep    {alone / asked:.2f} times its own linear programs ({1000 * asked:.1f} ms)")
    print(f"sweep    two processes {one / two:.2f} times one")


def _quickly(engine: Engine, changes: Sequence[Mapping[str, float]], chunk: int = 100) -> None:
    for k, change in enumerate(changes):
        if k % chunk == 0:
            engine.forget()
        engine.solve(change)


def _swept(
    source: str, changes: Sequence[Mapping[str, float]], jobs: int = 1, cluster: str | None = None
) -> float:
    """Seconds a point as a sweep solves them, the cold sample included, workers started before."""
    files = Files(tuple(sorted(flatten(source, ()).items())))

    def run(points: Sequence[Mapping[str, float]], chunk: int) -> None:
        work = tasks(files, len(points), lambda a, b: points[a:b], ("counties",), chunk)
        for _ in solve_all(work, jobs, cluster):
            pass

    run(changes[:16], 2)
    return _seconds(lambda: run(changes, 25)) / len(changes)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _bare_rounds(engine: Engine, programs: Sequence[AmountProgram]) -> float:
    """Seconds a scenario of leximin's rounds over the rows that matter, by HiGHS and nothing else."""
    session, calls = Session(), []
    solve = session.solve

    def record(program: LinearProgram, start: Basis | None = None) -> Solution:
        calls.append((program, start))
        return solve(program, start)

    lazy = LazyLeximin(session)
    lazy.learn(engine.base.levels)
    lazy.solve(programs[0].program, programs[0].departures)
    session.solve = record  # type: ignore[method-assign]
    for first in programs:
        lazy.solve(first.program, first.departures)

    def bare() -> None:
        for program, start in calls:
            solve(program, start)

    return min(_seconds(bare) for _ in range(3)) / len(programs)


def _bare_questions(engine: Engine, changes: Sequence[Mapping[str, float]]) -> float:
    """Seconds a scenario of the linear programs that the sweep solves."""
    find, took = Box.find, []

    def timing(box: Box, lower: Vector, upper: Vector) -> Vector | None:
        start = time.perf_counter()
        found = find(box, lower, upper)
        took.append(time.perf_counter() - start)
        return found

    Box.find = timing  # type: ignore[method-assign, assignment]
    try:
        _quickly(engine, changes)
    finally:
        Box.find = find  # type: ignore[method-assign]
    return sum(took) / len(changes)


def study(work: Path) -> None:
    """The whole `sensitivity` command on inner-mongolia-2025, all charts, against one `solve`."""
    from allocator.plan import solve  # noqa: PLC0415 - only here

    cli, scenario = [sys.executable, "-m", "allocator.cli.main"], "inner-mongolia-2025"
    loaded, runs = load(scenario), iter(range(100))

    def command() -> float:
        out = str(work / f"solve{next(runs)}")
        call = [*cli, "solve", scenario, "-o", out]
        return _seconds(lambda: subprocess.run(call, check=True, capture_output=True))

    # before and after, since the machine may not be as quick all the time
    bases = [_seconds(lambda: solve(loaded)) for _ in range(4)]
    commands = [command() for _ in range(3)]
    whole = [*cli, "sensitivity", scenario, "--jobs", "2", "-o", str(work / "study")]
    busy = _work(resource.RUSAGE_CHILDREN)
    took = _seconds(lambda: subprocess.run(whole, check=True, capture_output=True))
    busy = _work(resource.RUSAGE_CHILDREN) - busy
    own = _work(resource.RUSAGE_SELF)
    bases += [_seconds(lambda: solve(loaded)) for _ in range(4)]
    own = (_work(resource.RUSAGE_SELF) - own) / 4
    commands += [command() for _ in range(3)]
    base, once = statistics.median(bases), statistics.median(commands)
    record = json.loads((work / "study" / "run.json").read_text("utf-8"))
    checks = record["checked"].values()
    points, wrong = sum(c["points"] for c in checks), sum(c["disagreed"] for c in checks)
    print(f"study    {took:.1f} s, {took / base:.0f} solves of {base:.2f} s in a running process")
    print(f"study    {took / once:.0f} times the `solve` command ({once:.2f} s)")
    # time of processors, which others on the machine do not lengthen as much
    print(
        f"study    {busy:.0f} s of work, on two processes {busy / 2 / own:.0f} solves of {own:.2f} s of work"
    )
    print(f"study    {points} points solved again cold, {wrong} did not agree")


def _work(who: int) -> float:
    """Seconds of processor time."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def memory(work: Path) -> None:
    """Peak memory of 1,000 and of 100,000 points of the tutorial, each in a fresh process."""
    peaks = []
    for points in (1_000, 100_000):
        plan = work / f"{points}.yaml"
        plan.write_text(
            f"designs:\n  - noise: {{points: {points}, columns: {{population: 0.02}}}}\n", "utf-8"
        )
        code = (
            "import resource, sys; from allocator.cli.main import run; code = "
            f"run(['sweep', 'tutorial', '--plan', {str(plan)!r}, '-o', {str(work / str(points))!r}]); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
        )
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    print(
        f"memory   {peaks[0]:.0f} MB for 1,000 points, {peaks[1]:.0f} MB for 100,000: "
        f"{peaks[1] / peaks[0]:.2f} times"
    )


def dask(work: Path) -> None:
    """1,200 draws of all weights on a local Dask cluster of two processes, against two without it."""
    from distributed import LocalCluster  # noqa: PLC0415 - only here

    source = "inner-mongolia-2025"
    loaded = load(source)
    changes = [draw(loaded, Doubt(), (), k) for k in range(1200)]
    local, remote = [], []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as own:
        for _ in range(5):
            local.append(_swept(source, changes, 2))
            remote.append(_swept(source, changes, 2, own.scheduler_address))
    ratios = sorted(one / two for one, two in zip(remote, local, strict=True))
    print(
        f"dask     {statistics.median(ratios):.2f} times two processes ({ratios[0]:.2f} to {ratios[-1]:.2f}; "
        f"{1000 * statistics.median(local):.1f} ms a point)"
    )
