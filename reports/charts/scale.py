"""Numbers along an axis: round steps, true minus signs, never so many that they touch."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import floor, log10
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from allocator.names import number
from allocator.text import Text
from reports.charts.page import Box, Page
from reports.charts.style import FAINT, PALE, QUIET

Amount = float | Fraction


def written(value: Amount, percent: bool = False, places: int = 2, sign: bool = False) -> str:
    """A number for reading, or a share as a percentage."""
    exact = Fraction(value)
    return number(exact * 100, places, sign) + "%" if percent else number(exact, places, sign)


def chance(value: float) -> str:
    """A probability as a percentage: never 0% or 100% where it is not."""
    places = 0
    while 0 < value < 1 and round(value, places + 2) in (0, 1):
        places += 1
    return written(round(value, places + 2), percent=True, places=places)


def fixed(value: float, places: int = 2, sign: bool = False) -> str:
    """A number with all its places, zeros too, and a true minus sign."""
    shown = round(value, places)
    prefix = "−" if shown < 0 else "+" if sign and shown > 0 else ""
    return f"{prefix}{abs(shown):.{places}f}"


def amount(value: Amount, sign: bool = False) -> str:
    """Money at a glance: whole from a hundred up, three figures below."""
    size = abs(float(value))
    return number(Fraction(value), 0 if size >= 100 else 1 if size >= 10 else 2, sign)


def with_unit(words: str, unit: str, page: Page) -> str:
    """An axis title: what is measured, and in what."""
    return page.say(Text(f"{words}（{unit}）", f"{words} ({unit})"))


def steps(
    low: float, high: float, percent: bool, bins: int, sign: bool = False
) -> tuple[list[float], list[str]]:
    """Round values in low..high and how they are written."""
    values = [float(value) for value in MaxNLocator(bins, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    step = (values[1] - values[0]) * (100 if percent else 1)
    places = max(0, -floor(log10(step)) + (1 if f"{step:.1e}".startswith("2.5") else 0))
    slack = (high - low) * 1e-9
    shown = [value for value in values if low - slack <= value <= high + slack]
    return shown, [written(round(value, 12), percent, places, sign) for value in shown]


def _fitting(
    page: Page, room: float, low: float, high: float, percent: bool, sign: bool
) -> tuple[list[float], list[str]]:
    """The most values, up to eight or so, whose words do not crowd each other along `room` inches."""
    for bins in range(8, 1, -1):
        values, words = steps(low, high, percent, bins, sign)
        need = max((page.width_of(word) for word in words), default=0.0) + page.size.line * 0.5
        if len(words) < 2 or need <= room * (values[1] - values[0]) / (high - low):
            return values, words
    return steps(low, high, percent, 1, sign)


def across(
    page: Page,
    axes: Axes,
    frame: Box,
    limits: tuple[float, float],
    title: str,
    percent: bool = False,
    sign: bool = False,
) -> None:
    """The scale under the frame: values, pale rules through the panel, and a title below on the right."""
    values, shown = _fitting(page, frame.right - frame.left, *limits, percent, sign)
    axes.set_xlim(*limits)
    # A number that the page's edge would cut is left out.
    edge = page.size.width - 0.02
    kept = [
        k
        for k, value in enumerate(values)
        if page.inches(axes, value, 0)[0] + page.width_of(shown[k]) / 2 <= edge
    ]
    axes.set_xticks([values[k] for k in kept], [shown[k] for k in kept], fontsize=page.size.label)
    axes.tick_params(axis="x", length=0, pad=page.size.label * 0.5)
    axes.grid(axis="x", color=PALE, linewidth=0.8)
    words = page.shortened(title, frame.right - page.size.margin)
    page.write(frame.right, frame.bottom - page.size.line * 2.3, words, QUIET, ha="right")


def upward(
    page: Page,
    axes: Axes,
    frame: Box,
    limits: tuple[float, float],
    title: str,
    percent: bool = False,
    lift: float = 1.0,
    sign: bool = False,
) -> None:
    """The scale left of the frame; its title lies flat above it, `lift` lines up, and no head need tilt."""
    bins = max(2, min(7, int((frame.top - frame.bottom) / (page.size.line * 2.2))))
    values, words = steps(*limits, percent, bins, sign)
    axes.set_ylim(*limits)
    axes.set_yticks(values, words, fontsize=page.size.label)
    axes.tick_params(axis="y", length=0, pad=page.size.label * 0.4)
    axes.grid(axis="y", color=PALE, linewidth=0.8)
    page.write(
        frame.left - left_room(page, limits, percent, sign), frame.top + page.size.line * lift, title, QUIET
    )


def left_room(page: Page, limits: tuple[float, float], percent: bool = False, sign: bool = False) -> float:
    """Inches that an upward scale's numbers take."""
    words = steps(*limits, percent, 7, sign)[1]
    return max((page.width_of(word) for word in words), default=0.0) + page.size.line * 0.6


def rows(
    page: Page, axes: Axes, names: Sequence[str], gap: float = 0.0, heights: Sequence[int] = ()
) -> list[float]:
    """Names, of one line or more, `gap` inches left of rows from the top down; gives the rows' middles.

    A row is 1 high, or as many as `heights` says.
    """
    tall = heights or [1] * len(names)
    ends = list(accumulate(tall, initial=0))
    places = [end + (height - 1) / 2 for end, height in zip(ends, tall, strict=False)]
    axes.set_ylim(max(ends[-1], 1) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    right = axes.get_position().x0 * page.figure.get_figwidth() - page.size.label * 0.4 / 72 - gap
    for name, place in zip(names, places, strict=True):
        _, y = page.inches(axes, 0, place)
        page.write_lines(right, y, name.split("\n"), ha="right")
    return places


def mark(axes: Axes, place: float, direction: Literal["x", "y"] = "x", colour: str = FAINT) -> None:
    """A thin line across the panel at a value that matters."""
    draw = axes.axvline if direction == "x" else axes.axhline
    draw(place, color=colour, linewidth=1.2, zorder=1)
