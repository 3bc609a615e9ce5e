"""run.json read back for reports: a damaged record is a fault with its place, never an inner error."""

from __future__ import annotations

import json
import shutil
from functools import reduce

import pytest

from allocator.cli.main import run
from allocator.faults import BadInput
from reports.report_input import read_report
from tests.reports.page_samples import studied

GONE = "(gone)"
"""Stands for a place that is taken away."""
DAMAGES = [
    (("rounding",), GONE, "缺少这一项"),
    (("rounding", "largest_cell"), float("nan"), "不应是 ‘nan’"),
    (("solving",), None, "不应是 ‘None’"),
    (("solving", "levels", 0, "departure"), "0.5", "不应是 ‘0.5’"),
    (("solving", "solver"), "highs", "不应是 ‘highs’"),
    (("notices",), [{"zh": "提示"}], "notices.0.en"),
    (("verdict", "rows"), -1, "不应是 ‘-1’"),
    (("certified",), {"solver": {"name": "cbc", "version": "2"}}, "certified.same_table"),
    (("files", "allocation.csv"), 5, "不应是 ‘5’"),
    (("inputs",), [], "不应是 ‘[…]’"),
    (("versions", "python"), 3.11, "不应是 ‘3.11’"),
]


@pytest.fixture
def result(tmp_path):
    return shutil.copytree(studied(), tmp_path / "out", ignore=shutil.ignore_patterns("sensitivity"))


def damage(result, path, value):
    """Changes one place of the record, or takes it away."""
    record = json.loads((result / "run.json").read_bytes())
    *way, last = path
    inner = reduce(lambda found, step: found[step], way, record)
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    (result / "run.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")


@pytest.mark.parametrize(
    ("path", "value", "said"), DAMAGES, ids=[".".join(map(str, path)) for path, _, _ in DAMAGES]
)
def test_a_damaged_record_is_a_fault_with_its_place(result, path, value, said, capsys):
    damage(result, path, value)
    assert run(["report", str(result), "--to", "html", "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert f"run.json: {'.'.join(map(str, path))}" in told
    assert not (result / "report.html").exists()


def test_every_fault_is_told_at_once(result):
    damage(result, ("rounding",), GONE)
    damage(result, ("notices",), None)
    with pytest.raises(BadInput) as caught:
        read_report(result)
    assert [fault.place.path for fault in caught.value.faults] == ["rounding", "notices"]


def test_a_record_with_more_in_it_is_read(result):
    damage(result, ("later",), {"any": [1]})
    damage(result, ("certified",), None)
    assert read_report(result).run["later"] == {"any": [1]}


@pytest.mark.parametrize("inputs", [GONE, None, ["scenario.yaml"], {"scenario.yaml": "ab12"}])
def test_a_damaged_record_of_the_study_is_a_fault_too(tmp_path, inputs, capsys):
    out = shutil.copytree(studied(), tmp_path / "out")
    damage(out / "sensitivity", ("inputs",), inputs)
    assert run(["report", str(out), "--to", "html", "--lang", "zh"]) == 2
    assert "研究的不是这个结果的方案" in capsys.readouterr().err
