"""The published result as text and tables, before it becomes a document, a PDF or a workbook.

Form after the annexes and notices that finance offices publish: one table for each fund, batch and source,
total first, each prefecture's subtotal (小计) above its counties; a notice of four parts, 资金来源, 分配原则,
分配结果, 监督. A blank that a reader must find filled stands as 【待填：…】, which the writers mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
class Chart:
    """One chart of the study."""

    caption: str
    """Its finding, with its number."""
    alt: str
    """What it shows, for those who cannot see it."""
    picture: bytes


@dataclass(frozen=True, slots=True)
class Charts:
    """The annex of charts: 附件 说明图."""

    label: str
    title: str
    notes: tuple[str, ...]
    charts: tuple[Chart, ...]


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
    charts: Charts | None = None
    """The last annex, where charts are asked for."""


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


CHART = (166, 82)
"""Millimetres that a chart may take across and down: two stand on a page."""
ROOM = {False: 166, True: 257}
"""Millimetres of text across a page, upright and on its side."""
WIDER, PADDING = 1.2, 2
"""A Latin letter or digit against half a Chinese character; characters that a cell's edges take."""
NAME = 16
"""Half-width characters of a place that stand on one line at least."""
LINES = 8
"""Lines of a heading, so that no header fills the page that it is repeated on."""
FITTED = {"count": (6, 7), "code": (8, 9), "place": (12, 22), "money": (12, 18), "remark": (7, 24)}
"""Least width of a column, and how far what stands in it widens it."""


def widths(annex: Annex, places: int) -> tuple[float, ...]:
    """Widths of the columns in half-width characters, from what stands in them.

    Where they are more than the page holds, columns give up what they can spare, so that no number and
    no word breaks as long as there is room for all.
    """
    needed, liked = [], []
    for k, head in enumerate(annex.heads):
        longest = max((width_of(shown(row.cells[k], places)) for row in annex.rows), default=0)
        least, most = FITTED[head.kind]
        # long names and remarks may go on in a second line, numbers and codes may not
        bare = {"place": min(longest, NAME), "remark": 0}.get(head.kind, WIDER * longest)
        whole = bare + PADDING
        own = max(6.0, whole, _heading(head, annex.heads) + PADDING)
        needed.append(own)
        liked.append(max(own, min(most, max(least, longest + PADDING))))
    room = ROOM[annex.wide] * 72 / 25.4 / (annex.size / 2)
    spare, excess = sum(liked) - sum(needed), sum(liked) - room
    part = min(1.0, max(0.0, excess / spare)) if spare else 0.0
    return tuple(round(w - part * (w - n), 2) for w, n in zip(liked, needed, strict=True))


def _heading(head: Head, heads: Sequence[Head]) -> float:
    """What a heading needs: its longest word on one line, all of it and what stands over it in LINES."""
    word = max((len(word) for word in re.findall(r"[!-~]+", head.title)), default=0)
    beside = sum(other.over == head.over for other in heads)
    return max(WIDER * word, width_of(head.title) / LINES, width_of(head.over) / LINES / beside)


def split_gaps(text: str) -> tuple[tuple[str, bool], ...]:
    """A paragraph in pieces, each with whether it is a blank to be filled."""
    return tuple((part, k % 2 == 1) for k, part in enumerate(GAP.split(text)) if part)


def gap(what: Text) -> Text:
    """A blank that somebody must fill."""
    return Text(f"【待填：{what.zh}】", f"[to be filled: {what.en}]")
