"""Uncertainty: how far each county's amount may lie from the plan, and how likely each rule binds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor

from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.page import Box, Page, start
from reports.charts.style import (
    BLUE,
    NOTHING,
    PALE,
    QUIET,
    SKY,
    SLIDE,
    VERMILLION,
    Heading,
    Size,
    house_style,
)

BINDS = Text("各规则影响旗县总额的概率", "Probability that a rule shapes counties' totals")


@dataclass(frozen=True)
class Interval:
    """One county: the ends of its interval, its median, and its amount in the plan."""

    name: str
    low: float
    median: float
    high: float
    base: float

    @property
    def width(self) -> float:
        """Of the interval, as a share of the planned amount."""
        return (self.high - self.low) / self.base

    def departures(self) -> tuple[float, float, float]:
        """Low, median and high as shares above or below the planned amount."""
        low, median, high = (value / self.base - 1 for value in (self.low, self.median, self.high))
        return low, median, high


@dataclass(frozen=True)
class Chance:
    """How probable something is, such as that a rule binds."""

    name: Text
    probability: float


@dataclass(frozen=True)
class UncertaintyData:
    """Intervals of the counties, probabilities of the rules."""

    heading: Heading
    unit: str
    counties: tuple[Interval, ...]
    rules: tuple[Chance, ...] = ()
    rules_title: Text = BINDS
    most: int = 30
    """Counties shown, the most uncertain first."""


@house_style()
def draw_uncertainty(data: UncertaintyData, lang: Language, size: Size = SLIDE) -> Figure:
    """Two columns of intervals around the planned amount; the rules beside them, or below on paper."""
    # Without a planned amount there is nothing to relate the interval to.
    known = [county for county in data.counties if county.base > 0]
    shown = sorted(known, key=lambda county: (-county.width, county.name))[: data.most]
    if not size.grows:
        # Two columns of as many rows as can be read.
        room = start(data, lang, size, 0.0, _note(len(data.counties))).room
        shown = shown[: 2 * int((room.top - room.bottom - 4.4 * size.line) / (0.84 * size.line))]
    half = (len(shown) + 1) // 2
    line = size.line
    below = _below(data, lang, size) * line if data.rules and size.grows else 0.0
    page = start(data, lang, size, (half * 1.25 + 5) * line + below, _note(len(data.counties) - len(shown)))
    area, room = page.room, page.room
    if data.rules and size.grows:
        area = Box(room.left, room.bottom + below, room.right, room.top)
        _rules(page, Box(room.left, room.bottom, room.right, room.bottom + below - line * 1.5), data)
    elif data.rules:
        area, side = room.columns(0.75, 0.25, gap=line * 2)
        _rules(page, side, data)
    _key(page, area)
    area = Box(area.left, area.bottom, area.right, area.top - line * 1.6)
    names = _named(page, shown, (area.right - area.left) * 0.27)
    limits, wide = _limits(shown), max(map(page.width_of, names), default=0.0) + line * 0.5
    for box, part in zip(area.columns(1, 1, gap=line * 1.5), (slice(half), slice(half, None)), strict=True):
        # The names of both columns take equal room, so that an inch means the same in both.
        frame = Box(box.left + wide, box.bottom + page.below, box.right, box.top)
        # Both columns have room for equally many rows, so that the rows line up.
        _intervals(page, frame, shown[part], (names[part] + [""])[:half], limits)
    return page.figure


def _below(data: UncertaintyData, lang: Language, size: Size) -> float:
    """Lines that the rules take on paper, where they stand below."""
    page = start(data, lang, size, 0.0)
    _, names = bars.frame_of(page, page.room, [page.say(rule.name) for rule in data.rules], lines=2)
    return sum(name.count("\n") + 1 for name in names) * 1.5 + 5.5


def _note(hidden: int) -> Text:
    return Text(f"另有 {hidden} 个旗县未列。", f"{hidden} more not shown.") if hidden else NOTHING


def _limits(shown: Sequence[Interval]) -> tuple[float, float]:
    """The same scale for both columns."""
    ends = [value for county in shown for value in county.departures()]
    # Outwards to whole tenths, so that there are round numbers at the ends of the scale.
    low, high = floor(min(ends, default=0) * 10 - 0.01) / 10, ceil(max(ends, default=0) * 10 + 0.01) / 10
    return low - (high - low) * 0.02, high + (high - low) * 0.02


def _key(page: Page, area: Box) -> None:
    """What the range and the two dots are."""
    height, line = area.top - page.size.line * 0.6, page.size.line
    left = page.swatches(area.left, height, [(page.say(Text("90% 区间", "90% interval")), {"color": SKY})])
    for mark, colour, words in (
        ("●", BLUE, Text("中位数", "median")),
        ("◆", VERMILLION, Text("现方案（名后为金额）", "plan (amount after the name)")),
    ):
        page.write(left, height, mark, colour)
        page.write(left + line * 1.1, height, page.say(words))
        left += line * 3 + page.width_of(page.say(words))


def _named(page: Page, shown: Sequence[Interval], cap: float) -> list[str]:
    """Each county's name and planned amount, the name cut in its middle where both are too wide."""
    found = []
    for county in shown:
        amount = f" {scale.amount(county.base)}"
        found.append(page.shortened(county.name, cap - page.width_of(amount), middle=True) + amount)
    return found


