"""A sensitivity study: everything that a meeting may ask of one scenario, in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.engine import Engine
from allocator.equity import Equity, default_population, equity
from allocator.flatten import flatten
from allocator.frontiers import Frontier, frontier, goals
from allocator.global_indices import GlobalIndices, global_indices
from allocator.infeasible import no_allocation
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.sweep import Files
from allocator.text import Text
from allocator.thresholds import Breakpoint, FloorLimit, breakpoints, floor_limits
from allocator.tornado import TornadoBar, tornado
from allocator.uncertainty import Doubt, Uncertainty, uncertainty
from allocator.weight_sweep import LineSweep, parameter_sweep, weight_sweep
from allocator.winners import Winners, winners
from solvers.solution import Infeasible


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is computed."""

    draws: int = 2000
    samples: int = 32
    points: int = 11
    seed: int = 0
    error: float = 0.05
    population: str | None = None
    jobs: int = 1


@dataclass(frozen=True)
class Study:
    """All parts. Amounts are those of level 1, before rounding."""

    loaded: Loaded
    scope: Scope
    payments: NDArray[np.float64]
    """(n, S)"""
    tornado: tuple[TornadoBar, ...]
    weights: tuple[LineSweep, ...]
    parameters: tuple[LineSweep, ...]
    breakpoints: tuple[Breakpoint, ...]
    floors: tuple[FloorLimit, ...]
    frontiers: dict[str, Frontier]
    uncertainty: Uncertainty
    indices: GlobalIndices
    equity: Equity
    winners: Winners


def study(source: str, sets: tuple[str, ...], scope: Scope, progress: Progress = silent) -> Study:
    """The whole study; raises NoAllocation where the scenario itself has none."""
    files = Files(tuple(sorted(flatten(source, sets).items())))
    engine = Engine(source, sets)
    loaded = engine.loaded
    try:
        payments = engine.base.payments
    except Infeasible:
        raise no_allocation(loaded) from None
    edges = breakpoints(engine, _stage(progress, Text("规则的临界值", "breakpoints of rules")))
    lines = _lines(
        engine, scope, _stage(progress, Text("权重和参数扫描", "sweeps of weights and parameters"))
    )
    found = {}
    for knob in goals(loaded):
        edge = next(e for e in edges if (e.knob.rule, e.knob.key) == (knob.rule, knob.key))
        one = frontier(engine, edge, jobs=scope.jobs)
        if one is not None:
            found[f"rules.{knob.rule}.{knob.key}"] = one
    progress(Text("单项变动", "one at a time"), 0.0)
    bars = tornado(engine, scope.jobs)
    doubt = Doubt(scope.draws, scope.seed, scope.error)
    drawing = _stage(progress, Text("随机抽样", "random draws"))
    drawn = uncertainty(loaded, files, payments, doubt, scope.jobs, drawing)
    ranking = _stage(progress, Text("全局指数", "global indices"))
    indices = global_indices(loaded, files, scope.samples, scope.seed, scope.jobs, ranking)
    floors = [r.id for r in loaded.scenario.rules if r.kind == "use_share_floor"]
    population = scope.population or default_population(loaded)
    return Study(
        loaded,
        scope,
        payments,
        bars,
        tuple(line for line in lines if line.kind == "weight"),
        tuple(line for line in lines if line.kind != "weight"),
        edges,
        tuple(limit for rule in floors for limit in floor_limits(engine, rule)),
        found,
        drawn,
        indices,
        equity(loaded, payments, population),
        winners(loaded, payments),
    )


def _lines(engine: Engine, scope: Scope, progress: Callable[[float], None]) -> list[LineSweep]:
    """Sweeps of every weight that can move, and of every parameter that bears on the result."""
    scenario, used = engine.loaded.scenario, engine.base.used
    running = dict.fromkeys(s.formula for s in scenario.streams.values() if s.budget)
    weights = [(f, x.factor) for f in running for x in scenario.formulas[f] if len(scenario.formulas[f]) > 1]
    knobs = {(r.id, k.key): k for r in scenario.rules if r.id in used for k in r.knobs(scenario.year)}
    found = []
    for formula, factor in weights:
        found.append(weight_sweep(engine, formula, factor, scope.points, scope.jobs))
        progress(len(found) / (len(weights) + len(knobs)))
    for knob in knobs.values():
        found.append(parameter_sweep(engine, knob, scope.points, scope.jobs))
        progress(len(found) / (len(weights) + len(knobs)))
    return found


def _stage(progress: Progress, what: Text) -> Callable[[float], None]:
    return lambda share: progress(what, share)
