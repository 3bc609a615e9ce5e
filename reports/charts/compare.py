"""Compare: from one plan to another, step by step, and whom it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.page import Box, Page
from reports.charts.style import BLUE, FAINT, ORANGE, QUIET, SLIDE, Heading, Size, house_style
from reports.charts.winners import Change, draw_changes, panels, start_changes


@dataclass(frozen=True)
class Step:
    """One kind of difference and the money it moves; negative where it moves money back."""

    name: Text
    moved: float


@dataclass(frozen=True)
class CompareData:
    """The steps from one plan to the other, and the counties' changes."""

    heading: Heading
    unit: str
    steps: tuple[Step, ...]
    counties: tuple[Change, ...]
    most: int = 8
    """Counties shown either way."""


@house_style()
def draw_compare(data: CompareData, lang: Language, size: Size = SLIDE) -> Figure:
    """A waterfall of the money moved on the left (above on paper), the counties on the right."""
    page, counties = start_changes(data, lang, size, len(data.steps) + 1)
    left, right = panels(page, (len(data.steps) + 1, len(counties)))
    _waterfall(page, left, data)
    title = page.say(Text("变化最大的旗县", "Counties that change most"))
    draw_changes(page, right, title, counties, data.unit)
    return page.figure


def _waterfall(page: Page, box: Box, data: CompareData) -> None:
    line = page.size.line
    title = page.say(Text("两方案之间调剂的资金，逐项累计", "Money moved between the plans, step by step"))
    page.write(box.left, box.top - line * 0.5, page.shortened(title, box.right - box.left), QUIET)
    names = [page.say(step.name) for step in data.steps] + [page.say(Text("合计", "all"))]
    inner = Box(box.left, box.bottom, box.right, box.top - line * 1.3)
    frame, names = bars.frame_of(page, inner, names, most=0.4)
    axes = page.axes(frame)
    scale.rows(page, axes, names)
    stands = list(accumulate((step.moved for step in data.steps), initial=0.0))
    words = [scale.amount(step.moved, sign=True) for step in data.steps] + [scale.amount(stands[-1])]
    pad = line * 0.3
    # A word stands at the right end of its bar, wherever the step began.
    rights = [max(pair) for pair in pairwise(stands)] + [stands[-1]]
    ends = [
        (max(value, 0.0), page.width_of(word) + 2 * pad) for value, word in zip(rights, words, strict=True)
    ]
    low, high = bars.limits(ends, frame.right - frame.left)
    limits = (min([low, *stands]), high)
    scale.across(page, axes, frame, limits, scale.with_unit(page.say(_MOVED), data.unit, page))
    _falls(axes, stands)
    for row, (value, word) in enumerate(zip(rights, words, strict=True)):
        bars.at_end(page, axes, max(value, 0.0), row, word, pad)


_MOVED = Text("累计调剂资金", "money moved so far")


def _falls(axes: Axes, stands: Sequence[float]) -> None:
    """A bar from where the step before ended, a thin line down to the next, and the whole at the end."""
    for row, (begin, end) in enumerate(pairwise(stands)):
        colour = BLUE if end >= begin else ORANGE
        axes.barh(row, end - begin, left=begin, height=0.66, color=colour)
        axes.plot([end, end], [row, row + 1], color=QUIET, linewidth=1.0, zorder=0.8)
    axes.barh(len(stands) - 1, stands[-1], height=0.66, color=QUIET)
    scale.mark(axes, 0, colour=FAINT)
