"""Line breaks by measured width: at punctuation and spaces, else within a word, within a name last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Measure = Callable[[str], float]

_PIECES = re.compile(r"[A-Za-z0-9À-ɏ.,:;!?%+−±\-–'’/&()×]+|\s+|.", re.DOTALL)
_NOT_FIRST = "，。、；：！？）》」”’…％·"
_NOT_LAST = "（《「“‘"
_STOPS, _COMMAS = "：；。！？:;!?", "，、,"
_BESIDE = "国"
"""A letter beside which pieces are measured, so that the room around their ink counts too."""

FINE, CLEAN, WORD, TIED = 2, 10, 20, 100
"""What a break costs at most: at punctuation, between words, within a word, within a name or an amount."""
_RAGGED = 10.0
"""What a line costs that is longer or shorter than the others by a whole width."""


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


@dataclass(frozen=True)
class _Line:
    """A text in pieces, each with the spaces after it; where it may break, and how wide it is."""

    parts: tuple[str, ...]
    costs: tuple[int, ...]
    """Of a break after each piece."""
    ends: tuple[float, ...]
    """Where each piece ends, spaces included; the first is zero."""
    inked: tuple[float, ...]
    """Each piece's width without its spaces."""

    def width(self, start: int, stop: int) -> float:
        """Of the pieces from `start` up to `stop`."""
        return self.ends[stop - 1] - self.ends[start] + self.inked[stop - 1]

    def words(self, start: int, stop: int) -> str:
        """The pieces from `start` up to `stop`."""
        return "".join(self.parts[start:stop]).strip()


def _spaced(words: str) -> list[str]:
    """Pieces, each with the spaces after it."""
    found: list[str] = []
    for piece in pieces(words):
        if found and piece.isspace():
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _line(words: str, measure: Measure, kept: Iterable[str]) -> _Line:
    parts = _spaced(words.strip())
    around = measure(_BESIDE * 2)
    wide, inked = (
        [measure(f"{_BESIDE}{part}{_BESIDE}") - around for part in own]
        for own in (parts, [part.rstrip() for part in parts])
    )
    ends = tuple(accumulate(wide, initial=0.0))
    return _Line(tuple(parts), tuple(_costs(parts, kept)), ends, tuple(inked))


def _costs(parts: Sequence[str], kept: Iterable[str]) -> list[int]:
    """What a break after each piece costs; names that are kept are broken last."""
    found = [*(_cost(one, other) for one, other in pairwise(parts)), 0]
    words, ends = "".join(parts), list(accumulate(map(len, parts)))
    for name in {name for name in kept if name in words}:
        for match in re.finditer(re.escape(name), words):
            for k, end in enumerate(ends):
                if match.start() < end < match.end():
                    found[k] = TIED
    return found


def _cost(before: str, after: str) -> int:
    last = before.rstrip()[-1:]
    if last in _STOPS:
        return 0
    if last in _COMMAS:
        return FINE
    if last.isdigit():
        return TIED
    if before[-1:].isspace():
        return 4
    if last in "”’）》」" or after[0] in _NOT_LAST:
        return 5
    return CLEAN if last in "的·" else WORD


def _greedy(line: _Line, width: float) -> list[str]:
    """The fewest lines, each as full as it can be, whatever the breaks."""
    start, lines = 0, []
    while start < len(line.parts):
        stop = start + 1
        while stop < len(line.parts) and line.width(start, stop + 1) <= width:
            stop += 1
        lines.append(line.words(start, stop))
        start = stop
    return lines


def _best(line: _Line, width: float, count: int, most: int) -> list[str] | None:
    """`count` lines at the least cost, of breaks up to `most` and of unequal lengths; None if impossible."""
    last = len(line.parts)
    stops = [k for k in range(1, last) if line.costs[k - 1] <= most]
    mean = line.width(0, last) / count
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for number in range(1, count + 1):
        further: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (cost, way) in ways.items():
            for stop in (last,) if number == count else stops:
                if stop <= start or line.width(start, stop) > width:
                    continue
                own = line.costs[stop - 1] + _RAGGED * ((line.width(start, stop) - mean) / width) ** 2
                if stop not in further or cost + own < further[stop][0]:
                    further[stop] = cost + own, (*way, stop)
        ways = further
    return [line.words(*ends) for ends in pairwise(ways[last][1])] if last in ways else None


def whole(
    words: str, measure: Measure, width: float, count: int, kept: Iterable[str] = (), most: int = CLEAN
) -> list[str] | None:
    """`count` lines, none wider than `width`, no break costing more than `most`; None if impossible.

    `kept` are names that no line should break.
    """
    return _best(_line(words, measure, kept), width, count, most) if words.strip() else None


def wrapped(words: str, measure: Measure, width: float, kept: Iterable[str] = ()) -> list[str]:
    """As few lines as possible, none wider than `width` where it can be helped, at the best breaks."""
    if measure(words) <= width:
        return [words] if words.strip() else []
    line = _line(words, measure, kept)
    lines = _greedy(line, width)
    for most in (CLEAN, WORD, TIED):
        found = _best(line, width, len(lines), most)
        if found is not None:
            return found
    # Some piece is wider than the line.
    return lines


def halves(words: str, measure: Measure) -> tuple[str, str]:
    """Two lines of which the wider one is as narrow as can be; the second is blank where nothing breaks."""
    parts = _spaced(words.strip())
    breaks = [("".join(parts[:k]).strip(), "".join(parts[k:])) for k in range(1, len(parts))]
    return min(breaks, key=lambda pair: max(map(measure, pair)), default=(words.strip(), ""))


def shortened(words: str, measure: Measure, width: float, middle: bool = False) -> str:
    """The words, with an ellipsis at the end (or in the middle) in place of what is too wide."""
    if measure(words) <= width:
        return words

    def cut(kept: int) -> str:
        # Names of counties differ at their ends (左翼中旗, 左翼后旗): the middle is what can go.
        tail = kept // 2 if middle else 0
        return words[: kept - tail].rstrip() + "…" + words[len(words) - tail :]

    fewest, most = 0, len(words) - 1
    while fewest < most:
        kept = (fewest + most + 1) // 2
        fewest, most = (kept, most) if measure(cut(kept)) <= width else (fewest, kept - 1)
    return cut(fewest) if fewest else "…"
