"""The factor sheet (因素测算): the entitlement computed again, by formulas, from the raw columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from allocator.formula.peers import peer_labels
from allocator.input.references import text_bands
from allocator.loaded import FactorShare
from allocator.numbers import plain
from allocator.policy import Factor, Stream
from allocator.text import Text
from reports.meeting.entitlement import FINE_SHARE, MONEY, REWARDS, StreamMoney
from reports.meeting.factor_columns import Board, FactorColumn, Formula, Value, at
from reports.meeting.scores import FIGURE, Raw, Score
from reports.report_input import Report

RAW, SUM = Text("原始数据", "Raw data"), Text("各项资金合计", "All streams")
NONE = Text("", "")


@dataclass(frozen=True)
class FactorSheet:
    """The columns, and where the entitlement stands."""

    board: Board
    entitlement: int
    """Column of the sheet."""
    given: tuple[Text, ...]
    """What stands there as values because no formula can say it."""


def factor_sheet(report: Report) -> FactorSheet:
    """All columns of the sheet."""
    maker = _Maker(report, Board(len(report.loaded.counties)), [])
    raw = maker.raw()
    amounts = [maker.stream(raw, name, stream, factors) for name, stream, factors in maker.streams]
    entitlement = maker.total(amounts)
    return FactorSheet(maker.board, entitlement, tuple(maker.given))


@dataclass
class _Maker:
    """Lays the columns out."""

    report: Report
    board: Board
    given: list[Text]

    @cached_property
    def streams(self) -> list[tuple[str, Stream, tuple[Factor, ...]]]:
        """Streams with money to place, in cube order, with their factors."""
        scenario = self.report.loaded.scenario
        return [
            (name, stream, scenario.formulas[stream.formula])
            for name, stream in self.report.loaded.problem.streams.items()
            if stream.budget
        ]

    @cached_property
    def parts(self) -> Mapping[tuple[str, str], Mapping[int, FactorShare]]:
        """(stream, factor) → county → its row of formula.csv."""
        found: dict[tuple[str, str], dict[int, FactorShare]] = {}
        for part in self.report.loaded.factors:
            found.setdefault((part.stream, part.factor), {})[part.county] = part
        return found

    def raw(self) -> Raw:
        """The raw columns that any factor reads, laid out first."""
        known = self.report.loaded.counties
        factors = [f for _, _, own in self.streams for f in own]
        named = [
            c for f in factors if not text_bands(f) for c in (*f.columns, *([f.scale] if f.scale else []))
        ]
        named += [stream.multiplier for _, stream, _ in self.streams if stream.multiplier]
        words = [c for f in factors if text_bands(f) for c in f.columns]
        groups = [g for f in factors for g in (f.points or {})]
        peers = [f.within for f in factors if f.within]
        labels = {within: peer_labels(known, within) for within in peers}
        return Raw(
            known,
            {
                c: self._given(c, [None if v is None else float(v) for v in known.numbers[c]])
                for c in _once(named)
            },
            {c: self._given(c, known.text[c], False) for c in _once(words)},
            {g: self._given(self._group(g), known.groups[g].astype(float).tolist()) for g in _once(groups)},
            {
                w: self._given(Text(f"{w}（序号）", f"{w} (number)"), _numbered(labels[w]), False)
                for w in _once(peers)
            },
        )

    def _group(self, name: str) -> Text:
        return self.report.loaded.scenario.groups[name].title.text(name)

    def _given(self, title: str | Text, values: Sequence[Value], adds: bool = True) -> int:
        said = Text(title, title) if isinstance(title, str) else title
        return self.board.add(FactorColumn(RAW, NONE, said, values, FIGURE, None, adds))

    def stream(self, raw: Raw, name: str, stream: Stream, factors: Sequence[Factor]) -> int:
        """All columns of a stream; the last one's place is its formula amount."""
        known, group = self.report.loaded.counties, stream.title.text(name)
        eligible = [
            i for i in range(len(known)) if stream.eligible == "all" or known.groups[stream.eligible][i]
        ]
        shares = []
        for factor in factors:
            title = factor.title.text(factor.factor)
            score = Score(self.board, raw, factor, eligible, group, title)
            shares.append(self._share(score, name))
        if stream.incentive is not None:
            self.given.append(Text(*(f"{said}：{own}" for said, own in zip(group, REWARDS, strict=True))))
        pairs = list(zip(factors, shares, strict=True))
        return StreamMoney(self.report, self.board, raw, name, eligible, pairs, self.parts).place()

    def _share(self, score: Score, name: str) -> int:
        """The column of a factor's shares, with its weight above."""
        weight, place = score.factor.weight, score.place()
        title = Text("占比；上为权重", "Share; weight above")
        if place is None:
            own = self.parts[name, score.factor.factor]
            values = [float(own[i].share) for i in score.eligible]
            said = score.title
            self.given.append(said)
            column = FactorColumn(score.group, said, title, score.spread(values), FINE_SHARE, setting=weight)
            return self.board.add(column)
        cells, scores = self.board.all_of(place), self.board.values(place)
        numbers = [v for v in scores if isinstance(v, float)]
        shares = [v / sum(numbers) for v in numbers]
        if score.factor.floor is not None:
            return self._floored(score, place, shares)
        return score.add(
            title, shares, FINE_SHARE, lambda row: f"={at(row, place)}/SUM({cells})", setting=weight
        )

    def _floored(self, score: Score, scores: int, before: Sequence[float]) -> int:
        """Shares below the floor are raised to it, the rest rescaled: who is raised is found in one step.

        With λ for the scale of the rest, Σ max(floor, λ s) = 1; who is raised has λ s < floor, which is
        so where Σ max(floor, floor · s / own) exceeds 1.
        """
        floor = score.factor.floor or Decimal(0)
        least = plain(floor)
        first = score.add(
            Text("提升前占比", "Share before the floor"),
            before,
            FINE_SHARE,
            lambda row: f"={at(row, scores)}/SUM({self.board.all_of(scores)})",
        )
        own = self.board.all_of(first)

        def raised(row: int) -> str:
            cell = at(row, first)
            above = f"SUMPRODUCT(ISNUMBER({own})*({own}>{cell})*{own})/{cell}"
            below = f"SUMPRODUCT(ISNUMBER({own})*({own}<={cell}))"
            return f"=IF({cell}=0,1,IF({least}*({above}+{below})>1,1,0))"

        flags = [float(_raised(before, v, float(floor))) for v in before]
        lifted = score.add(Text("提至下限", "Raised"), flags, "0", raised)
        up = self.board.all_of(lifted)
        rest = sum(v for v, flag in zip(before, flags, strict=True) if not flag)
        scale = (1 - float(floor) * sum(flags)) / rest if rest else 0.0
        return score.add(
            Text("占比；上为权重", "Share; weight above"),
            [float(floor) if flag else v * scale for v, flag in zip(before, flags, strict=True)],
            FINE_SHARE,
            lambda row: (
                f"=IF({at(row, lifted)}=1,{least},"
                f"{at(row, first)}*(1-{least}*SUM({up}))/SUMPRODUCT(({up}=0)*{own}))"
            ),
            setting=score.factor.weight,
        )

    def total(self, amounts: Sequence[int]) -> int:
        """Formula amount, adjustment by hand and entitlement over all streams; the last one's place."""
        report, board = self.report, self.board

        def add(title: Text, values: Sequence[Fraction], formula: Formula | None) -> int:
            floats = [float(v) for v in values]
            return board.add(FactorColumn(SUM, NONE, title, floats, MONEY, formula))

        whole = add(
            Text("测算额", "Formula"),
            report.formula,
            lambda row: "=" + ("+".join(at(row, place) for place in amounts) or "0"),
        )
        if not any(report.adjustment):
            return add(Text("应得额", "Entitlement"), report.entitlement, lambda row: f"={at(row, whole)}")
        by_hand = add(Text("综合平衡", "Adjustment"), report.adjustment, None)
        return add(
            Text("应得额", "Entitlement"),
            report.entitlement,
            lambda row: f"={at(row, whole)}+{at(row, by_hand)}",
        )


def _raised(shares: Sequence[float], own: float, floor: float) -> bool:
    above = sum(v for v in shares if v > own)
    return not own or floor * (above / own + sum(v <= own for v in shares)) > 1


def _once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _numbered(labels: Sequence[str]) -> list[float]:
    order = {label: float(k + 1) for k, label in enumerate(dict.fromkeys(labels))}
    return [order[label] for label in labels]
