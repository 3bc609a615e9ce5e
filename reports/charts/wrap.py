"""Line breaks by measured width: Chinese between characters, words and numbers whole."""

from __future__ import annotations

import re
from collections.abc import Callable

_PIECES = re.compile(r"[A-Za-z0-9À-ɏ.,:;!?%+−±\-–'’/&()×]+|\s+|.", re.DOTALL)
_NOT_FIRST = "，。、；：！？）》」”’…％"
_NOT_LAST = "（《「“‘"


def pieces(words: str) -> list[str]:
    """What must stay together: words, numbers, single characters with the punctuation that clings to them."""
    found: list[str] = []
    for piece in _PIECES.findall(words):
        clings = found and (piece[0] in _NOT_FIRST or found[-1][-1] in _NOT_LAST)
        if clings:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _greedy(words: str, measure: Callable[[str], float], width: float) -> list[str]:
    lines = [""]
    for piece in pieces(words):
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines if line.strip()]


def wrapped(words: str, measure: Callable[[str], float], width: float) -> list[str]:
    """As few lines as possible, none wider than `width` where it can be helped, of about equal length."""
    lines = _greedy(words, measure, width)
    for part in (0.9, 0.8, 0.7, 0.6):
        closer = _greedy(words, measure, width * part)
        # A narrower setting with no more lines leaves no single word on the last one.
        if len(closer) > len(lines) or any(measure(line) > width * part for line in closer):
            break
        lines = closer
    return lines


def shortened(words: str, measure: Callable[[str], float], width: float) -> str:
    """The words, cut short with an ellipsis if they are too wide."""
    if measure(words) <= width:
        return words
    kept = words
    while kept and measure(kept + "…") > width:
        kept = kept[:-1].rstrip()
    return kept + "…"
