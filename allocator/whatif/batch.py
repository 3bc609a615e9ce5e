"""A list of changed scenarios solved in order, here or in several processes, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.names import Names, number
from allocator.text import Text
from allocator.whatif.engine import Engine, Point, Status
from allocator.whatif.sweep import PLACES, Files, Solved, Task, tasks
from allocator.whatif.workers import solve_all

CHUNK = 8
"""Points in one chunk; fixed, so that the numbers do not depend on how many processes there are."""
LARGE = 100
"""From here on a sentence shows money without decimals."""

Amounts = NDArray[np.float64]
Changed = Mapping[str, Any]
Cell = str | int | Decimal | None
Rows = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
"""Header and rows of a table."""


@dataclass(frozen=True)
class SolvedPoint:
    """One changed scenario: each county's amount, or why there is none."""

    status: Status
    counties: Amounts
    """(n), in the unit; NaN where there is no allocation."""
    rules: tuple[str, ...] = ()
    """Rules that shape the result; where infeasible, those that fall short."""
    reason: str = ""
    agreed: bool = True
    """Whether the point came out alike when it was solved again cold; if not, this is the cold one."""


def solve_points(engine: Engine, changes: Sequence[Changed], jobs: int = 1) -> list[SolvedPoint]:
    """Every change solved, and again cold, in order: points to publish."""
    if jobs > 1 and len(changes) > CHUNK:
        return _elsewhere(engine, changes, jobs)
    found = []
    for position, changed in enumerate(changes):
        if position % CHUNK == 0:
            engine.forget()
        found.append(_point(engine, *engine.checked(changed)))
    return found


def present_amounts(engine: Engine) -> Amounts:
    """(n): amounts of the scenario as it is; NaN where it has no allocation."""
    if engine.present is None:
        return np.full(len(engine.loaded.counties), np.nan)
    return _rounded(engine.present.payments.sum(axis=1))


def smallest_change(loaded: Loaded) -> float:
    """Changes up to half a step are none: whole money does not show them."""
    return float(loaded.problem.step) / 2


def cell(value: float, places: int = PLACES) -> Decimal | None:
    """A number for a table: a decimal without binary digits, None where there is none."""
    return Decimal(repr(round(float(value), places) + 0.0)) if np.isfinite(value) else None


def money(names: Names, value: float, sign: bool = False) -> str:
    """An amount in a sentence, with its unit."""
    places = 0 if abs(value) >= LARGE else 2
    return f"{number(Fraction(float(value)), places, sign)} {names.unit}"


def up_and_down(up: int, down: int, prefectures: bool = False) -> Text:
    """How many counties, or prefectures, get more and how many less."""
    zh, one, many = ("盟市", "prefecture", "prefectures") if prefectures else ("旗县", "county", "counties")
    return Text(f"{up} 个{zh}增加，{down} 个减少", f"{up} {one if up == 1 else many} up, {down} down")


def _point(engine: Engine, point: Point, agreed: bool) -> SolvedPoint:
    if point.payments is None:
        nothing = np.full(len(engine.loaded.counties), np.nan)
        return SolvedPoint(point.status, nothing, point.rules, point.reason, agreed)
    counties = _rounded(point.payments.sum(axis=1))
    return SolvedPoint(point.status, counties, point.rules, point.reason, agreed)


def _elsewhere(engine: Engine, changes: Sequence[Changed], jobs: int) -> list[SolvedPoint]:
    """The same in several processes, each with the scenario's files as a folder of its own."""
    files = Files.of(engine.source, engine.sets)
    chunks: list[Callable[[], Task]] = tasks(
        files, len(changes), lambda start, stop: changes[start:stop], ("counties",), CHUNK, checked=1
    )
    found: dict[int, SolvedPoint] = {}
    for solved in solve_all(chunks, jobs):
        found |= _points(solved)
    return [found[position] for position in range(len(changes))]


def _points(solved: Solved) -> dict[int, SolvedPoint]:
    return {
        solved.start + k: SolvedPoint(
            cast(Status, status),
            solved.values[k],
            solved.rules[k],
            solved.reasons[k],
            solved.start + k not in solved.disagreed,
        )
        for k, status in enumerate(solved.status)
    }


def _rounded(values: Amounts) -> Amounts:
    return np.asarray(np.round(values, PLACES) + 0.0, dtype=np.float64)
