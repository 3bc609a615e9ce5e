"""Choosing a solver, and what is said of one that is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pulp
import pytest

from solvers import pulp_solvers
from solvers.choose import available, make_solver
from solvers.highs import Session
from solvers.pulp_solvers import ALIASES, PulpSolver
from solvers.solution import Infeasible, SolverMissing
from tests.solvers.pulp_model_cases import HERE, INF, every_other_solver, program, random_program

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
