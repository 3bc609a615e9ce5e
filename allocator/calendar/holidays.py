"""Holidays and make-up workdays: which days are worked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from allocator.calendar.arrangement import lacking
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table, read_table
from allocator.text import Text

BUNDLED = Path(__file__).parent.parent / "data" / "holidays.csv"
"""The State Council's yearly arrangement; years and notices in data/calendar-sources.md."""
COLUMNS = ("date", "kind")
KINDS = {"holiday": "holiday", "假": "holiday", "放假": "holiday"} | {
    "workday": "workday",
    "班": "workday",
    "上班": "workday",
}


class NoArrangement(BadInput):
    """A day of a year whose arrangement the list does not hold."""


@dataclass(frozen=True)
class Holidays:
    """Days off and make-up workdays of some years; a weekend that is in neither is off."""

    shown: str
    """How messages name the file."""
    off: frozenset[date]
    on: frozenset[date]

    @cached_property
    def years(self) -> frozenset[int]:
        """Years whose whole arrangement is in the list."""
        spoken = {day.year for day in self.off | self.on}
        return frozenset(year for year in spoken if not lacking(year, self.off, self.on))

    def works(self, day: date) -> bool:
        """Is it a working day? Raises NoArrangement for a year that the list does not know."""
        if day.year not in self.years:
            raise NoArrangement([self._unknown_year(day.year)])
        return day in self.on or (day.weekday() < 5 and day not in self.off)

    def _unknown_year(self, year: int) -> Fault:
        known = [str(one) for one in sorted(self.years)]
        zh = f"没有 {year} 年的放假安排（完整的年度：{'、'.join(known) or '无'}）"
        en = f"holds no holidays of {year} (whole years: {', '.join(known) or 'none'})"
        if any(day.year == year for day in self.off | self.on):
            parts = lacking(year, self.off, self.on)
            zh = f"{year} 年的放假安排不完整，缺：{'、'.join(part.zh for part in parts)}"
            en = f"holds {year} in part only; missing: {', '.join(part.en for part in parts)}"
        return Fault(
            Place(self.shown),
            Text(zh, en),
            Text(
                "用 --holidays 给出含该年完整放假安排的文件（列 date, kind）",
                "give a file with that year's whole arrangement: --holidays (columns date, kind)",
            ),
        )


def read_holidays(path: Path = BUNDLED) -> Holidays:
    """The list of a CSV or .xlsx with columns date and kind (holiday, workday); BadInput with all faults.

    A year counts as known where its whole arrangement is listed (see arrangement.py).
    """
    shown = path.name if path == BUNDLED else str(path)
    table = read_table(path, shown, required=COLUMNS)
    days: dict[date, tuple[str, int]] = {}
    faults: list[Fault] = []
    for record in table.records:
        day, kind = parse_date(record.cells["date"]), KINDS.get(record.cells["kind"].lower())
        if day is None:
            faults.append(no_date(table.place(record, "date"), record.cells["date"]))
        if kind is None:
            faults.append(_unknown_kind(table, record))
        if day is None or kind is None:
            continue
        if day in days:
            faults.append(_twice(table, record, days[day][1]))
        days.setdefault(day, (kind, record.row))
    if faults:
        raise BadInput(faults)
    return Holidays(
        shown,
        frozenset(day for day, (kind, _) in days.items() if kind == "holiday"),
        frozenset(day for day, (kind, _) in days.items() if kind == "workday"),
    )


def _unknown_kind(table: Table, record: Record) -> Fault:
    given = shorten(record.cells["kind"])
    return Fault(
        table.place(record, "kind"),
        Text(f"应为 holiday（放假）或 workday（上班），现为 {given}", f"holiday or workday, got {given}"),
        Text("请更正", "correct it"),
    )


def _twice(table: Table, record: Record, row: int) -> Fault:
    return Fault(
        table.place(record, "date"),
        Text(f"日期重复，前一个在第 {row} 行", f"the day stands twice, first in row {row}"),
        Text("请删去其中一行", "remove one of the rows"),
    )
