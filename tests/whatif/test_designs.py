"""Plans of sweeps: points by random access, the designs' own laws, and every fault with its line."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from SALib.sample import morris, sobol

from allocator.faults import BadInput
from allocator.load import load
from allocator.whatif.changes import parse_changes
from allocator.whatif.design_spread import salib_seed
from allocator.whatif.designs import (
    Dirichlet,
    Grid,
    LatinHypercube,
    Listed,
    Morris,
    Noise,
    OneAtATime,
    Sobol,
    Steps,
)
from allocator.whatif.engine import Engine
from allocator.whatif.sweep_plan import Label, Plan, read_plan

FLOOR, BUDGET = "rules.use_share_floor.floor", "streams.grant.budget"
WEIGHT = "formulas.main.population.weight"
RANGES = {FLOOR: (0.4, 0.6), BUDGET: (900, 1100), WEIGHT: (0.5, 0.7)}
ALL = """\
seed: 7
record: [counties, payments, prefectures, groups, metrics]
designs:
  - grid: {rules.use_share_floor.floor: [0.4, 0.5], streams.grant.budget: {from: 900, to: 1100, steps: 3}}
    with: {counties.drop: 990101}
  - list: [{}, {counties.drop: [990101, "990102"], columns.population: 1.1}, {objective: proportional}]
    name: by hand
  - one_at_a_time: {rules.use_share_floor.floor: [0.4], streams.grant.budget: {from: 0, to: 1, steps: 4}}
  - latin_hypercube: {points: 5, ranges: {streams.grant.budget: [900, 1100], columns.population: [0.9, 1.1]}}
  - dirichlet: {points: 4, formula: main, concentration: 50}
  - dirichlet: {points: 3, formula: main, uniform: true}
  - sobol: {points: 4, second_order: true, ranges: {streams.grant.budget: [900, 1100]}}
  - morris: {trajectories: 2, ranges: {streams.grant.budget: [900, 1100]}}
  - noise: {points: 3, columns: {population: 0.05, last_amount: 0.01}}
  - noise: {points: 2, kind: bootstrap, columns: [population]}
    with: {rules.change_limits.lower: 0.5}
