"""A map of the counties' own shapes, coloured by who gains and who loses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from allocator.shapes import Shape
from allocator.text import Language
from reports.charts.change_classes import draw_key, look_of
from reports.charts.page import Box, Page, start
from reports.charts.style import INK, SLIDE, Heading, Size, house_style
from reports.charts.wrap import halves

NAMED = 12
"""Counties that are named at most, those that change most first."""
WHITE = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0}


@dataclass(frozen=True)
class Area:
    """A county, its relative change (NaN where nothing was before), and its shape in degrees."""

    name: str
    change: float
    shape: Shape


@dataclass(frozen=True)
class ShapesData:
    """All counties of the map."""

    heading: Heading
    unit: str
    areas: tuple[Area, ...]


@house_style()
def draw_shapes(data: ShapesData, lang: Language, size: Size = SLIDE) -> Figure:
    """An equirectangular map that is true to scale at its middle latitude; the largest changes are named."""
    points = np.array(
        [p for a in data.areas for polygon in a.shape.polygons for ring in polygon for p in ring]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    squeeze = math.cos(math.radians(float(low[1] + high[1]) / 2))
    width, height = max((high[0] - low[0]) * squeeze, 1e-9), max(high[1] - low[1], 1e-9)
    across = size.width - 2 * size.margin
    page = start(data, lang, size, min(across * height / width, across * 1.2) + size.line * 3)
    changes = [area.change for area in data.areas]
    left, right = page.room.left, page.room.right
    top = draw_key(page, changes, left, page.room.top - page.size.line * 0.6, right)
    axes = page.axes(Box(left, page.room.bottom, right, top))
    axes.set_axis_off()
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect(1 / squeeze)
    for area in data.areas:
        axes.add_patch(PathPatch(_path(area.shape), **{**look_of(area.change), "linewidth": 0.8}))
    _name(page, axes, data)
    return page.figure


def _path(shape: Shape) -> Path:
    rings = [ring for polygon in shape.polygons for ring in polygon]
    codes = [c for ring in rings for c in (Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY)]
    return Path(np.array([point for ring in rings for point in ring]), codes)


def _name(page: Page, axes: Axes, data: ShapesData) -> None:
    """Names on the counties that change most, where no other name stands."""
    page.figure.draw_without_rendering()
    taken: list[Box] = []
    known = sorted(
        (a for a in data.areas if math.isfinite(a.change) and a.change),
        key=lambda a: (-abs(a.change), a.name),
    )
    for area in known:
        if len(taken) == NAMED:
            return
        x, y = page.inches(axes, *_middle(area.shape))
        lines = _lines(page, area.name)
        half, high = max(map(page.width_of, lines)) / 2 + 0.04, page.size.line * len(lines) / 2
        x = min(max(x, page.room.left + half), page.room.right - half)
        box = Box(x - half, y - high, x + half, y + high)
        if not any(box.overlaps(other) for other in taken):
            page.write_lines(x, y, lines, INK, ha="center", bbox=WHITE)
            taken.append(box)


def _lines(page: Page, name: str) -> list[str]:
    """A name in one line, a long one in two."""
    most = page.size.label / 72 * 8
    if page.width_of(name) <= most:
        return [name]
    return [page.shortened(half, most, middle=True) for half in halves(name, page.width_of) if half]


def _middle(shape: Shape) -> tuple[float, float]:
    """Centroid of the largest outer ring (shoelace formula)."""
    best, most = (0.0, 0.0), -1.0
    for outer in (np.array(polygon[0]) for polygon in shape.polygons):
        area, middle = _centroid(outer)
        if abs(area) > most:
            best, most = middle, abs(area)
    return best


def _centroid(ring: NDArray[np.float64]) -> tuple[float, tuple[float, float]]:
    a, b = ring[:-1], ring[1:]
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    area = float(cross.sum()) / 2
    if not area:
        return 0.0, (float(ring[0, 0]), float(ring[0, 1]))
    middle = ((a + b) * cross[:, None]).sum(axis=0) / (6 * area)
    return area, (float(middle[0]), float(middle[1]))
