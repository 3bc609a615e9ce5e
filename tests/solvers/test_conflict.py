"""Sets of rules that conflict: together impossible, possible without any one, by an LP of the test's own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.loaded import Loaded
from allocator.row_map import row_map
from allocator.rows import Row
from allocator.why.conflicts import conflicts
from solvers.choose import make_solver
from solvers.conflict import conflict
from solvers.program import LinearProgram
from tests.builders import YAML, write_scenario
from tests.oracle.generate import generate

SEEDS = tuple(range(700, 712))


class Cube:
    """Rule rows over the cells that can be paid, in units of the mean entitlement, written out anew."""

    def __init__(self, loaded: Loaded) -> None:
        problem = self.problem = loaded.problem
        _, streams, uses = problem.shape
        paid = problem.open & (problem.entitlement > 0)[:, :, None]
        self.cells = np.flatnonzero(paid.ravel())
        self.unit = float(problem.entitlement[problem.entitlement > 0].mean())
        stream = self.cells // uses % streams
        self.budgets = np.array([stream == s for s in range(streams) if (stream == s).any()], dtype=float)
        money = [float(b) for s, b in enumerate(problem.budgets) if (stream == s).any()]
        self.money = np.array(money) / self.unit

    def row(self, row: Row) -> tuple[np.ndarray, float]:
        """Coefficients and bound of `Σ left − times · Σ right ≥ bound`, turned round where it reads ≤."""
        full = np.zeros(self.problem.open.size)
        full[row.left] += 1.0
        full[row.right] -= float(row.times)
        issued = sum(full[cell] * float(v) for cell, v in self.problem.committed.items())
        sign = -1.0 if row.sense == "<=" else 1.0
        bound = (float(row.plus) - issued) / self.unit
        size = max(1.0, np.abs(full[self.cells]).max(initial=0.0))
        return sign * full[self.cells] / size, sign * bound / size

    def shortage(self, rows: Iterable[Row]) -> float:
        """The least that every row must give way by; zero where all can be kept."""
        sides = []
        for row in rows:
            if row.vacuous is None:
                coefficients, bound = self.row(row)
                sides.append((coefficients, bound))
                sides += [(-coefficients, -bound)] if row.sense == "=" else []
        n = len(self.cells)
        matrix = np.array([[*-c, -1.0] for c, _ in sides]).reshape(len(sides), n + 1)
        equal = np.column_stack([self.budgets, np.zeros(len(self.money))])
        solved = linprog(
            np.eye(n + 1)[n],
            A_ub=csr_array(matrix) if len(sides) else None,
            b_ub=[-b for _, b in sides] if len(sides) else None,
            A_eq=equal,
            b_eq=self.money,
            options={"primal_feasibility_tolerance": 1e-9},
        )
        assert solved.status == 0
        return float(solved.fun)


@pytest.fixture(scope="module", params=SEEDS)
def wrong(request, tmp_path_factory):
    """A random scenario with a contradiction in it, its cube, and the sets found."""
    folder = tmp_path_factory.mktemp("wrong") / "plan"
    generate(folder, request.param, small=True, infeasible=True)
    return found_in(load(str(folder)))


def found_in(loaded: Loaded):
    solver = make_solver("highs")
    rows = row_map(loaded, LevelOne(loaded, solver).linear)
    members = [one.members for one in conflicts(rows, solver)]
    return loaded, Cube(loaded), [[rows.row(key) for key in one] for one in members], members


def test_each_set_is_impossible(wrong):
    _, cube, sets, _ = wrong
    assert sets
    for one in sets:
        assert cube.shortage(one) > 1e-8


def test_each_set_without_a_member_is_possible(wrong):
    _, cube, sets, _ = wrong
    for one in sets:
        for k in range(len(one)):
            assert cube.shortage(one[:k] + one[k + 1 :]) < 1e-9


def test_sets_share_no_row(wrong):
    _, _, _, members = wrong
    for one, two in combinations(members, 2):
        assert not set(one) & set(two)


def test_what_is_left_is_possible(wrong):
    """Unless there were more sets than are looked for."""
    loaded, cube, _, members = wrong
    taken = {key for one in members for key in one}
    left = [row for rule, rows in loaded.rows.items() for k, row in enumerate(rows) if (rule, k) not in taken]
    assert len(members) == 8 or cube.shortage(left) < 1e-7


@pytest.mark.parametrize("seed", range(720, 726))
def test_a_possible_scenario_has_none(tmp_path, seed):
    generate(tmp_path / "plan", seed, small=True, infeasible=False)
    _, cube, sets, _ = found_in(load(str(tmp_path / "plan")))
    assert sets == []
    assert cube.shortage([]) == 0


def test_two_separate_contradictions_are_two_sets(tmp_path):
    """Central: 甲 and 乙 at least 600 each of 1000. Regional: 乙 at least 60, but at most 55, of 100."""
    rules = """\
rules:
  - {kind: amount_bounds, id: half, by: county, min: 600, scope: {streams: [central], group: exit}}
  - {kind: amount_bounds, id: floor, by: county, min: 60, scope: {streams: [regional], counties: ["150102"]}}
  - {kind: amount_bounds, id: cap, by: county, max: 55, scope: {streams: [regional]}}
"""
    yaml = YAML.partition("rules:\n")[0] + rules
    loaded, _, _, members = found_in(load(str(write_scenario(tmp_path / "plan", yaml=yaml))))
    where = {tuple((rule, loaded.rows[rule][k].where) for rule, k in one) for one in members}
    assert where == {
        (("half", "150101"), ("half", "150102")),
        (("floor", "150102"), ("cap", "150102")),
    }


def test_a_row_in_which_nothing_is_left_to_decide_is_a_set_of_its_own(tmp_path):
    """All money is 1100, whoever gets it."""
    rule = "rules:\n  - {kind: linear, id: more, left: {}, sense: '>=', plus: 1101}\n"
    yaml = YAML.partition("rules:\n")[0] + rule
    assert found_in(load(str(write_scenario(tmp_path / "plan", yaml=yaml))))[3] == [(("more", 0),)]


@pytest.mark.parametrize("seed", range(40))
def test_programs(seed):
    """Random inequalities: the set found is impossible and irreducible, and there is one iff needed."""
    rng = np.random.default_rng(seed)
    m, n = 12, 4
    matrix = rng.integers(-3, 4, (m, n)).astype(float)
    bound = rng.integers(-4, 6, m).astype(float)
    infinite = np.full(m, np.inf)
    program = LinearProgram(
        csr_array(matrix), bound, infinite, np.zeros(n), np.full(n, 5.0), np.zeros(n)
    )  # fmt: skip

    def fits(rows):
        solved = linprog(np.zeros(n), A_ub=-matrix[rows], b_ub=-bound[rows], bounds=(0, 5))
        return solved.status == 0

    found = conflict(program, np.arange(m), make_solver("highs")).tolist()
    assert bool(found) == (not fits(list(range(m))))
    if found:
        assert not fits(found)
        assert all(fits([r for r in found if r != out]) for out in found)
