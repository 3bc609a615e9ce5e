"""From a checked scenario to a verified allocation: the whole chain, and the second opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from allocator.allocation import Allocation
from allocator.amount_program import amount_program, linear_rows
from allocator.faults import SolverTrouble
from allocator.infeasible import no_allocation
from allocator.loaded import Loaded
from allocator.lp_file import legend
from allocator.optimum import Optimum, Progress, missing, optimum, silent
from allocator.prices import level_numbers, row_prices
from allocator.rounding.short import cannot_round
from allocator.rounding.whole import CannotRound, grid_of, round_to_steps
from allocator.scenario import UNIQUE
from allocator.text import Text
from allocator.verdict import judge
from solvers.choose import available, make_solver, rounding_solvers
from solvers.levels import Levels
from solvers.refine import refine
from solvers.solution import Infeasible, Solver, SolverMissing

AGREEMENT = 1e-7
"""Largest difference of sorted departures at which two solvers agree."""


def solve(loaded: Loaded, solver: str = "highs", progress: Progress = silent) -> Allocation:
    """The one allocation, verified.

    Raises NoAllocation where the rules cannot all be kept, on real or on whole numbers, and
    SolverTrouble where `solver` is missing or fails.
    """
    return decide(loaded, solver, progress)[0]


def decide(loaded: Loaded, solver: str = "highs", progress: Progress = silent) -> tuple[Allocation, Optimum]:
    """The allocation, verified, with the unrounded optimum that it came from; raises as `solve` does."""
    try:
        return _decide(loaded, solver, progress)
    except Infeasible:
        raise no_allocation(loaded) from None
    except CannotRound as error:
        raise cannot_round(loaded, error.tree, rounding_solvers()[1]) from None


def attempt(loaded: Loaded) -> Allocation | None:
    """The one allocation, verified; None where there is none, without asking why."""
    try:
        return _decide(loaded, "highs", silent)[0]
    except (Infeasible, CannotRound, SolverTrouble):
        return None


def _decide(loaded: Loaded, solver: str, progress: Progress) -> tuple[Allocation, Optimum]:
    chosen = _solver(solver)
    found = _refined(optimum(loaded, chosen, progress))
    progress(Text("取整", "rounding"), 0.0)
    rounded = round_to_steps(loaded.problem, found.first.linear, found.amounts, *rounding_solvers())
    verdict = judge(loaded.problem, loaded.rows, rounded.steps)
    if not verdict.holds:
        broken = ", ".join(f"{row.rule} {row.where}".strip() for row in verdict.broken[:5])
        raise SolverTrouble(
            Text(
                f"内部错误：取整后的分配表没有通过核验（{broken}），没有写出任何结果",
                f"internal error: the rounded table did not pass verification ({broken}); "
                "nothing was written",
            )
        )
    in_rounds = loaded.scenario.objective in ("leximin", "minimax")
    prices = row_prices(loaded.problem, loaded.rows, found, _price_levels(loaded, found, chosen), in_rounds)
    allocation = Allocation(
        problem=loaded.problem,
        steps=rounded.steps,
        optimum=found.amounts,
        rounding=rounded.report,
        prices=prices,
        record=_record(loaded, found, chosen),
    )
    return allocation, found


def certify(loaded: Loaded, allocation: Allocation, second: str | None = None) -> dict[str, Any]:
    """Solve again with another solver and compare; the record of the second opinion.

    Without `second`: HiGHS where another solver made the allocation, else the first installed of
    those that PuLP knows. Raises SolverTrouble where there is none, or where they disagree.
    """
    own = str(allocation.record["solver"]["name"])
    name = second or next((n for n in available() if n != own), None)
    if name is None:
        raise SolverTrouble(
            Text(
                "--certify 需要第二个求解器，但没有找到；例如安装 CBC：apt install coinor-cbc",
                "--certify needs a second solver and found none; install CBC, for example: "
                "apt install coinor-cbc",
            ),
            exit_code=2,
        )
    other = solve(loaded, name)
    mine, theirs = (np.array(a.record["departures"]) for a in (allocation, other))
    difference = float(np.abs(mine - theirs).max(initial=0.0))
    same = bool((allocation.steps == other.steps).all())
    unique = loaded.scenario.objective in UNIQUE
    if unique and (difference > AGREEMENT or not same):
        cells = int((allocation.steps != other.steps).sum())
        raise SolverTrouble(
            Text(
                f"两个求解器的结果不一致（{own} 与 {name}）：偏离最大相差 {difference:.2e}，{cells} 格不同",
                f"two solvers disagree ({own} and {name}): departures differ by up to {difference:.2e}, "
                f"{cells} cells differ",
            )
        )
    return {
        "solver": other.record["solver"],
        "same_table": same,
        "largest_difference_of_departures": difference,
        "worst_certificate": other.record["certificate"],
    }


def write_lp(loaded: Loaded, path: Path) -> None:
    """The first round's program as an .lp file with names a person can read."""
    from solvers.leximin_program import first_round  # noqa: PLC0415
    from solvers.pulp_model import write_lp as write  # noqa: PLC0415 - PuLP is slow to import

    first = amount_program(loaded.problem, linear_rows(loaded.problem, loaded.rows), keep_rows=True)
    write(first_round(first.program, first.departures), path, legend(loaded, first))