def _intervals(
    page: Page,
    frame: Box,
    shown: Sequence[Interval],
    names: list[str],
    limits: tuple[float, float],
) -> None:
    axes = page.axes(frame)
    scale.rows(page, axes, names)
    title = page.say(Text("与现方案相差", "from the plan"))
    scale.across(page, axes, frame, limits, title, percent=True, sign=True)
    scale.mark(axes, 0, colour=QUIET)
    for row, county in enumerate(shown):
        low, median, high = county.departures()
        axes.barh(row, high - low, left=low, height=bars.thickness(page, axes, 0.5, 1.0), color=SKY)
        dot = page.size.label * 0.55
        axes.plot([0], [row], "D", color=VERMILLION, markersize=dot, zorder=3)
        axes.plot([median], [row], "o", color=BLUE, markersize=dot, markeredgecolor="white", zorder=4)


def _rules(page: Page, box: Box, data: UncertaintyData) -> None:
    """Small bars with the rule's name above each (beside it on paper), the likeliest first."""
    line = page.size.line
    ranked = sorted(data.rules, key=lambda rule: (-rule.probability, rule.name.zh))
    lines = page.wrapped(page.say(data.rules_title), box.right - box.left)
    for number, words in enumerate(lines):
        page.write(box.left, box.top - line * (0.6 + number), words, QUIET)
    box = Box(box.left, box.bottom, box.right, box.top - line * (len(lines) + 0.6))
    if page.size.grows:
        _beside(page, box, ranked)
    else:
        _above(page, box, ranked)


def _above(page: Page, box: Box, ranked: Sequence[Chance]) -> None:
    """Each rule's name above its bar, in lines; the last row says how many rules are left out."""
    line = page.size.line
    names = [page.fitted(page.say(rule.name), box.right - box.left, 3).split("\n") for rule in ranked]
    ends = [end * line for end in accumulate(len(name) + 1.1 for name in names)]
    room = box.top - box.bottom
    if ends and ends[-1] > room:
        kept = sum(end <= room - line for end in ends)
        count = len(ranked) - kept
        left_out = Text(f"另有 {count} 条，概率都不更大", f"{count} more, none likelier")
        page.write(box.left, box.bottom + line * 0.8, page.say(left_out), QUIET)
        ranked, names, ends, room = ranked[:kept], names[:kept], ends[:kept], room - line
    wide = _widest(page, ranked)
    spare = min(line * 0.5, (room - ends[-1]) / len(ends)) if ends else 0.0
    for row, (rule, name) in enumerate(zip(ranked, names, strict=True)):
        top = box.top - row * spare - (ends[row] - (len(name) + 1.1) * line)
        _chance(page, Box(box.left, box.bottom, box.right - wide, top), name, rule.probability)


def _chance(page: Page, box: Box, name: Sequence[str], probability: float) -> None:
    """One rule at the top of the box: its name, a bar on a pale bar of certainty, the percentage behind."""
    line, full = page.size.line, box.right - box.left
    page.write_lines(box.left, box.top - line * (len(name) / 2 + 0.1), name)
    bottom = box.top - line * (len(name) + 0.75)
    page.bar(box.left, bottom, full, line * 0.55, PALE)
    page.bar(box.left, bottom, full * probability, line * 0.55, BLUE)
    page.write(box.right + line * 0.3, bottom + line * 0.25, scale.chance(probability))


def _widest(page: Page, rules: Sequence[Chance]) -> float:
    """Room for the widest percentage behind a bar."""
    words = ("100%", *(scale.chance(rule.probability) for rule in rules))
    return max(map(page.width_of, words)) + page.size.line * 0.4


def _beside(page: Page, box: Box, ranked: Sequence[Chance]) -> None:
    """On paper: each rule's name left of its bar."""
    frame, names = bars.frame_of(page, box, [page.say(rule.name) for rule in ranked], lines=2)
    axes = page.axes(frame)
    places = scale.rows(page, axes, names, heights=[name.count("\n") + 1 for name in names])
    room = frame.right - frame.left
    limits = (0.0, room / (room - _widest(page, ranked)))
    scale.across(page, axes, frame, limits, page.say(Text("概率", "probability")), percent=True)
    # No tick beyond certainty.
    ticks = [0.0, 0.5, 1.0]
    axes.set_xticks(ticks, [scale.written(tick, percent=True) for tick in ticks], fontsize=page.size.label)
    for place, rule in zip(places, ranked, strict=True):
        axes.barh(place, rule.probability, height=0.6, color=BLUE)
        bars.at_end(page, axes, rule.probability, place, scale.chance(rule.probability), page.size.line * 0.2)
