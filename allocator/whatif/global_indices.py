"""Global sensitivity indices: which group of choices drives the money that moves (Sobol).

Groups of inputs (the weights of one formula, the budgets, the parameters of one rule) are varied
together within a stated reach; first-order and total indices come from Saltelli's design (Saltelli
2010, "Variance based sensitivity analysis of model output"), with bootstrap confidence bands.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.design_spread import salib_seed
from allocator.whatif.sweep import Checks, Files, Solved, tasks
from allocator.whatif.workers import missing, solve_all

POINTS = 0.05
"""Reach of a weight, and of a budget as a part of it."""
CHUNK = 50
CONFIDENCE = 0.95
MOST_NAMED = 3
"""Groups that a title names where the sample cannot tell which of them comes first."""


@dataclass(frozen=True, slots=True)
class Input:
    """One number that is varied."""

    path: str
    group: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GroupIndex:
    """Indices of one group, each with the half-width of its confidence band."""

    group: str
    title: Text
    first: float
    first_band: float
    total: float
    total_band: float


@dataclass(frozen=True)
class GlobalIndices:
    """All groups, largest total index first."""

    groups: tuple[GroupIndex, ...]
    samples: int
    """N: points are N · (groups + 2)."""
    used: int
    """Base samples all of whose points have an allocation; the others are left out."""
    points: int
    moved: float
    """Mean of the money moved, whose variance is explained."""
    checks: Checks
    """Of the points that were solved again cold."""


def inputs(loaded: Loaded) -> tuple[Input, ...]:
    """Every weight ±5 points, every budget ±5 %, every rule parameter a policy step either way."""
    scenario, found = loaded.scenario, list[Input]()
    running = dict.fromkeys(s.formula for s in scenario.streams.values() if s.budget)
    for formula in running:
        factors = scenario.formulas[formula]
        for factor in factors if len(factors) > 1 else ():
            weight = float(factor.weight)
            path = f"formulas.{formula}.{factor.factor}.weight"
            found.append(
                Input(path, f"formulas.{formula}", max(0.0, weight - POINTS), min(1.0, weight + POINTS))
            )
    for name, stream in scenario.streams.items():
        if stream.budget:
            budget = float(stream.budget)
            found.append(
                Input(f"streams.{name}.budget", "streams", budget * (1 - POINTS), budget * (1 + POINTS))
            )
    for rule in scenario.rules:
        for knob in {k.key: k for k in rule.knobs(scenario.year)}.values():
            ends = [
                v if knob.legal(v) else knob.value for v in (knob.value - knob.step, knob.value + knob.step)
            ]
            if ends[0] < ends[1]:
                found.append(Input(f"rules.{rule.id}.{knob.key}", f"rules.{rule.id}", *map(float, ends)))
    return tuple(found)


def group_title(loaded: Loaded, group: str) -> Text:
    """What a group of inputs is called."""
    head, _, name = group.partition(".")
    if head == "formulas":
        return Text(f"公式 {name} 的权重", f"weights of {name}")
    if head == "streams":
        return Text("各项预算", "budgets")
    return loaded.scenario.rule_by_id[name].text


def global_indices(
    loaded: Loaded,
    files: Files,
    samples: int = 32,
    seed: int = 0,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda share: None,
) -> GlobalIndices:
    """Indices of the money moved between counties; `samples` is a power of two."""
    try:
        from SALib.analyze import sobol as analyse  # noqa: PLC0415 - slow to import
        from SALib.sample import sobol as sample  # noqa: PLC0415
    except ImportError:
        raise missing("SALib") from None
    every = inputs(loaded)
    problem = {
        "num_vars": len(every),
        "names": [i.path for i in every],
        "bounds": [[i.low, i.high] for i in every],
        "groups": [i.group for i in every],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        design = sample.sample(problem, samples, calc_second_order=False, seed=salib_seed(seed, 0))
    moved, checks = _moved(loaded, files, every, design, jobs, progress)
    groups = list(dict.fromkeys(i.group for i in every))
    block = len(groups) + 2
    whole = ~np.isnan(moved.reshape(-1, block)).any(axis=1)
    known = moved.reshape(-1, block)[whole].ravel()
    found = _analysed(analyse, problem, known, seed) if whole.sum() > 1 and np.ptp(known) > 0 else None
    indices = [
        GroupIndex(g, group_title(loaded, g), *([0.0] * 4 if found is None else [float(v[k]) for v in found]))
        for k, g in enumerate(groups)
    ]
    ranked = sorted(indices, key=lambda index: (-index.total, index.group))
    mean = float(known.mean()) if len(known) else float("nan")
    return GlobalIndices(tuple(ranked), samples, int(whole.sum()), len(moved), mean, checks)


def _analysed(analyse: Any, problem: dict[str, Any], known: NDArray[np.float64], seed: int) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = analyse.analyze(
            problem, known, calc_second_order=False, conf_level=CONFIDENCE, seed=salib_seed(seed, 1)
        )
    return [np.nan_to_num(found[key]) for key in ("S1", "S1_conf", "ST", "ST_conf")]


def _moved(
    loaded: Loaded,
    files: Files,
    every: tuple[Input, ...],
    design: NDArray[np.float64],
    jobs: int,
    progress: Callable[[float], None],
) -> tuple[NDArray[np.float64], Checks]:
    """Money moved at each point of the design, NaN where there is no allocation; and what was checked."""

    def points(start: int, stop: int) -> list[dict[str, Any]]:
        return [_changes(loaded, every, row) for row in design[start:stop].tolist()]

    work = tasks(files, len(design), points, ["metrics"], CHUNK)
    found, chunks = np.full(len(design), np.nan), []
    for done, solved in enumerate(solve_all(work, jobs)):
        found[solved.start : solved.start + len(solved.values)] = solved.values[:, 1]
        chunks.append(solved)
        progress((done + 1) / len(work))
    return found, Solved.checks(chunks)


def _changes(loaded: Loaded, every: tuple[Input, ...], row: list[float]) -> dict[str, Any]:
    """One point as changes: the weights of a formula are divided by their sum."""
    sums: dict[str, float] = {}
    for one, value in zip(every, row, strict=True):
        if one.group.startswith("formulas."):
            sums[one.group] = sums.get(one.group, 0.0) + value
    step = float(loaded.problem.step)
    changes: dict[str, Any] = {}
    for one, value in zip(every, row, strict=True):
        if one.group in sums:
            changes[one.path] = np.floor(value / sums[one.group] * 1e12) / 1e12
        else:
            changes[one.path] = round(value / step) * step if one.group == "streams" else round(value, 9)
    return changes


def finding(found: GlobalIndices) -> Text:
    """What drives the result, in one sentence; where the sample cannot tell, that it cannot."""
    if found.used < 2:
        return Text(
            "有解的样本太少，算不出全局指数",
            "Too few samples have an allocation to tell what drives the result",
        )
    if not found.groups or not found.groups[0].total:
        return Text("在所给范围内没有什么能移动资金", "Nothing moves money within the given reach")
    top = found.groups[0]
    near = [g for g in found.groups if g.total + g.total_band >= top.total - top.total_band and g.total > 0]
    if len(near) > MOST_NAMED:
        return Text(
            f"{found.used} 个样本还分不出哪一项最能左右结果：前 {len(near)} 项的区间相互重叠",
            f"{found.used} samples cannot tell what drives the result most: the bands of the first "
            f"{len(near)} overlap",
        )
    if len(near) > 1:
        zh, en = "、".join(f"“{g.title.zh}”" for g in near), ", ".join(f"'{g.title.en}'" for g in near)
        return Text(
            f"{zh}最能左右结果，{found.used} 个样本还分不出先后",
            f"{en} drive the result most; {found.used} samples cannot tell which more",
        )
    share = f"{round(100 * min(1.0, max(0.0, top.total)))}%"
    return Text(
        f"“{top.title.zh}”最能左右结果：资金变动的方差约 {share} 与它有关",
        f"'{top.title.en}' drives the result most: about {share} of the variance of the money moved "
        "involves it",
    )


def index_rows(found: GlobalIndices) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Header and rows of a tidy table."""
    header = ("group", "first_order", "first_order_band", "total", "total_band", "samples", "samples_used")
    rows = [
        (
            g.group,
            *(round(v, 6) for v in (g.first, g.first_band, g.total, g.total_band)),
            found.samples,
            found.used,
        )
        for g in found.groups
    ]
    return header, rows