def _solver(name: str) -> Solver:
    try:
        return make_solver(name)
    except SolverMissing as error:
        raise SolverTrouble(missing(str(error)), exit_code=2) from None


def _refined(found: Optimum) -> Optimum:
    """The optimum recomputed from its frozen rows, so that it does not depend on the solver."""
    one, two = found.first, found.second
    first = replace(found.first_levels, x=refine(one.program, one.departures, found.first_levels))
    second = replace(found.second_levels, x=refine(two.program, two.departures, found.second_levels))
    amounts = found.second.amounts(second.x).reshape(found.amounts.shape)
    return replace(found, first_levels=first, second_levels=second, amounts=amounts)


def _price_levels(loaded: Loaded, found: Optimum, chosen: Solver) -> Levels:
    """The rounds that prices are read from: HiGHS's, since other solvers lose some duals."""
    if chosen.name == "highs":
        return found.first_levels
    return optimum(loaded, make_solver("highs")).first_levels


def _record(loaded: Loaded, found: Optimum, chosen: Solver) -> Mapping[str, Any]:
    first, second = found.first_levels, found.second_levels
    departures = found.first.departures.at(first.x)
    proofs = {"level_1": first.certificates, "level_2": second.certificates}
    every = [*first.certificates, *second.certificates]
    return {
        "objective": loaded.scenario.objective,
        "status": "optimal",
        "solver": {"name": chosen.name, "version": chosen.version},
        "rounding_solver": {"name": "highs", "version": make_solver("highs").version},
        "grid_units_per_step": grid_of(loaded.problem),
        "largest_departure": float(departures.max(initial=0.0)),
        "levels": _levels(loaded, found),
        "departures": sorted((round(float(d), 12) for d in departures), reverse=True),
        "widened": max(first.widened, second.widened),
        "certificate": max((c.worst for c in every), default=0.0),
        "certificates": {level: [asdict(c) for c in own] for level, own in proofs.items()},
    }


def _levels(loaded: Loaded, found: Optimum) -> list[dict[str, Any]]:
    """Level 1, round by round: the departure, the payments frozen there, the rules that shaped it."""
    first, levels = found.first, found.first_levels
    rule_of = {p.program_row: p.rule for p in first.places if p.program_row >= 0}
    codes, streams = loaded.counties.codes, loaded.problem.stream_names
    table: dict[int, dict[str, Any]] = {}
    for freeze, number in zip(levels.freezes, level_numbers(levels), strict=True):
        fresh: dict[str, Any] = {"level": number, "departure": freeze.level, "frozen": [], "rules": []}
        entry = table.setdefault(number, fresh)
        for which, sign in ((freeze.up, "+"), (freeze.down, "-")):
            for group in first.groups[which].tolist():
                i, s = divmod(group, len(streams))
                entry["frozen"].append(f"{codes[i]}.{streams[s]}{sign}")
        shaped = {rule_of[r] for r in freeze.rows.tolist() if r in rule_of}
        entry["rules"] = sorted(shaped.union(entry["rules"]))
    for entry in table.values():
        entry["frozen"].sort()
    return [table[number] for number in sorted(table)]
