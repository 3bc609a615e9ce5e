"""A tile for every county, prefecture by prefecture: who gains and who loses, nobody left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from allocator.text import Language, Text
from reports.charts.change_classes import draw_key, look_of, words_on
from reports.charts.page import Page, start
from reports.charts.style import SLIDE, Heading, Size, house_style
from reports.charts.wrap import halves

GAP = 0.03
"""Inches between tiles."""
PAD = 0.08
"""Inches of a tile's width that its name leaves free."""
HEAD = 2.2
"""Lines that the key takes."""
SMALLEST = 6.5
"""Points below which no name is readable, even on paper in the hand."""
SOLID = 1.1
"""Baseline to baseline in a tile, in type sizes."""


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


class _Name(NamedTuple):
    """A county's name in one line and in two, and how wide both are in label type."""

    whole: str
    halves: tuple[str, str]
    wide: float
    narrow: float


@dataclass(frozen=True)
class _Grid:
    """How the tiles lie: the prefectures' names before so many columns."""

    left: float
    columns: int
    width: float
    height: float


@house_style()
def draw_tiles(data: TilesData, lang: Language, size: Size = SLIDE) -> Figure:
    """One row or more for each prefecture, in as many columns as let most names be read."""
    counts = [len(tiles) for _, tiles in data.prefectures]
    across = size.width - 2 * size.margin
    wanted = max(1, int(across * 0.82 // (size.label / 72 * 6.6)))
    page = start(data, lang, size, (_rows(counts, wanted) * 1.9 + HEAD) * size.line)
    named = {tile.name: _named(page, tile.name) for _, tiles in data.prefectures for tile in tiles}
    changes = [tile.change for _, tiles in data.prefectures for tile in tiles]
    left = page.room.left
    top = draw_key(page, changes, left, page.room.top - page.size.line * 0.6, page.room.right)
    heads = [name for name, _ in data.prefectures]
    label = min(max(map(page.width_of, heads), default=0.0) + 0.15, across * 0.2)
    tries = (wanted,) if size.grows else range(1, max(counts, default=1) + 1)
    grids = [_grid(page, left + label, top, counts, columns) for columns in tries]
    grid = min(grids, key=lambda one: _unreadable(page, one, list(named.values())))
    below = float("inf")
    for name, tiles in data.prefectures:
        if below - top > page.size.line * 0.95:
            below = top
            page.write(left, top - grid.height / 2, page.shortened(name, label - 0.1, middle=True))
        for k, tile in enumerate(tiles):
            row, column = divmod(k, grid.columns)
            corner = grid.left + column * grid.width, top - (row + 1) * grid.height
            _draw_tile(page, tile, named[tile.name], corner, grid)
        top -= ceil(len(tiles) / grid.columns) * grid.height
    return page.figure


def _named(page: Page, name: str) -> _Name:
    both = halves(name, page.width_of)
    return _Name(name, both, page.width_of(name), max(map(page.width_of, both)))


def _rows(counts: list[int], columns: int) -> int:
    return sum(ceil(count / columns) for count in counts)


def _grid(page: Page, left: float, top: float, counts: list[int], columns: int) -> _Grid:
    height = (top - page.room.bottom) / max(_rows(counts, columns), 1)
    return _Grid(left, columns, (page.room.right - left) / columns, min(height, page.size.line * 2.6))


def _least(size: Size) -> float:
    """The smallest type of a name, before it is cut instead."""
    return max(SMALLEST, size.label * 0.6)


def _points(page: Page, name: _Name, grid: _Grid) -> tuple[float, bool]:
    """The largest type in which a name fits into a tile, up to label type; and whether in two lines."""
    label, room, high = page.size.label, grid.width - GAP - PAD, (grid.height - GAP) * 72 / SOLID
    one = min(label, room / name.wide * label, high)
    two = min(label, room / name.narrow * label, high / 2) if name.halves[1] else 0.0
    return max(one, two), two > one


def _unreadable(page: Page, grid: _Grid, names: Sequence[_Name]) -> tuple[bool, int, float]:
    """Whether prefectures' names would collide, how many others would be cut, and how small they would be."""
    points = [_points(page, name, grid)[0] for name in names]
    return grid.height < page.size.line, sum(p < _least(page.size) for p in points), -sum(points)


def _draw_tile(page: Page, tile: Tile, name: _Name, corner: tuple[float, float], grid: _Grid) -> None:
    x, y = corner
    box = corner, grid.width - GAP, grid.height - GAP
    page.figure.add_artist(Rectangle(*box, transform=page.figure.dpi_scale_trans, **look_of(tile.change)))
    points, two = _points(page, name, grid)
    lines = list(name.halves) if two else [name.whole]
    if points < (least := _least(page.size)):
        points, lines = least, [_cut(page, name.whole, grid)]
    for number, words in enumerate(lines):
        up = ((len(lines) - 1) / 2 - number) * points * SOLID / 72
        middle = y + (grid.height - GAP) / 2 + up
        look = {"ha": "center", "fontsize": points, "gid": "tile"}
        page.write(x + (grid.width - GAP) / 2, middle, words, words_on(tile.change), **look)


def _cut(page: Page, name: str, grid: _Grid) -> str:
    """The name cut in its middle in the smallest type; blank where a letter or two would say nothing."""
    share = _least(page.size) / page.size.label
    room = (grid.width - GAP - PAD) / share
    if (grid.height - GAP) * 72 < _least(page.size) * SOLID or room < page.width_of("旗县…"):
        return ""
    return page.shortened(name, room, middle=True)


def ranked(prefectures: dict[str, list[Tile]]) -> tuple[tuple[str, tuple[Tile, ...]], ...]:
    """Prefectures as given, counties from the largest gain to the largest loss, unknown ones last."""
    return tuple(
        (name, tuple(sorted(tiles, key=lambda t: (t.change != t.change, -t.change, t.name))))
        for name, tiles in prefectures.items()
    )


NOTE = Text("各盟市内按增幅从高到低排列", "Within a prefecture from the largest gain to the largest loss")
