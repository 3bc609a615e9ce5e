"""County statements: whole parts that add up exactly, and equal ones for equal counties."""

from __future__ import annotations

from itertools import islice

import pytest

from allocator.amounts import LevelOne
from allocator.faults import NoAllocation
from allocator.load import load
from allocator.plan import decide
from allocator.why.attribution import in_order, shapley
from allocator.why.statement import statements
from tests.bundles import DISTINCT
from tests.oracle.formula import formula_amounts
from tests.oracle.generate import generate
from tests.oracle.reading import read

KINDS = ("factor", "adjustment", "rule", "rounding")


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
    step, names = loaded.problem.step, loaded.problem.stream_names
    assert [s.county for s in found] == list(range(len(loaded.counties)))
    for statement in found:
        paid = dict(zip(names, allocation.steps[statement.county].sum(axis=1).tolist(), strict=True))
        for stream in statement.streams:
            assert sum(part.amount for part in stream.parts) == stream.payout == paid[stream.stream] * step
            assert all((part.amount / step).denominator == 1 for part in stream.parts)
        assert statement.payout == sum(paid.values()) * step
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


@pytest.mark.parametrize("name", DISTINCT)
def test_bundled_statements_add_up(name):
    loaded = load(name)
    add_up(loaded, *solved(loaded))


@pytest.mark.parametrize("name", ["tutorial", "yangquan-2024"])
def test_statements_by_kind_of_rule_add_up(name):
    loaded = load(name)
    add_up(loaded, *solved(loaded, lambda one: shapley(one, lambda share: None)))


def test_tutorial_statement_by_hand():
    # 丙县: 600 · 10000/100000 for people, 400/6 in equal parts, and 95 % of 180 is 171
    loaded = load("tutorial")
    statement = solved(loaded)[1][loaded.counties.index["990103"]]
    assert [(p.kind, p.name, int(p.amount)) for p in statement.parts] == [
        ("factor", "population", 60),
        ("factor", "equal", 67),
        ("rule", "change_limits", 44),
        ("rule", "use_share_floor", 0),
        ("rounding", "", 0),
    ]


@pytest.mark.parametrize("start", range(0, 500, 50))
def test_random_statements_add_up(start, tmp_path):
    cases = list(islice(feasible(tmp_path, start), 10))
    assert len(cases) == 10
    assert any(made.twins for made, *_ in cases)
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
