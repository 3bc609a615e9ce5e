"""What the sheets of the meeting workbook share: their names, colours and formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from allocator.input.result_layout import PIVOT_SHEETS
from allocator.text import Language, Text
from reports.plain_sheet import LONGEST_TEXT, Formats, money_format, width_of

TABLE = Text(PIVOT_SHEETS["zh"], PIVOT_SHEETS["en"])
FACTORS = Text("因素测算", "Factors")
RULES = Text("规则核验", "Rules")
STUDY = Text("敏感性", "Sensitivity")
NOTES = Text("说明", "Notes")
CALCULATION = Text("计算", "Calculation")
"""Names of the sheets, in order; the last is hidden."""

PASS, FAIL = Text("通过", "kept"), Text("不通过", "broken")
VACUOUS, ERROR = Text("不适用", "not applicable"), Text("数据有误", "bad figure")
CLOSE = Text("须用 verify 核验", "ask verify")

HEAD, SUBTOTAL, INPUT, CLOSED = "#DCE6F1", "#F2F2F2", "#FFF9DB", "#E7E6E6"
GOOD, BAD, EVEN, CHANGED = "#C6EFCE", "#FFC7CE", "#FFEB9C", "#F8CBAD"
GOOD_INK, BAD_INK, EVEN_INK, INPUT_INK, GREY_INK = "#006100", "#9C0006", "#7F6000", "#1F4E9E", "#7F7F7F"
LINE = "#BFBFBF"

SHARE, SHARE_PLACES = "0.00%;[Red]-0.00%", 4
"""A ratio, and the decimal places of it that are shown."""


@dataclass(frozen=True, slots=True)
class Style:
    """Formats of one workbook."""

    formats: Formats
    lang: Language
    places: int
    """Decimal places of an amount."""

    def title(self) -> Any:
        """The title of a sheet."""
        return self.formats(bold=True, font_size=16, valign="vcenter")

    def head(self, **more: object) -> Any:
        """A heading of a column."""
        look: dict[str, object] = {"bold": True, "bg_color": HEAD, "border": 1, "border_color": LINE}
        look |= {"text_wrap": True, "align": "center", "valign": "vcenter"}
        return self.formats(**(look | more))

    def cell(self, **more: object) -> Any:
        """A cell of a table."""
        look: dict[str, object] = {"border": 1, "border_color": LINE, "valign": "vcenter"}
        return self.formats(**(look | more))

    @property
    def money(self) -> str:
        """Number format of an amount of this run."""
        return money_format(self.places)

    def say(self, text: Text) -> str:
        """The text, cut to what a cell holds."""
        return text.say(self.lang)[:LONGEST_TEXT]


def sheet_ref(name: str) -> str:
    """A sheet's name as formulas write it."""
    quoted = name.replace("'", "''")
    return f"'{quoted}'!"


def cell_ref(sheet: str, row: int, column: int) -> str:
    """One cell of another sheet, absolute: it stays right when rows are sorted."""
    return f"{sheet_ref(sheet)}{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def range_ref(sheet: str, first: tuple[int, int], last: tuple[int, int]) -> str:
    """A block of another sheet, absolute."""
    return f"{sheet_ref(sheet)}{xl_range_abs(*first, *last)}"


def quoted(text: str) -> str:
    """A text inside a formula."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def lines_of(text: str, width: float) -> int:
    """Lines that a wrapped text needs in a column of that width."""
    return max(1, sum(ceil(width_of(line) / max(1.0, width * 1.1 - 0.5)) for line in text.split("\n")))


def row_height(texts: Iterable[tuple[str, float]], most: int = 12) -> float:
    """Height of a row with these texts in columns of these widths, in points; spreadsheets do not fit it."""
    return 15.0 * min(most, max(lines_of(text, width) for text, width in texts))
