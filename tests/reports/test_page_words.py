"""The words of the page: clauses of the plan's own, titles instead of keys, both languages apart."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from allocator.text import Text
from reports.page.chart_tables import chart_tables
from reports.page.method import method_of
from reports.page.page import page_files
from reports.page.words import both, cleaned, named, several, tidy
from reports.report_input import read_report
from reports.study.input import StudyChart
from tests.reports.page_samples import TWO_FACTORS, make_result, studied

SOURCE = "内政发〔2022〕9号 三（一）"
BREAKPOINTS = """\
rule,parameter,value,present,binding,binds_beyond,binds_confirmed,impossibility,possible_up_to,possible_confirmed
change_limits,lower,0.8,free,from,0.9,1,from,1.0255,0
change_limits,upper,1.02,binds,always,,,never,,
use_share_floor,floor,0.5,infeasible,unknown,,,always,,
"""
FRONTIERS = """\
parameter,value,status,moved_from_formula,largest_departure,knee,present
rules.change_limits.lower,0.7,solved,0.0,0.0,0,0
rules.change_limits.lower,0.8,solved,4.2,0.03,1,1
"""
SOBOL = """\
group,first_order,first_order_band,total,total_band,samples,samples_used
streams,0.2,0.1,0.3,0.1,8,8
rules.change_limits,0.2,0.1,0.3,0.1,8,8
formulas.main,0.2,0.1,0.3,0.1,8,8
"""
WINNERS = """\
against,level,code,name,before,after,change,relative_change,counties,counties_up,counties_down,counties_same
last_year,prefecture,,东盟,1,2,1,1,1,1,0,0
last_year,group,,small,1,2,1,1,1,1,0,0
"""
EQUITY = """\
stage,level,name,measure,value
formula,group,small,per_head,0.5
"""
TABLES = {
    "breakpoints": ("breakpoints", BREAKPOINTS),
    "frontier-change_limits.lower": ("frontiers", FRONTIERS),
    "sobol": ("sobol", SOBOL),
    "winners-last-year": ("winners", WINNERS),
    "equity": ("equity", EQUITY),
}


@pytest.fixture(scope="module")
def report():
    return read_report(studied())


@pytest.fixture(scope="module")
def tables(report, tmp_path_factory):
    """Tables as a study writes them, as the page shows them."""
    folder = tmp_path_factory.mktemp("study")
    for table, content in TABLES.values():
        (folder / f"{table}.csv").write_text(content, "utf-8-sig")
    said = Text("一", "one")
    charts = tuple(StudyChart(name, said, said, table) for name, (table, _) in TABLES.items())
    return chart_tables(report, replace(report.study, folder=folder, charts=charts))


def side(cells, k):
    """Cells in one language."""
    return [cell if isinstance(cell, str) else cell[k] for cell in cells]


def test_readings_name_the_clause_of_the_rule_and_the_source_as_such(report, tmp_path):
    rules = {rule.text: rule for rule in report.loaded.scenario.rules}
    lines = method_of(report).readings
    assert {line.clause for line in lines} == {"三（一）", "四（一）", "–"}
    for line in lines:
        assert line.clause == (rules[line.rule].clause or "–")
        assert line.source
    page = page_files(report, "zh")["report.html"].decode()
    assert re.search(rf"三（一）</bdi><small>.*参见.*{SOURCE}</bdi></small></td>", page)
    own = make_result(tmp_path, yaml=TWO_FACTORS.replace("clause: 三（一）", f"clause: {SOURCE}"))
    floor = [line for line in method_of(read_report(own)).readings if line.clause == SOURCE]
    assert floor
    assert {line.source for line in floor} == {""}


def test_method_says_status_and_second_opinion_in_words(report):
    solver = {"name": "cbc", "version": "2.10"}
    second = {"solver": solver, "same_table": True, "largest_difference_of_departures": 2e-12}
    told = dict(method_of(replace(report, run={**report.run, "certified": second})).facts)
    assert told[Text("状态", "Status")] == Text("已证明为最优", "proved optimal")
    assert told[Text("第二个求解器的复核", "Second opinion")] == Text(
        "cbc 2.10：分配表相同，偏离最多相差 2.0e-12",
        "cbc 2.10: the same table, departures differ by at most 2.0e-12",
    )


def test_parameters_and_marks_of_breakpoints_are_in_words(tables):
    head, rows = tables["breakpoints"]["head"], tables["breakpoints"]["rows"]
    assert not [title for title in side(head, 0) if title.isascii()]
    assert not [title for title in side(head, 1) if not title.isascii()]
    assert side(rows[0], 0) == [
        *("比上年增减幅度", "降幅下限", "0.8", "不影响总额", "会", "0.9", "是", "会", "1.0255", "否")
    ]
    assert side(rows[0], 1)[3:7] == ["shapes no total", "yes", "0.9", "yes"]
    assert side(rows[1], 0)[1:5] == ["增幅上限", "1.02", "影响总额", "总会"]
    assert side(rows[2], 0)[3:5] == ["无解", "不明"]


def test_groups_and_points_of_other_tables_are_in_words(tables):
    assert [side(row, 0)[0] for row in tables["sobol"]["rows"]][:2] == ["各项预算", "比上年增减幅度"]
    assert [side(row, 0)[2] for row in tables["winners-last-year"]["rows"]] == ["东盟", "小县"]
    assert side(tables["winners-last-year"]["rows"][1], 1)[2] == "Small ones"
    assert side(tables["equity"]["rows"][0], 0)[2] == "小县"
    points = tables["frontier-change_limits.lower"]["rows"]
    assert [side(row, 0)[-2:] for row in points] == [["", ""], ["是", "是"]]
    assert side(points[0], 0)[0] == "比上年增减幅度：降幅下限"


def test_no_table_behind_a_chart_shows_a_key(tables):
    for table in tables.values():
        for cells in (table["head"], *table["rows"]):
            assert not [said for said in side(cells, 0) if re.search(r"[a-z]_[a-z]|^[a-z]+$", said)]


def test_one_row_is_one_row(report):
    page = page_files(report, "en")["report.html"].decode()
    counts = re.findall(r">(\d+) (rows?)</span>", page)
    assert ("1", "row") in counts
    assert all((count == "1") == (word == "row") for count, word in counts)
    assert [several(count, "county") for count in (1, 2)] == ["1 county", "2 counties"]


def test_characters_that_hide_or_turn_never_reach_the_page():
    assert str(named("己\u202e县\u200b")) == '<bdi lang="zh">己县</bdi>'
    assert "\u202e" not in both(Text("己\u202e县 +25", "己\u202e县: +25"))
    assert tidy({"a\u202e": ["b\u2066", 1, None, ("c\u200f",)]}) == {"a": ["b", 1, None, ["c"]]}
    assert cleaned("  - a\u202eb  ") == "  - ab  "
    assert cleaned("   ") == "   "


def test_words_written_from_right_to_left_stand_apart_in_a_sentence():
    said = both(Text("增加最多的是قەشقەر شەھىرى +25 万元", "قەشقەر, <+25>"))
    assert "最多的是<bdi>قەشقەر شەھىرى</bdi> +25" in said
    assert "<bdi>قەشقەر</bdi>, &lt;+25&gt;" in said
