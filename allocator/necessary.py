"""Closed-form checks: sums that a planner can add up by hand, exact, before any solver is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.loaded import Loaded
from allocator.rows import Row
from allocator.rules.group_share_floor import GroupShareFloor
from allocator.rules.pipeline import Pipeline
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Check:
    """One sum against another: what there is, what is needed."""

    what: Text
    have: Fraction
    need: Fraction
    rules: tuple[str, ...]
    """Rules whose figures were added up."""

    @property
    def short(self) -> Fraction:
        """By how much it falls short; zero where it does not."""
        return max(ZERO, self.need - self.have)


def checks(loaded: Loaded) -> tuple[Check, ...]:
    """Every check that the scenario's rules allow."""
    bounds = _Bounds(loaded)
    return (
        *_totals(bounds),
        *_counties(bounds),
        *_streams(bounds),
        *_pipelines(bounds),
        *_groups(bounds),
    )


class _Bounds:
    """Least and largest money of the year of each county, from rows on the whole county alone."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded, problem = loaded, loaded.problem
        n, streams, uses = problem.shape
        self.live = problem.live.reshape(n, streams, uses)
        self.total = sum(problem.budgets, ZERO) + sum(problem.committed.values(), ZERO)
        self.everything = int(problem.live.sum())
        self.size = self.live.sum(axis=(1, 2))
        self.low = [ZERO] * n
        self.high: list[Fraction | None] = [None if own.any() else ZERO for own in self.live]
        self.rules_low: dict[str, None] = {}
        self.rules_high: dict[str, None] = {}
        for rule, rows in loaded.rows.items():
            for row in rows:
                self._take(rule, row)

    def constant(self, row: Row) -> Fraction | None:
        """The row's right side where it is a constant: no money on it, or all money."""
        if not row.times or not len(row.right):
            return row.plus
        return row.plus + row.times * self.total if len(row.right) == self.everything else None

    def _take(self, rule: str, row: Row) -> None:
        bound = self.constant(row)
        if row.vacuous is not None or bound is None or not len(row.left):
            return
        width = self.loaded.problem.shape[1] * self.loaded.problem.shape[2]
        i = int(row.left[0]) // width
        if int(row.left[-1]) // width != i or len(row.left) != self.size[i]:
            return
        if row.sense in (">=", "=") and bound > self.low[i]:
            self.low[i] = bound
            self.rules_low[rule] = None
        high = self.high[i]
        if row.sense in ("<=", "=") and (high is None or bound < high):
            self.high[i] = bound
            self.rules_high[rule] = None

    def lows(self, members: Iterable[int]) -> Fraction:
        """Σ of the least amounts."""
        return sum((self.low[i] for i in members), ZERO)

    def highs(self, members: Iterable[int]) -> Fraction | None:
        """Σ of the largest amounts; None where one has none."""
        total = ZERO
        for i in members:
            high = self.high[i]
            if high is None:
                return None
            total += high
        return total


def _totals(b: _Bounds) -> list[Check]:
    every = range(len(b.low))
    found = []
    if b.rules_low:
        what = Text("可分资金够不够各旗县的下限之和", "money against the sum of the counties' floors")
        found.append(Check(what, b.total, b.lows(every), tuple(b.rules_low)))
    highs = b.highs(every)
    if highs is not None:
        what = Text("各旗县的上限之和能否容下全部资金", "the sum of the counties' caps against all money")
        found.append(Check(what, highs, b.total, tuple(b.rules_high)))
    return found


def _counties(b: _Bounds) -> list[Check]:
    """Floors above caps, county by county; those that fit are not listed."""
    found = []
    names = b.loaded.names
    for i, (low, high) in enumerate(zip(b.low, b.high, strict=True)):
        if high is not None and low > high:
            name = names.county(i)
            what = Text(f"{name}的上限不低于下限", f"the cap of {name} against its floor")
            found.append(Check(what, high, low, (*b.rules_low, *b.rules_high)))
    return found


