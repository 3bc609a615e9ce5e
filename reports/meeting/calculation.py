"""The hidden sheet of whole numbers: inputs in grains, 0/1 masks, and the sums that rules are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xlsxwriter.utility import xl_rowcol_to_cell

from allocator.text import Text
from reports.meeting.cells import Ledger, Sum, positions
from reports.meeting.layout import CODE, FIRST, Layout
from reports.meeting.style import Style, cell_ref, range_ref

HEADINGS = (
    Text("代码", "Code"),
    Text("旗县", "County"),
    Text("盟市序号", "Prefecture no."),
    Text("分配表中的行", "Row of the table"),
)
ENTERED, GRAINS, SOLVED = (
    Text("录入", "entered"),
    Text("最小单位", "grains"),
    Text("原方案", "as solved"),
)
WRONG = Text("不是数字的录入", "entered, no number")
MASKS = 2
"""First row of the masks."""


@dataclass(frozen=True)
class Calculation:
    """Positions and values on the hidden sheet."""

    layout: Layout
    ledger: Ledger
    sheet: str
    """Its name."""
    table: str
    """Name of the sheet with the inputs."""
    input_columns: tuple[int, ...]
    """Column on that sheet of each shown position."""

    @cached_property
    def masks(self) -> dict[int, int]:
        """Bits of shown positions → row of the mask."""
        wanted = {own & self.ledger.mask for column in self.ledger.columns for own in column.bits}
        return {bits: MASKS + k for k, bits in enumerate(sorted(wanted - {0}))}

    @property
    def total(self) -> int:
        """Row of the totals; the header above it."""
        return MASKS + len(self.masks) + 1

    @property
    def first(self) -> int:
        """Row of the first county."""
        return self.total + 1

    @property
    def last(self) -> int:
        """Row of the last county."""
        return self.total + len(self.ledger.problem.counties)

    def block(self, number: int) -> int:
        """First column of a block: inputs as entered, in grains, as solved."""
        return len(HEADINGS) + number * len(self.input_columns)

    @property
    def rest(self) -> int:
        """Column of what exceeds whole steps; the next one holds what is finer than a grain."""
        return self.block(3)

    @property
    def moved(self) -> int:
        """Column of each county's amount as solved."""
        return self.rest + 2

    def place(self, column: int) -> int:
        """Column of one of the ledger's sums, by number."""
        return self.moved + 1 + column

    def flag(self, number: int) -> int:
        """Column of a 0/1 flag."""
        return self.place(len(self.ledger.columns)) + number

    @cached_property
    def grains(self) -> NDArray[np.object_]:
        """(n, S·U): this run's money in grains."""
        report = self.layout.report
        step = int(report.step * self.ledger.grain)
        flat = report.steps.reshape(len(self.ledger.problem.counties), -1)
        return flat.astype(object) * step

    @cached_property
    def values(self) -> list[list[int]]:
        """For each of the ledger's columns (n): its values in grains."""
        found = []
        for column in self.ledger.columns:
            issued = self.ledger.issued(column)
            own = [
                sum(self.grains[i, p] for p in positions(bits & self.ledger.mask))
                for i, bits in enumerate(column.bits)
            ]
            found.append([x + c for x, c in zip(own, issued, strict=True)])
        return found

    def column_range(self, column: int) -> str:
        """All counties of a column."""
        return range_ref(self.sheet, (self.first, column), (self.last, column))

    def block_range(self, number: int) -> str:
        """All counties of a block."""
        start = self.block(number)
        return range_ref(self.sheet, (self.first, start), (self.last, start + len(self.input_columns) - 1))

    def at(self, row: int, column: int) -> str:
        """One cell."""
        return cell_ref(self.sheet, row, column)

    @property
    def wrong(self) -> str:
        """The cell that counts the inputs that are no numbers."""
        return self.at(self.total, len(HEADINGS) - 1)

    def sum_formula(self, of: Sum) -> str:
        """The sum, as a formula without its equals sign."""
        if of.column < 0:
            return "0"
        column = self.place(of.column)
        if of.members == "all":
            return self.at(self.total, column)
        if of.members == "county":
            return self.at(self.first + of.which, column)
        if of.members == "prefecture":
            return f"SUMIF({self.column_range(2)},{of.which + 1},{self.column_range(column)})"
        flags = self.column_range(self.flag(of.which))
        return f"SUMPRODUCT({flags},{self.column_range(column)})"

    def sum_value(self, of: Sum) -> int:
        """Its value in grains."""
        if of.column < 0:
            return 0
        values = self.values[of.column]
        if of.members == "all":
            return sum(values)
        if of.members == "county":
            return values[of.which]
        members = (self.ledger.prefectures if of.members == "prefecture" else self.ledger.flags)[of.which]
        return sum(values[i] for i in members)


def write_calculation(sheet: Any, calc: Calculation, style: Style) -> None:
    """Writes the sheet and hides it."""
    note = Text(
        f"本表由公式自动计算，请勿修改。金额以 10^-{calc.ledger.digits} 为最小单位取整数，避免小数误差。",
        f"Computed by formulas; do not edit. Amounts are whole numbers of 10^-{calc.ledger.digits}, "
        "so that no decimal is rounded.",
    )
    sheet.write_string(0, 0, style.say(note), style.formats(italic=True))
    _masks(sheet, calc, style)
    _headings(sheet, calc, style)
    for i in range(len(calc.ledger.problem.counties)):
        _county(sheet, calc, i)
    _totals(sheet, calc, style)
    sheet.freeze_panes(calc.first, len(HEADINGS))
    sheet.hide()


