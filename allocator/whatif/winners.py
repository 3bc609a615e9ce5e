"""Winners and losers: who gets more and who less than last year, and than the formula gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.names import Names, percent
from allocator.rules.change_limits import ChangeLimits
from allocator.text import Text
from allocator.whatif.batch import Cell, Rows, cell, money, smallest_change, up_and_down

Vector = NDArray[np.float64]
Against = Literal["last_year", "formula"]
Level = Literal["all", "prefecture", "group"]
TITLES = {
    "last_year": Text("与上年相比", "Compared with last year"),
    "formula": Text("与公式应得相比", "Compared with the formula"),
}
SHARES = 8
"""Decimals of a relative change in tables."""
HEADER = (
    *("against", "level", "code", "name", "before", "after", "change", "relative_change"),
    *("counties", "counties_up", "counties_down", "counties_same"),
)


@dataclass(frozen=True)
class Party:
    """A prefecture, a group, or all counties: sums over those whose former amount is known."""

    level: Level
    name: str
    counties: int
    before: float
    after: float
    up: int
    down: int

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def relative(self) -> float:
        """The change as a part of what was before; NaN where that was nothing."""
        return self.change / self.before if self.before > 0 else float("nan")

    @property
    def same(self) -> int:
        """Counties that neither gain nor lose."""
        return self.counties - self.up - self.down


@dataclass(frozen=True)
class Comparison:
    """Every county's amount against another; NaN where the other is not known."""

    against: Against
    column: str | None
    """Column with last year's amounts."""
    before: Vector
    """(n), in the unit."""
    after: Vector
    """(n): with what was issued before this run where last year is compared."""
    by_stream: NDArray[np.float64] | None
    """(n, S): changes by stream, against the formula only."""
    whole: Party
    prefectures: tuple[Party, ...]
    groups: tuple[Party, ...]

    @property
    def change(self) -> Vector:
        """(n): after less before."""
        return self.after - self.before

    @property
    def relative(self) -> Vector:
        """(n): the change as a part of what was before; NaN where that was nothing."""
        base = np.where(self.before > 0, self.before, np.nan)
        return np.asarray(self.change / base)

    @property
    def unknown(self) -> tuple[int, ...]:
        """Counties that cannot be compared."""
        return tuple(np.flatnonzero(~np.isfinite(self.change)).tolist())


