"""What of a result survives doubt: errors in the data, and other reasonable weights.

Each draw multiplies every county's figures by a lognormal error of mean 1 and draws the weights of
every formula around the present ones (Dirichlet). Draws are a pure function of seed and number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.input.references import text_bands
from allocator.loaded import Loaded
from allocator.names import percent
from allocator.text import Text
from allocator.whatif.sweep import Checks, Files, Solved, tasks
from allocator.whatif.winners import winners
from allocator.whatif.workers import solve_all

Matrix = NDArray[np.float64]
INTERVAL = (0.05, 0.5, 0.95)
LARGE = 0.05
"""Changes from here on count as large in the sentence of robustness."""
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubted, and by how much."""

    draws: int = 2000
    seed: int = 0
    error: float = 0.05
    """Relative standard error of every county's figure."""
    concentration: float = 300.0
    """Of the Dirichlet draws: a weight w has variance w (1 − w) / (concentration + 1)."""


@dataclass(frozen=True)
class Uncertainty:
    """What the draws came to; arrays are by county, (n)."""

    doubt: Doubt
    columns: tuple[str, ...]
    """Columns that were doubted."""
    solved: int
    infeasible: int
    failed: int
    low: Matrix
    """5 % quantile of the amount."""
    median: Matrix
    high: Matrix
    """95 % quantile."""
    base: Matrix
    gain: Matrix | None
    """Probability of more than last year; None where last year is not known."""
    rank_low: NDArray[np.intp]
    """5 % quantile of the rank by amount, 1 for the largest."""
    rank_high: NDArray[np.intp]
    spread: Matrix
    """Largest of |quantile / base − 1| at both ends of the interval."""
    binding: dict[str, float]
    """Probability that a rule shapes the result."""
    short: dict[str, float]
    """Probability that a rule cannot be kept."""
    checks: Checks
    """Of the draws that were solved again cold."""


def doubted_columns(loaded: Loaded) -> tuple[str, ...]:
    """Numeric columns that a running formula reads, apart from bands and from columns that decide groups."""
    scenario = loaded.scenario
    deciding = {column for group in scenario.groups.values() for column in group.where or {}}
    banded, read = set[str](), dict[str, None]()
    for stream in scenario.streams.values():
        for factor in scenario.formulas[stream.formula] if stream.budget else ():
            columns = [
                *([] if text_bands(factor) else factor.columns),
                *([factor.scale] if factor.scale else []),
            ]
            (banded.update if factor.kind in ("bands", "ranks") else read.update)(dict.fromkeys(columns))
    return tuple(column for column in read if column not in deciding | banded)


def draw(loaded: Loaded, doubt: Doubt, columns: Sequence[str], position: int) -> dict[str, Any]:
    """The changes of one draw."""
    random = np.random.default_rng([doubt.seed, position])
    changes: dict[str, Any] = {}
    running = dict.fromkeys(s.formula for s in loaded.scenario.streams.values() if s.budget)
    for formula in running:
        factors = [f for f in loaded.scenario.formulas[formula] if f.weight]
        if len(factors) > 1:
            alpha = np.array([float(f.weight) for f in factors]) * doubt.concentration
            drawn = np.floor(random.dirichlet(alpha) * 1e12) / 1e12
            for factor, weight in zip(factors, drawn.tolist(), strict=True):
                changes[f"formulas.{formula}.{factor.factor}.weight"] = weight
    for column in columns:
        z = random.standard_normal(len(loaded.counties))
        noise = np.exp(doubt.error * z - doubt.error**2 / 2)
        for code, value, factor in zip(
            loaded.counties.codes, loaded.counties.numbers[column], noise.tolist(), strict=True
        ):
            if value:
                changes[f"columns.{column}.{code}"] = float(value) * factor
    return changes


def uncertainty(
    loaded: Loaded,
    files: Files,
    payments: Matrix,
    doubt: Doubt,
    jobs: int = 1,
    progress: Callable[[float], None] = lambda share: None,
) -> Uncertainty:
    """Solves all draws; `payments`, (n, S), are what is paid as things stand."""
    columns = doubted_columns(loaded)

    def points(start: int, stop: int) -> list[dict[str, Any]]:
        return [draw(loaded, doubt, columns, k) for k in range(start, stop)]

    work = tasks(files, doubt.draws, points, ["counties"], CHUNK)
    chunks = []
    for done, solved in enumerate(solve_all(work, jobs)):
        chunks.append(solved)
        progress((done + 1) / len(work))
    chunks.sort(key=lambda chunk: chunk.start)
    values = np.concatenate([chunk.values for chunk in chunks])
    status = [s for chunk in chunks for s in chunk.status]
    rules = [r for chunk in chunks for r in chunk.rules]
    known = values[[s == "solved" for s in status]]
    ends = list(zip(status, rules, strict=True))
    return _summed(loaded, doubt, columns, payments, known, ends, Solved.checks(chunks))


