"""The second formulation: the same program through PuLP, to read and for other solvers."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pulp
import pytest
from scipy.sparse import csr_array

from solvers import pulp_solvers
from solvers.certificate import certify
from solvers.choose import available, make_solver
from solvers.companions import dual, elastic, ray, row_duals
from solvers.highs import Session
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.polish import POLISHED, polish
from solvers.program import LinearProgram
from solvers.pulp_model import safe_names, to_pulp, write_lp
from solvers.pulp_solvers import ALIASES, PulpSolver, installed
from solvers.solution import Infeasible, NotOptimal, Solution, SolverMissing, Unbounded

INF = np.inf
HERE = installed()
OTHERS = [
    pytest.param(name, marks=pytest.mark.skipif(name not in HERE, reason=f"{name} is not installed"))
    for name in ("cbc", "glpk")
]
every_other_solver = pytest.mark.parametrize("name", OTHERS)


def program(rows, row_lower, row_upper, cost, lower=None, upper=None, **more):
    matrix = np.atleast_2d(np.asarray(rows, float))
    n = matrix.shape[1]
    return LinearProgram(
        matrix=csr_array(matrix),
        row_lower=np.asarray(row_lower, float),
        row_upper=np.asarray(row_upper, float),
        lower=np.zeros(n) if lower is None else np.asarray(lower, float),
        upper=np.full(n, INF) if upper is None else np.asarray(upper, float),
        cost=np.asarray(cost, float),
        **more,
    )


def random_program(seed, n=12, m=10):
    """Feasible and bounded, with every kind of row and of column."""
    rng = np.random.default_rng(seed)
    point = np.round(rng.uniform(-3, 3, n), 1)
    rows = np.where(rng.random((m, n)) < 0.4, rng.integers(-3, 4, (m, n)), 0)
    rows[:2] = 0
    rows[0, 0], rows[1, 1] = 1, -2
    activity, kind = rows @ point, rng.integers(0, 4, m)
    slack = np.round(rng.uniform(0, 2, (2, m)), 1) * (rng.random((2, m)) < 0.6)
    low = np.where(kind == 1, -INF, activity - np.where(kind == 0, 0, slack[0]))
    high = np.where(kind == 2, INF, activity + np.where(kind == 0, 0, slack[1]))
    kind = rng.integers(0, 4, n)
    return program(
        rows,
        low,
        high,
        rows.T @ rng.integers(-2, 3, m) * 0.0 + rng.integers(-3, 4, n),
        lower=np.where(kind == 3, point, point - rng.uniform(0, 4, n)),
        upper=np.where(kind == 3, point, point + rng.uniform(0, 4, n)),
    )


def allocation(n=12, seed=0):
    """Counties × two streams × three uses: budgets, floors and caps by county, shares, parity.

    Limits are drawn around a point that keeps them all, so that the program is never infeasible.
    """
    rng = np.random.default_rng(seed)
    x = np.arange(2 * n).reshape(n, 2)
    cells = 2 * n + np.arange(6 * n).reshape(n, 2, 3)
    factor = rng.lognormal(0, 0.5, (n, 2)) * (rng.random((n, 2)) < 0.85)
    wanted = np.array([100.0, 40.0]) * n * factor / factor.sum(0)
    point = wanted * rng.lognormal(0, 0.3, (n, 2))
    point *= wanted.sum(0) / point.sum(0)
    total, exits = point.sum(1), rng.random(n) < 0.4
    rows, low, high = [], [], []

    def add(lower, upper, *terms):
        row = np.zeros(8 * n)
        for index, value in terms:
            row[index] += value
        rows.append(row)
        low.append(lower)
        high.append(upper)

    for s in range(2):
        add(wanted[:, s].sum(), wanted[:, s].sum(), (x[:, s], 1.0))
    for i in range(n):
        for s in range(2):
            add(0.0, 0.0, (x[i, s], -1.0), (cells[i, s], 1.0))
        add(total[i] * rng.uniform(0.7, 1.0), INF, (x[i], 1.0))
        add(-INF, total[i] * rng.uniform(1.0, 1.4), (x[i], 1.0))
        add(total[i] * rng.uniform(0.4, 0.7), INF, (cells[i, :, 0], 1.0), (cells[i, :, 2], 1.0))
    use = cells.reshape(-1, 3)
    add(0.0, INF, (use[:, 0], 0.38), (use[:, 1], -0.62), (use[:, 2], 0.38))
    add(-INF, 0.0, (use[:, 2], 0.75), (use[:, 0], -0.25), (use[:, 1], -0.25))
    parity = np.where(exits, 1.0 / max(exits.sum(), 1), -1.0 / max((~exits).sum(), 1))
    add(min(0.0, float(parity @ total)), INF, (x[:, 0], parity), (x[:, 1], parity))
    upper = np.full(8 * n, INF)
    upper[x[wanted == 0]] = 0.0
    paid = wanted > 0
    built = program(rows, low, high, np.zeros(8 * n), upper=upper)
    return built, Departures(x[paid], wanted[paid], wanted[paid])


def proved(built, solution):
    return certify(built, solution).worst


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


# the .lp file


def reread(path, reader):
    """The optimum of an .lp file as another program reads it."""
    if reader == "highs":
        highs = highspy.Highs()
        highs.silent()
        assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
        highs.run()
        return highs.getInfo().objective_function_value
    result = path.with_suffix(".out")
    command = {
        "cbc": ["cbc", path, "-solve", "-solution", result],
        "glpk": ["glpsol", "--cpxlp", path, "-o", result],
    }[reader]
    subprocess.run(command, check=True, capture_output=True)
    said = result.read_text()
    return float(re.search(r"objective value\s+(\S+)|OBJ = (\S+)", said).group(1 if reader == "cbc" else 2))


AWKWARD = program(
    [[1, 1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 2, 0, 0], [1, 0, 1, 0, 1, 0, 0], [0, 0, 0, 1, 1, 0, 1], [0] * 7],
    [-4, -INF, 1.5, -INF, -1],
    [INF, 7, 3.5, 9, INF],
    [1, 0.5, 1, 1, -1.3, 0, -0.1],
    lower=[-INF, -INF, -1, 2, 0, 3, 0],
    upper=[INF, 5, 4, 2, 3, 8, INF],
    integer=np.array([0, 0, 0, 0, 1, 0, 0], dtype=np.bool_),
    column_name=["free", "X.1", "x.1", "end", "e1", "inf", "县.甲"].__getitem__,
    row_name=["st", "max", "OBJ", "a b", "a_b"].__getitem__,
)
LEGEND = ["说明 x >= 9", "长" * 3000, "x" * 9000, "two\nlines", "\\ End", ""]


@pytest.mark.parametrize("reader", ["highs", *OTHERS])
def test_the_file_is_read_back_to_the_same_optimum(reader, tmp_path):
    path = tmp_path / "模型.lp"
    for built in (AWKWARD, allocation(6)[0], *(random_program(seed) for seed in range(6))):
        write_lp(built, path, LEGEND)
        assert reread(path, reader) == pytest.approx(Session().solve(built).cost, rel=1e-7, abs=1e-7)


def test_equal_input_gives_equal_bytes(tmp_path):
    first, second = tmp_path / "first.lp", tmp_path / "second.lp"
    write_lp(AWKWARD, first, LEGEND)
    write_lp(AWKWARD, second, LEGEND)
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text(encoding="utf-8")
    assert text.startswith("\\ 说明 x >= 9\n")
    head = text[: text.index("Minimize")].splitlines()
    assert all(line.startswith("\\") and len(line) < 130 for line in head)
    assert "\r" not in text


# solvers agree by cost and proof, never dual by dual: degenerate duals are not unique


@every_other_solver
@pytest.mark.parametrize("seed", range(15))
def test_solvers_agree(name, seed):
    built = random_program(seed)
    mine, other = Session().solve(built), PulpSolver(name).solve(built)
    assert other.cost == pytest.approx(mine.cost, abs=1e-8 * (1 + abs(mine.cost)))
    assert max(proved(built, mine), proved(built, other)) <= 1e-9
    assert other.noise <= pulp_solvers.NOISE


@every_other_solver
def test_a_row_of_one_variable_has_its_dual(name):
    """CBC hands over none where presolve makes the row a bound."""
    built = program([[2, 0], [1, 1]], [4, 5], [INF, INF], [3, 2])
    solution = PulpSolver(name).solve(built)
    assert solution.values == pytest.approx([2, 3])
    assert solution.duals == pytest.approx([0.5, 2])


@every_other_solver
def test_a_row_with_two_bounds_has_one_dual(name):
    solution = PulpSolver(name).solve(program([[1, 1]], [1], [5], [-2, -1]))
    assert (solution.cost, *solution.duals) == pytest.approx((-10, -2))


@every_other_solver
def test_columns_and_rows_without_entries(name):
    built = program([[0, 1], [0, 0]], [2, -1], [INF, INF], [0, 1], lower=[3, 0])
    assert PulpSolver(name).solve(built).values == pytest.approx([3, 2])
    with pytest.raises(Infeasible):
        PulpSolver(name).solve(replace(built, row_lower=np.array([2.0, 1.0])))


@every_other_solver
def test_no_cost_is_a_question_of_feasibility(name):
    built = program([[1, 1]], [2], [2], [0, 0])
    solution = PulpSolver(name).solve(built)
    assert solution.cost == 0
    assert proved(built, solution) <= 1e-9


@every_other_solver
@pytest.mark.parametrize(
    "built",
    [
        program([[1.0]], [2], [INF], [1], upper=[1]),
        program([[1, 1], [1, 1]], [3, -INF], [INF, 2], [1, 1]),
        program([[1, 1], [1, -1], [1, 0]], [3, 0, -INF], [3, 0, 1], [-1, 0]),
        program([[1.0]], [0], [INF], [1], lower=[2], upper=[1]),
        program([[1, 1], [1, 1]], [3, -INF], [INF, 2], [-1, 0], lower=[-INF, -INF]),
        program([[2.0]], [1], [1], [1], integer=np.array([True])),
    ],
    ids=["trivially", "two rows", "equations", "bounds cross", "and unbounded", "in whole numbers"],
)
def test_infeasible_is_said(name, built):
    with pytest.raises(Infeasible, match=name):
        PulpSolver(name).solve(built)


@every_other_solver
@pytest.mark.parametrize(
    "built",
    [
        program([[1.0]], [1], [INF], [-1]),
        program([[1, -1]], [0], [0], [-1, 0]),
        program([[1, 1]], [0], [5], [1, 0], lower=[-INF, -INF]),
        program([[1, -1]], [-INF], [3], [-1, -1], integer=np.array([True, False])),
    ],
)
def test_unbounded_is_said(name, built):
    with pytest.raises(Unbounded, match=name):
        PulpSolver(name).solve(built)


@every_other_solver
def test_whole_numbers(name):
    built = program([[3, 2], [1, 0]], [-INF, -INF], [12.5, 3.7], [-4, -2.5], integer=np.array([True, True]))
    solution = PulpSolver(name).solve(built)
    assert solution.cost == Session().solve(built).cost
    assert (solution.values == np.rint(solution.values)).all()


# nothing is taken on trust


@every_other_solver
@pytest.mark.parametrize("lie", ["wrong point", "silence", "stumble"])
def test_a_solver_that_lies_is_not_believed(name, lie, monkeypatch):
    def answer(self, program, options):
        return (np.full(program.columns, 7.0), np.ones(program.rows)) if lie == "wrong point" else None

    def stumble(self, solver):
        raise RuntimeError("no licence")

    if lie == "stumble":
        monkeypatch.setattr(pulp.LpProblem, "solve", stumble)
    else:
        monkeypatch.setattr(PulpSolver, "_run", answer)
    for seed in range(3):
        with pytest.raises(NotOptimal, match="proved: no licence" if lie == "stumble" else "proved$"):
            PulpSolver(name).solve(random_program(seed))


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


# leximin does not depend on the solver


@every_other_solver
@pytest.mark.parametrize("seed", range(6))
def test_leximin_is_the_same(name, seed):
    built, departures = allocation(12, seed)
    mine, other = leximin(built, departures, Session()), leximin(built, departures, PulpSolver(name))
    assert len(mine.freezes) > 3
    assert np.abs(departures.at(mine.x) - departures.at(other.x)).max() <= 1e-9
    assert max(proof.worst for proof in other.certificates) <= 1e-8


@every_other_solver
def test_leximin_says_infeasible(name):
    built, departures = allocation(5)
    tight = replace(built, row_upper=np.where(np.isfinite(built.row_upper), built.row_upper * 0.3, INF))
    tight = replace(tight, row_lower=np.minimum(tight.row_lower, tight.row_upper))
    for solver in (Session(), PulpSolver(name)):
        with pytest.raises(Infeasible):
            leximin(tight, departures, solver)


# choosing


def test_missing_solvers_are_told_apart_with_a_way_to_get_them(monkeypatch):
    with pytest.raises(SolverMissing, match=r"'cbx' is unknown; installed: highs"):
        make_solver("cbx")
    monkeypatch.setattr(
        pulp, "listSolvers", lambda onlyAvailable=False: [] if onlyAvailable else ["COIN_CMD", "GLPK_CMD"]
    )
    with pytest.raises(SolverMissing, match=r"'cbc' is not installed \(apt install coinor-cbc"):
        make_solver("CBC")
    with pytest.raises(SolverMissing, match=r"'glpk_cmd' is not installed \(see the solver's own site\)"):
        make_solver("glpk_cmd")
    assert available() == ("highs",)


def test_every_alias_says_how_to_get_it():
    assert set(ALIASES) == set(pulp_solvers.HOW_TO_GET)
    assert {own for names in ALIASES.values() for own in names} - set(pulp.listSolvers()) <= {"PULP_CBC_CMD"}


@every_other_solver
def test_names_in_any_case_and_pulps_own(name):
    assert make_solver(name.upper()).name == name
    own = next(n for n in ALIASES[name] if n in pulp.listSolvers(onlyAvailable=True))
    assert PulpSolver(own).version.startswith(f"{own} (PuLP ")


def test_highs_is_first_and_goes_without_pulp():
    assert available()[0] == "highs"
    assert set(available()) == {"highs", *HERE}
    assert isinstance(make_solver("HiGHS"), Session)
    code = "import sys, solvers.choose as c; c.make_solver('highs'); sys.exit('pulp' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif("PULP_CBC_CMD" not in pulp.listSolvers(onlyAvailable=True), reason="PuLP 4 brings no CBC")
def test_pulps_own_cbc_without_a_warning():
    built = random_program(1)
    assert PulpSolver("PULP_CBC_CMD").solve(built).cost == pytest.approx(Session().solve(built).cost)


@every_other_solver
def test_no_file_is_left_behind(name, tmp_path, monkeypatch, capfd):
    inner, blank = tmp_path / "here", tmp_path / "a blank 空"
    inner.mkdir()
    blank.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.setattr("tempfile.tempdir", str(blank))
    for variable in ("TMP", "TMPDIR", "TEMP"):
        monkeypatch.setenv(variable, str(blank))
    PulpSolver(name).solve(random_program(2))
    with pytest.raises(Infeasible):
        PulpSolver(name).solve(program([[1.0]], [2], [INF], [1], upper=[1]))
    assert Path.cwd() == inner
    assert not list(inner.iterdir())
    assert not list(blank.iterdir())
    assert capfd.readouterr() == ("", "")
