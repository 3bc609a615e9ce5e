"""The release envelope: what this batch may safely give, while later budgets are known within bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.envelope.bounds import Range, at_budgets
from allocator.envelope.box import Box, safe_box
from allocator.envelope.program import SafetyProgram, safety_program
from allocator.envelope.reach import Reach, reach
from allocator.envelope.rows import Release
from allocator.faults import NoAllocation
from allocator.loaded import Loaded
from allocator.names import Names
from allocator.numbers import plain
from allocator.optimum import Progress, silent
from allocator.plan import solve
from allocator.text import Text
from solvers.choose import make_solver
from solvers.conflict import elastic_rows
from solvers.feasible import feasible_point

SHORT = 1e-7
"""Least shortfall, in program units, that counts as one."""
ROOM = Text(
    "可先求一个留有余地的计划（例如用 --set 把上述规则收紧一点），再用 --plan 给出它的分配表",
    "a plan with room to spare may help: solve with the rules above a little stricter (--set), then give "
    "its table with --plan",
)
INWARD = 1e-6
"""Steps by which a bound may miss a whole step and still be that step."""


@dataclass(frozen=True)
class CountyRange:
    """One county of this batch; amounts are exact, in the unit, whole multiples of the step."""

    county: int
    plan: Fraction
    smallest: Fraction
    largest: Fraction
    box_low: Fraction
    box_high: Fraction
    stops_low: tuple[tuple[str, int], ...]
    """Rule rows, as (rule, number), that stop it at the smallest amount; empty at zero."""
    stops_high: tuple[tuple[str, int], ...]
    """Rule rows that stop it at the largest; empty where that is all the batch's money."""
    corner_low: Mapping[str, Decimal]
    """The later budgets at which it stops there."""
    corner_high: Mapping[str, Decimal]


@dataclass(frozen=True)
class Envelope:
    """The release, the bounds of later budgets, and a range for each county with a plan."""

    plan: Loaded
    """The scenario that the plan was solved from."""
    release: Release
    ranges: tuple[Range, ...]
    corners: tuple[dict[str, Decimal], ...]
    counties: tuple[CountyRange, ...]
    margin: Fraction
    """The largest part of a rule's room that is kept for rounding to whole steps, in the unit."""
    favoured: Mapping[int, tuple[str, int, int]]
    """County → rule, number and sign of the row that rounding its uses of this batch must not lower.

    Other counties' uses may go to either whole step, each, and by stream, and by use of all streams.
    """

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams of this batch."""
        paid = self.release.planned.any(axis=(0, 2))
        return tuple(self.release.problem.stream_names[s] for s in np.flatnonzero(paid))

    @cached_property
    def names(self) -> Names:
        """What things are called."""
        return self.plan.names


def expected(loaded: Loaded, ranges: Sequence[Range]) -> Loaded:
    """The scenario with each later stream at its budget, or at the bound next to it."""
    return at_budgets(loaded, {r.stream: r.clip(loaded.scenario.streams[r.stream].budget) for r in ranges})


def envelope(
    plan: Loaded,
    ranges: Sequence[Range],
    steps: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Envelope:
    """The envelope of the streams that are not named in `ranges`.

    `plan` is the scenario with later streams at their expected budgets, `steps`, (n, S, U), what is planned
    of this batch (later streams are left out); by default the solved allocation of the whole year. Raises
    NoAllocation where there is none, or where at some corner later money cannot keep the rules.
    """
    ranges = tuple(ranges)
    if steps is None:
        steps = solve(plan, progress=progress).steps
    release = _release(plan, steps, ranges)
    safety = safety_program(release, ranges)
    _check(safety, plan.names)
    progress(Text("各旗县的可行范围", "each county's range"), 0.0)
    bounds = reach(safety)
    progress(Text("整体安全范围", "the box for all"), 0.6)
    box = safe_box(safety)
    favoured = {
        int(i): (safety.rows[r].rule, safety.rows[r].number, safety.rows[r].sign)
        for i, r in zip(safety.counties, safety.favoured.tolist(), strict=True)
        if r >= 0
    }
    found = _ranges(safety, bounds, box)
    return Envelope(plan, release, ranges, safety.corners, found, _margin(safety), favoured)


def _release(plan: Loaded, steps: NDArray[np.int64], ranges: tuple[Range, ...]) -> Release:
    """This batch's part of the plan, and the scenario of the later money."""
    scenario = plan.scenario
    later = {r.stream: max(r.low, min(scenario.step, r.high)) for r in ranges}
    budgets = {s: later.get(s, Decimal(0)) for s in scenario.streams}
    rest = at_budgets(plan, budgets)
    waits = np.array([s in later for s in plan.problem.stream_names], dtype=np.bool_)
    planned = np.where(waits[None, :, None], 0, steps)
    totals = planned.sum(axis=(1, 2))
    mix = planned / np.maximum(totals, 1)[:, None, None]
    paid = rest.problem.entitlement > 0
    return Release(rest, planned, mix, rest.problem.open & paid[:, :, None])


