"""allocator sensitivity from end to end: the files it writes, the same bytes again, and its refusals."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import json
import shutil
import xml.etree.ElementTree as Xml
from pathlib import Path
from types import SimpleNamespace

import pytest

from allocator.cli.main import run
from allocator.text import Text
from allocator.whatif.study import checked
from allocator.whatif.sweep import Checks
from allocator.whatif.uncertainty import Doubt, Uncertainty
from allocator.whatif.uncertainty import finding as uncertainty_finding

SMALL = ("--draws", "40", "--samples", "8", "--points", "3")
TABLES = (
    *("tornado", "sweeps", "breakpoints", "floor_limits", "frontiers", "uncertainty"),
    *("rule_probabilities", "sobol", "equity", "lorenz", "winners"),
)
CHARTS = ("tornado", "breakpoints", "uncertainty", "sobol", "equity", "winners-last-year", "winners-formula")
EMPTY = {("yangquan-2024", "floor_limits")}
"""Yangquan's floor has no share of its own, so that there is no limit to tell."""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each scenario's folder in one of the two languages, made once."""
    made, root = {}, tmp_path_factory.mktemp("studies")
    for scenario, lang in (("tutorial", "zh"), ("yangquan-2024", "en")):
        out = root / scenario
        assert run(["sensitivity", scenario, "-o", str(out), *SMALL, "--lang", lang]) == 0
        made[scenario] = out
    return made


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rows(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def size(png):
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@pytest.mark.parametrize("scenario", ["tutorial", "yangquan-2024"])
def test_every_file_that_the_help_names_is_there(folders, scenario, capsys):
    files = contents(folders[scenario])
    assert run(["sensitivity", "--help", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    for table in TABLES:
        assert table in said
        header, *body = rows(files[f"{table}.csv"])
        assert all(header)
        assert body or (scenario, table) in EMPTY
        assert {len(row) for row in body} <= {len(header)}
    for prefix in ("weight-", "parameter-", "frontier-", "winners-"):
        assert f"{prefix}…" in said
        assert any(name.startswith(prefix) and name.endswith(".png") for name in files)
    for chart in CHARTS:
        assert {f"{chart}.png", f"{chart}.svg"} <= set(files)
    assert "run.json" in said


@pytest.mark.parametrize("scenario", ["tutorial", "yangquan-2024"])
def test_charts_are_slides_and_well_formed(folders, scenario):
    for name, content in contents(folders[scenario]).items():
        if name.endswith(".png"):
            assert size(content) == (1280, 720), name
        if name.endswith(".svg"):
            assert Xml.fromstring(content).tag.endswith("svg"), name


@pytest.mark.parametrize(("scenario", "other"), [("tutorial", "en"), ("yangquan-2024", "zh")])
def test_every_chart_is_drawn_in_the_other_language_too(folders, scenario, other):
    files = contents(folders[scenario])
    own = {name for name in files if name.endswith(".svg") and "/" not in name}
    drawn = {name for name in files if "/" in name and name.endswith(".svg")}
    assert drawn == {f"{other}/{name}" for name in own}
    assert all(files[name] != files[f"{other}/{name}"] for name in own)


def test_the_record_lists_every_file_and_how_it_was_made(folders):
    files = contents(folders["tutorial"])
    record = json.loads(files.pop("run.json"))
    assert record["kind"] == "allocator-result"
    assert record["scenario"]["name"] == "tutorial"
    assert record["scope"] == {
        "draws": 40, "samples": 8, "points": 3, "seed": 0, "error": 0.05, "population": "population",
    }  # fmt: skip
    assert set(record["versions"]) >= {"python", "allocator", "matplotlib", "SALib"}
    assert all(len(one["sha256"]) == 64 for one in record["inputs"].values())
    assert {name: one["sha256"] for name, one in record["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }


@pytest.mark.parametrize("scenario", ["tutorial", "yangquan-2024"])
def test_every_published_point_was_solved_again_cold(folders, scenario):
    files = contents(folders[scenario])
    parts = json.loads(files["run.json"])["checked"]
    assert all(part["disagreed"] == 0 for part in parts.values())

    def points(table: str, *keys: str) -> int:
        header, *body = rows(files[f"{table}.csv"])
        return len({tuple(row[header.index(key)] for key in keys) for row in body})

    assert parts["tornado"]["points"] == points("tornado", "path", "side")
    swept = parts["weights"]["points"] + parts["parameters"]["points"]
    assert swept == points("sweeps", "path", "value")
    assert parts["frontiers"]["points"] == points("frontiers", "parameter", "value")
    header, *body = rows(files["breakpoints.csv"])
    found = [row[header.index(key)] for row in body for key in ("binds_beyond", "possible_up_to")]
    assert parts["breakpoints"]["points"] == 2 * sum(value != "" for value in found)
    # draws 0 of 40; the points of a chunk of the indices by their numbers
    assert parts["uncertainty"]["points"] == 1
    assert parts["sobol"]["points"] >= 1


def test_disagreement_is_said():
    parts = {"tornado": Checks(3, 0), "weights": Checks(4, 2)}
    said = checked(SimpleNamespace(checks=parts))
    assert "7" in said.en
    assert "2 did not agree" in said.en
    assert "2 个不一致" in said.zh
    assert "all agree" in checked(SimpleNamespace(checks={"tornado": Checks(3, 0)})).en


def test_two_processes_write_the_same_bytes_over_an_untouched_folder(folders, tmp_path, capsys):
    out = Path(shutil.copytree(folders["tutorial"], tmp_path / "again"))
    before = contents(out)
    arguments = ["sensitivity", "tutorial", "-o", str(out), *SMALL, "--lang", "zh", "--jobs", "2", "--json"]
    assert run(arguments) == 0
    after = contents(out)
    printed = json.loads(capsys.readouterr().out)
    assert printed["files"] == sorted(after)
    assert printed["findings"]["tornado"]["zh"]
    before.pop("run.json")
    after.pop("run.json")
    assert before == after


def test_an_edited_folder_is_not_replaced(folders, tmp_path, capsys):
    out = Path(shutil.copytree(folders["tutorial"], tmp_path / "edited"))
    (out / "sobol.csv").write_text("mine", encoding="utf-8")
    assert run(["sensitivity", "tutorial", "-o", str(out), *SMALL]) == 2
    assert "sobol.csv was edited" in capsys.readouterr().err


def test_a4_pages_are_as_wide_as_an_upright_page(tmp_path):
    out = tmp_path / "paper"
    assert run(["sensitivity", "yangquan-2024", "-o", str(out), *SMALL, "--size", "a4"]) == 0
    sizes = {name: size(c) for name, c in contents(out).items() if name.endswith(".png")}
    assert {wide for wide, _ in sizes.values()} == {1260}
    assert all(600 <= high <= 2200 for _, high in sizes.values())


def test_an_infeasible_scenario_gives_the_reason_and_no_folder(tmp_path, capsys):
    out = tmp_path / "out"
    tight = ("--set", "rules.change_limits.lower=2")
    assert run(["sensitivity", "tutorial", "-o", str(out), *SMALL, *tight]) == 1
    assert "lower limit" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("lang", "words"), [("en", "no column of numbers"), ("zh", "不是县表中的数字列")])
def test_an_unknown_population_column_is_refused_before_computing(tmp_path, capsys, lang, words):
    out = tmp_path / "out"
    arguments = ["sensitivity", "tutorial", "-o", str(out), "--population", "peeple", "--lang", lang]
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "population" in said
    assert list(tmp_path.iterdir()) == []


def test_somebody_elses_folder_is_refused(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert run(["sensitivity", "tutorial", "-o", str(tmp_path)]) == 2
    assert "notes.txt" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("package", ["matplotlib", "zhplot", "SALib", "joblib"])
def test_a_missing_package_is_named_with_what_to_install(tmp_path, capsys, monkeypatch, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "allocator.cli.studying.find_spec",
        lambda name, *rest: None if name == package else found(name, *rest),
    )
    assert run(["sensitivity", "tutorial", "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"{package} is needed and not installed" in said
    assert "allocator[sensitivity]" in said


def test_titles_replace_keys_and_flat_curves_have_no_chart(folders, tmp_path):
    files = contents(folders["tutorial"])
    # The floor of 50 % binds nothing: its frontier is rows in the table only.
    assert not any(name.startswith("frontier-use_share_floor") for name in files)
    assert any(row[0] == "rules.use_share_floor.floor" for row in rows(files["frontiers.csv"]))
    titles = [row[2] for row in rows(files["tornado.csv"])[1:]]
    assert "各旗县的人口" in titles
    assert not any("population" in title for title in titles)


def test_the_finding_of_doubt_without_any_allocation():
    nothing = Uncertainty(Doubt(), (), 0, 40, 0, *([None] * 8), {}, {}, Checks())
    assert uncertainty_finding(nothing) == Text("所有抽样都没有可行的分配", "No draw leaves an allocation")
