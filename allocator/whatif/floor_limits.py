"""How high each row of a floor on the share of a use can go, as far as pipelines and other rules carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import linear_rows
from allocator.loaded import Loaded
from allocator.optimum import optimum
from allocator.rows import Row
from allocator.rules.use_share_floor import UseShareFloor
from allocator.whatif.blocks import stacked
from allocator.whatif.engine import Engine
from allocator.whatif.nearest import Nearest
from solvers.choose import make_solver
from solvers.nearest import Giving, nearest
from solvers.solution import Infeasible


@dataclass(frozen=True, slots=True)
class FloorLimit:
    """How high one row of a floor can go, all other rows and rules as they are."""

    where: str
    """County, prefecture or group."""
    floor: Fraction
    """The present floor."""
    governing: str
    """The parameter that sets it."""
    share: float | None
    """The share in the present optimum, before rounding; None where there is none."""
    largest: float | None
    """The largest floor that can be kept; None where the other rules cannot be kept by themselves."""


def floor_limits(engine: Engine, rule_id: str) -> tuple[FloorLimit, ...]:
    """The largest floor of each row of a `use_share_floor` rule, in the order of its rows."""
    loaded = engine.loaded
    rule, rows = loaded.scenario.rule_by_id[rule_id], loaded.rows[rule_id]
    if not isinstance(rule, UseShareFloor):
        raise ValueError(f"{rule_id} is no use_share_floor")
    near = Nearest(loaded, engine.one.linear, make_solver("highs"))
    shares = _shares(loaded, rows)
    return tuple(
        FloorLimit(
            row.where,
            row.times,
            rule.governing(row, loaded.scenario.year),
            None if shares is None else shares[k],
            _largest(near, rule_id, k),
        )
        for k, row in enumerate(rows)
        if row.vacuous is None
    )


def _shares(loaded: Loaded, rows: Sequence[Row]) -> list[float | None] | None:
    """Each row's share in the optimum; None where there is no optimum."""
    try:
        money = optimum(loaded, make_solver("highs")).amounts.ravel().copy()
    except Infeasible:
        return None
    for position, amount in loaded.problem.committed.items():
        money[position] += float(amount)
    return [_share(money, row) for row in rows]


def _share(money: NDArray[np.float64], row: Row) -> float | None:
    whole = float(money[row.right].sum())
    return float(money[row.left].sum()) / whole if whole > 0 else None


def _largest(near: Nearest, rule: str, number: int) -> float | None:
    """The largest floor of one row: what is given up of a floor of 1 is least."""
    problem, row = near.loaded.problem, near.loaded.rows[rule][number]
    rest = near.skeleton.block([own for own in near.linear[rule] if own.number != number])
    full, none = (
        near.skeleton.block(linear_rows(problem, {rule: [replace(row, times=Fraction(times))]}))
        for times in (1, 0)
    )
    others = [block for name, block in near.blocks.items() if name != rule]
    program = stacked(near.skeleton.with_blocks([*others, rest]), [full])
    last = np.array([program.rows - 1])
    giving = Giving(last, np.ones(1), none.matrix - full.matrix, none.bound - full.bound)
    given = nearest(program, giving, 1.0, near.solver)
    return None if given is None else 1.0 - given
