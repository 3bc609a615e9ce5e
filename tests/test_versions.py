"""Groups and uses by year, forbidden uses, pooling: what may be paid for, and by whom."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.cli.main import run
from allocator.counties import Counties
from allocator.faults import BadInput
from allocator.load import load, schema
from allocator.permitted import permitted
from allocator.plan import solve
from allocator.scenario import Scenario
from allocator.variant import with_figures
from allocator.verdict import judge
from tests.policy_scenario import CODES, document, write


def members(loaded, group):
    return [
        code for code, own in zip(loaded.counties.codes, loaded.counties.groups[group], strict=True) if own
    ]


def usable(loaded, stream):
    """County → uses that the stream is open to."""
    s = loaded.problem.stream_names.index(stream)
    names = loaded.problem.use_names
    return {
        code: [names[u] for u in np.flatnonzero(loaded.problem.open[i, s])]
        for i, code in enumerate(loaded.counties.codes)
    }


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2020, []), (2021, ["650101", "650102"]), (2023, ["650101", "650102"]), (2024, ["650101"]), (2026, [])],
)
def test_the_version_of_the_year_applies(tmp_path, year, expected):
    loaded = load(write(tmp_path, document()), [f"year={year}"])
    assert members(loaded, "pilot") == expected
    said = [n.zh for n in loaded.notices if "没有适用名单" in n.zh]
    assert bool(said) == (not expected)
    # a title that only the first version has stands for the group in every year
    assert loaded.names.group("pilot").zh == ("试点" if year != 2024 else "pilot")


def test_a_group_with_years_of_its_own(tmp_path):
    made = document()
    made["groups"]["exit"] = {"until": 2022, "where": {"kind": "脱贫"}}
    folder = write(tmp_path, made)
    assert members(load(folder), "exit") == []
    assert members(load(folder, ["year=2022"]), "exit") == ["650101", "650102", "650202"]


def test_two_versions_for_one_year_are_refused_at_the_second(tmp_path):
    made = document()
    made["groups"]["pilot"][1]["from"] = 2023
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, made))
    (found,) = caught.value.faults
    assert found.place.path == "groups.pilot.1"
    assert "2021–2023" in found.what.en
    assert "2023–2025" in found.what.en


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ([{"from": 2025, "until": 2023, "codes": ["650101"]}], "later than"),
        ({"versions": [{"codes": ["650101"]}], "until": 2024}, "belong to each version"),
        ({"versions": [{"codes": ["650101"]}], "codes": ["650102"]}, "exactly one"),
        ([{"from": 2025}], "exactly one"),
        ({"codes": [], "until": 2024}, "empty"),
        ([{"until": 2030, "codes": ["650101", "999999"]}], "999999"),
    ],
)
def test_bad_versions_are_refused(tmp_path, group, words):
    made = document()
    made["groups"]["pilot"] = group
    with pytest.raises(BadInput, match=words) as caught:
        load(write(tmp_path, made))
    assert all(f.place.path.startswith("groups.pilot") for f in caught.value.faults)


def test_versions_survive_extends_and_set(tmp_path):
    write(tmp_path / "base", document())
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "scenario.yaml").write_text(
        "extends: ../base\nname: next\nyear: 2024\nstreams: {relief: {pool: null}}\n", encoding="utf-8"
    )
    loaded = load(tmp_path / "next")
    assert members(loaded, "pilot") == ["650101"]
    assert set(map(tuple, usable(loaded, "relief").values())) == {("roads",)}
    again = load(tmp_path / "base", ["groups.pilot.0.until=2022", "uses.relocation.until=2022"])
    assert members(again, "pilot") == []
    assert "relocation" not in usable(again, "central")["650101"]


def test_uses_pools_and_prohibitions_of_each_year(tmp_path):
    folder = write(tmp_path, document())
    now = load(folder)
    assert usable(now, "central") == {code: ["industry", "relocation", "roads"] for code in CODES}
    wide, narrow = ["industry", "relocation", "roads"], ["roads"]
    pilots = ("650101", "650102")
    assert usable(now, "relief") == {code: wide if code in pilots else narrow for code in CODES}
    assert usable(now, "water") == {code: ["roads"] for code in CODES}
    later = load(folder, ["year=2025"])
    assert usable(later, "central") == {code: ["industry", "roads"] for code in CODES}
    assert usable(later, "relief") == {c: ["industry", "roads"] if c == "650101" else narrow for c in CODES}
    assert any("停用" in n.zh and "搬迁" in n.zh for n in later.notices)
    ended = load(folder, ["year=2026"])  # as where pooling was stopped
    assert usable(ended, "relief") == dict.fromkeys(CODES, narrow)


def test_the_mix_keeps_to_what_each_county_may_pay_for(tmp_path):
    problem = load(write(tmp_path, document())).problem
    assert not problem.mix[~problem.open].any()
    assert np.allclose(problem.mix.sum(axis=2), 1)
    s = problem.stream_names.index("relief")
    industry = problem.use_names.index("industry")
    assert problem.mix[0, s, industry] == 0.5
    assert problem.mix[2, s, industry] == 0


def test_pooled_money_is_placed_only_where_it_may_be(tmp_path):
    loaded = load(write(tmp_path, document()))
    found = solve(loaded)
    assert not found.steps[~loaded.problem.open].any()
    assert judge(loaded.problem, loaded.rows, found.steps).holds
    s, u = loaded.problem.stream_names.index("relief"), loaded.problem.use_names.index("industry")
    assert found.steps[0, s, u] > 0


def test_a_table_that_pools_where_it_may_not_is_found(tmp_path):
    """One step of relief moved from roads to industry: lawful in a pilot county, not in another."""
    loaded = load(write(tmp_path, document()))
    problem, steps = loaded.problem, solve(loaded).steps
    s = problem.stream_names.index("relief")
    industry, roads = problem.use_names.index("industry"), problem.use_names.index("roads")
    for county, missing in ((0, 0), (3, 1)):
        moved = steps.copy()
        moved[county, s, industry] += 1
        moved[county, s, roads] -= 1
        broken = [(row.rule, row.where, row.left) for row in judge(problem, loaded.rows, moved).broken]
        assert broken == ([("permitted_use", "relief", 1)] if missing else [])


def test_a_stream_with_money_needs_an_open_use_and_a_county(tmp_path):
    made = document()
    made["streams"]["water"]["uses"] = ["relocation"]
    made["streams"]["relief"] |= {"eligible": "pilot", "forbidden": ["nothing"]}
    made["streams"]["central"]["pool"] = {"group": "nobody", "uses": ["industrie"]}
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, made), ["year=2026"])
    paths = {f.place.path for f in caught.value.faults}
    assert {
        "streams.water.uses",
        "streams.relief.forbidden",
        "streams.central.pool.group",
        "streams.central.pool.uses",
    } <= paths
    made = document()
    made["streams"]["relief"]["eligible"] = "pilot"
    with pytest.raises(BadInput, match=r"scenario\.yaml:\d+:\d+: streams\.relief\.eligible: .* may receive"):
        load(write(tmp_path, made), ["year=2026"])
    # nothing is wrong with it while it has no money
    load(write(tmp_path, made), ["year=2026", "streams.relief.budget=0"])


def test_a_pool_for_no_use_is_refused(tmp_path):
    made = document()
    made["streams"]["relief"]["pool"] = {"group": "pilot", "uses": []}
    with pytest.raises(BadInput, match=r"streams\.relief\.pool\.uses: must not be empty"):
        load(write(tmp_path, made))


def test_an_average_or_share_of_a_group_without_counties_asks_for_nothing(tmp_path):
    rules = [
        {"kind": "average_parity", "group": "pilot"},
        {"kind": "group_share_floor", "group": "pilot", "floor": 0.5},
        {"kind": "use_share_floor", "tag": "industry", "by": "pilot", "floor": 0.9},
    ]
    loaded = load(write(tmp_path, document(rules=rules)), ["year=2026"])
    assert all(row.vacuous is not None for rows in loaded.rows.values() for row in rows)
    assert judge(loaded.problem, loaded.rows, solve(loaded).steps).holds


def test_figures_may_change_where_a_group_is_outside_its_years(tmp_path):
    loaded = load(write(tmp_path, document()), ["year=2026"])
    changed = with_figures(loaded, {(0, "people"): Decimal(500)})
    assert not changed.counties.groups["pilot"].any()


def test_selections_by_level_fund_and_direction(tmp_path):
    rules = [
        {"kind": "amount_bounds", "id": "a", "by": "all", "max": 1500, "scope": {"levels": "central"}},
        {"kind": "amount_bounds", "id": "b", "by": "all", "max": 300, "scope": {"funds": "整合资金"}},
        {"kind": "amount_bounds", "id": "c", "by": "all", "max": 500, "scope": {"directions": "work_relief"}},
    ]
    loaded = load(write(tmp_path, document(rules=rules)))
    verdict = judge(loaded.problem, loaded.rows, solve(loaded).steps)
    assert [int(row.left) for row in verdict.rules] == [1500, 300, 500]
    rules[0]["scope"]["levels"], rules[1]["scope"]["funds"] = "county", "其他"
    rules[2]["scope"]["directions"] = "relief"
    with pytest.raises(BadInput) as caught:
        load(write(tmp_path, document(rules=rules)))
    assert [f.place.path for f in caught.value.faults] == [
        "rules.a.scope.levels",
        "rules.b.scope.funds",
        "rules.c.scope.directions",
    ]


def test_check_shows_what_is_in_force(tmp_path, capsys):
    folder = str(write(tmp_path, document()))
    assert run(["check", folder, "--lang", "zh", "--set", "year=2025"]) == 0
    shown = capsys.readouterr().out
    assert "2025 年适用的名单和用途" in shown
    assert "至 2024 年" in shown
    assert run(["check", folder, "--json"]) == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["in_force"]}
    assert found["pilot"]["counties"] == 2
    assert found["pilot"]["years"]["en"] == "2021–2023"
    assert found["relocation"]["in_force"]
    assert run(["check", "tutorial", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["in_force"] == []


def test_show_names_what_streams_say(tmp_path, capsys):
    folder = str(write(tmp_path, document()))
    assert run(["show", folder, "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("pilot: all", "work_relief", "integrated", "relocation"))
    assert run(["show", "tutorial", "--lang", "en"]) == 0
    assert "Pool" not in capsys.readouterr().out


def test_the_schema_takes_a_list_of_versions():
    group = schema()["$defs"]["Group"]
    kinds = [option.get("type") for option in group["anyOf"]]
    assert kinds == ["object", "array"]
    assert "description" in schema()["$defs"]["Pool"]["properties"]["uses"]


USES = ("a", "b", "c", "d")
LISTS = st.one_of(st.just("all"), st.lists(st.sampled_from(USES), unique=True, min_size=1))
SPANS = st.fixed_dictionaries(
    {},
    optional={"from": st.integers(2022, 2026), "until": st.integers(2026, 2028), "forbidden": st.booleans()},
)
STREAMS = st.fixed_dictionaries(
    {"uses": LISTS},
    optional={
        "forbidden": st.lists(st.sampled_from(USES), unique=True),
        "pool": st.fixed_dictionaries({"group": st.sampled_from(["g", "h"]), "uses": LISTS}),
    },
)


@given(
    uses=st.tuples(*[SPANS] * 4),
    streams=st.lists(STREAMS, min_size=1, max_size=3),
    groups=st.tuples(*[st.tuples(*[st.booleans()] * 3)] * 2),
    year=st.integers(2021, 2029),
)
def test_exactly_the_permitted_cells_are_open(uses, streams, groups, year):
    """Each cell against the words of the policy, one at a time."""
    scenario = Scenario.model_validate(
        {
            "name": "x", "year": year, "unit": "元", "step": 1,
            "groups": {"g": {"codes": ["100001"]}, "h": {"codes": ["100001"]}},
            "uses": dict(zip(USES, uses, strict=True)),
            "formulas": {"f": [{"factor": "e", "weight": 1, "as": "equal"}]},
            "streams": {f"s{k}": {"budget": 0, "formula": "f", **own} for k, own in enumerate(streams)},
            "rules": [],
        }
    )  # fmt: skip
    known = {"g": np.array(groups[0]), "h": np.array(groups[1])}
    counties = Counties(("100001", "100002", "100003"), ("甲", "乙", "丙"), ("市",) * 3, groups=known)
    cells = permitted(scenario, counties)
    for s, own in enumerate(streams):
        for u, (name, span) in enumerate(zip(USES, uses, strict=True)):
            for i in range(3):
                lists = [own["uses"]]
                if "pool" in own and known[own["pool"]["group"]][i]:
                    lists.append(own["pool"]["uses"])
                named = any(one == "all" or name in one for one in lists)
                banned = span.get("forbidden", False) or name in own.get("forbidden", [])
                in_time = span.get("from", 0) <= year <= span.get("until", 9999)
                assert cells[i, s, u] == (named and in_time and not banned)
