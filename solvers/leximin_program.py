"""The first round of leximin as a program of its own, with names, for people to read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.leximin_round import Departures, State, build_round
from solvers.program import LinearProgram


def first_round(program: LinearProgram, departures: Departures) -> LinearProgram:
    """min Σ t over the program's components; rows of the program, then up.* and down.* rows."""
    k = len(departures.columns)
    state = State(
        x=np.zeros(program.columns),
        fixed=np.zeros(program.columns, dtype=np.bool_),
        tight=np.zeros(program.rows, dtype=np.bool_),
        frozen=np.zeros(k, dtype=np.bool_),
        column_status=np.zeros(program.columns, dtype=np.int8),
        row_status=np.ones(program.rows + 2 * k, dtype=np.int8),
    )
    current = build_round(program, departures, state)
    assert current is not None
    m, n = program.rows, program.columns

    def row_name(r: int) -> str:
        if r < m:
            return program.row_name(r)
        side, which = ("up", r - m) if r < m + k else ("down", r - m - k)
        return f"{side}.{program.column_name(int(departures.columns[which]))}"

    def column_name(j: int) -> str:
        return program.column_name(j) if j < n else f"t.{j - n + 1}"

    return replace(current.program, row_name=row_name, column_name=column_name)
