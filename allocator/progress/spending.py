"""Spending against schedule: everything that a progress table says on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.loaded import Loaded
from allocator.names import number
from allocator.progress.flags import CLOCKS, Flag, Limits, Watched, flags, is_closed, watched
from allocator.progress.periods import (
    Period,
    Point,
    Span,
    course,
    earlier_start,
    paid_within,
    since,
    span_of,
)
from allocator.progress.schedule import Kind, Milestone, Schedule
from allocator.progress.sums import ZERO, Account, Standing, Sum, accounts, add, by, ranking
from allocator.progress.table import Row, latest
from allocator.text import Text

PER_WAN = {
    "元": Fraction(10000),
    "千元": Fraction(10),
    "万元": Fraction(1),
    "百万元": Fraction(1, 100),
    "亿元": Fraction(1, 10000),
}
"""Unit → how many of it make 10,000 yuan."""
DEFAULT_UNIT = "万元"


@dataclass(frozen=True)
class Setting:
    """How a progress table is judged."""

    day: date
    year: int
    """Year of the money."""
    unit: str
    schedule: Schedule
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Progress:
    """The findings; rows are all of the table, every day."""

    rows: tuple[Row, ...]
    setting: Setting
    streams: Mapping[str, Text]
    """Titles of the streams."""
    industry: Mapping[str, bool]
    """Use → is it industry."""
    missing: tuple[str, ...]
    """Counties of the scenario of which the table says nothing."""
    issued: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    """(code, stream) → money in the scenario's ledger; streams that are not in it are left out."""

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """By code, stream and batch."""
        return accounts(self.rows, self.setting.day, self.setting.schedule)

    @cached_property
    def total(self) -> Sum:
        """All money."""
        return add(self.accounts)

    @cached_property
    def ranking(self) -> tuple[Standing, ...]:
        """Counties, the furthest ahead first."""
        return ranking(self.accounts)

    @cached_property
    def by_stream(self) -> dict[tuple[str, ...], Sum]:
        """(stream, batch) → sum."""
        return by(self.accounts, lambda one: (one.stream, one.batch))

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """Everything found."""
        s = self.setting
        return flags(self.accounts, s.day, s.year, s.limits, s.unit)

    @cached_property
    def breaches(self) -> tuple[Flag, ...]:
        """What is found wanting."""
        return tuple(flag for flag in self.flags if flag.breach)

    @cached_property
    def watched(self) -> list[Watched]:
        """Large industry projects."""
        return watched(self.accounts, self.industry, PER_WAN[self.setting.unit], self.setting.limits)

    @cached_property
    def course(self) -> tuple[Point, ...]:
        """All money, day by day of the table."""
        return course(self.rows, self.setting.day, self.setting.schedule)

    def span(self, period: Period) -> Span:
        """The period of the day."""
        return span_of(period, self.setting.day)

    def paid_within(self, period: Period) -> dict[str, Fraction | None]:
        """Paid in the period, by county."""
        return paid_within(self.rows, self.span(period), self.setting.day)

    def since(self, period: Period) -> dict[str, tuple[date, ...]]:
        """Days of the figures that it is compared with, by county."""
        return since(self.rows, self.span(period), self.setting.day)

    def starts(self, periods: Iterable[Period]) -> list[Text]:
        """Notices of periods whose payments are counted from before their first day."""
        return [text for one in periods for text in earlier_start(self.span(one), self.since(one))]

    @cached_property
    def open_problems(self) -> tuple[Row, ...]:
        """Rows whose problem is not struck off."""
        day = self.setting.day
        return tuple(row for row in latest(self.rows, day) if row.problem and not is_closed(row, day))

    def reported(self, code: str) -> date | None:
        """The newest day of a county's figures."""
        return max(
            (r.day for r in self.rows if r.code == code and r.day and r.day <= self.setting.day), default=None
        )

    def praised(self) -> tuple[Standing, ...]:
        """通报表扬: at or ahead of schedule in all, and nothing else found wanting."""
        wanting = {flag.code for flag in self.breaches if flag.kind != "behind"}
        return tuple(s for s in self.ranking if (s.sum.gap or 0) >= 0 and s.code not in wanting)

    def criticised(self) -> tuple[Standing, ...]:
        """通报批评: behind schedule by more than is tolerated, the furthest behind first."""
        tolerated = Fraction(self.setting.limits.behind)
        return tuple(s for s in reversed(self.ranking) if -(s.sum.gap or Fraction(0)) > tolerated)

    @cached_property
    def notices(self) -> list[Text]:
        """What could not be judged, and why."""
        found = []
        if self.missing:
            names = "、".join(self.missing[:8])
            found.append(
                Text(
                    f"{len(self.missing)} 个旗县没有数据：{names}",
                    f"{len(self.missing)} counties are not in the table: {names.replace('、', ', ')}",
                )
            )
        found += self._unlike()
        silent = sum(one.received is None for one in self.accounts)
        if silent:
            found.append(
                Text(
                    f"{silent} 笔资金没有 received，无法判断滞留",
                    f"{silent} accounts have no `received`: whether money is idle cannot be judged",
                )
            )
        column = CLOCKS[self.setting.limits.start_clock]
        blank = sum(
            not p.begun and not p.exempt and column not in p.dates
            for one in self.accounts
            for p in one.projects
        )
        if blank:
            found.append(
                Text(
                    f"{blank} 个未开工项目没有 {column}，无法判断是否逾期",
                    f"{blank} projects not started have no `{column}` to be judged by",
                )
            )
        return found

    def _unlike(self) -> list[Text]:
        """Money allocated of which the table and the ledger differ."""
        told = by(self.accounts, lambda one: (one.code, one.stream))
        names = {one.code: one.county for one in self.accounts}
        streams = {stream for _, stream in self.issued}
        unlike = [
            (
                f"{names[code]} {stream}",
                number(total.allocated),
                number(self.issued.get((code, stream), ZERO)),
            )
            for (code, stream), total in told.items()
            if stream in streams and total.allocated != self.issued.get((code, stream), ZERO)
        ]
        if not unlike:
            return []
        zh = "、".join(f"{who}（{own}，台账 {held}）" for who, own, held in unlike[:8])
        en = ", ".join(f"{who} ({own}, ledger {held})" for who, own, held in unlike[:8])
        count = len(unlike)
        return [
            Text(
                f"{count} 笔资金的下达数与台账不符：{zh}",
                f"{count} allocated amounts are not the ledger's: {en}",
            )
        ]


