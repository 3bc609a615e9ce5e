"""Inequality of money per head against values computed by hand and against the definitions."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from allocator.faults import BadInput
from allocator.whatif.engine import Engine
from allocator.whatif.equity import default_population, equity, equity_rows, finding, lorenz_rows
from allocator.whatif.inequality import gini, lorenz, theil, theil_parts
from tests import builders
from tests.builders import write_scenario

ONES = np.ones(4)


def array(*values):
    return np.array(values, dtype=float)


def test_equal_amounts_have_no_inequality():
    people = array(1, 5, 3, 7)
    assert gini(people, people * 3) == pytest.approx(0, abs=1e-12)
    assert theil(people, people * 3) == pytest.approx(0, abs=1e-12)
    assert theil_parts(people, people * 3, [np.arange(2), np.arange(2, 4)]) == pytest.approx(
        (0, 0), abs=1e-12
    )


@pytest.mark.parametrize("n", [2, 4, 10])
def test_one_of_n_has_everything(n):
    amounts = np.zeros(n)
    amounts[0] = 7
    assert gini(np.ones(n), amounts) == pytest.approx((n - 1) / n)
    assert theil(np.ones(n), amounts) == pytest.approx(log(n))


def test_values_computed_by_hand():
    # 1, 2, 3, 4 among four equals: Lorenz 0.1, 0.3, 0.6, 1; Gini 1 − (0.1 + 0.4 + 0.9 + 1.6) / 4
    assert gini(ONES, array(4, 2, 1, 3)) == pytest.approx(0.25)
    assert lorenz(ONES, array(4, 2, 1, 3))[:, 1] == pytest.approx([0, 0.1, 0.3, 0.6, 1])
    expected = 0.4 * log(1.6) + 0.3 * log(1.2) + 0.2 * log(0.8) + 0.1 * log(0.4)
    assert theil(ONES, array(4, 2, 1, 3)) == pytest.approx(expected)
    # 30 people with 1 each, 10 with 3 each: the curve bends once, at (0.75, 0.5)
    assert lorenz(array(10, 30), array(30, 30)).tolist() == [[0, 0], [0.75, 0.5], [1, 1]]
    assert gini(array(10, 30), array(30, 30)) == pytest.approx(0.25)
    assert theil(array(10, 30), array(30, 30)) == pytest.approx(0.5 * log(2) + 0.5 * log(2 / 3))


def test_definitions_on_made_data():
    draws = np.random.default_rng(5)
    for _ in range(20):
        people, amounts = draws.uniform(1, 9, 12), draws.uniform(0, 9, 12) * (draws.random(12) > 0.2)
        heads, share = people / people.sum(), amounts / people
        apart = np.abs(share[:, None] - share[None, :])
        mean = amounts.sum() / people.sum()
        assert gini(people, amounts) == pytest.approx((heads @ apart @ heads) / (2 * mean))
        members = [np.arange(0, 5), np.arange(5, 6), np.arange(6, 12)]
        assert sum(theil_parts(people, amounts, members)) == pytest.approx(theil(people, amounts))
        # as many people more with the same money a head change nothing
        twice = np.concatenate([people, people]), np.concatenate([amounts, amounts])
        assert gini(*twice) == pytest.approx(gini(people, amounts))
        assert theil(*twice) == pytest.approx(theil(people, amounts))


def test_no_money_has_no_inequality_to_speak_of():
    assert np.isnan([gini(ONES, 0 * ONES), theil(ONES, 0 * ONES)]).all()
    assert np.isnan(theil_parts(ONES, 0 * ONES, [np.arange(4)])).all()


@pytest.mark.parametrize(
    ("name", "column"),
    [("tutorial", "population"), ("yangquan-2024", "rural_population")],
)
def test_default_population(name, column):
    assert default_population(Engine(name).loaded) == column


def test_no_column_of_people_means_equal_heads():
    loaded = builders.loaded()
    assert default_population(loaded) is None
    found = equity(loaded, loaded.problem.entitlement, None)
    assert found.people.tolist() == [1, 1, 1, 1]
    # 125, 225, 350, 400 among four equals: sums 125, 350, 700, 1100
    assert found.entitled.gini == pytest.approx(1 - (125 + 475 + 1050 + 1800) / 4400)
    assert finding(found, loaded.names).zh.startswith("县均资金的基尼系数：按公式 0.216，按规则后 0.216")


def test_counties_without_people_are_left_out_and_named():
    engine = Engine("yangquan-2024")
    loaded, payments = engine.loaded, engine.base.payments
    found = equity(loaded, payments, "rural_population")
    assert [loaded.counties.names[i] for i in found.left_out] == ["矿区"]
    kept = found.people > 0
    assert found.paid.gini == pytest.approx(gini(found.people[kept], payments.sum(axis=1)[kept]))
    assert found.paid.prefecture_per_head["阳泉市"] == pytest.approx(
        payments.sum(axis=1)[kept].sum() / found.people.sum()
    )
    said = finding(found, loaded.names)
    assert said.zh == "人均资金的基尼系数：按公式 0.075，按规则后 0.075；未计没有人口数的 1 个旗县（矿区）"
    assert said.en.endswith("; 1 without people left out (矿区)")


def test_parts_by_prefecture_and_rows():
    engine = Engine("tutorial")
    loaded, payments = engine.loaded, engine.base.payments
    found = equity(loaded, payments, "population")
    for one in (found.entitled, found.paid):
        assert one.within + one.between == pytest.approx(one.theil)
        assert one.amounts.sum() == pytest.approx(1000)
    poor = loaded.counties.groups["poor"]
    expected = payments[poor].sum() / found.people[poor].sum()
    assert found.paid.group_per_head["poor"] == pytest.approx(expected)
    header, rows = equity_rows(found)
    assert header == ("stage", "level", "name", "measure", "value")
    assert ("after_rules", "all", "", "gini") in {row[:4] for row in rows}
    header, rows = lorenz_rows(found, loaded)
    assert len(rows) == 12
    assert {len(row) for row in rows} == {len(header)}
    assert rows[5][-2:] == (1, 1)
    assert "盟市之间" in finding(found, loaded.names).zh
    assert "between prefectures" in finding(found, loaded.names).en


def test_columns_that_hold_no_people_are_refused():
    loaded = Engine("tutorial").loaded
    for column in ("populatoin", "county", "code"):
        with pytest.raises(BadInput):
            equity(loaded, loaded.problem.entitlement, column)


def test_any_column_of_numbers_will_do(tmp_path):
    loaded = Engine(str(write_scenario(tmp_path / "plan"))).loaded
    # the formula gives by people, so that nobody has more per head
    found = equity(loaded, loaded.problem.entitlement, "people")
    assert found.entitled.gini == pytest.approx(0, abs=1e-12)
    with pytest.raises(BadInput):
        equity(loaded, loaded.problem.entitlement, "prefecture")
