"""What compare writes: a table and a chart that say the same as the screen, and no chart of nothing."""

from __future__ import annotations

import csv
import io
import json

import pytest

from allocator.cli.main import run
from allocator.comparison.sides_compared import compare
from allocator.names import number
from reports.charts import compare as chart
from reports.comparison_files import comparison_files


@pytest.fixture
def drawn(monkeypatch):
    """The data of every chart that is drawn."""
    found = []
    monkeypatch.setattr(
        "reports.comparison_files.draw_compare",
        lambda data, lang, size: found.append(data) or chart.draw_compare(data, lang, size),
    )
    return found


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_title_bars_table_and_screen_say_the_same(copy, drawn, capsys):
    folder = copy(
        "yangquan-2024",
        "streams.central_2.budget=900",
        "formulas.factors.population.weight=0.5",
        "formulas.factors.policy.weight=0.15",
    )
    found = compare(["yangquan-2024", folder])
    rows = table(comparison_files(found, "en")["compare.csv"])
    (data,), (one,) = drawn, found
    whole, *causes = data.causes
    changes = [int(row["change"]) for row in rows]
    assert whole.gained == sum(c for c in changes if c > 0)
    assert whole.lost == -sum(c for c in changes if c < 0)
    assert whole.gained - whole.lost == whole.net == sum(cause.net for cause in causes) == sum(changes)
    for part, cause in zip(one.shown, causes, strict=True):
        column = [int(row["_and_".join(part.kinds)]) for row in rows]
        assert cause.gained == sum(c for c in column if c > 0)
        assert cause.net == sum(column)
    for amount in (whole.gained, whole.lost):
        assert number(int(amount)) in data.heading.title.en
        assert number(int(amount)) in data.heading.title.zh
    before, after = (number(side.total) for side in (one.first, one.second))
    assert f"{before} → {after}" in data.heading.subtitle.zh
    assert run(["compare", "yangquan-2024", folder]) == 0
    assert one.flow.text("万元").en in capsys.readouterr().out
    assert run(["compare", "yangquan-2024", folder, "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert (record["gained"], record["lost"], record["net"]) == (whole.gained, whole.lost, whole.net)


def test_what_moved_means_is_said_on_the_chart(copy, drawn):
    comparison_files(compare(["tutorial", copy("tutorial", "rules.change_limits.lower=0.99")]), "zh")
    assert "共移动" in drawn[0].heading.title.zh
    assert "移动的资金是增加的旗县所增之和" in drawn[0].note.zh
    assert drawn[0].heading.title.en.endswith("most by rules")
    assert drawn[0].heading.subtitle.en.endswith("total 1,000 万元 in both")


def test_a_result_without_causes_shows_its_counties_alone(copy, drawn):
    folder = copy("tutorial", "streams.grant.budget=1100", counties=[("990102,乙县", "990109,新县")])
    assert "compare.png" in comparison_files(compare(["tutorial", folder]), "en")
    assert drawn[0].causes == ()
    assert "counties in both differ" in drawn[0].heading.title.en


@pytest.mark.parametrize(("lang", "words"), [("zh", "因此没有图"), ("en", "hence no chart")])
def test_equal_plans_have_no_chart_and_it_is_said(tmp_path, capsys, lang, words):
    out = tmp_path / "out"
    assert run(["compare", "tutorial", "tutorial", "-o", str(out), "--lang", lang]) == 0
    assert words in capsys.readouterr().out
    assert [path.name for path in out.iterdir()] == ["compare.csv"]


def test_the_same_bytes_again(copy):
    found = compare(["tutorial", copy("tutorial", "streams.grant.budget=1100")])
    assert comparison_files(found, "zh") == comparison_files(found, "zh")
