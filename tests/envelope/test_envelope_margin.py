"""Margins for rounding against a plain linear program: whole steps exist that move a row by no more."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from allocator.envelope.margin import later_margin, own_margins

SHAPE = (4, 2, 3)
PREFECTURE = np.array([0, 0, 1, 1])


def nodes(active, with_streams, with_prefectures):
    """Sums that go to their floor or ceiling, as flags over the cube."""
    n, streams, uses = SHAPE
    cells = [((i, s, u),) for i, s, u in np.argwhere(active).tolist()]
    found = [np.isin(np.arange(active.size), [np.ravel_multi_index(c, SHAPE) for c in own]) for own in cells]

    def add(*index):
        flags = np.zeros(SHAPE, dtype=bool)
        flags[index] = True
        found.append((flags & active).ravel())

    for i in range(n):
        add(i)
        for s in range(streams):
            add(i, s)
        for u in range(uses):
            add(i, slice(None), u)
    if with_streams:
        for s in range(streams):
            add(slice(None), s)
    if with_prefectures:
        for k in range(2):
            add(k == PREFECTURE)
    return [flags for flags in found if flags.any()]


def worst_move(row, values, sums):
    """By how much whole steps can differ from `values` in the row; they are whole, or the theory is wrong."""
    ideal = [float(values.ravel() @ flags) for flags in sums]
    matrix = np.array([*sums, *(-flags.astype(float) for flags in sums)], dtype=float)
    upper = [np.ceil(v - 1e-9) for v in ideal] + [-np.floor(v + 1e-9) for v in ideal]
    most = np.where(np.any(sums, axis=0), np.inf, 0.0)
    bounds = np.column_stack([np.zeros_like(most), most])
    moves = []
    for sign in (1, -1):
        found = linprog(sign * row.ravel(), matrix, upper, bounds=bounds, method="highs-ds")
        assert found.status == 0
        assert np.abs(found.x - np.rint(found.x)).max() < 1e-7
        moves.append(abs(float(row.ravel() @ (found.x - values.ravel()))))
    return max(moves)


def rows(rng):
    """Rows as rules make them: shares of a use, by county, prefecture or all, sums, and odd ones."""
    share = rng.choice([0.3, 0.6403, 0.7])
    row = np.zeros(SHAPE)
    kind = rng.integers(5)
    where = [slice(None), PREFECTURE == 1, int(rng.integers(4))][rng.integers(3)]
    if kind == 0:
        row[where] -= share
        row[where, :, 0] += 1.0
    elif kind == 1:
        row[where] = 1.0
    elif kind == 2:
        row -= share
        row[where] += 1.0
    elif kind == 3:
        row[where, 1] -= share
        row[where, 1, 1:] += 1.0
    else:
        row[:] = rng.choice([0.0, 1.0, -share], SHAPE)
    return row


@pytest.mark.parametrize("seed", range(36))
def test_rounding_later_money_moves_a_row_by_less_than_its_margin(seed):
    rng = np.random.default_rng(seed)
    active = rng.random(SHAPE) < 0.8
    # streams are spent whole
    values = rng.random(SHAPE) * active * rng.choice([1.0, 9.0])
    for s in range(SHAPE[1]):
        total = values[:, s].sum()
        values[:, s] *= np.ceil(total) / total
    row = rows(rng)
    margin = later_margin(row, active, PREFECTURE)
    sums = nodes(active, with_streams=True, with_prefectures=True)
    assert worst_move(row, values, sums) <= margin + 1e-7
    assert margin <= np.abs(row[active]).sum() + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_rounding_a_countys_own_uses(seed):
    rng = np.random.default_rng(1000 + seed)
    active = rng.random(SHAPE) < 0.8
    values = rng.random(SHAPE) * active * rng.choice([1.0, 9.0])
    for i in range(SHAPE[0]):
        if active[i].any():
            total = values[i].sum()
            values[i] *= np.ceil(total) / total
    row = rows(rng)
    margins = own_margins(row, active)
    sums = nodes(active, with_streams=False, with_prefectures=False)
    for i in range(SHAPE[0]):
        alone = np.zeros(SHAPE)
        alone[i] = row[i]
        assert worst_move(alone, values, sums) <= margins[i] + 1e-7


def test_what_is_whole_needs_no_margin():
    everything = np.ones(SHAPE, dtype=bool)
    stream, county = np.zeros(SHAPE), np.zeros(SHAPE)
    stream[:, 1] = 1.0
    county[2] = 1.0
    assert later_margin(stream, everything, PREFECTURE) == 0
    assert later_margin(county, everything, PREFECTURE) == 1
    assert own_margins(county, everything).tolist() == [0, 0, 0, 0]
    assert later_margin(county, np.zeros(SHAPE, dtype=bool), PREFECTURE) == 0


def test_a_share_floor_costs_the_total_once_and_each_countys_use():
    row = np.full(SHAPE, -0.7)
    row[..., 0] += 1.0
    row[PREFECTURE == 1] = 0.0
    # 0.7 for the prefecture's total, 1 for the use in each of its two counties
    assert later_margin(row, np.ones(SHAPE, dtype=bool), PREFECTURE) == pytest.approx(2.7)
