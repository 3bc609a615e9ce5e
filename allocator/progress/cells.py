"""Cells of a progress table: amounts, days and names, each fault with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from fractions import Fraction

from allocator.dates import no_date, parse_date
from allocator.faults import Fault
from allocator.groups import NO, YES
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table
from allocator.numbers import parse_number
from allocator.text import Text

SHEETS = ("progress", "进度", "支出进度")
"""Sheets of a workbook that hold such a table."""
NOT = NO | {""}
"""What stands for no in a column that may be blank."""

NO_CODE = Text("县表中没有这个代码", "the county table has no such code")
NO_STREAM = Text("方案中没有这个资金", "the scenario has no such stream")
NO_USE = Text("方案中没有这个用途", "the scenario has no such use")


@dataclass
class Cells:
    """Reads the cells of one table and collects its faults."""

    table: Table
    faults: list[Fault] = field(default_factory=list)

    def note(self, record: Record, column: str, what: Text, fix: Text) -> None:
        """One more fault."""
        self.faults.append(Fault(self.table.place(record, column, _label(record)), what, fix))

    def money(self, record: Record, column: str, needed: bool = False) -> Fraction | None:
        """An amount of at least 0; None where the cell is blank, or is none."""
        text = record.cells.get(column, "")
        number = parse_number(text) if text else None
        if (needed or text) and (number is None or number < 0):
            what = Text(
                f"需要不小于 0 的数，现为 {shorten(text)}",
                f"a number of at least 0 is needed, got {shorten(text)}",
            )
            self.note(record, column, what, Text("请更正", "correct it"))
            return None
        return None if number is None else Fraction(number)

    def share(self, record: Record, column: str) -> Fraction | None:
        """A share from 0 to 1."""
        value = self.money(record, column)
        if value is not None and value > 1:
            what = Text("应在 0 和 1 之间", "must be between 0 and 1")
            fix = Text("百分比请写成小数，如 0.65", "write percentages as decimals, such as 0.65")
            self.note(record, column, what, fix)
            return None
        return value

    def day(self, record: Record, column: str) -> date | None:
        """A day; None where the cell is blank, or is none."""
        text = record.cells.get(column, "")
        day = parse_date(text) if text else None
        if text and day is None:
            self.faults.append(no_date(self.table.place(record, column, _label(record)), text))
        return day

    def started(self, record: Record) -> date | bool:
        """When, or whether, a project started: a day, 是 or 否; blank is not."""
        text = record.cells.get("started", "").lower()
        if text in YES | NOT:
            return text in YES
        return self.day(record, "started") or False

    def flag(self, record: Record, column: str) -> bool | None:
        """是 or 否; None where the cell is blank."""
        text = record.cells.get(column, "").lower()
        if text in YES:
            return True
        if text not in NOT:
            what = Text(f"应为 是 或 否，现为 {shorten(text)}", f"是 or 否 (1 or 0), got {shorten(text)}")
            self.note(record, column, what, Text("请更正", "correct it"))
        return None if text == "" else False

    def known(self, record: Record, column: str, names: Iterable[str], what: Text) -> bool:
        """Whether the cell names one of `names`; if not, `what` is said with the nearest of them."""
        value, choice = record.cells[column], list(names)
        if value in choice:
            return True
        near = get_close_matches(value, choice, 3, 0.6)
        fix = Text(f"相近的有：{'、'.join(near)}", f"close to: {', '.join(near)}")
        if not near:
            near = choice[:6]
            fix = Text(f"可用的有：{'、'.join(near)}", f"there are: {', '.join(near)}")
        said = shorten(value)
        self.note(record, column, Text(f"{what.zh}：{said}", f"{what.en}: {said}"), fix)
        return False

    def county_name(self, record: Record, name: str | None) -> None:
        """The county's name, where the row has one, must be that of the county table."""
        if name is not None and record.cells.get("county", "") not in ("", name):
            what = Text(
                f"名称与县表不符，县表为 {name}", f"the name differs from the county table: there {name}"
            )
            fix = Text(
                "请检查代码是否写错、行是否错位", "check whether the code is wrong, or rows were shifted"
            )
            self.note(record, "county", what, fix)


def _label(record: Record) -> str:
    return f"{record.cells['code']} {record.cells.get('county', '')}".strip()
