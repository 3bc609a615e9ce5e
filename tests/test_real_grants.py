"""The formula reproduces a real grant: NHS England core allocations 2021/22 (OGL v3.0)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from allocator.load import load
from allocator.plan import solve

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("folder", "count", "tolerance"),
    # 10-digit recovered weights: a system sums the errors of up to some 400 practices
    [("nhs-core-2021-22", 7325, "0.001"), ("nhs-core-ics", 42, "0.0011")],
)
def test_official_targets(folder, count, tolerance, capsys):
    loaded = load(DATA / folder)
    official = [Decimal(v) for v in loaded.counties.text["official_target"]]
    errors = [abs(own[0] - v) for own, v in zip(loaded.problem.formula, official, strict=True)]
    with capsys.disabled():
        print(f"\n{folder}: {count} targets, largest error £{max(errors) * 1000:.4f}", end="")
    assert len(errors) == count
    assert max(errors) <= Decimal(tolerance)


def test_without_rules_the_table_is_the_formula_rounded():
    loaded = load(DATA / "nhs-core-ics")
    allocation = solve(loaded)
    step = loaded.problem.step
    for i, (formula,) in enumerate(loaded.problem.formula):
        paid = int(allocation.steps[i].sum()) * step
        # £74bn in steps of £1: the grid for ties (1e-10 of the budget) is as coarse as the step here
        assert abs(Decimal(str(float(paid))) - formula) < 2 * Decimal(str(float(step)))
    assert allocation.record["largest_departure"] < 1e-9


def test_parts_of_the_formula_add_up():
    loaded = load(DATA / "nhs-core-ics")
    parts: dict[int, Decimal] = {}
    for part in loaded.factors:
        parts[part.county] = parts.get(part.county, Decimal(0)) + Decimal(part.amount)
    for i, (formula,) in enumerate(loaded.problem.formula):
        assert parts[i] == formula.quantize(Decimal("0.000001"))
