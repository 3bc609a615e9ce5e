"""One number run through its range: a weight from nothing to its double, or a rule's parameter.

At every value the whole scenario is solved; the other weights of the formula keep their proportions.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.names import Names, percent
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.whatif.batch import (
    Cell,
    Rows,
    cell,
    money,
    present_amounts,
    smallest_change,
    solve_points,
    up_and_down,
)
from allocator.whatif.engine import Engine, Status
from allocator.whatif.levers import parameters
from allocator.whatif.tornado_levers import weight_title

MOST = 10
"""Counties that are named."""
PLACES = Decimal("0.000001")
"""Weights are swept at values with no more digits than these."""
Matrix = NDArray[np.float64]
HEADER = ("path", "value", "status", "rules", "reason", "code", "county", "prefecture", "amount")


@dataclass(frozen=True)
class LineSweep:
    """Everybody's amount at every value of one number, values rising."""

    path: str
    kind: Literal["weight", "parameter"]
    title: Text
    present: Decimal
    values: tuple[Decimal, ...]
    status: tuple[Status, ...]
    rules: tuple[tuple[str, ...], ...]
    """Per point: rules that shape it; where it is infeasible, those that fall short."""
    reasons: tuple[str, ...]
    counties: Matrix
    """(points, n), in the unit; NaN where there is no allocation."""
    prefectures: Matrix
    """(points, prefectures), in the order of `Counties.prefecture_members`."""
    now: Matrix
    """(n): amounts at the present value; NaN where there is no allocation."""
    most_moved: tuple[int, ...]
    """Counties with the widest range, up to ten, widest first; one that never moves is left out."""
    knob: Knob | None = None
    agreed: tuple[bool, ...] = ()
    """Per point: whether it came out alike when it was solved again cold."""

    @property
    def impossible(self) -> tuple[tuple[Decimal, Decimal, tuple[str, ...]], ...]:
        """Runs of values without an allocation: first, last, and the rules that fall short."""
        found = []
        for status, run in groupby(range(len(self.values)), key=lambda k: self.status[k]):
            if status == "infeasible":
                points = list(run)
                short = dict.fromkeys(rule for k in points for rule in self.rules[k])
                found.append((self.values[points[0]], self.values[points[-1]], tuple(short)))
        return tuple(found)

    def say(self, value: Decimal, names: Names) -> str:
        """A value for reading."""
        return percent(Fraction(value)) if self.knob is None else self.knob.say(Fraction(value), names)


def weight_sweep(engine: Engine, formula: str, factor: str, points: int = 21, jobs: int = 1) -> LineSweep:
    """The weight of one factor from 0 to its double, at most 1, in equal steps."""
    own = next(f for f in engine.loaded.scenario.formulas[formula] if f.factor == factor)
    high = min(2 * own.weight, Decimal(1)) or Decimal(1)
    last = max(points, 2) - 1
    values = tuple((high * k / last).quantize(PLACES).normalize() for k in range(last + 1))
    title = weight_title(engine.loaded, formula, own)
    path = f"formulas.{formula}.{factor}.weight"
    return _swept(engine, path, "weight", title, own.weight, values, None, jobs)


