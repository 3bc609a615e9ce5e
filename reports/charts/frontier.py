"""Frontier: what more of a goal costs in fidelity, and where the price of it turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import scale
from reports.charts.labels import Tag, along, around
from reports.charts.page import Box, start
from reports.charts.style import BLUE, INK, SLIDE, VERMILLION, Heading, Size, house_style


@dataclass(frozen=True)
class Measure:
    """What an axis counts."""

    name: Text
    unit: str
    percent: bool = False
    sign: bool = False
    """Are its values changes, written with their signs?"""


@dataclass(frozen=True)
class Spot:
    """A named point of the frontier."""

    goal: float
    cost: float
    name: Text


@dataclass(frozen=True)
class FrontierData:
    """The curve (goal, cost), its knees, and where the plan stands now."""

    heading: Heading
    unit: str
    goal: Measure
    cost: Measure
    points: tuple[tuple[float, float], ...]
    knees: tuple[Spot, ...]
    present: Spot


@house_style()
def draw_frontier(data: FrontierData, lang: Language, size: Size = SLIDE) -> Figure:
    """The curve, a ring at each knee, a diamond at the present point, and a name at each."""
    page = start(data, lang, size, size.line * 26)
    points = [*data.points, (data.present.goal, data.present.cost)]
    across, upward = _span([x for x, _ in points]), _span([y for _, y in points])
    line = size.line
    frame = Box(
        page.room.left + scale.left_room(page, upward, data.cost.percent, data.cost.sign),
        page.room.bottom + page.below,
        page.room.right - line,
        page.room.top - line * 1.6,
    )
    axes = page.axes(frame)
    scale.across(page, axes, frame, across, _titled(data.goal, lang), data.goal.percent)
    scale.upward(page, axes, frame, upward, _titled(data.cost, lang), data.cost.percent, sign=data.cost.sign)
    curve = sorted(data.points)
    axes.plot([x for x, _ in curve], [y for _, y in curve], color=BLUE, linewidth=size.label / 4)
    _marks(axes, data, size)
    present = data.present
    spots = [(present, VERMILLION), *((knee, INK) for knee in data.knees)]
    places = [page.inches(axes, spot.goal, spot.cost) for spot, _ in spots]
    tags = [
        Tag([(x, y)], "\n".join(page.wrapped(page.say(spot.name), (frame.right - frame.left) * 0.3)), colour)
        for (spot, colour), (x, y) in zip(spots, places, strict=True)
    ]
    around(page, frame, tags, along([page.inches(axes, x, y) for x, y in curve]) + places)
    return page.figure


def _marks(axes: Axes, data: FrontierData, size: Size) -> None:
    """A ring at each knee and a diamond at the present point."""
    ring: dict[str, Any] = {
        "markerfacecolor": "white",
        "markeredgecolor": BLUE,
        "markeredgewidth": size.label / 6,
    }
    for knee in data.knees:
        # Marks at the frame's edge are drawn whole.
        axes.plot(
            [knee.goal], [knee.cost], "o", markersize=size.label * 0.75, zorder=4, clip_on=False, **ring
        )
    diamond: dict[str, Any] = {
        "color": VERMILLION,
        "markersize": size.label * 0.75,
        "zorder": 5,
        "clip_on": False,
    }
    axes.plot([data.present.goal], [data.present.cost], "D", **diamond)


def _titled(measure: Measure, lang: Language) -> str:
    name = measure.name.say(lang)
    if not measure.unit:
        return name
    return f"{name}（{measure.unit}）" if lang == "zh" else f"{name} ({measure.unit})"


def _span(values: Sequence[float]) -> tuple[float, float]:
    """A little more than the values; from zero if they come near it."""
    low, high = min(values), max(values)
    pad = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return (0.0 if 0 <= low < (high - low) * 0.5 else low - pad), high + pad
