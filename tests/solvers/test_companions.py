"""Dual and elastic programs, rays, and polishing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers import pulp_solvers
from solvers.companions import dual, elastic, ray, row_duals
from solvers.highs import Session
from solvers.polish import POLISHED, polish
from solvers.solution import Solution
from tests.solvers.pulp_model_cases import INF, allocation, program, proved, random_program


@pytest.mark.parametrize("seed", range(10))
def test_the_dual_program_gives_duals_that_certify(seed):
    built = random_program(seed)
    mine, prices = Session().solve(built), Session().solve(dual(built))
    assert prices.cost == pytest.approx(-mine.cost, abs=1e-7)
    assert proved(built, replace(mine, duals=row_duals(built, prices.values))) <= 1e-8


def test_the_elastic_program_is_nought_where_a_point_exists():
    built = random_program(3)
    assert Session().solve(elastic(built)).cost == pytest.approx(0, abs=1e-9)
    crossed = program([[1, 1], [1, 1]], [3, -INF], [INF, 1], [0, 0])
    assert Session().solve(elastic(crossed)).cost == pytest.approx(2 / 4)


def test_a_bounded_program_has_no_ray():
    assert Session().solve(ray(random_program(4))).cost == pytest.approx(0, abs=1e-9)
    assert Session().solve(ray(program([[1, -1]], [0], [0], [-1, 0]))).cost == pytest.approx(-1)


@pytest.mark.parametrize("seed", range(10))
def test_polishing_restores_what_eight_digits_lose(seed):
    built = allocation(12, seed)[0]
    cost = np.random.default_rng(seed).uniform(0, 1, built.columns)
    built = replace(built, cost=cost)
    exact = Session().solve(built)
    rounded = [np.array([float(f"{v:.8g}") for v in part]) for part in (exact.values, exact.duals)]
    coarse = Solution(exact.cost, *rounded, pulp_solvers.NOISE)
    polished = polish(built, coarse)
    assert proved(built, coarse) > 1e-10
    assert proved(built, polished) <= POLISHED == polished.noise
    assert np.abs(polished.values - exact.values).max() <= 1e-9


def test_polishing_never_makes_worse():
    built = random_program(5)
    for values in (np.zeros(12), np.full(12, np.nan)):
        rough = Solution(0.0, values, np.zeros(10), pulp_solvers.NOISE)
        kept = polish(built, rough)
        assert kept is rough or proved(built, kept) <= proved(built, rough)
