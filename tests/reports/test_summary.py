"""What the screen says first: who departs from the entitlement, and which rules made it so."""

from __future__ import annotations

import json

import pytest

from allocator.cli.main import run


@pytest.fixture
def departures(capsys):
    def of(*arguments):
        assert run(["solve", *arguments, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["departures"]
        return {one["county"]: one["rules"] for one in (*found["up"], *found["down"])}

    return of


def test_a_rule_that_only_happens_to_be_tight_limits_nobody(departures):
    # yangquan-2024: 矿区 is raised to the least amount of 200, and the others pay for it by the budgets;
    # the city's industry share is exactly last year's, by the choice of uses, and takes from no county
    assert departures("yangquan-2024") == {
        "矿区": ["amount_bounds"],
        "郊区": [],
        "平定县": [],
        "盂县": [],
    }
    without = departures("yangquan-2024", "--set", "rules.use_share_floor.retain=0")
    assert without == departures("yangquan-2024")


def test_the_rules_that_shape_an_amount_are_named(departures):
    rules = departures("yangquan-2024", "--set", "rules.change_limits.lower=1")
    assert rules["郊区"] == ["change_limits"]


def test_a_countys_own_floor_limits_it_whatever_else_shaped_the_round(departures):
    # the tutorial's 丙县 and 己县 are raised to 0.95 of last year's 180 and 160
    rules = departures("tutorial")
    assert rules["丙县"] == rules["己县"] == ["change_limits"]


def test_the_screen_says_that_the_budget_passes_it_on(capsys):
    assert run(["solve", "yangquan-2024", "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("盂县")).rstrip().endswith("预算总额")
