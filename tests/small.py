"""Small problems built by hand: counties, streams, uses and entitlements as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.counties import Counties
from allocator.policy import Stream, Use
from allocator.problem import Problem

USES = {"industry": ("industry",), "other": (), "outside": ("industry", "outside")}


def problem(
    entitlements: Mapping[str, Sequence[float | None]],
    *,
    prefectures: Sequence[str] | None = None,
    uses: Mapping[str, Sequence[str]] = USES,
    numbers: Mapping[str, Sequence[object]] | None = None,
    groups: Mapping[str, Sequence[int]] | None = None,
    committed: Mapping[tuple[int, str, str], int] | None = None,
    mix: Sequence[float] | None = None,
    step: str = "1",
) -> Problem:
    """A problem with counties 100001, 100002, …; None means not eligible."""
    streams = dict(sorted(entitlements.items()))
    n = len(next(iter(streams.values())))
    named = {u: Use(tags=tuple(t)) for u, t in sorted(uses.items())}
    opened = np.zeros((n, len(streams), len(named)), dtype=np.bool_)
    for s, values in enumerate(streams.values()):
        opened[[i for i, v in enumerate(values) if v is not None], s, :] = True
    preferred = np.zeros(opened.shape)
    preferred[:] = 1 / len(named) if mix is None else np.array(mix)
    columns = {
        k: tuple(None if v is None else Decimal(str(v)) for v in values)
        for k, values in (numbers or {}).items()
    }
    codes = tuple(str(100001 + i) for i in range(n))
    members = {g: np.isin(np.arange(n), list(rows)) for g, rows in (groups or {}).items()}
    cube = Counties(
        codes,
        tuple(f"县{i + 1}" for i in range(n)),
        tuple(prefectures or ["甲市"] * n),
        numbers=columns,
        groups=members,
    )
    amounts = [[Decimal(str(v or 0)) for v in values] for values in zip(*streams.values(), strict=True)]
    order = (list(streams), list(named))
    cells = {
        (i * len(streams) + order[0].index(s)) * len(named) + order[1].index(u): Fraction(v)
        for (i, s, u), v in (committed or {}).items()
    }
    return Problem(
        2025,
        Fraction(step),
        cube,
        {
            s: Stream(budget=Decimal(str(sum(v or 0 for v in values))), formula="f", source=s)
            for s, values in streams.items()
        },
        named,
        opened,
        cells,
        tuple(tuple(row) for row in amounts),
        tuple(tuple(Decimal(0) for _ in row) for row in amounts),
        preferred,
    )
