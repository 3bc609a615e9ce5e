"""The largest floor of each row, also where the solver's first try cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.whatif.engine import Engine
from allocator.whatif.floor_limits import floor_limits

KEPT = Path(__file__).parents[1] / "data" / "kept-shares"


def test_limits_where_a_feasibility_question_is_left_open_at_first():
    """At most 70 % of a county's money may be for industry, so no prefecture can reach more."""
    found = {one.where: one.largest for one in floor_limits(Engine(str(KEPT)), "use_share_floor")}
    assert found["天山地区"] == pytest.approx(0.7, abs=1e-6)
    assert found["昆仑地区"] == pytest.approx(0.7, abs=1e-6)
    assert all(largest is not None and 0.7 - 1e-6 <= largest <= 1 for largest in found.values())
