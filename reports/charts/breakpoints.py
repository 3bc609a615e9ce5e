"""Breakpoints: where each parameter does nothing, where it binds, and where there is no solution."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import scale
from reports.charts.labels import spread
from reports.charts.page import Box, Page, Rows, start_rows
from reports.charts.style import (
    BLUE,
    FAINT,
    HATCH,
    IMPOSSIBLE,
    QUIET,
    SLIDE,
    VERMILLION,
    Heading,
    Size,
    house_style,
)

_HIDDEN = Text("另有 {} 个参数未列。", "{} more not shown.")
State = Literal["idle", "binding", "impossible"]

_WORDS: dict[State, Text] = {
    "idle": Text("不影响旗县总额", "shapes no total"),
    "binding": Text("影响旗县总额", "shapes counties' totals"),
    "impossible": IMPOSSIBLE,
}
_LOOKS: dict[State, dict[str, Any]] = {
    "idle": {"facecolor": FAINT, "edgecolor": FAINT},
    "binding": {"facecolor": BLUE, "edgecolor": BLUE},
    "impossible": {"facecolor": "white", "edgecolor": VERMILLION, "hatch": HATCH, "linewidth": 1.0},
}


@dataclass(frozen=True)
class Range:
    """A stretch of a parameter and what it does there."""

    start: float | Fraction
    end: float | Fraction
    state: State


@dataclass(frozen=True)
class Parameter:
    """One parameter: its ranges, each beginning where the one before it ends, and its present value."""

    name: Text
    percent: bool
    ranges: tuple[Range, ...]
    present: float | Fraction
    places: int = 2
    """Decimals its edges are written with, at most."""
    unit: str = ""
    """Unit of its values, where they have one."""


@dataclass(frozen=True)
class BreakpointsData:
    """The parameters, in the order they are shown."""

    heading: Heading
    unit: str
    parameters: tuple[Parameter, ...]
    absent: int = 0
    """Parameters that have no breakpoint and so no strip."""


@house_style()
def draw_breakpoints(data: BreakpointsData, lang: Language, size: Size = SLIDE) -> Figure:
    """One strip for each parameter, each on its own scale, with its breakpoints written under it."""
    rows = Rows(len(data.parameters), 3.0, 2.45, 1.8, _HIDDEN, absent=data.absent)
    page, count = start_rows(data, lang, size, rows)
    shown = data.parameters[:count]
    looks = [(page.say(_WORDS[state]), _LOOKS[state]) for state in _WORDS]
    key = page.room.top - size.line * 0.6
    end = page.swatches(page.room.left, key, looks)
    page.write(end, key, "▼", fontsize=size.label)
    page.write(end + size.line * 1.1, key, page.say(Text("现值", "present value")))
    frame, names = _frame(page, shown)
    axes = page.axes(frame)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    # Values under a strip may stand out on its left, beside the second line of a name.
    wrapped = any("\n" in name for name in names)
    scale.rows(page, axes, names, gap=size.line * 1.2 if wrapped else 0.0)
    for row, parameter in enumerate(shown):
        _strip(page, axes, frame, row, parameter)
    return page.figure


def _frame(page: Page, shown: tuple[Parameter, ...]) -> tuple[Box, list[str]]:
    """Room for the strips beside their names; long names take two lines."""
    room = page.room.right - page.room.left
    # More room where two lines would not hold a name.
    tries = [[page.fitted(page.say(p.name), room * part) for p in shown] for part in (0.3, 0.36, 0.42)]
    names = next((one for one in tries if not any("…" in name for name in one)), tries[-1])
    wide = max(page.width_of(line) for name in names for line in name.split("\n"))
    line = page.size.line
    left = page.room.left + wide + line * 1.6
    box = Box(left, page.room.bottom + line * 0.2, page.room.right - line * 1.5, page.room.top - line * 1.6)
    return box, names


def _strip(page: Page, axes: Axes, frame: Box, row: int, parameter: Parameter) -> None:
    low, high = Fraction(parameter.ranges[0].start), Fraction(parameter.ranges[-1].end)
    present = Fraction(parameter.present)
    if not low <= present <= high:
        raise ValueError(f"present value of {parameter.name.en} is outside its ranges")
    along = high - low or Fraction(1)
    for part in parameter.ranges:
        start_at, end_at = (float((Fraction(edge) - low) / along) for edge in (part.start, part.end))
        axes.barh(
            row, end_at - start_at, left=start_at, height=_half(page, frame, axes) * 2, **_LOOKS[part.state]
        )
    # The outer ends only say how much is shown.
    edges = [Fraction(part.start) for part in parameter.ranges[1:]]
    _edges(page, axes, frame, row, [((edge - low) / along, _written(edge, parameter)) for edge in edges])
    x, y = page.inches(axes, float((present - low) / along), row - _half(page, frame, axes))
    line = page.size.line
    page.write(x, y + line * 0.3, "▼", ha="center", fontsize=page.size.label * 0.8)
    words = _written(present, parameter)
    on_left = x + page.width_of(words) + line > frame.right
    page.write(
        x + (-line if on_left else line) * 0.5, y + line * 0.45, words, ha="right" if on_left else "left"
    )


def _half(page: Page, frame: Box, axes: Axes) -> float:
    """Half a strip's height, in rows."""
    rows = abs(axes.get_ylim()[1] - axes.get_ylim()[0])
    return 0.3 * page.size.line / (frame.top - frame.bottom) * float(rows)


def _written(value: Fraction, parameter: Parameter) -> str:
    words = scale.written(value, parameter.percent, parameter.places)
    return f"{words} {parameter.unit}" if parameter.unit else words


def _edges(page: Page, axes: Axes, frame: Box, row: int, edges: list[tuple[Fraction, str]]) -> None:
    """The edges' values under the strip, pushed apart where they crowd, tied to their edges."""
    line = page.size.line
    places = [page.inches(axes, float(share), row + _half(page, frame, axes)) for share, _ in edges]
    widths = [page.width_of(words) + line * 0.6 for _, words in edges]
    room = (frame.left - line * 1.5, frame.right + line * 1.5)
    centres = spread([x for x, _ in places], widths, *room)
    for (x, y), centre, (_, words) in zip(places, centres, edges, strict=True):
        page.line([x, x, centre], [y, y - line * 0.1, y - line * 0.3], QUIET, linewidth=page.size.label / 14)
        page.write(centre, y - line * 0.7, words, QUIET, ha="center")
