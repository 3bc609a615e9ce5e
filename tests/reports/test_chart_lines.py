"""Where lines of charts break: at punctuation and spaces, not within words, names and amounts."""

from __future__ import annotations

import pytest

from reports.charts import wrap
from reports.charts.page import _title
from reports.charts.style import A4, SLIDE, house_style


def across(words):
    """A width without a font: Chinese letters are twice as wide."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in words)


TITLES = [
    (
        "“投入力度总体稳定”的降幅下限由 85% 收紧到 93%：偏离公式的资金增加 12,345 万元",
        ["降幅下限", "收紧到", "增加", "12,345 万元"],
    ),
    ("与公式应得相比：48 个旗县增加，54 个减少，合计 +22,000 万元", ["54 个减少", "+22,000 万元"]),
    (
        "Least amount of 'bounds on a county' from 150 万元 to 210 万元: 61 万元 more away from the formula",
        ["to 210 万元", "61 万元"],
    ),
    (
        "增加最多的是科尔沁左翼中旗 +2,762 万元；减少最多的是莫力达瓦达斡尔族自治旗 −1,534 万元",
        ["莫力达瓦达斡尔族自治旗", "科尔沁左翼中旗", "−1,534 万元"],
    ),
]
NAMES = ("莫力达瓦达斡尔族自治旗", "科尔沁左翼中旗", "万元")


@pytest.mark.parametrize(("title", "whole"), TITLES)
def test_lines_break_neither_within_words_nor_names_nor_amounts(title, whole):
    for width in range(across(title) * 6 // 10, across(title)):
        lines = wrap.wrapped(title, across, width, NAMES)
        assert "".join("".join(lines).split()) == "".join(title.split())
        assert len(lines) == 2
        assert max(map(across, lines)) <= width
        for word in whole:
            assert any(word in line for line in lines), (width, lines)


@pytest.mark.parametrize("size", [SLIDE, A4], ids=["slide", "a4"])
@pytest.mark.parametrize(("title", "whole"), TITLES)
def test_titles_of_charts_do_so_too(title, whole, size):
    with house_style():
        lines, points = _title(title, size, size.width - 2 * size.margin, NAMES)
    assert len(lines) <= 2
    assert size.least_title <= points <= size.title
    for word in whole:
        assert any(word in line for line in lines), lines


def test_a_line_breaks_after_punctuation_before_it_breaks_at_a_space():
    assert wrap.wrapped("甲乙丙丁，戊己庚辛", len, 5) == ["甲乙丙丁，", "戊己庚辛"]
    assert wrap.wrapped("needs 1,234.5 more", len, 12) == ["needs", "1,234.5 more"]
    assert wrap.wrapped("one two: three four", len, 13) == ["one two:", "three four"]
    label = "非贫困嘎查村等支出不超过三成·占比上限"
    assert wrap.wrapped(label, len, 15) == ["非贫困嘎查村等支出不超过三成·", "占比上限"]


def test_what_is_wider_than_a_line_is_broken_all_the_same():
    assert wrap.wrapped("莫力达瓦达斡尔族自治旗", len, 6, NAMES) == ["莫力达瓦达", "斡尔族自治旗"]
    assert wrap.wrapped("incomprehensible words", len, 8) == ["incomprehensible", "words"]
    assert wrap.wrapped("  ", len, 8) == []


def test_halves_and_cuts():
    assert wrap.halves("科尔沁左翼中旗", len) == ("科尔沁", "左翼中旗")
    assert wrap.halves("East Somerset", len) == ("East", "Somerset")
    assert wrap.halves("县", len) == ("县", "")
    assert wrap.shortened("科尔沁左翼中旗", len, 6, middle=True) == "科尔沁…中旗"
    assert wrap.shortened("abc", len, 3) == "abc"
