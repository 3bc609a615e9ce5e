"""A page to draw on, measured in inches: title, subtitle and footer stand, the rest is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from allocator.text import Language, Text
from reports.charts import fonts
from reports.charts.style import FAINT, INK, NOTHING, QUIET, ChartData, Size
from reports.charts.wrap import CLEAN, FINE, shortened, whole, wrapped

_LINE = 1.3
"""Baseline to baseline, in type sizes."""


class Box(NamedTuple):
    """A rectangle on the page, in inches from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def columns(self, *shares: float, gap: float) -> list[Box]:
        """Side by side, `gap` apart, as wide as their shares."""
        room = self.right - self.left - gap * (len(shares) - 1)
        found, left = [], self.left
        for share in shares:
            right = left + room * share / sum(shares)
            found.append(Box(left, self.bottom, right, self.top))
            left = right + gap
        return found

    def overlaps(self, other: Box) -> bool:
        """Do the two share some area?"""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


@dataclass(frozen=True)
class Rows:
    """How many rows a chart wants and what they need, in lines of label type."""

    count: int
    lines: float
    """A row's height where there is room."""
    least: float
    """The height below which rows are left out instead."""
    extra: float
    """Lines that the rest of the chart takes."""
    hidden: Text
    """Note on the rows left out; {} is their number."""
    most: int = 10**6
    heights: tuple[int, ...] = ()
    """How many times as high as others each row is, where they differ."""
    absent: int = 0
    """Rows that there are but that are never drawn; the note counts them too."""


@cache
def _renderer(dpi: int) -> RendererAgg:
    return RendererAgg(8, 8, dpi)


@lru_cache(maxsize=10_000)
def width_of(words: str, points: float, dpi: int) -> float:
    """Inches that a text takes at a type size."""
    family = FontProperties(family=[fonts.FAMILY, fonts.FALLBACK], size=points)
    width: float = _renderer(dpi).get_text_width_height_descent(words, family, ismath=False)[0]
    return width / dpi


