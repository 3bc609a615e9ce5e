"""Holidays and make-up workdays: which days are worked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

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


@dataclass(frozen=True)
class Holidays:
    """Days off and make-up workdays of some years; a weekend that is in neither is off."""

    shown: str
    """How messages name the file."""
    off: frozenset[date]
    on: frozenset[date]
    years: frozenset[int]
    """Years of which the list speaks."""

    def works(self, day: date) -> bool:
        """Is it a working day? Raises BadInput for a year that the list does not have."""
        if day.year not in self.years:
            known = "、".join(str(year) for year in sorted(self.years))
            raise BadInput(
                [
                    Fault(
                        Place(self.shown),
                        Text(
                            f"没有 {day.year} 年的节假日（已有：{known}）",
                            f"holds no holidays of {day.year} (it has {known.replace('、', ', ')})",
                        ),
                        Text(
                            "用 --holidays 给出含该年放假安排的文件（列 date, kind）",
                            "give a file with that year's arrangement: --holidays (columns date, kind)",
                        ),
                    )
                ]
            )
        return day in self.on or (day.weekday() < 5 and day not in self.off)


def read_holidays(path: Path = BUNDLED) -> Holidays:
    """The list of a CSV or .xlsx with columns date and kind (holiday, workday); BadInput with all faults.

    A year counts as known where any of its days is listed.
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
        frozenset(day.year for day in days),
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
