"""The progress table of a clawback: what each county has paid and contracted of what it was given.

One row for a county and stream, for one of its uses, or for one of its projects (column `project`);
rows of the same county and stream add up. Where an account and its projects both have rows, the
account's stands for what its projects leave. With a column `date`, of several rows of the same
account or project the latest counts. Columns that are not named here are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocator.faults import Fault, Place
from allocator.groups import YES
from allocator.input.county_table import stop
from allocator.input.tables import Record, read_table
from allocator.loaded import Loaded
from allocator.names import number
from allocator.progress.cells import NO_CODE, NO_STREAM, NO_USE, NOT, SHEETS, Cells
from allocator.reallocation.spending import CLOCKS, Money, Progress, Spending, unlike_issued
from allocator.text import Text

REQUIRED = ("code", "stream", "paid", "committed")


@dataclass
class _Reader:
    """Reads rows against the year's money."""

    cells: Cells
    loaded: Loaded
    cube: NDArray[np.object_]

    def row(self, record: Record) -> Spending | None:
        """The row, or None with its faults noted."""
        before = len(self.cells.faults)
        cells = self.cells
        problem, counties = self.loaded.problem, self.loaded.counties
        i = self.position(record, "code", counties.codes, NO_CODE)
        s = self.position(record, "stream", problem.stream_names, NO_STREAM)
        u = self.position(record, "use", problem.use_names, NO_USE) if record.cells.get("use") else None
        if i is not None:
            cells.county_name(record, counties.names[i])
        paid, committed = (cells.money(record, column) or Fraction(0) for column in ("paid", "committed"))
        allocated = cells.money(record, "allocated")
        dates: dict[str, date | None] = {clock: cells.day(record, clock) for clock in CLOCKS}
        started = cells.started(record)
        if len(cells.faults) > before or i is None or s is None:
            return None
        if allocated is None:
            issued = self.cube[i, s] if u is None else self.cube[i, s, u : u + 1]
            allocated = sum(issued.tolist(), Fraction(0))
        project = record.cells.get("project", "")
        found = Spending(
            record.row, i, s, u, allocated, paid, committed, dates, started, _exempt(record), project
        )
        if found.idle < 0:
            what = Text(
                f"已支付与已签约共 {number(paid + committed)}，多于分配的 {number(allocated)}",
                f"paid and contracted are {number(paid + committed)}, "
                f"more than the {number(allocated)} allocated",
            )
            cells.note(record, "paid", what, Text("请核对金额和单位", "check amounts and their unit"))
        return found

    def position(self, record: Record, column: str, names: tuple[str, ...], what: Text) -> int | None:
        """Where a name stands."""
        return names.index(record.cells[column]) if self.cells.known(record, column, names, what) else None

    def latest(self, as_of: date) -> list[Record]:
        """The last record of each account or project up to the day; all where the table has no dates."""
        if "date" not in self.cells.table.columns:
            return list(self.cells.table.records)
        found: dict[tuple[str, ...], tuple[date, Record]] = {}
        for record in self.cells.table.records:
            cells, day = record.cells, self.cells.day(record, "date") or as_of
            key = tuple(cells.get(c, "") for c in ("code", "stream", "batch", "use", "project"))
            if day <= as_of and (key not in found or day >= found[key][0]):
                found[key] = day, record
        return [record for _, record in found.values()]

    def remainders(self, rows: list[Spending]) -> list[Spending]:
        """Accounts that have rows of projects too are cut down to what the projects leave.

        An account may count as committed what is only broken down to projects: whether that is contracted
        the projects' own rows say, and of the rest no more can be committed than is left of it.
        """
        projects: dict[tuple[int, int, int | None], list[Spending]] = {}
        for row in rows:
            if row.project:
                projects.setdefault((row.county, row.stream, row.use), []).append(row)
        found = []
        for row in rows:
            own = projects.get((row.county, row.stream, row.use), [])
            if row.project or not own:
                found.append(row)
                continue
            allocated, paid, committed = (
                getattr(row, key) - sum((getattr(one, key) for one in own), Fraction(0))
                for key in ("allocated", "paid", "committed")
            )
            left = max(Fraction(0), allocated - paid)
            rest = replace(
                row, allocated=allocated, paid=paid, committed=min(max(Fraction(0), committed), left)
            )
            if min(allocated, paid) < 0:
                self.cells.faults.append(
                    Fault(
                        Place(
                            self.cells.table.shown, row.line, county=self.loaded.counties.codes[row.county]
                        ),
                        Text("项目合计多于该账户", "projects add up to more than their account"),
                        Text("请核对项目与账户的金额", "check the amounts of both"),
                    )
                )
            found.append(rest)
        return found


def read_progress(path: Path, loaded: Loaded, money: Money, as_of: date) -> Progress:
    """The table of `path` (.csv or .xlsx) against the year's `money`; raises BadInput with all faults."""
    table = read_table(path, str(path), SHEETS, REQUIRED)
    cells = Cells(table)
    reader = _Reader(cells, loaded, money.reshape(loaded.problem.shape))
    read = [reader.row(record) for record in reader.latest(as_of)]
    rows = reader.remainders(_told_apart([row for row in read if row is not None]))
    if not cells.faults:
        cells.faults += unlike_issued(table, loaded, money, rows)
    if cells.faults:
        stop(cells.faults)
    return Progress(tuple(rows), table.columns, table.shown)


def newest_day(path: Path) -> date | None:
    """The newest `date` of the table; None where it has no such column. Raises BadInput with all faults."""
    table = read_table(path, str(path), SHEETS, REQUIRED)
    if "date" not in table.columns:
        return None
    cells = Cells(table)
    days = [cells.day(record, "date") for record in table.records]
    if cells.faults:
        stop(cells.faults)
    return max((day for day in days if day is not None), default=None)


def _exempt(record: Record) -> str:
    """The reason for leaving the money; where the cell only says 是, the problem that the row names."""
    reason = record.cells.get("exempt", "")
    if reason.lower() in YES:
        return record.cells.get("problem", "") or reason
    return "" if reason.lower() in NOT else reason


def _told_apart(rows: list[Spending]) -> list[Spending]:
    """Uses count only where every row of a county and stream names one."""
    untold = {(row.county, row.stream) for row in rows if row.use is None}
    return [replace(row, use=None) if (row.county, row.stream) in untold else row for row in rows]
