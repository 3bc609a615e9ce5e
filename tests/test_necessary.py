"""Sums that a planner can add up by hand: exact figures on both sides of each threshold."""

from __future__ import annotations

from fractions import Fraction

import pytest

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.necessary import Check, checks
from solvers.solution import Infeasible
from tests.builders import YAML, write_scenario
from tests.oracle.generate import generate

HEAD = YAML.partition("rules:\n")[0] + "rules:\n"
ISSUED = "code,stream,use,amount\n150101,central,industry,40\n150202,regional,livelihood,5\n"
"""40 and 5 beside the budgets of 1000 and 100: 1145 in all."""


def made(tmp_path, rules: str, issued: bool = True, pipe: dict[str, str] | None = None):
    folder = write_scenario(tmp_path / "plan", yaml=HEAD + rules)
    if issued:
        (folder / "committed.csv").write_text(ISSUED, encoding="utf-8")
    if pipe is not None:
        head, *rest = (folder / "counties.csv").read_text(encoding="utf-8").splitlines()
        lines = [f"{head},pipe", *(f"{line},{pipe.get(line[:6], '')}" for line in rest)]
        (folder / "counties.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load(str(folder))


def figures(loaded, words: str) -> tuple[Fraction, Fraction, Fraction, set[str]]:
    """Have, need, short and rules of the one check that says this."""
    (one,) = [check for check in checks(loaded) if words in check.what.en]
    return one.have, one.need, one.short, set(one.rules)


def possible(loaded) -> bool:
    try:
        LevelOne(loaded).under()
    except Infeasible:
        return False
    return True


@pytest.mark.parametrize(("least", "short"), [("286.25", 0), ("286.26", "0.04")])
def test_floors_against_all_money(tmp_path, least, short):
    loaded = made(tmp_path, f"  - {{kind: amount_bounds, by: county, min: {least}}}\n")
    have, need, by, rules = figures(loaded, "sum of the counties' floors")
    assert (have, need, by) == (1145, 4 * Fraction(least), Fraction(short))
    assert rules == {"amount_bounds"}
    assert possible(loaded) == (not short)


def test_floors_of_several_rules_the_larger_counts(tmp_path):
    """Last year's 450, 300, 250 at 0.8: 360, 240, 200; the other rule asks for 220 of everyone."""
    rules = (
        "  - {kind: change_limits, column: last_amount, lower: 0.8}\n"
        "  - {kind: amount_bounds, by: county, min: 220}\n"
    )
    have, need, by, rules_named = figures(made(tmp_path, rules), "sum of the counties' floors")
    assert (have, need, by) == (1145, 360 + 240 + 220 + 220, 0)
    assert rules_named == {"change_limits", "amount_bounds"}


def test_a_share_of_all_money_is_a_floor(tmp_path):
    loaded = made(tmp_path, "  - {kind: amount_bounds, by: county, min_share: 0.26}\n")
    assert figures(loaded, "sum of the counties' floors")[1] == 4 * Fraction("0.26") * 1145


@pytest.mark.parametrize(("most", "short"), [("286.25", 0), ("286.24", "0.04")])
def test_caps_against_all_money(tmp_path, most, short):
    loaded = made(tmp_path, f"  - {{kind: amount_bounds, by: county, max: {most}}}\n")
    have, need, by, _ = figures(loaded, "sum of the counties' caps")
    assert (have, need, by) == (4 * Fraction(most), 1145, Fraction(short))
    assert possible(loaded) == (not short)


def test_no_sum_of_caps_where_a_county_has_none(tmp_path):
    """丁区 had nothing last year."""
    loaded = made(tmp_path, "  - {kind: change_limits, column: last_amount, upper: 1.1}\n")
    assert [check for check in checks(loaded) if "caps" in check.what.en] == []


@pytest.mark.parametrize(("upper", "short"), [("0.8", 0), ("0.79", "2.5")])
def test_a_cap_below_the_floor_of_one_county(tmp_path, upper, short):
    """丙旗 had 250: 200 at 0.8, and the other rule asks for 200."""
    rules = (
        f"  - {{kind: change_limits, column: last_amount, upper: {upper}}}\n"
        "  - {kind: amount_bounds, by: county, min: 200}\n"
    )
    loaded = made(tmp_path, rules)
    found = [check for check in checks(loaded) if "丙旗" in check.what.en]
    assert [check.short for check in found] == ([Fraction(short)] if short else [])


@pytest.mark.parametrize(("most", "short"), [("515", 0), ("514", 2)])
def test_what_the_counties_of_a_stream_may_take(tmp_path, most, short):
    """Central money to 甲 and 丙 alone, 40 of it issued: two caps less 40 against 990."""
    rules = f"  - {{kind: amount_bounds, by: county, max: {most}}}\n"
    yaml = HEAD.replace("budget: 1000, formula: main}", "budget: 990, formula: main, eligible: pair}")
    yaml = yaml.replace("groups:\n", 'groups:\n  pair: {codes: ["150101", "150201"]}\n')
    folder = write_scenario(tmp_path / "plan", yaml=yaml + rules)
    (folder / "committed.csv").write_text(ISSUED, encoding="utf-8")
    loaded = load(str(folder))
    have, need, by, _ = figures(loaded, "'Central money' may take")
    assert (have, need, by) == (2 * int(most) - 40, 990, short)
    assert possible(loaded) == (not short)


@pytest.mark.parametrize(("share", "short"), [("0.4", 0), ("0.41", "6.6")])
def test_pipelines_of_a_prefecture(tmp_path, share, short):
    """East must get 360 + 300 at least; its pipelines carry 164 + 100."""
    rules = (
        "  - {kind: pipeline, columns: {industry: pipe}}\n"
        f"  - {{kind: use_share_floor, tag: industry, by: prefecture, floor: {share}}}\n"
        "  - {kind: amount_bounds, id: first, by: county, min: 360, scope: {counties: ['150101']}}\n"
        "  - {kind: amount_bounds, id: second, by: county, min: 300, scope: {counties: ['150102']}}\n"
    )
    pipe = {"150101": "164", "150102": "100", "150201": "500", "150202": "500"}
    loaded = made(tmp_path, rules, pipe=pipe)
    have, need, by, named = figures(loaded, "pipeline of 东盟")
    assert (have, need, by) == (264, Fraction(share) * 660, Fraction(short))
    assert named == {"use_share_floor", "pipeline", "first", "second"}
    assert possible(loaded) == (not short)


def test_no_sum_of_pipelines_where_a_county_has_no_figure(tmp_path):
    rules = (
        "  - {kind: pipeline, columns: {industry: pipe}}\n"
        "  - {kind: use_share_floor, tag: industry, by: prefecture, floor: 0.9}\n"
    )
    loaded = made(tmp_path, rules, pipe={"150101": "1", "150201": "1", "150202": "1"})
    assert [check.what.en for check in checks(loaded) if "pipeline" in check.what.en] == [
        "the Industry pipeline of 西市 against its least share"
    ]


@pytest.mark.parametrize(("share", "short"), [("0.12", 0), ("0.13", "9.05")])
def test_streams_open_to_a_group(tmp_path, share, short):
    """To 甲 and 乙 only the regional 100 are open, and 甲 has 45: 145 against a share of 1185."""
    yaml = HEAD.replace("budget: 1000, formula: main}", "budget: 1000, formula: main, eligible: west}")
    yaml = yaml.replace("groups:\n", 'groups:\n  west: {codes: ["150201", "150202"]}\n')
    rules = f"  - {{kind: group_share_floor, group: exit, floor: {share}}}\n"
    folder = write_scenario(tmp_path / "plan", yaml=yaml + rules)
    issued = ISSUED.replace("150101,central", "150201,central").replace("150202,regional", "150101,regional")
    (folder / "committed.csv").write_text(issued.replace(",5\n", ",45\n"), encoding="utf-8")
    loaded = load(str(folder))
    have, need, by, _ = figures(loaded, "streams open to")
    assert (have, need, by) == (145, Fraction(share) * 1185, Fraction(short))
    assert possible(loaded) == (not short)


@pytest.mark.parametrize(("share", "short"), [("0.5", 0), ("0.51", "3.95")])
def test_caps_of_a_group(tmp_path, share, short):
    """甲 and 乙 at most 290 each: 580 against 572.5 or 583.95."""
    rules = (
        "  - {kind: amount_bounds, by: county, max: 290}\n"
        f"  - {{kind: group_share_floor, group: exit, floor: {share}}}\n"
    )
    loaded = made(tmp_path, rules)
    have, need, by, named = figures(loaded, "caps of exit")
    assert (have, need, by) == (580, Fraction(share) * 1145, Fraction(short))
    assert named == {"group_share_floor", "amount_bounds"}
    assert possible(loaded) == (not short)


def test_rules_of_a_part_of_the_money_are_left_out(tmp_path):
    rules = (
        "  - {kind: amount_bounds, by: county, min: 900, scope: {streams: [central]}}\n"
        "  - {kind: group_share_floor, group: exit, floor: 0.9, scope: {streams: [central]}}\n"
    )
    assert checks(made(tmp_path, rules)) == ()


@pytest.mark.parametrize("seed", range(800, 860))
def test_a_sum_that_falls_short_means_that_nothing_is_possible(tmp_path, seed):
    """And the other way round nothing: a possible scenario has no short sum."""
    generate(tmp_path / "plan", seed, small=True, infeasible=seed % 3 > 0)
    loaded = load(str(tmp_path / "plan"))
    short: list[Check] = [check for check in checks(loaded) if check.short]
    assert not short or not possible(loaded)


def test_some_random_scenarios_have_a_short_sum(tmp_path):
    """Else the test above would say nothing."""
    count = 0
    for seed in (801, 802, 804, 805, 807, 808, 810, 811, 813, 814):
        generate(tmp_path / str(seed), seed, small=True, infeasible=True)
        count += any(check.short for check in checks(load(str(tmp_path / str(seed)))))
    assert count >= 3
