"""Reading one sheet of a result table: its rows of counties, its amounts, its faults."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from allocator.faults import Fault, Place
from allocator.input.result_grid import Grid
from allocator.input.result_layout import TOTALS
from allocator.input.spreadsheet import Void
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.text import Text

Cell = tuple[int, int, int]
"""(county, stream, use)."""
AMOUNT = Text("请填写数字", "enter a number")


@dataclass
class Reading:
    """One sheet as it is read."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    amounts: dict[Cell, Fraction] = field(default_factory=dict)
    solved: dict[Cell, Fraction] = field(default_factory=dict)
    lines: dict[Cell, int] = field(default_factory=dict)
    counties: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    """Counties with an amount that is a fault."""
    notices: list[Text] = field(default_factory=list)

    def fault(self, line: int, what: Text, fix: Text, county: str = "", column: str = "") -> None:
        """One more fault, in row `line` of the file."""
        self.faults.append(Fault(Place(self.file, line, county=county, column=column), what, fix))

    def put(self, cell: Cell, amount: Fraction, line: int, county: str, column: str = "") -> None:
        """One amount; a fault where the cell has one already."""
        if cell in self.lines:
            self.fault(
                line,
                Text(f"与第 {self.lines[cell]} 行重复", f"repeats row {self.lines[cell]}"),
                Text("请删去其中一处", "delete one of them"),
                county,
                column,
            )
        self.lines[cell], self.amounts[cell] = line, amount

    def amount(self, line: int, cell: object, county: str, column: str) -> Fraction | None:
        """An exact amount; a spreadsheet's float as the 15 digits that it shows; a blank is zero."""
        if isinstance(cell, Void):
            self.fault(line, cell.what, cell.fix, county, column)
            return None
        number = figure(cell)
        if number is None:
            text = said(cell)[:40]
            self.fault(line, Text(f"“{text}”不是数字", f"'{text}' is no number"), AMOUNT, county, column)
        return number

    def twice(self, header: list[str], head: int, names: set[str]) -> None:
        """Faults of columns that stand more than once."""
        for name in sorted(n for n in names if header.count(n) > 1):
            fix = Text("请删去其中一列", "delete one")
            self.fault(head + 1, Text("列重复", "the column stands twice"), fix, column=name)


def said(cell: object) -> str:
    """A cell as plain text."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", "" if cell is None else str(cell)).strip()


def figure(cell: object) -> Fraction | None:
    """A cell as a number; None where it is none."""
    if isinstance(cell, float) and math.isfinite(cell):
        return Fraction(Decimal(f"{cell:.15g}"))
    text = said(cell)
    number = parse_number(text) if text else Decimal(0)
    return None if number is None else Fraction(number)


def held(row: Sequence[object], place: int) -> object:
    """A cell of a row that may end before it."""
    return row[place] if place < len(row) else ""


def is_total(row: Sequence[object], code: str, loaded: Loaded) -> bool:
    """Whether a row holds totals, as one of its words says."""
    return code not in loaded.counties.index and any(said(c).lower() in TOTALS for c in row)


def county_rows(
    reading: Reading, grid: Grid, head: int, at: Mapping[str, int], loaded: Loaded, money: list[int]
) -> Iterator[tuple[int, list[object], int, str]]:
    """Rows of a county the scenario knows, with line, position and label; the rest is a fault or a total."""
    known = loaded.counties
    for k, cells in enumerate(grid.rows[head + 1 :], start=head + 2):
        row = [*cells, *[""] * (max([*at.values(), *money]) + 1 - len(cells))]
        code = said(row[at["code"]])
        if is_total(row, code, loaded) or (not code and not any(said(row[m]) for m in money)):
            continue
        if code not in known.index:
            _no_county(reading, k, code)
            continue
        county = known.index[code]
        name = said(row[at["county"]]) if "county" in at else ""
        if name and name != said(known.names[county]):
            _other_name(reading, k, name, known.names[county], known.label(county))
            continue
        reading.counties.add(county)
        yield k, row, county, known.label(county)


def _no_county(reading: Reading, line: int, code: str) -> None:
    if code:
        what = Text(f"方案中没有代码 {code}", f"the scenario has no code {code}")
        fix = Text("请核对代码", "check the code")
    else:
        what = Text("有金额但没有区划代码", "an amount without a county code")
        fix = Text(
            "请补上代码；合计行请写明“合计”或“小计”",
            "add the code; mark rows of totals as total or subtotal",
        )
    reading.fault(line, what, fix, column="code")


def _other_name(reading: Reading, line: int, name: str, known: str, label: str) -> None:
    what = Text(
        f"名称“{name}”与代码不符，方案中是“{known}”", f"'{name}' does not fit the code, which is '{known}'"
    )
    fix = Text("请核对是否错行", "check whether rows were shifted")
    reading.fault(line, what, fix, label, "county")