"""
SIZES = (6, 3, 5, 5, 4, 3, 16, 4, 3, 2)


@cache
def tutorial():
    return load("tutorial")


@cache
def large():
    return load("inner-mongolia-2025")


@pytest.fixture
def read(tmp_path):
    def plan(text, loaded=None):
        file = tmp_path / "plan.yaml"
        file.write_text(text, encoding="utf-8")
        return read_plan(file, loaded or tutorial())

    return plan


def points(design, loaded=None, seed=0):
    """All points of a plan of one design."""
    loaded, plan = loaded or tutorial(), Plan(seed=seed, designs=(design,))
    plan.check(loaded)
    return plan.points(loaded, 0, plan.size(loaded))


# ---- the plan as a whole


def test_every_design_in_one_plan(read):
    plan = read(ALL)
    assert (plan.seed, plan.size(tutorial())) == (7, sum(SIZES))
    assert [d.size() for d in plan.designs] == list(SIZES)
    assert plan.names == (
        "grid",
        "by hand",
        "one_at_a_time",
        "latin_hypercube",
        "dirichlet",
        "dirichlet-2",
        "sobol",
        "morris",
        "noise",
        "noise-2",
    )
    labels = [plan.label(tutorial(), n) for n in range(plan.size(tutorial()))]
    starts = np.cumsum((0, *SIZES))
    assert labels == [
        Label(plan.names[d], n - starts[d], d)
        for d in range(len(SIZES))
        for n in range(starts[d], starts[d + 1])
    ]
    for changes in plan.points(tutorial(), 0, sum(SIZES)):
        parse_changes(tutorial(), changes)


def test_random_access_equals_sequential(read):
    plan, size = read(ALL), sum(SIZES)
    whole = plan.points(tutorial(), 0, size)
    for chunk in (1, 4, 17):
        starts = list(range(0, size, chunk))[::-1]
        parts = {s: read(ALL).points(load("tutorial"), s, min(s + chunk, size)) for s in starts}
        assert [p for s in sorted(parts) for p in parts[s]] == whole
    assert plan.points(tutorial(), 5, 5) == []
    for start, stop in ((size - 1, size + 1), (-1, 1)):
        with pytest.raises(IndexError):
            plan.points(tutorial(), start, stop)


def test_points_are_the_same_in_another_process(read):
    code = (
        f"from allocator.load import load; from allocator.whatif.sweep_plan import Plan;"
        f"from ruamel.yaml import YAML; loaded = load('tutorial');"
        f"plan = Plan.model_validate(YAML(typ='safe').load({ALL!r}));"
        f"import sys; assert 'SALib' not in sys.modules; print(repr(plan.points(loaded, 20, {sum(SIZES)})))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == repr(read(ALL).points(tutorial(), 20, sum(SIZES)))


def test_seed_decides_the_draws_and_nothing_else(read):
    one, two = read(ALL), read(ALL.replace("seed: 7", "seed: 8"))
    starts = np.cumsum((0, *SIZES)).tolist()
    for design, (start, stop) in enumerate(pairwise(starts)):
        same = one.points(tutorial(), start, stop) == two.points(tutorial(), start, stop)
        assert same == (design < 3)


def test_designs_draw_independently():
    plan = Plan(designs=(Dirichlet(points=2, formula="main", uniform=True),) * 2)
    found = plan.points(tutorial(), 0, 4)
    assert len({tuple(p.values()) for p in found}) == 4


def test_defaults_and_engine():
    plan = Plan(designs=(Listed(items=({},)), Noise(points=1, columns={"population": 0.1})))
    assert (plan.seed, plan.record) == (0, ("counties", "metrics"))
    engine = Engine("tutorial")
    nothing, noisy = plan.points(engine.loaded, 0, 2)
    assert np.allclose(engine.solve(nothing).payments, engine.base.payments)
    assert engine.solve(noisy).status == "solved"
    assert Plan(record="metrics", designs=plan.designs).record == ("metrics",)


# ---- designs


def test_grid_is_the_product_with_the_last_path_fastest(read):
    found = points(Grid(values={FLOOR: (0.4, 0.5), BUDGET: Steps(from_=900, to=1100, steps=3)}))
    assert [(p[FLOOR], p[BUDGET]) for p in found] == [
        (Decimal(f), Decimal(b)) for f in ("0.4", "0.5") for b in (900, 1000, 1100)
    ]
    assert read(ALL).points(tutorial(), 0, 6) == [{"counties.drop": ("990101",), **p} for p in found]


def test_a_huge_grid_is_never_spread_out():
    steps = Steps(from_=0, to=1, steps=10**6)
    plan = Plan(designs=(Grid(values={BUDGET: steps, "columns.population": steps}),))
    assert plan.size(tutorial()) == 10**12
    last = plan.points(tutorial(), 10**12 - 1, 10**12)
    assert last == [{BUDGET: Decimal(1), "columns.population": Decimal(1)}]


def test_steps_keep_their_ends():
    thirds = Steps(from_=Decimal("0.10"), to=Decimal("0.4"), steps=4)
    assert [str(thirds[i]) for i in range(len(thirds))] == ["0.10", "0.20", "0.30", "0.4"]
    down = Steps(from_=1, to=0, steps=4)
    assert [str(down[1]), str(down[2])] == ["0.666666666666667", "0.333333333333333"]


def test_list_and_one_at_a_time(read):
    found = read(ALL).points(tutorial(), 6, 14)
    assert found[:3] == [
        {},
        {"counties.drop": ("990101", "990102"), "columns.population": Decimal("1.1")},
        {"objective": "proportional"},
    ]
    assert [list(p) for p in found[3:]] == [[FLOOR]] + [[BUDGET]] * 4
    assert found[-1] == {BUDGET: Decimal(1)}
    assert points(OneAtATime(values={"rules.change_limits.law": (True,)})) == [
        {"rules.change_limits.law": "true"}
    ]


def test_latin_hypercube_has_one_point_in_every_part():
    found = points(LatinHypercube(points=40, ranges=RANGES))
    for path, (low, high) in RANGES.items():
        part = [(p[path] - low) / (high - low) * 40 for p in found]
        assert sorted(int(x) for x in part) == list(range(40))
        assert all(type(p[path]) is float for p in found)
    first, second = ([p[path] for p in found] for path in (FLOOR, BUDGET))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.6


def test_dirichlet_stays_near_the_weights_and_adds_up():
    factors = large().scenario.formulas["consolidation"]
    found = points(Dirichlet(points=2000, formula="consolidation", concentration=50), large())
    paths = [f"formulas.consolidation.{f.factor}.weight" for f in factors]
    assert all(list(p) == paths and sum(p.values()) == 1 and min(p.values()) >= 0 for p in found)
    assert all(w == w.quantize(Decimal("1e-12")) for p in found for w in p.values())
    drawn, weights = np.array([list(p.values()) for p in found], float), [float(f.weight) for f in factors]
    deviation = np.sqrt([w * (1 - w) / 51 for w in weights])
    assert np.allclose(drawn.mean(axis=0), weights, atol=4 * deviation.max() / np.sqrt(2000))
    assert np.allclose(drawn.std(axis=0), deviation, rtol=0.1)


def test_dirichlet_keeps_zero_unless_uniform():
    path = "formulas.consolidation.{}.weight={}".format
    three = load("inner-mongolia-2025", [path("policy", 0), path("income", "0.60")])
    found = points(Dirichlet(points=20, formula="consolidation", concentration=9), three)
    assert all(p["formulas.consolidation.policy.weight"] == 0 and sum(p.values()) == 1 for p in found)
    two = load("tutorial", ["formulas.main.population.weight=1", "formulas.main.equal.weight=0"])
    with pytest.raises(BadInput, match="nothing can vary"):
        points(Dirichlet(points=2, formula="main", concentration=9), two)
    found = points(Dirichlet(points=3000, formula="main", uniform=True), two)
    share = np.sort([float(p[WEIGHT]) for p in found])
    assert np.abs(share - np.linspace(0, 1, 3000)).max() < 0.04


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_is_salibs_own_matrix(second_order):
    design = Sobol(points=8, ranges=RANGES, second_order=second_order)
    matrix = sobol.sample(design.problem(), 8, calc_second_order=second_order, seed=salib_seed(3, 0))
    assert len(matrix) == design.size() == 8 * (8 if second_order else 5)
    assert points(design, seed=3) == [dict(zip(RANGES, row, strict=True)) for row in matrix.tolist()]


def test_morris_is_salibs_own_matrix():
    design = Morris(trajectories=5, levels=6, ranges=RANGES)
    matrix = morris.sample(design.problem(), 5, num_levels=6, seed=salib_seed(3, 0))
    assert len(matrix) == design.size() == 20
    assert points(design, seed=3) == [dict(zip(RANGES, row, strict=True)) for row in matrix.tolist()]
    assert design.matrix(3) is design.matrix(3)


def test_lognormal_noise_has_mean_one_and_the_error_asked_for():
    columns = {"rural_population": 0.2, "last_amount": 0.02}
    found = points(Noise(points=300, columns=columns), large())
    counties = large().counties
    for column, error in columns.items():
        present = [(c, float(v)) for c, v in zip(counties.codes, counties.numbers[column], strict=True) if v]
        times = np.array([[p[f"columns.{column}.{c}"] / v for c, v in present] for p in found])
        assert times.mean() == pytest.approx(1, abs=4 * error / np.sqrt(times.size))
        assert times.std() == pytest.approx(error, rel=0.05)
        assert np.abs(np.corrcoef(times[:, :5].T) - np.eye(5)).max() < 0.3
    blank = [c for c, v in zip(counties.codes, counties.numbers["last_amount"], strict=True) if v is None]
    assert len(blank) == 5
    assert not any(f"columns.last_amount.{code}" in found[0] for code in blank)


def test_bootstrap_draws_within_the_prefecture_and_keeps_rows_together():
    found = points(
        Noise(points=50, kind="bootstrap", columns=["rural_population", "rural_income", "last_amount"]),
        large(),
    )
    counties = large().counties
    pool = defaultdict(set)
    for i, prefecture in enumerate(counties.prefectures):
        row = counties.numbers["rural_population"][i], counties.numbers["rural_income"][i]
        pool[prefecture].add(row)
    donors = set()
    for point in found:
        for code, prefecture in zip(counties.codes, counties.prefectures, strict=True):
            row = point[f"columns.rural_population.{code}"], point[f"columns.rural_income.{code}"]
            assert row in pool[prefecture]
            donors.add((code, row))
    assert len(donors) > 3 * len(counties)
    assert sum(key.startswith("columns.last_amount.") for key in found[0]) == len(counties) - 5
