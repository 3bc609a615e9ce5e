"""Relative changes in seven classes, losses to gains, told apart by colour-blind readers."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Any

from allocator.text import Text
from reports.charts.page import Page
from reports.charts.style import FAINT, INK

EDGES = (-0.10, -0.05, -0.01, 0.01, 0.05, 0.10)
COLOURS = ("#B24700", "#EB9A5B", "#F8D9BF", "#F2F2F2", "#C6DFEF", "#6BADD6", "#00598C")
"""From vermillion over a light grey to blue."""
WORDS = ("#FFFFFF", INK, INK, INK, INK, INK, "#FFFFFF")
"""Letters on each colour, with a contrast of at least 4.5."""
NAMES = (
    Text("减 10% 以上", "≤ −10%"),
    Text("减 5–10%", "−5 to −10%"),
    Text("减 1–5%", "−1 to −5%"),
    Text("±1% 以内", "±1%"),
    Text("增 1–5%", "+1 to +5%"),
    Text("增 5–10%", "+5 to +10%"),
    Text("增 10% 以上", "≥ +10%"),
)
UNKNOWN = Text("无可比数", "not comparable")
HATCH = "////"


def class_of(change: float) -> int | None:
    """Position of the class that a relative change falls in; None where there is not comparable."""
    if not math.isfinite(change):
        return None
    return bisect_left(EDGES, change) if change < 0 else len(EDGES) - bisect_left(EDGES, -change)


def look_of(change: float) -> dict[str, Any]:
    """How an area with this change is filled."""
    known = class_of(change)
    if known is None:
        return {"facecolor": "white", "edgecolor": FAINT, "hatch": HATCH, "linewidth": 0}
    return {"facecolor": COLOURS[known], "edgecolor": "white", "linewidth": 0}


def words_on(change: float) -> str:
    """Colour of letters on such an area."""
    known = class_of(change)
    return INK if known is None else WORDS[known]


def draw_key(page: Page, changes: list[float], left: float, y: float, right: float) -> float:
    """The classes that occur, in order, over as many lines as they need; gives where they end."""
    present = sorted({k for change in changes if (k := class_of(change)) is not None})
    named = [(page.say(NAMES[k]), {"facecolor": COLOURS[k], "linewidth": 0}) for k in present]
    if any(class_of(change) is None for change in changes):
        named.append((page.say(UNKNOWN), look_of(math.nan)))
    side = page.size.label / 72
    words = [page.width_of(name) + side * 2 for name, _ in named]
    # A key that fits into one line when set closer is.
    gap = side * 2 if sum(words) + side * 2 * (len(words) - 1) <= right - left else side * 0.8
    line: list[tuple[str, dict[str, Any]]] = []
    across = left
    for one, width in zip(named, words, strict=True):
        if line and across + width > right:
            page.swatches(left, y, line, gap)
            line, across, y = [], left, y - page.size.line * 1.3
        line.append(one)
        across += width + gap
    page.swatches(left, y, line, gap)
    return y - page.size.line
