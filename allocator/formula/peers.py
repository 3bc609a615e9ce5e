"""Ranks inside peer groups (分类考核): how many of a county's peers score no better than it.

A band with lower edge q is reached where more than q of the peer group, the county included, rank at
or below it: edge 0.8 marks the best fifth. Equal scores rank alike. A county alone is first of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.numbers import parse_number, plain

EVERYONE, PREFECTURE = "all", "prefecture"


def peer_labels(counties: Counties, within: str) -> tuple[str, ...]:
    """(n): the peer group of each county; empty where its cell is blank."""
    if within == EVERYONE:
        return (EVERYONE,) * len(counties)
    if within == PREFECTURE:
        return counties.prefectures
    found = []
    for cell in counties.text[within]:
        number = parse_number(cell) if cell else None
        found.append(cell if number is None else plain(number))
    return tuple(found)


def ranks(values: Sequence[Decimal], labels: Sequence[str]) -> list[tuple[int, int]]:
    """(peers at or below, peers) of each; the county itself counts in both."""
    scores: dict[str, list[Decimal]] = {}
    for value, label in zip(values, labels, strict=True):
        scores.setdefault(label, []).append(value)
    return [
        (sum(1 for other in scores[label] if other <= value), len(scores[label]))
        for value, label in zip(values, labels, strict=True)
    ]


def reached(edges: Sequence[Decimal], below: int, size: int) -> int:
    """Position of the highest edge that the rank reaches, edges ascending; -1 for none."""
    return sum(1 for edge in edges if below > edge * size) - 1


def float_reached(
    edges: Sequence[Decimal], values: NDArray[np.float64], labels: NDArray[np.intp], apart: float
) -> NDArray[np.intp]:
    """`reached` for an array of values; those within `apart` of each other, relatively, are equal."""
    found = np.full(len(values), -1, dtype=np.intp)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        own = values[rows]
        below = np.searchsorted(np.sort(own), own * (1 + apart), side="right")
        # more than q·size, exactly: more than its whole part
        needed = [int((edge * len(rows)).to_integral_value(ROUND_FLOOR)) for edge in edges]
        found[rows] = np.searchsorted(np.array(needed), below, side="left") - 1
    return found