@dataclass(frozen=True)
class Page:
    """A figure with its heading drawn, and the room that is left."""

    figure: Figure
    size: Size
    lang: Language
    room: Box

    def width_of(self, words: str, points: float | None = None) -> float:
        """Inches that a text takes, in label type if not told."""
        return width_of(words, points or self.size.label, self.size.dpi)

    def wrapped(self, words: str, width: float) -> list[str]:
        """Lines of label type no wider than `width`, at the best breaks."""
        return wrapped(words, self.width_of, width)

    def fitted(self, words: str, width: float, most: int = 2) -> str:
        """Up to `most` lines of label type, the last one cut where even they are too few."""
        lines = self.wrapped(words, width)
        if len(lines) > most:
            last = words.find(lines[most - 1], sum(map(len, lines[: most - 1])))
            lines = [*lines[: most - 1], words[last:]]
        return "\n".join(self.shortened(line, width) for line in lines)

    def shortened(self, words: str, width: float, middle: bool = False) -> str:
        """Label type, cut to `width` with an ellipsis."""
        return shortened(words, self.width_of, width, middle)

    @property
    def below(self) -> float:
        """Inches that the scale under a frame takes."""
        return self.size.line * 2.8

    def say(self, text: Text) -> str:
        """The text in the page's language."""
        return text.say(self.lang)

    def axes(self, box: Box) -> Axes:
        """Axes whose frame is the box."""
        width, height = self.figure.get_size_inches()
        return self.figure.add_axes(
            (
                box.left / width,
                box.bottom / height,
                (box.right - box.left) / width,
                (box.top - box.bottom) / height,
            )
        )

    def write(self, x: float, y: float, words: str, colour: str = INK, **properties: Any) -> None:
        """Text at a place in inches; left and in the middle of its height if not told otherwise."""
        given: dict[str, Any] = {"fontsize": self.size.label, "ha": "left", "va": "center_baseline"}
        inches = self.figure.dpi_scale_trans
        self.figure.text(
            x, y, fonts.visible(words), color=colour, transform=inches, **{**given, **properties}
        )

    def write_lines(
        self, x: float, y: float, lines: Sequence[str], colour: str = INK, **properties: Any
    ) -> None:
        """Lines of label type, one below the other, the middle of them all at `y`."""
        for number, line in enumerate(lines):
            if line:
                up = (len(lines) - 1) / 2 - number
                self.write(x, y + up * self.size.line, line, colour, **properties)

    def line(self, xs: list[float], ys: list[float], colour: str = FAINT, **properties: Any) -> None:
        """A line through places in inches."""
        inches = self.figure.dpi_scale_trans
        self.figure.add_artist(Line2D(xs, ys, color=colour, transform=inches, **properties))

    def bar(self, left: float, bottom: float, width: float, height: float, colour: str) -> None:
        """A plain rectangle at a place in inches."""
        inches = self.figure.dpi_scale_trans
        place = (left, bottom)
        self.figure.add_artist(Rectangle(place, width, height, color=colour, linewidth=0, transform=inches))

    def swatches(
        self, left: float, y: float, named: list[tuple[str, dict[str, Any]]], gap: float | None = None
    ) -> float:
        """A key in one line: coloured boxes, each followed by its words and a gap. Gives where it ends."""
        side = self.size.label / 72
        for words, look in named:
            place = (left, y - side / 2)
            self.figure.add_artist(
                Rectangle(place, side * 1.6, side, transform=self.figure.dpi_scale_trans, **look)
            )
            self.write(left + side * 2, y, words)
            left += side * 2 + self.width_of(words) + (side * 2 if gap is None else gap)
        return left

    def inches(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes lies on the page."""
        across, up = axes.transData.transform((x, y)) / self.figure.dpi
        return float(across), float(up)


def start_rows(data: ChartData, lang: Language, size: Size, rows: Rows) -> tuple[Page, int]:
    """A page for rows, and how many of them it has room for; the footer counts the others."""
    room_for = min(rows.count, rows.most)
    ends = list(accumulate(rows.heights or [1] * rows.count))[:room_for]
    content = ((ends[-1] if ends else 0) * rows.lines + rows.extra) * size.line
    page = start(data, lang, size, content)
    if not size.grows:
        lines = (page.room.top - page.room.bottom) / size.line - rows.extra
        room_for = sum(end * rows.least <= lines for end in ends)
    hidden = rows.count - room_for + rows.absent
    if not hidden:
        return page, room_for
    note = Text(rows.hidden.zh.format(hidden), rows.hidden.en.format(hidden))
    return start(data, lang, size, content, note), room_for


def start(data: ChartData, lang: Language, size: Size, content: float, note: Text = NOTHING) -> Page:
    """A page with its heading and footer; a page that grows leaves `content` inches between them."""
    fonts.check_data((data, note))
    across = size.width - 2 * size.margin
    said, kept = data.heading, (*data.heading.names, data.unit)
    title, points = _title(said.title.say(lang), size, across, kept)
    subtitle = _lines(said.subtitle.say(lang), size, size.subtitle, across, kept)
    footer = _lines(_footer(data, lang, note), size, size.footer, across, kept)
    above = size.margin + _height(len(title), points) + _height(len(subtitle), size.subtitle)
    gap = size.label * 0.8 / 72
    below = size.margin + _height(len(footer), size.footer) + gap * 0.6
    height = max(size.height, above + gap + content + below) if size.grows else size.height
    figure = Figure(figsize=(size.width, height), dpi=size.dpi, facecolor="white")
    room = Box(size.margin, below, size.width - size.margin, height - above - gap)
    page = Page(figure, size, lang, room)
    top = height - size.margin
    top = _paragraph(page, title, top, points, INK, "title")
    _paragraph(page, subtitle, top, size.subtitle, QUIET, "subtitle")
    _paragraph(page, footer, size.margin + _height(len(footer), size.footer), size.footer, QUIET, "footer")
    return page


def _height(lines: int, points: float) -> float:
    return lines * _LINE * points / 72


def _lines(words: str, size: Size, points: float, width: float, kept: Sequence[str]) -> list[str]:
    return wrapped(words, lambda part: width_of(part, points, size.dpi), width, kept)


def _title(words: str, size: Size, width: float, kept: Sequence[str]) -> tuple[list[str], float]:
    """The title's lines and type size: two lines if it can be, in the largest type that does it.

    A smaller type is better than a line that breaks within a word.
    """
    sizes = [size.title - k for k in range(int(size.title - size.least_title) + 1)]
    for most in (FINE, CLEAN):
        for points in sizes:
            measure = partial(width_of, points=points, dpi=size.dpi)
            for count in (1, 2):
                found = whole(words, measure, width, count, kept, most)
                if found is not None:
                    return found, points
    for points in sizes:
        lines = _lines(words, size, points, width, kept)
        if len(lines) <= 2:
            break
    return lines, points


def _footer(data: ChartData, lang: Language, note: Text) -> str:
    source = data.heading.source.say(lang)
    unit = Text(f"单位：{data.unit}。", f"Unit: {data.unit}. ").say(lang) if data.unit else ""
    whence = Text(f"来源：{source}。", f"Source: {source}. ").say(lang) if source else ""
    return (unit + whence + note.say(lang)).rstrip()


def _paragraph(page: Page, lines: list[str], top: float, points: float, colour: str, name: str) -> float:
    """Lines from `top` down; gives where they end."""
    for line in lines:
        # The baseline stands where the font's ascent ends.
        page.write(
            page.size.margin, top - 1.0 * points / 72, line, colour, fontsize=points, va="baseline", gid=name
        )
        top -= _height(1, points)
    return top
