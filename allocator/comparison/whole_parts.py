"""Parts of differences in whole steps that add up both ways: controlled rounding.

County by county the parts and the rounding add up to the difference of the payouts; stage by stage
they add up to what the stage adds to the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import fsum

GRID = 10**4
"""Exact amounts are read to this part of a step, so that equal counties are rounded alike."""


def whole_parts(stages: Sequence[Sequence[float]], step: Fraction) -> list[tuple[Fraction, ...]]:
    """Each stage's (n) exact changes as whole steps.

    Every change becomes one of the two whole steps around it: nothing stays nothing. A stage adds up to
    the whole step nearest to its exact sum. Those go up that lack most so far, which leaves little for
    rounding; equal counties go together wherever the sum can be reached so.
    """
    lacks = [0] * (len(stages[0]) if stages else 0)
    found = []
    for exact in stages:
        read = [_read(value, step) for value in exact]
        total = _read(fsum(exact), step)
        whole = _column(read, lacks, (2 * total + GRID) // (2 * GRID))
        lacks = [lack + r - w * GRID for lack, r, w in zip(lacks, read, whole, strict=True)]
        found.append(tuple(w * step for w in whole))
    return found


def _read(value: float, step: Fraction) -> int:
    return round(value / float(step) * GRID)


def _column(read: Sequence[int], lacks: Sequence[int], total: int) -> list[int]:
    """Whole steps that add up to `total`, each next to its exact amount."""
    whole = [r // GRID for r in read]
    groups: dict[tuple[int, int, int], list[int]] = {}
    for k, (r, lack) in enumerate(zip(read, lacks, strict=True)):
        if r % GRID:
            groups.setdefault((-(r % GRID + lack), r, lack), []).append(k)
    for k in _raised([groups[key] for key in sorted(groups)], total - sum(whole)):
        whole[k] += 1
    return whole


def _raised(ranked: Sequence[Sequence[int]], count: int) -> list[int]:
    """The first `count` positions of groups in order of rank; groups are cut only where they must be."""
    # Bit k of reach[i]: whole groups from the i-th on can make up k positions.
    reach = [1]
    for group in reversed(ranked):
        reach.append(reach[-1] | reach[-1] << len(group))
    reach.reverse()
    if not reach[0] >> count & 1:
        return [k for group in ranked for k in group][:count]
    raised: list[int] = []
    for group, rest in zip(ranked, reach[1:], strict=True):
        left = count - len(raised) - len(group)
        if left >= 0 and rest >> left & 1:
            raised += group
    return raised
