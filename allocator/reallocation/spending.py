"""What a progress table says of money that was issued, and where it speaks of other money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Fault
from allocator.input.tables import Table
from allocator.loaded import Loaded
from allocator.names import number
from allocator.text import Text

Clock = Literal["planned_start", "received", "approved"]
CLOCKS: tuple[Clock, ...] = ("planned_start", "received", "approved")
"""Columns of dates; six months may be counted from any of them (AMB-17)."""
Money = NDArray[np.object_]
"""Flat cube of Fractions, in the unit."""


@dataclass(frozen=True)
class Spending:
    """One row of the table, in the scenario's unit."""

    line: int
    county: int
    stream: int
    use: int | None
    """None where the row does not tell uses apart."""
    allocated: Fraction
    paid: Fraction
    committed: Fraction
    """Contracted and not yet paid."""
    dates: Mapping[str, date | None]
    started: date | bool
    """When the project started; True or False where only that is known."""
    exempt: str
    """Why this money is not to be taken back (season, altitude, …); blank: no reason."""
    project: str = ""
    """Blank: the account itself."""

    @property
    def idle(self) -> Fraction:
        """Neither paid nor contracted."""
        return self.allocated - self.paid - self.committed

    def started_by(self, day: date) -> bool:
        """Whether the project had started on that day."""
        return self.started if isinstance(self.started, bool) else self.started <= day


@dataclass(frozen=True)
class Progress:
    """The table, checked against what was issued."""

    rows: tuple[Spending, ...]
    columns: tuple[str, ...]
    shown: str


def unlike_issued(table: Table, loaded: Loaded, money: Money, rows: list[Spending]) -> list[Fault]:
    """Counties and streams whose rows do not add up to what was issued."""
    problem = loaded.problem
    cube = money.reshape(problem.shape)
    records = {record.row: record for record in table.records}
    together: dict[tuple[int, int], list[Spending]] = {}
    for row in rows:
        together.setdefault((row.county, row.stream), []).append(row)
    faults = []
    for (i, s), own in together.items():
        place = table.place(records[own[0].line], "allocated", loaded.counties.label(i))
        told = {row.use for row in own}
        for use in sorted(told, key=lambda u: -1 if u is None else u):
            given = sum((row.allocated for row in own if row.use == use), Fraction(0))
            issued = sum((cube[i, s] if use is None else cube[i, s, use : use + 1]).tolist(), Fraction(0))
            if given != issued:
                which = problem.stream_names[s] + ("" if use is None else f"/{problem.use_names[use]}")
                faults.append(
                    Fault(
                        place,
                        Text(
                            f"{which}：各行分配额合计 {number(given)}，已下达 {number(issued)}",
                            f"{which}: rows add up to {number(given)} allocated, {number(issued)} was issued",
                        ),
                        Text(
                            "请核对；同一资金有几行时每行都要写 allocated",
                            "check it; where a stream has several rows, each needs its allocated",
                        ),
                    )
                )
    return faults
