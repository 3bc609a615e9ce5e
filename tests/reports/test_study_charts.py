"""The charts of a study: none is empty, none says what it does not show, and what has none is said."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from allocator.cli.main import run
from allocator.whatif.study import Scope, study
from reports.charts.style import A4, SLIDE
from reports.study.charts import study_charts, undrawn
from reports.study.input import read_study
from reports.study.titles import titled
from tests.reports.test_charts import check_texts, texts

SMALL = Scope(draws=40, samples=8, points=3)
RULES = "\nrules:\n"


def free_of_rules(folder):
    """A copy of the tutorial without rules."""
    assert run(["init", str(folder), "--from", "tutorial"]) == 0
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index(RULES)] + "\nrules: []\n", encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def tutorial():
    return titled(study("tutorial", (), SMALL))


@pytest.fixture(scope="module")
def ruleless(tmp_path_factory):
    return free_of_rules(tmp_path_factory.mktemp("free") / "plan")


def charts(found, lang="zh", size=SLIDE):
    return dict(study_charts(found, lang, size))


def words(figure):
    return " ".join(text.get_text() for text, _ in texts(figure))


def test_a_comparison_without_a_change_has_no_chart_and_is_named(ruleless):
    found = titled(study(ruleless, (), SMALL))
    names = set(charts(found))
    assert not names & {"winners-formula", "map-formula", "breakpoints"}
    assert {"tornado", "uncertainty", "sobol", "equity"} <= names
    assert "没有旗县增减，因而不作图：与公式应得相比" in undrawn(found).zh
    assert "No county gains or loses, hence no chart: Compared with the formula" in undrawn(found).en


def test_page_and_workbook_do_without_a_chart(ruleless, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["solve", ruleless, "-o", str(out)]) == 0
    inside = out / "sensitivity"
    small = ("--draws", "40", "--samples", "8", "--points", "3", "--json")
    capsys.readouterr()
    assert run(["sensitivity", str(out), "-o", str(inside), *small]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert "与公式应得相比" in printed["findings"]["undrawn"]["zh"]
    assert not any("winners-formula" in name for name in printed["files"])
    assert "winners-formula" not in {chart.name for chart in read_study(out).charts}
    assert run(["report", str(out), "--to", "html", "--to", "xlsx"]) == 0


def test_no_panel_without_anything_in_it(tutorial):
    nobody = replace(tutorial.uncertainty, solved=0)
    nothing = tuple(replace(g, first=0.0, total=0.0) for g in tutorial.indices.groups)
    flat = replace(
        tutorial,
        tornado=tuple(replace(bar, low=None, high=None) for bar in tutorial.tornado),
        uncertainty=nobody,
        indices=replace(tutorial.indices, groups=nothing),
    )
    assert not set(charts(flat)) & {"tornado", "uncertainty", "sobol"}
    said = undrawn(flat)
    assert "单项变动、不确定性、全局指数" in said.zh
    assert "single changes, uncertainty, global indices" in said.en


def test_parameters_without_a_breakpoint_are_counted(tutorial):
    assert len(tutorial.breakpoints) == 2
    for lang, note in (("zh", "另有 1 个参数未列"), ("en", "1 more not shown")):
        drawing = charts(tutorial, lang)["breakpoints"]
        assert len(drawing.args[0].parameters) == 1
        assert note in words(drawing())
    # those that the page has no room for are counted with them
    (one,) = drawing.args[0].parameters
    many = replace(drawing.args[0], parameters=(one,) * 12, absent=3)
    figure = drawing.func(many, "zh", SLIDE)
    drawn = words(figure).count("▼") - 1
    assert f"另有 {15 - drawn} 个参数未列" in words(figure)
    assert drawn < 12


@pytest.mark.parametrize("size", [SLIDE, A4], ids=["slide", "a4"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_footers_name_no_unit_that_the_chart_does_not_use(tutorial, lang, size):
    unit = {"zh": "单位：万元", "en": "Unit: 万元"}[lang]
    found = charts(tutorial, lang, size)
    equity = found["equity"]
    assert unit not in words(equity())
    assert unit not in words(found["map-formula"]())
    assert unit not in words(found["breakpoints"]())
    assert unit in words(found["tornado"]())
    assert equity.args[0].unit in ("元", "万元")
    alone = replace(equity.args[0], groups=(), unit="")
    check_texts(equity.func(alone, lang, size), size)


def test_names_of_counties_stay_whole_in_titles(tutorial):
    names = tutorial.loaded.counties.names
    for drawing in charts(tutorial).values():
        heading = drawing.args[0].heading
        said = "".join((*heading.title, *heading.subtitle))
        assert set(heading.names) >= {name for name in names if name in said}


def test_changes_of_less_than_half_a_step_are_none(tutorial):
    one = tutorial.winners.formula
    noisy = replace(one, after=one.before + np.where(np.arange(len(one.before)) == 0, 2.0, 1e-5))
    found = replace(tutorial, winners=SimpleNamespace(comparisons=(noisy,)))
    drawn = charts(found)["winners-formula"].args[0].counties
    assert [change.name for change in drawn] == [tutorial.loaded.names.county(0)]


def test_the_title_of_a_map_counts_its_outermost_classes(tutorial):
    one = tutorial.winners.formula
    factors = np.ones(len(one.before))
    factors[:3] = 1.1000001, 1.5, 0.85
    for after, zh, en in (
        (
            factors,
            "与公式应得相比：2 个旗县增 10% 以上，1 个减 10% 以上",
            "2 counties up by 10% or more, 1 down",
        ),
        (1 + (factors - 1) / 10, "变动都在 10% 以内", "all by less than 10%"),
    ):
        changed = replace(one, after=one.before * after)
        found = replace(tutorial, winners=SimpleNamespace(comparisons=(changed,)))
        title = charts(found)["map-formula"].args[0].heading.title
        assert zh in title.zh
        assert en in title.en