@dataclass(frozen=True)
class Winners:
    """Both comparisons of one allocation."""

    last_year: Comparison | None
    """None where no rule names a column with last year's amounts."""
    formula: Comparison

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Those that there are."""
        return tuple(one for one in (self.last_year, self.formula) if one is not None)


def winners(loaded: Loaded, payments: NDArray[np.float64]) -> Winners:
    """Winners and losers of this run's payments (n, S), rounded or not.

    Last year is compared with the year's total: this run and what was issued before it, in the streams
    and counties that the first rule on changes speaks of. The formula is compared with this run alone.
    """
    by_stream = payments - loaded.problem.entitlement
    entitled, paid = loaded.problem.entitlement.sum(axis=1), payments.sum(axis=1)
    formula = _comparison(loaded, "formula", None, entitled, paid, by_stream)
    rule = _rule(loaded)
    if rule is None:
        return Winners(None, formula)
    streams, counted = loaded.problem.stream_mask(rule.scope), loaded.problem.county_mask(rule.scope)
    last = [np.nan if v is None else float(v) for v in loaded.counties.numbers[rule.column]]
    before = np.where(counted, last, np.nan)
    total = payments[:, streams].sum(axis=1) + _issued(loaded, streams)
    return Winners(_comparison(loaded, "last_year", rule.column, before, total, None), formula)


def _rule(loaded: Loaded) -> ChangeLimits | None:
    """The first rule on changes that looks at whole amounts, not at some uses of them."""
    for rule in loaded.scenario.rules:
        if isinstance(rule, ChangeLimits) and loaded.problem.use_mask(rule.scope).all():
            return rule
    return None


def _issued(loaded: Loaded, streams: NDArray[np.bool_]) -> Vector:
    """(n): money already issued this year in some of the streams."""
    _, width, uses = loaded.problem.shape
    found = np.zeros(len(loaded.counties))
    for flat, amount in loaded.problem.committed.items():
        if streams[flat // uses % width]:
            found[flat // uses // width] += float(amount)
    return found


def _comparison(
    loaded: Loaded,
    against: Against,
    column: str | None,
    before: Vector,
    after: Vector,
    by_stream: NDArray[np.float64] | None,
) -> Comparison:
    least = smallest_change(loaded)

    def party(level: Level, name: str, rows: NDArray[np.intp]) -> Party:
        own = rows[np.isfinite(before[rows])]
        change = after[own] - before[own]
        up, down = int((change > least).sum()), int((change < -least).sum())
        return Party(level, name, len(own), float(before[own].sum()), float(after[own].sum()), up, down)

    counties = loaded.counties
    return Comparison(
        against,
        column,
        before,
        after,
        by_stream,
        party("all", "", np.arange(len(counties))),
        tuple(party("prefecture", name, rows) for name, rows in counties.prefecture_members.items()),
        tuple(party("group", g, np.flatnonzero(counties.groups[g])) for g in loaded.scenario.groups),
    )


def finding(one: Comparison, names: Names) -> Text:
    """How many gain and lose, the total, and the largest gain and loss, in one sentence."""
    title, whole = TITLES[one.against], one.whole
    if not whole.counties:
        return Text(f"{title.zh}：没有可比的旗县", f"{title.en}: nobody can be compared")
    counts = up_and_down(whole.up, whole.down)
    zh, en = f"{title.zh}：{counts.zh}", f"{title.en}: {counts.en}"
    if whole.same:
        zh, en = f"{zh}，{whole.same} 个不变", f"{en}, {whole.same} unchanged"
    if one.against == "last_year":
        total = money(names, whole.change, sign=True)
        part = percent(Fraction(whole.relative), 1, sign=True) if whole.before > 0 else "—"
        zh, en = f"{zh}，合计 {total}（{part}）", f"{en}, {total} ({part}) in all"
    for said, i, happens in _extremes(one):
        amount = money(names, float(one.change[i]), sign=True)
        if happens:
            zh, en = (
                f"{zh}；{said.zh}{names.county(i)} {amount}",
                f"{en}; {said.en} {names.county(i)} {amount}",
            )
    if one.unknown:
        count = len(one.unknown)
        zh, en = f"{zh}；{count} 个没有上年数", f"{en}; {count} without last year's amount"
    return Text(zh, en)


def _extremes(one: Comparison) -> Iterator[tuple[Text, int, bool]]:
    """The largest gain and the largest loss, and whether there is one."""
    yield Text("增加最多的是", "largest gain"), int(np.nanargmax(one.change)), one.whole.up > 0
    yield Text("减少最多的是", "largest loss"), int(np.nanargmin(one.change)), one.whole.down > 0


def winners_rows(found: Winners, loaded: Loaded) -> Rows:
    """One row for each comparison and county, prefecture, group, and the whole."""
    counties, rows = loaded.counties, list[tuple[Cell, ...]]()
    least = smallest_change(loaded)
    for one in found.comparisons:
        change, relative = one.change, one.relative
        for i, code in enumerate(counties.codes):
            own = (cell(one.before[i]), cell(one.after[i]), cell(change[i]), cell(relative[i], SHARES))
            known = bool(np.isfinite(change[i]))
            up, down = int(change[i] > least), int(change[i] < -least)
            counts = (1, up, down, 1 - up - down) if known else (0, 0, 0, 0)
            rows.append((one.against, "county", code, counties.names[i], *own, *counts))
        for party in (*one.prefectures, *one.groups, one.whole):
            own = (cell(party.before), cell(party.after), cell(party.change), cell(party.relative, SHARES))
            counts = (party.counties, party.up, party.down, party.same)
            rows.append((one.against, party.level, "", party.name, *own, *counts))
    return HEADER, rows
