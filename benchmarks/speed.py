"""Speed as ratios, measured in one run.

    python -m benchmarks.speed [plain] [command] [growth] [why] [sweep] [study] [memory] [dask]

plain    leximin for 103 counties × 3 streams × 5 uses against the same rounds written plainly in PuLP
         and solved by CBC (tests/oracle/plain_pulp.py, an independent model)
command  the whole `solve` command on inner-mongolia-2025 against a Python start that imports numpy,
         pandas, pydantic and highspy (pandas must be installed for this one)
why      statements of all counties, one county's, the whole explanation, and a diagnosis, against one
         solve of inner-mongolia-2025
sweep    a weight sweep on 103 × 3 × 5 a scenario, against plain PuLP with CBC, against a bare loop of
         warm highspy solves of the same rounds, and two processes against one
study    the whole `sensitivity` command on inner-mongolia-2025 against one `solve`
memory   peak memory of a sweep of 100,000 points against one of 1,000
dask     a sweep on a local Dask cluster of two processes against two processes without it
growth   exponents from 300 to 1,200 counties for level 1, and for level 2 and rounding
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from allocator.amount_program import amount_program, linear_rows
from allocator.amounts import LevelOne
from allocator.load import load
from allocator.rounding.whole import round_to_steps
from allocator.use_program import use_program
from allocator.why.attribution import in_order
from allocator.why.statement import statements
from benchmarks.make_china import make
from benchmarks.sweeps import dask, memory, study, sweep
from solvers.choose import make_solver, rounding_solvers
from solvers.leximin import leximin


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Least seconds of some repeats."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def stages(folder: Path, repeats: int = 2) -> tuple[float, float, float]:
    """Seconds of level 1, of level 2, and of rounding."""
    loaded = load(folder)
    problem = loaded.problem
    linear = linear_rows(problem, loaded.rows)
    first = amount_program(problem, linear)
    levels = leximin(first.program, first.departures, make_solver("highs"))
    payments = first.payments(problem, levels.x)
    second = use_program(problem, linear, payments, first.unit)
    uses = leximin(second.program, second.departures, make_solver("highs"), feasible=True)
    amounts = second.amounts(uses.x).reshape(problem.shape)

    def level_one() -> object:
        built = amount_program(problem, linear_rows(problem, loaded.rows))
        return leximin(built.program, built.departures, make_solver("highs"))

    def level_two() -> object:
        built = use_program(problem, linear, payments, first.unit)
        return leximin(built.program, built.departures, make_solver("highs"), feasible=True)

    def rounding() -> object:
        return round_to_steps(problem, linear, amounts, *rounding_solvers())

    return timed(level_one, repeats), timed(level_two, repeats), timed(rounding, repeats)


def plain(work: Path) -> None:
    """Our leximin against plain PuLP with CBC."""
    from tests.oracle import plain_pulp, reference  # noqa: PLC0415

    make(work / "c103", 103, 1)
    ours = sum(stages(work / "c103", 3)[:2])
    model = reference.load(work / "c103")
    start = time.perf_counter()
    plain_pulp.solve(model)
    theirs = time.perf_counter() - start
    print(f"plain    ours {ours:.3f} s, plain PuLP with CBC {theirs:.1f} s: {theirs / ours:.0f} times faster")


def command(work: Path) -> None:
    """The whole command against a bare start."""
    bare = [sys.executable, "-c", "import numpy, pandas, pydantic, highspy"]
    solve = [sys.executable, "-m", "allocator.cli.main", "solve", "inner-mongolia-2025", "-o"]
    runs = iter(range(100))
    base = timed(lambda: subprocess.run(bare, check=True, capture_output=True), 5)
    own = timed(
        lambda: subprocess.run([*solve, str(work / f"out{next(runs)}")], check=True, capture_output=True), 5
    )
    print(f"command  solve {own:.2f} s, bare start {base:.2f} s: {own / base:.2f} times")


def growth(work: Path) -> None:
    """Exponents from 300 to 1,200 counties."""
    for n in (300, 1200):
        make(work / f"c{n}", n, 1)
    small, large = stages(work / "c300"), stages(work / "c1200")
    one = math.log(large[0] / small[0], 4)
    rest = math.log((large[1] + large[2]) / (small[1] + small[2]), 4)
    print(f"growth   level 1 {small[0]:.2f} → {large[0]:.2f} s: exponent {one:.2f}")
    print(
        f"growth   level 2 {small[1]:.2f} → {large[1]:.2f} s, rounding {small[2]:.2f} → {large[2]:.2f} s: "
        f"exponent {rest:.2f}"
    )


def why(work: Path) -> None:
    """Explanations and a diagnosis against one solve."""
    from allocator.plan import decide, solve  # noqa: PLC0415
    from allocator.why.diagnosis import diagnose  # noqa: PLC0415
    from allocator.why.explanation import Question, explain  # noqa: PLC0415

    loaded = load("inner-mongolia-2025")
    broken = load("inner-mongolia-2025", ["rules.change_limits.lower=0.97"])
    base = timed(lambda: solve(loaded))

    def all_statements() -> object:
        allocation, found = decide(loaded)
        return statements(loaded, allocation.steps, in_order(LevelOne.of(loaded, found)))

    for name, work_ in (
        ("statements of all counties", all_statements),
        ("one county explained", lambda: explain(loaded, Question(county=20))),
        ("everything explained", lambda: explain(loaded, Question())),
        ("Shapley over 8 kinds", lambda: explain(loaded, Question(county=20, shapley=True))),
        ("diagnosis", lambda: diagnose(broken)),
    ):
        took = timed(work_, 2)
        print(f"why      {name}: {took:.2f} s, {took / base:.1f} solves of {base:.2f} s")


BENCHMARKS: dict[str, Callable[[Path], None]] = {
    "plain": plain,
    "command": command,
    "growth": growth,
    "why": why,
    "sweep": sweep,
    "study": study,
    "memory": memory,
    "dask": dask,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(BENCHMARKS)
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            BENCHMARKS[name](Path(folder))
