"""Rounding: totals exact, rules exact, nothing further than its floor or ceiling, least change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.amount_program import linear_rows
from allocator.expression import LinearRow
from allocator.load import BUNDLED, load
from allocator.plan import solve
from allocator.rounding.integer_rows import LARGEST, integer_rows
from allocator.rounding.whole import CannotRound, round_to_steps
from allocator.rules import KINDS
from allocator.verdict import judge
from solvers.highs import Session
from tests.small import problem


def rule(kind, **parameters):
    return KINDS[kind](kind=kind, id=kind, **parameters)


def table(seed, n, streams=2):
    """A random problem whose optimum is the entitlement itself, with whole budgets."""
    rng = np.random.default_rng(seed)
    values = {}
    for s in range(streams):
        raw = rng.uniform(3, 30, n)
        raw *= np.ceil(raw.sum()) / raw.sum()
        values[f"s{s}"] = [float(v) for v in raw]
    built = problem(values, prefectures=[f"P{i % 2}" for i in range(n)], groups={"poor": range(n // 2)})
    weights = rng.dirichlet([2.0, 2.0, 1.0], size=(n, streams))
    return built, built.entitlement[:, :, None] * weights


def budgets_of(built):
    rounded = [round(float(b)) for b in built.budgets]
    streams = {
        k: s.model_copy(update={"budget": Decimal(b)})
        for (k, s), b in zip(built.streams.items(), rounded, strict=True)
    }
    return replace(built, streams=streams)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 3))
def test_without_rules_everything_is_within_a_step(seed, n, streams):
    built, amounts = table(seed, n, streams)
    built = budgets_of(built)
    rounded = round_to_steps(built, (), amounts, Session(), Session(0.02, 2000))
    assert [Fraction(int(v)) for v in rounded.steps.sum(axis=(0, 2))] == list(built.budgets)
    for axis in ((), (2,), (1, 2)):
        change = (
            np.abs(rounded.steps.sum(axis=axis) - amounts.sum(axis=axis))
            if axis
            else np.abs(rounded.steps - amounts)
        )
        assert change.max() < 1 + 1e-6


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(3, 8))
def test_rules_that_hold_before_hold_exactly_after(seed, n):
    built, amounts = table(seed, n)
    built = budgets_of(built)
    industry = amounts[:, :, [0, 2]].sum(axis=(1, 2))
    share = min(
        industry[[i for i in range(n) if i % 2 == p]].sum()
        / amounts[[i for i in range(n) if i % 2 == p]].sum()
        for p in range(2)
    )
    outside = (amounts[:, :, 2].sum(axis=1) / amounts.sum(axis=(1, 2))).max()
    rules = [
        rule("use_share_floor", tag="industry", floor=Decimal(f"{share - 0.0005:.3f}")),
        rule("use_share_cap", tag="outside", cap=Decimal(f"{outside + 0.0005:.3f}")),
        rule("average_parity", group="poor"),
    ]
    totals = amounts.sum(axis=(1, 2))
    if totals[: n // 2].mean() < totals[n // 2 :].mean() + 0.5:
        rules.pop()
    rows = {r.id: tuple(r.rows(built)) for r in rules}
    try:
        rounded = round_to_steps(built, linear_rows(built, rows), amounts, Session(), Session(0.02, 2000))
    except CannotRound:
        pytest.skip("no whole-number table exists near this one")
    assert judge(built, rows, rounded.steps).holds
    assert np.abs(rounded.steps.sum(axis=(1, 2)) - totals).max() < 1 + 3


def test_least_total_change_of_county_totals():
    built = budgets_of(problem({"a": [2.3, 3.4, 4.6, 1.7]}, uses={"all": ()}))
    amounts = np.array([2.3, 3.4, 4.6, 1.7]).reshape(4, 1, 1)
    rounded = round_to_steps(built, (), amounts, Session(), Session(0.02, 2000)).steps.ravel()
    options = [p for p in product((0, 1), repeat=4) if sum(np.floor(amounts.ravel()) + p) == 12]
    best = min(np.abs(np.floor(amounts.ravel()) + p - amounts.ravel()).sum() for p in options)
    assert np.abs(rounded - amounts.ravel()).sum() == pytest.approx(best)


def test_ties_go_by_code():
    built = budgets_of(problem({"a": [2.5, 2.5, 2.5, 2.5]}, uses={"all": ()}))
    rounded = round_to_steps(built, (), np.full((4, 1, 1), 2.5), Session(), Session(0.02, 2000)).steps.ravel()
    assert rounded.tolist() == [3, 3, 2, 2]


def test_equal_counties_differ_by_one_step_at_most_though_cells_could_drift():
    share = [1 / 3, 1 / 3, 1 / 3]
    built = budgets_of(problem({"a": [10.5, 10.5], "b": [7.5, 7.5]}))
    amounts = built.entitlement[:, :, None] * np.array(share)
    totals = round_to_steps(built, (), amounts, Session(), Session(0.02, 2000)).steps.sum(axis=(1, 2))
    assert abs(totals[0] - totals[1]) <= 1


def test_what_no_whole_number_can_keep_is_refused():
    built = budgets_of(problem({"a": [2.5, 2.5]}, uses={"all": ()}))
    rows = {
        "both": tuple(rule("amount_bounds", by="county", min=Decimal("2.4"), max=Decimal("2.6")).rows(built))
    }
    with pytest.raises(CannotRound):
        round_to_steps(
            built, linear_rows(built, rows), np.full((2, 1, 1), 2.5), Session(), Session(0.02, 2000)
        )


def test_cells_leave_their_floor_before_totals_do_and_it_is_reported():
    built = budgets_of(problem({"a": [3.0]}, uses={"industry": ("industry",), "other": ()}))
    amounts = np.array([[[1.5, 1.5]]])
    rows = {
        "r": tuple(rule("use_share_floor", tag="industry", floor=Decimal("0.9"), by="county").rows(built))
    }
    rounded = round_to_steps(built, linear_rows(built, rows), amounts, Session(), Session(0.02, 2000))
    assert rounded.steps.ravel().tolist() == [3, 0]
    assert rounded.report.widened == ("cells: 2, up to 1 steps",)


def test_a_ratio_of_twenty_digits_is_kept_exactly():
    """No solver holds such a coefficient: rounding asks for a little more, the verdict for the ratio."""
    share = "0.60123456789012345679"
    loaded = load(BUNDLED / "tutorial", [f"rules.use_share_floor.floor={share}"])
    solved = solve(loaded)
    assert judge(loaded.problem, loaded.rows, solved.steps).holds


@given(st.data())
def test_a_tightened_row_asks_for_no_less(data):
    tiny = st.fractions(min_value=-2, max_value=2, max_denominator=10**15)
    coefficients = tuple(data.draw(st.lists(tiny.filter(bool), min_size=1, max_size=4)))
    bound, sense = data.draw(tiny), data.draw(st.sampled_from([">=", "<="]))
    none = np.array([], dtype=np.int64)
    row = LinearRow(
        "r", 0, SimpleNamespace(sense=sense), none, (), np.arange(len(coefficients)), coefficients, bound
    )
    (whole,) = integer_rows([row], Fraction(1))
    steps = data.draw(st.lists(st.integers(0, 10**6), min_size=len(coefficients), max_size=len(coefficients)))
    if sum(c * z for c, z in zip(whole.coefficients, steps, strict=True)) >= whole.bound:
        left = sum(c * z for c, z in zip(coefficients, steps, strict=True))
        assert left >= bound if sense == ">=" else left <= bound
    assert max(map(abs, whole.coefficients)) <= LARGEST