def make_progress(rows: Sequence[Row], setting: Setting, loaded: Loaded | None) -> Progress:
    """The findings; raises BadInput where the table has nothing up to the day, or the unit is unknown."""
    faults = _faults(rows, setting, loaded)
    if faults:
        raise BadInput(faults)
    names = dict.fromkeys(row.stream for row in rows)
    if loaded is None:
        return Progress(tuple(rows), setting, {name: Text(name, name) for name in names}, {}, ())
    scenario, counties = loaded.scenario, loaded.counties
    prefectures = dict(zip(counties.codes, counties.prefectures, strict=True))
    present = {row.code for row in rows}
    return Progress(
        tuple(_placed(row, prefectures) for row in rows),
        setting,
        {name: scenario.streams[name].title.text(name) for name in names},
        {name: "industry" in use.tags for name, use in scenario.uses.items()},
        tuple(n for c, n in zip(counties.codes, counties.names, strict=True) if c not in present),
        _issued(loaded),
    )


def _faults(rows: Sequence[Row], setting: Setting, loaded: Loaded | None) -> list[Fault]:
    """No figures up to the day; a unit that is not known."""
    faults = []
    if not latest(rows, setting.day):
        first = min(row.day for row in rows if row.day is not None)
        faults.append(
            Fault(
                Place("--as-of"),
                Text(
                    f"{setting.day} 之前没有数据，最早为 {first}",
                    f"no figures up to {setting.day}; the first are of {first}",
                ),
                Text("请给出更晚的日期", "give a later day"),
            )
        )
    if setting.unit not in PER_WAN:
        faults.append(
            Fault(
                Place("--unit" if loaded is None else "scenario.yaml: unit"),
                Text(
                    f"不知道单位 {setting.unit} 合多少万元",
                    f"it is not known what {setting.unit} is in 10,000 yuan",
                ),
                Text(f"可用的单位：{'、'.join(PER_WAN)}", f"units: {', '.join(PER_WAN)}"),
            )
        )
    return faults


def _issued(loaded: Loaded) -> dict[tuple[str, str], Fraction]:
    found: dict[tuple[str, str], Fraction] = {}
    for (i, stream, _), amount in loaded.issued.items():
        key = loaded.counties.codes[i], stream
        found[key] = found.get(key, ZERO) + amount
    return found


def _placed(row: Row, prefectures: Mapping[str, str]) -> Row:
    return replace(row, prefecture=prefectures[row.code])


def schedule_of(
    kind: Kind, year: int, milestones: Sequence[Milestone], rows: Sequence[Row], file: Path
) -> Schedule:
    """The schedule; raises BadInput where it counts from receipt and rows do not say when that was."""
    if kind == "receipt":
        faults = [
            Fault(
                Place(str(file), row.line, county=f"{row.code} {row.county}", column="received"),
                Text("按收到日期计算序时，这里需要日期", "the schedule counts from receipt: a day is needed"),
                Text("请填写收到日期", "fill in the day of receipt"),
            )
            for row in rows
            if "received" not in row.dates and not row.project
        ]
        if faults:
            raise BadInput(faults)
    return Schedule(kind, year, tuple(milestones))
