"""Weeks, months and quarters: what was paid within one, and the course of the year.

周调度、月会商、季通报 are the three rhythms of the Daxing'anling mechanism of 2026, 二（三）1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from allocator.dates import month_end
from allocator.progress.schedule import Schedule
from allocator.progress.sums import ZERO, Sum, accounts, add
from allocator.progress.table import Row, latest
from allocator.text import Text

Period = Literal["week", "month", "quarter"]
TITLES = {
    "week": Text("周调度", "Weekly report"),
    "month": Text("月会商", "Monthly meeting"),
    "quarter": Text("季通报", "Quarterly circular"),
}


@dataclass(frozen=True)
class Span:
    """The period that a day lies in."""

    period: Period
    first: date
    last: date

    @property
    def eve(self) -> date:
        """The day before: what was paid by its end was not paid within the period."""
        return self.first - timedelta(days=1)


@dataclass(frozen=True)
class Point:
    """One day of the course of the year."""

    day: date
    sum: Sum


def span_of(period: Period, day: date) -> Span:
    """The week from Monday to Sunday, the month or the quarter that a day lies in."""
    if period == "week":
        first = day - timedelta(days=day.weekday())
        return Span(period, first, first + timedelta(days=6))
    if period == "month":
        return Span(period, day.replace(day=1), month_end(day))
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Span(period, first, month_end(date(day.year, first.month + 2, 1)))


def paid_within(rows: Sequence[Row], span: Span, day: date) -> dict[str, Fraction | None]:
    """Money that each county paid from the last figure before the period (`since`) to `day`.

    None where the table does not say: an account without a figure from the period before, unless it was
    received within this one.
    """
    found: dict[str, Fraction | None] = {}
    for row, old in _with_former(rows, span, day):
        received = row.dates.get("received")
        fresh = received is not None and received >= span.first
        paid = row.paid - old.paid if old is not None else row.paid if fresh else None
        so_far = found.get(row.code, ZERO)
        found[row.code] = None if paid is None or so_far is None else so_far + paid
    return found


def since(rows: Sequence[Row], span: Span, day: date) -> dict[str, tuple[date, ...]]:
    """Days of the figures that what a county paid within the period is compared with, in order.

    None where that is not known, nor for money received within the period, all payments of which lie in it.
    """
    known = {code for code, paid in paid_within(rows, span, day).items() if paid is not None}
    found: dict[str, set[date]] = {code: set() for code in known}
    for row, old in _with_former(rows, span, day):
        if row.code in known and old is not None and old.day is not None:
            found[row.code].add(old.day)
    return {code: tuple(sorted(days)) for code, days in found.items()}


def earlier_start(span: Span, compared: Mapping[str, tuple[date, ...]]) -> list[Text]:
    """That figures before the period are not of its eve, so that money paid earlier counts as paid within."""
    earlier = {code: [one for one in days if one != span.eve] for code, days in compared.items()}
    counties = sum(map(bool, earlier.values()))
    if not counties:
        return []
    named = sorted({day.isoformat() for days in earlier.values() for day in days})
    zh, en = "、".join(named), ", ".join(named)
    title = TITLES[span.period]
    return [
        Text(
            f"{title.zh}：{counties} 个旗县的本期支付自 {zh} 的数据起算，而不是本期首日 {span.first}",
            f"{title.en}: what {counties} counties paid within counts from the figures of {en}, "
            f"not from the first day, {span.first}",
        )
    ]


def _with_former(rows: Sequence[Row], span: Span, day: date) -> Iterator[tuple[Row, Row | None]]:
    """Every row that counts on `day`, with its last one before the period if that is of the period before."""
    earliest = span_of(span.period, span.eve).first
    before = {(*r.account, r.project): r for r in latest(rows, span.eve) if r.day and r.day >= earliest}
    owned = {row.account for row in latest(rows, day) if not row.project}
    for row in latest(rows, day):
        if not row.project or row.account not in owned:
            yield row, before.get((*row.account, row.project))


def course(rows: Sequence[Row], day: date, schedule: Schedule) -> tuple[Point, ...]:
    """All money at every day of which the table has figures, up to `day`."""
    days = sorted({row.day for row in rows if row.day is not None and row.day <= day} | {day})
    return tuple(Point(one, add(accounts(rows, one, schedule))) for one in days)
