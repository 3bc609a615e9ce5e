"""Compare: what two plans differ by, how much of it each cause brings and takes, and whom it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.page import Box, Page
from reports.charts.style import (
    DOWN,
    FAINT,
    NOTHING,
    QUIET,
    SLIDE,
    UP,
    Heading,
    Size,
    house_style,
)
from reports.charts.winners import Change, draw_changes, panels, start_changes

CAUSES = Text("各项原因使旗县增减的资金", "What counties gain and lose by each cause")


@dataclass(frozen=True)
class Cause:
    """What counties gain and lose by one cause, both counted from zero upwards."""

    name: Text
    gained: float
    lost: float
    net: float


@dataclass(frozen=True)
class CompareData:
    """The whole difference and its causes (may be left out), and the counties' changes."""

    heading: Heading
    unit: str
    causes: tuple[Cause, ...]
    """The whole first, then its causes."""
    counties: tuple[Change, ...]
    note: Text = NOTHING
    """How to read the causes; stands in the footer."""
    most: int = 8
    """Counties shown either way."""


@house_style()
def draw_compare(data: CompareData, lang: Language, size: Size = SLIDE) -> Figure:
    """Gains and losses by cause on the left (above on paper), the counties that change most on the right."""
    # Names of causes take two lines at most.
    rows = 2 * len(data.causes)
    page, counties = start_changes(data, lang, size, rows, data.note)
    title = page.say(Text("变化最大的旗县", "Counties that change most"))
    if not data.causes:
        draw_changes(page, page.room, title, counties, data.unit)
        return page.figure
    left, right = panels(page, (rows, len(counties)))
    _causes(page, left, data)
    draw_changes(page, right, title, counties, data.unit)
    return page.figure


def _causes(page: Page, box: Box, data: CompareData) -> None:
    """A row for each cause: its net before the bars, losses to the left, gains to the right."""
    line = page.size.line
    page.write(box.left, box.top - line * 0.5, page.shortened(page.say(CAUSES), box.right - box.left), QUIET)
    nets, heading = [scale.amount(cause.net, sign=True) for cause in data.causes], page.say(_NET)
    wide = max(map(page.width_of, (*nets, heading))) + line * 0.6
    cap = (box.right - box.left) * 0.4 - wide
    names = [page.fitted(page.say(cause.name), cap).split("\n") for cause in data.causes]
    stop = box.left + max(page.width_of(words) for name in names for words in name) + wide
    frame = Box(stop + line * 0.6, box.bottom + page.below, box.right, box.top - line * 2.6)
    axes = page.axes(frame)
    scale.rows(page, axes, [""] * len(names))
    _bars(page, axes, frame, data)
    for row, (name, net) in enumerate(zip(names, nets, strict=True)):
        _, y = page.inches(axes, 0, row)
        page.write_lines(box.left, y, name)
        page.write(stop, y, net, ha="right")
    page.write(stop, frame.top + line * 0.6, heading, QUIET, ha="right")
    # The whole stands apart from what it is made of.
    _, below = page.inches(axes, 0, 0.5)
    page.line([box.left, box.right], [below, below], FAINT, linewidth=1.0)


_NET = Text("净额", "net")


def _bars(page: Page, axes: Axes, frame: Box, data: CompareData) -> None:
    line, high = page.size.line, bars.thickness(page, axes)
    ends = [end for cause in data.causes for end in _ends(cause)]
    inches = [(value, page.width_of(_words(value)) + line * 0.6) for value in ends]
    limits = bars.limits(inches, frame.right - frame.left)
    scale.across(page, axes, frame, limits, scale.with_unit(page.say(_CHANGE), data.unit, page), sign=True)
    for row, cause in enumerate(data.causes):
        for value in _ends(cause):
            axes.barh(row, value, height=high, color=DOWN if value < 0 else UP)
            bars.at_end(page, axes, value, row, _words(value), line * 0.3)
    scale.mark(axes, 0, colour=QUIET)


_CHANGE = Text("增减", "change")


def _ends(cause: Cause) -> Sequence[float]:
    """Ends of a cause's bars; of one that does nothing a single one, to be written as zero."""
    return [end for end in (-cause.lost, cause.gained) if end] or [0.0]


def _words(value: float) -> str:
    return scale.amount(value, sign=True)