def _check(safety: SafetyProgram, names: Names) -> None:
    """Raises NoAllocation where the plan leaves some corner without an answer."""
    solver = make_solver("highs")
    reasons: list[Text] = []
    for k, corner in enumerate(safety.corners):
        program = safety.at(k)
        if feasible_point(program, solver) is not None:
            continue
        real = feasible_point(safety.at(k, margin=False), solver) is not None
        first = program.rows - len(safety.rows)
        elastic = elastic_rows(program, np.arange(first, program.rows))
        slack = solver.solve(elastic).values[program.columns :].reshape(2, -1).sum(axis=0)
        short = np.flatnonzero(slack > SHORT).tolist()
        reasons.append(_corner_text(corner, names, rounding=real))
        reasons += _short_texts(safety, short, slack, names)
    if reasons:
        head = Text(
            "按此计划下达后，后续资金在下列情形下无法满足全年规则，没有写出任何结果",
            "once this plan is released, later money cannot keep the year's rules at these corners; "
            "nothing was written",
        )
        raise NoAllocation([head, *reasons, ROOM])


def corner_text(corner: Mapping[str, Decimal], names: Names) -> Text:
    """Later budgets in words."""
    parts = [(names.stream(s), f"{plain(b)} {names.unit}") for s, b in corner.items()]
    return Text(
        "、".join(f"{title.zh} {amount}" for title, amount in parts),
        ", ".join(f"{title.en} {amount}" for title, amount in parts),
    )


def _corner_text(corner: Mapping[str, Decimal], names: Names, rounding: bool) -> Text:
    said = corner_text(corner, names)
    if rounding:
        return Text(f"{said.zh}（没有取整的余地）：", f"{said.en} (no room for rounding to whole steps):")
    return Text(f"{said.zh}：", f"{said.en}:")


def _short_texts(safety: SafetyProgram, short: list[int], slack: np.ndarray, names: Names) -> list[Text]:
    """One line a rule that falls short, with the place where it is shortest."""
    worst: dict[str, int] = {}
    for r in short:
        rule = safety.rows[r].rule
        if rule not in worst or slack[r] > slack[worst[rule]]:
            worst[rule] = r
    texts = []
    step = safety.release.problem.step
    for rule, r in worst.items():
        row = safety.release.later.rows[rule][safety.rows[r].number]
        title, where = safety.release.later.scenario.rule_by_id[rule].text, names.place(row.where)
        amount = names.money(Fraction(float(slack[r]) * safety.scale) * step)
        count = sum(safety.rows[k].rule == rule for k in short)
        more = Text(f"等 {count} 处", f" and {count - 1} more") if count > 1 else Text("", "")
        texts.append(
            Text(
                f"  {title.zh}：{where.zh}差 {amount}{more.zh}",
                f"  {title.en}: {where.en} short by {amount}{more.en}",
            )
        )
    return texts


def _ranges(safety: SafetyProgram, bounds: Reach, box: Box) -> tuple[CountyRange, ...]:
    step, scale = safety.release.problem.step, safety.scale
    found = []
    for p, i in enumerate(safety.counties.tolist()):
        plan = int(safety.release.totals[i])
        low = min(plan, _up(float(bounds.low[p]) * scale))
        high = max(plan, _down(float(bounds.high[p]) * scale))
        box_low = max(low, min(plan, _up(plan - float(box.below[p]) * scale)))
        box_high = min(high, max(plan, _down(plan + float(box.above[p]) * scale)))
        found.append(
            CountyRange(
                i,
                plan * step,
                low * step,
                high * step,
                box_low * step,
                box_high * step,
                _keys(safety, bounds.low_rows[p]),
                _keys(safety, bounds.high_rows[p]),
                safety.corners[bounds.low_corner[p]],
                safety.corners[bounds.high_corner[p]],
            )
        )
    return tuple(found)


def _up(steps: float) -> int:
    return int(np.ceil(steps - INWARD))


def _down(steps: float) -> int:
    return int(np.floor(steps + INWARD))


def _keys(safety: SafetyProgram, rows: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    return tuple(dict.fromkeys((safety.rows[r].rule, safety.rows[r].number) for r in rows))


def _margin(safety: SafetyProgram) -> Fraction:
    """The largest margin of all rows, with every county off its plan."""
    every = [row.margin + float(row.own_margins.sum()) for row in safety.rows]
    return Fraction(max(every, default=0.0)).limit_denominator(1000) * safety.release.problem.step
