"""The .lp file: read back by others to the same optimum, the same bytes each time."""

from __future__ import annotations

import re
import subprocess

import highspy
import numpy as np
import pytest

from solvers.highs import Session
from solvers.pulp_model import write_lp
from tests.solvers.pulp_model_cases import INF, OTHERS, allocation, program, random_program

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
