"""What share of the money should be spent by a day: pro rata (序时), or a table of milestones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal

from allocator.dates import month_end, no_date, parse_date
from allocator.faults import BadInput, Fault
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import read_table
from allocator.numbers import parse_number
from allocator.text import Text

Kind = Literal["months", "days", "receipt", "milestones"]
COLUMNS = ("date", "share")


@dataclass(frozen=True)
class Milestone:
    """By this day that share of the money must be spent."""

    stream: str
    """Empty: all streams without milestones of their own."""
    day: date
    share: Fraction
    line: int


@dataclass(frozen=True)
class Schedule:
    """The share of an account that should be spent by a day, 0 to 1, exact.

    months: n/12 once n months of the year are over (阳农局财字〔2024〕13号 三（四） asks for 序时支出;
    8.68 points «ahead of schedule» at 42.02 % in April, as one city published, is 4/12).
    days: the day's place in the year. receipt: from the day on which the money was received to the
    year's end. milestones: the last milestone passed, nothing before the first.
    """

    kind: Kind
    year: int
    milestones: tuple[Milestone, ...] = ()

    def share(self, stream: str, day: date, received: date | None) -> Fraction:
        """The share due by `day`."""
        if self.kind == "milestones":
            own = [m for m in self.milestones if m.stream == stream]
            passed = [m.share for m in own or self.milestones if m.day <= day and m.stream in (stream, "")]
            return max(passed, default=Fraction(0))
        if day.year != self.year:
            return Fraction(int(day.year > self.year))
        if self.kind == "months":
            return Fraction(day.month - (day != month_end(day)), 12)
        first, last = date(self.year - 1, 12, 31), date(self.year, 12, 31)
        if self.kind == "receipt" and received is not None:
            first = max(first, received)
        return Fraction(max(0, (day - first).days), (last - first).days) if last > first else Fraction(1)


def read_milestones(path: Path, streams: Iterable[str]) -> tuple[Milestone, ...]:
    """A table with columns date, share and, if wanted, stream; raises BadInput with every fault."""
    table = read_table(path, str(path), required=COLUMNS)
    known, found = set(streams), []
    faults: list[Fault] = []
    for record in table.records:
        cells = record.cells
        day, share, stream = parse_date(cells["date"]), parse_number(cells["share"]), cells.get("stream", "")
        if day is None:
            faults.append(no_date(table.place(record, "date"), cells["date"]))
        if share is None or not 0 <= share <= 1:
            what = Text(
                f"应为 0 到 1 的小数，现为 {shorten(cells['share'])}",
                f"a decimal from 0 to 1 is needed, got {shorten(cells['share'])}",
            )
            fix = Text("30% 写成 0.3", "write 30% as 0.3")
            faults.append(Fault(table.place(record, "share"), what, fix))
        if stream and stream not in known:
            what = Text(
                f"进度表中没有资金 {shorten(stream)}", f"no stream {shorten(stream)} in the progress table"
            )
            faults.append(Fault(table.place(record, "stream"), what, Text("请更正", "correct it")))
        if day is not None and share is not None:
            found.append(Milestone(stream, day, Fraction(share), record.row))
    ordered = sorted(found, key=lambda m: (m.stream, m.day))
    for before, after in pairwise(ordered):
        if before.stream == after.stream and (after.day == before.day or after.share < before.share):
            record = next(r for r in table.records if r.row == after.line)
            what = Text(
                f"与第 {before.line} 行同日或低于它", f"on the same day as row {before.line}, or below it"
            )
            fix = Text("节点应逐日递增", "shares rise from day to day")
            faults.append(Fault(table.place(record, "share"), what, fix))
    if faults:
        raise BadInput(faults)
    return tuple(ordered)
