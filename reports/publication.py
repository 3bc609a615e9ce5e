"""The published result as text and tables, before it becomes a document, a PDF or a workbook.

Form after the annexes and notices that finance offices publish: one table for each fund, batch and source,
total first, each prefecture's subtotal (小计) above its counties; a notice of four parts, 资金来源, 分配原则,
分配结果, 监督. A blank that a reader must find filled stands as 【待填：…】, which the writers mark.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from allocator.names import number
from allocator.rules.base import EXACT
from allocator.text import Language, Text
from reports.plain_sheet import width_of

GAP = re.compile(r"(【待填：[^】]*】|\[to be filled: [^\]]*\])")
"""A blank to be filled by hand."""

WIDE = 7
"""Columns of money from which a table lies on its side."""

Style = Literal["heading", "subheading", "text", "list", "item", "closing"]
"""Heading 一、; subheading （一）; paragraph; list of annexes and its further items; closing line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the notice."""

    style: Style
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """Heading of one column, and what stands over several of them."""

    title: str
    over: str = ""
    kind: Literal["count", "code", "place", "money", "remark"] = "money"


Cell = str | int | Fraction | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; money as exact Fractions in the unit."""

    kind: Literal["total", "subtotal", "county"]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """One table: 附件."""

    label: str
    title: str
    sheet: str
    """Short name, unique among the annexes."""
    unit: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether it needs the page on its side."""
        return sum(head.kind == "money" for head in self.heads) >= WIDE

    @property
    def size(self) -> float:
        """Points of its text: 五号, or 小五 where it has many columns."""
        return 9 if len(self.heads) > 9 else 10.5


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole publication."""

    name: str
    """Name of the scenario."""
    title: str
    number: str
    mark: str
    lines: tuple[Line, ...]
    annexes: tuple[Annex, ...]
    places: int
    """Decimal places of every amount."""
    lang: Language


def shown(cell: Cell, places: int) -> str:
    """A cell as documents print it: thousands separated, `places` decimals or more, a dash for nothing."""
    if cell is None:
        return ""
    if not isinstance(cell, Fraction):
        return str(cell)
    if not cell:
        return "–"
    whole, _, rest = number(cell, EXACT).partition(".")
    return f"{whole}.{rest:0<{places}}" if rest or places else whole


@dataclass(frozen=True, slots=True)
class Title:
    """One cell of a table's header."""

    text: str
    column: int
    across: int = 1
    down: int = 1


def header_rows(heads: tuple[Head, ...]) -> tuple[tuple[Title, ...], ...]:
    """The header's one or two rows: neighbours under the same heading share a cell above them."""
    if not any(head.over for head in heads):
        return (tuple(Title(head.title, k) for k, head in enumerate(heads)),)
    upper: list[Title] = []
    for k, head in enumerate(heads):
        last = upper[-1] if upper else None
        if head.over and last is not None and last.down == 1 and last.text == head.over:
            upper[-1] = Title(head.over, last.column, last.across + 1)
        else:
            upper.append(Title(head.over, k) if head.over else Title(head.title, k, 1, 2))
    return tuple(upper), tuple(Title(head.title, k) for k, head in enumerate(heads) if head.over)


def widths(annex: Annex, places: int) -> tuple[float, ...]:
    """Widths of the columns in half-width characters, from what stands in them."""
    found = []
    for k, head in enumerate(annex.heads):
        longest = max((width_of(shown(row.cells[k], places)) for row in annex.rows), default=0)
        least, most = {
            "count": (5, 7),
            "code": (8, 9),
            "place": (12, 22),
            "money": (12, 18),
            "remark": (7, 24),
        }[head.kind]
        found.append(float(min(most, max(least, longest + 2))))
    return tuple(found)


def split_gaps(text: str) -> tuple[tuple[str, bool], ...]:
    """A paragraph in pieces, each with whether it is a blank to be filled."""
    return tuple((part, k % 2 == 1) for k, part in enumerate(GAP.split(text)) if part)


def clean(text: str) -> str:
    """Text on one line, without characters that are invisible or turn the direction of what follows."""
    found = []
    for c in text:
        kind = unicodedata.category(c)
        if c in "\t\n\r\v\f\x85" or kind in ("Zl", "Zp"):
            found.append(" ")
        elif kind != "Cf":
            found.append("\N{REPLACEMENT CHARACTER}" if kind in ("Cc", "Co", "Cs", "Cn") else c)
    return "".join(found).strip()


def gap(what: Text) -> Text:
    """A blank that somebody must fill."""
    return Text(f"【待填：{what.zh}】", f"[to be filled: {what.en}]")
