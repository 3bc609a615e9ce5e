"""The compare command: usage, screen, JSON."""

from __future__ import annotations

import json

import pytest

from allocator.cli.main import run
from allocator.comparison import stages as comparison_stages


@pytest.mark.parametrize("arguments", [[], ["tutorial"], ["tutorial", "nowhere"], ["tutorial", ""]])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_arguments_exit_2(capsys, arguments, lang):
    assert run(["compare", *arguments, "--lang", lang]) == 2
    assert capsys.readouterr().err.strip()


def test_the_screen_in_both_languages(copy, capsys):
    folder = copy("tutorial", "streams.grant.budget=1100", "formulas.main.population.weight=1",
                  "formulas.main.equal.weight=0")  # fmt: skip
    assert run(["compare", "tutorial", folder]) == 0
    out = capsys.readouterr().out
    for word in ("First: ", "Where the difference comes from", "grant 1,000 → 1,100", "Prefectures",
                 "Counties that differ most", "东市", "+100", "Formula", "Budget", "nothing"):  # fmt: skip
        assert word in out
    assert run(["compare", "tutorial", folder, "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    for word in (
        "甲：",
        "差额从何而来",
        "补助资金 1,000 → 1,100",
        "差额最大的旗县",
        "各盟市",
        "相同",
        "取整",
    ):
        assert word in out
    assert max(len(row) for row in out.splitlines()[2:]) <= 80  # paths stand above
    assert run(["compare", "tutorial", "tutorial", "--lang", "zh"]) == 0
    assert "各旗县金额完全相同" in capsys.readouterr().out


def test_json_holds_everything_and_more_than_two_go_against_the_first(copy, capsys):
    folder = copy("tutorial", "streams.grant.budget=1100")
    assert run(["compare", "tutorial", folder, "tutorial", "--json"]) == 0
    one, same = json.loads(capsys.readouterr().out)["comparisons"]
    assert (one["first"]["source"], one["second"]["source"], same["second"]["source"]) == (
        "tutorial", folder, "tutorial",
    )  # fmt: skip
    assert [part["stages"] for part in one["parts"]] == [[k] for k in (*comparison_stages.KINDS, "rounding")]
    for county in one["counties"]:
        assert sum(county["parts"]) == county["difference"] == county["second"] - county["first"]
        assert county["streams"]["grant"] == [county["first"], county["second"]]
    for area in one["prefectures"]:
        own = [c for c in one["counties"] if c["prefecture"] == area["prefecture"]]
        assert area["difference"] == sum(c["difference"] for c in own) == sum(area["parts"])
    for k, part in enumerate(one["parts"]):
        assert part["net"] == part["gained"] - part["lost"] == sum(c["parts"][k] for c in one["counties"])
    assert one["second"]["total"] == 1100
    assert (one["gained"] - one["lost"], one["net"], one["moved"]) == (100, 100, None)
    assert (same["moved"], same["gained"], same["lost"], same["counties_up"]) == (0, 0, 0, 0)