def _summed(
    loaded: Loaded,
    doubt: Doubt,
    columns: tuple[str, ...],
    base_payments: Matrix,
    known: Matrix,
    ends: list[tuple[str, tuple[str, ...]]],
    checks: Checks,
) -> Uncertainty:
    base = base_payments.sum(axis=1)
    n, ids = len(base), [rule.id for rule in loaded.scenario.rules]
    low, median, high = np.quantile(known, INTERVAL, axis=0) if len(known) else np.full((3, n), np.nan)
    ranks = (-known).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    ends_of = np.quantile(ranks, (0.05, 0.95), axis=0, method="nearest") if len(known) else np.zeros((2, n))
    before = _last_year(loaded, base_payments)
    solved = sum(status == "solved" for status, _ in ends)
    infeasible = sum(status == "infeasible" for status, _ in ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.fmax(np.abs(low / base - 1), np.abs(high / base - 1))
    return Uncertainty(
        doubt,
        columns,
        solved,
        infeasible,
        len(ends) - solved - infeasible,
        low,
        median,
        high,
        base,
        None if before is None else _chance_of_more(known, before),
        ends_of[0].astype(np.intp),
        ends_of[1].astype(np.intp),
        np.where(base > 0, spread, 0.0),
        {rule: _part(ends, "solved", rule, max(1, solved)) for rule in ids},
        {rule: _part(ends, "infeasible", rule, len(ends)) for rule in ids},
        checks,
    )


def _chance_of_more(known: Matrix, before: Matrix) -> Matrix:
    more = (known > before).mean(axis=0) if len(known) else np.full(len(before), np.nan)
    return np.where(np.isfinite(before), more, np.nan)


def _part(ends: list[tuple[str, tuple[str, ...]]], status: str, rule: str, whole: int) -> float:
    return sum(s == status and rule in rules for s, rules in ends) / whole


def _last_year(loaded: Loaded, payments: Matrix) -> Matrix | None:
    """(n): what this run must exceed to be more than last year; None where that is not comparable."""
    against = winners(loaded, payments).last_year
    if against is None:
        return None
    issued = against.after - payments.sum(axis=1)
    return against.before - issued if (issued >= -1e-6).all() else None


def finding(found: Uncertainty) -> Text:
    """How robust the result is, in one sentence."""
    if not found.solved:
        return Text("所有抽样都没有可行的分配", "No draw leaves an allocation")
    paid, share = found.base > 0, percent_of(LARGE)
    many, large = int(paid.sum()), int((found.spread[paid] > LARGE).sum())
    if large:
        zh = f"若数据有误差、权重略有不同，{many} 个旗县中有 {large} 个的金额变动可能超过 {share}"
        en = f"With errors in the data and slightly other weights, {large} of {many} counties may change "
        en += f"by more than {share}"
    else:
        zh = f"即使数据有误差、权重略有不同，{many} 个旗县的金额变动都在 {share} 以内"
        en = "Even with errors in the data and slightly other weights, "
        en += f"all {many} counties stay within {share}"
    if not found.infeasible:
        return Text(f"{zh}（90% 区间）", f"{en} (90% intervals)")
    chance = percent_of(found.infeasible / found.doubt.draws)
    return Text(f"{zh}；无解的可能为 {chance}", f"{en}; no allocation exists in {chance} of the draws")


def percent_of(share: float) -> str:
    """A float share as a percentage."""
    return percent(Fraction(round(share, 4)), 1)


def uncertainty_rows(loaded: Loaded, found: Uncertainty) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Header and rows of a tidy table by county."""
    counties = loaded.counties
    header = (
        "code",
        "county",
        "prefecture",
        "amount",
        "p05",
        "p50",
        "p95",
        "largest_change",
        "probability_more_than_last_year",
        "rank_p05",
        "rank_p95",
    )
    rows = [
        (
            counties.codes[i],
            counties.names[i],
            counties.prefectures[i],
            round(float(found.base[i]), 6),
            round(float(found.low[i]), 6),
            round(float(found.median[i]), 6),
            round(float(found.high[i]), 6),
            round(float(found.spread[i]), 6),
            None if found.gain is None or np.isnan(found.gain[i]) else round(float(found.gain[i]), 6),
            int(found.rank_low[i]),
            int(found.rank_high[i]),
        )
        for i in range(len(counties))
    ]
    return header, rows
