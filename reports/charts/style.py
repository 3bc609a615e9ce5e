"""How every chart looks: sizes, colours, fonts; and how it is saved, byte for byte the same each time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import matplotlib
from matplotlib.figure import Figure

from allocator.text import Text
from reports.charts import fonts


@dataclass(frozen=True)
class Size:
    """A page: inches, dots per inch, and type in points."""

    width: float
    height: float
    """Of a page that does not grow; otherwise the least height."""
    grows: bool
    """Does the page get as tall as its content wants?"""
    dpi: int
    title: float
    least_title: float
    """A long title may shrink to this."""
    subtitle: float
    label: float
    footer: float
    margin: float
    """Inches of white on all sides."""

    @property
    def line(self) -> float:
        """Inches that one line of label type takes."""
        return self.label * 1.25 / 72


SLIDE = Size(12.8, 7.2, False, 100, 26, 22, 16, 14, 12, 0.4)
"""16:9, 1280 × 720 pixels, read from three metres."""
A4 = Size(6.3, 3.0, True, 200, 13, 12, 9, 8, 7, 0.08)
"""As wide as the text of an upright A4 page, as tall as need be."""

# Okabe and Ito's colours, told apart by colour-blind readers; yellow is left out, it is lost on white.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, ORANGE, SKY, BLACK = "#CC79A7", "#E69F00", "#56B4E9", "#000000"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
UP, DOWN = BLUE, VERMILLION
INK, QUIET, FAINT, PALE = "#1A1A1A", "#595959", "#BDBDBD", "#E6E6E6"
HATCH = "////"

IMPOSSIBLE = Text("无解", "impossible")
NOTHING = Text("", "")

_RC: Any = {
    "font.family": [fonts.FAMILY, fonts.FALLBACK],
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "hatch.linewidth": 1.0,
    "savefig.dpi": "figure",
    "svg.hashsalt": "allocator",
    "svg.fonttype": "path",
}


@dataclass(frozen=True)
class Heading:
    """What stands around a chart: the finding in words, what is shown, and where it comes from."""

    title: Text
    subtitle: Text
    source: Text
    names: tuple[str, ...] = ()
    """Names in it that no line should break, as of counties."""


class ChartData(Protocol):
    """What every chart's data has."""

    @property
    def heading(self) -> Heading:
        """Title, subtitle and source."""
        ...

    @property
    def unit(self) -> str:
        """Unit of the amounts."""
        ...


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults and ours for a while; whatever was set before comes back after."""
    fonts.register()
    with matplotlib.rc_context():
        # A reader's matplotlibrc must not change a chart.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        yield


# No date, version or program name: equal input gives equal bytes.
_METADATA: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


def save(
    figure: Figure, kinds: Sequence[str] = ("png", "svg"), letters: Literal["path", "none"] = "path"
) -> dict[str, bytes]:
    """The figure as PNG and SVG. SVG letters are outlines, or text (none) for a page that has the font."""
    found = {}
    with house_style():
        matplotlib.rcParams["svg.fonttype"] = letters
        for kind in kinds:
            out = io.BytesIO()
            figure.savefig(out, format=kind, metadata=_METADATA[kind])
            found[kind] = out.getvalue()
    return found
