"""The progress table of a clawback: what each county has paid and contracted of what it was given.

One row for a county and stream, for one of its uses, or for one of its projects (column `project`);
rows of the same county and stream add up. Where an account and its projects both have rows, the
account's stands for what its projects leave. With a column `date`, of several rows of the same
account or project the latest counts. Columns that are not named here are left alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path

from allocator.dates import no_date, parse_date
from allocator.faults import Fault, Place
from allocator.groups import NO, YES
from allocator.input.county_table import stop
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table, read_table
from allocator.loaded import Loaded
from allocator.names import number
from allocator.numbers import parse_number
from allocator.reallocation.spending import CLOCKS, Money, Progress, Spending, unlike_issued
from allocator.text import Text

REQUIRED = ("code", "stream", "paid", "committed")
SHEETS = ("progress", "进度")


class _Reader:
    """Reads rows and collects faults."""

    def __init__(self, table: Table, loaded: Loaded, money: Money) -> None:
        self.table, self.loaded = table, loaded
        self.cube = money.reshape(loaded.problem.shape)
        self.faults: list[Fault] = []

    def row(self, record: Record) -> Spending | None:
        """The row, or None with its faults noted."""
        before = len(self.faults)
        cells = record.cells
        problem, counties = self.loaded.problem, self.loaded.counties
        i = self.known(record, "code", counties.codes)
        s = self.known(record, "stream", problem.stream_names)
        u = self.known(record, "use", problem.use_names) if cells.get("use") else None
        name = cells.get("county", "")
        if i is not None and name and name != counties.names[i]:
            self.add(
                record,
                "county",
                Text(
                    f"名称与代码不符，县表为 {counties.names[i]}",
                    f"the name does not fit the code, which is {counties.names[i]}",
                ),
                Text("请核对是否错行", "check whether rows were shifted"),
            )
        paid, committed = self.money(record, "paid"), self.money(record, "committed")
        allocated = self.money(record, "allocated") if cells.get("allocated") else None
        dates: dict[str, date | None] = {clock: self.day(record, clock) for clock in CLOCKS}
        started = self.started(record)
        if len(self.faults) > before or i is None or s is None:
            return None
        if allocated is None:
            issued = self.cube[i, s] if u is None else self.cube[i, s, u : u + 1]
            allocated = sum(issued.tolist(), Fraction(0))
        exempt, project = cells.get("exempt", ""), cells.get("project", "")
        if exempt.lower() in YES:
            exempt = cells.get("problem", "") or exempt
        exempt = "" if exempt.lower() in NO else exempt
        found = Spending(record.row, i, s, u, allocated, paid, committed, dates, started, exempt, project)
        if found.idle < 0:
            self.add(
                record,
                "paid",
                Text(
                    f"已支付与已签约共 {number(paid + committed)}，多于分配的 {number(allocated)}",
                    f"paid and contracted are {number(paid + committed)}, "
                    f"more than the {number(allocated)} allocated",
                ),
                Text("请核对金额和单位", "check amounts and their unit"),
            )
        return found

    def known(self, record: Record, column: str, names: tuple[str, ...]) -> int | None:
        """Position of a name."""
        value = record.cells[column]
        if value in names:
            return names.index(value)
        near = get_close_matches(value, names, 3, 0.6) or list(names)[:6]
        self.add(
            record,
            column,
            Text(f"方案中没有 {shorten(value)}", f"the scenario has no {shorten(value)}"),
            Text(f"相近或可用的：{'、'.join(near)}", f"there are: {', '.join(near)}"),
        )
        return None

    def money(self, record: Record, column: str) -> Fraction:
        """An amount; a blank is zero."""
        text = record.cells[column]
        amount = parse_number(text) if text else None
        if text and (amount is None or amount < 0):
            self.add(
                record,
                column,
                Text(
                    f"需要不小于 0 的数，现为 {shorten(text)}",
                    f"a number of at least 0 is needed, got {shorten(text)}",
                ),
                Text("请更正", "correct it"),
            )
        return Fraction(amount or 0)

    def day(self, record: Record, column: str) -> date | None:
        """A day; a blank is none."""
        text = record.cells.get(column, "")
        day = parse_date(text) if text else None
        if text and day is None:
            self.faults.append(no_date(self.table.place(record, column, record.cells["code"]), text))
        return day

    def latest(self, as_of: date) -> list[Record]:
        """The last record of each account or project up to the day; all where the table has no dates."""
        if "date" not in self.table.columns:
            return list(self.table.records)
        found: dict[tuple[str, ...], tuple[date, Record]] = {}
        for record in self.table.records:
            cells, day = record.cells, self.day(record, "date") or as_of
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
                self.faults.append(
                    Fault(
                        Place(self.table.shown, row.line, county=self.loaded.counties.codes[row.county]),
                        Text("项目合计多于该账户", "projects add up to more than their account"),
                        Text("请核对项目与账户的金额", "check the amounts of both"),
                    )
                )
            found.append(rest)
        return found

    def started(self, record: Record) -> date | bool:
        """When, or whether, the project started."""
        text = record.cells.get("started", "")
        if not text or text.lower() in NO:
            return False
        return True if text.lower() in YES else self.day(record, "started") or False

    def add(self, record: Record, column: str, what: Text, fix: Text) -> None:
        """One more fault."""
        county = record.cells["code"] if column != "code" else ""
        self.faults.append(Fault(self.table.place(record, column, county), what, fix))


def read_progress(path: Path, loaded: Loaded, money: Money, as_of: date) -> Progress:
    """The table of `path` (.csv or .xlsx) against the year's `money`; raises BadInput with all faults."""
    table = read_table(path, str(path), SHEETS, REQUIRED)
    reader = _Reader(table, loaded, money)
    read = [reader.row(record) for record in reader.latest(as_of)]
    rows = reader.remainders(_told_apart([row for row in read if row is not None]))
    if not reader.faults:
        reader.faults += unlike_issued(table, loaded, money, rows)
    if reader.faults:
        stop(reader.faults)
    return Progress(tuple(rows), table.columns, table.shown)


def newest_day(path: Path) -> date | None:
    """The newest `date` of the table; None where it has no such column. Raises BadInput with all faults."""
    table = read_table(path, str(path), SHEETS, REQUIRED)
    if "date" not in table.columns:
        return None
    days, faults = [], []
    for record in table.records:
        text = record.cells["date"]
        day = parse_date(text)
        if day is not None:
            days.append(day)
        elif text:
            faults.append(no_date(table.place(record, "date", record.cells["code"]), text))
    if faults:
        stop(faults)
    return max(days, default=None)


def _told_apart(rows: list[Spending]) -> list[Spending]:
    """Uses count only where every row of a county and stream names one."""
    untold = {(row.county, row.stream) for row in rows if row.use is None}
    return [replace(row, use=None) if (row.county, row.stream) in untold else row for row in rows]
