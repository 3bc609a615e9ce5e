"""What a notice still lacks, and keys of a publication that are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allocator.faults import BadInput
from allocator.load import load
from allocator.publication import Publication
from allocator.publication_gaps import gap_faults
from reports.publication.notice import missing, notice
from reports.publication.pieces import split_gaps
from tests import builders
from tests.reports.published import COMPLETE, report


def lines(made):
    return [line.text for line in made.lines]


def test_blanks_are_shown_and_listed():
    empty = report()
    said = lines(notice(empty, "zh"))
    found = [part for text in said for part, blank in split_gaps(text) if blank]
    assert sorted(set(found)) == sorted(
        f"【待填：{what}】" for what in ("文号", "公示期", "本地监督电话", "发布单位", "日期")
    )
    (told,) = missing(empty)
    assert "streams.central.document" in told.zh
    assert "publication.telephone" in told.en
    (told,) = missing(report({**COMPLETE, "telephone": "12317"}))
    assert "publication.telephone" in told.en


def test_a_final_publication_refuses_blanks_and_says_every_one():
    with pytest.raises(BadInput) as caught:
        notice(report({"final": True, "issuer": "某局"}), "zh")
    said = caught.value.say("zh")
    for path in ("streams.central.document", "streams.regional.document", "publication.date"):
        assert path in said
    assert "publication.issuer" not in said
    assert len(caught.value.faults) == 5
    # nothing is written, so that nothing is shown as to be filled
    assert missing(report({"final": True, "issuer": "某局"})) == ()


def test_blanks_of_a_final_publication_are_told_with_folder_and_line(tmp_path):
    yaml = builders.YAML + "publication:\n  final: true\n"
    loaded = load(builders.write_scenario(tmp_path / "plan", yaml=yaml))
    told = [f.say("en") for f in gap_faults(loaded.scenario, loaded.tree, {"central"}, Path("out/scenario"))]
    assert len(told) == 5
    assert all(re.match(r"out/scenario/scenario\.yaml:\d+:\d+: ", text) for text in told)


def test_unknown_names_are_faults_with_their_place(tmp_path):
    yaml = builders.YAML + (
        "publication:\n  sources: {centrall: 中央}\n  directions: {x: 任务}\n"
        "  funds: {other: 资金}\n  remarks: {150999: 备注}\n"
    )
    with pytest.raises(BadInput) as caught:
        load(builders.write_scenario(tmp_path / "plan", yaml=yaml))
    told = caught.value.say("en")
    assert [re.search(r"has no '(\w+)'", f.what.en).group(1) for f in caught.value.faults] == [
        "centrall",
        "x",
        "other",
        "150999",
    ]
    assert "no stream of the scenario says one" in told
    assert "scenario.yaml:" in told
    assert all(fault.place.line is not None for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("key", "value"),
    [("date", "31.3.2025"), ("date", 86400), ("telephone", [[1]]), ("datum", "x"), ("final", "perhaps")],
)
def test_bad_keys_are_faults_of_the_file(tmp_path, key, value):
    yaml = builders.YAML + f"publication:\n  {key}: {value}\n"
    with pytest.raises(BadInput, match=rf"scenario\.yaml:\d+:\d+: publication\.{key}"):
        load(builders.write_scenario(tmp_path / "plan", yaml=yaml))


def test_codes_and_numbers_written_without_quotes_are_text(tmp_path):
    yaml = builders.YAML.replace("tags: [capped]}", "tags: [capped], code: 2130504}")
    yaml += "publication:\n  date: 2025-03-31\n  telephone: 12317\n"
    scenario = load(builders.write_scenario(tmp_path / "plan", yaml=yaml)).scenario
    assert scenario.uses["roads"].code == "2130504"
    assert scenario.publication == Publication(date="2025-03-31", telephone=("12317",))
    assert not scenario.publication.local_telephone


@pytest.mark.parametrize("code", ["213", "21305051", "213050x", "２１３０５０５"])
def test_a_functional_code_has_seven_digits(tmp_path, code):
    yaml = builders.YAML.replace("tags: [capped]}", f"tags: [capped], code: {code}}}")
    with pytest.raises(BadInput, match=r"uses\.roads\.code.*seven digits"):
        load(builders.write_scenario(tmp_path / "plan", yaml=yaml))
