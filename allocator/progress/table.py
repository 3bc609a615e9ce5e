"""The progress table: money received, paid and committed by county, stream and batch, and projects.

A row without `project` is the account of a county, stream and batch; a row with it is one project
under that account. Figures are cumulative, as of the row's `date`; a table may hold many dates.
Where an account has no row of its own, its projects add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from allocator.faults import BadInput
from allocator.input.tables import Record, read_table
from allocator.progress.cells import NO_CODE, NO_STREAM, NO_USE, NOT, SHEETS, Cells
from allocator.scenario import Scenario
from allocator.text import Text

REQUIRED = ("code", "county", "stream", "allocated", "paid")
TEXTS = ("prefecture", "batch", "use", "project", "name", "problem", "measure", "owner")
DATES = ("date", "received", "approved", "planned_start", "due", "closed")
MONEY = ("committed", "paid_reported", "investment")
COLUMNS = (*REQUIRED, *TEXTS, *DATES, *MONEY, "works", "started", "industry", "same_year", "exempt")
"""All that the table may have; more columns are allowed and not read."""


@dataclass(frozen=True)
class Row:
    """One row, checked: an account's or a project's figures on a day."""

    line: int
    code: str
    county: str
    prefecture: str
    stream: str
    batch: str
    project: str
    """Empty for an account."""
    name: str
    use: str
    allocated: Fraction
    paid: Fraction
    """Paid to date."""
    committed: Fraction
    """Bound by contract or broken down to projects, and not yet paid."""
    day: date | None
    """Day of the figures; None: the table has no dates."""
    dates: Mapping[str, date] = field(default_factory=dict)
    """received, approved, planned_start, started, due, closed: where given."""
    begun: bool = False
    """The project has started (a date or 是)."""
    investment: Fraction | None = None
    works: Fraction | None = None
    """Physical progress, 0 to 1."""
    paid_reported: Fraction | None = None
    """The same figure in the other information system."""
    industry: bool | None = None
    same_year: bool = False
    """Money that must be spent within the year."""
    exempt: bool = False
    """Not to be flagged for its start: 是, or the reason (season, altitude and the like)."""
    problem: str = ""
    measure: str = ""
    owner: str = ""

    @property
    def account(self) -> tuple[str, str, str]:
        """(code, stream, batch)."""
        return self.code, self.stream, self.batch


def read_progress(path: Path, scenario: Scenario | None, known: Mapping[str, str]) -> tuple[Row, ...]:
    """All rows; raises BadInput with every fault.

    `known` is the scenario's county names by code; with a scenario, codes, names, streams and uses must
    be its own.
    """
    table = read_table(path, str(path), SHEETS, REQUIRED)
    reader = Cells(table)
    rows = [_row(reader, record) for record in table.records]
    if scenario is not None:
        for record in table.records:
            _check_names(reader, record, scenario, known)
    _check_together(reader, rows)
    if reader.faults:
        raise BadInput(sorted(dict.fromkeys(reader.faults), key=lambda f: f.place.line or 0))
    return tuple(rows)


def _row(reader: Cells, record: Record) -> Row:
    cells = record.cells
    for column in ("code", "county", "stream"):
        if not cells[column]:
            reader.note(record, column, Text("不能为空", "must not be empty"), Text("请填写", "fill it in"))
    allocated, paid = (reader.money(record, column, True) or Fraction(0) for column in ("allocated", "paid"))
    money = {column: reader.money(record, column) for column in MONEY}
    committed = money["committed"] or Fraction(0)
    if paid + committed > allocated and not any(f.place.line == record.row for f in reader.faults):
        what = Text(
            f"已支付 {paid} + 已落实 {committed} 大于下达 {allocated}",
            f"paid {paid} + committed {committed} exceeds allocated {allocated}",
        )
        fix = Text(
            "committed 不含已支付部分；请核对", "committed leaves out what is paid; check the three figures"
        )
        reader.note(record, "paid", what, fix)
    days = {column: reader.day(record, column) for column in DATES}
    begun = _begun(reader, record, days)
    given = {column: day for column, day in days.items() if day is not None and column != "date"}
    text = {column: cells.get(column, "") for column in TEXTS}
    return Row(
        record.row,
        cells["code"],
        cells["county"],
        text["prefecture"],
        cells["stream"],
        text["batch"],
        text["project"],
        text["name"] or text["project"],
        text["use"],
        allocated,
        paid,
        committed,
        days["date"],
        given,
        begun,
        money["investment"],
        reader.share(record, "works"),
        money["paid_reported"],
        reader.flag(record, "industry"),
        bool(reader.flag(record, "same_year")),
        cells.get("exempt", "").lower() not in NOT,
        text["problem"],
        text["measure"],
        text["owner"],
    )


def _begun(reader: Cells, record: Record, days: dict[str, date | None]) -> bool:
    """A start later than the figures' own day is a contradiction."""
    started, own = reader.started(record), days["date"]
    if isinstance(started, bool):
        return started
    days["started"] = started
    if own is not None and started > own:
        what = Text(
            f"开工日 {started} 晚于数据日期 {own}", f"started {started}, after the figures' own day {own}"
        )
        reader.note(record, "started", what, Text("未开工请留空", "leave it blank until the project starts"))
    return True


def _check_names(reader: Cells, record: Record, scenario: Scenario, known: Mapping[str, str]) -> None:
    cells = record.cells
    if cells["code"]:
        reader.known(record, "code", known, NO_CODE)
    if cells["stream"]:
        reader.known(record, "stream", scenario.streams, NO_STREAM)
    if cells.get("use"):
        reader.known(record, "use", scenario.uses, NO_USE)
    reader.county_name(record, known.get(cells["code"]))


def _check_together(reader: Cells, rows: list[Row]) -> None:
    """Rows that stand twice, codes with two names, and dates given for some rows only."""
    seen: dict[tuple[object, ...], int] = {}
    names: dict[str, tuple[str, int]] = {}
    dated = {row.day is not None for row in rows}
    for row, record in zip(rows, reader.table.records, strict=True):
        key = (*row.account, row.project, row.day)
        if key in seen:
            what = Text(
                f"该旗县、资金、批次、项目、日期重复，前一个在第 {seen[key]} 行",
                f"this county, stream, batch, project and date stand twice, first in row {seen[key]}",
            )
            reader.note(record, "", what, Text("请合并为一行", "merge them into one row"))
        seen.setdefault(key, row.line)
        name, line = names.setdefault(row.code, (row.county, row.line))
        if row.code and name != row.county:
            what = Text(
                f"代码 {row.code} 在第 {line} 行叫 {name}", f"code {row.code} is {name} in row {line}"
            )
            reader.note(record, "county", what, Text("请统一", "use one name"))
        if len(dated) > 1 and row.day is None and not record.cells.get("date", ""):
            fix = Text("请填写数据日期", "fill in the day of the figures")
            reader.note(
                record, "date", Text("其他行有日期，该行没有", "other rows have a date, this has none"), fix
            )


def latest(rows: Iterable[Row], day: date) -> list[Row]:
    """The newest row of every account and project up to a day, in the order of the keys."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (*row.account, row.project)
        if row.day is not None and row.day > day:
            continue
        if key not in found or (row.day or day) > (found[key].day or day):
            found[key] = row
    return [found[key] for key in sorted(found)]
