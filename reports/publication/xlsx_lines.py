"""How many lines a text takes in a cell, from the widths of its characters, since a row has one height."""

from __future__ import annotations

import re
import unicodedata

CLOSING, OPENING = "，。；：、！？）》】〕」』”’％…—", "（《【〔「『“‘"
"""What no line begins with, and what none ends with."""
PIECE = re.compile(rf"[{OPENING}]*(?:[!-~]+|[^\s])[{CLOSING}]*|\s")
"""What is not broken: a word, a character, with the marks beside it; or one blank."""
TIMES = {
    0.25: " ,.'",
    0.28: "/:;\\ijlt",
    0.33: "!()-I[]`fr",
    0.39: "Js",
    0.45: '"?acez^',
    0.5: "0123456789#$*_bdghknopquvxy",
    0.56: "+<=>FPS",
    0.61: "ELTZ",
    0.67: "BCR",
    0.72: "ADGHKNOQUVXYw",
    0.78: "&m",
    0.83: "%",
    0.94: "MW@",
}
"""Widths of letters of Times, as parts of their size."""
ROMAN = {c: width for width, letters in TIMES.items() for c in letters}
FIXED = 0.55
"""Width of a Latin letter in a Chinese font, or a little more, as where another stands in for it."""


def lines_of(text: str, held: float, roman: bool = False) -> int:
    """Lines of a text where each holds `held` of its size; `roman` for Times."""
    return sum(_lines(paragraph, held, roman) for paragraph in text.split("\n"))


def _lines(text: str, held: float, roman: bool) -> int:
    taken, count = 0.0, 1
    for piece in PIECE.findall(text):
        width = sum(_em(c, roman) for c in piece)
        if taken + width <= held:
            taken += width
        elif piece != " ":
            # a piece longer than a line goes on in others
            whole = int(width / held)
            count, taken = count + bool(taken) + whole, width - whole * held
    return count


def _em(c: str, roman: bool) -> float:
    """Width of a character, as a part of its size."""
    if unicodedata.east_asian_width(c) in "WFA":
        return 1.0
    return ROMAN.get(c, FIXED) if roman else FIXED
