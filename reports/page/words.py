"""Words and figures of the page: both languages side by side, numbers as a meeting reads them."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from markupsafe import Markup, escape

from allocator.text import Text, one_line
from reports.figures import fixed

CHINESE = re.compile(r"[\u3400-\u9fff]")
LEFTWARDS = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
LEFTWARD = re.compile(rf"({LEFTWARDS}(?:(?:{LEFTWARDS}|\s)*{LEFTWARDS})?)")
"""Words in a script that is written from right to left."""


def both(text: Text) -> Markup:
    """A text in both languages; the style sheet shows the one that the page is set to."""
    if text.zh == text.en:
        return named(text.zh)
    sides = (sentence(cleaned(side)) for side in text)
    return Markup('<span class="zh" lang="zh">{}</span><span class="en" lang="en">{}</span>').format(*sides)


def named(name: str) -> Markup:
    """A name that is the same in both languages: isolated, and marked where it is Chinese."""
    said = one_line(name)
    if CHINESE.search(said):
        return Markup('<bdi lang="zh">{}</bdi>').format(said)
    return Markup("<bdi>{}</bdi>").format(said) if not said.isascii() else escape(said)


def sentence(said: str) -> Markup:
    """A sentence in which words written from right to left are isolated, so that figures stay in place."""
    pieces = LEFTWARD.split(said)
    return Markup("").join(
        Markup("<bdi>{}</bdi>").format(piece) if k % 2 else escape(piece) for k, piece in enumerate(pieces)
    )


def shown(value: Any) -> Any:
    """What a template puts on the page: text without characters that hide or turn the direction."""
    return cleaned(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def cleaned(said: str) -> str:
    """Clean text with the blanks that stand around it."""
    lead, tail = (len(said) - len(bare) for bare in (said.lstrip(" "), said.rstrip(" ")))
    return f"{said[:lead]}{one_line(said)}{said[len(said) - tail :]}" if lead < len(said) else said


def tidy(value: Any) -> Any:
    """Data for the script, every text and key of it clean."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line(key): tidy(own) for key, own in value.items()}
    return [tidy(own) for own in value] if isinstance(value, list | tuple) else value


def several(count: int, one: str) -> str:
    """A count with its English noun."""
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{count} {one if count == 1 else many}"


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
