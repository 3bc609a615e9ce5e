"""The smallest relaxation: its largest relative violation against a min-max program of the test's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.relaxation import relaxation, relaxation_texts
from allocator.row_map import row_map
from solvers.choose import make_solver
from tests.builders import YAML, write_scenario
from tests.oracle.generate import generate
from tests.solvers.test_conflict import Cube

HEAD = YAML.partition("rules:\n")[0] + "rules:\n"


def relaxed(loaded):
    solver = make_solver("highs")
    rows = row_map(loaded, LevelOne(loaded, solver).linear)
    return relaxation(rows, solver), rows


def written(tmp_path, rules: str):
    return load(str(write_scenario(tmp_path / "plan", yaml=HEAD + rules)))


def size_of(loaded, row) -> float:
    """The larger side of the row where everybody gets the formula amount by the mix, a step at least."""
    problem = loaded.problem
    cells = (problem.entitlement[:, :, None] * problem.mix).ravel()
    for cell, amount in problem.committed.items():
        cells[cell] += float(amount)
    right = float(row.times) * cells[row.right].sum() + float(row.plus)
    return max(abs(cells[row.left].sum()), abs(right), float(problem.step))


def decides(cube: Cube, coefficients) -> bool:
    """Whether it matters to the row who gets the money: not where each stream counts as a whole."""
    return any(np.ptp(coefficients[stream > 0]) > 0 for stream in cube.budgets)


def largest_violation(loaded) -> float:
    """min max over the rows of violation / size, in money over the cells; rows of nothing left out."""
    cube = Cube(loaded)
    n = len(cube.cells)
    sides, bounds = [], []
    for rows in loaded.rows.values():
        for row in rows:
            coefficients = np.zeros(loaded.problem.open.size)
            coefficients[row.left] += 1.0
            coefficients[row.right] -= float(row.times)
            issued = sum(coefficients[c] * float(v) for c, v in loaded.problem.committed.items())
            mine, bound = coefficients[cube.cells], float(row.plus) - issued
            if row.vacuous is not None or not decides(cube, mine):
                continue
            size = size_of(loaded, row)
            if row.sense in (">=", "="):
                sides.append([*(-mine * cube.unit / size), -1.0])
                bounds.append(-bound / size)
            if row.sense in ("<=", "="):
                sides.append([*(mine * cube.unit / size), -1.0])
                bounds.append(bound / size)
    equal = np.column_stack([cube.budgets, np.zeros(len(cube.money))])
    cost = np.eye(n + 1)[n]
    solved = linprog(cost, A_ub=np.array(sides), b_ub=bounds, A_eq=equal, b_eq=cube.money)
    assert solved.status == 0
    return float(solved.fun)


@pytest.mark.parametrize("seed", range(740, 760))
def test_the_largest_violation_is_the_least_possible(tmp_path, seed):
    generate(tmp_path / "plan", seed, small=True, infeasible=True)
    loaded = load(str(tmp_path / "plan"))
    found, rows = relaxed(loaded)
    impossible = set(rows.impossible)
    relative = [one.relative for one in found.shortfalls if one.key not in impossible]
    assert max(relative, default=0.0) == pytest.approx(largest_violation(loaded), rel=1e-5, abs=1e-7)
    assert relative or impossible


@pytest.mark.parametrize("seed", range(760, 768))
def test_nothing_gives_way_where_all_can_be_kept(tmp_path, seed):
    generate(tmp_path / "plan", seed, small=True, infeasible=False)
    loaded = load(str(tmp_path / "plan"))
    found, _ = relaxed(loaded)
    assert found.shortfalls == ()
    assert not found.law
    assert largest_violation(loaded) == pytest.approx(0, abs=1e-9)


def test_everybody_gives_way_alike(tmp_path):
    """At least 1.2 times last year's 450, 300 and 250 are 1200 of 1100: each gets 1100/1200 of it."""
    loaded = written(tmp_path, "  - {kind: change_limits, column: last_amount, lower: 1.2}\n")
    found, rows = relaxed(loaded)
    # size of each row: the floor itself, or what the formula gives where that is more
    sizes = {"150101": 540.0, "150102": 360.0, "150201": 300.0}
    assert {one.row.where: one.short for one in found.shortfalls} == pytest.approx(
        {where: size / 12 for where, size in sizes.items()}, rel=1e-6
    )
    text = relaxation_texts(found, rows, loaded.names)[0]
    assert "from 1.2 down to 1.1" in text.en
    assert "1.2 降到 1.1" in text.zh


TWO = """\
  - {kind: amount_bounds, id: least, by: county, min: 300%s}
  - {kind: amount_bounds, id: most, by: county, max: 260%s}
"""


def test_law_stands_and_the_other_gives_way(tmp_path):
    """Four counties: at most 260 each makes 1040 of 1100, at least 300 makes 1200: both must give."""
    found, _ = relaxed(written(tmp_path, TWO % ("", "")))
    assert {one.key[0] for one in found.shortfalls} == {"least", "most"}
    found, _ = relaxed(written(tmp_path, TWO % (", law: true", "")))
    assert found.law  # 1200 of 1100 is impossible whatever the other rule says


def test_law_is_untouched(tmp_path):
    """At least 270 by law: the other rule's 260 gives way by 10 at least, to 275 on average."""
    rules = TWO.replace("300", "270") % (", law: true", "")
    found, _ = relaxed(written(tmp_path, rules))
    assert not found.law
    assert {one.key[0] for one in found.shortfalls} == {"most"}
    assert max(one.left for one in found.shortfalls) >= 275 - 1e-6
    assert min(one.left for one in found.shortfalls) >= 270 - 1e-6


@pytest.mark.parametrize("second", ["", ", law: true"])
def test_law_gives_way_where_law_alone_conflicts(tmp_path, second):
    found, _ = relaxed(written(tmp_path, TWO % (", law: true", second)))
    assert found.law
    assert "least" in {one.key[0] for one in found.shortfalls}


def test_a_law_row_that_nothing_can_meet_is_law_giving_way(tmp_path):
    """All money is 1100; the rule that is no law could be kept."""
    rules = (
        "  - {kind: linear, id: more, law: true, left: {}, sense: '>=', plus: 1101}\n"
        "  - {kind: amount_bounds, id: least, by: county, min: 10}\n"
    )
    found, _ = relaxed(written(tmp_path, rules))
    assert [one.key[0] for one in found.shortfalls] == ["more"]
    assert found.law


def test_a_row_that_nothing_can_meet_is_short_by_what_is_missing(tmp_path):
    found, _ = relaxed(written(tmp_path, "  - {kind: linear, id: more, left: {}, sense: '>=', plus: 1101}\n"))
    (one,) = found.shortfalls
    assert (one.key, one.left, one.right, one.short) == (("more", 0), 1100, 1101, 1)
