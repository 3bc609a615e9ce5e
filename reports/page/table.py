"""The page's table of counties: columns, amounts as whole numbers, and the rows that stand without script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from allocator.rules.use_share_cap import UseShareCap
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from reports.figures import fixed, places_of
from reports.page.words import amount, points, ratio_of
from reports.report_input import Report

View = Literal["all", "main", "streams", "uses", "shares", "hidden"]
SAFE = 2**53 - 1
"""Whole numbers above this are written as text, for scripts to read exactly."""
MOST_PLACES = 6
Values = tuple[Fraction | None, ...]


@dataclass(frozen=True)
class MoneyColumn:
    """Amounts, one a county; None where a cell is blank."""

    name: str
    title: Text
    view: View
    values: Values
    shown: int
    """Places that are shown."""
    moves: bool = False
    """Whether a slider changes it."""

    @cached_property
    def places(self) -> int:
        """Places that every amount needs, to six."""
        needed = (places_of(v) for v in self.values if v is not None)
        return max((MOST_PLACES if n is None else min(n, MOST_PLACES) for n in needed), default=0)

    def over(self, rows: Iterable[int]) -> Fraction | None:
        """Sum over some counties; None where all are blank."""
        known = [v for i in rows if (v := self.values[i]) is not None]
        return sum(known, Fraction(0)) if known else None

    def cell(self, rows: Sequence[int]) -> str:
        """What stands in the row of a county, or of several."""
        return amount(self.over(rows), self.shown)

    def data(self) -> dict[str, Any]:
        """For the script: whole numbers at `places`."""
        whole = [None if v is None else int(fixed(v, self.places).scaleb(self.places)) for v in self.values]
        numbers = [str(n) if n is not None and abs(n) > SAFE else n for n in whole]
        return {
            **_head(self),
            "places": self.places,
            "shown": self.shown,
            "values": numbers,
            "moves": self.moves,
        }


@dataclass(frozen=True)
class RatioColumn:
    """One column over another, and less one where it is a change."""

    name: str
    title: Text
    view: View
    part: MoneyColumn
    whole: MoneyColumn
    change: bool

    def cell(self, rows: Sequence[int]) -> str:
        """What stands in the row of a county, or of several: over the counties that have both."""
        known = [i for i in rows if self.part.values[i] is not None and self.whole.values[i] is not None]
        value = ratio_of(self.part.over(known), self.whole.over(known))
        return points(value - 1 if value is not None and self.change else value, sign=self.change)

    def data(self) -> dict[str, Any]:
        """For the script."""
        parts = {"part": self.part.name, "whole": self.whole.name}
        return {**_head(self), **parts, "change": self.change}


Column = MoneyColumn | RatioColumn


@dataclass(frozen=True)
class PageTable:
    """The table; positions of counties are those of the scenario, in order of code."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    prefectures: tuple[tuple[str, tuple[int, ...]], ...]
    """Name and counties, in order of the first code."""
    groups: tuple[tuple[str, Text, tuple[int, ...]], ...]
    columns: tuple[Column, ...]
    views: tuple[tuple[View, Text], ...]
    unit: str
    step: tuple[int, int]
    """A step as a whole number and its places."""

    @property
    def everyone(self) -> tuple[int, ...]:
        """All counties."""
        return tuple(range(len(self.codes)))

    @property
    def shown(self) -> tuple[Column, ...]:
        """Columns that can be seen."""
        return tuple(c for c in self.columns if c.view != "hidden")

    def data(self) -> dict[str, Any]:
        """Everything that the script needs, as plain values."""
        return {
            "unit": self.unit,
            "codes": self.codes,
            "names": self.names,
            "prefectures": [{"name": name, "rows": rows} for name, rows in self.prefectures],
            "groups": {name: rows for name, _, rows in self.groups},
            "columns": [column.data() for column in self.columns],
            "step": self.step,
        }


