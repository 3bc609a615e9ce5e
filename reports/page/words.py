"""Words and figures of the page: both languages side by side, numbers as a meeting reads them."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup, escape

from allocator.text import Text
from reports.figures import fixed

CHINESE = re.compile(r"[\u3400-\u9fff]")


def both(text: Text) -> Markup:
    """A text in both languages; the style sheet shows the one that the page is set to."""
    if text.zh == text.en:
        return named(text.zh)
    return Markup('<span class="zh" lang="zh">{}</span><span class="en" lang="en">{}</span>').format(*text)


def named(name: str) -> Markup:
    """A name that is the same in both languages: isolated, and marked where it is Chinese."""
    if CHINESE.search(name):
        return Markup('<bdi lang="zh">{}</bdi>').format(name)
    return Markup("<bdi>{}</bdi>").format(name) if not name.isascii() else escape(name)


def amount(value: Fraction | None, places: int, sign: bool = False) -> str:
    """Money with exactly `places` places, thousands separators and a true minus; a dash where blank."""
    if value is None:
        return "–"
    rounded = fixed(value, places)
    lead = "−" if rounded < 0 else "+" if sign and rounded > 0 else ""
    return f"{lead}{abs(rounded):,f}"


def points(value: Fraction | None, sign: bool = False, places: int = 1) -> str:
    """A ratio as a percentage with one place; a dash where there is none."""
    return "–" if value is None else f"{amount(value * 100, places, sign)}%"


def slim(value: Fraction | Decimal) -> str:
    """A number for reading, with at most four places and no zeros at the end."""
    shown = amount(Fraction(value), 4)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def ratio_of(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    """part / whole; None where either is missing or the whole is zero."""
    return part / whole if part is not None and whole else None
