"""The program as PuLP holds it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pulp
import pytest

from solvers.pulp_model import safe_names, to_pulp
from solvers.solution import SolverMissing
from tests.solvers.pulp_model_cases import INF, program

# the model as PuLP holds it


def test_names_keep_to_what_every_reader_takes_and_never_collide():
    raw = [
        "X.1.a",
        "a b",
        "a-b",
        "a_b",
        "a_b__1",
        "县",
        "乡",
        "",
        "1x",
        "e1",
        "E",
        "free",
        "OBJ",
        "st",
        "y" * 300,
        "y" * 301,
    ]
    names = safe_names(len(raw), raw.__getitem__)
    assert len(set(names)) == len(raw)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", name) for name in names)
    assert max(map(len, names)) < 100
    assert names[:4] == ["X.1.a", "a_b", "a_b__1", "a_b__2"]
    assert not {"e1", "E", "free", "OBJ", "st"} & set(names)


def test_pulp_keeps_the_names_and_the_order():
    built = program(
        [[1, 2], [3, 4]], [1, 2], [INF, INF], [1, 1], column_name="县.{}".format, row_name="甲 {}".format
    )
    written = to_pulp(built, "plan")
    assert written.problem.name == "plan"
    assert [v.name for v in written.variables] == ["n__.0", "n__.1"]
    assert [row.name for row in written.problem.constraints()] == ["n___0", "n___1"]
    assert written.problem.sense == pulp.LpMinimize


def test_every_kind_of_row_is_written():
    built = program([[1, 1]] * 5, [1, -INF, 2, 0, -INF], [INF, 9, 2, 5, INF], [1, 1])
    rows = to_pulp(built).rows
    assert rows == [("r0",), ("r1",), ("r2",), ("r3", "r3.upper"), ()]


def test_a_quadratic_cost_names_the_solver_that_can():
    built = replace(program([[1.0]], [1], [INF], [1]), curvature=np.ones(1))
    with pytest.raises(SolverMissing, match="highs"):
        to_pulp(built)
