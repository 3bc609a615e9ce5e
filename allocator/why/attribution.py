"""What each rule moved: in the scenario's order, or free of order over the kinds of rules (Shapley).

Shapley, L. S. (1953), "A value for n-person games": a rule's part is its average contribution over
all orders in which the rules could have been added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import factorial

import numpy as np
from numpy.typing import NDArray

from allocator.amounts import LevelOne

Matrix = NDArray[np.float64]
EXACT_UP_TO = 8
"""Kinds of rules up to which every order is counted."""
SAMPLES = 64
"""Orders drawn beyond that, half of them the reverse of the other half."""


@dataclass(frozen=True)
class Attribution:
    """Moves of every payment, (n, S) each, that add up from the entitlement to the optimum."""

    names: tuple[str, ...]
    """Rule ids, or kinds of rules where `by_kind`."""
    moves: tuple[Matrix, ...]
    errors: tuple[Matrix, ...] | None = None
    """Standard errors of the moves, where orders were sampled."""
    by_kind: bool = False
    orders: int = 1
    """Orders that were counted."""


def in_order(one: LevelOne) -> Attribution:
    """Rules one after another, as the scenario lists them."""
    names = tuple(one.linear)
    stages = [one.under(names[:k]).payments for k in range(len(names), -1, -1)][::-1]
    return Attribution(names, tuple(after - before for before, after in pairwise(stages)))


def shapley(one: LevelOne, progress: Callable[[float], None], seed: int = 0) -> Attribution:
    """Kinds of rules without an order; exact up to 8 kinds, sampled beyond."""
    members: dict[str, list[str]] = {}
    for rule in one.loaded.scenario.rules:
        members.setdefault(rule.kind, []).append(rule.id)
    kinds = tuple(members)

    def value(chosen: frozenset[int]) -> Matrix:
        return one.under([rule for k in chosen for rule in members[kinds[k]]]).payments

    if len(kinds) <= EXACT_UP_TO:
        return Attribution(kinds, _exact(len(kinds), value, progress), None, True, factorial(len(kinds)))
    moves, errors = _sampled(len(kinds), value, progress, seed)
    return Attribution(kinds, moves, errors, True, SAMPLES)


def _exact(
    n: int, value: Callable[[frozenset[int]], Matrix], progress: Callable[[float], None]
) -> tuple[Matrix, ...]:
    # larger sets first: what their proofs do not use then answers for the smaller ones
    sets = sorted(range(1 << n), key=lambda bits: (-bits.bit_count(), bits))
    known: dict[int, Matrix] = {}
    for done, bits in enumerate(sets):
        known[bits] = value(frozenset(k for k in range(n) if bits >> k & 1))
        progress(done / len(sets))
    moves = [np.zeros_like(known[0]) for _ in range(n)]
    for bits in range(1 << n):
        size = bits.bit_count()
        for k in range(n):
            if not bits >> k & 1:
                weight = factorial(size) * factorial(n - size - 1) / factorial(n)
                moves[k] += weight * (known[bits | 1 << k] - known[bits])
    return tuple(moves)


def _sampled(
    n: int, value: Callable[[frozenset[int]], Matrix], progress: Callable[[float], None], seed: int
) -> tuple[tuple[Matrix, ...], tuple[Matrix, ...]]:
    """Antithetic orders: each drawn order and its reverse count as one observation."""
    generator = np.random.default_rng(seed)
    pairs = SAMPLES // 2
    observed: list[list[Matrix]] = [[] for _ in range(n)]
    for done in range(pairs):
        order = generator.permutation(n).tolist()
        both = (_contributions(order, value), _contributions(order[::-1], value))
        for k in range(n):
            observed[k].append((both[0][k] + both[1][k]) / 2)
        progress(done / pairs)
    moves = tuple(np.mean(own, axis=0) for own in observed)
    errors = tuple(np.std(own, axis=0, ddof=1) / pairs**0.5 for own in observed)
    return moves, errors


def _contributions(order: Sequence[int], value: Callable[[frozenset[int]], Matrix]) -> dict[int, Matrix]:
    # from the whole downwards, so that unused rules cost no solve
    stages = [value(frozenset(order[:k])) for k in range(len(order), -1, -1)][::-1]
    return {k: after - before for k, (before, after) in zip(order, pairwise(stages), strict=True)}
