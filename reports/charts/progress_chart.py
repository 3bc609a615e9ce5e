"""Progress: how far every county has spent its money, and the course of the year against schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.labels import spread
from reports.charts.page import Box, Page, start
from reports.charts.style import BLUE, INK, QUIET, SLIDE, VERMILLION, Heading, Size, house_style
from reports.charts.winners import panels, room_for


@dataclass(frozen=True)
class Spent:
    """A county's spending rate and the schedule's, as shares."""

    name: str
    rate: Fraction
    planned: Fraction
    shortfall: Fraction
    """Money missing from the schedule."""


@dataclass(frozen=True)
class Day:
    """All money on a day."""

    day: date
    rate: Fraction
    planned: Fraction


@dataclass(frozen=True)
class ProgressData:
    """Counties in the order of their ranking, and the course of the year."""

    heading: Heading
    unit: str
    counties: tuple[Spent, ...]
    course: tuple[Day, ...]
    stepped: bool = True
    """The schedule jumps, as n/12 and milestones do, instead of rising by the day."""
    most: int = 40
    """Counties shown; of more, the first and the last."""


@house_style()
def draw_progress(data: ProgressData, lang: Language, size: Size = SLIDE) -> Figure:
    """Counties on the left (above on paper); on the right the year so far, where there are two days of it."""
    shown = data.counties if len(data.counties) <= data.most else _ends(data.counties, data.most)
    # the course needs a height of its own, whatever the number of counties
    rows = (len(shown), 9) if len(data.course) > 1 else (len(shown),)
    page = start(data, lang, size, sum(count * 1.3 + 5.5 for count in rows) * size.line)
    shown = _ends(shown, room_for(page))
    if len(rows) == 1:
        _counties(page, page.room, shown, data)
        return page.figure
    left, right = panels(page, (len(shown), 9))
    _counties(page, left, shown, data)
    _course(page, right, data.course, data.stepped)
    return page.figure


def _ends(ranked: Sequence[Spent], most: int) -> tuple[Spent, ...]:
    """The first and the last of a ranking, if it is too long."""
    return tuple(ranked) if len(ranked) <= most else (*ranked[: most // 2], *ranked[-(most // 2) :])


def _counties(page: Page, box: Box, shown: Sequence[Spent], data: ProgressData) -> None:
    """A bar for the rate, a mark for the schedule, points and money in words at the end."""
    line = page.size.line
    count = len(data.counties)
    zh, en = ("", "") if len(shown) == count else (f"（{count} 个中的首尾）", f" (first and last of {count})")
    title = Text(f"支出进度；竖线为序时{zh}", f"Spent of allocated; the mark is the schedule{en}").say(
        page.lang
    )
    page.write(box.left, box.top - line * 0.5, page.shortened(title, box.right - box.left), QUIET)
    inner = Box(box.left, box.bottom, box.right, box.top - line * 1.3)
    frame, names = bars.frame_of(page, inner, [one.name for one in shown], most=0.4)
    axes = page.axes(frame)
    scale.rows(page, axes, names)
    pad = line * 0.3
    words = [_words(page, one, data.unit) for one in shown]
    ends = [
        (float(max(one.rate, one.planned)), page.width_of(word) + 2 * pad)
        for one, word in zip(shown, words, strict=True)
    ]
    limits = bars.limits(ends, frame.right - frame.left)
    scale.across(page, axes, frame, limits, page.say(Text("支付 ÷ 下达", "paid of allocated")), percent=True)
    ticks = [
        (tick, word.get_text()) for tick, word in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    ]
    kept = [(tick, word) for tick, word in ticks if tick <= 1]
    axes.set_xticks([tick for tick, _ in kept], [word for _, word in kept], fontsize=page.size.label)
    colours = [BLUE if one.rate >= one.planned else VERMILLION for one in shown]
    height = bars.thickness(page, axes)
    axes.barh(range(len(shown)), [float(one.rate) for one in shown], height=height, color=colours)
    for row, (one, word) in enumerate(zip(shown, words, strict=True)):
        mark, half = float(one.planned), height * 0.62
        axes.plot([mark, mark], [row - half, row + half], color=INK, linewidth=2.2)
        bars.at_end(page, axes, float(max(one.rate, one.planned)), row, word, pad)


def _words(page: Page, one: Spent, unit: str) -> str:
    """The rate, the points from the schedule, and the money that is missing."""
    rate = scale.written(one.rate, True, 1)
    points = scale.written((one.rate - one.planned) * 100, places=1, sign=True)
    said = Text(f"{rate}（{points}点）", f"{rate} ({points} pts)").say(page.lang)
    if not one.shortfall:
        return said
    short = scale.amount(one.shortfall)
    return said + Text(f" 欠 {short}", f", {short} short").say(page.lang)


def _course(page: Page, box: Box, course: Sequence[Day], stepped: bool) -> None:
    """Two lines over the days of the table: spent and schedule."""
    line = page.size.line
    title = page.say(Text("全部资金，按数据日期", "All money, by day of the figures"))
    page.write(box.left, box.top - line * 0.5, page.shortened(title, box.right - box.left), QUIET)
    top = max(Fraction(1, 10), *(max(one.rate, one.planned) for one in course))
    limits = 0.0, float(top) * 1.05
    left = box.left + scale.left_room(page, limits, percent=True)
    right = box.right - max(page.width_of(word) for word in ("12-31", "序时", "schedule"))
    frame = Box(left, box.bottom + page.below, right, box.top - line * 2.6)
    axes = page.axes(frame)
    scale.upward(page, axes, frame, limits, page.say(Text("占下达", "of allocated")), percent=True, lift=0.8)
    days = [one.day.toordinal() for one in course]
    axes.set_xlim(days[0], days[-1])
    _days(page, axes, course)
    planned, rates = [float(one.planned) for one in course], [float(one.rate) for one in course]
    drawn: Literal["steps-post", "default"] = "steps-post" if stepped else "default"
    mark, thick = page.size.label * 0.36, page.size.label * 0.17
    axes.plot(
        days, planned, color=QUIET, linestyle="--", linewidth=thick * 0.7, drawstyle=drawn, clip_on=False
    )
    # where the schedule jumps, its mark is the upper end
    axes.plot(days, planned, color=QUIET, linestyle="", marker="D", markersize=mark, clip_on=False)
    axes.plot(days, rates, color=BLUE, linewidth=thick, marker="o", markersize=mark, clip_on=False)
    _end_words(page, frame, axes, course[-1])


def _days(page: Page, axes: Axes, course: Sequence[Day]) -> None:
    """Days below the frame, the last one first, as many as do not crowd."""
    width = page.width_of("12-31") + page.size.line * 0.8
    stop, kept = float("inf"), []
    for one in reversed(course):
        x, _ = page.inches(axes, one.day.toordinal(), 0)
        if stop - x >= width:
            kept.append(one.day)
            stop = x
    words = [day.strftime("%m-%d") for day in kept]
    axes.set_xticks([day.toordinal() for day in kept], words, fontsize=page.size.label)
    axes.tick_params(axis="x", length=0, pad=page.size.label * 0.9)


def _end_words(page: Page, frame: Box, axes: Axes, last: Day) -> None:
    """The lines' names at their ends, a line of type apart."""
    ends = [
        (last.planned, Text("序时", "schedule"), QUIET),
        (last.rate, Text("支出", "spent"), BLUE),
    ]
    heights = [page.inches(axes, last.day.toordinal(), float(value))[1] for value, _, _ in ends]
    placed = spread(heights, [page.size.line] * 2, frame.bottom, frame.top + page.size.line)
    for height, (_, name, colour) in zip(placed, ends, strict=True):
        page.write(frame.right + page.size.line * 0.4, height, page.say(name), colour)
