"""An ambiguous clause under each of its readings: what would be paid, and whether today's table passes.

One reading at a time is put in the place of the one in force; everything else stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from allocator.allocation import Allocation
from allocator.amount_program import linear_rows
from allocator.faults import BadInput
from allocator.loaded import Loaded
from allocator.plan import attempt
from allocator.rows import Row
from allocator.text import Text
from allocator.variant import with_scenario
from allocator.verdict import Judged, judge
from allocator.whatif.engine import falling_short
from allocator.whatif.reading_subjects import Choice, Unfit, choices

Status = Literal["in_force", "same", "solved", "infeasible", "unavailable"]
Progress = Callable[[Text, float], None]


@dataclass(frozen=True)
class Effect:
    """The scenario under one reading. Amounts in the unit, whole money."""

    choice: Choice
    status: Status
    moved: Fraction | None = None
    """Money moved between counties against the reading in force: ½ Σ |Δ|."""
    moved_uses: Fraction | None = None
    """Money moved between payments and uses: ½ Σ |Δ| over county × stream × use."""
    largest: tuple[int, Fraction] | None = None
    """County whose total changes most, and by how much; None where none changes."""
    short: tuple[str, ...] = ()
    """Rules that fall short where there is no allocation."""
    broken: int | None = None
    """Rows that today's table breaks under this reading; None where there is no table."""
    tightest: Judged | None = None
    """The row of the rule in question with the least slack in today's table."""
    why: Text | None = None
    """Why the reading is not available, or what else there is to know."""


@dataclass(frozen=True)
class Readings:
    """Every reading of every rule, in the scenario's order."""

    allocation: Allocation | None
    """Under the readings in force; None where there is none."""
    short: tuple[str, ...]
    """Rules that fall short where there is none."""
    effects: tuple[Effect, ...]


def readings(loaded: Loaded, progress: Progress) -> Readings:
    """Solves the scenario as it is, then under each reading that makes a difference."""
    every = choices(loaded.scenario)
    progress(Text("现行口径", "the readings in force"), 0.0)
    present = attempt(loaded)
    found = []
    for k, choice in enumerate(every):
        progress(choice.title, (k + 1) / (len(every) + 1))
        found.append(_effect(loaded, present, choice))
    return Readings(present, () if present is not None else _short(loaded), tuple(found))


def _effect(loaded: Loaded, present: Allocation | None, choice: Choice) -> Effect:
    if choice.in_force:
        broken, tightest = _judged(loaded, present, choice)
        return Effect(choice, "in_force", broken=broken, tightest=tightest)
    try:
        changed = with_scenario(loaded, choice.scenario())
    except Unfit as error:
        return Effect(choice, "unavailable", why=error.why)
    except BadInput as error:
        first = error.faults[0]
        return Effect(choice, "unavailable", why=Text(first.say("zh"), first.say("en")))
    broken, tightest = _judged(changed, present, choice)
    if _same(loaded, changed):
        nothing = None if present is None else Fraction(0)
        return Effect(choice, "same", nothing, nothing, broken=broken, tightest=tightest)
    after = attempt(changed)
    if after is None:
        short = _short(changed)
        why = None if short else Text("取整后没有符合全部规则的表", "no table of whole money keeps the rules")
        return Effect(choice, "infeasible", short=short, broken=broken, tightest=tightest, why=why)
    if present is None:
        return Effect(choice, "solved", broken=broken, tightest=tightest)
    step = loaded.problem.step
    cells = after.steps - present.steps
    counties = cells.sum(axis=(1, 2))
    most = int(np.abs(counties).argmax())
    return Effect(
        choice,
        "solved",
        step * int(np.abs(counties).sum()) / 2,
        step * int(np.abs(cells).sum()) / 2,
        (most, step * int(counties[most])) if counties[most] else None,
        broken=broken,
        tightest=tightest,
    )


def _judged(loaded: Loaded, present: Allocation | None, choice: Choice) -> tuple[int | None, Judged | None]:
    """How many rows today's table breaks, and the tightest row of the rule that is read."""
    if present is None:
        return None, None
    verdict = judge(loaded.problem, loaded.rows, present.steps)
    own = [row for row in verdict.rules if row.rule == choice.rule and row.vacuous is None]
    return len(verdict.broken), min(own, key=lambda row: row.slack, default=None)


def _short(loaded: Loaded) -> tuple[str, ...]:
    problem = loaded.problem
    return falling_short(loaded, {r: linear_rows(problem, {r: rows}) for r, rows in loaded.rows.items()})


def _same(one: Loaded, other: Loaded) -> bool:
    """Whether two readings ask for exactly the same: rows, open cells and entitlement."""
    before, after = one.problem, other.problem
    return (
        before.formula == after.formula
        and bool((before.open == after.open).all())
        and _same_rows(one.rows, other.rows)
    )


def _same_rows(one: Mapping[str, Sequence[Row]], other: Mapping[str, Sequence[Row]]) -> bool:
    def key(row: Row) -> tuple[object, ...]:
        cells = tuple(row.left.tolist()), tuple(row.right.tolist())
        return row.where, row.sense, row.times, row.plus, row.vacuous is None, *cells

    return all(
        len(one[rule]) == len(other[rule])
        and all(key(a) == key(b) for a, b in zip(one[rule], other[rule], strict=True))
        for rule in one
    )
