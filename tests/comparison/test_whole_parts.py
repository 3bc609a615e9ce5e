"""Controlled rounding: parts of differences that add up by county and by stage."""

from __future__ import annotations

import random
from fractions import Fraction as F
from math import fsum

import pytest

from allocator.comparison.flow import Flow
from allocator.comparison.whole_parts import whole_parts


def made(rng, counties, stages, step):
    """Random changes, some of them nothing, each stage with a whole sum."""
    found = []
    for _ in range(stages):
        own = [rng.choice((0.0, rng.gauss(0, 3) * float(step))) for _ in range(counties)]
        rest = round(fsum(own) / float(step)) * float(step) - fsum(own)
        moving = [k for k, value in enumerate(own) if value] or [0]
        own[moving[0]] += rest
        found.append(own)
    return found


@pytest.mark.parametrize("step", [F(1), F(100), F(1, 2), F(5, 2)])
def test_both_ways_add_up_and_every_part_is_next_to_its_exact_one(step):
    rng = random.Random(5)
    for counties in (1, 6, 103, 400):
        exact = made(rng, counties, 4, step)
        parts = whole_parts(exact, step)
        assert parts == whole_parts(exact, step)
        for own, whole in zip(exact, parts, strict=True):
            assert sum(whole) == round(fsum(own) / float(step)) * step
            assert all((w / step).denominator == 1 for w in whole)
            assert all(abs(w - F(e)) < step for w, e in zip(whole, own, strict=True))
            assert all(w == 0 for w, e in zip(whole, own, strict=True) if e == 0)
        # what is left for rounding stays small, however many stages there are
        for k in range(counties):
            assert abs(sum(own[k] for own in parts) - F(fsum(own[k] for own in exact))) < F(3, 2) * step


def test_a_sum_that_is_not_whole_goes_to_the_nearest():
    assert sum(whole_parts([[0.4] * 3], F(1))[0]) == 1
    assert sum(whole_parts([[0.5] * 3], F(1))[0]) == 2
    assert sum(whole_parts([[-0.4] * 3], F(1))[0]) == -1


def test_equal_counties_go_together_wherever_the_sum_can_be_reached():
    # two pairs and a single one share 3: the single one goes up with a pair, no pair is cut
    (whole,) = whole_parts([[0.7, 0.7, 0.4, 0.6, 0.6]], F(1))
    assert whole == (1, 1, 1, 0, 0)
    # two pairs share 1, which cannot be: the first of those that lack most
    (whole,) = whole_parts([[0.3, 0.2, 0.2, 0.3]], F(1))
    assert whole == (1, 0, 0, 0)


def test_those_that_lack_most_so_far_go_up():
    first, second = whole_parts([[0.6, 0.4], [0.5, 0.5]], F(1))
    assert (first, second) == ((1, 0), (0, 1))


def test_gains_and_losses_are_told_apart_where_the_total_changes():
    same, more = Flow.of([F(3), F(-1), F(-2), F(0)]), Flow.of([F(7), F(-2)])
    assert (same.moved, same.net, same.up, same.down) == (3, 0, 1, 2)
    assert (more.moved, more.net, more.gained, more.lost) == (None, 5, 7, 2)
    assert same.text("万元") == ("共移动 3 万元", "3 万元 moved in all")
    assert more.text("万元") == ("增加 7，减少 2 万元", "gains of 7, losses of 2 万元")
    assert Flow.of([F(5)]).text("元").en == "gains of 5 元, no losses"
    assert Flow.of([F(-5)]).text("元").zh == "共减少 5 元，无增加"
