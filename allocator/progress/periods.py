"""Weeks, months and quarters: what was paid within one, and the course of the year.

周调度、月会商、季通报 are the three rhythms of the Daxing'anling mechanism of 2026, 二（三）1.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """Money that each county paid from the period's first day to `day`.

    None where the table does not say: an account without a figure from the period before, unless it was
    received within this one.
    """
    eve = span.first - timedelta(days=1)
    since = span_of(span.period, eve).first
    before = {(*r.account, r.project): r for r in latest(rows, eve) if r.day and r.day >= since}
    owned = {row.account for row in latest(rows, day) if not row.project}
    found: dict[str, Fraction | None] = {}
    for row in latest(rows, day):
        if row.project and row.account in owned:
            continue
        old, received = before.get((*row.account, row.project)), row.dates.get("received")
        fresh = received is not None and received >= span.first
        paid = row.paid - old.paid if old is not None else row.paid if fresh else None
        so_far = found.get(row.code, ZERO)
        found[row.code] = None if paid is None or so_far is None else so_far + paid
    return found


def course(rows: Sequence[Row], day: date, schedule: Schedule) -> tuple[Point, ...]:
    """All money at every day of which the table has figures, up to `day`."""
    days = sorted({row.day for row in rows if row.day is not None and row.day <= day} | {day})
    return tuple(Point(one, add(accounts(rows, one, schedule))) for one in days)
