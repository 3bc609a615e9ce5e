"""Accounts and their sums: what was received, paid and should have been paid; the ranking of counties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from allocator.progress.schedule import Schedule
from allocator.progress.table import Row, latest

ZERO = Fraction(0)


@dataclass(frozen=True)
class Sum:
    """Money of some accounts; rates are of sums, never averages of rates."""

    allocated: Fraction
    paid: Fraction
    committed: Fraction
    expected: Fraction
    """What the schedule asks to be paid by the day."""

    @property
    def rate(self) -> Fraction | None:
        """Paid of allocated; None where nothing was allocated."""
        return self.paid / self.allocated if self.allocated else None

    @property
    def planned(self) -> Fraction | None:
        """The schedule's rate."""
        return self.expected / self.allocated if self.allocated else None

    @property
    def gap(self) -> Fraction | None:
        """Rate less the schedule's: negative is behind."""
        return (self.paid - self.expected) / self.allocated if self.allocated else None

    @property
    def shortfall(self) -> Fraction:
        """Money missing from the schedule, zero where ahead."""
        return max(ZERO, self.expected - self.paid)

    @property
    def unbound(self) -> Fraction:
        """Money neither paid nor committed."""
        return self.allocated - self.paid - self.committed


@dataclass(frozen=True)
class Account:
    """One county's money of one stream and batch on a day."""

    code: str
    county: str
    prefecture: str
    stream: str
    batch: str
    sum: Sum
    received: date | None
    same_year: bool
    paid_reported: Fraction | None
    own: Row | None
    """Its own row; None where its projects add up to it."""
    projects: tuple[Row, ...]


@dataclass(frozen=True)
class Standing:
    """A county in the ranking."""

    code: str
    county: str
    prefecture: str
    sum: Sum
    rank: int
    """1 for the furthest ahead of schedule; counties that are equal share a rank, the next ones skip."""
    contribution: Fraction
    """Its part of the shortfall of all counties, 0 to 1 (阳农局财字〔2024〕13号 三（四）)."""


def accounts(rows: Iterable[Row], day: date, schedule: Schedule) -> tuple[Account, ...]:
    """Every account as of a day, by code, stream and batch."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in latest(rows, day):
        groups.setdefault(row.account, []).append(row)
    return tuple(_account(group, day, schedule) for group in groups.values())


def _account(group: Sequence[Row], day: date, schedule: Schedule) -> Account:
    own = next((row for row in group if not row.project), None)
    projects = tuple(row for row in group if row.project)
    counted = [own] if own is not None else list(projects)
    first = counted[0]
    received = min((d for r in counted if (d := r.dates.get("received"))), default=None)
    expected = sum(
        (r.allocated * schedule.share(r.stream, day, r.dates.get("received")) for r in counted), ZERO
    )
    reported = [r.paid_reported for r in counted if r.paid_reported is not None]
    return Account(
        first.code,
        first.county,
        first.prefecture,
        first.stream,
        first.batch,
        Sum(
            sum((r.allocated for r in counted), ZERO),
            sum((r.paid for r in counted), ZERO),
            sum((r.committed for r in counted), ZERO),
            expected,
        ),
        received,
        all(r.same_year for r in counted),
        sum(reported, ZERO) if len(reported) == len(counted) else None,
        own,
        projects,
    )


def add(found: Iterable[Account]) -> Sum:
    """The sum of accounts."""
    parts = [one.sum for one in found]
    return Sum(
        sum((p.allocated for p in parts), ZERO),
        sum((p.paid for p in parts), ZERO),
        sum((p.committed for p in parts), ZERO),
        sum((p.expected for p in parts), ZERO),
    )


def by(found: Iterable[Account], key: Callable[[Account], tuple[str, ...]]) -> dict[tuple[str, ...], Sum]:
    """Sums by a key, in the order of the keys."""
    groups: dict[tuple[str, ...], list[Account]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: add(groups[name]) for name in sorted(groups)}


def ranking(found: Sequence[Account]) -> tuple[Standing, ...]:
    """Counties with money, by points ahead of schedule; equal ones by code."""
    names = {one.code: (one.county, one.prefecture) for one in found}
    sums = {code: total for (code,), total in by(found, lambda one: (one.code,)).items() if total.allocated}
    short = sum((total.shortfall for total in sums.values()), ZERO)
    gaps = {code: total.gap or ZERO for code, total in sums.items()}
    return tuple(
        Standing(
            code,
            *names[code],
            sums[code],
            1 + sum(gap > gaps[code] for gap in gaps.values()),
            sums[code].shortfall / short if short else ZERO,
        )
        for code in sorted(sums, key=lambda code: (-gaps[code], code))
    )
