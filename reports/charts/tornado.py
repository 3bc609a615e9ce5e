"""Tornado: how much money each lever moves when it is set low and when it is set high."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.page import Box, Page, Rows, start, start_rows
from reports.charts.style import (
    BLUE,
    HATCH,
    IMPOSSIBLE,
    ORANGE,
    QUIET,
    SLIDE,
    Heading,
    Size,
    house_style,
)

MOST = 20
"""Bars that can still be read."""
_HIDDEN = Text("另有 {} 项影响更小，未列。", "{} smaller levers not shown.")
MOVED = Text("比现方案调剂资金", "money moved from the present plan")


@dataclass(frozen=True)
class Side:
    """A lever's setting, blank where there is none, and the money it moves; None without a solution."""

    setting: str
    moved: float | None


@dataclass(frozen=True)
class Lever:
    """One lever, set low and set high."""

    name: Text
    low: Side
    high: Side

    @property
    def reach(self) -> tuple[float, bool]:
        """What levers are sorted by: the most money moved, then impossible sides first."""
        sides = (self.low.moved, self.high.moved)
        return max((moved for moved in sides if moved is not None), default=0.0), None in sides


@dataclass(frozen=True)
class TornadoData:
    """Levers and the money each moves."""

    heading: Heading
    unit: str
    levers: tuple[Lever, ...]
    measure: Text = MOVED


@house_style()
def draw_tornado(data: TornadoData, lang: Language, size: Size = SLIDE) -> Figure:
    """Bars to the left for low settings, to the right for high ones, the widest on top."""
    ranked = sorted(data.levers, key=lambda lever: lever.reach, reverse=True)
    page, count, heights = _page(data, ranked, lang, size)
    levers = ranked[:count]
    room = Box(page.room.left, page.room.bottom, page.room.right, page.room.top - size.line * 1.2)
    frame, names = _frame(page, room, levers)
    axes = page.axes(frame)
    places = scale.rows(page, axes, names, heights=heights)
    _scale(page, axes, frame, data, levers)
    for place, lever in zip(places, levers, strict=True):
        _side(page, axes, lever.low, place, -1)
        _side(page, axes, lever.high, place, 1)
    scale.mark(axes, 0, colour=QUIET)
    _sides_named(page, axes, frame)
    return page.figure


def _page(
    data: TornadoData, ranked: Sequence[Lever], lang: Language, size: Size
) -> tuple[Page, int, tuple[int, ...]]:
    """The page, how many levers it has room for, and how many lines of names each of them takes."""
    page = start(data, lang, size, 0.0)
    _, names = _frame(page, page.room, ranked[:MOST])
    lines = tuple(name.count("\n") + 1 for name in names)
    rows = Rows(len(ranked), 1.25, 1.1, 4.0, _HIDDEN, MOST, lines)
    page, count = start_rows(data, lang, size, rows)
    return page, count, lines[:count]


def _frame(page: Page, room: Box, levers: Sequence[Lever]) -> tuple[Box, list[str]]:
    return bars.frame_of(page, room, [page.say(lever.name) for lever in levers], most=0.5, lines=2)


def _words(page: Page, side: Side) -> str:
    if not side.setting:
        return ""
    amount = page.say(IMPOSSIBLE) if side.moved is None else scale.amount(side.moved)
    return f"{amount} ({side.setting})"


def _scale(page: Page, axes: Axes, frame: Box, data: TornadoData, levers: list[Lever]) -> None:
    """Wide enough for every bar with its words; an impossible side needs room for its short bar."""
    line, tiny = page.size.line, 1e-9
    ends = []
    for lever in levers:
        for side, sign in ((lever.low, -1), (lever.high, 1)):
            words = page.width_of(_words(page, side)) + line * 0.6
            bar = (tiny, words + line) if side.moved is None else (max(side.moved, tiny), words)
            ends.append((sign * bar[0], bar[1]))
    span = bars.limits(ends, frame.right - frame.left)
    scale.across(page, axes, frame, span, scale.with_unit(page.say(data.measure), data.unit, page))
    # Both directions count the money moved: no minus on the left.
    axes.set_xticklabels([label.get_text().lstrip("−") for label in axes.get_xticklabels()])


def _stub(page: Page, axes: Axes) -> float:
    """How long a bar stands for «impossible», in the units of the axes."""
    low, high = axes.get_xlim()
    inches = axes.get_position().width * page.figure.get_figwidth()
    return float(high - low) / inches * page.size.line


def _side(page: Page, axes: Axes, side: Side, row: float, sign: int) -> None:
    pad, high = page.size.line * 0.3, bars.thickness(page, axes, 0.66)
    if side.moved is None:
        length = sign * _stub(page, axes)
        axes.barh(row, length, height=high, facecolor="white", edgecolor=QUIET, hatch=HATCH, linewidth=0.8)
    else:
        length = sign * side.moved
        axes.barh(row, length, height=high, color=ORANGE if sign < 0 else BLUE)
    bars.at_end(page, axes, length or sign * 1e-9, row, _words(page, side), pad)


def _sides_named(page: Page, axes: Axes, frame: Box) -> None:
    """What left and right mean, above the bars and next to the middle."""
    middle, _ = page.inches(axes, 0, 0)
    height, pad = frame.top + page.size.line * 0.6, page.size.line * 0.4
    page.write(middle - pad, height, page.say(Text("← 取低值", "← set low")), QUIET, ha="right")
    page.write(middle + pad, height, page.say(Text("取高值 →", "set high →")), QUIET)
