"""How a factor's raw values become shares that add up to 1, exact to 50 digits.

The forms are those of the factor method: share of a sum, inverse, gap to a reference, equal,
points, bands of the value or of its rank inside a peer group; a floor raises small shares and
rescales the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.formula.peers import peer_labels, ranks, reached
from allocator.input.pydantic_faults import shorten
from allocator.input.references import text_bands
from allocator.numbers import parse_number, plain
from allocator.policy import Factor
from allocator.text import Text

DIGITS = 50
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Shares:
    """One factor over the eligible counties: shown raw values, and shares that add up to 1."""

    values: tuple[str, ...]
    shares: tuple[Decimal, ...]


class FactorReader:
    """Reads one factor of one formula; collects what is wrong with its cells."""

    def __init__(self, counties: Counties, eligible: Sequence[int], path: str, factor: Factor) -> None:
        self.counties, self.eligible, self.path, self.factor = counties, eligible, path, factor
        self.faults: list[Fault] = []

    def read(self) -> Shares | None:
        """The shares, or None with `faults`."""
        values, raw = self._raw()
        if self.faults:
            return None
        total = sum(raw, ZERO)
        if total <= 0:
            self._fault("各旗县的值合计为 0", "the values add up to zero", None, self._column())
            return None
        shares = [v / total for v in raw]
        if self.factor.floor is not None:
            shares = self._floored(shares, self.factor.floor)
        return None if self.faults else Shares(tuple(values), tuple(shares))

    def _raw(self) -> tuple[list[str], list[Decimal]]:
        kind, factor = self.factor.kind, self.factor
        if kind == "equal":
            return [""] * len(self.eligible), [ONE] * len(self.eligible)
        if kind == "points":
            points = [self._points(i) for i in self.eligible]
            return [plain(p) for p in points], points
        if kind == "bands" and text_bands(factor):
            return self._text_bands()
        values = [self._value(i) for i in self.eligible]
        if self.faults:
            return [], []
        shown = [plain(v) for v in values]
        if kind in ("bands", "ranks"):
            return shown, self._ranks(values) if kind == "ranks" else self._bands(values)
        if kind == "share":
            return shown, values
        scale = [self._cell(i, factor.scale) if factor.scale else ONE for i in self.eligible]
        if self.faults:
            return [], []
        if kind == "inverse":
            return shown, self._inverse(values, scale)
        reference = self._reference(values)
        gaps = [max(ZERO, reference - v) * p for v, p in zip(values, scale, strict=True)]
        return shown, gaps

    def _inverse(self, values: list[Decimal], scale: list[Decimal]) -> list[Decimal]:
        for i, value in zip(self.eligible, values, strict=True):
            if not value:
                self._fault(
                    "取倒数的值不能为 0", "a value under 'inverse' must not be zero", i, self._column()
                )
        return [] if self.faults else [p / v for v, p in zip(values, scale, strict=True)]

    def _points(self, i: int) -> Decimal:
        groups = self.counties.groups
        return sum((p for g, p in (self.factor.points or {}).items() if groups[g][i]), ZERO)

    def _value(self, i: int) -> Decimal:
        return sum((w * self._cell(i, c) for c, w in self.factor.columns.items()), ZERO)

    def _cell(self, i: int, column: str) -> Decimal:
        value = self.counties.numbers[column][i]
        if value is None:
            self._fault("缺少数值", "the value is missing", i, column)
            return ZERO
        return value

    def _bands(self, values: list[Decimal]) -> list[Decimal]:
        return [self._band(i, v) for i, v in zip(self.eligible, values, strict=True)]

    def _band(self, i: int, value: Decimal) -> Decimal:
        bands = self._edges()
        reached = [v for edge, v in bands if edge <= value]
        if not reached:
            self._fault(
                f"值 {plain(value)} 低于最低一档 {plain(bands[0][0])}",
                f"the value {plain(value)} is below the lowest band {plain(bands[0][0])}",
                i,
                self._column(),
            )
            return ZERO
        return reached[-1]

    def _edges(self) -> list[tuple[Decimal, Decimal]]:
        """(lower edge, value) of the bands, ascending."""
        return sorted((parse_number(edge) or ZERO, v) for edge, v in (self.factor.bands or {}).items())

    def _ranks(self, values: list[Decimal]) -> list[Decimal]:
        """The value of the band that each county's rank inside its peer group reaches."""
        within = self.factor.within or ""
        bands = self._edges()
        labels = peer_labels(self.counties, within)
        found = []
        own = ranks(values, [labels[i] for i in self.eligible])
        for i, (below, size) in zip(self.eligible, own, strict=True):
            band = reached([edge for edge, _ in bands], below, size)
            if not labels[i]:
                self._fault("没有填所属类别", "its peer group is missing", i, within)
            elif band < 0:
                self._fault(
                    f"在 {size} 个同类旗县中的位次低于最低一档 {plain(bands[0][0])}",
                    f"its rank among {size} peers is below the lowest band {plain(bands[0][0])}",
                    i,
                    self._column(),
                )
            found.append(bands[max(0, band)][1])
        return found

    def _text_bands(self) -> tuple[list[str], list[Decimal]]:
        bands, column = self.factor.bands or {}, self._column()
        shown, raw = [], []
        for i in self.eligible:
            cell = self.counties.text[column][i]
            if cell not in bands:
                listed = "、".join(bands)
                self._fault(
                    f"{shorten(cell)} 不在分档中（{listed}）",
                    f"{shorten(cell)} is none of the bands ({', '.join(bands)})",
                    i,
                    column,
                )
            shown.append(cell)
            raw.append(bands.get(cell, ZERO))
        return shown, raw

    def _reference(self, values: list[Decimal]) -> Decimal:
        ref = self.factor.ref or ""
        named = {
            "mean": sum(values, ZERO) / max(1, len(values)),
            "max": max(values, default=ZERO),
            "median": Decimal(median(values)) if values else ZERO,
        }
        if ref in named:
            return named[ref]
        # a county that the stream leaves out may still be the yardstick
        for i, names in enumerate(zip(self.counties.codes, self.counties.names, strict=True)):
            if ref in names:
                return self._value(i)
        number = parse_number(ref)
        if number is None:
            self._fault(
                f"ref“{ref}”不是数、mean、median、max 或县表中的旗县",
                f"ref '{ref}' is no number, mean, median, max or county of the table",
                None,
                "",
            )
            return ZERO
        return number

    def _floored(self, shares: list[Decimal], floor: Decimal) -> list[Decimal]:
        """Shares below the floor are raised to it and the rest rescaled, until none is below."""
        if floor * len(shares) > 1:
            self._fault(
                f"下限 {plain(floor)} 乘以 {len(shares)} 个旗县超过 1",
                f"the floor {plain(floor)} times {len(shares)} counties exceeds 1",
                None,
                "",
            )
            return shares
        raised: set[int] = set()
        while True:
            rest = sum((s for k, s in enumerate(shares) if k not in raised), ZERO)
            left = 1 - floor * len(raised)
            scaled = [
                floor if k in raised else s * left / rest if rest else floor for k, s in enumerate(shares)
            ]
            below = {k for k, s in enumerate(scaled) if s < floor}
            if not below:
                return scaled
            raised |= below

    def _column(self) -> str:
        return ", ".join(self.factor.columns)

    def _fault(self, zh: str, en: str, i: int | None, column: str) -> None:
        counties = self.counties
        place = (
            Place(column=column, path=self.path)
            if i is None
            else Place(
                counties.file,
                counties.lines[i] if counties.lines else None,
                path=self.path,
                county=counties.label(i),
                column=column,
            )
        )
        self.faults.append(
            Fault(place, Text(zh, en), Text("请更正该数据或公式", "correct the data or the formula"))
        )
