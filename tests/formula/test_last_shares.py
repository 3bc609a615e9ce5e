"""Last year's shares: what the county table must say where counties have one share between them."""

from __future__ import annotations

import pytest

from allocator.faults import BadInput
from allocator.load import load
from tests.policy_scenario import document, write

FLOOR = {"kind": "use_share_floor", "tag": "industry", "floor": 0.4, "not_below": "last_share"}


def said(tmp_path, **keys):
    """Every fault of a floor with these keys; last_share is 0.5 in 天山地区 and 0.45 in 昆仑地区."""
    try:
        load(write(tmp_path / "made", document(rules=[FLOOR | keys])))
    except BadInput as error:
        return [fault.say("en") for fault in error.faults]
    return []


def test_a_prefecture_a_county_and_its_own_column_may_differ_from_others(tmp_path):
    assert said(tmp_path / "a") == []
    assert said(tmp_path / "b", by="county") == []
    assert said(tmp_path / "c", by="all", ratchet="county", own_share="own_last") == []


@pytest.mark.parametrize(
    ("keys", "who", "where"),
    [
        ({"by": "all"}, "the region", ("650201", "650202", "650203")),
        ({"by": "exit"}, "the group 'exit'", ("650202",)),
        ({"not_below": "own_last"}, "the prefecture", ("650102", "650103", "650202", "650203")),
    ],
)
def test_counties_with_one_share_between_them_carry_the_same_value(tmp_path, keys, who, where):
    """Each county that differs from the first is named with its line."""
    faults = said(tmp_path, **keys)
    assert [code for code in where for fault in faults if code in fault.split(": differs")[0]] == list(where)
    assert len(faults) == len(where)
    assert all(f"differs within {who}: " in fault and fault.startswith("counties.csv:") for fault in faults)


def test_a_share_in_percent_and_a_blank_are_said_plainly(tmp_path):
    folder = write(tmp_path / "made", document(rules=[FLOOR]))
    table = (folder / "counties.csv").read_text(encoding="utf-8")
    table = table.replace("350,0.5,", "350,68.5,").replace("520,0.45,", "520,,")
    (folder / "counties.csv").write_text(table, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(folder)
    told = caught.value.say("zh")
    assert "占比 68.5 大于 1" in told
    assert "650201 丁县 为空" in told
    assert "None" not in told
