"""Equity: Lorenz curves before and after the rules, with their Gini and Theil values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import bars, scale
from reports.charts.labels import Tag, along, around
from reports.charts.page import Box, Page, start
from reports.charts.style import BLUE, FAINT, ORANGE, QUIET, SLIDE, Heading, Size, house_style

_WHERE = (0.7, 0.4, 0.5, 0.6, 0.8, 0.3)
"""Shares of people at which a curve may be named."""
PEOPLE = Text("人口累计（由人均最少到最多）", "people, from least to most per head")
MONEY = Text("资金累计", "money")
GROUPS = Text("各类旗县人均资金", "Money per head by group")


@dataclass(frozen=True)
class Lorenz:
    """A curve from (0, 0) to (1, 1): shares of people and of money, with its Gini and Theil values."""

    name: Text
    points: tuple[tuple[float, float], ...]
    gini: float
    theil: float


@dataclass(frozen=True)
class GroupAmounts:
    """Money a head of one group before and after."""

    name: Text
    before: float
    after: float


@dataclass(frozen=True)
class EquityData:
    """Two curves, the axes' words, and the groups if there are any."""

    heading: Heading
    unit: str
    """Of the groups' money per head; blank without groups: the curves are shares."""
    before: Lorenz
    after: Lorenz
    people: Text = PEOPLE
    money: Text = MONEY
    groups: tuple[GroupAmounts, ...] = ()
    groups_title: Text = GROUPS


@house_style()
def draw_equity(data: EquityData, lang: Language, size: Size = SLIDE) -> Figure:
    """The curves on the left (above on paper), the groups on the right (below)."""
    line = size.line
    below = (len(data.groups) * 2.6 + 6) * line if data.groups and size.grows else 0.0
    page = start(data, lang, size, line * 30 + below)
    room = page.room
    area = Box(room.left, room.bottom + below, room.right, room.top)
    if data.groups and size.grows:
        _groups(page, Box(room.left, room.bottom, room.right, room.bottom + below - line), data)
    elif data.groups:
        area, side = room.columns(0.56, 0.44, gap=line * 2)
        _groups(page, side, data)
    _curves(page, area, data)
    return page.figure


def _curves(page: Page, area: Box, data: EquityData) -> None:
    line, full = page.size.line, (0.0, 1.0)
    frame = Box(
        area.left + scale.left_room(page, full, percent=True),
        area.bottom + page.below,
        area.right - line * 1.2,
        area.top - line * 1.6,
    )
    axes = page.axes(frame)
    scale.across(page, axes, frame, full, page.say(data.people), percent=True)
    scale.upward(page, axes, frame, full, page.say(data.money), percent=True)
    axes.plot(full, full, color=QUIET, linewidth=1.2, linestyle="--")
    corners = [page.inches(axes, 0, 0), page.inches(axes, 1, 1)]
    obstacles, tags = along(corners), []
    for curve, colour in ((data.before, ORANGE), (data.after, BLUE)):
        axes.plot(*zip(*curve.points, strict=True), color=colour, linewidth=page.size.label / 4)
        obstacles += along([page.inches(axes, x, y) for x, y in curve.points])
        spots = [page.inches(axes, where, height_at(curve.points, where)) for where in _WHERE]
        tags.append(Tag(spots, _named(page, curve), colour))
    spots = [page.inches(axes, where, where) for where in _WHERE]
    tags.append(Tag(spots, page.say(Text("完全均等", "full equality")), QUIET))
    for (x, y), tag in list(zip(around(page, frame, tags, obstacles), tags, strict=True))[:2]:
        page.line([x], [y], tag.colour, marker="o", markersize=page.size.label * 0.6)


def _named(page: Page, curve: Lorenz) -> str:
    gini, theil = page.say(Text("基尼", "Gini")), page.say(Text("泰尔", "Theil"))
    return f"{page.say(curve.name)}\n{gini} {curve.gini:.3f}\n{theil} {curve.theil:.3f}"


def height_at(points: tuple[tuple[float, float], ...], where: float) -> float:
    """The curve's height at a share of people, straight between its points."""
    for (left, low), (right, high) in pairwise(points):
        if left <= where <= right and right > left:
            return low + (high - low) * (where - left) / (right - left)
    return points[-1][1]


def _groups(page: Page, box: Box, data: EquityData) -> None:
    line = page.size.line
    title = scale.with_unit(page.say(data.groups_title), data.unit, page)
    page.write(box.left, box.top - line * 0.6, page.shortened(title, box.right - box.left), QUIET)
    named = [
        (page.say(curve.name), {"color": colour})
        for curve, colour in ((data.before, ORANGE), (data.after, BLUE))
    ]
    page.swatches(box.left, box.top - line * 2.0, named)
    names = [page.say(group.name) for group in data.groups]
    names = [page.fitted(name, (box.right - box.left) * 0.4) for name in names]
    left = box.left + max(page.width_of(part) for name in names for part in name.split("\n")) + line * 0.5
    frame = Box(left, box.bottom + page.below, box.right, box.top - line * 3)
    axes = page.axes(frame)
    scale.rows(page, axes, names)
    pad = line * 0.3
    values = [value for group in data.groups for value in (group.before, group.after)]
    ends = [(value, page.width_of(scale.amount(value)) + 2 * pad) for value in values]
    limits = bars.limits(ends, frame.right - frame.left)
    scale.across(page, axes, frame, limits, data.unit)
    for row, group in enumerate(data.groups):
        _pair(page, axes, row, group, pad)
    scale.mark(axes, 0, colour=FAINT)


def _pair(page: Page, axes: Axes, row: int, group: GroupAmounts, pad: float) -> None:
    high = bars.thickness(page, axes, 1.0, 4.0)
    for value, offset, colour in ((group.before, -0.2, ORANGE), (group.after, 0.2, BLUE)):
        axes.barh(row + offset * high, value, height=0.36 * high, color=colour)
        bars.at_end(page, axes, value, row + offset * high, scale.amount(value), pad)
