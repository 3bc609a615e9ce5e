"""Line breaks by measured width: Chinese between characters, words and numbers whole."""

from __future__ import annotations

import re
from bisect import bisect_right
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
    parts, lines = pieces(words.strip()), []
    while parts:
        # How many pieces fit: found by halving, as measuring a line is what takes the time.
        counts = range(2, len(parts) + 1)
        fitting = 1 + bisect_right(counts, width, key=lambda count: measure("".join(parts[:count]).rstrip()))
        lines.append("".join(parts[:fitting]).strip())
        parts = parts[fitting:]
    return [line for line in lines if line]


def wrapped(words: str, measure: Callable[[str], float], width: float) -> list[str]:
    """As few lines as possible, none wider than `width` where it can be helped, of about equal length."""
    if measure(words) <= width:
        return [words] if words.strip() else []
    lines = _greedy(words, measure, width)
    for part in (0.9, 0.8, 0.7, 0.6):
        closer = _greedy(words, measure, width * part)
        # A narrower setting with no more lines leaves no single word on the last one.
        if len(closer) > len(lines) or any(measure(line) > width * part for line in closer):
            break
        lines = closer
    return lines


def shortened(words: str, measure: Callable[[str], float], width: float, middle: bool = False) -> str:
    """The words, with an ellipsis at the end (or in the middle) in place of what is too wide."""
    if measure(words) <= width:
        return words
    for kept in range(len(words) - 1, 0, -1):
        # Names of counties differ at their ends (左翼中旗, 左翼后旗): the middle is what can go.
        tail = kept // 2 if middle else 0
        short = words[: kept - tail].rstrip() + "…" + words[len(words) - tail :]
        if measure(short) <= width:
            return short
    return "…"
