"""Sobol indices: which factor the uncertainty of a result comes from, alone and together with others."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.page import Box, Page, Rows, start_rows
from reports.charts.style import BLUE, INK, ORANGE, QUIET, SLIDE, Heading, Size, house_style

_HIDDEN = Text("另有 {} 个因素影响更小，未列。", "{} weaker factors not shown.")


@dataclass(frozen=True)
class Index:
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Factor:
    """One factor's share of the variance: alone, and with all its interactions."""

    name: Text
    first: Index
    total: Index


@dataclass(frozen=True)
class SobolData:
    """Factors, and the size of the sample behind them."""

    heading: Heading
    unit: str
    factors: tuple[Factor, ...]
    samples: int
    confidence: float = 0.95


@house_style()
def draw_sobol(data: SobolData, lang: Language, size: Size = SLIDE) -> Figure:
    """Two bars for each factor, the strongest on top, with whiskers and values."""
    ranked = sorted(data.factors, key=lambda factor: (-factor.total.value, factor.name.zh))
    page, count = start_rows(_titled(data), lang, size, Rows(len(ranked), 2.45, 2.0, 4.6, _HIDDEN))
    shown = ranked[:count]
    key = page.room.top - size.line * 0.6
    page.swatches(
        page.room.left,
        key,
        [
            (page.say(Text("单独影响（一阶）", "alone (first order)")), {"color": BLUE}),
            (page.say(Text("含交互影响（总效应）", "with interactions (total)")), {"color": ORANGE}),
        ],
    )
    below = Box(page.room.left, page.room.bottom, page.room.right, page.room.top - size.line * 1.8)
    frame, names = bars.frame_of(page, below, [page.say(factor.name) for factor in shown], most=0.4)
    axes = page.axes(frame)
    scale.rows(page, axes, names)
    _scale(page, axes, frame, shown)
    for row, factor in enumerate(shown):
        _bar(page, axes, factor.first, row - 0.2, BLUE)
        _bar(page, axes, factor.total, row + 0.2, ORANGE)
    scale.mark(axes, 0, colour=QUIET)
    return page.figure


def _titled(data: SobolData) -> SobolData:
    """The same data with the sample's size in the subtitle."""
    count, level = f"{data.samples:,}", scale.written(data.confidence, percent=True)
    zh, en = data.heading.subtitle
    subtitle = Text(
        f"{zh}（N = {count}，须线为 {level} 置信区间）", f"{en} (N = {count}; whiskers: {level} confidence)"
    )
    heading = Heading(data.heading.title, subtitle, data.heading.source)
    return SobolData(heading, data.unit, data.factors, data.samples, data.confidence)


def _scale(page: Page, axes: Axes, frame: Box, factors: list[Factor]) -> None:
    """From the lowest whisker to the highest with its value behind it."""
    indices = [index for factor in factors for index in (factor.first, factor.total)]
    low = min(0.0, *(index.low for index in indices))
    high = max(index.high for index in indices)
    room = frame.right - frame.left
    words = page.width_of("0.00") + page.size.line
    limits = (low * 1.05, low + (high - low) * room / (room - words))
    title = Text("占结果方差的份额", "share of the result's variance")
    scale.across(page, axes, frame, limits, page.say(title))


def _bar(page: Page, axes: Axes, index: Index, row: float, colour: str) -> None:
    axes.barh(row, index.value, height=0.36, color=colour)
    axes.plot([index.low, index.high], [row, row], color=INK, linewidth=page.size.label / 9, zorder=3)
    cap = [row - 0.09, row + 0.09]
    for end in (index.low, index.high):
        axes.plot([end, end], cap, color=INK, linewidth=page.size.label / 9, zorder=3)
    bars.at_end(page, axes, max(index.high, 0.0), row, scale.fixed(index.value), page.size.line * 0.35)