def _streams(b: _Bounds) -> list[Check]:
    """What a stream's counties may take at most against its money."""
    problem, found = b.loaded.problem, []
    committed: dict[int, Fraction] = {}
    for cell, amount in problem.committed.items():
        i = cell // (problem.shape[1] * problem.shape[2])
        committed[i] = committed.get(i, ZERO) + amount
    for s, name in enumerate(problem.stream_names):
        members = np.flatnonzero(problem.open[:, s].any(axis=1)).tolist()
        highs = b.highs(members)
        if highs is None or not problem.budgets[s]:
            continue
        room = highs - sum((committed.get(i, ZERO) for i in members), ZERO)
        title = b.loaded.names.stream(name)
        what = Text(
            f"“{title.zh}”的 {len(members)} 个旗县能否接得下这笔资金",
            f"what the {len(members)} counties of '{title.en}' may take against its money",
        )
        found.append(Check(what, room, problem.budgets[s], tuple(b.rules_high)))
    return found


def _pipelines(b: _Bounds) -> list[Check]:
    """What pipelines carry against the share floor of the least money of a prefecture or group."""
    loaded, found = b.loaded, []
    limits: dict[tuple[int, str], Fraction] = {}
    pipelines: list[str] = []
    for rule in loaded.scenario.rules:
        if isinstance(rule, Pipeline) and rule.scope is None:
            pipelines.append(rule.id)
            for row in loaded.rows[rule.id]:
                code, _, use = row.where.partition("/")
                key = loaded.counties.index[code], use
                limits[key] = min(row.plus, limits.get(key, row.plus))
    for rule in loaded.scenario.rules:
        if not isinstance(rule, UseShareFloor) or rule.scope is not None or not pipelines:
            continue
        if rule.narrows(b.loaded.problem):
            continue
        for row in loaded.rows[rule.id]:
            members = loaded.counties.positions(rule.by, row.where).tolist()
            carried = _carried(b, members, rule.tag, limits)
            if carried is not None and row.vacuous is None:
                who, tag = loaded.names.place(row.where), loaded.names.tag(rule.tag)
                what = Text(
                    f"{who.zh}的{tag.zh}项目储备够不够产业占比的最低要求"
                    if rule.tag == "industry"
                    else f"{who.zh}的{tag.zh}项目储备够不够占比的最低要求",
                    f"the {tag.en} pipeline of {who.en} against its least share",
                )
                need = row.times * b.lows(members)
                found.append(Check(what, carried, need, (rule.id, *pipelines, *b.rules_low)))
    return found


def _carried(
    b: _Bounds, members: Sequence[int], tag: str, limits: dict[tuple[int, str], Fraction]
) -> Fraction | None:
    """Σ of pipelines of the tagged uses; None where a county with money has no figure."""
    problem, total = b.loaded.problem, ZERO
    for u, (name, use) in enumerate(problem.uses.items()):
        if tag not in use.tags:
            continue
        for i in members:
            if b.live[i, :, u].any():
                if (i, name) not in limits:
                    return None
                total += limits[i, name]
    return total


def _groups(b: _Bounds) -> list[Check]:
    """What a group may take at most against its least share of everything."""
    loaded, problem, found = b.loaded, b.loaded.problem, []
    for rule in loaded.scenario.rules:
        if not isinstance(rule, GroupShareFloor) or rule.scope is not None:
            continue
        (row,) = loaded.rows[rule.id]
        members = np.flatnonzero(loaded.counties.groups[rule.group]).tolist()
        need, who = row.times * b.total, loaded.names.group(rule.group)
        reachable = np.asarray(problem.open[members].any(axis=(0, 2)))
        mine = sum((v for s, v in enumerate(problem.budgets) if reachable[s]), ZERO)
        width = problem.shape[1] * problem.shape[2]
        mine += sum((v for c, v in problem.committed.items() if c // width in set(members)), ZERO)
        what = Text(
            f"{who.zh}可以得到的资金够不够其最低占比",
            f"the streams open to {who.en} against their least share",
        )
        found.append(Check(what, mine, need, (rule.id,)))
        highs = b.highs(members)
        if highs is not None:
            what = Text(
                f"{who.zh}各旗县的上限之和够不够其最低占比",
                f"the caps of {who.en} against their least share",
            )
            found.append(Check(what, highs, need, (rule.id, *b.rules_high)))
    return found
