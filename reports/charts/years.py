"""Shares over the years: for each prefecture the share it reached, and what asked for the most."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from allocator.text import Language, Text
from reports.charts.page import Page, Rows, start_rows
from reports.charts.style import INK, QUIET, SLIDE, Heading, Size, house_style

_HIDDEN = Text("另有 {} 行未列。", "{} more rows not shown.")
FLOOR, RATCHET = "#DCEBF5", "#FBE3C8"
"""Pale blue and pale orange, light enough to be written on."""
_KEY = (
    (Text("当年下限", "the year's floor"), FLOOR),
    (Text("上年占比（不低于上年）", "last year's share"), RATCHET),
)


@dataclass(frozen=True)
class Reached:
    """One cell: the share reached and the share required, in words, and whether last year's asks for more."""

    share: str
    required: str
    ratchet: bool


@dataclass(frozen=True)
class YearsData:
    """Rows of places, columns of years; None where there is nothing to show."""

    heading: Heading
    unit: str
    years: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Reached | None, ...]], ...]


@house_style()
def draw_years(data: YearsData, lang: Language, size: Size = SLIDE) -> Figure:
    """A grid with a key above it."""
    page, count = start_rows(data, lang, size, Rows(len(data.rows), 2.0, 1.3, 3.0, _HIDDEN))
    line, room = size.line, page.room
    end, key = room.left, room.top - line * 0.6
    heading = page.say(Text("约束来自：", "Required by:"))
    page.write(end, key, heading)
    looks = [(page.say(words), {"facecolor": colour, "edgecolor": QUIET}) for words, colour in _KEY]
    page.swatches(end + page.width_of(heading) + line * 0.5, key, looks)
    names = [page.shortened(name, (room.right - room.left) * 0.3) for name, _ in data.rows[:count]]
    left = room.left + max(map(page.width_of, names), default=0.0) + line
    width = (room.right - left) / len(data.years)
    top = room.top - line * 2.9
    height = min(2.2 * line, (top - room.bottom) / max(1, count))
    for k, year in enumerate(data.years):
        page.write(left + width * (k + 0.5), top + line * 0.7, year, QUIET, ha="center")
    for row, (name, cells) in enumerate(zip(names, (cells for _, cells in data.rows[:count]), strict=True)):
        middle = top - height * (row + 0.5)
        page.write(room.left, middle, name)
        for k, cell in enumerate(cells):
            if cell is not None:
                _cell(page, cell, (left + width * k, middle, width, height))
    return page.figure


def _cell(page: Page, cell: Reached, place: tuple[float, float, float, float]) -> None:
    """A rectangle of the colour of what was required, the share in it, and the requirement beside."""
    left, middle, width, height = place
    gap = page.size.line * 0.12
    colour = RATCHET if cell.ratchet else FLOOR
    page.bar(left + gap, middle - height / 2 + gap, width - 2 * gap, height - 2 * gap, colour)
    centre = left + width / 2
    required = f" ≥ {cell.required}"
    whole = page.width_of(cell.share) + page.width_of(required)
    if whole > width - 4 * gap:
        page.write(centre, middle, page.shortened(cell.share, width - 4 * gap), INK, ha="center")
        return
    page.write(centre - whole / 2, middle, cell.share, INK)
    page.write(centre + whole / 2, middle, required.strip(), QUIET, ha="right")
