"""Labels written at what they name, kept from colliding, with leader lines where they had to move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil, cos, hypot, pi, sin

import numpy as np
from matplotlib.axes import Axes

from reports.charts.page import Box, Page
from reports.charts.style import INK, QUIET

Point = tuple[float, float]
_Places = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres for labels of these sizes: in order, apart, within low..high, moved as little as can be.

    Taking each label's stacking offset away makes «apart» into «not decreasing»: pooling neighbours that
    are out of order then gives the least sum of squared moves. Labels that are too many are pressed together.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    lengths = [sizes[i] for i in order]
    press = min(1.0, (high - low) / sum(lengths))
    lengths = [length * press for length in lengths]
    offsets = list(accumulate([(a + b) / 2 for a, b in pairwise(lengths)], initial=0.0))
    level = _not_decreasing([wanted[i] - offset for i, offset in zip(order, offsets, strict=True)])
    least, most = low + lengths[0] / 2, high - lengths[-1] / 2 - offsets[-1]
    placed = [0.0] * len(wanted)
    for i, height, offset in zip(order, level, offsets, strict=True):
        placed[i] = max(least, min(most, height)) + offset
    return placed


def _not_decreasing(values: Sequence[float]) -> list[float]:
    """The nearest sequence that does not decrease (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (total, count), (last, more) = pools.pop(-2), pools.pop()
            pools.append((total + last, count + more))
    return [total / count for total, count in pools for _ in range(count)]


@dataclass(frozen=True)
class End:
    """Where a line ends, in the units of its axes, and what is written there."""

    x: float
    y: float
    words: str
    colour: str
    dashes: str = "-"


def beside(page: Page, axes: Axes, frame: Box, ends: Sequence[End], gap: float) -> None:
    """Labels in a column `gap` inches right of the frame, each tied to its line's end in its colour."""
    places = [page.inches(axes, end.x, end.y) for end in ends]
    # A little more than the frame's height: labels may stand half a line above and below it.
    low, high = frame.bottom - page.size.line / 2, frame.top + page.size.line / 2
    heights = spread([y for _, y in places], [page.size.line] * len(ends), low, high)
    for end, (x, y), height in zip(ends, places, heights, strict=True):
        stop, width = frame.right + gap, page.size.label / 9
        if x < frame.right:
            # A line that ends early is not drawn on as if it had values there.
            page.line([x, frame.right], [y, y], QUIET, linewidth=width / 2, linestyle=":")
        page.line(
            [max(x, frame.right), stop - gap * 0.3, stop],
            [y, height, height],
            end.colour,
            linewidth=width,
            linestyle=end.dashes,
        )
        page.write(stop + gap * 0.2, height, end.words)


@dataclass(frozen=True)
class Tag:
    """Words for a point of the page (in inches), or for any one of several, and their leader's colour."""

    points: Sequence[Point]
    words: str
    colour: str = INK


def around(page: Page, frame: Box, tags: Sequence[Tag], obstacles: Sequence[Point]) -> list[Point]:
    """Each tag near a point of its own, inside the frame, off the obstacles and off the tags before it.

    Gives the point that each tag was tied to.
    """
    taken: list[Box] = []
    points, chosen = list(obstacles), []
    for tag in tags:
        lines = tag.words.split("\n")
        shape = max(page.width_of(line) for line in lines), page.size.line * len(lines)
        choices = [(point, box) for point in tag.points for box in _around(point, shape, page.size.line)]
        costs = [_cost(point, box, frame, taken, np.array(points)) for point, box in choices]
        # The first of the best: places are tried from near to far.
        point, box = choices[costs.index(min(costs))]
        taken.append(box)
        chosen.append(point)
        points += _tie(page, point, box, tag.colour)
        for number, line in enumerate(lines):
            page.write(box.left, box.top - page.size.line * (number + 0.5), line)
    return chosen


def _around(point: Point, shape: tuple[float, float], step: float) -> list[Box]:
    """Boxes of a width and height around a point, near ones first, right above first."""
    (x, y), (width, height) = point, shape
    found = []
    for reach in (0.8, 1.4, 2.2, 3.2, 4.4, 6.0):
        for turn in (1, 3, -1, -3, 0, 4, 2, -2):
            across, up = cos(turn * pi / 4), sin(turn * pi / 4)
            # The box grows away from the point.
            share = 0.5 if abs(across) < 0.1 else float(across < 0)
            left = x + across * step * reach - width * share
            bottom = y + up * step * reach - height * (1 - up) / 2
            found.append(Box(left, bottom, left + width, bottom + height))
    return found


def _cost(point: Point, box: Box, frame: Box, taken: Sequence[Box], obstacles: _Places) -> float:
    """How bad a place is: outside, on another label, on a line, its leader long or across a line."""
    pad = 0.04
    wide = Box(box.left - pad, box.bottom - pad, box.right + pad, box.top + pad)
    outside = max(0.0, frame.left - box.left, box.right - frame.right)
    outside += max(0.0, frame.bottom - box.bottom, box.top - frame.top)
    x, y = obstacles[:, 0], obstacles[:, 1]
    hits = int(((wide.left < x) & (x < wide.right) & (wide.bottom < y) & (y < wide.top)).sum())
    leader = np.array(along([point, _nearest(point, box)], 0.07)[2:-1] or [(-9.0, -9.0)])
    gaps = np.hypot(leader[:, 0, None] - x, leader[:, 1, None] - y)
    crossed = int((gaps.min(axis=0) < 0.04).sum())
    crowd = sum(wide.overlaps(other) or _enters(leader, other) for other in taken)
    return 1000 * outside + 100 * crowd + 10 * hits + 2 * crossed + hypot(*_leader(point, box))


def _enters(leader: _Places, box: Box) -> bool:
    x, y = leader[:, 0], leader[:, 1]
    return bool(((box.left < x) & (x < box.right) & (box.bottom < y) & (y < box.top)).any())


def _leader(point: Point, box: Box) -> Point:
    """From a point to the nearest place of a box, across and up."""
    x, y = _nearest(point, box)
    return x - point[0], y - point[1]


def _nearest(point: Point, box: Box) -> Point:
    x, y = point
    return max(box.left, min(box.right, x)), max(box.bottom, min(box.top, y))


def _tie(page: Page, point: Point, box: Box, colour: str) -> list[Point]:
    """A leader from the point to its box, if far; gives the leader's points, to be kept clear."""
    (x, y), (right, up) = point, _leader(point, box)
    far, clear = hypot(right, up), page.size.line * 0.35
    if far < clear * 2:
        return []
    # It begins at the rim of the point's mark.
    left, low = x + right * clear / far, y + up * clear / far
    page.line([left, x + right], [low, y + up], colour, linewidth=page.size.label / 10)
    return along([(left, low), (x + right, y + up)])


def along(curve: Sequence[Point], step: float = 0.05) -> list[Point]:
    """Points every few hundredths of an inch on a broken line, for labels to keep off."""
    found = list(curve[:1])
    for (x, y), (right, up) in pairwise(curve):
        count = max(1, ceil(hypot(right - x, up - y) / step))
        found += [(x + (right - x) * k / count, y + (up - y) * k / count) for k in range(1, count + 1)]
    return found
