"""The charts in the workbook: those of its language, and of their own size in whatever program."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from hashlib import sha256

import openpyxl
import pytest

from allocator.cli.main import run
from reports.meeting.pictures import size_of, unstretched
from reports.report_input import read_report
from reports.study.key_charts import KEY_CHARTS, key_names
from tests.reports.meeting_files import converted, workbook_of

SMALL = ("--draws", "40", "--samples", "8", "--points", "3")
SHEETS = {"zh": "敏感性", "en": "Sensitivity"}
EXCUSE = {"zh": "图只有英文", "en": "drawn in Chinese"}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A result with a study whose own language is Chinese."""
    out = tmp_path_factory.mktemp("studied") / "out"
    assert run(["solve", "tutorial", "-o", str(out)]) == 0
    arguments = ["sensitivity", str(out), "-o", str(out / "sensitivity"), *SMALL, "--lang", "zh"]
    assert run(arguments) == 0
    return out


@pytest.fixture(scope="module")
def books(result):
    report = read_report(result)
    return {lang: workbook_of(report, lang) for lang in SHEETS}


def shown(content, lang):
    """Digests of the pictures, and all words of the sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(content))[SHEETS[lang]]
    pictures = [sha256(picture._data()).hexdigest() for picture in sheet._images]
    return pictures, "\n".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value)


@pytest.mark.parametrize("lang", SHEETS)
def test_charts_are_those_of_the_language(result, books, lang):
    folder = result / "sensitivity" / ("" if lang == "zh" else lang)
    names = key_names(
        c["name"] for c in json.loads((result / "sensitivity/charts.json").read_bytes())["charts"]
    )
    pictures, words = shown(books[lang], lang)
    assert pictures == [sha256((folder / f"{name}.png").read_bytes()).hexdigest() for name in names]
    assert {"map-last-year", "map-formula", "tornado"} < set(names)
    assert EXCUSE[lang] not in words


def test_only_charts_of_the_workbook_are_pictures_in_the_other_language(result):
    study = result / "sensitivity"
    own = {path.stem for path in study.glob("*.png")}
    other = {path.stem for path in (study / "en").glob("*.png")}
    assert other == set(key_names(sorted(own))) < own
    assert {path.stem for path in (study / "en").glob("*.svg")} == own
    listed = json.loads((study / "run.json").read_bytes())["files"]
    assert {f"en/{name}.png" for name in other} < set(listed)


def test_a_study_without_them_is_excused(result, tmp_path):
    shutil.copytree(result, tmp_path / "out")
    study = tmp_path / "out" / "sensitivity"
    record = json.loads((study / "run.json").read_bytes())
    for path in (study / "en").glob("*.png"):
        path.unlink()
        del record["files"][f"en/{path.name}"]
    (study / "run.json").write_text(json.dumps(record), encoding="utf-8")
    pictures, words = shown(workbook_of(read_report(tmp_path / "out"), "en"), "en")
    assert EXCUSE["en"] in words
    assert pictures


def test_each_kind_of_chart_is_shown_once():
    names = ["weight-x", "frontier-b", "frontier-a", "tornado", "winners-last-year", "map-formula"]
    assert key_names(names) == ["tornado", "winners-last-year", "map-formula", "frontier-b"]
    assert len(set(KEY_CHARTS)) == len(KEY_CHARTS)


def test_pictures_keep_their_size_where_columns_are_wider(result, books, tmp_path):
    """LibreOffice measures columns in another font than Excel's, which may not be there."""
    ods = converted({"book": books["zh"]}, tmp_path, "ods") / "book.ods"
    with zipfile.ZipFile(ods) as packed:
        frames = re.findall(r"<draw:frame [^>]*>", packed.read("content.xml").decode())
    width, height = size_of((result / "sensitivity" / "tornado.png").read_bytes())
    assert len(frames) == len(shown(books["zh"], "zh")[0]) >= 8
    for frame in frames:
        across, down = (
            float(re.findall(rf'svg:{side}="([0-9.]+)in"', frame)[0]) for side in ("width", "height")
        )
        assert across == pytest.approx(900 / 96, abs=0.01)
        assert down / across == pytest.approx(height / width, abs=0.001)


def test_the_same_study_gives_the_same_bytes(result, books):
    assert workbook_of(read_report(result)) == books["zh"]
    assert unstretched(books["zh"]) == books["zh"]
    with zipfile.ZipFile(io.BytesIO(books["zh"])) as packed:
        assert {member.date_time[0] for member in packed.infolist()} == {1980}
