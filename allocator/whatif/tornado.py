"""Tornado: every lever turned a little either way, one at a time, and the money that then moves.

Weights turn by five points (the others of the formula keep their proportions), rule parameters by a
policy step, budgets and whole factor columns by five percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.names import Names, percent
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.batch import (
    Amounts,
    Cell,
    Rows,
    SolvedPoint,
    cell,
    money,
    present_amounts,
    smallest_change,
    solve_points,
    up_and_down,
)
from allocator.whatif.engine import Engine, Status
from allocator.whatif.tornado_levers import Kind, tornado_levers

HEADER = (
    *("path", "kind", "title_zh", "title_en", "present", "side", "value", "status", "rules", "reason"),
    *("money_moved", "counties_up", "counties_down", "largest_code", "largest_county", "largest_change"),
)


@dataclass(frozen=True)
class TornadoSide:
    """A lever set to one value, and what moves against the present allocation."""

    value: Decimal
    status: Status
    rules: tuple[str, ...]
    """Rules that shape the result; where infeasible, those that fall short."""
    reason: str
    moved: float
    """Money from counties that lose to counties that gain: the lesser of all gains and all losses."""
    up: int
    down: int
    largest: int
    """County with the largest change; -1 where there is none."""
    largest_change: float
    averages: Mapping[str, float]
    """Change of each group's average amount; NaN where not known or the group is empty."""
    agreed: bool = True
    """Whether the point came out alike when it was solved again cold."""


@dataclass(frozen=True)
class TornadoBar:
    """One lever, set low and set high; a side that is not legal is None."""

    path: str
    kind: Kind
    title: Text
    present: Decimal
    low: TornadoSide | None
    high: TornadoSide | None
    knob: Knob | None = None

    @property
    def sides(self) -> tuple[TornadoSide, ...]:
        """The sides that are legal."""
        return tuple(side for side in (self.low, self.high) if side is not None)

    @property
    def reach(self) -> float:
        """The larger money moved; 0 where nothing is known."""
        return max((side.moved for side in self.sides if np.isfinite(side.moved)), default=0.0)

    def say(self, value: Decimal, names: Names) -> str:
        """A value of the lever for reading; a column's is a percentage of its figures."""
        if self.knob is not None:
            return self.knob.say(Fraction(value), names)
        return names.money(Fraction(value)) if self.kind == "budget" else percent(Fraction(value))


def tornado(engine: Engine, jobs: int = 1) -> tuple[TornadoBar, ...]:
    """A bar for each lever, by the larger money moved; where that is equal, impossible sides first."""
    levers = tornado_levers(engine.loaded)
    wanted = [(lever, value) for lever in levers for value in (lever.low, lever.high) if value is not None]
    points = solve_points(engine, [{lever.path: value} for lever, value in wanted], jobs)
    base = present_amounts(engine)
    sides: dict[tuple[str, Decimal], TornadoSide] = {
        (lever.path, value): _side(engine.loaded, base, value, point)
        for (lever, value), point in zip(wanted, points, strict=True)
    }
    bars = [
        TornadoBar(
            lever.path,
            lever.kind,
            lever.title,
            lever.present,
            None if lever.low is None else sides[lever.path, lever.low],
            None if lever.high is None else sides[lever.path, lever.high],
            lever.knob,
        )
        for lever in levers
    ]
    return tuple(sorted(bars, key=lambda bar: (-bar.reach, all(s.status == "solved" for s in bar.sides))))


