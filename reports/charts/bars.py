"""Rows of horizontal bars with the names on the left and the values at the bars' ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from matplotlib.axes import Axes

from reports.charts import scale
from reports.charts.page import Box, Page
from reports.charts.style import DOWN, INK, QUIET, UP


@dataclass(frozen=True)
class Bar:
    """One bar from zero; the words stand in columns between its name and the bars."""

    name: str
    value: float
    words: tuple[str, ...]


def limits(bars: Sequence[tuple[float, float]], room: float) -> tuple[float, float]:
    """The widest scale on which every bar (its end, inches of words beyond it) fits into `room` inches.

    Words stand left of negative ends, right of the others. Zero is always on the scale.
    """
    reach = max((abs(value) for value, _ in bars), default=0.0) or 1.0

    def inches(per_inch: float) -> tuple[float, float]:
        left = max((-value / per_inch + words for value, words in bars if value < 0), default=0.0)
        right = max((value / per_inch + words for value, words in bars if value >= 0), default=0.0)
        return left, right

    tight, loose = reach / room / 4, reach / room * 1000
    for _ in range(60):
        middle = (tight + loose) / 2
        tight, loose = (tight, middle) if sum(inches(middle)) <= room else (middle, loose)
    left, right = inches(loose)
    return -left * loose, max(right, room - left) * loose


def frame_of(
    page: Page, box: Box, names: Sequence[str], most: float = 0.5, lines: int = 1
) -> tuple[Box, list[str]]:
    """The bars' frame within a box, and the names on its left, which take at most a share of it.

    Names may take several lines; the scale stands below.
    """
    pad = page.size.line * 0.5
    cap = (box.right - box.left) * most - pad
    shown = [page.fitted(name, cap, lines) for name in names]
    wide = max((page.width_of(line) for name in shown for line in name.split("\n")), default=0.0)
    return Box(box.left + wide + pad, box.bottom + page.below, box.right, box.top), shown


def diverging(page: Page, box: Box, title: str, bars: Sequence[Bar], axis_title: str) -> Axes:
    """Gains to the right, losses to the left, names and numbers in columns before them, a title above."""
    line = page.size.line
    page.write(box.left, box.top - line * 0.5, page.shortened(title, box.right - box.left), QUIET)
    columns = list(zip(*(bar.words for bar in bars), strict=True))
    widths = [max(page.width_of(words) for words in column) + line * 0.6 for column in columns]
    cap = (box.right - box.left) * 0.7 - sum(widths)
    names = [page.shortened(bar.name, cap, middle=True) for bar in bars]
    stops = list(accumulate(widths, initial=box.left + max(map(page.width_of, names), default=0.0)))
    frame = Box(stops[-1] + line * 0.6, box.bottom + page.below, box.right, box.top - line * 1.3)
    axes = page.axes(frame)
    scale.rows(page, axes, [""] * len(bars))
    low, high = min([0.0, *(bar.value for bar in bars)]), max([0.0, *(bar.value for bar in bars)])
    pad = (high - low) * 0.02 or 1.0
    scale.across(page, axes, frame, (low - pad, high + pad), axis_title, sign=True)
    axes.barh(
        range(len(bars)),
        [bar.value for bar in bars],
        height=thickness(page, axes),
        color=[UP if bar.value >= 0 else DOWN for bar in bars],
    )
    scale.mark(axes, 0, colour=QUIET)
    for row, bar in enumerate(bars):
        _, y = page.inches(axes, 0, row)
        page.write(box.left, y, names[row])
        for stop, words in zip(stops[1:], bar.words, strict=True):
            page.write(stop, y, words, ha="right")
    return axes


def thickness(page: Page, axes: Axes, most: float = 0.7, lines: float = 1.6) -> float:
    """A bar's height in rows: a part of a row, but no more than some lines of type."""
    low, high = sorted(axes.get_ylim())
    row = axes.get_position().height * page.figure.get_figheight() / (high - low)
    return float(min(most, lines * page.size.line / row))


def at_end(page: Page, axes: Axes, value: float, row: float, words: str, pad: float) -> None:
    """A bar's words just beyond its end."""
    x, y = page.inches(axes, value, row)
    if value < 0:
        page.write(x - pad, y, words, INK, ha="right")
    else:
        page.write(x + pad, y, words, INK)
