"""Sobol indices: which factor the uncertainty of a result comes from, alone and together with others."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

    @property
    def clipped(self) -> bool:
        """Do some estimates or their intervals lie outside 0..1, where every true index lies?"""
        every = [index for factor in self.factors for index in (factor.first, factor.total)]
        return any(index.low < 0 or index.high > 1 for index in every)


@house_style()
def draw_sobol(data: SobolData, lang: Language, size: Size = SLIDE) -> Figure:
    """Two bars for each factor, the strongest on top, with whiskers; the numbers before them."""
    order = sorted(data.factors, key=lambda factor: (-factor.total.value, factor.name.zh))
    data = _titled(replace(data, factors=tuple(order)))
    ranked = list(data.factors)
    page, count = start_rows(data, lang, size, Rows(len(ranked), 2.45, 2.0, 4.6, _HIDDEN))
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
    frame, names = bars.frame_of(page, below, [page.say(factor.name) for factor in shown], most=0.45, lines=2)
    numbers = page.width_of("100%") + size.line
    frame = Box(frame.left + numbers, frame.bottom, frame.right, frame.top)
    axes = page.axes(frame)
    # The numbers stand between the names and the bars.
    scale.rows(page, axes, names, gap=numbers)
    _scale(page, axes, frame, shown)
    for row, factor in enumerate(shown):
        _bar(page, axes, factor.first, row - 0.2, BLUE)
        _bar(page, axes, factor.total, row + 0.2, ORANGE)
    scale.mark(axes, 0, colour=QUIET)
    return page.figure


def _titled(data: SobolData) -> SobolData:
    """The same data within 0..1, with the sample's size in the subtitle."""
    count, level = f"{data.samples:,}", scale.written(data.confidence, percent=True)
    zh, en = data.heading.subtitle
    subtitle = Text(
        f"{zh}（N = {count}，须线为 {level} 置信区间）", f"{en} (N = {count}; whiskers: {level} confidence)"
    )
    factors = data.factors
    if data.clipped:
        factors = tuple(replace(one, first=_within(one.first), total=_within(one.total)) for one in factors)
        subtitle = Text(subtitle.zh[:-1] + "，截到 0 至 100%）", subtitle.en[:-1] + ", cut to 0–100%)")
    heading = Heading(data.heading.title, subtitle, data.heading.source)
    return SobolData(heading, data.unit, factors, data.samples, data.confidence)


def _within(index: Index) -> Index:
    """The part of an estimate that is possible: an index is a share."""
    value, low, high = (min(1.0, max(0.0, end)) for end in (index.value, index.low, index.high))
    return Index(value, low, high)


def _scale(page: Page, axes: Axes, frame: Box, factors: list[Factor]) -> None:
    """From the lowest whisker to the highest."""
    indices = [index for factor in factors for index in (factor.first, factor.total)]
    low = min(0.0, *(index.low for index in indices))
    high = max(index.high for index in indices)
    limits = (low * 1.05, high + (high - low) * 0.02 or 1.0)
    title = Text("占结果方差的份额", "share of the result's variance")
    scale.across(page, axes, frame, limits, page.say(title), percent=True)
    # No tick beyond the whole.
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= 1]
    axes.set_xticks(ticks, [scale.written(tick, percent=True) for tick in ticks], fontsize=page.size.label)


def _bar(page: Page, axes: Axes, index: Index, row: float, colour: str) -> None:
    axes.barh(row, index.value, height=0.36, color=colour)
    left, y = page.inches(axes, axes.get_xlim()[0], row)
    words = scale.written(index.value, percent=True, places=0)
    page.write(left - page.size.line * 0.4, y, words, ha="right")
    axes.plot([index.low, index.high], [row, row], color=INK, linewidth=page.size.label / 9, zorder=3)
    cap = [row - 0.09, row + 0.09]
    for end in (index.low, index.high):
        axes.plot([end, end], cap, color=INK, linewidth=page.size.label / 9, zorder=3)