def _masks(sheet: Any, calc: Calculation, style: Style) -> None:
    said = style.say(Text("计入的列", "Columns that count"))
    for bits, row in calc.masks.items():
        sheet.write_string(row, 1, said)
        for k, position in enumerate(calc.ledger.shown):
            sheet.write_number(row, calc.block(1) + k, bits >> position & 1)


def _headings(sheet: Any, calc: Calculation, style: Style) -> None:
    row, look, keys = calc.total - 1, style.head(text_wrap=False), calc.layout.keys
    for k, heading in enumerate(HEADINGS):
        sheet.write_string(row, k, style.say(heading), look)
    for number, block in enumerate((ENTERED, GRAINS, SOLVED)):
        for k, position in enumerate(calc.ledger.shown):
            sheet.write_string(row, calc.block(number) + k, f"{style.say(block)} {keys[position]}", look)
    for column, text in (
        (calc.rest, Text("不足一个最小金额", "less than a step")),
        (calc.rest + 1, Text("过细的小数", "finer than a grain")),
        (calc.moved, Text("原方案合计", "total as solved")),
    ):
        sheet.write_string(row, column, style.say(text), look)
    for k, own in enumerate(calc.ledger.columns):
        said = Text("全年", "year") if own.year else Text("本次", "this run")
        sheet.write_string(row, calc.place(k), f"Σ{k + 1} {style.say(said)}", look)
    for k in range(len(calc.ledger.flags)):
        sheet.write_string(row, calc.flag(k), f"G{k + 1}", look)


def _county(sheet: Any, calc: Calculation, i: int) -> None:
    row, known, ledger = calc.first + i, calc.ledger.problem.counties, calc.ledger
    sheet.write_string(row, 0, known.codes[i])
    sheet.write_string(row, 1, known.names[i])
    prefecture = next(p for p, own in enumerate(ledger.prefectures) if i in own)
    sheet.write_number(row, 2, prefecture + 1)
    codes = range_ref(calc.table, (FIRST, CODE), (calc.layout.last, CODE))
    position = calc.layout.row_of[i] - FIRST + 1
    sheet.write_formula(row, 3, f"=IFERROR(MATCH(A{row + 1},{codes},0),0)", None, position)
    _inputs(sheet, calc, i)
    for k, column in enumerate(ledger.columns):
        _sum(sheet, calc, i, k, column.bits[i] & ledger.mask)
    for k, members in enumerate(ledger.flags):
        sheet.write_number(row, calc.flag(k), int(i in members))


def _inputs(sheet: Any, calc: Calculation, i: int) -> None:
    row, report, ledger = calc.first + i, calc.layout.report, calc.ledger
    count = len(ledger.shown)
    flat = report.amounts.reshape(len(ledger.problem.counties), -1)[i]
    for k, (position, column) in enumerate(zip(ledger.shown, calc.input_columns, strict=True)):
        entered, amount = calc.block(0) + k, float(flat[position])
        source = range_ref(calc.table, (FIRST, column), (calc.layout.last, column))
        found = f"=IF($D{row + 1}=0,0,INDEX({source},$D{row + 1}))"
        sheet.write_formula(row, entered, found, None, amount)
        raw = xl_rowcol_to_cell(row, entered)
        # no figure for a text that reads like one: the totals of the table leave it out
        grains = f"=ROUND({raw}*{ledger.grain},0)/(1-ISTEXT({raw})-ISLOGICAL({raw}))"
        sheet.write_formula(row, calc.block(1) + k, grains, None, int(calc.grains[i, position]))
        sheet.write_number(row, calc.block(2) + k, amount)
    raw, whole, solved = (_span(row, calc.block(number), count) for number in range(3))
    step = int(report.step * ledger.grain)
    sheet.write_formula(row, calc.rest, f"=SUMPRODUCT({whole}-{step}*INT({whole}/{step}))", None, 0)
    sheet.write_formula(row, calc.rest + 1, f"=SUMPRODUCT(ABS({raw}-{whole}/{ledger.grain}))", None, 0)
    sheet.write_formula(row, calc.moved, f"=SUM({solved})", None, float(report.by_county[i]))


def _sum(sheet: Any, calc: Calculation, i: int, k: int, bits: int) -> None:
    row, value = calc.first + i, calc.values[k][i]
    issued = value - sum(calc.grains[i, p] for p in positions(bits))
    if not bits:
        sheet.write_number(row, calc.place(k), value)
        return
    count = len(calc.ledger.shown)
    cells = _span(row, calc.block(1), count)
    mask = _span(calc.masks[bits], calc.block(1), count, "$")
    more = f"+{issued}" if issued else ""
    sheet.write_formula(row, calc.place(k), f"=SUMPRODUCT({cells},{mask}){more}", None, value)


def _totals(sheet: Any, calc: Calculation, style: Style) -> None:
    sheet.write_string(calc.total, 1, "Σ")
    sheet.write_string(calc.total, len(HEADINGS) - 2, style.say(WRONG))
    entered = calc.block_range(0)
    count = f"=SUMPRODUCT(ISTEXT({entered})+ISLOGICAL({entered})+ISERROR({entered}))"
    sheet.write_formula(calc.total, len(HEADINGS) - 1, count, None, 0)
    for k in range(len(calc.ledger.columns)):
        column = calc.place(k)
        cells = f"{xl_rowcol_to_cell(calc.first, column)}:{xl_rowcol_to_cell(calc.last, column)}"
        sheet.write_formula(calc.total, column, f"=SUM({cells})", None, sum(calc.values[k]))


def _span(row: int, column: int, count: int, fixed: str = "") -> str:
    held = bool(fixed)
    first = xl_rowcol_to_cell(row, column, held, held)
    return f"{first}:{xl_rowcol_to_cell(row, column + count - 1, held, held)}"
