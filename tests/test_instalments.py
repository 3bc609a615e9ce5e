"""Which streams a run decides."""

from __future__ import annotations

import pytest

from allocator.faults import BadInput
from allocator.instalments import deciding, deciding_nothing, named_streams
from allocator.load import load
from tests import builders

ADJUSTED = builders.YAML + (
    "adjustments:\n  limit: 0.1\n  items:\n"
    "    - {county: '150101', stream: central, amount: 1.5, reason: '灾后: \"重建\"'}\n"
    "    - {county: '150102', stream: central, amount: -1.5, reason: 项目储备不足}\n"
    "    - {county: '150201', stream: regional, amount: 1, reason: a}\n"
    "    - {county: '150202', stream: regional, amount: -1, reason: b}\n"
)


@pytest.fixture
def plan(tmp_path):
    return builders.write_scenario(tmp_path / "plan", yaml=ADJUSTED)


def test_batches_and_streams_by_name(plan):
    loaded = load(plan)
    assert named_streams(loaded, ["1"], []) == {"central"}
    assert named_streams(loaded, ["2"], ["central"]) == {"central", "regional"}
    with pytest.raises(BadInput) as caught:
        named_streams(loaded, ["3"], ["centrel"])
    assert [f.say("en") for f in caught.value.faults] == [
        "--batch 3: the scenario has no such batch. there are: 1, 2",
        "--stream centrel: the scenario has no such stream. there are: central",
    ]


def test_the_others_wait_with_their_adjustments(plan):
    loaded = load(plan)
    changed = load(plan, deciding(loaded, {"central"}))
    assert {s: v.budget for s, v in changed.scenario.streams.items()} == {"central": 1000, "regional": 0}
    kept = changed.scenario.adjustments.items
    assert kept == tuple(i for i in loaded.scenario.adjustments.items if i.stream == "central")
    nothing = load(plan, deciding_nothing(loaded))
    assert not any(s.budget for s in nothing.scenario.streams.values())
    assert nothing.scenario.adjustments.items == ()


def test_nothing_left_says_why(plan):
    (plan / "committed.csv").write_text("code,stream,use,amount\n150201,regional,livelihood,9\n")
    loaded = load(plan, ["streams.regional.budget=0", "adjustments.items=[]"])
    with pytest.raises(BadInput) as caught:
        deciding(loaded, {"regional"})
    assert "issued already: regional" in str(caught.value)
    assert "streams still to decide: central" in str(caught.value)
