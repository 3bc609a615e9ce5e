"""A sensitivity study: everything that a meeting may ask of one scenario, in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from allocator.infeasible import no_allocation
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.breakpoints import Breakpoint, breakpoints
from allocator.whatif.engine import Engine
from allocator.whatif.equity import Equity, default_population, equity
from allocator.whatif.floor_limits import FloorLimit, floor_limits
from allocator.whatif.frontier import Frontier, default_goals, frontier
from allocator.whatif.global_indices import GlobalIndices, global_indices
from allocator.whatif.sweep import Checks, Files, engine_of
from allocator.whatif.tornado import TornadoBar, tornado
from allocator.whatif.uncertainty import Doubt, Uncertainty, uncertainty
from allocator.whatif.weight_sweep import LineSweep, parameter_sweep, weight_sweep
from allocator.whatif.winners import Winners, winners
from allocator.whatif.workers import in_parallel
from solvers.solution import Infeasible

FRONTIER = 15
"""Points on a frontier."""


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
    floors: dict[str, tuple[FloorLimit, ...]]
    """By rule."""
    frontiers: tuple[Frontier, ...]
    uncertainty: Uncertainty
    indices: GlobalIndices
    equity: Equity
    winners: Winners

    @property
    def checks(self) -> dict[str, Checks]:
        """Points solved again cold, by part: of those that are published every one, of draws a sample."""
        edges = [e for b in self.breakpoints for e in (b.binds, b.impossible) if e is not None]
        return {
            "tornado": Checks.of(side.agreed for bar in self.tornado for side in bar.sides),
            "weights": Checks.of(agreed for line in self.weights for agreed in line.agreed),
            "parameters": Checks.of(agreed for line in self.parameters for agreed in line.agreed),
            "breakpoints": Checks.of(agreed for edge in edges for agreed in edge.agreed),
            "frontiers": Checks.of(point.agreed for curve in self.frontiers for point in curve.points),
            "uncertainty": self.uncertainty.checks,
            "sobol": self.indices.checks,
        }


def study(source: str, sets: tuple[str, ...], scope: Scope, progress: Progress = silent) -> Study:
    """The whole study; raises NoAllocation where the scenario itself has none."""
    files = Files.of(source, sets)
    engine = Engine(source, sets)
    loaded = engine.loaded
    try:
        payments = engine.base.payments
    except Infeasible:
        raise no_allocation(loaded) from None
    progress(Text("规则的临界值", "breakpoints of rules"), 0.0)
    edges = tuple(in_parallel(partial(_edge, files), _knobs(loaded), scope.jobs))
    progress(Text("权重和参数扫描", "sweeps of weights and parameters"), 0.1)
    lines = in_parallel(partial(_line, files, scope.points), _swept(engine), scope.jobs)
    progress(Text("单项变动", "one at a time"), 0.2)
    bars = tornado(engine, scope.jobs)
    doubt = Doubt(scope.draws, scope.seed, scope.error)
    drawing = _stage(progress, Text("随机抽样", "random draws"))
    drawn = uncertainty(loaded, files, payments, doubt, scope.jobs, drawing)
    ranking = _stage(progress, Text("全局指数", "global indices"))
    indices = global_indices(loaded, files, scope.samples, scope.seed, scope.jobs, ranking)
    floors = [r.id for r in loaded.scenario.rules if r.kind == "use_share_floor"]
    population = scope.population or default_population(loaded)
    goals = default_goals(loaded)
    wanted = [edge for edge in edges if edge.path in goals]
    curves = in_parallel(partial(_curve, files), wanted, scope.jobs)
    return Study(
        loaded,
        scope,
        payments,
        bars,
        tuple(line for line in lines if line.kind == "weight"),
        tuple(line for line in lines if line.kind != "weight"),
        edges,
        {rule: floor_limits(engine, rule) for rule in floors},
        tuple(c for c in curves if sum(p.status == "solved" for p in c.points) > 2),
        drawn,
        indices,
        equity(loaded, payments, population),
        winners(loaded, payments),
    )


def checked(study: Study) -> Text:
    """How many points were solved again cold, and whether all agreed, in one sentence."""
    every = study.checks.values()
    points, disagreed = sum(c.points for c in every), sum(c.disagreed for c in every)
    if not disagreed:
        return Text(
            f"{points} 个点另行独立求解核对，全部一致",
            f"{points} points were solved again independently; all agree",
        )
    return Text(
        f"{points} 个点另行独立求解核对，{disagreed} 个不一致，已采用核对值",
        f"{points} points were solved again independently; {disagreed} did not agree, and the check was kept",
    )


def _knobs(loaded: Loaded) -> list[Knob]:
    every = {(r.id, k.key): k for r in loaded.scenario.rules for k in r.knobs(loaded.scenario.year)}
    return list(every.values())


def _swept(engine: Engine) -> list[tuple[str, str] | Knob]:
    """Weights that can move, and parameters of rules that bear on the result."""
    scenario, used = engine.loaded.scenario, engine.base.used
    running = dict.fromkeys(s.formula for s in scenario.streams.values() if s.budget)
    weights = [(f, x.factor) for f in running for x in scenario.formulas[f] if len(scenario.formulas[f]) > 1]
    return [*weights, *(knob for knob in _knobs(engine.loaded) if knob.rule in used)]


def _edge(files: Files, knob: Knob) -> Breakpoint:
    engine = engine_of(files)
    engine.forget()
    return breakpoints(engine, knob)


def _line(files: Files, points: int, what: tuple[str, str] | Knob) -> LineSweep:
    engine = engine_of(files)
    if isinstance(what, Knob):
        return parameter_sweep(engine, what, points)
    return weight_sweep(engine, *what, points)


def _curve(files: Files, edge: Breakpoint) -> Frontier:
    return frontier(engine_of(files), edge.path, FRONTIER, known=edge)


def _stage(progress: Progress, what: Text) -> Callable[[float], None]:
    return lambda share: progress(what, share)
