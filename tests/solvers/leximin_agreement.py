"""Another way to the leximin optimum gives what `leximin` gives."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pytest

from solvers.highs import Session
from solvers.levels import Levels
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.program import LinearProgram
from solvers.solution import Infeasible


class Way(Protocol):
    """What solves a program with departures."""

    def solve(self, program: LinearProgram, departures: Departures) -> Levels: ...


def agreeing(
    way: Way, made: LinearProgram, departures: Departures, same: float
) -> tuple[Levels, Levels] | None:
    """Both answers, whose columns with a departure differ by at most `same` of the largest target.

    None where there is no point, which both say.
    """
    try:
        whole = leximin(made, departures, Session())
    except Infeasible:
        with pytest.raises(Infeasible):
            way.solve(made, departures)
        return None
    found = way.solve(made, departures)
    own, unit = departures.columns, departures.targets.max()
    assert np.abs(found.x[own] - whole.x[own]).max() <= same * unit
    assert found.fixed[own].all()
    return found, whole
