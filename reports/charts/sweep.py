"""Sweep: amounts of counties or prefectures while one parameter runs through its range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import scale
from reports.charts.labels import End, beside
from reports.charts.page import Box, Page, start
from reports.charts.style import (
    CYCLE,
    FAINT,
    HATCH,
    IMPOSSIBLE,
    INK,
    PALE,
    QUIET,
    SLIDE,
    Heading,
    Size,
    house_style,
)

AMOUNT = Text("分配金额", "amount")
NAMES = 0.3
"""Part of the width that names take at most."""


@dataclass(frozen=True)
class Line:
    """Amounts of one county or prefecture, one for each value of the parameter; None where impossible."""

    name: str
    amounts: tuple[float | None, ...]

    @property
    def movement(self) -> float:
        """Largest amount less the smallest."""
        known = [value for value in self.amounts if value is not None]
        return max(known) - min(known) if known else 0.0


@dataclass(frozen=True)
class SweepData:
    """The parameter's values, everybody's amounts, and where there is no solution."""

    heading: Heading
    unit: str
    parameter: Text
    percent: bool
    values: tuple[float, ...]
    present: float
    lines: tuple[Line, ...]
    impossible: tuple[tuple[float, float], ...] = ()
    """Ranges of the parameter without a solution."""
    measure: Text = AMOUNT
    most: int = 10
    """How many lines are coloured and named."""
    changes: bool = False
    """Are the amounts changes from the plan, written with their signs?"""


@house_style()
def draw_sweep(data: SweepData, lang: Language, size: Size = SLIDE) -> Figure:
    """Lines over the parameter; those that move most in colour with their names at the right end."""
    page = start(data, lang, size, size.line * 28)
    ranked = sorted(data.lines, key=lambda line: (-line.movement, line.name))
    named, others = ranked[: data.most], ranked[data.most :]
    limits = _limits(ranked, headroom=0.12 if data.impossible else 0.04)
    gap = size.line * 1.6
    room = (page.room.right - page.room.left) * NAMES
    labels = {line.name: page.shortened(line.name, room, middle=True) for line in named}
    names = max(map(page.width_of, labels.values()), default=0.0) + gap * 1.2
    frame = Box(
        page.room.left + scale.left_room(page, limits, sign=data.changes),
        page.room.bottom + page.below,
        page.room.right - names,
        page.room.top - size.line * 2.6,
    )
    axes = page.axes(frame)
    span = (min(data.values), max(data.values))
    scale.across(page, axes, frame, span, page.say(data.parameter), data.percent)
    axes.grid(visible=False, axis="x")
    title = scale.with_unit(page.say(data.measure), data.unit, page)
    scale.upward(page, axes, frame, limits, title, lift=2.0, sign=data.changes)
    if data.changes:
        scale.mark(axes, 0, "y", QUIET)
    for line in others:
        axes.plot(data.values, _drawn(line), color=FAINT, linewidth=size.label / 18)
    ends = [
        _coloured(axes, data, replace(line, name=labels[line.name]), number, size)
        for number, line in enumerate(named)
    ]
    _present(page, axes, frame, data)
    _impossible(page, axes, frame, data)
    beside(page, axes, frame, ends, gap)
    return page.figure


def _limits(lines: list[Line], headroom: float) -> tuple[float, float]:
    known = [value for line in lines for value in line.amounts if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    span = high - low or 1.0
    # From zero, unless that would press the lines together.
    return (0.0 if 0 <= low < high / 3 else low - span * 0.04), high + span * headroom


def _drawn(line: Line) -> list[float]:
    return [nan if value is None else value for value in line.amounts]


def _coloured(axes: Axes, data: SweepData, line: Line, number: int, size: Size) -> End:
    """Draw a named line; its label belongs to its last known point."""
    colour = CYCLE[number % len(CYCLE)]
    # The second round of colours is dashed, so that no two lines look alike.
    dashes = "-" if number < len(CYCLE) else "--"
    axes.plot(data.values, _drawn(line), color=colour, linewidth=size.label / 5, linestyle=dashes, zorder=3)
    last = max((i for i, value in enumerate(line.amounts) if value is not None), default=0)
    return End(data.values[last], line.amounts[last] or 0.0, line.name, colour, dashes)


def _present(page: Page, axes: Axes, frame: Box, data: SweepData) -> None:
    scale.mark(axes, data.present, colour=INK)
    shown = scale.written(data.present, data.percent)
    words = page.say(Text(f"现值 {shown}", f"now {shown}"))
    x, _ = page.inches(axes, data.present, axes.get_ylim()[1])
    half = page.width_of(words) / 2
    centre = min(max(x, frame.left + half), frame.right - half)
    page.write(centre, frame.top + page.size.line * 0.7, words, ha="center")


def _impossible(page: Page, axes: Axes, frame: Box, data: SweepData) -> None:
    for low, high in data.impossible:
        axes.axvspan(low, high, facecolor=PALE, edgecolor=FAINT, hatch=HATCH, linewidth=0, zorder=0.5)
        x, _ = page.inches(axes, (low + high) / 2, axes.get_ylim()[0])
        words = page.say(IMPOSSIBLE)
        half = page.width_of(words) / 2
        centre = min(max(x, frame.left + half), frame.right - half)
        plate = {"facecolor": "white", "edgecolor": "none", "pad": page.size.label / 7}
        page.write(centre, frame.top - page.size.line * 0.9, words, QUIET, ha="center", bbox=plate)
