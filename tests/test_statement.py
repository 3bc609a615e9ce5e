"""County statements: whole parts that add up exactly, and equal ones for equal counties."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest

from allocator.amounts import LevelOne
from allocator.attribution import in_order, shapley
from allocator.faults import NoAllocation
from allocator.load import bundled, load
from allocator.plan import decide
from allocator.statement import statements
from tests.oracle.formula import formula_amounts
from tests.oracle.generate import generate
from tests.oracle.reading import read


def solved(loaded, attribute=in_order):
    """The table and the statements of every county."""
    allocation, found = decide(loaded)
    one = LevelOne(loaded)
    one.learn(found)
    return allocation, statements(loaded, allocation.steps, attribute(one))


def feasible(folder, start):
    """Random scenarios from a seed on, each with its files, its table and its statements."""
    for seed in range(start, start + 50):
        made = generate(folder / str(seed), seed, small=True, infeasible=False)
        loaded = load(made.folder)
        try:
            yield made, loaded, *solved(loaded)
        except NoAllocation:
            # no table in whole money near the optimum keeps its rules
            continue


def add_up(loaded, allocation, found):
    """Every county has a statement; its parts are whole steps and add up to what the table pays."""
    step = Fraction(loaded.problem.step)
    assert [s.county for s in found] == list(range(len(loaded.counties)))
    for statement in found:
        paid = dict(zip(loaded.problem.stream_names, allocation.steps[statement.county].sum(axis=1)))
        for stream in statement.streams:
            assert sum(part.amount for part in stream.parts) == stream.payout == int(paid[stream.stream]) * step
            assert all((part.amount / step).denominator == 1 for part in stream.parts)
        assert statement.payout == sum(map(int, paid.values())) * step
        assert sum(part.amount for part in statement.parts) == statement.payout


def twins_agree(loaded, found, twins):
    """Equal counties have equal parts; only rounding may put the odd step with one of them."""
    for pair in twins:
        a, b = (found[loaded.counties.index[code]] for code in pair)
        assert path(a) == path(b)
        assert abs(a.payout - b.payout) <= loaded.problem.step


def path(statement):
    parts = [(s.stream, p.kind, p.name, p.amount) for s in statement.streams for p in s.parts]
    return [part for part in parts if part[1] != "rounding"]


@pytest.mark.parametrize("name", bundled())
@pytest.mark.parametrize("attribute", [in_order, lambda one: shapley(one, lambda share: None)])
def test_bundled_statements_add_up(name, attribute):
    loaded = load(name)
    if attribute is not in_order and len({rule.kind for rule in loaded.scenario.rules}) > 4:
        loaded = load(name, ["rules=[]"])
    add_up(loaded, *solved(loaded, attribute))


@pytest.mark.parametrize("start", range(0, 500, 50))
def test_random_statements_add_up(start, tmp_path):
    cases = list(islice(feasible(tmp_path, start), 10))
    assert len(cases) == 10
    for made, loaded, allocation, found in cases:
        add_up(loaded, allocation, found)
        twins_agree(loaded, found, made.twins)


@pytest.mark.parametrize("seed", range(600, 612))
def test_without_rules_only_the_formula_and_rounding_are_left(seed, tmp_path):
    made = generate(tmp_path / "plan", seed, small=True, infeasible=False)
    loaded = load(made.folder, ["rules=[]"])
    allocation, found = solved(loaded)
    add_up(loaded, allocation, found)
    expected = {s: formula_amounts(read(made.folder), s) for s in loaded.problem.stream_names}
    for statement in found:
        code = loaded.counties.codes[statement.county]
        for stream in statement.streams:
            own = {kind: sum(p.amount for p in stream.parts if p.kind == kind) for kind in KINDS}
            assert own["rule"] == 0
            assert abs(own["factor"] - expected[stream.stream].get(code, 0)) <= loaded.problem.step
            assert abs(own["rounding"]) <= loaded.problem.step


KINDS = ("factor", "adjustment", "rule", "rounding")
