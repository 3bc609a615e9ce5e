"""Result folders as sides of a comparison."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction

import pytest

from allocator.cli.main import run
from allocator.comparison.sides_compared import compare


@pytest.fixture
def solved(tmp_path, capsys):
    assert run(["solve", "tutorial", "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def test_result_folders(solved, copy, tmp_path, capsys):
    (same,) = compare(["tutorial", str(solved)])
    assert same.first.paid == same.second.paid
    assert not same.ranked
    edited = tmp_path / "edited"
    shutil.copytree(solved, edited)
    table = (
        (edited / "allocation.csv").read_text(encoding="utf-8-sig").replace("industry,101", "industry,91.5")
    )
    (edited / "allocation.csv").write_text(table, encoding="utf-8")
    (found,) = compare([str(solved), str(edited)])
    assert dict(zip(found.codes, found.change, strict=True))["990101"] == Fraction(-19, 2)
    assert [found.codes[k] for k in found.ranked] == ["990101"]
    assert found.parts == ()
    assert run(["compare", str(edited), "tutorial", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert [record[side]["kind"] for side in ("first", "second")] == ["result", "scenario"]
    assert record["counties"][0]["difference"] == 9.5
    assert record["parts"] == []
    assert run(["compare", str(solved), str(edited)]) == 0
    out = capsys.readouterr().out
    assert "without the scenario that gave it" in out
    assert "-9.5" in out


def test_a_result_is_taken_as_the_scenario_in_it(tmp_path):
    for name, lower in (("one", "0.95"), ("two", "0.97")):
        change = f"rules.change_limits.lower={lower}"
        assert run(["solve", "tutorial", "-o", str(tmp_path / name), "--set", change]) == 0
    (found,) = compare([str(tmp_path / "one"), str(tmp_path / "two")])
    assert any(found.change)
    total = [sum(parts) for parts in zip(*(part.amounts for part in found.parts), strict=True)]
    assert total == list(found.change)


def test_counties_without_money_are_in_a_result_too(copy, tmp_path):
    plan = copy(
        "tutorial", "streams.grant.eligible=poor", scenario=[("lower: 0.95", "lower: 0.01"), ("0.01", "0")]
    )
    assert run(["solve", plan, "-o", str(tmp_path / "some")]) == 0
    (found,) = compare(["tutorial", str(tmp_path / "some")])
    assert len(found.codes) == 6
    assert found.only == ((), ())
    (tmp_path / "some" / "counties.csv").unlink()
    (found,) = compare(["tutorial", str(tmp_path / "some")])
    assert len(found.codes) + len(found.only[0]) == 6


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("run.json", "{", "no record of a result"),
        ("run.json", '{"kind": "other"}', "no record of a result"),
        ("run.json", '{"kind": "allocator-result", "scenario": {"title": 3}}', "no record of a result"),
        ("run.json", "[]", "no record of a result"),
        ("allocation.csv", "code,amount\n1,2\n", "this column is missing"),
        (
            "allocation.csv",
            "code,county,prefecture,stream,amount\n990101,甲县,东市,grant,viel\n",
            "not a number",
        ),
        ("allocation.csv", None, "no such file"),
    ],
)
def test_broken_result_folders_exit_2(solved, capsys, file, content, words):
    if content is None:
        (solved / file).unlink()
    else:
        (solved / file).write_text(content, encoding="utf-8")
    assert run(["compare", "tutorial", str(solved)]) == 2
    assert words in capsys.readouterr().err