def _side(loaded: Loaded, base: Amounts, value: Decimal, point: SolvedPoint) -> TornadoSide:
    change = point.counties - base
    groups = {g: loaded.counties.groups[g] for g in loaded.scenario.groups}
    averages = {g: _mean(change, own) for g, own in groups.items()}
    if not np.isfinite(change).all():
        nan = float("nan")
        nothing = (nan, 0, 0, -1, nan)
        return TornadoSide(value, point.status, point.rules, point.reason, *nothing, averages, point.agreed)
    least = smallest_change(loaded)
    gains, losses = np.maximum(change, 0.0).sum(), np.maximum(-change, 0.0).sum()
    largest = int(np.abs(change).argmax())
    return TornadoSide(
        value,
        point.status,
        point.rules,
        point.reason,
        float(min(gains, losses)),
        int((change > least).sum()),
        int((change < -least).sum()),
        largest,
        float(change[largest]),
        averages,
        point.agreed,
    )


def _mean(change: Amounts, own: NDArray[np.bool_]) -> float:
    return float(change[own].mean()) if own.any() else float("nan")


def finding(bars: Sequence[TornadoBar], names: Names) -> Text:
    """The lever that moves most, in one sentence, and how many sides have no allocation."""
    sides = [(bar, side) for bar in bars for side in bar.sides]
    solved = [(bar, side) for bar, side in sides if side.status == "solved"]
    if not solved:
        return Text("所列各项变动后都没有可行的分配", "No change listed here leaves an allocation")
    if not any(np.isfinite(side.moved) for _, side in solved):
        return Text(
            f"现方案没有可行的分配，{len(solved)} 处变动可使其可行，如{_setting(*solved[0], names).zh}",
            f"There is no allocation now; {len(solved)} changes make one possible, "
            f"such as {_setting(*solved[0], names).en}",
        )
    bar, side = max(solved, key=lambda pair: pair[1].moved)
    impossible = sum(1 for _, side in sides if side.status == "infeasible")
    more = Text(
        f"；另有 {impossible} 处变动后没有可行的分配" if impossible else "",
        f"; {impossible} changes leave no allocation" if impossible else "",
    )
    if side.moved <= float(names.problem.step) / 2:
        return Text(
            f"所列各项变动都不使资金在旗县间调剂{more.zh}",
            f"No change listed here moves money between counties{more.en}",
        )
    return _sentence(_setting(bar, side, names), side, names, more)


def _sentence(setting: Text, side: TornadoSide, names: Names, more: Text) -> Text:
    most, who = money(names, side.largest_change, sign=True), names.county(side.largest)
    counts = up_and_down(side.up, side.down)
    return Text(
        f"{setting.zh}：{counts.zh}，变动最大的是{who}（{most}）{more.zh}",
        f"{setting.en[:1].upper()}{setting.en[1:]}: {counts.en}, most of all {who} ({most}){more.en}",
    )


def _setting(bar: TornadoBar, side: TornadoSide, names: Names) -> Text:
    value, higher = bar.say(side.value, names), side.value > bar.present
    of = Text("现值的 ", " of what it is") if bar.kind == "column" else Text("", "")
    return Text(
        f"{bar.title.zh}{'升' if higher else '降'}到{of.zh or ' '}{value}",
        f"{bar.title.en} {'raised' if higher else 'lowered'} to {value}{of.en}",
    )


def tornado_rows(bars: Sequence[TornadoBar], loaded: Loaded) -> Rows:
    """One row for each side of each bar."""
    averages = (f"average_change_{group}" for group in loaded.scenario.groups)
    rows: list[tuple[Cell, ...]] = []
    for bar in bars:
        for name, side in (("low", bar.low), ("high", bar.high)):
            if side is not None:
                rows.append((bar.path, bar.kind, *bar.title, bar.present, name, *_cells(side, loaded)))
    return (*HEADER, *averages), rows


def _cells(side: TornadoSide, loaded: Loaded) -> tuple[Cell, ...]:
    known, i = np.isfinite(side.moved), side.largest
    return (
        side.value,
        side.status,
        ";".join(side.rules),
        side.reason,
        cell(side.moved),
        side.up if known else None,
        side.down if known else None,
        loaded.counties.codes[i] if known else None,
        loaded.counties.names[i] if known else None,
        cell(side.largest_change),
        *(cell(value) for value in side.averages.values()),
    )
