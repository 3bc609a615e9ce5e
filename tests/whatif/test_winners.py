"""Winners and losers against last year and against the formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.plan import solve
from allocator.whatif.engine import Engine
from allocator.whatif.winners import finding, winners, winners_rows
from tests import builders

SCENARIOS = ("tutorial", "yangquan-2024")


@pytest.mark.parametrize("name", SCENARIOS)
def test_against_the_formula_every_stream_adds_up_to_nothing(name):
    engine = Engine(name)
    found = winners(engine.loaded, engine.base.payments).formula
    assert found.by_stream.sum(axis=0) == pytest.approx(0, abs=1e-6)
    assert found.change == pytest.approx(found.by_stream.sum(axis=1))
    assert found.whole.change == pytest.approx(0, abs=1e-6)
    assert sum(party.change for party in found.prefectures) == pytest.approx(0, abs=1e-6)
    assert sum(party.up for party in found.prefectures) == found.whole.up


def test_last_year_is_compared_with_all_that_was_issued():
    engine = Engine("yangquan-2024")
    loaded = engine.loaded
    found = winners(loaded, engine.base.payments).last_year
    issued = float(sum(loaded.problem.committed.values()))
    assert issued > 0
    assert np.nansum(found.after) == pytest.approx(issued + 1920)
    assert found.column == "last_amount"
    assert [loaded.counties.names[i] for i in found.unknown] == ["城区"]
    assert (found.whole.counties, found.whole.up, found.whole.down) == (4, 1, 3)
    for i, last in enumerate(loaded.counties.numbers["last_amount"]):
        if last is not None:
            own = sum(amount for (k, _, _), amount in loaded.issued.items() if k == i)
            expected = engine.base.payments[i].sum() + float(own) - float(last)
            assert found.change[i] == pytest.approx(expected)
            assert found.relative[i] == pytest.approx(expected / float(last))


def test_four_counties_by_hand():
    loaded = builders.loaded()
    found = winners(loaded, np.array([[410.0, 0], [290, 50], [200, 25], [100, 25]]))
    # last year 450, 300, 250 and none; 40 were issued to the first before
    assert found.last_year.change[:3].tolist() == [0, 40, -25]
    assert found.last_year.unknown == (3,)
    whole, east, west = found.last_year.whole, *found.last_year.prefectures
    assert (whole.counties, whole.before, whole.after, whole.change) == (3, 1000, 1015, 15)
    assert (whole.up, whole.down, whole.same) == (1, 1, 1)
    assert (east.name, east.change, east.up, east.down) == ("东盟", 40, 1, 0)
    assert (west.counties, west.change, west.relative) == (1, -25, -0.1)
    assert [(g.name, g.change) for g in found.last_year.groups] == [("exit", 40)]
    assert found.formula.change.tolist() == [10, -10, 0, 0]
    assert found.formula.by_stream.tolist() == [[10, 0], [-10, 0], [0, 0], [0, 0]]
    assert finding(found.last_year, loaded.names) == (
        "与上年相比：1 个旗县增加，1 个减少，1 个不变，合计 +15 万元（+1.5%）；"
        "增加最多的是乙县 +40 万元；减少最多的是丙旗 −25 万元；1 个没有上年数",
        "Compared with last year: 1 county up, 1 down, 1 unchanged, +15 万元 (+1.5%) in all; "
        "largest gain 乙县 +40 万元; largest loss 丙旗 −25 万元; 1 without last year's amount",
    )
    assert finding(found.formula, loaded.names).zh == (
        "与公式应得相比：1 个旗县增加，1 个减少，2 个不变；"
        "增加最多的是甲县 +10 万元；减少最多的是乙县 −10 万元"
    )


def test_the_scope_of_the_rule_says_what_is_compared():
    limits = {"kind": "change_limits", "id": "limits", "column": "last_amount", "upper": 2}
    payments = np.array([[410.0, 0], [290, 50], [200, 25], [100, 25]])
    narrow = {**limits, "scope": {"streams": ["central"], "group": "exit"}}
    found = winners(builders.loaded(builders.scenario(rules=[narrow])), payments).last_year
    assert found.change[:2].tolist() == [0, -10]
    assert found.unknown == (2, 3)
    by_use = {**limits, "scope": {"uses": ["industry"]}}
    alone = winners(builders.loaded(builders.scenario(rules=[by_use])), payments)
    assert alone.last_year is None
    assert alone.comparisons == (alone.formula,)


def test_nobody_to_compare():
    at = builders.counties()
    loaded = builders.loaded(at=replace(at, numbers={**at.numbers, "last_amount": (None,) * 4}))
    found = winners(loaded, loaded.problem.entitlement).last_year
    assert np.isnan(found.whole.relative)
    assert finding(found, loaded.names) == (
        "与上年相比：没有可比的旗县",
        "Compared with last year: nobody can be compared",
    )


def test_rows_of_a_whole_table():
    loaded = Engine("tutorial").loaded
    payments = solve(loaded).steps.sum(axis=2) * float(loaded.problem.step)
    header, rows = winners_rows(winners(loaded, payments), loaded)
    assert {len(row) for row in rows} == {len(header)}
    records = [dict(zip(header, row, strict=True)) for row in rows]
    for against in ("last_year", "formula"):
        own = [r for r in records if r["against"] == against]
        county = [r for r in own if r["level"] == "county"]
        whole = next(r for r in own if r["level"] == "all")
        assert len(county) == 6
        assert sum(r["after"] for r in county) == whole["after"] == 1000
        for count in ("counties", "counties_up", "counties_down", "counties_same"):
            assert sum(r[count] for r in county) == whole[count]
