"""The sweep command: languages, schemas, JSON, faults."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from allocator.cli.main import run
from tests.whatif.sweeps.cases import FILES, rows, sweep, value, written

# the command


def test_both_languages_and_where_the_result_is(tmp_path, capsys):
    text = "designs: [{list: [{}, {rules.change_limits.lower: 1.2}, {columns.population: 0}]}]\n"
    plan = written(tmp_path / "plan.yaml", text)
    said = {}
    for lang in ("en", "zh"):
        assert sweep(plan, tmp_path / lang, "--lang", lang) == 0
        said[lang] = capsys.readouterr().out
    assert "fell short: Change on last year (1)" in said["en"]
    assert "the values add up to" in said["en"]
    for word in (
        "全部",
        "有解",
        "无解",
        "数据不合",
        "无解时不能满足",
        str(tmp_path / "zh" / "sweep.parquet"),
    ):
        assert word in said["zh"]


def test_tidy_schemas(whole):
    values, points = (pq.read_schema(whole / name) for name in FILES)
    assert values.names == ["scenario", "metric", "value"]
    assert [str(values.field(n).type) for n in ("scenario", "value")] == ["int64", "double"]
    assert {"scenario", "design", "status", "rules", "reason", "changes", "checked", "disagreed"} <= set(
        points.names
    )
    found = rows(whole)
    assert [p["design"] for p in found] == ["by hand"] * 7 + ["noise"] * 30 + ["dirichlet"] * 25
    assert json.loads(found[5]["changes"]) == {"counties.drop": ["990203"], "streams.grant.budget": "900"}
    keys = [(r["scenario"], r["metric"]) for r in rows(whole, "sweep.parquet")]
    assert len(keys) == len(set(keys))


def test_json_is_one_object_and_set_applies(tmp_path, capsys):
    plan = written(tmp_path / "plan.yaml", "designs: [{list: [{}]}]\n")
    more = ("--json", "--set", "rules.change_limits.lower=0", "--set", "streams.grant.budget=1200")
    assert sweep(plan, tmp_path / "out", *more) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["points"], found["solved"], found["disagreed"]) == (1, 1, [])
    assert value(tmp_path / "out", 0, "990101") == pytest.approx(224)


def test_faults_of_a_plan_are_told_with_their_lines(tmp_path, capsys):
    text = (
        "designs:\n  - one_at_a_time: {streams.grand.budget: [900]}\n"
        "  - noise: {points: 3, columns: {people: 0.1}}\n"
    )
    plan = written(tmp_path / "plan.yaml", text)
    assert sweep(plan, tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert f"{plan}:2:" in said
    assert f"{plan}:3:" in said
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["tutorial", "-o", "out"],
        ["tutorial", "--plan", "no-such.yaml", "-o", "out"],
        ["no-such", "--plan", "plan.yaml", "-o", "out"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--jobs", "0"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--chunk", "0"],
        ["tutorial", "--plan", "plan.yaml", "-o", "out", "--set", "nothing.here=1"],
    ],
)
def test_bad_usage_is_exit_2_and_writes_nothing(plan, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    assert run(["sweep", *arguments]) == 2
    assert capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))