def table_of(report: Report) -> PageTable:
    """The table of a result."""
    scenario, known = report.loaded.scenario, report.loaded.counties
    columns = _columns(report)
    titles: dict[View, Text] = {
        "main": Text("概要", "Overview"),
        "streams": Text("按资金", "By stream"),
        "uses": Text("按用途", "By use"),
        "shares": Text("占比", "Shares"),
    }
    present = {column.view for column in columns}
    return PageTable(
        known.codes,
        known.names,
        tuple((name, tuple(int(i) for i in rows)) for name, rows in known.prefecture_members.items()),
        tuple(
            (name, group.title.text(name), tuple(known.groups[name].nonzero()[0].tolist()))
            for name, group in scenario.groups.items()
        ),
        columns,
        tuple((view, title) for view, title in titles.items() if view in present),
        scenario.unit,
        (int(fixed(report.step, report.places).scaleb(report.places)), report.places),
    )


def last_year(report: Report) -> Values:
    """(n) last year's amounts as counties.csv gives them, None where blank; empty where it has none."""
    rows = report.tables["counties"]
    if not rows or "last_amount" not in rows[0]:
        return ()
    return tuple(Fraction(row["last_amount"]) if row["last_amount"] else None for row in rows)


def _columns(report: Report) -> tuple[Column, ...]:
    problem, places = report.loaded.problem, report.places
    paid = MoneyColumn("amount", Text("分配额", "Amount"), "all", tuple(report.by_county), places, moves=True)
    due = MoneyColumn("due", Text("应得额", "Entitlement"), "main", report.entitlement, places + 1)
    found: list[Column] = [
        paid,
        due,
        RatioColumn("departure", Text("偏离应得", "Off entitlement"), "main", paid, due, True),
        *_year(report, paid),
    ]
    # in the order of the scenario, as it is published; the cube sorts by name
    for name, stream in report.loaded.scenario.streams.items():
        values = tuple(report.by_stream[:, problem.stream_names.index(name)])
        found.append(MoneyColumn(f"stream.{name}", stream.title.text(name), "streams", values, places, True))
    for name, use in report.loaded.scenario.uses.items():
        values = tuple(report.by_use[:, problem.use_names.index(name)])
        found.append(MoneyColumn(f"use.{name}", use.title.text(name), "uses", values, places, True))
    return (*found, *_shares(report))


def _year(report: Report, paid: MoneyColumn) -> list[Column]:
    """The year's money where earlier batches were issued, and last year's where it is known."""
    found: list[Column] = []
    total = paid
    if any(report.committed):
        issued = tuple(report.committed)
        found.append(MoneyColumn("committed", Text("已下达", "Committed"), "main", issued, report.places))
        sums = tuple(x + c for x, c in zip(report.by_county, issued, strict=True))
        total = MoneyColumn("total", Text("全年", "Year"), "main", sums, report.places)
        found.append(total)
    before = last_year(report)
    if before:
        last = MoneyColumn("last", Text("上年", "Last year"), "main", before, report.places)
        found += [
            last,
            RatioColumn("change", Text("比上年", "On last year"), "main", total, last, True),
        ]
    return found


def _shares(report: Report) -> list[Column]:
    """For each tag and scope that a rule on shares speaks of: its share of the year's money."""
    problem, found = report.loaded.problem, list[Column]()
    for rule in report.loaded.scenario.rules:
        if not isinstance(rule, UseShareFloor | UseShareCap):
            continue
        whole = problem.mask(rule.scope) & problem.base_mask(rule.base)
        tagged = whole & problem.use_mask_of_tag(rule.tag)[None, None, :]
        title = rule.text
        said = Text(f"实际占比（{title.zh}）", f"Share ({title.en})")
        nothing = Text("", "")
        part = MoneyColumn(f"part.{rule.id}", nothing, "hidden", tuple(report.year_within(tagged)), 0)
        all_of_it = MoneyColumn(f"whole.{rule.id}", nothing, "hidden", tuple(report.year_within(whole)), 0)
        found += [part, all_of_it, RatioColumn(f"share.{rule.id}", said, "shares", part, all_of_it, False)]
    return found


def _head(column: Column) -> dict[str, Any]:
    return {"name": column.name, "zh": column.title.zh, "en": column.title.en, "view": column.view}
