"""The chart fonts: Noto Sans SC from the zhplot package, DejaVu Sans behind it, and no silent boxes."""

from __future__ import annotations

import dataclasses
import importlib.util
import unicodedata
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

FAMILY = "Noto Sans SC"
FALLBACK = "DejaVu Sans"


class FontNotFound(RuntimeError):
    """The package that carries the Chinese font is not installed."""

    def __init__(self) -> None:
        super().__init__("缺少中文字体：请安装 zhplot / no Chinese font: install the package zhplot")


class MissingGlyphs(ValueError):
    """A text has characters that no chart font can draw."""

    def __init__(self, characters: str, text: str) -> None:
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"字体缺字 / no glyph for: {named}; “{text}”")
        self.characters = characters


@cache
def font_file() -> Path:
    """Where the font lies. zhplot is found and not imported: its import changes matplotlib's defaults."""
    spec = importlib.util.find_spec("zhplot")
    if spec is None or not spec.submodule_search_locations:
        raise FontNotFound
    return Path(spec.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"


@cache
def register() -> None:
    """Make the family known to matplotlib, once, before any other font of the same name."""
    font_manager.fontManager.addfont(font_file())
    # First in the list wins a tie, so a system font of the same name changes no chart.
    known = font_manager.fontManager.ttflist
    known.insert(0, known.pop())


@cache
def _drawable() -> frozenset[int]:
    """Code points that one of the two fonts has."""
    fallback = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return frozenset(code for path in (font_file(), fallback) for code in FT2Font(path).get_charmap())


def visible(text: str) -> str:
    """The text without marks that show nothing, such as those that turn its direction."""
    return "".join(mark for mark in text if unicodedata.category(mark) != "Cf")


def check_glyphs(text: str) -> None:
    """Raise MissingGlyphs, naming the characters, if any cannot be drawn."""
    missing = sorted({mark for mark in visible(text) if ord(mark) not in _drawable() and mark != "\n"})
    if missing:
        raise MissingGlyphs("".join(missing), text)


def check_data(data: object) -> None:
    """Check every string in a chart's data, however deep, in both languages."""
    if isinstance(data, str):
        check_glyphs(data)
    elif isinstance(data, (tuple, list)):
        for part in data:
            check_data(part)
    elif dataclasses.is_dataclass(data):
        for field in dataclasses.fields(data):
            check_data(getattr(data, field.name))