def parameter_sweep(engine: Engine, knob: Knob, points: int = 21, jobs: int = 1) -> LineSweep:
    """A rule's parameter, as many policy steps to either side as fit in `points`, those that are legal."""
    reach = range(-(max(points, 3) // 2), max(points, 3) // 2 + 1)
    values = tuple(v for k in reach if knob.legal(v := knob.value + k * knob.step))
    title = next(
        (lv.title for lv in parameters(engine.loaded) if (lv.owner, lv.key) == (knob.rule, knob.key)),
        knob.title,
    )
    path = f"rules.{knob.rule}.{knob.key}"
    return _swept(engine, path, "parameter", title, knob.value, values, knob, jobs)


def _swept(
    engine: Engine,
    path: str,
    kind: Literal["weight", "parameter"],
    title: Text,
    present: Decimal,
    values: tuple[Decimal, ...],
    knob: Knob | None,
    jobs: int,
) -> LineSweep:
    found = solve_points(engine, [{path: value} for value in values], jobs)
    counties = np.array([point.counties for point in found])
    members = engine.loaded.counties.prefecture_members.values()
    return LineSweep(
        path,
        kind,
        title,
        present,
        values,
        tuple(point.status for point in found),
        tuple(point.rules for point in found),
        tuple(point.reason for point in found),
        counties,
        np.stack([counties[:, rows].sum(axis=1) for rows in members], axis=1),
        present_amounts(engine),
        _most_moved(counties, smallest_change(engine.loaded)),
        knob,
        tuple(point.agreed for point in found),
    )


def _most_moved(counties: Matrix, least: float) -> tuple[int, ...]:
    known = counties[np.isfinite(counties).all(axis=1)]
    if not len(known):
        return ()
    width = np.ptp(known, axis=0)
    order = np.argsort(-width, kind="stable")[:MOST]
    return tuple(i for i in order.tolist() if width[i] > least)


def finding(sweep: LineSweep, loaded: Loaded, prefectures: bool = False) -> Text:
    """Which county (or prefecture) moves most between the ends, and where no allocation is left."""
    solved = [k for k, status in enumerate(sweep.status) if status == "solved"]
    title, names, gaps = sweep.title, loaded.names, _gaps(sweep, loaded)
    if not solved:
        return Text(
            f"{title.zh}在所试范围内没有可行的分配", f"No value of {title.en} tried here leaves an allocation"
        )
    low, high = (sweep.say(sweep.values[k], names) for k in (solved[0], solved[-1]))
    between = Text(f"{title.zh}由 {low} 到 {high}", f"{title.en} from {low} to {high}")
    if not sweep.most_moved:
        same = Text("各旗县金额不变", "nobody's amount changes")
        return Text(f"{between.zh}，{same.zh}{gaps.zh}", f"{_upper(between.en)}: {same.en}{gaps.en}")
    amounts = sweep.prefectures if prefectures else sweep.counties
    labels = list(loaded.counties.prefecture_members) if prefectures else None
    change = amounts[solved[-1]] - amounts[solved[0]]
    least, i = smallest_change(loaded), int(np.abs(change).argmax())
    if prefectures and np.abs(change).max() <= least:
        same = Text("各盟市合计不变", "no prefecture's sum changes")
        return Text(f"{between.zh}，{same.zh}{gaps.zh}", f"{_upper(between.en)}: {same.en}{gaps.en}")
    counts = up_and_down(int((change > least).sum()), int((change < -least).sum()), prefectures)
    first, last = (money(names, amounts[k, i]) for k in (solved[0], solved[-1]))
    who = names.county(i) if labels is None else labels[i]
    most = f"{who}（{first} → {last}）", f"{who} ({first} → {last})"
    return Text(
        f"{between.zh}：{counts.zh}，变动最大的是{most[0]}{gaps.zh}",
        f"{_upper(between.en)}: {counts.en}, most of all {most[1]}{gaps.en}",
    )


def _gaps(sweep: LineSweep, loaded: Loaded) -> Text:
    """Where no allocation is left, and for want of which rules."""
    if not (found := sweep.impossible):
        return Text("", "")
    names = loaded.names
    zh = "、".join(_range(sweep, names, low, high, "到") for low, high, _ in found)
    en = ", ".join(_range(sweep, names, low, high, "to") for low, high, _ in found)
    short = dict.fromkeys(rule for _, _, rules in found for rule in rules)
    titles = [loaded.scenario.rule_by_id[rule].text for rule in short]
    if titles:
        zh += f" 时没有可行的分配（不能满足“{'”“'.join(title.zh for title in titles)}”）"
        en += f" (falling short: {', '.join(title.en for title in titles)})"
    else:
        zh += " 时没有可行的分配"
    return Text(f"；{zh}", f"; no allocation at {en}")


def _range(sweep: LineSweep, names: Names, low: Decimal, high: Decimal, word: str) -> str:
    first, last = sweep.say(low, names), sweep.say(high, names)
    return first if low == high else f"{first} {word} {last}"


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def line_sweep_rows(sweep: LineSweep, loaded: Loaded) -> Rows:
    """One row for each value and county; a value without an allocation has empty amounts."""
    counties = loaded.counties
    rows: list[tuple[Cell, ...]] = []
    for k, value in enumerate(sweep.values):
        head = (sweep.path, value, sweep.status[k], ";".join(sweep.rules[k]), sweep.reasons[k])
        for i, code in enumerate(counties.codes):
            own = (code, counties.names[i], counties.prefectures[i], cell(sweep.counties[k, i]))
            rows.append((*head, *own))
    return HEADER, rows
