"""How one factor's raw figures become scores, as formulas: share, inverse, gap, equal, points, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from statistics import median

from allocator.counties import Counties
from allocator.formula.peers import peer_labels, ranks, reached
from allocator.input.references import text_bands
from allocator.numbers import parse_number, plain
from allocator.policy import Factor
from allocator.text import Text
from reports.meeting.factor_columns import Board, FactorColumn, Formula, Value, at, constants, weighted
from reports.meeting.style import quoted

ZERO = Decimal(0)
LONGEST_WORD = 255
"""Characters of a text inside a formula."""
FIGURE = "#,##0.######"


@dataclass(frozen=True)
class Raw:
    """The raw columns on the sheet, by name."""

    counties: Counties
    numbers: Mapping[str, int]
    words: Mapping[str, int]
    groups: Mapping[str, int]
    peers: Mapping[str, int]


@dataclass(frozen=True)
class Score:
    """One factor of one stream, being written."""

    board: Board
    raw: Raw
    factor: Factor
    eligible: Sequence[int]
    group: Text
    title: Text

    def place(self) -> int | None:
        """Adds the column of scores and what it needs; None where it can only be given as values."""
        kind = self.factor.kind
        if kind == "equal":
            return self._scores([1.0] * len(self.eligible), lambda row: "=1")
        if kind == "points":
            return self._points()
        if kind == "bands" and text_bands(self.factor):
            return self._words()
        values = [self._value(i) for i in self.eligible]
        if kind == "share":
            return self._scores([float(v) for v in values], lambda row: f"={self._sum(row)}")
        if kind == "inverse":
            return self._inverse(values)
        if kind == "gap":
            return self._gap(values)
        if kind == "bands":
            return self._bands(values)
        return self._ranks(values) if kind == "ranks" else None

    def spread(self, values: Sequence[Value]) -> list[Value]:
        """Values of the eligible counties over all of them."""
        found: list[Value] = [None] * len(self.raw.counties)
        for i, value in zip(self.eligible, values, strict=True):
            found[i] = value
        return found

    def add(
        self,
        title: Text,
        values: Sequence[Value],
        show: str,
        formula: Formula,
        adds: bool = True,
        setting: Decimal | None = None,
    ) -> int:
        """Adds a column of this factor; `values` are of the eligible counties."""
        spread = self.spread(values)
        column = FactorColumn(self.group, self.title, title, spread, show, formula, adds, setting)
        return self.board.add(column)

    def _scores(self, values: Sequence[float], formula: Formula) -> int:
        return self.add(Text("折算值", "Score"), values, FIGURE, formula)

    def _value(self, i: int) -> Decimal:
        cells = self.raw.counties.numbers
        return sum((w * (cells[c][i] or ZERO) for c, w in self.factor.columns.items()), ZERO)

    def _sum(self, row: int) -> str:
        return weighted([(w, at(row, self.raw.numbers[c])) for c, w in self.factor.columns.items()])

    def _points(self) -> int:
        points, groups = self.factor.points or {}, self.raw.counties.groups
        values = [float(sum((p for g, p in points.items() if groups[g][i]), ZERO)) for i in self.eligible]
        return self._scores(
            values, lambda row: f"={weighted([(p, at(row, self.raw.groups[g])) for g, p in points.items()])}"
        )

    def _words(self) -> int | None:
        bands, (column,) = self.factor.bands or {}, self.factor.columns
        if any(len(word) > LONGEST_WORD for word in bands):
            return None
        cells = self.raw.counties.text[column]
        names = "{" + ",".join(quoted(word) for word in bands) + "}"
        worth = constants(list(bands.values()))
        return self._scores(
            [float(bands[cells[i]]) for i in self.eligible],
            lambda row: f"=SUMPRODUCT(EXACT({at(row, self.raw.words[column])},{names})*{worth})",
        )

    def _scale(self, i: int) -> Decimal:
        name = self.factor.scale
        return Decimal(1) if name is None else self.raw.counties.numbers[name][i] or ZERO

    def _inverse(self, values: Sequence[Decimal]) -> int:
        name = self.factor.scale
        scores = [float(self._scale(i) / v) for i, v in zip(self.eligible, values, strict=True)]
        return self._scores(
            scores,
            lambda row: f"={at(row, self.raw.numbers[name]) if name else 1}/({self._sum(row)})",
        )

    def _gap(self, values: Sequence[Decimal]) -> int:
        place, name = len(self.board.columns), self.factor.scale
        own = self.add(
            Text("原值；上为参照", "Value; reference above"),
            [float(v) for v in values],
            FIGURE,
            lambda row: f"={self._sum(row)}",
            adds=False,
        )
        reference, formula = self._reference(values, self.board.all_of(own))
        column = self.board.columns[place]
        self.board.columns[place] = FactorColumn(
            column.group,
            column.factor,
            column.title,
            column.values,
            column.show,
            column.formula,
            False,
            (formula, float(reference)),
        )
        scores = [
            float(max(ZERO, reference - v) * self._scale(i))
            for i, v in zip(self.eligible, values, strict=True)
        ]

        def times(row: int) -> str:
            return f"*{at(row, self.raw.numbers[name])}" if name else ""

        return self._scores(
            scores, lambda row: f"=MAX(0,{self.board.setting(own)}-{at(row, own)}){times(row)}"
        )

    def _reference(self, values: Sequence[Decimal], cells: str) -> tuple[Decimal, str]:
        """The yardstick, and its formula."""
        ref, known = self.factor.ref or "", self.raw.counties
        named = {
            "mean": (sum(values, ZERO) / max(1, len(values)), f"=AVERAGE({cells})"),
            "max": (max(values, default=ZERO), f"=MAX({cells})"),
            "median": (Decimal(median(values)) if values else ZERO, f"=MEDIAN({cells})"),
        }
        if ref in named:
            return named[ref]
        for i, names in enumerate(zip(known.codes, known.names, strict=True)):
            if ref in names:
                return self._value(i), f"={self._sum(self.board.last - self.board.count + 1 + i)}"
        number = parse_number(ref) or ZERO
        return number, f"={plain(number)}"

    def _edges(self) -> list[tuple[Decimal, Decimal]]:
        return sorted((parse_number(edge) or ZERO, v) for edge, v in (self.factor.bands or {}).items())

    def _bands(self, values: Sequence[Decimal]) -> int:
        bands = self._edges()
        edges, worth = constants([e for e, _ in bands]), constants([v for _, v in bands])
        scores = [float([w for e, w in bands if e <= v][-1]) for v in values]
        return self._scores(scores, lambda row: f"=LOOKUP({self._sum(row)},{edges},{worth})")

    def _ranks(self, values: Sequence[Decimal]) -> int:
        """The band that the rank inside the peer group reaches: whole numbers, so that no edge is missed."""
        bands, within = self._edges(), self.factor.within or ""
        own = self.add(
            Text("原值", "Value"),
            [float(v) for v in values],
            FIGURE,
            lambda row: f"={self._sum(row)}",
            adds=False,
        )
        labels = peer_labels(self.raw.counties, within)
        found = ranks(values, [labels[i] for i in self.eligible])
        scores = [float(bands[reached([e for e, _ in bands], below, size)][1]) for below, size in found]
        common = lcm(*(Fraction(e).denominator for e, _ in bands))
        edges = constants([Decimal(int(Fraction(e) * common)) for e, _ in bands])
        worth, peers = constants([v for _, v in bands]), self.raw.peers[within]
        cells, labelled = self.board.all_of(own), self.board.all_of(peers)

        def formula(row: int) -> str:
            same = f"({labelled}={at(row, peers)})*ISNUMBER({cells})"
            below = f"SUMPRODUCT({same}*({cells}<={at(row, own)}))*{common}"
            return f"=INDEX({worth},SUMPRODUCT(--({below}>{edges}*SUMPRODUCT({same}))))"

        return self._scores(scores, formula)
