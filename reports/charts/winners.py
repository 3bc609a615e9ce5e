"""Winners and losers: who gets more and who gets less, by prefecture and by county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts import scale
from reports.charts.bars import Bar, diverging
from reports.charts.page import Box, Page, start
from reports.charts.style import NOTHING, SLIDE, ChartData, Heading, Size, house_style


@dataclass(frozen=True)
class Change:
    """What someone gets before and after."""

    name: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class WinnersData:
    """Changes of prefectures (their sums; may be left out) and of counties."""

    heading: Heading
    unit: str
    prefectures: tuple[Change, ...]
    counties: tuple[Change, ...]
    most: int = 10
    """Counties shown either way."""


@house_style()
def draw_winners(data: WinnersData, lang: Language, size: Size = SLIDE) -> Figure:
    """Prefectures on the left (above on paper), the counties that change most on the right."""
    prefectures = sorted(data.prefectures, key=lambda one: (-one.change, one.name))
    titles = (Text("各盟市合计", "By prefecture"), Text("变化最大的旗县", "Counties that change most"))
    page, counties = start_changes(data, lang, size, len(prefectures))
    if not prefectures:
        draw_changes(page, page.room, page.say(titles[1]), counties, data.unit)
        return page.figure
    prefectures = _ends(prefectures, room_for(page))
    boxes = panels(page, (len(prefectures), len(counties)))
    for box, changes, title in zip(boxes, (prefectures, counties), titles, strict=True):
        draw_changes(page, box, page.say(title), changes, data.unit)
    return page.figure


def extremes(changes: Sequence[Change], most: int) -> list[Change]:
    """The largest gains, then the largest losses; whoever does not change is left out."""
    up = sorted((one for one in changes if one.change > 0), key=lambda one: (-one.change, one.name))
    down = sorted((one for one in changes if one.change < 0), key=lambda one: (one.change, one.name))
    return up[:most] + down[:most][::-1]


class ChangesData(ChartData, Protocol):
    """A chart with counties' changes in it."""

    @property
    def counties(self) -> tuple[Change, ...]:
        """Their changes."""
        ...

    @property
    def most(self) -> int:
        """How many are shown either way."""
        ...


def start_changes(
    data: ChangesData, lang: Language, size: Size, others: int, note: Text = NOTHING
) -> tuple[Page, list[Change]]:
    """A page for a panel of `others` rows and one of counties; and the counties that there is room for."""
    counties = extremes(data.counties, data.most)
    rows = (others, len(counties)) if others else (len(counties),)
    page = start(data, lang, size, sum(count * 1.3 + 5.5 for count in rows) * size.line, note)
    return page, extremes(data.counties, min(data.most, room_for(page) // 2))


def room_for(page: Page) -> int:
    """Rows of a panel that can be read on a page that does not grow."""
    if page.size.grows:
        return 10**6
    return int(((page.room.top - page.room.bottom - page.below) / page.size.line - 1.3) / 1.0)


def _ends(ranked: list[Change], most: int) -> list[Change]:
    """The first and the last of a ranking, if it is too long."""
    return ranked if len(ranked) <= most else ranked[: most // 2] + ranked[-(most // 2) :]


def panels(page: Page, rows: Sequence[int], shares: tuple[float, float] = (1, 1)) -> list[Box]:
    """Two panels: side by side on a slide, one above the other, as tall as their rows, on paper."""
    if not page.size.grows:
        return page.room.columns(*shares, gap=page.size.line * 2)
    boxes, top = [], page.room.top
    for count in rows:
        bottom = top - (count * 1.3 + 5.5) * page.size.line
        boxes.append(Box(page.room.left, bottom + page.size.line, page.room.right, top))
        top = bottom
    return boxes


def draw_changes(page: Page, box: Box, title: str, changes: Sequence[Change], unit: str) -> None:
    """A diverging panel with the change in money and in percent before each bar."""
    rows = [Bar(one.name, one.change, _words(one)) for one in changes]
    axis = scale.with_unit(page.say(Text("增减", "change")), unit, page)
    diverging(page, box, title, rows, axis)


def _words(one: Change) -> tuple[str, str]:
    change = scale.amount(one.change, sign=True)
    return change, scale.fixed(one.change / one.before * 100, 1, sign=True) + "%" if one.before > 0 else ""
