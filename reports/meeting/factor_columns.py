"""Columns of the factor sheet, left to right, each with its formula: raw figures, then every stream.

Rows are counties in order of code; a county that a stream leaves out has blanks there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xlsxwriter.utility import xl_rowcol_to_cell

from allocator.numbers import plain
from allocator.text import Text

NAMES = (
    (Text("盟市", "Prefecture"), 14),
    (Text("代码", "Code"), 8),
    (Text("旗县", "County"), 18),
)
TITLE, NOTE, GROUPS, FACTORS, SET, SUMS, HEAD, FIRST = range(8)
"""Rows: title, note, streams, factors, weights and budgets, sums, headings, first county."""

Value = float | str | None
Formula = Callable[[int], str]
"""Row of a county → formula with its equals sign."""


@dataclass(frozen=True, slots=True)
class FactorColumn:
    """One column; a None among `values` is a blank cell."""

    group: Text
    factor: Text
    title: Text
    values: Sequence[Value]
    show: str = "General"
    """Number format."""
    formula: Formula | None = None
    """None for figures that are given."""
    adds: bool = True
    """Whether the row of sums has one."""
    setting: Decimal | tuple[str, float] | None = None
    """Number to edit above the column, or a formula and what it comes to."""


@dataclass
class Board:
    """The columns as they are laid side by side."""

    count: int
    """Counties."""
    columns: list[FactorColumn] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Row of the last county."""
        return FIRST + self.count - 1

    def add(self, column: FactorColumn) -> int:
        """Its column on the sheet."""
        self.columns.append(column)
        return len(NAMES) + len(self.columns) - 1

    def values(self, place: int) -> Sequence[Value]:
        """Values of a column."""
        return self.columns[place - len(NAMES)].values

    def all_of(self, place: int) -> str:
        """Every county's cell of a column."""
        first = xl_rowcol_to_cell(FIRST, place, True, True)
        return f"{first}:{xl_rowcol_to_cell(self.last, place, True, True)}"

    def setting(self, place: int) -> str:
        """The number above a column."""
        return str(xl_rowcol_to_cell(SET, place, True, True))


def at(row: int, place: int) -> str:
    """A cell of the same row."""
    return str(xl_rowcol_to_cell(row, place))


def constants(values: Sequence[Decimal]) -> str:
    """Numbers inside a formula."""
    return "{" + ",".join(plain(v) for v in values) + "}"


def weighted(terms: Sequence[tuple[Decimal, str]]) -> str:
    """A weighted sum; of several terms without the noise of floating point."""
    said = "+".join(cell if w == 1 else f"{plain(w)}*{cell}" for w, cell in terms)
    return f"ROUND({said},9)" if len(terms) > 1 else said
