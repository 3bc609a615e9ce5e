"""Generates random scenarios, runs `allocator solve` on each and holds the result against the reference.

    python -m tests.oracle.run_random --count 200 --seed 1 [--solver cbc] [--small] [--jobs 2] [--keep FOLDER]

A failing folder is kept, with the reasons in its `failures.txt`; the exit status is 1 where one failed.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from .generate import Made, generate
from .nearest import nearest
from .reading import read_csv
from .reference import Model, Solution, judge, load, read_table, solve

NOT_COMPARED = {"run.json", "scenario"}
"""The record of the run, and the copy of its input."""


@dataclass
class Options:
    """How to run."""

    keep: str
    solver: str | None = None
    small: bool = False
    level2: bool = False
    oracle_up_to: int = 30
    extra: bool = True
    against: str | None = None
    process: bool = False
    only: list[str] | None = None


@dataclass
class Outcome:
    """What one seed gave."""

    seed: int
    n: int = 0
    planted: bool = True
    code: int = -1
    seconds: float = 0.0
    off: float | None = None  # largest |X - oracle| in steps
    off_cell: float | None = None
    forced: bool = False  # the rules forbid any whole-money table within 3 steps
    failures: list[str] = field(default_factory=list)


def command(args: list[str], process: bool) -> tuple[int, str]:
    """Run the allocator in this process, or in its own; return its status and what it said."""
    if process:
        res = subprocess.run(
            [sys.executable, "-m", "allocator.cli.main", *args], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        return res.returncode, res.stdout + res.stderr
    from allocator.cli.main import main  # noqa: PLC0415  (the generator works without the package)

    said = io.StringIO()
    old = sys.argv
    sys.argv = ["allocator", *args]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except Exception:
        said.write(traceback.format_exc())
        code = -1
    finally:
        sys.argv = old
    return code, said.getvalue()


def run(folder: Path, out: Path, opts: Options) -> tuple[int, str]:
    """Run `allocator solve`."""
    shutil.rmtree(out, ignore_errors=True)
    solver = ["--solver", opts.solver] if opts.solver else []
    return command(["solve", str(folder), "-o", str(out), "--lang", "en", *solver], opts.process)


def one(seed: int, opts: Options) -> Outcome:
    """Generate, solve and judge one seed."""
    base = Path(opts.keep) / f"seed-{seed}"
    shutil.rmtree(base, ignore_errors=True)
    got = Outcome(seed)
    try:
        made = generate(base / "scenario", seed, small=opts.small, only=opts.only)
        _one(made, base, opts, got)
    except Exception:
        got.failures.append("the check itself failed: " + traceback.format_exc(limit=4))
    if got.failures:
        (base / "failures.txt").write_text("\n".join(got.failures), encoding="utf-8")
    else:
        shutil.rmtree(base, ignore_errors=True)
    return got


def _one(made: Made, base: Path, opts: Options, got: Outcome) -> None:
    got.n, got.planted = made.n, made.planted
    out = base / "out"
    start = time.perf_counter()
    got.code, said = run(made.folder, out, opts)
    got.seconds = time.perf_counter() - start
    (base / "said.txt").write_text(said, encoding="utf-8")
    if "Traceback" in said:
        got.failures.append("traceback: " + said.strip().splitlines()[-1])
    model = load(made.folder)
    if not made.planted:
        _infeasible(got, said, out, base)
        return
    if got.code != 0:
        tail = " | ".join(said.strip().splitlines()[-3:])
        got.failures.append(f"exit {got.code}, {_possible(model, opts)}: {tail[:400]}")
        return
    table = out / "allocation.csv"
    broken = judge(model, table)
    got.failures += [f"broken: {line}" for line in broken[:5]]
    amounts = _by_county_stream(table)
    if made.n <= opts.oracle_up_to:
        _compare(got, model, solve(model, level2=opts.level2), table, amounts)
    _twins(got, made, model, amounts)
    if opts.extra:
        _shuffled(got, made, base, opts, out)
    if opts.against:
        other = replace(opts, solver=opts.against)
        _same(got, f"with {opts.against}", run(made.folder, base / "against", other), out, base / "against")


def _possible(model: Model, opts: Options) -> str:
    """Say how near to the optimum a whole-money table that keeps every rule exactly can be."""
    if len(model.sc.codes) > opts.oracle_up_to:
        return "a planted whole-money table exists"
    near = nearest(model, solve(model, level2=False).x_county)
    if near.distance is None:
        return "a planted whole-money table exists (none near the optimum was found in time)"
    return f"a whole-money table exists, at most {near.distance:.3f} steps from the optimum"


def _infeasible(got: Outcome, said: str, out: Path, base: Path) -> None:
    if got.code != 1:
        got.failures.append(f"infeasible, but exit {got.code}: {said.strip()[-300:]}")
    if out.exists():
        got.failures.append("infeasible, but OUT was written")
    if not any(w in said.lower() for w in ("no allocation", "infeasible", "不可行", "无解")):
        got.failures.append(f"infeasible, but it does not say so: {said.strip()[:300]}")
    left = [p.name for p in base.iterdir() if p.name not in ("scenario", "said.txt")]
    if left:
        got.failures.append(f"left behind: {left}")


def _by_county_stream(table: Path) -> dict[tuple[str, str], Fraction]:
    out: dict[tuple[str, str], Fraction] = {}
    for (i, s, _), amount in read_table(table):
        out[i, s] = out.get((i, s), Fraction(0)) + amount
    return out


def _compare(
    got: Outcome, model: Model, best: Solution, table: Path, amounts: dict[tuple[str, str], Fraction]
) -> None:
    step = float(model.sc.step)
    off = {k: abs(float(amounts.get(k, 0)) - v) / step for k, v in best.x_county.items()}
    worst = max(off, key=lambda k: off[k])
    got.off = off[worst]
    if got.off > 3:
        near = nearest(model, best.x_county)
        got.forced = near.bound is not None and near.bound > 3
    if got.off > 3 and not got.forced:
        got.failures.append(
            f"{worst}: {float(amounts.get(worst, 0))} in the table, {best.x_county[worst]:.4f} by the "
            f"reference, {got.off:.2f} steps; levels {[round(v, 6) for v in best.levels[:6]]}"
        )
    if best.cells is not None:
        have = dict(read_table(table))
        off2 = {c: abs(float(have.get(c, 0)) - v) / step for c, v in best.cells.items()}
        cell = max(off2, key=lambda c: off2[c])
        got.off_cell = off2[cell]


def _twins(got: Outcome, made: Made, model: Model, amounts: dict[tuple[str, str], Fraction]) -> None:
    for a, b in made.twins:
        total = [sum((v for (i, _), v in amounts.items() if i == c), Fraction(0)) for c in (a, b)]
        if abs(total[0] - total[1]) > model.sc.step:
            got.failures.append(f"equal counties {a}, {b}: {float(total[0])} and {float(total[1])}")


def _shuffled(got: Outcome, made: Made, base: Path, opts: Options, out: Path) -> None:
    """Shuffle the rows of the inputs: every file but run.json must have the same bytes."""
    other = base / "shuffled" / "scenario"  # the same name of folder
    shutil.copytree(made.folder, other)
    rng = random.Random(made.seed)
    for name in ("counties.csv", "committed.csv"):
        if (other / name).exists():
            rows = read_csv(other / name)
            rng.shuffle(rows)
            with (other / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    again = base / "shuffled" / "out"
    _same(got, "shuffled rows", run(other, again, opts), out, again)


def _same(got: Outcome, what: str, ended: tuple[int, str], out: Path, again: Path) -> None:
    code, said = ended
    if code:
        got.failures.append(f"{what}: exit {code}: {said.strip()[-300:]}")
        return
    names = {p.name for p in [*out.iterdir(), *again.iterdir()]} - NOT_COMPARED
    differ = [n for n in sorted(names) if _bytes(out / n) != _bytes(again / n)]
    if differ:
        got.failures.append(f"{what}: other bytes in {differ}")


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _summary(outcomes: list[Outcome]) -> str:
    feasible = [o for o in outcomes if o.planted]
    wrong = [o for o in outcomes if not o.planted]
    offs = [o.off for o in feasible if o.off is not None and not o.forced]
    cells = [o.off_cell for o in feasible if o.off_cell is not None]
    lines = {
        "scenarios": len(outcomes),
        "feasible, solved with exit 0": f"{sum(o.code == 0 for o in feasible)} of {len(feasible)}",
        "infeasible, exit 1": f"{sum(o.code == 1 for o in wrong)} of {len(wrong)}",
        "with a broken row": sum(any(f.startswith("broken") for f in o.failures) for o in outcomes),
        "compared with the reference": len(offs),
        "largest difference of X_is, steps": f"{max(offs):.3f}" if offs else "-",
        "further off, but forced by the rules": [o.seed for o in feasible if o.forced] or "-",
        "largest difference of a cell, steps": f"{max(cells):.3f}" if cells else "-",
        "seconds per solve, mean and largest": f"{sum(o.seconds for o in outcomes) / len(outcomes):.2f}, "
        f"{max(o.seconds for o in outcomes):.2f}",
        "slower than 10 s": [(o.seed, round(o.seconds, 1)) for o in outcomes if o.seconds > 10] or "-",
        "failing": sum(bool(o.failures) for o in outcomes),
    }
    return "\n".join(f"{k:40} {v}" for k, v in lines.items())


def main(argv: list[str] | None = None) -> int:
    """Run the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--count", type=int, default=200)
    ask.add_argument("--seed", type=int, default=1, help="the first seed")
    ask.add_argument("--solver", help="passed to allocator solve")
    ask.add_argument("--small", action="store_true", help="4 to 8 counties")
    ask.add_argument("--level2", action="store_true", help="compare the cells with the reference too (slow)")
    ask.add_argument("--oracle-up-to", type=int, default=30, help="counties up to which the reference solves")
    ask.add_argument("--no-shuffle", action="store_true")
    ask.add_argument("--against", help="a second solver, whose files must have the same bytes")
    ask.add_argument("--process", action="store_true", help="run the allocator in a process of its own")
    ask.add_argument("--only", nargs="*", help="rule kinds to draw from")
    ask.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    ask.add_argument("--keep", help="folder for what fails (default: a new temporary one)")
    args = ask.parse_args(argv)
    opts = Options(
        keep=args.keep or tempfile.mkdtemp(prefix="random-scenarios-"), solver=args.solver, small=args.small,
        level2=args.level2, oracle_up_to=args.oracle_up_to, extra=not args.no_shuffle,
        process=args.process, only=args.only, against=args.against,
    )  # fmt: skip
    seeds = range(args.seed, args.seed + args.count)
    with ProcessPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(one, seeds, [opts] * len(seeds)))
    for o in outcomes:
        for reason in o.failures:
            print(f"seed {o.seed} ({o.n} counties): {reason}")
    print(_summary(outcomes))
    if any(o.failures for o in outcomes):
        print(f"failing folders: {opts.keep}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
