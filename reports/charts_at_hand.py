"""Whether charts can be drawn, without importing what draws them."""

from __future__ import annotations

from importlib.util import find_spec

from allocator.text import Text

NO_CHART = Text(
    "没有安装 matplotlib 和 zhplot，未画图；pip install 'allocator[sensitivity]' 后可画",
    "matplotlib and zhplot are not installed, so no chart was drawn; pip install 'allocator[sensitivity]'",
)


def can_draw() -> bool:
    """Whether the packages of the extra `sensitivity` that draw are installed."""
    return find_spec("matplotlib") is not None and find_spec("zhplot") is not None
