"""A tile for every county, prefecture by prefecture: who gains and who loses, nobody left out."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allocator.text import Language, Text
from reports.charts.change_classes import draw_key, look_of, words_on
from reports.charts.page import Page, start
from reports.charts.style import SLIDE, Heading, Size, house_style

GAP = 0.03
"""Inches between tiles."""
HEAD = 2.2
"""Lines that the key takes."""


@dataclass(frozen=True)
class Tile:
    """A county and its relative change (0.05 = five percent more); NaN where nothing was before."""

    name: str
    change: float


@dataclass(frozen=True)
class TilesData:
    """Counties by prefecture, in the order in which they are shown."""

    heading: Heading
    unit: str
    prefectures: tuple[tuple[str, tuple[Tile, ...]], ...]


@house_style()
def draw_tiles(data: TilesData, lang: Language, size: Size = SLIDE) -> Figure:
    """One row or more for each prefecture; on a slide tiles are as wide as all rows allow."""
    counts = [len(tiles) for _, tiles in data.prefectures]
    across = size.width - 2 * size.margin
    wanted = max(1, int(across * 0.82 // (size.label / 72 * 6.6)))
    page = start(data, lang, size, (_rows(counts, wanted) * 1.5 + HEAD) * size.line)
    changes = [tile.change for _, tiles in data.prefectures for tile in tiles]
    left = page.room.left
    top = draw_key(page, changes, left, page.room.top - page.size.line * 0.6, page.room.right)
    names = [name for name, _ in data.prefectures]
    label = min(max(map(page.width_of, names), default=0.0) + 0.15, across * 0.2)
    columns = _columns(page, counts, top - page.room.bottom, wanted)
    height = min((top - page.room.bottom) / max(_rows(counts, columns), 1), page.size.line * 1.9)
    width = (page.room.right - left - label) / columns
    for name, tiles in data.prefectures:
        page.write(left, top - height / 2, page.shortened(name, label - 0.1, middle=True))
        for k, tile in enumerate(tiles):
            row, column = divmod(k, columns)
            _draw_tile(page, tile, (left + label + column * width, top - (row + 1) * height, width, height))
        top -= ceil(len(tiles) / columns) * height
    return page.figure


def _rows(counts: list[int], columns: int) -> int:
    return sum(ceil(count / columns) for count in counts)


def _columns(page: Page, counts: list[int], room: float, wanted: int) -> int:
    """The fewest tiles a row for which all rows find room at a line each."""
    if page.size.grows:
        return wanted
    most = max(counts, default=1)
    rows = int(room / (page.size.line * 1.05))
    return next((c for c in range(min(wanted, most), most + 1) if _rows(counts, c) <= rows), most)


def _draw_tile(page: Page, tile: Tile, place: tuple[float, float, float, float]) -> None:
    x, y, width, height = place
    box = (x, y), width - GAP, height - GAP
    page.figure.add_artist(Rectangle(*box, transform=page.figure.dpi_scale_trans, **look_of(tile.change)))
    room = width - GAP - 0.08
    # a name that would be cut to a letter or two says nothing
    if height >= page.size.line and room >= page.width_of("旗县…"):
        words = page.shortened(tile.name, room, middle=True)
        page.write(x + (width - GAP) / 2, y + height / 2, words, words_on(tile.change), ha="center")


def ranked(prefectures: dict[str, list[Tile]]) -> tuple[tuple[str, tuple[Tile, ...]], ...]:
    """Prefectures as given, counties from the largest gain to the largest loss, unknown ones last."""
    return tuple(
        (name, tuple(sorted(tiles, key=lambda t: (t.change != t.change, -t.change, t.name))))
        for name, tiles in prefectures.items()
    )


NOTE = Text("各盟市内按增幅从高到低排列", "Within a prefecture from the largest gain to the largest loss")
